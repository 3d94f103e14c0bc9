// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"fmt"
	"slices"
	"strings"

	"breakwater/harbour"
)

// Mapping is how a person reads the columns of a file, in place of what their headings say. Sheets that it does not name
// are left out.
type Mapping struct {
	Sheets []SheetMapping `json:"sheets"`
}

// SheetMapping is how the columns of one sheet are read.
type SheetMapping struct {
	// Sheet by its name; "" in a CSV file.
	Sheet string `json:"sheet"`
	// Header is the number of the row that holds the headings; the rows below are read.
	Header int `json:"header"`
	// Columns says what each column holds, one of [Meanings]; "" leaves it out.
	Columns []string `json:"columns"`
	// Skip lists the numbers of rows that are left out, in order.
	Skip []int `json:"skip,omitempty"`
}

// Meanings lists what a column can hold.
func Meanings() (list []string) {
	for _, s := range fieldWords {
		if s != "" {
			list = append(list, s)
		}
	}
	slices.Sort(list)
	return list
}

// Repeatable says whether several columns may hold the same.
func Repeatable(meaning string) bool {
	f, ok := fieldOf(meaning)
	return ok && (f == fieldNone || multiple[f])
}

// fieldOf finds a field by its word.
func fieldOf(word string) (field, bool) {
	if word == "" {
		return fieldNone, true
	}
	i := slices.Index(fieldWords[:], word)
	return field(max(i, 0)), i > 0
}

// maxSkip bounds the rows that a mapping leaves out.
const maxSkip = 100_000

// Check says what is wrong with a mapping.
//
// Errors: ErrInvalid.
func (m *Mapping) Check() error {
	bad := func(format string, args ...any) error {
		return &harbour.Error{Kind: harbour.ErrInvalid, Op: "map columns", Message: fmt.Sprintf(format, args...), Hint: "say for each column what it holds, or leave it out"}
	}
	if len(m.Sheets) == 0 || len(m.Sheets) > maxSheets {
		return bad("the mapping names %d sheets", len(m.Sheets))
	}
	seen := map[string]bool{}
	for _, s := range m.Sheets {
		name := "the file"
		if s.Sheet != "" {
			name = "sheet " + short(s.Sheet)
		}
		if seen[s.Sheet] {
			return bad("%s is mapped twice", name)
		}
		seen[s.Sheet] = true
		if s.Header < 1 || s.Header > maxRows || len(s.Columns) > maxColumns || len(s.Skip) > maxSkip || !slices.IsSorted(s.Skip) {
			return bad("the mapping of %s has a row or a column that is out of bounds", name)
		}
		var h header
		for _, c := range s.Columns {
			f, ok := fieldOf(c)
			if !ok {
				return bad("no column holds %q", short(c))
			}
			if f != fieldNone && !multiple[f] && slices.Contains(h.fields, f) {
				return bad("two columns of %s are said to hold %s", name, strings.ReplaceAll(c, "_", " "))
			}
			h.fields = append(h.fields, f)
		}
		if !h.identifies() {
			return &harbour.Error{
				Kind: harbour.ErrInvalid, Op: "map columns", Message: "no column of " + name + " identifies a device",
				Hint: "say which one holds a name, an inventory tag, a serial number, a MAC or an IP address",
			}
		}
	}
	return nil
}

// of gives the mapping of a sheet, nil where it is left out.
func (m *Mapping) of(sheet string) *SheetMapping {
	for i := range m.Sheets {
		if m.Sheets[i].Sheet == sheet {
			return &m.Sheets[i]
		}
	}
	return nil
}

// readMapped declares the rows of a table as a mapping says.
func (r *reader) readMapped(t table, m *SheetMapping) (bool, error) {
	if m == nil {
		return false, nil
	}
	found := false
	for {
		var x row
		if done, err := r.nextRow(t, &x); done || err != nil {
			if found || err != nil {
				return found, err
			}
			r.problem(m.Header, harbour.Problem{Message: fmt.Sprintf("the sheet has no row %d, which the mapping names as its header", m.Header), Hint: "map its columns again", Fatal: true})
			return false, nil
		}
		switch {
		case x.number < m.Header:
			continue
		case x.number > m.Header && !found:
			r.problem(m.Header, harbour.Problem{Message: fmt.Sprintf("row %d, which the mapping names as the header, cannot be read", m.Header), Hint: "map its columns again", Fatal: true})
			return false, nil
		case x.number == m.Header:
			found = true
			h := header{fields: make([]field, max(len(m.Columns), len(x.cells))), names: make([]string, max(len(m.Columns), len(x.cells)))}
			for i, c := range m.Columns {
				h.fields[i], _ = fieldOf(c)
			}
			for i, c := range x.cells {
				h.names[i] = clean(c)
			}
			r.header = h
			r.noteHeadings(&x)
			if r.watch != nil && r.watch(&x) {
				return true, errWatched
			}
			continue
		}
		if _, skipped := slices.BinarySearch(m.Skip, x.number); skipped {
			r.l.Count("rows_left_out_by_choice", 1)
			continue
		}
		if err := r.row(&x); err != nil {
			return true, err
		}
	}
}
