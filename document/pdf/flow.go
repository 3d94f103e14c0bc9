// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

// flow sets blocks below one another in a column.
type flow struct {
	s     *setter
	x, w  float64
	y     float64
	items []item
}

// child is a flow in a part of the width, to be joined by add.
func (f *flow) child(x, w float64) *flow { return &flow{s: f.s, x: f.x + x, w: max(w, 1)} }

func (f *flow) add(c *flow) {
	for _, i := range c.items {
		i.y += f.y
		f.items = append(f.items, i)
	}
}

func (f *flow) runs(runs []run, a align) {
	if len(runs) == 0 {
		return
	}
	items, h := f.s.set(f.items, runs, f.x, f.y, f.w, a)
	f.items = items
	f.y += h
}

// block sets an element and what it holds.
func (f *flow) block(n *node, c inherited) {
	if hidden(n) {
		return
	}
	c = f.s.enter(c, n)
	if n.tag != "svg" && n.tag != "table" {
		c.elem = f.s.within(c.elem, n)
	}
	switch {
	case n.tag == "svg":
		f.drawing(n, c)
	case n.tag == "dl":
		f.definitions(n, c)
	case n.is("kpis"):
		f.grid(n, c, 3, 8, true)
	case n.is("howto"):
		f.grid(n, c, 2, 16, false)
	case n.tag == "table":
		t := &tabler{s: f.s, x: f.x, w: f.w, c: c}
		for _, u := range t.all(n) {
			f.unit(u)
		}
		f.s.made = append(f.s.made, t.parts...)
	case flat(n) || n.tag == "li" && len(n.kids) > 0 && firstElement(n).is("sev"):
		f.runs(f.s.flatten(n, c), c.align)
	case n.tag == "pre":
		pad := f.child(8, f.w-16)
		pad.y = 6
		pad.kids(n, c)
		ground := f.s.ink["sunk"]
		f.items = append(f.items, box(f.x, f.y, f.w, pad.y+6, 4, &ground, nil))
		f.add(pad)
		f.y += pad.y + 6
	default:
		f.kids(n, c)
	}
}

func (f *flow) unit(u *unit) {
	f.y += u.before
	for _, i := range u.items {
		i.y += f.y
		f.items = append(f.items, i)
	}
	f.y += u.h
	f.s.made = append(f.s.made, u.elems...)
}

func firstElement(n *node) *node {
	for _, k := range n.kids {
		if k.tag != "" {
			return k
		}
	}
	return &node{}
}

// kids sets text as lines and blocks as blocks.
func (f *flow) kids(n *node, c inherited) {
	var runs []run
	line := c
	flush := func() {
		f.runs(runs, c.align)
		runs = runs[:0]
	}
	first := true
	for i, k := range n.kids {
		if k.tag != "" && block(k, c) {
			flush()
			if g := gapBefore(n, k); !first {
				f.y += g
			}
			f.block(k, c)
			first = false
			continue
		}
		if len(runs) == 0 {
			line.elem = f.s.paragraph(c.elem)
		}
		runs = f.s.inline(k, line, runs)
		if k.is("item") && later(n.kids[i+1:]) {
			runs = append(runs, run{dot: true, look: c.look})
		}
		if k.tag != "" {
			first = false
		}
	}
	flush()
}

// gapBefore is the room before a block within another.
func gapBefore(n, k *node) float64 {
	switch {
	case n.tag == "td" || n.tag == "th" || n.tag == "dd" || k.is("note"):
		return 0
	case k.tag == "svg" || k.is("legend"):
		return 4
	case k.tag == "li" || k.tag == "dd" || k.tag == "dt":
		return 1.5
	case n.is("cover"):
		return 8
	}
	return 4
}

// later says whether elements of the same kind follow.
func later(kids []*node) bool {
	for _, k := range kids {
		if k.is("item") {
			return true
		}
	}
	return false
}

// inline adds an element to a line.
func (s *setter) inline(n *node, c inherited, runs []run) []run {
	if n.tag == "" {
		if n.text == "" {
			return runs
		}
		return append(runs, run{text: n.text, look: c.look, link: c.link, elem: c.elem, keep: c.keep, pre: c.pre, rows: c.rows})
	}
	if hidden(n) {
		return runs
	}
	c = s.enter(c, n)
	if n.tag != "svg" {
		c.elem = s.within(c.elem, n)
	}
	switch {
	case n.tag == "br":
		return append(runs, run{end: true, look: c.look})
	case n.tag == "svg":
		return append(runs, run{art: n, look: c.look})
	case n.is("tag"):
		return append(runs, run{text: n.words(), look: c.look, link: c.link, elem: c.elem, chip: s.tag(n), keep: true})
	case n.is("sev"):
		return append(runs, run{text: n.words(), look: c.look, link: c.link, elem: c.elem, mark: s.mark(n), keep: true})
	}
	for i, k := range n.kids {
		runs = s.inline(k, c, runs)
		if k.is("item") && later(n.kids[i+1:]) {
			runs = append(runs, run{dot: true, look: c.look})
		}
	}
	return runs
}

