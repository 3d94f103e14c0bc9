// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"unicode"
	"unicode/utf8"
)

// run is a stretch of text in one look, or something that stands among text.
type run struct {
	text string
	look look
	link string
	elem *elem   // what the text belongs to
	chip *chip   // ground behind the text
	mark *colour // a square before the text
	art  *node   // a small drawing
	gap  float64 // room
	tab  float64 // room up to this far from the left
	dot  bool    // a small dot with room on both sides
	end  bool    // the line ends here
	keep bool    // spaces do not end a line
	pre  bool    // spaces and line ends stand as they are
	rows bool    // line ends stand as they are
}

// chip is the ground of a tag.
type chip struct{ fill, stroke *colour }

const (
	chipPad = 3.5
	markPad = 5
)

// piece is the least that is moved when lines are filled.
type piece struct {
	run   int
	text  string
	w     float64
	space bool
	free  bool // a line may end before it
	end   bool // the line ends here
}

// setter fills lines.
type setter struct {
	l    *letters
	ink  ink
	made []*elem // elements that no unit has taken yet

	pieced, lined []piece // room to work in
}

func markSize(k look) float64 { return k.size * 0.68 }

// pieces cuts runs where lines may end. White space counts once, and not at all at either end.
// What it gives is good until it is called again.
func (s *setter) pieces(runs []run) []piece {
	out := s.pieced[:0]
	defer func() { s.pieced = out }()
	space, first := -1, true // the run in which white space was met
	put := func(p piece) {
		if space >= 0 && !first {
			k := runs[space].look
			out = append(out, piece{run: space, text: " ", w: s.l.width(k.font, k.size, " "), space: true})
			if !runs[p.run].keep || !runs[space].keep {
				p.free = true
			}
		}
		space, first = -1, false
		out = append(out, p)
	}
	for i := range runs {
		r := &runs[i]
		switch {
		case r.end:
			out = append(out, piece{run: i, end: true})
			space, first = -1, true
			continue
		case r.gap > 0, r.tab > 0:
			if len(out) > 0 || r.tab > 0 {
				out = append(out, piece{run: i, w: r.gap, space: true})
			}
			space, first = -1, true
			continue
		case r.dot:
			put(piece{run: i, w: 7, space: true})
			first = true
			continue
		case r.art != nil:
			w, _ := artSize(r.art, r.look.size)
			put(piece{run: i, w: w + markPad, free: true})
			continue
		}
		free := len(out) > 0 && (out[len(out)-1].space || r.mark != nil)
		if r.mark != nil {
			put(piece{run: i, w: markSize(r.look) + markPad, free: free})
			free = false
		}
		if r.chip != nil {
			put(piece{run: i, w: chipPad, free: free})
			free = false
		}
		s.words(r, i, free, put, func() { space = i }, func() {
			out = append(out, piece{run: i, end: true})
			space, first = -1, true
		})
		if r.chip != nil {
			out = append(out, piece{run: i, w: chipPad})
		}
	}
	return out
}

// words cuts one run.
func (s *setter) words(r *run, i int, free bool, put func(piece), space, end func()) {
	text := r.text
	start := 0
	flush := func(to int) {
		if to > start {
			w := text[start:to]
			put(piece{run: i, text: w, w: s.l.width(r.look.font, r.look.size, w), free: free})
			free = false
		}
		start = to
	}
	var last rune
	for at, c := range text {
		size := utf8.RuneLen(c)
		if c == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(text[at:])
		}
		switch {
		case c == '\n' && (r.pre || r.rows):
			flush(at)
			start = at + size
			end()
		case r.pre:
		case c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f':
			flush(at)
			start = at + size
			space()
		case at > start && !r.keep && mayBreak(last, c):
			flush(at)
			free = true
		}
		last = c
	}
	flush(len(text))
}

// mayBreak says whether a line may end between two characters that no space parts.
func mayBreak(before, after rune) bool {
	switch before {
	case '-', '–', '—', '/', '_', '\u200b':
		return unicode.IsLetter(after)
	case '→', '·':
		return true
	}
	return ideograph(before) && before != '（' && after != '。' && after != '、' && after != '，' && after != '）' || ideograph(after) && unicode.IsLetter(before)
}

