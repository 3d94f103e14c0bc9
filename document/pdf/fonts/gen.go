// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

//go:build ignore

// Gen makes the fonts beside it from those that their makers publish: it unpacks WOFF, drops the tables that a PDF has
// no use for (kerning, substitution, hinting) and packs the rest. Usage: go run gen.go FILE… with files named as in
// README.md.
package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

type table struct {
	tag  string
	data []byte
}

var kept = []string{"OS/2", "cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post"}

func main() {
	for _, path := range os.Args[1:] {
		b, err := os.ReadFile(path)
		if err != nil {
			log.Fatal(err)
		}
		name := strings.ToLower(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))) + ".ttf.gz"
		var out bytes.Buffer
		z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
		z.Write(pack(tables(b)))
		z.Close()
		if err := os.WriteFile(name, out.Bytes(), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

func tables(b []byte) (list []table) {
	be := binary.BigEndian
	woff := string(b[:4]) == "wOFF"
	at, size, n := 12, 16, int(be.Uint16(b[4:]))
	if woff {
		at, size, n = 44, 20, int(be.Uint16(b[12:]))
	}
	for i := range n {
		e := b[at+i*size:]
		t := table{tag: string(e[:4])}
		if !slices.Contains(kept, t.tag) {
			continue
		}
		if !woff {
			t.data = b[be.Uint32(e[8:]):][:be.Uint32(e[12:])]
		} else {
			t.data = b[be.Uint32(e[4:]):][:be.Uint32(e[8:])]
			if length := be.Uint32(e[12:]); length != be.Uint32(e[8:]) {
				z, err := zlib.NewReader(bytes.NewReader(t.data))
				if err != nil {
					log.Fatal(err)
				}
				if t.data, err = io.ReadAll(z); err != nil || len(t.data) != int(length) {
					log.Fatal("broken table ", t.tag, err)
				}
			}
		}
		list = append(list, t)
	}
	slices.SortFunc(list, func(a, b table) int { return cmp.Compare(a.tag, b.tag) })
	return list
}

// pack writes a TrueType file. Checksums are left out: no reader of PDF looks at them.
func pack(list []table) []byte {
	be := binary.BigEndian
	out := []byte{0, 1, 0, 0}
	out = be.AppendUint16(out, uint16(len(list)))
	out = append(out, 0, 0, 0, 0, 0, 0)
	at := 12 + 16*len(list)
	for _, t := range list {
		out = append(out, t.tag...)
		out = be.AppendUint32(out, 0)
		out = be.AppendUint32(out, uint32(at))
		out = be.AppendUint32(out, uint32(len(t.data)))
		at += (len(t.data) + 3) &^ 3
	}
	for _, t := range list {
		out = append(out, t.data...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	return out
}