// flatten makes one line of an element's parts, with room between them.
func (s *setter) flatten(n *node, c inherited) (runs []run) {
	gap := 8.0
	tab := 0.0
	if n.tag == "li" {
		tab = 54
	}
	text := c
	text.elem = nil
	for _, k := range n.kids {
		if len(runs) > 0 && k.tag != "" {
			r := run{gap: gap, look: c.look}
			if tab > 0 {
				r.gap, r.tab = 4, tab
				tab = 0
			}
			runs = append(runs, r)
		}
		kc := c
		if e := s.within(c.elem, k); e == c.elem && e != nil && e.grouping() {
			if text.elem == nil {
				text.elem = s.paragraph(e)
			}
			kc = text
		} else if k.tag != "" {
			text.elem = nil
		}
		if k.tag == "ul" {
			kc = s.enter(c, k)
			kc.elem = s.within(c.elem, k)
			runs = append(runs, s.flatten(k, kc)...)
			continue
		}
		if k.tag == "li" {
			kc.keep = true
			if m := s.mark(k); m != nil {
				runs = append(runs, run{mark: m, look: c.look})
			}
		}
		runs = s.inline(k, kc, runs)
	}
	return runs
}

// definitions sets a list of terms: in columns where it says facts or stands on the cover, else term beside meaning.
func (f *flow) definitions(n *node, c inherited) {
	var cells []*node
	for _, k := range n.kids {
		if k.tag == "div" {
			cells = append(cells, k)
		}
	}
	if len(cells) > 0 {
		f.facts(n, cells, c)
		return
	}
	term := 0.0
	for _, k := range n.kids {
		if k.tag == "dt" {
			quiet := c
			quiet.elem = nil
			_, w := f.s.measure(f.s.inline(k, quiet, nil))
			term = max(term, w)
		}
	}
	term = min(term+10, f.w*0.4)
	h := 0.0
	entry := c
	for _, k := range n.kids {
		switch k.tag {
		case "dt":
			f.y += h
			entry.elem = f.s.entry(c.elem)
			t := f.child(0, term-6)
			dc := entry
			dc.look.font = regular
			t.block(k, dc)
			f.add(t)
			h = t.y + 2
		case "dd":
			d := f.child(term, f.w-term)
			dc := entry
			dc.look.ink = f.s.ink["text-2"]
			d.block(k, dc)
			f.add(d)
			h = max(h, d.y+2)
		}
	}
	f.y += h
}

// entry makes an element for one entry of a list.
func (s *setter) entry(list *elem) *elem {
	if list == nil {
		return nil
	}
	return s.elem("LI", list)
}

// facts sets a grid of terms, each above its meaning; one below another, beside its meaning, where there is one column.
func (f *flow) facts(n *node, cells []*node, c inherited) {
	columns, gap := 3, 10.0
	if n.is("beside") {
		columns = 1
	}
	var row []*flow
	at := 0
	flush := func() {
		h := 0.0
		for _, r := range row {
			f.add(r)
			h = max(h, r.y)
		}
		if len(row) > 0 {
			f.y += h + 2.5
		}
		row, at = nil, 0
	}
	w := (f.w - gap*float64(columns-1)) / float64(columns)
	for _, k := range cells {
		if k.is("wide") {
			flush()
		}
		cell := f.child(float64(at)*(w+gap), w)
		c := c
		c.elem = f.s.entry(c.elem)
		switch {
		case columns == 1:
			cell = f.child(64, f.w-64)
			t := f.child(0, 60)
			for _, p := range k.kids {
				if p.tag == "dt" {
					t.block(p, c)
				} else if p.tag != "" {
					cell.block(p, c)
				}
			}
			f.add(t)
			cell.y = max(cell.y, t.y)
		case k.is("wide"):
			cell.w = f.w
			fallthrough
		default:
			for _, p := range k.kids {
				if p.tag != "" {
					cell.block(p, c)
				}
			}
		}
		row = append(row, cell)
		if at++; at == columns || k.is("wide") {
			flush()
		}
	}
	flush()
	f.y -= 2.5
}

// grid sets parts side by side, in frames if they are cards.
func (f *flow) grid(n *node, c inherited, columns int, gap float64, cards bool) {
	var parts []*node
	for _, k := range n.kids {
		if k.tag != "" {
			parts = append(parts, k)
		}
	}
	w := (f.w - gap*float64(columns-1)) / float64(columns)
	pad := 0.0
	if cards {
		pad = 8
	}
	for len(parts) > 0 {
		row := parts[:min(columns, len(parts))]
		parts = parts[len(row):]
		var cells []*flow
		h := 0.0
		for i, k := range row {
			cell := f.child(float64(i)*(w+gap)+pad, w-2*pad)
			cell.y = pad
			cell.block(k, c)
			cell.y += pad
			h = max(h, cell.y)
			cells = append(cells, cell)
		}
		for i, cell := range cells {
			if cards {
				line, card := f.s.ink["line"], f.s.ink["card"]
				f.items = append(f.items, box(f.x+float64(i)*(w+gap), f.y, w, h, 5, &card, &line))
			}
			f.add(cell)
		}
		f.y += h
		if len(parts) > 0 {
			f.y += gap
		}
	}
}
