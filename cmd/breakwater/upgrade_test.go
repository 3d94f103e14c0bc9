// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"breakwater/app/upgrade"
	"breakwater/store"
)

// Variables by which a program of the tests, a script that runs the test binary, says what it is.
const (
	programVersion = "BREAKWATER_TEST_VERSION"
	programFails   = "BREAKWATER_TEST_FAILS"
)

// programChild runs the test binary as a program of a version.
func programChild() bool {
	if os.Getenv(programVersion) == "" {
		return false
	}
	version = os.Getenv(programVersion)
	if os.Getenv(programFails) == "after" && len(os.Args) > 1 && os.Args[1] == "settle" {
		// It has brought the data up to date, and then fails.
		status := run(context.Background(), os.Args[1:], streams{os.Stdout, os.Stderr, false})
		fmt.Println("and yet it fails", status)
		os.Exit(1)
	}
	os.Exit(run(context.Background(), os.Args[1:], streams{os.Stdout, os.Stderr, false}))
	return true
}

// program is a program of a version.
func program(version, fails string) []byte {
	return fmt.Appendf(nil, "#!/bin/sh\n%s=%s %s=%s exec %q \"$@\"\n", programVersion, version, programFails, fails, os.Args[0])
}

// release packs a program.
func release(t *testing.T, private, version, fails string) string {
	t.Helper()
	schema, err := store.SchemaKnown()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	c := upgrade.Contents{Program: program(version, fails), SBOM: []byte("{}"), Version: version, From: "v1.0.0", Schema: schema, OS: runtime.GOOS, Arch: runtime.GOARCH, BuiltAt: time.Unix(1e9, 0)}
	if _, err := upgrade.Write(&b, c, private); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "p.bwu")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// older replaces a database by one of the step of the schema before, with the audit log of the other in it.
func older(t *testing.T, data string) {
	t.Helper()
	known, err := store.SchemaKnown()
	if err != nil {
		t.Fatal(err)
	}
	path, aside := filepath.Join(data, "breakwater.db"), filepath.Join(t.TempDir(), "newer.db")
	execIn(t, data, "PRAGMA wal_checkpoint(TRUNCATE)")
	if err := os.Rename(path, aside); err != nil {
		t.Fatal(err)
	}
	if err := store.Initialise(t.Context(), path, known-1); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("ATTACH ? AS newer", aside); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"audit", "audit_hash", "checkpoint"} {
		if _, err := db.Exec("INSERT INTO main." + table + " SELECT * FROM newer." + table); err != nil {
			t.Fatal(err)
		}
	}
}

