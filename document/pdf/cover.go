// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

// cover sets the first page: whose assessment this is, its marking, and what it rests on.
func (c *composer) cover(n *node, in scope) {
	w := c.width(in)
	f := &flow{s: c.s, x: in.x, w: w}
	accent, line := c.s.ink["accent"], c.s.ink["line-2"]
	f.items = append(f.items, c.wordmark(0, 8)...)
	f.y = 168
	f.items = append(f.items, item{kind: shapeItem, x: 0, y: f.y, w: 64, shape: &shape{path: []step{{op: 'M'}, {'L', [6]float64{64}}}, stroke: &accent, width: 3}})
	f.y += 16
	var stamp, facts *node
	var walk func(n *node)
	walk = func(n *node) {
		for _, k := range n.kids {
			switch {
			case k.tag == "h1":
				h := c.s.enter(in.inherited, k)
				h.look.size, h.look.lead, h.elem = 30, 1.2, c.s.within(in.elem, k)
				f.kids(k, h)
				f.y += 8
			case k.is("stamp"):
				stamp = k
			case k.tag == "p":
				p := in.inherited
				p.look.size, p.look.ink, p.elem = 15, c.s.ink["text-2"], c.s.within(in.elem, k)
				f.kids(k, p)
			case k.tag == "dl":
				facts = k
			default:
				walk(k)
			}
		}
	}
	walk(n)
	if stamp != nil {
		f.y += 30
		p := c.s.enter(in.inherited, stamp)
		p.look.size, p.elem = 12, c.s.within(in.elem, stamp)
		in := f.child(12, w-24)
		in.kids(stamp, p)
		wide := 0.0
		for _, i := range in.items {
			wide = max(wide, i.x+i.w-in.x)
		}
		f.items = append(f.items, box(f.x, f.y-6, wide+24, in.y+12, 3, nil, &line))
		f.add(in)
		f.y += in.y + 6
	}
	if facts != nil {
		f.y = max(f.y+40, 400)
		c.coverFacts(f, facts, in)
	}
	c.put(&unit{items: f.items, h: f.y, ids: n.ids(nil), elems: c.s.take(), marks: []bookmark{{level: 0, title: "Cover"}}}, in)
}

// coverFacts sets terms beside their meanings, parted by lines.
func (c *composer) coverFacts(f *flow, n *node, in scope) {
	line := c.s.ink["line"]
	list := c.s.elem("L", in.elem)
	for _, k := range n.kids {
		if k.tag != "div" {
			continue
		}
		f.items = append(f.items, rule(f.x, f.y, f.w, line))
		f.y += 7
		entry := in.inherited
		entry.elem = c.s.entry(list)
		entry.look.size = 10.5
		term, meaning := f.child(0, 120), f.child(126, f.w-126)
		term.y = 1.1 // onto one line: a term is set a little smaller
		for _, p := range k.kids {
			switch p.tag {
			case "dt":
				term.block(p, entry)
			case "dd":
				meaning.block(p, entry)
			}
		}
		f.add(term)
		f.add(meaning)
		f.y += max(term.y, meaning.y) + 7
	}
	f.items = append(f.items, rule(f.x, f.y, f.w, line))
}

// wordmark draws the sign and the name of the program. They adorn; who made the document is said in words.
func (c *composer) wordmark(x, y float64) []item {
	accent := c.s.ink["accent"]
	const k = 26.0 / 24
	p := func(op byte, v ...float64) step {
		s := step{op: op}
		for i := range v {
			s.p[i] = v[i] * k
		}
		return s
	}
	path := []step{
		p('M', 2, 19), p('C', 4.5, 19, 4.5, 17, 7, 17), p('C', 9.5, 17, 9.5, 19, 12, 19), p('C', 14.5, 19, 14.5, 17, 17, 17), p('C', 19.5, 17, 19.5, 19, 22, 19),
		p('M', 3, 13), p('L', 21, 13), p('M', 5.5, 13), p('L', 9, 5), p('L', 15, 5), p('L', 18.5, 13), p('M', 8, 9), p('L', 16, 9),
	}
	size := 15.0
	return []item{
		{kind: shapeItem, x: x, y: y, w: 26, h: 26, shape: &shape{path: path, stroke: &accent, width: 1.9}},
		{x: x + 34, y: y, w: 90, h: 26, base: 18, text: "Breakwater", look: look{bold, size, 1, c.s.ink["text"]}},
	}
}

// list sets the contents, which the page has at its side, behind the cover.
func (c *composer) list(in scope) {
	n := c.contents
	if n == nil {
		return
	}
	c.contents = nil
	c.p.breakPage()
	toc := &elem{role: "TOC", parent: in.elem}
	var walk func(n *node)
	walk = func(n *node) {
		for _, k := range n.kids {
			switch {
			case k.tag == "" || hidden(k):
			case k.tag == "summary":
				h := in.inherited
				h.look = look{bold, 14.5, 1.3, c.s.ink["text"]}
				h.elem = c.s.elem("H2", in.elem)
				f := &flow{s: c.s, x: in.x, w: c.width(in)}
				f.kids(k, h)
				c.put(&unit{items: f.items, h: f.y + 8, elems: c.s.take(), next: true, marks: []bookmark{{level: 0, title: k.words()}}}, in)
			case k.tag == "a" || k.is("sub"):
				c.contentsLine(k, in, toc)
			default:
				walk(k)
			}
		}
	}
	walk(n)
	c.p.flush()
	toc.write(c.p.f, c.p.root)
}

// contentsLine sets one line of the contents. The number of the page follows when it is known.
func (c *composer) contentsLine(n *node, in scope, toc *elem) {
	const number = 34.0 // room for the number
	lc := in.inherited
	indent, before := 0.0, 5.0
	lc.look = look{bold, 10, 1.5, c.s.ink["text"]}
	if n.is("sub") {
		indent, before = 14, 0
		lc.look = look{regular, 9, 1.45, c.s.ink["text-2"]}
	}
	lc.cell = true // the line looks as the others do, though it leads somewhere
	lc.elem = c.s.elem("TOCI", toc)
	f := &flow{s: c.s, x: in.x + indent, w: c.width(in) - indent - number}
	lc = c.s.enter(lc, n)
	lc.elem = c.s.within(lc.elem, n)
	f.runs(c.s.flatten(n, lc), left)
	u := &unit{items: f.items, h: f.y, before: before, keep: true, elems: c.s.take()}
	if lc.link != "" && len(f.items) > 0 {
		last := f.items[len(f.items)-1]
		look := lc.look
		u.number = &pageNumber{x: in.x + c.width(in), y: last.y + last.base, from: last.x + last.w + 6, look: look, to: lc.link}
	}
	c.put(u, in)
}
