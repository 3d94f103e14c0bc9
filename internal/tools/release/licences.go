// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"breakwater/exchange/sbom"
)

// texts gives the licences and notices of everything that a built program is made of, which most of them want to go with it,
// from where the build found the parts. A part without one is an error.
func texts(program, browser string) ([]byte, error) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return nil, err
	}
	lock, err := os.ReadFile(filepath.Join(browser, "package-lock.json"))
	if err != nil {
		return nil, err
	}
	parts, err := sbom.Parts(info, lock)
	if err != nil {
		return nil, err
	}
	dirs, err := modules()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "Breakwater is made of the parts below. Each stands here with its licence as its authors gave it.\n")
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	if err := add(&b, "Go "+strings.TrimPrefix(info.GoVersion, "go"), strings.TrimSpace(string(root))); err != nil {
		return nil, err
	}
	for _, p := range parts {
		dir := dirs[p.Name+"@"+p.Version]
		if p.Script {
			dir = filepath.Join(browser, "node_modules", filepath.FromSlash(p.Name))
		}
		if err := add(&b, p.Name+" "+p.Version, dir); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// add writes the files of a folder that say how what is in it may be used.
func add(b *bytes.Buffer, name, dir string) error {
	list, err := os.ReadDir(dir)
	if err != nil || dir == "" {
		return fmt.Errorf("the sources of %s are not at hand: %w", name, errors.Join(err, os.ErrNotExist))
	}
	found := false
	for _, e := range list {
		base := strings.ToUpper(e.Name())
		if e.IsDir() || !slices.ContainsFunc([]string{"LICENSE", "LICENCE", "COPYING", "NOTICE"}, func(s string) bool { return strings.HasPrefix(base, s) }) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		found = found || !strings.HasPrefix(base, "NOTICE")
		fmt.Fprintf(b, "\n%s\n%s: %s\n\n%s\n", strings.Repeat("=", 78), name, e.Name(), bytes.TrimSpace(text))
	}
	if !found {
		return fmt.Errorf("%s has no file with its licence in %s", name, dir)
	}
	return nil
}

// modules says where the sources of each module of the build lie, by path and version.
func modules() (map[string]string, error) {
	out, err := exec.Command("go", "list", "-m", "-json", "all").Output()
	if err != nil {
		return nil, err
	}
	dirs := map[string]string{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var m struct {
			Path, Version, Dir string
			Replace            *struct{ Path, Version, Dir string }
		}
		if err := d.Decode(&m); errors.Is(err, io.EOF) {
			return dirs, nil
		} else if err != nil {
			return nil, err
		}
		if r := m.Replace; r != nil {
			m.Path, m.Version, m.Dir = r.Path, r.Version, r.Dir
		}
		dirs[m.Path+"@"+m.Version] = m.Dir
	}
}
