// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package upgrade

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"breakwater/harbour"
)

// keyPair is a release key of tests.
func keyPair(t testing.TB) (private, public string) {
	t.Helper()
	private, public, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return private, public
}

func contents() Contents {
	return Contents{Program: []byte("#!/bin/sh\necho hello\n"), SBOM: []byte(`{"bomFormat":"CycloneDX"}`), Version: "v1.2.0", From: "v1.0.0", Schema: 4, OS: "linux", Arch: "amd64", BuiltAt: time.Unix(1_700_000_000, 0)}
}

func packed(t testing.TB, private string, c Contents) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := Write(&b, c, private); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// entry is a file of a package that is made by hand.
type entry struct {
	h tar.Header
	b []byte
}

// entries takes a package apart.
func entries(t testing.TB, b []byte) (list []entry) {
	t.Helper()
	for r := tar.NewReader(bytes.NewReader(b)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, entry{*h, body})
	}
}

func together(t testing.TB, list []entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range list {
		if e.h.Typeflag == tar.TypeReg {
			e.h.Size = int64(len(e.b))
		}
		if err := w.WriteHeader(&e.h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(e.b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPackage(t *testing.T) {
	private, public := keyPair(t)
	_, other := keyPair(t)
	b := packed(t, private, contents())
	if !bytes.Equal(b, packed(t, private, contents())) {
		t.Error("the same contents give other bytes")
	}
	m, err := Verify(bytes.NewReader(b), []string{other, public})
	if err != nil || m.Version != "v1.2.0" || m.Files[0].Name != "breakwater" {
		t.Errorf("%+v, %v", m, err)
	}
	var program, sbom bytes.Buffer
	if _, err := read(bytes.NewReader(b), []string{public}, &program, &sbom); err != nil || program.String() != string(contents().Program) || sbom.String() != string(contents().SBOM) {
		t.Errorf("%q, %q, %v", &program, &sbom, err)
	}
	if got, err := PublicOf(private); err != nil || got != public {
		t.Errorf("PublicOf = %q, %v, want %q", got, err, public)
	}
}

// TestRefused builds packages that are wrong and wants each refused by name.
func TestRefused(t *testing.T) {
	private, public := keyPair(t)
	stranger, _ := keyPair(t)
	good := packed(t, private, contents())
	change := func(fn func(list []entry) []entry) []byte { return together(t, fn(entries(t, good))) }
	// resigned changes the manifest and signs it rightly: what a publisher who makes a mistake would send.
	resigned := func(fn func(*Manifest), more ...func([]entry) []entry) []byte {
		return change(func(list []entry) []entry {
			var m Manifest
			if err := json.Unmarshal(list[0].b, &m); err != nil {
				t.Fatal(err)
			}
			fn(&m)
			list[0].b, _ = json.Marshal(m)
			signer, err := note.NewSigner(private)
			if err != nil {
				t.Fatal(err)
			}
			if list[1].b, err = note.Sign(&note.Note{Text: signedText(list[0].b)}, signer); err != nil {
				t.Fatal(err)
			}
			for _, f := range more {
				list = f(list)
			}
			return list
		})
	}
	for name, tt := range map[string]struct {
		b    []byte
		want string
	}{
		"nothing":              {nil, "it is cut off"},
		"something else":       {bytes.Repeat([]byte("hello "), 1000), "it is no package, or damaged"},
		"cut in the manifest":  {good[:700], "it is cut off"},
		"cut in the program":   {good[:len(good)-2600], "it is cut off"},
		"signed by a stranger": {packed(t, stranger, contents()), "it is signed with a key that is not known here"},
		"no signature":         {change(func(l []entry) []entry { l[1].b = []byte("none"); return l }), "its signature is wrong"},
		"a manifest that was altered": {change(func(l []entry) []entry {
			l[0].b = bytes.Replace(l[0].b, []byte("v1.2.0"), []byte("v9.9.9"), 1)
			return l
		}), "its manifest was altered after it was signed"},
		"a program that was altered": {change(func(l []entry) []entry { l[2].b = bytes.Replace(l[2].b, []byte("hello"), []byte("HELLO"), 1); return l }), "breakwater is not what was signed"},
		"a longer program":           {change(func(l []entry) []entry { l[2].b = append(l[2].b, '!'); return l }), "breakwater is too large"},
		"a shorter program":          {change(func(l []entry) []entry { l[2].b = l[2].b[1:]; return l }), "its manifest says"},
		"a path outside":             {change(func(l []entry) []entry { l[2].h.Name = "../../bin/sh"; return l }), `it holds "../../bin/sh" where breakwater should be`},
		"one more file": {change(func(l []entry) []entry {
			return append(l, entry{tar.Header{Name: "/etc/passwd", Typeflag: tar.TypeReg, Mode: 0o644}, []byte("x")})
		}), `it holds "/etc/passwd", which its manifest does not name`},
		"one file less": {change(func(l []entry) []entry { return l[:3] }), "it is cut off"},
		"another order": {change(func(l []entry) []entry { l[2], l[3] = l[3], l[2]; return l }), `it holds "sbom.json" where breakwater should be`},
		"a link": {change(func(l []entry) []entry {
			l[2] = entry{tar.Header{Name: "breakwater", Typeflag: tar.TypeSymlink, Linkname: "/bin/sh"}, nil}
			return l
		}), "breakwater is not a plain file in it"},
		"a long manifest":        {change(func(l []entry) []entry { l[0].b = bytes.Repeat([]byte(" "), maxManifest+1); return l }), "manifest.json is too large"},
		"a path in the manifest": {resigned(func(m *Manifest) { m.Files[0].Name = "../sh" }), `lists ["../sh" "sbom.json"]`},
		"a program of terabytes": {resigned(func(m *Manifest) { m.Files[0].Bytes = 1 << 40 }), "which is too large"},
		"a format of tomorrow":   {resigned(func(m *Manifest) { m.Format = 2 }), "is of format 2"},
		"no version":             {resigned(func(m *Manifest) { m.Version = "new" }), "names no versions"},
		"no hash":                {resigned(func(m *Manifest) { m.Files[1].SHA256 = "" }), "has no hash of sbom.json"},
	} {
		_, err := Verify(bytes.NewReader(tt.b), []string{public})
		if harbour.KindOf(err) != harbour.ErrInvalid || !strings.Contains(err.Error(), tt.want) || harbour.HintOf(err) == "" {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	for _, keys := range [][]string{nil, {"nonsense"}} {
		if _, err := Verify(bytes.NewReader(good), keys); harbour.KindOf(err) != harbour.ErrUsage {
			t.Errorf("with the keys %q: %v", keys, err)
		}
	}
}

func TestFits(t *testing.T) {
	m := Manifest{Version: "v1.2.0", From: "v1.0.0", Schema: 7, OS: "linux", Arch: "amd64"}
	for _, tt := range []struct {
		version, os, arch string
		schema            int64
		want              string
	}{
		{"v1.1.0", "linux", "amd64", 7, ""},
		{"v1.0.0", "linux", "amd64", 1, ""},
		{"dev", "linux", "amd64", 7, ""},
		{"v1.2.0-rc.1", "linux", "amd64", 7, ""},
		{"v1.2.0", "linux", "amd64", 7, "which runs already"},
		{"v1.3.0", "linux", "amd64", 7, "which is older than v1.3.0"},
		{"v0.9.0", "linux", "amd64", 7, "upgrades from v1.0.0 on"},
		{"v1.1.0", "linux", "arm64", 7, "it is for linux on amd64"},
		{"v1.1.0", "linux", "amd64", 8, "the database is at 8 already"},
	} {
		err := m.Fits(tt.version, tt.os, tt.arch, tt.schema)
		if got := ""; tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%+v: %v%s", tt, err, got)
		}
	}
}

func FuzzPackage(f *testing.F) {
	private, public := keyPair(f)
	good := packed(f, private, contents())
	f.Add(good)
	f.Add(good[:900])
	f.Add(good[:len(good)-512])
	f.Add([]byte("hello"))
	list := entries(f, good)
	list[2].h.Name = "../x"
	f.Add(together(f, list))
	f.Fuzz(func(t *testing.T, b []byte) {
		var program, sbom bytes.Buffer
		m, err := read(bytes.NewReader(b), []string{public}, &program, &sbom)
		if err == nil && (m.Version != "v1.2.0" || program.String() != string(contents().Program) || sbom.String() != string(contents().SBOM)) {
			t.Errorf("what nobody signed was taken: %+v", m)
		}
		if int64(program.Len()) > int64(len(b)) {
			t.Errorf("%d bytes came of %d", program.Len(), len(b))
		}
	})
}
