// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
)

// Text comes from devices, files and requests, and may hold anything. Neither engine keeps a zero byte in a text, and
// PostgreSQL keeps no text that is not UTF-8; a statement with one would fail as a whole, and one device with a strange
// name would keep the inventory from being published. So such bytes become U+FFFD wherever text enters a statement.

// storable gives the text as a database keeps it.
func storable(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "\ufffd")
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	return s
}

// storableRows makes the texts of rows storable. Rows that need it are copied, the others are used as they are.
func storableRows(rows [][]any) [][]any {
	for i, r := range rows {
		copied := false
		for j, v := range r {
			s, ok := v.(string)
			if !ok {
				continue
			}
			if t := storable(s); t != s {
				if !copied {
					r = append([]any(nil), r...)
					rows[i], copied = r, true
				}
				r[j] = t
			}
		}
	}
	return rows
}

type sqliteText struct{ *sqlitedialect.Dialect }

// AppendString writes a text into a statement.
func (d sqliteText) AppendString(b []byte, s string) []byte {
	return d.Dialect.AppendString(b, storable(s))
}

type postgresText struct{ *pgdialect.Dialect }

// AppendString writes a text into a statement.
func (d postgresText) AppendString(b []byte, s string) []byte {
	return d.Dialect.AppendString(b, storable(s))
}
