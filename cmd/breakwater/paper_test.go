// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"breakwater/app/assess"
	"breakwater/document/pdf/pdftest"
	"breakwater/sim"
)

// TestPaper wants the PDF of the reference port to say what its page says, in the order of the page, and to be the same
// whatever the order of the evidence.
func TestPaper(t *testing.T) {
	scale := 0.1
	if raced {
		scale = 0.02
	}
	dir := filepath.Join(t.TempDir(), "skerry")
	if _, err := sim.Write(context.Background(), dir, sim.Options{Seed: 1, Scale: scale}, nil); err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(paths) < 3 {
		t.Fatalf("the reference port is %v, %v", paths, err)
	}
	out := t.TempDir()
	result := func(name string) []byte {
		slices.Reverse(paths)
		to := filepath.Join(out, name)
		if _, err := assess.Run(context.Background(), assess.Options{Paths: paths, Out: to, PDF: true}); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(to, "assessment.pdf"))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	first, second := result("first"), result("second")
	page, err := os.ReadFile(filepath.Join(out, "first", "assessment.html"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := pdftest.PageText(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]byte{first, second} {
		f, err := pdftest.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		root, err := f.Structure()
		if err != nil {
			t.Fatal(err)
		}
		if d := pdftest.Difference(pdftest.Bare(root.Text), pdftest.Bare(want)); d != "" {
			t.Error(d)
		}
	}
}