// TestUpgradeCommand upgrades a data folder with a schema before, has it taken back, and tries programs that fail.
func TestUpgradeCommand(t *testing.T) {
	t.Setenv(vaultKeyEnv, "")
	private, public, err := upgrade.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("BREAKWATER_RELEASE_KEY", public)
	data, dir := lived(t, 5), t.TempDir()
	old := filepath.Join(dir, "breakwater")
	if err := os.WriteFile(old, program("v1.0.0", ""), 0o755); err != nil {
		t.Fatal(err)
	}
	known, err := store.SchemaKnown()
	if err != nil {
		t.Fatal(err)
	}
	older(t, data)
	was := version
	version = "v1.0.0"
	t.Cleanup(func() { version = was })
	schema := func() int64 {
		t.Helper()
		p := at(data).place
		db, err := p.reader(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		n, err := db.SchemaVersion(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	inPlace := func(want string) {
		t.Helper()
		b, err := os.ReadFile(old)
		if err != nil || !strings.Contains(string(b), "="+want+" ") {
			t.Errorf("in place is %s, %v, want %s", b, err, want)
		}
	}
	args := func(more ...string) []string {
		return append([]string{"upgrade", "--data", data, "--program", old, "--backup", filepath.Join(dir, "backups")}, more...)
	}
	before := schema()
	if before >= known {
		t.Fatalf("the schema is %d, and %d is known", before, known)
	}
	for name, fails := range map[string]string{"fails at the end": "after"} {
		_, log := command(t, 1, args(release(t, private, "v1.1.0", fails))...)
		if !strings.Contains(log, "the old one and the data are as they were: and yet it fails 0") || schema() != before {
			t.Errorf("%s: schema %d, %s", name, schema(), log)
		}
		inPlace("v1.0.0")
	}
	h := working(t, lived(t, 1)) // a server works
	if _, log := command(t, 1, "upgrade", "--data", h.data, "--program", old, "--backup", filepath.Join(dir, "other"), release(t, private, "v1.1.0", "")); !strings.Contains(log, "a server works on") {
		t.Errorf("beside a server: %s", log)
	}
	out, _ := command(t, 0, args(release(t, private, "v1.1.0", ""))...)
	if !strings.Contains(out, "is v1.1.0 now; it was v1.0.0") || schema() != known {
		t.Errorf("schema %d, %s", schema(), out)
	}
	inPlace("v1.1.0")
	if out, _ := command(t, 0, "audit", "verify", "--data", data); !strings.Contains(out, "6 entries") || !strings.Contains(out, "is whole") {
		t.Errorf("the log after: %s", out)
	}
	if out, _ := command(t, 0, "restore", filepath.Join(dir, "backups"), "--data", filepath.Join(dir, "restored"), "--key-file", filepath.Join(data, "vault", "vault.key")); !strings.Contains(out, "5 entries") {
		t.Errorf("the backup before: %s", out)
	}
	version = "v1.1.0"
	if _, log := command(t, 1, args(release(t, private, "v1.0.5", ""))...); !strings.Contains(log, "which is older than v1.1.0") {
		t.Errorf("an older package: %s", log)
	}
	out, _ = command(t, 0, args("--rollback")...)
	if !strings.Contains(out, "is v1.0.0 again") || schema() != before {
		t.Errorf("taken back: schema %d, %s", schema(), out)
	}
	inPlace("v1.0.0")
	if out, _ := command(t, 0, "audit", "verify", "--data", data); !strings.Contains(out, "5 entries") || !strings.Contains(out, "is whole") {
		t.Errorf("the log after it was taken back: %s", out)
	}
	for want, wrong := range map[string][]string{
		"name a package":                args(),
		"name a package, or":            args("--rollback", old),
		"nothing is changed without":    {"upgrade", "--data", data, old},
		"goes with --rollback":          args("--lose-changes", old),
		"there is no database in":       {"upgrade", "--data", dir, "--backup", dir, old},
		"there is no upgrade to take b": args("--rollback"),
	} {
		status := 2
		if strings.HasPrefix(want, "there is no upgrade") {
			status = 1
		}
		if _, log := command(t, status, wrong...); !strings.Contains(log, want) {
			t.Errorf("%v: %s", wrong, log)
		}
	}
}

// TestUpgradeInterrupted starts on data folders in which an upgrade was killed.
func TestUpgradeInterrupted(t *testing.T) {
	data, dir := lived(t, 3), t.TempDir()
	p, err := at(data).place.upgrading()
	if err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(dir, "breakwater")
	for path, v := range map[string]string{old: "v1.1.0", old + ".old": "v1.0.0"} {
		if err := os.WriteFile(path, program(v, ""), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	saved := upgrade.Saved(data)
	if err := os.MkdirAll(saved, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := p.Save(t.Context(), saved); err != nil {
		t.Fatal(err)
	}
	execIn(t, data, "DELETE FROM audit WHERE seq > 0") // what the new program had done
	journal := fmt.Sprintf(`{"phase":"going_back","from":"v1.0.0","to":"v1.1.0","program":%q,"schema":1,"entries":3,"at":"2026-01-01T00:00:00Z"}`, old)
	if err := os.WriteFile(filepath.Join(upgrade.Folder(data), "journal.json"), []byte(journal), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, log := command(t, 1, "audit", "verify", "--data", data); !strings.Contains(log, "an upgrade is being taken back") {
		t.Errorf("reading in between: %s", log)
	}
	was := version
	version = "v1.1.0"
	_, log := command(t, 1, "serve", "--data", data, "--listen", "127.0.0.1:0")
	version = was
	if !strings.Contains(log, "has been taken back") {
		t.Errorf("the start: %s", log)
	}
	if b, err := os.ReadFile(old); err != nil || !strings.Contains(string(b), "=v1.0.0 ") {
		t.Errorf("in place is %s, %v", b, err)
	}
	if out, _ := command(t, 0, "audit", "verify", "--data", data); !strings.Contains(out, "3 entries") || !strings.Contains(out, "is whole") {
		t.Errorf("the log: %s", out)
	}
}
