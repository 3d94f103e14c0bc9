// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

//go:build linux || darwin

package main

import "golang.org/x/sys/unix"

// limits are those that the system sets this account: the present and the highest.
func limits() map[string][2]uint64 {
	all := map[string][2]uint64{}
	for name, n := range map[string]int{"open_files": unix.RLIMIT_NOFILE, "address_space": unix.RLIMIT_AS, "core": unix.RLIMIT_CORE, "file_size": unix.RLIMIT_FSIZE, "processes": unix.RLIMIT_NPROC} {
		var r unix.Rlimit
		if unix.Getrlimit(n, &r) == nil {
			all[name] = [2]uint64{r.Cur, r.Max}
		}
	}
	return all
}
