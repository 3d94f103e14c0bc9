// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package portfile

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"

	"breakwater/evidence"
	"breakwater/harbour"
)

// MaxSize is the largest port file in bytes.
const MaxSize = 8 << 20

// Kind reads port files.
type Kind struct{}

var _ evidence.Kind = Kind{}

// Kind names the evidence kind.
func (Kind) Kind() harbour.EvidenceKind { return harbour.EvidencePortFile }

// Recognise takes text that starts as a YAML mapping with the port's name or one of its lists as a key at the left edge,
// and no other key before it.
func (Kind) Recognise(head []byte) string {
	head = bytes.TrimPrefix(head, []byte("\ufeff"))
	if !utf8.Valid(trimRune(head)) || bytes.IndexByte(head, 0) >= 0 {
		return ""
	}
	known := fieldNames(reflect.TypeFor[harbour.Port]())
	hits := 0
	for line := range strings.Lines(string(head)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' || line[0] == ' ' || line[0] == '\t' || line[0] == '-' {
			if strings.HasPrefix(line, "- ") && hits == 0 {
				return ""
			}
			continue
		}
		key, _, ok := strings.Cut(line, ":")
		if !ok {
			return ""
		}
		if _, ok := known[key]; !ok {
			if hits < 2 {
				return ""
			}
			continue // a misspelt key of a port file: strict decoding will name it
		}
		if hits++; hits >= 3 {
			break
		}
	}
	if hits == 0 || hits == 1 && !bytes.Contains(head, []byte("\nzones:")) && !bytes.HasPrefix(head, []byte("zones:")) && !bytes.HasPrefix(head, []byte("organisations:")) {
		return ""
	}
	return "port file"
}

// trimRune cuts an incomplete rune off the end of a head that was cut.
func trimRune(b []byte) []byte {
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

// Read parses the port file into l.Port and declares its assets.
func (Kind) Read(_ context.Context, src *evidence.Source, l *evidence.Ledger) error {
	b, err := io.ReadAll(io.LimitReader(src.Reader, MaxSize+1))
	if err != nil {
		return &harbour.Error{Kind: harbour.ErrUnreadable, Op: "read port file", Message: "the file cannot be read", Err: err}
	}
	if len(b) > MaxSize {
		return &harbour.Error{Kind: harbour.ErrInvalid, Op: "read port file", Message: fmt.Sprintf("%s is larger than %d MiB", src.Path, MaxSize>>20), Hint: "put the inventory into a spreadsheet"}
	}
	f, problems := parse(b, src.Memory)
	if len(f.errors) > 0 {
		return f.failure(src.Path)
	}
	for _, p := range problems {
		l.Problem(p)
	}
	l.Port = f.port
	l.Entries = map[string]evidence.Place{}
	for path, at := range f.at {
		if strings.Count(path, "[") == 1 && strings.HasSuffix(path, "]") {
			l.Entries[path] = evidence.Place(at.line)
		}
	}
	l.Places = evidence.PlaceWords{Unit: "line"}
	l.Evidence.Records = entries(f.port)
	for i := range f.port.Assets {
		l.Declare(&f.port.Assets[i], uint32(i+1), evidence.Place(f.at[fmt.Sprintf("assets[%d]", i)].line))
	}
	return nil
}

// entries counts the entries of all lists.
func entries(p *harbour.Port) (n int64) {
	v := reflect.ValueOf(*p)
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Slice {
			n += int64(f.Len())
		}
	}
	return n
}
