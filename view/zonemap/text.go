// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package zonemap

import (
	"strings"
	"unicode"

	"breakwater/view"
)

const (
	nameSize = 13
	metaSize = 11
	lineStep = 16
)

// boxText fits the name on at most two lines, and what the box holds and its worst finding on one each.
func boxText(b Box) []Text {
	room := b.Width - 2*textPad
	var out []Text
	for _, s := range wrap(view.Plain(b.Zone.Name, 200), nameSize, room, 2) {
		out = append(out, Text{Class: "name", Text: s})
	}
	meta := view.Count(b.Zone.Members, "asset", "assets")
	if long := b.Zone.Kind + " · " + meta; b.Zone.Kind != "" && Width(long, metaSize) <= room {
		meta = long // else the number says more, and the title of the box has both
	}
	out = append(out, Text{Class: "meta", Text: fit(meta, metaSize, room)})
	if b.Zone.Worst != "" {
		// The mark of the severity stands before the text.
		s := view.Number(b.Zone.Count) + " " + strings.ToLower(view.Severity(b.Zone.Worst).Title)
		out = append(out, Text{Class: "worst", Text: fit(s, metaSize, room-12)})
	}
	y := b.Y + (b.Height-lineStep*len(out))/2 + 12
	for i := range out {
		out[i].Y = y + i*lineStep
	}
	return out
}

// Width estimates how wide text is at a size in pixels; on the safe side for the fonts that pages use.
func Width(s string, size int) int {
	w := 0
	for _, r := range s {
		w += advance(r)
	}
	return (w*size + 999) / 1000
}

// advance is the width of a character in thousandths of its size.
func advance(r rune) int {
	switch {
	case strings.ContainsRune("iljI.,:;'|!", r):
		return 340
	case strings.ContainsRune("frt()[]-/ ·\"", r):
		return 430
	case strings.ContainsRune("mwMW@%", r):
		return 1000
	case r < 0x80 && (unicode.IsLower(r) || unicode.IsDigit(r)):
		return 680
	case r < 0x250 && unicode.IsLower(r):
		return 690
	case r < 0x250:
		return 790
	case unicode.Is(unicode.Mn, r) || r == '\u200d' || r == '\u200c':
		return 0
	case r == '\u202f':
		return 300
	case r >= 0x1100:
		return 1060
	}
	return 800
}

// fit cuts text to the width.
func fit(s string, size, width int) string {
	if Width(s, size) <= width {
		return s
	}
	runes := []rune(s)
	for n := len(runes) - 1; n > 0; n-- {
		if c := strings.TrimRight(string(runes[:n]), " ") + "…"; Width(c, size) <= width {
			return c
		}
	}
	return "…"
}

// wrap breaks text at spaces and after dashes into at most lines lines; the last one is cut.
func wrap(s string, size, width, lines int) []string {
	s = strings.TrimSpace(s)
	var out []string
	for len(out) < lines-1 && Width(s, size) > width {
		best := 0
		for i, r := range s {
			if Width(s[:i], size) > width {
				break
			}
			if i > 0 && (r == ' ' || s[i-1] == '-' || s[i-1] == '_' || s[i-1] == '/') {
				best = i
			}
		}
		if best == 0 {
			break
		}
		out = append(out, strings.TrimSpace(s[:best]))
		s = strings.TrimSpace(s[best:])
	}
	if s == "" && len(out) == 0 {
		s = "(no name)"
	}
	return append(out, fit(s, size, width))
}
