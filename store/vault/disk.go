// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"breakwater/harbour"
	"breakwater/store/disk"
)

// writeFile writes bytes by way of a file beside, so that path is whole or as it was, and stays so after a power cut.
func writeFile(path, by string, b []byte) (err error) {
	defer func() {
		if err != nil {
			os.Remove(by)
		}
	}()
	if err := disk.Write(by, b, 0o600); err != nil {
		return err
	}
	return disk.Move(by, path)
}

// remove deletes a file, which need not be there, and puts that on disk.
func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return disk.SyncDir(filepath.Dir(path))
}

// makeDir makes a folder where it is missing and puts its entry on disk. Having seen it is not enough: another
// goroutine may have made it and not yet be so far.
func (v *Vault) makeDir(path string) error {
	if _, done := v.dirs.Load(path); done {
		return nil
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	if err := disk.SyncDir(filepath.Dir(path)); err != nil {
		return err
	}
	v.dirs.Store(path, true)
	return nil
}

// ioError says whether err is of the file system and not of what is in a file.
func ioError(err error) bool {
	_, ok := errors.AsType[*fs.PathError](err)
	return ok && !errors.Is(err, fs.ErrNotExist)
}

// diskError says what went wrong with a disk.
func diskError(op string, err error) error {
	if harbour.DiskFull(err) {
		return &harbour.Error{
			Kind: harbour.ErrFull, Op: op, Message: "the disk is full",
			Hint: "free space on the disk of the data folder, or delete evidence whose retention has ended", Err: err,
		}
	}
	return &harbour.Error{
		Kind: harbour.ErrUnavailable, Op: op, Message: "the disk does not do as asked",
		Hint: "see that the data folder is mounted, can be written by the account that runs Breakwater, and that the disk is sound", Err: err,
	}
}

// Free is how many bytes of the vault's file system can still be used by this account.
func (v *Vault) Free() (int64, error) {
	n, err := v.free()
	if err != nil {
		return 0, diskError("look at free space", err)
	}
	return n, nil
}

// room returns harbour.ErrFull where more bytes would leave less than the reserve.
func (v *Vault) room(more int64) error {
	if v.opt.Reserve < 0 {
		return nil
	}
	n, err := v.free()
	if errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	if err != nil {
		return diskError("store object", err)
	}
	if n-more >= v.opt.Reserve {
		return nil
	}
	return &harbour.Error{
		Kind: harbour.ErrFull, Op: "store object",
		Message: fmt.Sprintf("%s are free on the disk of the vault, of which %s are kept back", size(n), size(v.opt.Reserve)),
		Hint:    "free space on the disk, delete evidence whose retention has ended, or move the vault to a larger disk",
	}
}

// size writes a number of bytes as people read it.
func size(n int64) string {
	switch {
	case n >= 10e9:
		return fmt.Sprintf("%d GB", n/1e9)
	case n >= 10e6:
		return fmt.Sprintf("%d MB", n/1e6)
	}
	return fmt.Sprintf("%d bytes", n)
}

// FreeIn is how many bytes of the file system of a folder can still be used by this account.
//
// Errors: errors.ErrUnsupported where the system does not say.
func FreeIn(dir string) (int64, error) { return freeBytes(dir) }

// Writable says whether this account may make files in a folder, without making one.
func Writable(dir string) error { return mayWrite(dir) }
