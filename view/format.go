// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"breakwater/harbour"
)

// thin is the narrow no-break space that groups digits.
const thin = "\u202f"

// Number writes n with its digits in groups of three: 12 345.
func Number[N ~int | ~int64 | ~int32 | ~uint8](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "−", s[1:]
	}
	if len(s) <= 4 {
		return sign + s
	}
	var b strings.Builder
	b.WriteString(sign)
	head := len(s) % 3
	b.WriteString(s[:head])
	for i := head; i < len(s); i += 3 {
		if i > 0 {
			b.WriteString(thin)
		}
		b.WriteString(s[i : i+3])
	}
	return b.String()
}

// Count writes n and the noun in the right number.
func Count[N ~int | ~int64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + many
}

// Bytes writes a size in decimal units with at most three digits: 1.24 GB.
func Bytes(n int64) string {
	if n < 1000 {
		return Number(n) + " B"
	}
	f := float64(n)
	unit := -1
	// 999.5 would be printed with four digits.
	for f >= 999.5 && unit < 5 {
		f /= 1000
		unit++
	}
	digits := 0
	switch {
	case f < 9.995:
		digits = 2
	case f < 99.95:
		digits = 1
	}
	return strconv.FormatFloat(f, 'f', digits, 64) + " " + [...]string{"kB", "MB", "GB", "TB", "PB", "EB"}[unit]
}

const instantForm = "2006-01-02 15:04:05"

// Instant writes a moment to the second in UTC, or "not known".
func Instant(i harbour.Instant) string {
	if !i.Known() {
		return "not known"
	}
	return i.Time().Format(instantForm) + " UTC"
}

// Span writes from and to as one, naming the day once where it is the same.
func Span(from, to harbour.Instant) string {
	switch {
	case !from.Known() && !to.Known():
		return "not known"
	case !to.Known() || from == to:
		return Instant(from)
	case !from.Known():
		return "until " + Instant(to)
	}
	a, b := from.Time(), to.Time()
	first, last := a.Format(instantForm), b.Format(instantForm)
	if first == last {
		return first + " UTC"
	}
	if first[:10] == last[:10] {
		return first + " – " + last[11:] + " UTC"
	}
	return first + " – " + last + " UTC"
}

// Plain makes text that came from evidence safe to read: characters that cannot be seen or that change the order of
// what follows are written as their code point, and text of more than limit characters is cut with its length said.
func Plain(s string, limit int) string {
	if len(s) <= limit && clean(s) {
		return s
	}
	var b strings.Builder
	n := 0
	for i, r := range s {
		if n == limit {
			fmt.Fprintf(&b, "… (%s characters)", Number(utf8.RuneCountInString(s)))
			break
		}
		n++
		switch {
		case r == utf8.RuneError && !validAt(s[i:]):
			fmt.Fprintf(&b, "\\x%02x", s[i])
		case r == '\n' || r == '\t' || r == '\r':
			b.WriteByte(' ')
		case hidden(r):
			fmt.Fprintf(&b, "\\u{%04x}", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func clean(s string) bool {
	for i, r := range s {
		if hidden(r) || r == utf8.RuneError && !validAt(s[i:]) {
			return false
		}
	}
	return true
}

func validAt(s string) bool {
	_, size := utf8.DecodeRuneInString(s)
	return size > 1
}

// hidden tells characters that have no shape of their own: controls, line separators, directional overrides and other
// format characters, private use, and what HTML forbids. Joiners stay, for scripts and names need them.
func hidden(r rune) bool {
	switch r {
	case '\u200c', '\u200d', '\u00ad':
		return false
	case '\u2028', '\u2029':
		return true
	}
	if r < 0x20 || r >= 0x7f && r < 0xa0 {
		return true
	}
	if r < 0x300 {
		return false
	}
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r) || r&0xfffe == 0xfffe || r >= 0xfdd0 && r <= 0xfdef
}

// Clip cuts text to limit characters with an ellipsis, for places where the whole text stands beside it.
func Clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	n := 0
	for i := range s {
		if n == limit-1 {
			if utf8.RuneCountInString(s[i:]) <= 1 {
				return s
			}
			return s[:i] + "…"
		}
		n++
	}
	return s
}

// Anchor makes an id usable in an id attribute and after "#": letters, digits, dash, dot, colon and underscore stay,
// other bytes become "~" and two hex digits. Different ids give different anchors.
func Anchor(id string) string {
	for i := 0; i < len(id); i++ {
		if !anchorByte(id[i]) {
			return escapeAnchor(id)
		}
	}
	return id
}

func anchorByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' || c == ':'
}

func escapeAnchor(id string) string {
	const hex = "0123456789abcdef"
	var b strings.Builder
	for i := 0; i < len(id); i++ {
		c := id[i]
		if anchorByte(c) {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'~', hex[c>>4], hex[c&15]})
	}
	return b.String()
}
