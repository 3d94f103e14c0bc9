// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"breakwater/tables/oui"
)

// TestGenerate makes a table of an older CSV list and a newer JSON one, and reads it as the package does.
func TestGenerate(t *testing.T) {
	dir := t.TempDir()
	older, newer := filepath.Join(dir, "old.csv"), filepath.Join(dir, "new.json")
	files := map[string]string{
		older: "Registry,Assignment,Organization Name,Organization Address\nMA-L,FCFFFF,Old name,x\n" +
			"MA-L,FCFFFE,  Spaced   out ,x\nMA-L,FCFFFD,Private,x\nMA-L,FCFFFC,IEEE Registration Authority,x\nMA-X,FCFF,Wrong length,x\n",
		newer: `{"FCFFFF": "New name\nStreet 1\nTown", "FCFFFC123": "Small,"}`,
	}
	for path, text := range files {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var made [2][]byte
	for i := range made {
		names := map[string]string{}
		for _, path := range []string{older, newer} {
			if err := read(path, names); err != nil {
				t.Fatal(err)
			}
		}
		out := filepath.Join(dir, "out.txt")
		if err := write(out, "2026-08-26", names); err != nil {
			t.Fatal(err)
		}
		made[i], _ = os.ReadFile(out)
		if len(names) != 3 {
			t.Errorf("%d prefixes, want 3: %v", len(names), names)
		}
		for prefix, want := range map[string]string{"fcffff": "New name", "fcfffe": "Spaced out", "fcfffc123": "Small"} {
			if names[prefix] != want {
				t.Errorf("%s is %q, want %q", prefix, names[prefix], want)
			}
		}
	}
	if !bytes.Equal(made[0], made[1]) {
		t.Error("two runs gave different bytes")
	}
}

// TestDate keeps the date of the package's comment equal to that of its table.
func TestDate(t *testing.T) {
	doc, err := os.ReadFile("../../../tables/oui/doc.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(doc, []byte("("+oui.Date()+")")) {
		t.Errorf("tables/oui/doc.go does not name the date of the table, %s", oui.Date())
	}
}
