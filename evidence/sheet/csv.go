// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"breakwater/evidence"
	"breakwater/harbour"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// dialect is how a CSV file is written.
type dialect struct {
	comma   rune
	charset encoding.Encoding // nil: UTF-8
}

func peek(r io.Reader) (head []byte, rest io.Reader, err error) {
	head = make([]byte, evidence.HeadSize)
	n, err := io.ReadFull(r, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return head[:n], r, err
}

// charset guesses the encoding by byte order mark, zero bytes and validity; ok is false for what is not text.
func charset(head []byte) (e encoding.Encoding, ok bool) {
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM), true
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM), true
	case bytes.IndexByte(head, 0) >= 0:
		return nil, false
	}
	if !utf8.Valid(cutRune(head)) {
		return charmap.Windows1252, true
	}
	return nil, true
}

func cutRune(b []byte) []byte {
	for i := 1; i <= 3 && i <= len(b); i++ {
		if utf8.RuneStart(b[len(b)-i]) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}

// sniff finds the dialect in which a header row stands within the first rows, or nil.
func sniff(head []byte) *dialect {
	e, ok := charset(head)
	if !ok || len(head) == 0 {
		return nil
	}
	text := bytes.TrimPrefix(head, []byte("\ufeff"))
	if e != nil {
		var err error
		if text, err = io.ReadAll(transform.NewReader(bytes.NewReader(head), e.NewDecoder())); err != nil && len(text) == 0 {
			return nil
		}
	}
	if t := bytes.TrimLeft(text, " \t\r\n"); len(t) == 0 || t[0] == '{' || t[0] == '<' || t[0] == '[' {
		return nil
	}
	for _, comma := range []rune{',', ';', '\t', '|'} {
		r := newCSV(bytes.NewReader(text), comma)
		for n := 0; n < headerRows; n++ {
			cells, err := r.Read()
			if err != nil && !errors.Is(err, csv.ErrFieldCount) {
				break
			}
			if _, _, ok := header(cells); ok && plausible(cells) {
				return &dialect{comma, e}
			}
		}
	}
	return nil
}

// plausible says whether cells look like column names: short, and none of them a value.
func plausible(cells []string) bool {
	for _, c := range cells {
		if len(c) > 60 || strings.ContainsAny(c, "{}<>=") {
			return false
		}
	}
	return true
}

func newCSV(r io.Reader, comma rune) *csv.Reader {
	c := csv.NewReader(r)
	c.Comma, c.FieldsPerRecord, c.LazyQuotes, c.ReuseRecord = comma, -1, true, true
	return c
}

// maxRecord bounds a row in bytes: a quote that is never closed would else swallow the file.
const maxRecord = 1 << 20

// csv reads a CSV file.
func (r *reader) csv(ctx context.Context, head []byte, rest io.Reader, l *evidence.Ledger) error {
	d := sniff(head)
	l.Locate = locate(nil)
	if d == nil {
		return &harbour.Error{Kind: harbour.ErrUnreadable, Op: "read sheet", Message: "no header row of an inventory in the first rows", Hint: "name columns such as name, IP address, MAC, serial number"}
	}
	var src io.Reader = io.MultiReader(bytes.NewReader(head), rest)
	if d.charset != nil {
		src = transform.NewReader(src, d.charset.NewDecoder())
	} else {
		b := bufio.NewReader(src)
		if x, _ := b.Peek(3); string(x) == "\ufeff" {
			_, _ = b.Discard(3)
		}
		src = b
	}
	bound := &bounded{r: src, left: maxRecord}
	c := newCSV(bound, d.comma)
	t := &table{ledger: l, parent: r}
	for {
		bound.left = maxRecord
		cells, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		line, _ := c.FieldPos(0)
		var pe *csv.ParseError
		switch {
		case errors.Is(err, errLongRow):
			t.problem(line, fmt.Sprintf("a row of more than %d bytes; reading stopped here", maxRecord), "look for a quote that is never closed")
			return nil
		case errors.As(err, &pe):
			t.problem(pe.Line, "the row is not valid CSV: "+pe.Err.Error(), "look for a stray quote")
			continue
		case err != nil:
			return &harbour.Error{Kind: harbour.ErrUnreadable, Op: "read sheet", Message: "reading stopped", Err: err}
		}
		if l.Evidence.Records&0xfff == 0 && ctx.Err() != nil {
			return cancelled(ctx.Err())
		}
		if !t.add(line, cells) {
			return nil
		}
	}
}

var errLongRow = errors.New("row too long")

// bounded refuses to deliver more than left bytes before it is set again.
type bounded struct {
	r    io.Reader
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLongRow
	}
	if len(p) > b.left {
		p = p[:b.left]
	}
	n, err := b.r.Read(p)
	b.left -= n
	return n, err
}
