// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package sbom says what the program itself is made of, as CycloneDX 1.6: the Go modules that it was built with, as the
// build wrote them into the program, and the packages of the pages' scripts, from their lock file.
//
// Its functions are pure and safe for concurrent use.
package sbom

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"breakwater/harbour"
)

// Part is one thing that the program is made of.
type Part struct {
	Name, Version string
	Licence       string // SPDX id, "" where not known
	PURL          string
	Hash          string // SHA-256 of a Go module's tree (h1), or SHA-512 of a package, in hexadecimal; "" where not known
	Script        bool   // of the pages' scripts
}

// licenceList has a module and the SPDX id of its licence on each line, as docs/licences.md has them.
//
//go:embed licences.txt
var licenceList string

// licences gives the licence of a Go module by its path.
func licences() map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(licenceList) {
		path, id, _ := strings.Cut(strings.TrimSpace(line), " ")
		m[path] = id
	}
	return m
}

// lockFile is what is read of package-lock.json.
type lockFile struct {
	Packages map[string]struct {
		Version, License, Integrity string
		Dev                         bool
	}
}

// Parts lists the parts by name: modules of the build, then packages of the lock file that are not for development alone.
//
// Errors: ErrInvalid where the lock file is none.
func Parts(info *debug.BuildInfo, lock []byte) (list []Part, err error) {
	known := licences()
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		p := Part{Name: m.Path, Version: m.Version, Licence: known[m.Path], PURL: "pkg:golang/" + m.Path + "@" + m.Version}
		if sum, ok := strings.CutPrefix(m.Sum, "h1:"); ok {
			p.Hash = hexOf(sum)
		}
		list = append(list, p)
	}
	var l lockFile
	if err := json.Unmarshal(lock, &l); err != nil {
		return nil, &harbour.Error{Kind: harbour.ErrInvalid, Op: "list parts", Message: "the lock file of the scripts cannot be read", Err: err}
	}
	var scripts []Part
	for path, x := range l.Packages {
		i := strings.LastIndex(path, "node_modules/") // of another package's own, too
		if i < 0 || x.Dev {
			continue
		}
		name := path[i+len("node_modules/"):]
		p := Part{Name: name, Version: x.Version, Licence: x.License, Script: true, PURL: "pkg:npm/" + strings.Replace(name, "@", "%40", 1) + "@" + x.Version}
		if sum, ok := strings.CutPrefix(x.Integrity, "sha512-"); ok {
			p.Hash = hexOf(sum)
		}
		scripts = append(scripts, p)
	}
	byName := func(a, b Part) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Version, b.Version))
	}
	slices.SortFunc(list, byName)
	slices.SortFunc(scripts, byName)
	scripts = slices.CompactFunc(scripts, func(a, b Part) bool { return a.PURL == b.PURL })
	return append(list, scripts...), nil
}

func hexOf(base string) string {
	b, err := base64.StdEncoding.DecodeString(base)
	if err != nil {
		return ""
	}
	return hex.EncodeToString(b)
}

// Program describes the whole.
type Program struct {
	Version string
	Go      string // the toolchain
	At      time.Time
}

// Write writes the parts as CycloneDX 1.6 in JSON. The same parts give the same bytes.
func Write(w io.Writer, p Program, parts []Part) error {
	b := cdx.NewBOM()
	const root = "breakwater"
	b.Metadata = &cdx.Metadata{
		Timestamp: p.At.UTC().Format(time.RFC3339),
		Component: &cdx.Component{
			BOMRef: root, Type: cdx.ComponentTypeApplication, Name: "breakwater", Version: p.Version,
			Licenses: licence("Apache-2.0"),
		},
	}
	list := []cdx.Component{{BOMRef: "go", Type: cdx.ComponentTypePlatform, Name: "go", Version: strings.TrimPrefix(p.Go, "go"), Licenses: licence("BSD-3-Clause"), PackageURL: "pkg:golang/stdlib@" + strings.TrimPrefix(p.Go, "go")}}
	refs := []string{"go"}
	for _, x := range parts {
		c := cdx.Component{BOMRef: x.PURL, Type: cdx.ComponentTypeLibrary, Name: x.Name, Version: x.Version, PackageURL: x.PURL, Scope: cdx.ScopeRequired}
		if x.Licence != "" {
			c.Licenses = licence(x.Licence)
		}
		if x.Script && x.Hash != "" {
			c.Hashes = &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA512, Value: x.Hash}}
		} else if x.Hash != "" { // the hash of a module is over its tree, not over a file
			c.Properties = &[]cdx.Property{{Name: "breakwater:go:h1", Value: x.Hash}}
		}
		list = append(list, c)
		refs = append(refs, x.PURL)
	}
	b.Components = &list
	b.Dependencies = &[]cdx.Dependency{{Ref: root, Dependencies: &refs}}
	var out bytes.Buffer
	if err := cdx.NewBOMEncoder(&out, cdx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(b, cdx.SpecVersion1_6); err != nil {
		return err
	}
	_, err := w.Write(out.Bytes())
	return err
}

func licence(id string) *cdx.Licenses {
	if strings.ContainsAny(id, " ()") {
		return &cdx.Licenses{{Expression: id}}
	}
	return &cdx.Licenses{{License: &cdx.License{ID: id}}}
}
