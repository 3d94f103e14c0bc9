// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"context"
	"errors"
	"io"
	"slices"

	"breakwater/evidence"
	"breakwater/harbour"
)

// Preview is a file as a person sees it who is to say what its columns hold.
type Preview struct {
	Sheets []SheetPreview
}

// SheetPreview is one sheet of it.
type SheetPreview struct {
	Name string // "" for a CSV file
	// Inventory is set where a header row was found that names the columns of an inventory.
	Inventory bool
	// Header is the number of that row, else of the row that is most like one; 0 for an empty sheet.
	Header  int
	Columns []Column
	Rows    []PreviewRow // the first of the sheet, from its top
}

// Column of a sheet.
type Column struct {
	Name   string // heading as written
	Means  string // what is read from it by its heading, one of [Meanings], "" for nothing
	Secret bool   // its heading says that it holds passwords or the like; its cells are not shown
}

// PreviewRow is a row as it is shown.
type PreviewRow struct {
	Number int
	Cells  []string
}

// previewRows is how many rows of a sheet are shown.
const previewRows = 30

// Preview shows the sheets of a file, whether or not they are inventories.
//
// Errors: ErrUnreadable for what is neither a workbook nor separated text, ErrCancelled.
func (k Kind) Preview(ctx context.Context, src *evidence.Source) (*Preview, error) {
	r := newReader(ctx, evidence.NewLedger(evidence.LimitsFor(lookMemory)), lookMemory)
	r.preview, r.anyText, r.headers = &Preview{}, true, k.Headers
	k.Mapping = nil
	if err := k.read(r, src); err != nil {
		return nil, err
	}
	return r.preview, nil
}

// previewTable takes the first rows of a table into the preview.
func (r *reader) previewTable(t table) (bool, error) {
	s := SheetPreview{Name: r.l.Places.Parts[r.sheet-1]}
	var kept []row
	var cells [][]string
	for len(s.Rows) < previewRows {
		var x row
		if done, err := r.nextRow(t, &x); err != nil {
			return false, err
		} else if done {
			break
		}
		if blank(x.cells) {
			if x.number > 10*headerRows {
				break
			}
			continue
		}
		shown := PreviewRow{Number: x.number, Cells: make([]string, len(x.cells))}
		for i, c := range x.cells {
			shown.Cells[i] = short(clean(c))
		}
		s.Rows = append(s.Rows, shown)
		kept, cells = append(kept, x), append(cells, x.cells)
	}
	at, h := findHeader(cells)
	if s.Inventory = at >= 0; !s.Inventory {
		at = likeliest(cells)
	}
	if i := slices.IndexFunc(kept, func(x row) bool { return x.number == r.headers[s.Name] }); i >= 0 && i != at {
		at, s.Inventory = i, false
	}
	if at >= 0 {
		s.Header = kept[at].number
		if !s.Inventory {
			h, _, _ = headerOf(cells[at])
			if h.names == nil {
				h = header{fields: make([]field, len(cells[at])), names: s.Rows[at].Cells}
			}
		}
		for i, name := range h.names {
			s.Columns = append(s.Columns, Column{short(name), fieldWords[h.fields[i]], secretHeading(name)})
		}
	}
	mask(s.Rows)
	r.preview.Sheets = append(r.preview.Sheets, s)
	return true, nil
}

// mask hides what stands below a heading that names a secret, whichever row the headings are said to be in.
func mask(rows []PreviewRow) {
	secret := map[int]bool{}
	for _, r := range rows {
		for c := range r.Cells {
			if secret[c] && r.Cells[c] != "" {
				r.Cells[c] = "••••••"
			} else if secretHeading(r.Cells[c]) {
				secret[c] = true
			}
		}
	}
}

// likeliest is the first row that has as many filled cells as any: headings stand above what they name.
func likeliest(rows [][]string) int {
	best, most := -1, 0
	for i, cells := range rows {
		n := 0
		for _, c := range cells {
			if clean(c) != "" {
				n++
			}
		}
		if n > most {
			best, most = i, n
		}
	}
	return best
}

// Record is what one row of a file says.
type Record struct {
	Sheet  string
	Number int
	Asset  harbour.DeclaredAsset
	Extra  map[string]string // by attribute
	Faults []string          // cells that were not understood
	Nobody bool              // nothing identifies a device
	// SiteHeading is the heading of the column that names the site, "" for none.
	SiteHeading string
}

// Each reads a file as Read does, and hands each row to fn instead of declaring it. An error of fn ends it. problems are
// those of the file.
//
// Errors: ErrUnreadable, ErrCancelled.
func (k Kind) Each(ctx context.Context, src *evidence.Source, fn func(*Record) error) (problems []harbour.Problem, err error) {
	r := newReader(ctx, evidence.NewLedger(evidence.LimitsFor(lookMemory)), lookMemory)
	r.each = fn
	err = k.read(r, src)
	return r.l.Evidence.Problems, err
}

// nextRow reads a row of a table; done at its end.
func (r *reader) nextRow(t table, x *row) (done bool, err error) {
	err = t.next(x)
	if errors.Is(err, io.EOF) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if r.rows >= maxRows {
		r.problem(x.number, harbour.Problem{Message: "a million rows are read; this one and those below are not", Hint: "split the file", Fatal: true})
		return true, nil
	}
	return false, nil
}

// hand gives a row to who watches them instead of the ledger.
func (r *reader) hand(x *row, rec *record) error {
	v := &Record{Sheet: r.l.Places.Parts[r.sheet-1], Number: x.number, Faults: r.faults, Nobody: rec == nil}
	if x.fault != "" {
		v.Faults = append([]string{x.fault}, v.Faults...)
	}
	if rec != nil {
		v.Asset, v.Extra = rec.asset, rec.extra
	}
	if i := slices.Index(r.header.fields, fieldSite); i >= 0 {
		v.SiteHeading = short(r.header.names[i])
	}
	return r.each(v)
}

// tabular is how well rows of separated text look like a table of any kind: most of them have the same number of columns.
func tabular(rows [][]string) int {
	count := map[int]int{}
	for _, cells := range rows {
		count[len(cells)]++
	}
	best := 0
	for columns, n := range count {
		if columns > 1 && n*2 > len(rows) {
			best = max(best, columns)
		}
	}
	return best
}
