// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

//go:build linux || darwin || freebsd

package vault

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

func freeBytes(dir string) (int64, error) {
	var s unix.Statfs_t
	for {
		err := unix.Statfs(dir, &s)
		if err == nil {
			return int64(s.Bavail) * int64(s.Bsize), nil
		}
		if !errors.Is(err, unix.EINTR) {
			return 0, os.NewSyscallError("statfs", err)
		}
	}
}

// lockFile takes the lock of the vault until the file is closed or the process ends in any way.
func lockFile(f *os.File) (held bool, err error) {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, unix.EWOULDBLOCK):
			return false, nil
		case !errors.Is(err, unix.EINTR):
			return false, os.NewSyscallError("flock", err)
		}
	}
}

func mayWrite(dir string) error { return unix.Access(dir, unix.W_OK|unix.X_OK) }
