// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// headerRows is within how many rows that are not blank the header must stand.
const headerRows = 20

// maxHeading is the length in bytes beyond which a text is no heading, and its row no header.
const maxHeading = 80

// header says what each column holds.
type header struct {
	fields []field
	names  []string // as written
}

// has says whether any column holds f.
func (h *header) has(f field) bool { return slices.Contains(h.fields, f) }

// headingIndex is the table of headings by their compact form.
var headingIndex = sync.OnceValue(func() map[string]field {
	index := map[string]field{}
	for f := range fieldCount { // in order, so that a spelling listed twice always means the same
		for _, s := range headings[f] {
			if c := compact(s); c != "" {
				if _, ok := index[c]; !ok {
					index[c] = f
				}
			}
		}
	}
	return index
})

// compact reduces a heading or a word to its letters and digits: lower case, without accents, spaces, punctuation and
// what stands in brackets.
func compact(s string) string {
	var b strings.Builder
	depth := 0
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case r == '(' || r == '[':
			depth++
		case r == ')' || r == ']':
			depth = max(0, depth-1)
		case depth > 0:
		case r == 'ß':
			b.WriteString("ss")
		case r == 'æ':
			b.WriteString("ae")
		case r == 'ø':
			b.WriteString("o")
		case r == '°' || r == 'º':
			b.WriteString("o")
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// headingOf tells what a column with this heading holds.
func headingOf(s string) field {
	if len(s) > maxHeading || strings.ContainsAny(s, "{}<>=\"") {
		return fieldNone
	}
	c := compact(s)
	if c == "" {
		if strings.TrimSpace(s) == "#" {
			return fieldCounter
		}
		return fieldNone
	}
	index := headingIndex()
	find := func(c string) field {
		if f, ok := index[c]; ok {
			return f
		}
		return index[strings.TrimRight(c, "0123456789")]
	}
	if f := find(c); f != fieldNone {
		return f
	}
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(c, p); ok {
			if f := find(rest); f != fieldNone && f != fieldContrary {
				return f
			}
		}
	}
	for _, p := range suffixes {
		if rest, ok := strings.CutSuffix(c, p); ok {
			if f := find(rest); f != fieldNone && f != fieldContrary {
				return f
			}
		}
	}
	return fieldNone
}

// headerOf reads a row as a header. known counts the different fields that have a column, other the columns with
// another name.
func headerOf(cells []string) (h header, known, other int) {
	h.fields = make([]field, len(cells))
	h.names = make([]string, len(cells))
	for i, c := range cells {
		if c = clean(c); len(c) > maxHeading {
			return header{}, 0, 0
		}
		if rest, ok := strings.CutPrefix(c, "#"); ok && i == 0 && rest != "" {
			if headingOf(rest) == fieldNone {
				return header{}, 0, 0 // a log that marks its own lines: #fields …
			}
			c = strings.TrimSpace(rest)
		}
		h.names[i] = c
		switch h.fields[i] = headingOf(c); {
		case c == "":
		case h.fields[i] == fieldNone:
			other++
		case h.fields[i] == fieldContrary || h.fields[i] == fieldCounter || slices.Contains(h.fields[:i], h.fields[i]):
		default:
			known++
		}
	}
	return h, known, other
}

// identifies says whether a column of the header identifies devices.
func (h *header) identifies() bool {
	for _, f := range []field{fieldName, fieldHostname, fieldTag, fieldSerial, fieldMAC, fieldIP, fieldAddress} {
		if h.has(f) {
			return true
		}
	}
	return false
}

// findHeader finds the header among the first rows of a table: the row that names the most columns. -1 means that the
// table is not an inventory.
func findHeader(rows [][]string) (at int, best header) {
	at = -1
	score := 0
	for i, cells := range rows[:min(len(rows), headerRows)] {
		h, known, other := headerOf(cells)
		if known < 2 || !h.identifies() || known*4 < other {
			continue
		}
		contrary := 0
		for _, f := range h.fields {
			if f == fieldContrary {
				contrary++
			}
		}
		if s := known - 2*contrary; s >= 2 && s > score {
			at, best, score = i, h, s
		}
	}
	if at >= 0 && !convincing(&best, rows[at+1:]) {
		return -1, header{}
	}
	return at, best
}

// inventoryScore is how well rows of separated text look like an inventory, 0 for not at all.
func inventoryScore(rows [][]string) int {
	at, h := findHeader(rows)
	if at < 0 {
		return 0
	}
	below := rows[at+1:]
	even := 0
	for _, cells := range below {
		if d := len(cells) - len(h.fields); d >= -1 && d <= 1 {
			even++
		}
	}
	if even*2 < len(below) {
		return 0 // a sentence, not a table
	}
	n := 0
	for _, f := range h.fields {
		if f != fieldNone && f != fieldCounter && f != fieldContrary {
			n++
		}
	}
	return n
}

// convincing looks at the rows below a header. Columns of addresses must hold addresses. A table in which nothing but a
// name identifies must say more that only devices have, because lists of people, rooms and documents have names too.
func convincing(h *header, rows [][]string) bool {
	if len(rows) > headerRows {
		rows = rows[:headerRows]
	}
	share := func(wanted field, good func(string) bool) (held, fit int) {
		for _, cells := range rows {
			for i, c := range cells {
				if i < len(h.fields) && h.fields[i] == wanted && !placeholder(clean(c)) {
					held++
					if good(c) {
						fit++
					}
				}
			}
		}
		return held, fit
	}
	addresses := 0
	for _, f := range []field{fieldMAC, fieldIP, fieldAddress} {
		if !h.has(f) {
			continue
		}
		held, fit := share(f, func(c string) bool {
			macs, ips, _ := addressesIn(c)
			return len(macs)+len(ips) > 0
		})
		if held > 0 && fit*2 < held || f == fieldAddress && held == 0 {
			continue
		}
		addresses++
	}
	if addresses > 0 || h.has(fieldSerial) || h.has(fieldHostname) && h.has(fieldTag) {
		return true
	}
	hardware := h.has(fieldModel) || h.has(fieldOrder) || h.has(fieldOS) || h.has(fieldHardware)
	if h.has(fieldFirmware) || h.has(fieldVLAN) || hardware && (h.has(fieldVendor) || h.has(fieldHostname) || h.has(fieldTag)) {
		return true
	}
	if h.has(fieldHostname) || h.has(fieldTag) && h.has(fieldName) {
		for _, f := range []field{fieldVendor, fieldKind, fieldLocation, fieldSite, fieldZone, fieldOwner} {
			if h.has(f) {
				return true
			}
		}
	}
	for _, f := range []field{fieldKind, fieldType} {
		if held, fit := share(f, func(c string) bool { k, _ := kindOf(c); return k != "" }); fit > 0 && fit*2 >= held {
			return true
		}
	}
	return false
}
