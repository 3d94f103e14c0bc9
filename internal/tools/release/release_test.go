// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestSBOM makes the bill of the test program itself, twice.
func TestSBOM(t *testing.T) {
	lock := "../../../web/browser/package-lock.json"
	at := time.Unix(1_700_000_000, 0)
	first, err := bill(os.Args[0], lock, "v1.2.3", at)
	if err != nil {
		t.Fatal(err)
	}
	again, err := bill(os.Args[0], lock, "v1.2.3", at)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("the same program has another bill: %v", err)
	}
	var b struct {
		BOMFormat, SpecVersion string
		Metadata               struct{ Component struct{ Version string } }
		Components             []struct{ Purl, Version string }
	}
	if err := json.Unmarshal(first, &b); err != nil || b.BOMFormat != "CycloneDX" || b.SpecVersion != "1.6" || b.Metadata.Component.Version != "v1.2.3" {
		t.Fatalf("%+v, %v", b, err)
	}
	for want, there := range map[string]bool{
		"pkg:golang/stdlib@": true, "pkg:golang/modernc.org/sqlite@v1": true, "pkg:npm/htmx.org@": true, "pkg:npm/%40fontsource-variable/inter@": true, "pkg:npm/typescript@": false, "pkg:npm/axe-core@": false,
	} {
		found := false
		for _, c := range b.Components {
			found = found || strings.HasPrefix(c.Purl, want)
		}
		if found != there {
			t.Errorf("%s is there: %v, want %v", want, found, there)
		}
	}
}

// TestTexts has every part of the test program with its licence, and refuses one that has none.
func TestTexts(t *testing.T) {
	b, err := texts(os.Args[0], "../../../web/browser")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\nGo 1.", "\nmodernc.org/sqlite v1", "\nhtmx.org ", "\n@fontsource-variable/inter "} {
		if !bytes.Contains(b, []byte(want)) {
			t.Errorf("%q is not among the licences", want)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "NOTICE"), []byte("a notice is no licence"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := add(&bytes.Buffer{}, "a part", dir); err == nil {
		t.Error("a part without a licence is let pass")
	}
}

func TestKeygen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := run([]string{"keygen", path}); err != nil {
		t.Fatal(err)
	}
	if i, err := os.Stat(path); err != nil || i.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", i, err)
	}
	if err := run([]string{"keygen", path}); err == nil {
		t.Error("a key was written over")
	}
	if err := run([]string{"build", "--version", "v1.0.0"}); err == nil {
		t.Error("without a key it builds")
	}
}
