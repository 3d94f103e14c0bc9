// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"context"
	"errors"
	"io"

	"breakwater/evidence"
	"breakwater/harbour"
)

// Bounds of what is read.
const (
	maxRows    = 1_000_000
	maxColumns = 256
	maxCell    = 4 << 10
)

// Kind reads inventories.
type Kind struct {
	// TempDir is where large Excel sheets are unpacked while they are read; "" means the system's folder for
	// temporary files.
	TempDir string
	// Mapping, where given, says what the columns hold in place of their headings; the file need not look like an
	// inventory then.
	Mapping *Mapping
	// Headers, for [Kind.Preview], says by the name of a sheet which of its first rows holds the headings, where a person
	// knows better.
	Headers map[string]int
}

var _ evidence.Kind = Kind{}

// Kind names the evidence kind.
func (Kind) Kind() harbour.EvidenceKind { return harbour.EvidenceSheet }

// Recognise takes Excel workbooks, whether or not they hold an inventory, and separated text whose header row says that
// it is an inventory.
func (k Kind) Recognise(head []byte) string {
	if isWorkbook(head) {
		return "Excel workbook"
	}
	score := inventoryScore
	if k.Mapping != nil {
		score = tabular
	}
	if f, ok := sniff(head, score); ok {
		return f.describe()
	}
	return ""
}

// Read declares every row of every inventory table in the file.
func (k Kind) Read(ctx context.Context, src *evidence.Source, l *evidence.Ledger) error {
	r := newReader(ctx, l, src.Memory/2)
	if err := k.read(r, src); err != nil {
		return err
	}
	r.finish()
	return nil
}

func (k Kind) read(r *reader, src *evidence.Source) error {
	r.mapping = k.Mapping
	head, rest, err := peek(src.Reader)
	if err != nil {
		return unreadable("the file cannot be read", "", err)
	}
	if isWorkbook(head) {
		return r.readWorkbook(src, rest, k.TempDir)
	}
	return r.readCSV(head, rest)
}

// table delivers the rows of one sheet.
type table interface {
	// next fills the row or returns io.EOF.
	next(*row) error
}

// row is one row of a sheet.
type row struct {
	number int      // as a spreadsheet program counts, from 1
	cells  []string // as shown
	raw    []string // XLSX: the stored value where it differs, or nil
	fault  string   // what is damaged in the row as a whole
}

// readTable finds the header and declares the rows below it. It returns false where the table is not an inventory.
func (r *reader) readTable(t table) (bool, error) {
	switch {
	case r.preview != nil:
		return r.previewTable(t)
	case r.mapping != nil:
		return r.readMapped(t, r.mapping.of(r.l.Places.Parts[r.sheet-1]))
	}
	var kept []row
	var cells [][]string
	for len(kept) < headerRows {
		var x row
		err := t.next(&x)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return false, err
		}
		if blank(x.cells) {
			if x.number > 10*headerRows {
				break
			}
			continue
		}
		kept = append(kept, x)
		cells = append(cells, x.cells)
	}
	at, h := findHeader(cells)
	if at < 0 {
		return false, nil
	}
	r.useHeader(h, &kept[at])
	if r.watch != nil && r.watch(&kept[at]) {
		return true, errWatched
	}
	for i := at + 1; i < len(kept); i++ {
		if err := r.row(&kept[i]); err != nil {
			return true, err
		}
	}
	for {
		var x row
		if done, err := r.nextRow(t, &x); done || err != nil {
			return true, err
		}
		if err := r.row(&x); err != nil {
			return true, err
		}
	}
}

func unreadable(message, hint string, err error) error {
	return &harbour.Error{Kind: harbour.ErrUnreadable, Op: "read inventory", Message: message, Hint: hint, Err: err}
}

// blank says whether no cell holds anything.
func blank(cells []string) bool {
	for _, c := range cells {
		if clean(c) != "" {
			return false
		}
	}
	return true
}
