// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakwater/harbour"
)

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, s := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

const inventoryCSV = "name,ip,mac\nplc-1,10.0.0.1,00:1b:1b:00:00:01\n"

// TestNothingHalfDone stops a run at each step and wants no result that looks whole.
func TestNothingHalfDone(t *testing.T) {
	in, out := t.TempDir(), t.TempDir()
	write(t, in, map[string]string{"a.csv": inventoryCSV})
	if _, err := Run(context.Background(), Options{Paths: []string{in}, Out: out}); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(out, "summary.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []string{"reading", "building", "writing"} {
		ctx, cancel := context.WithCancel(context.Background())
		_, err := Run(ctx, Options{Paths: []string{in}, Out: out, Progress: func(p Progress) {
			if strings.HasPrefix(p.Step, step) {
				cancel()
			}
		}})
		cancel()
		if harbour.KindOf(err) != harbour.ErrCancelled {
			t.Errorf("stopped while %s: error %v, want one of kind cancelled", step, err)
		}
		after, err := os.ReadFile(filepath.Join(out, "summary.json"))
		if err != nil || string(after) != string(before) {
			t.Errorf("stopped while %s: the earlier result was touched (%v)", step, err)
		}
		if left, _ := filepath.Glob(filepath.Join(out, workPrefix+"*")); len(left) > 0 {
			t.Errorf("stopped while %s: %v was left", step, left)
		}
	}
}

// TestLeftoversOfAKilledRun wants the next run to clear what a killed one left.
func TestLeftoversOfAKilledRun(t *testing.T) {
	in, out := t.TempDir(), t.TempDir()
	write(t, in, map[string]string{"a.csv": inventoryCSV})
	old := filepath.Join(out, workPrefix+"123")
	if err := os.Mkdir(old, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, out, map[string]string{"zones.jsonl": "stale"})
	if _, err := Run(context.Background(), Options{Paths: []string{in}, Out: out}); err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{old, filepath.Join(out, "zones.jsonl")} {
		if _, err := os.Stat(gone); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there (%v)", gone, err)
		}
	}
}

func TestFiles(t *testing.T) {
	in, out := t.TempDir(), t.TempDir()
	write(t, in, map[string]string{
		"a.csv": inventoryCSV, "copy of a.csv": inventoryCSV, "captured.pcap": "\xd4\xc3\xb2\xa1", "empty.pcap": "", "notes.txt": "Dear colleagues",
	})
	r, err := Run(context.Background(), Options{Paths: []string{in}, Out: out})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, u := range r.Unread {
		got[filepath.Base(u.Path)] = u.Reason
	}
	for name, want := range map[string]string{"captured.pcap": "not recognised", "empty.pcap": "empty", "notes.txt": "not recognised"} {
		if !strings.Contains(got[name], want) {
			t.Errorf("%s: reason %q, want one that says %q", name, got[name], want)
		}
	}
	if r.Summary.Counts["evidence"] != 4 || r.Summary.Counts["assets"] != 1 {
		t.Errorf("counts %v, want 4 evidences (the copy counts once) and 1 asset", r.Summary.Counts)
	}
	if s := r.Summary.Problems; len(s) == 0 {
		t.Error("the copy is not mentioned")
	}
	if _, err := Run(context.Background(), Options{Paths: []string{t.TempDir()}, Out: out}); harbour.KindOf(err) != harbour.ErrUsage {
		t.Errorf("an empty folder: error %v, want one of kind usage", err)
	}
}

// TestOutputAmongTheInput wants a second run over the same folder not to read the first one's result.
func TestOutputAmongTheInput(t *testing.T) {
	in := t.TempDir()
	write(t, in, map[string]string{"a.csv": inventoryCSV})
	for range 2 {
		r, err := Run(context.Background(), Options{Paths: []string{in}, Out: filepath.Join(in, "assessment")})
		if err != nil {
			t.Fatal(err)
		}
		if n := r.Summary.Counts["evidence"]; n != 1 {
			t.Errorf("%d evidences, want 1", n)
		}
	}
}
