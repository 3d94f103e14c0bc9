// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdftest

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Objects are float64, bool, nil, string, Name, Ref, []any, Dict and, for streams, *Stream.
type (
	// Name is what is written with a slash.
	Name string
	// Ref leads to an object.
	Ref int
	// Dict maps names to objects.
	Dict map[Name]any
	// word is an operator or a keyword.
	word string
)

// Stream is a dictionary with unpacked data.
type Stream struct {
	Dict Dict
	Data []byte
}

var errShort = errors.New("ends in the middle of an object")

// lexer reads objects from bytes.
type lexer struct {
	b  []byte
	at int
}

func space(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func delimiter(c byte) bool { return space(c) || bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

func (l *lexer) skip() {
	for l.at < len(l.b) {
		switch {
		case space(l.b[l.at]):
			l.at++
		case l.b[l.at] == '%':
			for l.at < len(l.b) && l.b[l.at] != '\n' {
				l.at++
			}
		default:
			return
		}
	}
}

// next reads an object or a word; io.EOF where nothing follows.
func (l *lexer) next() (any, error) {
	l.skip()
	if l.at >= len(l.b) {
		return nil, io.EOF
	}
	rest := l.b[l.at:]
	switch c := rest[0]; {
	case bytes.HasPrefix(rest, []byte("<<")):
		l.at += 2
		return l.dict()
	case c == '<':
		end := bytes.IndexByte(rest, '>')
		if end < 0 {
			return nil, errShort
		}
		l.at += end + 1
		s, err := hex.DecodeString(string(rest[1:end]))
		return string(s), err
	case c == '(':
		end := bytes.IndexByte(rest, ')') // the files have no parentheses in strings
		if end < 0 {
			return nil, errShort
		}
		l.at += end + 1
		return string(rest[1:end]), nil
	case c == '[':
		l.at++
		return l.array()
	case c == '/':
		return Name(l.run(1)), nil
	case bytes.IndexByte([]byte("]>{})"), c) >= 0:
		l.at++
		return word(c), nil
	case c == '-' || c == '.' || c >= '0' && c <= '9':
		return l.number()
	}
	switch w := l.run(0); w {
	case "true":
		return true, nil
	case "false":
		return false, nil
	case "null":
		return nil, nil
	default:
		return word(w), nil
	}
}

func (l *lexer) run(from int) string {
	end := l.at + from
	for end < len(l.b) && !delimiter(l.b[end]) {
		end++
	}
	s := string(l.b[l.at+from : end])
	l.at = max(end, l.at+1)
	return s
}

// number reads a number, or a reference if it is one.
func (l *lexer) number() (any, error) {
	v, err := strconv.ParseFloat(l.run(0), 64)
	if err != nil {
		return nil, err
	}
	if tail := l.b[l.at:]; bytes.HasPrefix(tail, []byte(" 0 R")) && (len(tail) == 4 || delimiter(tail[4])) {
		l.at += 4
		return Ref(v), nil
	}
	return v, nil
}

func (l *lexer) array() (any, error) {
	list := []any{}
	for {
		v, err := l.next()
		if err != nil {
			return nil, errShort
		}
		if v == word("]") {
			return list, nil
		}
		list = append(list, v)
	}
}

func (l *lexer) dict() (any, error) {
	d := Dict{}
	for {
		l.skip()
		if bytes.HasPrefix(l.b[l.at:], []byte(">>")) {
			l.at += 2
			return d, nil
		}
		k, err := l.next()
		if err != nil {
			return nil, errShort
		}
		name, ok := k.(Name)
		if !ok {
			return nil, fmt.Errorf("%v is no key of a dictionary", k)
		}
		if d[name], err = l.next(); err != nil {
			return nil, errShort
		}
	}
}

// indirect reads an object with its number, as it stands in the file.
func indirect(b []byte, at int) (id int, v any, err error) {
	if at < 0 || at >= len(b) {
		return 0, nil, fmt.Errorf("offset %d is outside the file", at)
	}
	l := &lexer{b: b, at: at}
	n, err := l.next()
	if err != nil {
		return 0, nil, err
	}
	num, _ := n.(float64)
	_, _ = l.next() // generation
	if w, _ := l.next(); w != word("obj") {
		return 0, nil, fmt.Errorf("no object at %d", at)
	}
	if v, err = l.next(); err != nil {
		return 0, nil, err
	}
	d, isDict := v.(Dict)
	l.skip()
	if !isDict || !bytes.HasPrefix(l.b[l.at:], []byte("stream\n")) {
		return int(num), v, nil
	}
	length, _ := d["Length"].(float64)
	from := l.at + len("stream\n")
	if from+int(length) > len(b) || !bytes.HasPrefix(b[from+int(length):], []byte("\nendstream")) {
		return 0, nil, fmt.Errorf("object %v: the stream is not as long as it says", num)
	}
	data := b[from : from+int(length)]
	if d["Filter"] == Name("FlateDecode") {
		z, err := zlib.NewReader(bytes.NewReader(data))
		if err != nil {
			return 0, nil, err
		}
		if data, err = io.ReadAll(z); err != nil {
			return 0, nil, err
		}
	}
	return int(num), &Stream{d, data}, nil
}
