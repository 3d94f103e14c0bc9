// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakwater/sim"
)

// TestPackCommand makes a pack of the reference port as an operator does, and checks it as whoever gets it.
func TestPackCommand(t *testing.T) {
	in, out := filepath.Join(t.TempDir(), "skerry"), t.TempDir()
	if _, err := sim.Write(t.Context(), in, sim.Options{Seed: 3, Scale: 0.02}, nil); err != nil {
		t.Fatal(err)
	}
	data := newData(t, "")
	command(t, 0, "import", "-q", "--data", data, in)
	pack := filepath.Join(out, "pack.zip")
	said, _ := command(t, 0, "pack", "make", pack, "--data", data, "--everything", "--reason", "yearly audit", "--for", "the class society", "--classification", "restricted")
	_, key, _ := strings.Cut(said, "signed with the key ")
	key, _, _ = strings.Cut(key, "\n")
	report, _ := command(t, 0, "pack", "verify", pack, "--key", key)
	for _, want := range []string{"why: yearly audit", "the key is the one that was given", "slices have the parts that they say", "at the command line", "The pack is whole."} {
		if !strings.Contains(report, want) {
			t.Errorf("the report does not say %q:\n%s", want, report)
		}
	}
	if strings.Contains(report, "FAILED") || !strings.Contains(report, "more objects (--all)") {
		t.Errorf("report:\n%s", report)
	}
	// The port's log goes on; who holds a checkpoint gets a pack that goes on from it.
	paper, _ := command(t, 0, "audit", "checkpoint", "--data", data)
	witness := filepath.Join(out, "paper.txt")
	if err := os.WriteFile(witness, []byte(paper), 0o600); err != nil {
		t.Fatal(err)
	}
	command(t, 0, "pack", "verify", pack, "--checkpoint", witness)
	report, _ = command(t, 0, "pack", "verify", pack, "--all")
	evidence, _, _ := strings.Cut(report[strings.Index(report, "\n  e-")+3:], " ")
	second := filepath.Join(out, "second.zip")
	_, warned := command(t, 0, "pack", "make", second, "--data", data, "--evidence", evidence, "--contents", "whole", "--reason", "r", "--for", "f", "--since", witness)
	if !strings.Contains(warned, "WARNING") {
		t.Errorf("whole evidence is given without a warning: %q", warned)
	}
	report, _ = command(t, 0, "pack", "verify", second, "--checkpoint", witness)
	if !strings.Contains(report, "the log goes on from the checkpoint") || !strings.Contains(report, "given whole") {
		t.Errorf("report:\n%s", report)
	}
	if _, errs := command(t, 1, "pack", "verify", second, "--key", strings.Repeat("0", 64)); !strings.Contains(errs, "not what was signed") {
		t.Errorf("another key: %s", errs)
	}
	b, err := os.ReadFile(second)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(second, b, 0o600); err != nil {
		t.Fatal(err)
	}
	command(t, 1, "pack", "verify", second)
	for name, tt := range map[string]struct {
		status int
		args   []string
		want   string
	}{
		"no pack":            {2, []string{"verify", witness}, "is no evidence pack"},
		"no such pack":       {2, []string{"verify", "nowhere.zip"}, "nowhere.zip"},
		"no checkpoint":      {2, []string{"verify", pack, "--checkpoint", pack}, "too long for a checkpoint"},
		"a file that exists": {2, []string{"make", pack, "--data", data, "--everything", "--reason", "r", "--for", "f"}, "cannot be made"},
		"no data":            {2, []string{"make", "x.zip", "--data", out, "--everything", "--reason", "r", "--for", "f"}, "there is no database"},
		"no reason":          {2, []string{"make", "x.zip", "--data", data, "--everything", "--for", "f"}, "--reason"},
		"no time":            {2, []string{"make", "x.zip", "--data", data, "--audit-from", "Tuesday", "--reason", "r", "--for", "f"}, "is no time"},
		"nothing chosen":     {1, []string{"make", filepath.Join(out, "x.zip"), "--data", data, "--reason", "r", "--for", "f"}, "nothing was chosen"},
	} {
		if _, errs := command(t, tt.status, append([]string{"pack"}, tt.args...)...); !strings.Contains(errs, tt.want) {
			t.Errorf("%s: %s, want %q", name, errs, tt.want)
		}
	}
	if _, err := os.Stat(filepath.Join(out, "x.zip")); err == nil {
		t.Error("a pack that was refused left a file")
	}
}
