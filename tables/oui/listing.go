// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package oui

import (
	_ "embed"
	"strings"
)

// builtin is the table of the program. It is searched as it lies in the file: a run names some hundred addresses, and
// need not take sixty thousand lines apart for them.
//
//go:embed oui.txt
var builtin listing

// listing is a table as text: a first line that states the date, then lines of a prefix in lower-case hexadecimal, a
// space and a name, sorted, each prefix once.
type listing string

// date is what stands behind "as of" in the first line.
func (l listing) date() string {
	head, _, _ := strings.Cut(string(l), "\n")
	_, date, _ := strings.Cut(head, "as of ")
	return date
}

// find names the holder of an address, the longest assignment first.
func (l listing) find(mac [6]byte) (vendor string, ok bool) {
	const digits = "0123456789abcdef"
	var hex [12]byte
	for i, b := range mac {
		hex[2*i], hex[2*i+1] = digits[b>>4], digits[b&15]
	}
	for _, n := range bits {
		if name, ok := l.line(hex[:n/4]); ok {
			return name, true
		}
	}
	return "", false
}

// line looks for the line of a prefix by halving the text.
func (l listing) line(prefix []byte) (name string, ok bool) {
	from, to := strings.IndexByte(string(l), '\n')+1, len(l)
	for from < to {
		middle := from + (to-from)/2
		at := from + strings.LastIndexByte(string(l[from:middle]), '\n') + 1
		end := len(l)
		if n := strings.IndexByte(string(l[at:]), '\n'); n >= 0 {
			end = at + n
		}
		key, name, _ := strings.Cut(string(l[at:end]), " ")
		switch {
		case key == string(prefix):
			return name, true
		case key < string(prefix):
			from = end + 1
		default:
			to = at
		}
	}
	return "", false
}
