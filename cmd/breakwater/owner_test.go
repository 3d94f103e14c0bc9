// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestGiveBack wants the account of the data folder to have what root made in it, and nothing outside to change hands.
func TestGiveBack(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "outside")
	for _, path := range []string{outside, filepath.Join(dir, "made"), filepath.Join(dir, "upgrade", "made")} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	owner := func(path string) uint32 {
		t.Helper()
		i, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		return i.Sys().(*syscall.Stat_t).Uid
	}
	if err := giveBack(dir); err != nil || owner(filepath.Join(dir, "made")) != 0 {
		t.Errorf("in a folder of root: %v", err)
	}
	if err := os.Chown(dir, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if err := giveBack(dir, "made"); err != nil || owner(filepath.Join(dir, "made")) != 65534 || owner(filepath.Join(dir, "upgrade")) != 0 {
		t.Errorf("one file: %v", err)
	}
	if err := giveBack(dir); err != nil || owner(filepath.Join(dir, "upgrade", "made")) != 65534 || owner(outside) != 0 {
		t.Errorf("all: %v", err)
	}
}
