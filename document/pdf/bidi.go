// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"slices"
	"unicode"

	"golang.org/x/text/unicode/bidi"
)

// turns says whether text may hold what runs from right to left.
func turns(s string) bool {
	for _, r := range s {
		if r >= 0x590 && (unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko) || r >= 0xfb1d && r <= 0xfefc || r >= 0x10800 && r < 0x11000 || r >= 0x1e800 && r < 0x1f000) {
			return true
		}
	}
	return false
}

// visual puts text in the order in which it is seen on a line that runs from left to right. It follows the Unicode
// bidirectional algorithm (UAX 9) for text without embeddings, whose controls our pages write out as code points; the
// library knows the classes of characters, but leaves the order of numbers and brackets to its callers.
func visual(s string) string {
	text := []rune(s)
	levels := levelsOf(text)
	// Rule L2: from the highest level down, what is at that level or above is turned.
	for level := 2; level > 0; level-- {
		for from := 0; from < len(text); from++ {
			to := from
			for to < len(text) && levels[to] >= level {
				to++
			}
			if to > from {
				slices.Reverse(text[from:to])
				slices.Reverse(levels[from:to])
				from = to
			}
		}
	}
	for i := 0; i < len(text); i++ {
		if levels[i] != 1 {
			continue
		}
		if p, _ := bidi.LookupRune(text[i]); p.IsBracket() {
			text[i] = []rune(bidi.ReverseString(string(text[i])))[0]
		}
		// Rule L3: marks stay behind what they are set on.
		base := i
		for base < len(text) && levels[base] == 1 && unicode.Is(unicode.Mn, text[base]) {
			base++
		}
		if base > i && base < len(text) && levels[base] == 1 {
			slices.Reverse(text[i : base+1])
			i = base
		}
	}
	return string(text)
}

// levelsOf gives the level of each character: 0 from left to right, 1 from right to left, 2 numbers among the latter.
func levelsOf(text []rune) []int {
	class := make([]bidi.Class, len(text))
	for i, r := range text {
		p, _ := bidi.LookupRune(r)
		class[i] = p.Class()
	}
	weak(class)
	brackets(text, class)
	neutral(class)
	levels := make([]int, len(text))
	for i, c := range class {
		switch c {
		case bidi.R:
			levels[i] = 1
		case bidi.EN, bidi.AN:
			levels[i] = 2
		}
	}
	for i := len(text) - 1; i >= 0 && unicode.IsSpace(text[i]); i-- {
		levels[i] = 0 // rule L1
	}
	return levels
}

// weak applies the rules W1 to W7.
func weak(class []bidi.Class) {
	before, strong, arabic := bidi.L, bidi.L, false
	for i, c := range class {
		switch c {
		case bidi.NSM, bidi.BN:
			c = before
		case bidi.EN:
			if arabic {
				c = bidi.AN
			}
		case bidi.AL:
			arabic, c = true, bidi.R
		case bidi.L, bidi.R:
			arabic = false
		}
		class[i], before = c, c
	}
	for i := 1; i+1 < len(class); i++ {
		if a, b := class[i-1], class[i+1]; a == b && (class[i] == bidi.ES && a == bidi.EN || class[i] == bidi.CS && (a == bidi.EN || a == bidi.AN)) {
			class[i] = a
		}
	}
	for i := 0; i < len(class); i++ {
		end := i
		for end < len(class) && class[end] == bidi.ET {
			end++
		}
		if end > i {
			number := i > 0 && class[i-1] == bidi.EN || end < len(class) && class[end] == bidi.EN
			for ; i < end; i++ {
				if class[i] = bidi.ON; number {
					class[i] = bidi.EN
				}
			}
			i--
		}
	}
	for i, c := range class {
		switch c {
		case bidi.L, bidi.R:
			strong = c
		case bidi.EN:
			if strong == bidi.L {
				class[i] = bidi.L
			}
		case bidi.AN:
		default:
			class[i] = bidi.ON
		}
	}
}

// side is the direction that a class has for what stands beside it; ON where it has none.
func side(c bidi.Class) bidi.Class {
	if c == bidi.EN || c == bidi.AN {
		return bidi.R
	}
	return c
}

// brackets applies rule N0: a pair of brackets goes with what is in it.
func brackets(text []rune, class []bidi.Class) {
	type pair struct{ from, to int }
	var open []int
	var pairs []pair
	for i, r := range text {
		p, _ := bidi.LookupRune(r)
		switch {
		case !p.IsBracket() || class[i] != bidi.ON:
		case p.IsOpeningBracket():
			if len(open) == 63 {
				return // as the rule says
			}
			open = append(open, i)
		default:
			closes := []rune(bidi.ReverseString(string(r)))[0]
			for j := len(open) - 1; j >= 0; j-- {
				if text[open[j]] == closes {
					pairs = append(pairs, pair{open[j], i})
					open = open[:j]
					break
				}
			}
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int { return a.from - b.from })
	for _, p := range pairs {
		inner := bidi.ON
		for _, c := range class[p.from+1 : p.to] {
			if s := side(c); s == bidi.L {
				inner = bidi.L
				break
			} else if s == bidi.R {
				inner = bidi.R
			}
		}
		if inner == bidi.R { // goes with what is before it, if that runs the same way
			inner = bidi.L
			for i := p.from - 1; i >= 0; i-- {
				if s := side(class[i]); s != bidi.ON {
					inner = s
					break
				}
			}
		}
		if inner != bidi.ON {
			class[p.from], class[p.to] = inner, inner
		}
	}
}

// neutral applies the rules N1 and N2: what has no direction takes that of both its sides, or that of the line.
func neutral(class []bidi.Class) {
	before := bidi.L
	for i := 0; i < len(class); i++ {
		if class[i] != bidi.ON {
			before = side(class[i])
			continue
		}
		end := i
		for end < len(class) && class[end] == bidi.ON {
			end++
		}
		after := bidi.L
		if end < len(class) {
			after = side(class[end])
		}
		if before != after {
			after = bidi.L
		}
		for ; i < end; i++ {
			class[i] = after
		}
		i--
	}
}
