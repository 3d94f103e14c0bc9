// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"breakwater/evidence"
	"breakwater/harbour"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Bounds on one record of separated text.
const (
	maxLine      = 1 << 20
	maxJoined    = 64   // lines that one record may span
	maxOpenQuote = 1000 // records with an open quotation mark before line breaks in cells are given up
)

// separators in the order in which they are preferred where two do equally well.
var separators = []byte{',', ';', '\t', '|'}

// format is how a file of separated text is written.
type format struct {
	order     unicode.Endianness
	utf16     bool
	returns   bool // lines end in a carriage return alone
	separator byte
}

func (f format) describe() string {
	name := map[byte]string{',': "commas", ';': "semicolons", '\t': "tabs", '|': "bars"}[f.separator]
	return "CSV inventory (" + name + ")"
}

// peek returns the first bytes and a reader of everything.
func peek(r io.Reader) (head []byte, rest *bufio.Reader, err error) {
	rest = bufio.NewReaderSize(r, evidence.HeadSize)
	head, err = rest.Peek(evidence.HeadSize)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return head, rest, err
}

// sniff finds out how a text is written and whether it is an inventory, or what else score looks for.
func sniff(head []byte, score func(rows [][]string) int) (f format, ok bool) {
	f.utf16, f.order, ok = encodingOf(head)
	if !ok {
		return f, false
	}
	full := len(head) >= evidence.HeadSize
	if f.utf16 {
		head, _, _ = transform.Bytes(f.decoder(), head[:len(head)&^1])
	}
	head = bytes.TrimPrefix(head, []byte("\ufeff"))
	if f.returns = bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0; f.returns {
		head = bytes.ReplaceAll(head, []byte{'\r'}, []byte{'\n'})
	}
	trimmed := bytes.TrimLeft(head, " \t\r\n")
	if len(trimmed) == 0 || bytes.IndexByte([]byte("{[<"), trimmed[0]) >= 0 || bytes.HasPrefix(trimmed, []byte("---")) {
		return f, false
	}
	if full {
		if i := bytes.LastIndexByte(head, '\n'); i > 0 {
			head = head[:i+1] // the last line may be cut
		}
	}
	best := 0
	for _, s := range separators {
		if bytes.IndexByte(head, s) < 0 {
			continue
		}
		if n := score(headRows(head, s)); n > best {
			best, f.separator = n, s
		}
	}
	return f, best > 0
}

// headRows splits a head for judging it.
func headRows(head []byte, separator byte) (rows [][]string) {
	t := newCSV(bufio.NewReader(bytes.NewReader(head)), separator, nil)
	for len(rows) < 3*headerRows {
		var x row
		if t.next(&x) != nil {
			break
		}
		if !blank(x.cells) {
			rows = append(rows, x.cells)
		}
	}
	return rows
}

// encodingOf tells UTF-16 from text of one byte a character; ok is false for what is not text.
func encodingOf(head []byte) (is16 bool, order unicode.Endianness, ok bool) {
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return true, unicode.LittleEndian, true
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return true, unicode.BigEndian, true
	}
	var nul [2]int
	control := 0
	for i, c := range head {
		switch {
		case c == 0:
			nul[i&1]++
		case c < ' ' && (c < '\t' || c > '\r'):
			control++
		}
	}
	switch {
	case nul[0]+nul[1] == 0:
		return false, unicode.LittleEndian, control*100 <= len(head)
	case nul[0] == 0 && nul[1]*5 >= len(head)*2:
		return true, unicode.LittleEndian, true
	case nul[1] == 0 && nul[0]*5 >= len(head)*2:
		return true, unicode.BigEndian, true
	}
	return false, unicode.LittleEndian, false
}

func (f format) decoder() transform.Transformer {
	return unicode.UTF16(f.order, unicode.UseBOM).NewDecoder()
}

// returns makes line feeds of carriage returns.
type returns struct{ r io.Reader }

func (c *returns) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	for i := range p[:n] {
		if p[i] == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}

// readCSV reads separated text.
func (r *reader) readCSV(head []byte, rest *bufio.Reader) error {
	f, ok := sniff(head, inventoryScore)
	if !ok && (r.mapping != nil || r.anyText) {
		f, ok = sniff(head, tabular)
	}
	if !ok {
		return unreadable("there is no header row that names the columns of an inventory", headerHint, nil)
	}
	if f.utf16 {
		rest = bufio.NewReaderSize(transform.NewReader(rest, f.decoder()), 64<<10)
	}
	if f.returns {
		rest = bufio.NewReaderSize(&returns{rest}, 64<<10)
	}
	r.l.Places.Parts = []string{""}
	r.sheet = 1
	t := newCSV(rest, f.separator, r.cancelled)
	found, err := r.readTable(t)
	if err != nil {
		return err
	}
	if !found {
		return unreadable("there is no header row that names the columns of an inventory", headerHint, nil)
	}
	if t.replaced > 0 {
		lines := "1 line holds"
		if t.replaced > 1 {
			lines = fmt.Sprintf("%d lines hold", t.replaced)
		}
		r.l.Problem(harbour.Problem{Message: lines + " bytes that are not valid UTF-8, as the rest of the file is", Hint: "save the file as UTF-8"})
	}
	return nil
}

const headerHint = "give the columns names such as: Name, Type, MAC address, IP address, Serial number"

