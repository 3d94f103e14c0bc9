// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"breakwater/app/health"
)

// TestBackupCommand backs up a data folder, loses it, and brings it back, as an operator does.
func TestBackupCommand(t *testing.T) {
	data, dir := lived(t, 5), filepath.Join(t.TempDir(), "backups")
	t.Setenv(vaultKeyEnv, "")
	secret := filepath.Join(t.TempDir(), "passphrase")
	if err := os.WriteFile(secret, []byte("seven gulls over the breakwater\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ := command(t, 0, "backup", dir, "--data", data)
	if !strings.Contains(out, "is not in it: keep that elsewhere") {
		t.Errorf("without the key: %s", out)
	}
	to := filepath.Join(t.TempDir(), "restored")
	if _, log := command(t, 2, "restore", dir, "--data", to); !strings.Contains(log, "is needed: nothing can be checked without it") {
		t.Errorf("without a key: %s", log)
	}
	if _, log := command(t, 2, "restore", dir, "--data", to, "--with-key", secret); !strings.Contains(log, "the backup holds no key") {
		t.Errorf("with a passphrase of nothing: %s", log)
	}
	command(t, 0, "restore", dir, "--data", to, "--key-file", filepath.Join(data, "vault", "vault.key"), "--quiet")
	command(t, 0, "backup", dir, "--data", data, "--with-key", secret, "--keep", "1", "--quiet")
	if err := os.RemoveAll(data); err != nil {
		t.Fatal(err)
	}
	if _, log := command(t, 1, "restore", dir, "--data", to, "--with-key", secret); !strings.Contains(log, "is not empty") {
		t.Errorf("over what is there: %s", log)
	}
	out, _ = command(t, 0, "restore", dir, "--data", data, "--with-key", secret)
	if !strings.Contains(out, "5 entries of the audit log were checked") {
		t.Errorf("restored: %s", out)
	}
	if out, _ = command(t, 0, "audit", "verify", "--data", data); !strings.Contains(out, "The audit log is whole.") {
		t.Errorf("the log: %s", out)
	}
	command(t, 2, "backup", dir, "--data", data, "--keep", "-1")
	command(t, 1, "backup", dir, "--data", filepath.Join(dir, "nowhere"))
	if err := os.WriteFile(secret, []byte("short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	command(t, 2, "backup", dir, "--data", data, "--with-key", secret)
}

// TestServeMakesBackups has a server make the first backup by itself, and brings that back.
func TestServeMakesBackups(t *testing.T) {
	data, dir := filepath.Join(t.TempDir(), "data"), t.TempDir()
	t.Setenv(vaultKeyEnv, "")
	s := serve(t, "--data", data, "--backup-dir", dir, "--backup-keep", "3")
	made := ""
	for range 600 {
		if list, err := filepath.Glob(filepath.Join(dir, "*", "manifest.json")); err == nil && len(list) == 1 && !strings.Contains(list[0], ".partial") {
			if _, err := health.LastBackup(data); err == nil {
				made = list[0]
				break
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	if n := s.stop(); n != 0 || made == "" {
		t.Fatalf("exit status %d; made %q; the log: %s", n, made, s.log)
	}
	command(t, 0, "restore", dir, "--data", filepath.Join(t.TempDir(), "restored"), "--key-file", filepath.Join(data, "vault", "vault.key"))
	command(t, 2, "serve", "--listen", "127.0.0.1:0", "--data", data, "--backup-dir", filepath.Join(data, "backups"))
	command(t, 2, "serve", "--listen", "127.0.0.1:0", "--data", data, "--backup-dir", dir, "--backup-at", "half past two")
}
