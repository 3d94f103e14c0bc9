// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package breakwater

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// licences that may be linked into the program or sent to browsers.
var licences = []string{"Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD", "MPL-2.0", "OFL-1.1", "Unlicense", "Zlib", "CC0-1.0"}

// licenceOf recognises a licence by its words; "" for one that it does not know.
func licenceOf(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	has := func(words ...string) bool {
		for _, w := range words {
			if !strings.Contains(text, w) {
				return false
			}
		}
		return true
	}
	head := strings.ToUpper(text[:min(len(text), 300)])
	switch {
	case strings.Contains(head, "MOZILLA PUBLIC LICENSE"):
		return "MPL-2.0"
	case strings.Contains(head, "GNU AFFERO"):
		return "AGPL"
	case strings.Contains(head, "GNU LESSER"):
		return "LGPL"
	case strings.Contains(head, "GNU GENERAL"):
		return "GPL"
	case has("Redistribution and use in source and binary forms", "Neither the name"), has("Redistribution and use in source and binary forms", "may be used to endorse or promote"):
		return "BSD-3-Clause"
	case has("Redistribution and use in source and binary forms"):
		return "BSD-2-Clause"
	case has("Apache License", "Version 2.0"):
		return "Apache-2.0"
	case has("Permission is hereby granted, free of charge"):
		return "MIT"
	case has("Permission to use, copy, modify, and", "distribute this software"):
		return "ISC"
	case has("This is free and unencumbered software released into the public domain"):
		return "Unlicense"
	}
	return ""
}

// moduleLicence finds the licence of a module in the folder that it was fetched to.
func moduleLicence(dir string) string {
	found := map[string]bool{}
	list, _ := os.ReadDir(dir)
	for _, f := range list {
		name := strings.ToUpper(f.Name())
		if f.IsDir() || !strings.HasPrefix(name, "LICENSE") && !strings.HasPrefix(name, "LICENCE") && !strings.HasPrefix(name, "COPYING") && !strings.HasPrefix(name, "UNLICENSE") {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if l := licenceOf(string(b)); err == nil && l != "" {
			found[l] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(found)), ", ")
}

// TestLicences keeps docs/licences.md, the licences of what is linked and of what browsers load, and refuses those that
// ask for more than Apache-2.0 gives.
func TestLicences(t *testing.T) {
	modules := map[string]string{} // path and version → folder
	cmd := goListModules(t)
	for _, m := range cmd {
		modules[m.Path+" "+m.Version] = m.Dir
	}
	var b strings.Builder
	b.WriteString("# Licences of parts\n\nMade by `go test -run TestLicences -update .`: what is linked into the program (deps.txt), and what its pages load. Their texts come with their sources, and with a release as `….licences.txt`.\n\n" +
		"## Linked into the program\n\n| module | version | licence |\n|---|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		path, version, _ := strings.Cut(name, " ")
		l := moduleLicence(modules[name])
		for one := range strings.SplitSeq(l, ", ") {
			if !slices.Contains(licences, one) {
				t.Errorf("%s has the licence %q, which is not in the list: take another module, or add the licence after reading it", name, one)
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", path, version, l)
	}
	b.WriteString("\n## Loaded by browsers\n\n| package | version | licence |\n|---|---|---|\n")
	var lock struct {
		Packages map[string]struct {
			Version, License string
			Dev, Optional    bool
		}
	}
	text, err := os.ReadFile("web/browser/package-lock.json")
	if err == nil {
		err = json.Unmarshal(text, &lock)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(lock.Packages)) {
		p := lock.Packages[name]
		if name == "" || p.Dev {
			continue
		}
		if !slices.Contains(licences, p.License) {
			t.Errorf("%s has the licence %q, which is not in the list", name, p.License)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", strings.TrimPrefix(name, "node_modules/"), p.Version, p.License)
	}
	if *update {
		if err := os.WriteFile("docs/licences.md", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile("docs/licences.md"); err != nil || string(want) != b.String() {
		t.Errorf("docs/licences.md is not what the modules say (%v): look at the change, then run go test -run TestLicences -update .", err)
	}
}

// TestLicenceOf recognises what must not be linked, and what only speaks of it.
func TestLicenceOf(t *testing.T) {
	for text, want := range map[string]string{
		"GNU GENERAL PUBLIC LICENSE\nVersion 3":                                  "GPL",
		"GNU AFFERO GENERAL PUBLIC LICENSE\nVersion 3":                           "AGPL",
		"GNU LESSER GENERAL PUBLIC LICENSE":                                      "LGPL",
		"Mozilla Public License, version 2.0\n\n1.12 GNU General Public License": "MPL-2.0",
		"Permission is hereby granted, free of\ncharge, to any person":           "MIT",
		"All rights reserved, and none given.":                                   "",
		"Apache License\nVersion 2.0, January 2004":                              "Apache-2.0",
		"Redistribution and use in source and binary forms, with or without":     "BSD-2-Clause",
	} {
		if got := licenceOf(text); got != want {
			t.Errorf("%q is taken for %q, want %q", text, got, want)
		}
	}
}

type listedModule struct{ Path, Version, Dir string }

// goListModules lists the modules that are linked into the programs.
func goListModules(t *testing.T) (list []listedModule) {
	t.Helper()
	seen := map[string]bool{}
	for _, p := range goList(t, "-deps", "./cmd/...") {
		if m := p.Module; m != nil && m.Version != "" && !seen[m.Path] {
			seen[m.Path] = true
			list = append(list, listedModule{m.Path, m.Version, m.Dir})
		}
	}
	return list
}
