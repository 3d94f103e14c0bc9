// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidencepack

import (
	"archive/zip"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"slices"
)

// Writer writes a pack, file after file, and the manifest last.
type Writer struct {
	zip   *zip.Writer
	files []File
	name  string
	sum   hash.Hash
	bytes int64
}

// NewWriter begins a pack.
func NewWriter(w io.Writer) *Writer { return &Writer{zip: zip.NewWriter(w)} }

// Create begins the next file. What is written to it is in the manifest.
//
// Errors: those of the writer beneath; a name that no pack has.
func (w *Writer) Create(name string) (io.Writer, error) {
	w.end()
	if !fileName.MatchString(name) {
		return nil, fmt.Errorf("a pack has no file %q", name)
	}
	to, err := w.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
	if err != nil {
		return nil, err
	}
	w.name, w.sum, w.bytes = name, sha256.New(), 0
	return writerFunc(func(b []byte) (int, error) {
		n, err := to.Write(b)
		w.sum.Write(b[:n])
		w.bytes += int64(n)
		return n, err
	}), nil
}

type writerFunc func([]byte) (int, error)

// Write implements [io.Writer].
func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// Lines begins the next file and gives a function that writes a value as a line of JSON to it.
func (w *Writer) Lines(name string) (put func(v any) error, err error) {
	to, err := w.Create(name)
	if err != nil {
		return nil, err
	}
	e := json.NewEncoder(to)
	e.SetEscapeHTML(false)
	return e.Encode, nil
}

// Text writes a file whole.
func (w *Writer) Text(name, text string) error {
	to, err := w.Create(name)
	if err == nil {
		_, err = io.WriteString(to, text)
	}
	return err
}

func (w *Writer) end() {
	if w.name != "" {
		w.files = append(w.files, File{w.name, w.bytes, hex.EncodeToString(w.sum.Sum(nil))})
		w.name = ""
	}
}

// Close writes the manifest, which it completes, and its signature, and ends the pack. sign makes a signed note of a text.
func (w *Writer) Close(m Manifest, sign func(text string) (note string, err error)) error {
	w.end()
	slices.SortFunc(w.files, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	m.Format, m.Version, m.Files = Format, Version, w.files
	// An empty list is a list.
	for _, list := range []*[]string{&m.LeftOut, &m.Selection.Assets, &m.Selection.Findings, &m.Selection.Evidence} {
		if *list == nil {
			*list = []string{}
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if b, err = Canonical(b); err != nil {
		return err
	}
	note, err := sign(Statement(b))
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		text []byte
	}{{ManifestFile, b}, {SignatureFile, []byte(note)}} {
		to, err := w.zip.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate})
		if err != nil {
			return err
		}
		if _, err := io.Copy(to, bytes.NewReader(f.text)); err != nil {
			return err
		}
	}
	return w.zip.Close()
}
