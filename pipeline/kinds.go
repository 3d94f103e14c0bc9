// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"errors"
	"io"
	"strings"

	"breakwater/evidence"
	"breakwater/evidence/packet"
	"breakwater/evidence/packet/capture"
	"breakwater/evidence/portfile"
	"breakwater/evidence/sheet"
	"breakwater/harbour"
)

// Options of the kinds.
type Options struct {
	// TempDir is the folder for their temporary files.
	TempDir string
	// Marks is told places of a capture from which reading can go on later; nil for none.
	Marks func(capture.Mark)
	// Mapping is how a person reads the columns of a spreadsheet. With it the file can be nothing else.
	Mapping *sheet.Mapping
}

// Kinds lists every kind of evidence in the order in which they are asked.
func Kinds(o Options) []evidence.Kind {
	if o.Mapping != nil {
		return []evidence.Kind{sheet.Kind{TempDir: o.TempDir, Mapping: o.Mapping}}
	}
	return []evidence.Kind{packet.Kind{Marks: o.Marks}, portfile.Kind{}, sheet.Kind{TempDir: o.TempDir}}
}

// Recognise decides by a file's first bytes which kind reads it, and says what was recognised; nil where none does.
// Names are not looked at.
func Recognise(kinds []evidence.Kind, r io.Reader) (k evidence.Kind, what string, err error) {
	head := make([]byte, evidence.HeadSize)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, "", err
	}
	for _, k := range kinds {
		if what := k.Recognise(head[:n]); what != "" {
			return k, what, nil
		}
	}
	return nil, "", nil
}

// Tried says in words what an unknown file was tested for.
func Tried() string {
	list := Kinds(Options{})
	names := make([]string, 0, len(list))
	for _, k := range list {
		switch k.Kind() {
		case harbour.EvidencePacket:
			names = append(names, "network capture (pcap, pcapng, plain or in gzip or zstd)")
		case harbour.EvidencePortFile:
			names = append(names, "port file (YAML)")
		case harbour.EvidenceSheet:
			names = append(names, "inventory (CSV or XLSX with a header row)")
		default:
			names = append(names, string(k.Kind()))
		}
	}
	return strings.Join(names, ", ")
}
