// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestFind(t *testing.T) {
	dir := t.TempDir()
	for name, src := range map[string]string{
		"b.go":            "package p\nvar bProtocol = Protocol{Name: \"b\"}\nvar other = Code{}\n",
		"a.go":            "package p\nvar (\n\taProtocol, c = Protocol{}, 7\n\tlist = []Protocol{{}}\n)\nfunc f() { var inner = Protocol{}; _ = inner }\n",
		"a_test.go":       "package p\nvar testProtocol = Protocol{}\n",
		"registry_gen.go": "package p\nvar genProtocol = Protocol{}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := find(dir)
	if want := []string{"aProtocol", "bProtocol"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("find = %v, %v, want %v", got, err, want)
	}
	if _, err := find(filepath.Join(dir, "b.go")); err != nil {
		t.Errorf("find of no folder: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "c.go"), []byte("package"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := find(dir); err == nil {
		t.Error("find of broken source: no error")
	}
}

// TestRegistry keeps the registry equal to the protocols that there are.
func TestRegistry(t *testing.T) {
	const dir = "../../../evidence/packet/dissect"
	names, err := find(dir)
	if err != nil {
		t.Fatal(err)
	}
	want, err := render(names)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "registry_gen.go"))
	if err != nil || string(got) != string(want) {
		t.Errorf("registry_gen.go is out of date (%v): run go generate ./evidence/packet/dissect", err)
	}
}