// csvTable splits records by encoding/csv. It finds the end of each record itself, so that a quotation mark that is
// never closed costs its own row, and numbers rows as spreadsheet programs do, blank ones included.
type csvTable struct {
	r         *bufio.Reader
	separator byte
	trim      bool
	csv       *csv.Reader
	feed      feeder
	number    int
	back      [][]byte // lines to read again
	open      int      // records whose quotation mark was not closed
	utf8      bool     // a line has shown that the text is UTF-8
	replaced  int
	cancelled func() error
}

// feeder hands one record to the csv.Reader, then the end of input, then the next.
type feeder struct{ b []byte }

func (f *feeder) Read(p []byte) (int, error) {
	if len(f.b) == 0 {
		return 0, io.EOF
	}
	n := copy(p, f.b)
	f.b = f.b[n:]
	return n, nil
}

func newCSV(r *bufio.Reader, separator byte, cancelled func() error) *csvTable {
	t := &csvTable{r: r, separator: separator, trim: separator != '\t', cancelled: cancelled}
	t.csv = csv.NewReader(&t.feed)
	t.csv.Comma = rune(separator)
	t.csv.LazyQuotes = true
	t.csv.FieldsPerRecord = -1
	t.csv.TrimLeadingSpace = t.trim
	return t
}

// next implements table.
func (t *csvTable) next(x *row) error {
	record, err := t.record(x)
	if err != nil {
		return err
	}
	t.number++
	x.number = t.number
	x.cells = nil
	if len(bytes.TrimSpace(record)) == 0 {
		return nil
	}
	if t.number == 1 && len(record) >= 5 && bytes.EqualFold(record[:4], []byte("sep=")) {
		return nil // Excel's own way to name the separator; the header says the same
	}
	t.feed.b = record
	cells, err := t.csv.Read()
	for rest := err; !errors.Is(rest, io.EOF); { // nothing of this record is left to the next
		_, rest = t.csv.Read()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		x.fault = "the row cannot be split into columns: " + err.Error()
		return nil
	}
	if len(cells) > maxColumns {
		x.fault = fmt.Sprintf("only the first %d of %d columns are read", maxColumns, len(cells))
		cells = cells[:maxColumns]
	}
	x.cells = cells
	return nil
}

// record reads the lines of one record.
func (t *csvTable) record(x *row) ([]byte, error) {
	if t.cancelled != nil {
		if err := t.cancelled(); err != nil {
			return nil, err
		}
	}
	line, err := t.line(x)
	if err != nil {
		return nil, err
	}
	open := t.quoted(line, false)
	if !open {
		return line, nil
	}
	record := bytes.Clone(line)
	var more [][]byte
	for open && t.open < maxOpenQuote && len(more) < maxJoined && len(record) < maxLine {
		next, err := t.line(x)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		next = bytes.Clone(next)
		more = append(more, next)
		record = append(record, next...)
		open = t.quoted(next, true)
	}
	if !open {
		return record, nil
	}
	t.open++
	t.back = append(more, t.back...)
	x.fault = "a quotation mark is not closed"
	return bytes.ReplaceAll(line, []byte{'"'}, nil), nil
}

// quoted says whether a quotation mark is open at the end of a line, by the rules of encoding/csv with lazy quotes.
func (t *csvTable) quoted(line []byte, in bool) bool {
	start := !in
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case in && c == '"':
			if i+1 < len(line) && line[i+1] == '"' {
				i++
			} else if i+1 >= len(line) || line[i+1] == t.separator || line[i+1] == '\n' || line[i+1] == '\r' {
				in = false
			}
		case in:
		case c == t.separator:
			start = true
		case c == '"' && start:
			in, start = true, false
		case t.trim && c == ' ':
		default:
			start = false
		}
	}
	return in
}

// line reads one line as UTF-8, its end included. A line that is not valid is taken for Windows-1252, unless the text
// has been seen to be UTF-8.
func (t *csvTable) line(x *row) ([]byte, error) {
	if len(t.back) > 0 {
		line := t.back[0]
		t.back = t.back[1:]
		return line, nil
	}
	line, err := t.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line = bytes.Clone(line)
		for errors.Is(err, bufio.ErrBufferFull) {
			var more []byte
			more, err = t.r.ReadSlice('\n')
			if len(line) < maxLine {
				line = append(line, more...)
			} else {
				x.fault = "the line is longer than a mebibyte; the rest of it is not read"
			}
		}
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
		if errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		return nil, unreadable("reading stopped in the middle of the file", "what precedes was read", err)
	}
	if t.number == 0 {
		if b, ok := bytes.CutPrefix(line, []byte("\ufeff")); ok {
			line, t.utf8 = b, true
		}
	}
	return t.toUTF8(line), nil
}

func (t *csvTable) toUTF8(line []byte) []byte {
	ascii := true
	for _, c := range line {
		if c >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	switch {
	case ascii:
		return line
	case utf8.Valid(line):
		t.utf8 = true
		return line
	case t.utf8:
		t.replaced++
		return []byte(strings.ToValidUTF8(string(line), "\ufffd"))
	}
	b, err := charmap.Windows1252.NewDecoder().Bytes(line)
	if err != nil {
		return []byte(strings.ToValidUTF8(string(line), "\ufffd"))
	}
	return b
}
