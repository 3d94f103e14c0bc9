// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidencepack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Canonical writes JSON in its one form: that of RFC 8785, for values without fractions and exponents. Two texts that mean the same
// have the same form, and a text that could be read in two ways (a name that comes twice) has none.
//
// Errors: where b is not one JSON value, or holds a number that is not a whole one.
func Canonical(b []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the value")
	}
	return canonical(nil, v)
}

func canonical(to []byte, v any) (_ []byte, err error) {
	switch x := v.(type) {
	case nil:
		return append(to, "null"...), nil
	case bool:
		return strconv.AppendBool(to, x), nil
	case json.Number:
		n, err := strconv.ParseInt(string(x), 10, 64)
		if err != nil || n > 1<<53 || n < -1<<53 {
			return nil, fmt.Errorf("%s is not a whole number that everybody reads alike", x)
		}
		return strconv.AppendInt(to, n, 10), nil
	case string:
		return quote(to, x), nil
	case []any:
		to = append(to, '[')
		for i, e := range x {
			if i > 0 {
				to = append(to, ',')
			}
			if to, err = canonical(to, e); err != nil {
				return nil, err
			}
		}
		return append(to, ']'), nil
	case map[string]any:
		to = append(to, '{')
		for i, name := range slices.Sorted(maps.Keys(x)) {
			if i > 0 {
				to = append(to, ',')
			}
			to = append(quote(to, name), ':')
			if to, err = canonical(to, x[name]); err != nil {
				return nil, err
			}
		}
		return append(to, '}'), nil
	}
	return nil, errors.New("no JSON")
}

// quote escapes what must be and nothing else.
func quote(to []byte, s string) []byte {
	to = append(to, '"')
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		short := byte(0)
		switch r {
		case '"', '\\':
			short = byte(r)
		case '\b':
			short = 'b'
		case '\t':
			short = 't'
		case '\n':
			short = 'n'
		case '\f':
			short = 'f'
		case '\r':
			short = 'r'
		}
		switch {
		case short != 0:
			to = append(to, '\\', short)
		case r < 0x20:
			to = fmt.Appendf(to, `\u%04x`, r)
		default:
			to = utf8.AppendRune(to, r)
		}
		i += n
	}
	return append(to, '"')
}
