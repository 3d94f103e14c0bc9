// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"testing"
)

func TestGeneratedTableIsUpToDate(t *testing.T) {
	list, err := os.ReadFile("../../../tables/cip/cip.txt")
	if err != nil {
		t.Fatal(err)
	}
	tables, err := read(string(list))
	if err != nil {
		t.Fatal(err)
	}
	want, err := write(tables)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../../tables/cip/table_gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("tables/cip/table_gen.go is not what cipgen makes of cip.txt: run go generate ./tables/cip")
	}
}

func TestReadRefuses(t *testing.T) {
	for name, list := range map[string]string{
		"unknown section":  "[animal]\n1 Dog\n",
		"section twice":    "[class]\n1 A\n[vendor]\n1 B\n[class]\n2 C\n",
		"before a section": "1 A\n",
		"no name":          "[class]\n1\n",
		"no number":        "[class]\nA B\n",
		"falling":          "[class]\n2 A\n1 B\n",
		"twice":            "[class]\n1 A\n1 B\n",
		"too large":        "[status]\n256 A\n",
	} {
		if _, err := read(list); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	got, err := read("# c\n\n[status]\n0x10 A b\n")
	if err != nil || len(got["status"]) != 1 || got["status"][0] != (entry{16, "A b"}) {
		t.Errorf("read = %v, %v", got, err)
	}
}
