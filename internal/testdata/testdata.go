// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package testdata finds the folder of sample evidence that some tests read: captures, configurations, advisories of
// third parties that are not part of the project. Where the folder is absent such tests skip with a reason; with CI set
// to true they fail instead.
package testdata

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Dir returns the folder: the one that BREAKWATER_TESTDATA names, else ../shared/data beside the module.
func Dir(tb testing.TB) string {
	tb.Helper()
	dir := os.Getenv("BREAKWATER_TESTDATA")
	if dir == "" {
		root, err := os.Getwd()
		if err != nil {
			tb.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				break
			}
			up := filepath.Dir(root)
			if up == root {
				tb.Fatal("no go.mod above the working directory")
			}
			root = up
		}
		dir = filepath.Join(filepath.Dir(root), "shared", "data")
	}
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") == "true" && os.Getenv("BREAKWATER_TESTDATA") != "none" {
			tb.Fatalf("no sample evidence: %v (set BREAKWATER_TESTDATA to its folder, or to none)", err)
		}
		tb.Skipf("no sample evidence: %v (set BREAKWATER_TESTDATA to its folder)", err)
	}
	return dir
}

// Files lists the regular files below a folder of the sample evidence, in order of path.
func Files(tb testing.TB, sub string) []string {
	tb.Helper()
	var files []string
	root := filepath.Join(Dir(tb), sub)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return files
}
