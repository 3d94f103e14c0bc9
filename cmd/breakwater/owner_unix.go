// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// giveBack gives what the administrator of the machine made in a data folder to the account that the folder belongs to,
// which the server runs as: all of it, or what is at some paths in it.
func giveBack(data string, within ...string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	i, err := os.Stat(data)
	if err != nil {
		return err
	}
	owner, ok := i.Sys().(*syscall.Stat_t)
	if !ok || owner.Uid == 0 {
		return nil
	}
	if within == nil {
		within = []string{"."}
	}
	var errs []error
	for _, w := range within {
		errs = append(errs, giveAll(filepath.Join(data, w), func(path string, of *syscall.Stat_t) error {
			if of.Uid != 0 {
				return nil
			}
			return os.Lchown(path, int(owner.Uid), int(owner.Gid))
		}))
	}
	return errors.Join(errs...)
}

// giveAll calls fn with all that is in a folder.
func giveAll(dir string, fn func(path string, of *syscall.Stat_t) error) error {
	var errs []error
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		i, err := d.Info()
		if err != nil {
			return err
		}
		if of, ok := i.Sys().(*syscall.Stat_t); ok {
			errs = append(errs, fn(path, of))
		}
		return nil
	})
	return errors.Join(append(errs, err)...)
}
