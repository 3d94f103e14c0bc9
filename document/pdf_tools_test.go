// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakwater/document/pdf/pdftest"
	"breakwater/harbour"
)

// tool finds a program that tests use where it is installed; with CI=true it must be.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not installed: .ci/run installs it", name)
		}
		t.Skipf("%s is not installed", name)
	}
	return path
}

// Programs that know nothing of ours open the PDF, find nothing wrong with it, and find the words of the page in it.
func TestOtherReaders(t *testing.T) {
	qpdf, pdftotext, pdffonts := tool(t, "qpdf"), tool(t, "pdftotext"), tool(t, "pdffonts")
	for name, a := range map[string]*harbour.Assessment{"port": examplePort(60), "empty": {}, "hostile": hostilePort()} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "assessment.pdf")
			f, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if err := PDF(context.Background(), f, a); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(qpdf, "--check", path).CombinedOutput(); err != nil || strings.Contains(string(out), "WARNING") {
				t.Errorf("qpdf --check: %v\n%s", err, out)
			}
			fonts, err := exec.Command(pdffonts, path).CombinedOutput()
			if err != nil {
				t.Errorf("pdffonts: %v\n%s", err, fonts)
			}
			for _, line := range strings.Split(strings.TrimSpace(string(fonts)), "\n")[2:] {
				// embedded, a subset, with its characters
				if fields := strings.Fields(line); len(fields) < 8 || !slices.Equal(fields[4:7], []string{"yes", "yes", "yes"}) {
					t.Errorf("a font is not whole: %s", line)
				}
			}
			text, err := exec.Command(pdftotext, "-raw", path, "-").Output()
			if err != nil {
				t.Fatalf("pdftotext: %v", err)
			}
			if name == "hostile" {
				return // where a word is cut, a reader does not join it again
			}
			want, err := pdftest.PageText(render(t, a))
			if err != nil {
				t.Fatal(err)
			}
			have := pdftest.Bare(string(text))
			for _, w := range strings.Fields(want) {
				if !strings.Contains(have, w) {
					t.Errorf("pdftotext does not find %q", w)
				}
			}
		})
	}
}
