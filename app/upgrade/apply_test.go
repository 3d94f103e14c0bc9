// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package upgrade

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"breakwater/harbour"
	"breakwater/store/disk"
)

// script is a program of a version. Settling brings the "database", a file with its schema in the first line, up to date,
// slowly enough to be killed in the midst of it.
func script(version string, schema int, fails bool) string {
	end := `echo "breakwater ` + version + ` settled"`
	if fails {
		end = "echo it broke; exit 1"
	}
	return fmt.Sprintf(`#!/bin/sh
case "$1" in
version) echo "breakwater %s" ;;
settle)
  sleep 0.02
  { echo %d; sed 1d "$2/db"; echo by-%s; } > "$2/db.part" && mv "$2/db.part" "$2/db"
  sleep 0.02
  %s ;;
esac
`, version, schema, version, end)
}

// install makes an installation of v1.0.0 with schema 1.
func install(t testing.TB, dir string) *Place {
	t.Helper()
	data, program := filepath.Join(dir, "data"), filepath.Join(dir, "bin", "breakwater")
	for _, d := range []string{data, filepath.Dir(program)} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(program, []byte(script("v1.0.0", 1, false)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "db"), []byte("1\nwork\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return place(dir, "v1.0.0")
}

func place(dir, version string) *Place {
	data := filepath.Join(dir, "data")
	db := filepath.Join(data, "db")
	copied := func(from, to string) error {
		b, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		return errors.Join(disk.Write(to+".part", b, 0o600), os.Rename(to+".part", to))
	}
	return &Place{
		Data: data, Program: filepath.Join(dir, "bin", "breakwater"), Version: version, Settle: []string{"settle", data},
		Look: func(context.Context) (int64, int64, error) {
			b, err := os.ReadFile(db)
			if err != nil {
				return 0, 0, err
			}
			lines := strings.Split(strings.TrimSpace(string(b)), "\n")
			n, err := strconv.Atoi(lines[0])
			return int64(n), int64(len(lines) - 1), err
		},
		Backup: func(context.Context) error { return copied(db, filepath.Join(dir, "backup")) },
		Save:   func(_ context.Context, to string) error { return copied(db, filepath.Join(to, "db")) },
		Restore: func(_ context.Context, from string, _ int64) error {
			time.Sleep(5 * time.Millisecond)
			return copied(filepath.Join(from, "db"), db)
		},
		Start: func(ctx context.Context, program string, args ...string) (string, error) {
			out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
			return string(out), err
		},
	}
}

// write packs a program into a file.
func write(t testing.TB, dir, private, version string, schema int, fails bool) string {
	t.Helper()
	c := Contents{Program: []byte(script(version, schema, fails)), SBOM: []byte("{}"), Version: version, From: "v1.0.0", Schema: int64(schema), OS: runtime.GOOS, Arch: runtime.GOARCH, BuiltAt: time.Unix(1e9, 0)}
	path := filepath.Join(dir, version+strconv.FormatBool(fails)+".bwu")
	if err := os.WriteFile(path, packed(t, private, c), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// state is what an installation is: the version of the program in place and the lines of its data.
func state(t testing.TB, p *Place) (version, data string) {
	t.Helper()
	out, err := exec.Command(p.Program, "version").Output()
	if err != nil {
		t.Fatalf("the program in place does not run: %v", err)
	}
	b, err := os.ReadFile(filepath.Join(p.Data, "db"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(strings.TrimSpace(string(out)), "breakwater "), strings.Join(strings.Fields(string(b)), " ")
}

func TestApply(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	private, public := keyPair(t)
	keys := []string{public}
	p := install(t, dir)
	wants := func(version, data, when string) {
		t.Helper()
		if v, d := state(t, p); v != version || d != data {
			t.Errorf("%s: %s, %q, want %s, %q", when, v, d, version, data)
		}
	}
	if _, err := p.Back(ctx, false); harbour.KindOf(err) != harbour.ErrConflict {
		t.Errorf("nothing to take back: %v", err)
	}
	if _, err := p.Apply(ctx, write(t, dir, private, "v1.1.0", 2, true), keys); harbour.KindOf(err) != harbour.ErrConflict || !strings.Contains(err.Error(), "it broke") {
		t.Errorf("a program that fails: %v", err)
	}
	wants("v1.0.0", "1 work", "after a program that fails")
	other := write(t, dir, private, "v1.1.0", 2, false)
	if err := os.WriteFile(other, bytes.Replace(must(os.ReadFile(other)), []byte("v1.1.0 settled"), []byte("v1.1.9 settled"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Apply(ctx, other, keys); harbour.KindOf(err) != harbour.ErrInvalid {
		t.Errorf("a package that was changed: %v", err)
	}
	wants("v1.0.0", "1 work", "after a package that was refused")
	j, err := p.Apply(ctx, write(t, dir, private, "v1.1.0", 2, false), keys)
	if err != nil || j.Phase != Done || j.From != "v1.0.0" || j.To != "v1.1.0" {
		t.Fatalf("%+v, %v", j, err)
	}
	wants("v1.1.0", "2 work by-v1.1.0", "upgraded")
	p.Version = "v1.1.0"
	if err := os.WriteFile(filepath.Join(p.Data, "db"), []byte("2\nwork\nby-v1.1.0\nmore\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Back(ctx, false); harbour.KindOf(err) != harbour.ErrConflict || !strings.Contains(err.Error(), "1 entries") {
		t.Errorf("what was written since would be lost: %v", err)
	}
	wants("v1.1.0", "2 work by-v1.1.0 more", "still upgraded")
	if j, err := p.Back(ctx, true); err != nil || j.Phase != Back {
		t.Errorf("%+v, %v", j, err)
	}
	wants("v1.0.0", "1 work", "taken back")
	// Where the schema stays, so do the data.
	p.Version = "v1.0.0"
	if _, err := p.Apply(ctx, write(t, dir, private, "v1.0.1", 1, false), keys); err != nil {
		t.Fatal(err)
	}
	p.Version = "v1.0.1"
	if _, err := p.Back(ctx, false); err != nil {
		t.Error(err)
	}
	wants("v1.0.0", "1 work by-v1.0.1", "taken back with the data")
	left, _ := filepath.Glob(filepath.Join(dir, "bin", "*"))
	if len(left) != 2 {
		t.Errorf("left behind: %v", left)
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// killedDir names the installation to the test binary that runs itself as the upgrade that is killed.
const killedDir = "BREAKWATER_TEST_UPGRADE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killedDir); dir != "" {
		p := place(dir, os.Getenv("VERSION"))
		if _, err := p.Apply(context.Background(), os.Getenv("PACKAGE"), []string{os.Getenv("KEY")}); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestKilled kills upgrades, good ones and those that go back, at random moments. After each, a start as a server makes it
// must find either the old program with the data as they were, or the new one, with them brought up to date. UPGRADE_KILLS
// sets how often.
func TestKilled(t *testing.T) {
	kills := 60
	if n, err := strconv.Atoi(os.Getenv("UPGRADE_KILLS")); err == nil {
		kills = n
	}
	ctx := context.Background()
	private, public := keyPair(t)
	ends := map[string]int{}
	for i := range kills {
		dir := t.TempDir()
		install(t, dir)
		fails := i%2 == 1
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), killedDir+"="+dir, "VERSION=v1.0.0", "KEY="+public, "PACKAGE="+write(t, dir, private, "v1.1.0", 2, fails))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		select {
		case <-time.After(time.Duration(rand.IntN(250)) * time.Millisecond):
			_ = cmd.Process.Kill()
			<-done
			ends["killed"]++
		case <-done:
			ends["ended"]++
		}
		time.Sleep(60 * time.Millisecond) // what the killed one had started ends
		// A server starts, as often as it is told to start again.
		var version, data string
		for again := true; again; {
			v, _ := state(t, place(dir, ""))
			p := place(dir, v)
			changed, err := p.Resume(ctx)
			if err != nil {
				t.Fatalf("kill %d: the start fails: %v", i, err)
			}
			if again = changed; !again {
				if said, err := p.Start(ctx, p.Program, p.Settle...); err != nil {
					t.Fatalf("kill %d: %s, %v", i, said, err)
				}
			}
			version, data = state(t, p)
		}
		j, err := ReadJournal(filepath.Join(dir, "data"))
		if err != nil || j != nil && j.Phase != Done && j.Phase != Back {
			t.Fatalf("kill %d: the journal says %+v, %v", i, j, err)
		}
		switch {
		case version == "v1.0.0" && data == "1 work by-v1.0.0":
			ends["old"]++
		case version == "v1.1.0" && strings.HasPrefix(data, "2 work by-v1.1.0") && strings.Trim(strings.ReplaceAll(data[len("2 work"):], "by-v1.1.0", ""), " ") == "":
			ends["new"]++
		default:
			t.Errorf("kill %d: %s with %q", i, version, data)
		}
	}
	t.Log(ends)
}
