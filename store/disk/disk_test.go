// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package disk_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"breakwater/store/disk"
)

func TestDisk(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	from, to := filepath.Join(a, "x"), filepath.Join(b, "y")
	if err := disk.WriteNew(from, []byte("a long first text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := disk.WriteNew(from, []byte("another"), 0o600); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over what is there: %v", err)
	}
	if err := disk.Write(from, []byte("second"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := disk.Move(from, to); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(to); err != nil || string(got) != "second" {
		t.Errorf("there is %q, %v", got, err)
	}
	if _, err := os.Stat(from); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still where it was: %v", err)
	}
	if err := disk.SyncDir(filepath.Join(a, "away")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}
