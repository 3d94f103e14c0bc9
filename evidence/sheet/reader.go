// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"breakwater/evidence"
	"breakwater/harbour"
)

// reader turns the rows of one file into declarations.
type reader struct {
	ctx    context.Context
	l      *evidence.Ledger
	sheet  int // number of the sheet that is read, from 1; a CSV file is one without name
	header header
	rows   int64 // read, over all sheets
	steps  int
	told   map[string]int64 // cell problems told once, with their number
	store  store
	// watch, where set, is shown each row below a header, and header rows themselves; true ends the reading.
	watch func(*row) bool
	// mapping, where set, says what columns hold in place of their headings.
	mapping *Mapping
	preview *Preview            // where the tables are shown and not read
	headers map[string]int      // of the preview: the rows that a person says hold the headings, by sheet
	each    func(*Record) error // where rows are handed out and not declared
	anyText bool                // separated text need not be an inventory
	faults  []string            // of the row that is read, where rows are handed out
}

// errWatched ends a reading whose watcher has seen what it wanted.
var errWatched = errors.New("the row was found")

func newReader(ctx context.Context, l *evidence.Ledger, memory int64) *reader {
	r := &reader{ctx: ctx, l: l, told: map[string]int64{}}
	r.store = store{l: l, limit: max(memory, 1<<20), where: r.locate, note: l.Problem}
	l.Places = evidence.PlaceWords{Unit: "row", Part: "sheet"}
	return r
}

// place numbers a row.
func place(sheet, number int) evidence.Place { return evidence.In(sheet, number) }

func (r *reader) locate(p evidence.Place) string { return r.l.Locator(p) }

func (r *reader) cancelled() error {
	if r.steps++; r.steps&0x3ff == 0 && r.ctx.Err() != nil {
		return &harbour.Error{Kind: harbour.ErrCancelled, Op: "read inventory", Message: "stopped", Err: r.ctx.Err()}
	}
	return nil
}

func (r *reader) problem(number int, p harbour.Problem) {
	p.Locator = r.locate(place(r.sheet, number))
	r.l.Problem(p)
}

// maxTold is how many different cell problems are remembered.
const maxTold = 4096

// once reports a problem of a cell. The same text again is counted only, so that one word that is not known does not
// fill the list.
func (r *reader) once(number int, column string, c complaint) {
	text := fmt.Sprintf("column %q: %s", column, c.text)
	if r.each != nil {
		r.faults = append(r.faults, text)
	}
	r.l.Count("cells_not_understood", 1)
	if _, ok := r.told[text]; ok {
		return
	}
	if len(r.told) < maxTold {
		r.told[text] = 1
	}
	r.problem(number, harbour.Problem{Message: text, Hint: c.hint})
}

// useHeader takes over the columns of a header row and names those that are left out.
func (r *reader) useHeader(h header, x *row) {
	r.header = h
	r.noteHeadings(x)
	var unknown, twice []string
	for i, f := range h.fields {
		switch name := h.names[i]; {
		case name == "" || f == fieldCounter:
		case f == fieldNone || f == fieldContrary:
			unknown = append(unknown, fmt.Sprintf("%q", short(name)))
		case !multiple[f] && slices.Contains(h.fields[:i], f):
			first := slices.Index(h.fields, f)
			twice = append(twice, fmt.Sprintf("%q and %q", short(h.names[first]), short(name)))
		}
	}
	if len(unknown) > 0 {
		r.problem(x.number, harbour.Problem{
			Message: columnsText(unknown) + " not known and left out", Hint: "rename a column to have it read; docs/spreadsheet-columns.md lists the names",
		})
	}
	if len(twice) > 0 {
		r.problem(x.number, harbour.Problem{
			Message: "columns " + strings.Join(twice, ", ") + " mean the same; of two the first that is filled counts", Hint: "rename or remove one of them",
		})
	}
}

// noteHeadings keeps the heading of the column of sites: whether there is such a site shows only beside other evidence.
func (r *reader) noteHeadings(x *row) {
	if i := slices.Index(r.header.fields, fieldSite); i >= 0 {
		r.l.NoteHeading(harbour.AttrSite, short(r.header.names[i]), place(r.sheet, x.number))
	}
}

func columnsText(names []string) string {
	if len(names) == 1 {
		return "column " + names[0] + " is"
	}
	more := ""
	if n := len(names) - 20; n > 0 {
		names, more = names[:20], fmt.Sprintf(" and %d more", n)
	}
	return "columns " + strings.Join(names, ", ") + more + " are"
}

// short cuts a text for a message.
func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// row declares one row.
func (r *reader) row(x *row) error {
	if err := r.cancelled(); err != nil {
		return err
	}
	if r.watch != nil && r.watch(x) {
		return errWatched
	}
	if x.fault != "" {
		r.problem(x.number, harbour.Problem{Message: x.fault, Hint: "what could be read of the row was read"})
	}
	if blank(x.cells) {
		return nil
	}
	if r.mapping != nil && r.repeats(x.cells) {
		return nil
	}
	if h, known, other := headerBelow(x.cells); r.mapping == nil && known >= 2 && h.identifies() {
		if slices.Equal(trimmed(h.names), trimmed(r.header.names)) {
			return nil // repeated, as for each printed page
		}
		if known > other && (known > 2 || other == 0) {
			r.useHeader(h, x) // another table below the first one
			return nil
		}
	}
	r.rows++
	r.faults = nil
	p := parser{reader: r, row: x}
	rec := p.parse()
	if rec != nil && rec.asset.Name == "" && len(rec.asset.Hostnames) > 0 {
		rec.asset.Name = rec.asset.Hostnames[0]
	}
	if r.each != nil {
		return r.hand(x, rec)
	}
	if rec == nil {
		r.l.Count("rows_without_asset", 1)
		return nil
	}
	rec.place = place(r.sheet, x.number)
	r.l.Evidence.Records++
	r.store.add(rec)
	return nil
}

// repeats says whether a row is the header once more, as on each printed page.
func (r *reader) repeats(cells []string) bool {
	names := make([]string, len(cells))
	for i, c := range cells {
		names[i] = clean(c)
	}
	return slices.Equal(trimmed(names), trimmed(r.header.names))
}

// headerBelow is headerOf for the rows below a header, of which few are one: it gives up where neither of the first two
// cells is a heading.
func headerBelow(cells []string) (h header, known, other int) {
	seen := 0
	for _, c := range cells {
		if c == "" {
			continue
		}
		if headingOf(clean(c)) != fieldNone {
			return headerOf(cells)
		}
		if seen++; seen == 2 {
			break
		}
	}
	return header{}, 0, 0
}

// trimmed cuts columns without a name off the right.
func trimmed(names []string) []string {
	for len(names) > 0 && names[len(names)-1] == "" {
		names = names[:len(names)-1]
	}
	return names
}

// finish writes what is still held.
func (r *reader) finish() {
	r.store.flush()
	if r.l.Evidence.Records == 0 {
		r.l.Problem(harbour.Problem{Message: "the inventory lists no devices", Hint: "there is nothing below its header row that names one"})
	}
}