func ideograph(r rune) bool {
	return r >= 0x2e80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

type align uint8

const (
	left align = iota
	right
	centre
)

// measure gives the widths of text: of its widest part that is not broken, and of its longest line.
func (s *setter) measure(runs []run) (least, most float64) {
	var chain, line float64
	for _, p := range s.pieces(runs) {
		if p.end {
			chain, line = 0, 0
			continue
		}
		if p.free || p.space && p.text == "" {
			chain = 0
		}
		if !p.space || p.text != "" {
			chain += p.w
		} else if t := runs[p.run].tab; t > 0 {
			line = max(line, t)
		}
		line += p.w
		least, most = max(least, chain), max(most, line)
	}
	return least, most
}

// set fills lines of a width from y downwards. It adds them to items and gives their height.
func (s *setter) set(items []item, runs []run, x, y, width float64, a align) ([]item, float64) {
	pieces := s.pieces(runs)
	height := 0.0
	for len(pieces) > 0 {
		var line []piece
		line, pieces = s.line(runs, pieces, width)
		var h float64
		items, h = s.place(items, runs, line, x, y+height, width, a)
		height += h
	}
	return items, height
}

// line takes as many pieces as fit. The line it gives is good until it is called again.
func (s *setter) line(runs []run, pieces []piece, width float64) (line, rest []piece) {
	w := 0.0
	line = s.lined[:0]
	defer func() { s.lined = line[:0] }()
	for i := 0; i < len(pieces); {
		p := &pieces[i]
		if p.end {
			return append(line, *p), pieces[i+1:]
		}
		if p.space {
			if t := runs[p.run].tab; t > w {
				p.w = t - w
			}
			line = append(line, *p)
			w += p.w
			i++
			continue
		}
		// What may not be parted goes together.
		n, chain := 1, p.w
		for i+n < len(pieces) && !pieces[i+n].free && !pieces[i+n].end {
			if pieces[i+n].space {
				// A space that is kept holds what stands on both sides of it.
				if i+n+1 == len(pieces) || pieces[i+n].text == "" || pieces[i+n+1].free || pieces[i+n+1].space || pieces[i+n+1].end {
					break
				}
			}
			chain += pieces[i+n].w
			n++
		}
		if w+chain <= width+0.01 {
			line = append(line, pieces[i:i+n]...)
			w += chain
			i += n
			continue
		}
		if chain <= width && len(line) > 0 {
			return line, pieces[i:]
		}
		// Longer than a line: cut where the line ends.
		if len(line) > 0 && width-w < width/4 {
			return line, pieces[i:]
		}
		for ; n > 0 && w+pieces[i].w <= width; n-- {
			line = append(line, pieces[i])
			w += pieces[i].w
			i++
		}
		if n == 0 {
			continue
		}
		p = &pieces[i]
		head, tail := s.cut(runs[p.run].look, p.text, width-w, len(line) == 0)
		if head == "" && len(line) == 0 {
			line = append(line, *p)
			return line, pieces[i+1:]
		}
		if head != "" {
			k := runs[p.run].look
			part := s.l.width(k.font, k.size, head)
			line = append(line, piece{run: p.run, text: head, w: part})
			if tail == "" {
				return line, pieces[i+1:]
			}
			p.text, p.w, p.free = tail, p.w-part, true
		} else {
			p.free = true
		}
		return line, pieces[i:]
	}
	return line, nil
}

// cut takes as much of a word as fits, at least one character where must is set; after a sign where one is near.
func (s *setter) cut(k look, word string, width float64, must bool) (head, tail string) {
	w, at, sign := 0.0, 0, 0
	for i, r := range word {
		w += float64(s.l.glyph(k.font, r).w) * k.size / 1000
		if w > width && (i > 0 || !must) {
			break
		}
		at = i + utf8.RuneLen(max(r, 0))
		if r == utf8.RuneError {
			_, n := utf8.DecodeRuneInString(word[i:])
			at = i + n
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r) {
			sign = at
		}
	}
	if sign > at*2/3 && at < len(word) {
		at = sign
	}
	return word[:at], word[at:]
}

// place turns a line of pieces into items.
func (s *setter) place(items []item, runs []run, line []piece, x, y, width float64, a align) ([]item, float64) {
	parted := false
	for len(line) > 0 && (line[len(line)-1].space || line[len(line)-1].end) {
		parted = true
		line = line[:len(line)-1]
	}
	before := len(items)
	var w, size, height float64
	for _, p := range line {
		k := runs[p.run].look
		w += p.w
		size, height = max(size, k.size), max(height, k.size*k.lead)
		if art := runs[p.run].art; art != nil {
			_, h := artSize(art, k.size)
			height = max(height, h)
		}
	}
	if len(line) == 0 && len(runs) > 0 {
		return items, runs[0].look.size * runs[0].look.lead
	}
	switch a {
	case right:
		x += max(0, width-w)
	case centre:
		x += max(0, (width-w)/2)
	}
	base := (height + 0.72*size) / 2
	for i := 0; i < len(line); {
		r := &runs[line[i].run]
		if n := len(items); n > before && line[i].space && line[i].text == "" && items[n-1].kind == textItem {
			items[n-1].text += " " // the room between parts is a space for those who do not see it
		}
		from, start := i, x
		text := ""
		for ; i < len(line) && line[i].run == line[from].run; i++ {
			text += line[i].text
			x += line[i].w
		}
		items = s.placeRun(items, r, line[from:i], text, start, x, y, base, height)
	}
	// The space at the end of a line is there for those who do not see that the line ends.
	if last := len(items) - 1; parted && last >= before && items[last].kind == textItem {
		items[last].text += " "
	}
	return items, height
}

// placeRun turns the pieces of one run on one line into items, with what stands before, behind and beside the text.
func (s *setter) placeRun(items []item, r *run, pieces []piece, text string, from, to, y, base, height float64) []item {
	k := r.look
	if r.art != nil {
		return append(items, s.art(r.art, from, y, height, k.size)...)
	}
	if r.dot {
		c := s.ink["text-3"]
		return append(items, box((from+to)/2-0.7, y+base-0.3*k.size-0.7, 1.4, 1.4, 0.7, &c, nil))
	}
	if text == "" && r.chip == nil && r.mark == nil {
		return items
	}
	if r.chip != nil {
		items = append(items, box(from, y+base-k.size*0.98, to-from, k.size*1.32, 2.5, r.chip.fill, r.chip.stroke))
	}
	for _, p := range pieces {
		if p.text != "" {
			break
		}
		if r.mark != nil && p.w > markPad {
			m := markSize(k)
			items = append(items, box(from, y+base-0.36*k.size-m/2, m, m, 1.4, r.mark, nil))
		}
		from += p.w
	}
	if text == "" {
		return items
	}
	return append(items, item{x: from, y: y, w: to - from, h: height, text: text, base: base, look: k, link: r.link, elem: r.elem})
}
