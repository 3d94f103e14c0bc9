// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package disk writes small files so that they are on disk when it says so, also after a power cut.
//
// Its functions are safe for concurrent use on different files.
package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Write writes a file as a whole, in place of what is there. A power cut in between can leave a part of it: write a file
// beside and [Move] it where that matters.
func Write(path string, b []byte, mode fs.FileMode) error { return write(path, b, mode, os.O_TRUNC) }

// WriteNew is [Write] for a file that must not be there yet.
//
// Errors: fs.ErrExist.
func WriteNew(path string, b []byte, mode fs.FileMode) error {
	return write(path, b, mode, os.O_EXCL)
}

func write(path string, b []byte, mode fs.FileMode, how int) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|how, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// Move renames a file and puts the change of both folders on disk.
func Move(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	if err := SyncDir(filepath.Dir(to)); err != nil || filepath.Dir(from) == filepath.Dir(to) {
		return err
	}
	return SyncDir(filepath.Dir(from))
}

// SyncDir puts the entries of a folder on disk. Windows has no such call and keeps its own journal.
func SyncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
