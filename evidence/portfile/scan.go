// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package portfile

import (
	"bytes"
	"fmt"

	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// The time of the YAML parser grows with the square of nesting and of the fields of one mapping, and its memory is
// hundreds of times a short value. The tokens are therefore looked at before it sees them.
const (
	maxNesting    = 40  // levels of indentation and brackets
	maxFields     = 500 // of one mapping
	perToken      = 450 // bytes that a token takes with its share of the tree
	leastTokens   = 100_000
	defaultMemory = 256 << 20
)

// scan splits the file into tokens and refuses what no port file needs.
func (f *file) scan(b []byte, memory int64) token.Tokens {
	limit := max(memory/perToken, leastTokens)
	if n := 2 * separators(b); n > limit {
		f.fault(position{1, 1}, fmt.Sprintf("the file holds more than %d values", limit), "put the inventory into a spreadsheet")
		return nil
	}
	tokens := lexer.Tokenize(string(b))
	var s shape
	for i, t := range tokens {
		if text := s.next(tokens, i, t); text != "" {
			f.fault(position{t.Position.Line, t.Position.Column}, text, "")
			return nil
		}
	}
	return tokens
}

// separators counts the bytes that can part values; there are at most twice as many tokens.
func separators(b []byte) (n int64) {
	for _, c := range []byte("\n,[]{}'\"?&*!") {
		n += int64(bytes.Count(b, []byte{c}))
	}
	return n + int64(bytes.Count(b, []byte(": "))+bytes.Count(b, []byte("- ")))
}

// level is one level of nesting: its column, or 0 within brackets, and how many fields it has.
type level struct{ column, fields int }

// shape follows the nesting of a file.
type shape struct {
	levels   []level
	brackets int
}

// next takes a token and says what is wrong with the shape of the file.
func (s *shape) next(tokens token.Tokens, i int, t *token.Token) string {
	switch t.Type {
	case token.MappingStartType, token.SequenceStartType:
		s.brackets++
		s.levels = append(s.levels, level{})
	case token.MappingEndType, token.SequenceEndType:
		for n := len(s.levels); s.brackets > 0 && n > 0; {
			n--
			bracket := s.levels[n].column == 0
			if s.levels = s.levels[:n]; bracket {
				s.brackets--
				break
			}
		}
	case token.SequenceEntryType:
		s.at(t.Position.Column)
	case token.MappingKeyType:
		return "the sign ? for a key is not used in a port file"
	case token.MappingValueType:
		column := t.Position.Column
		if i > 0 {
			column = tokens[i-1].Position.Column
		}
		s.at(column)
		n := len(s.levels) - 1
		if n < 0 {
			return ""
		}
		if s.levels[n].fields++; s.levels[n].fields > maxFields {
			return fmt.Sprintf("more than %d fields in one place", maxFields)
		}
	}
	if len(s.levels) > maxNesting {
		return "nested too deeply"
	}
	return ""
}

// at makes the level at a column the last one. Within brackets columns mean nothing.
func (s *shape) at(column int) {
	if s.brackets > 0 {
		return
	}
	n := len(s.levels)
	for n > 0 && s.levels[n-1].column > column {
		n--
	}
	if s.levels = s.levels[:n]; n == 0 || s.levels[n-1].column < column {
		s.levels = append(s.levels, level{column: column})
	}
}
