// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"context"
	"io"
	"slices"
	"strings"
)

// Set reads a page that package document wrote and writes it as PDF.
//
// It stops with the error of ctx, of r or of w. What was written by then is no whole file: the caller should write to
// a temporary file and rename it.
func Set(ctx context.Context, w io.Writer, r io.Reader, o Options) error {
	l, err := newLetters()
	if err != nil {
		return err
	}
	f := newFile(w)
	s := &setter{l: l, ink: readInk()}
	c := &composer{
		ctx: ctx, s: s, p: newPages(f, s), src: newSource(r), o: &o,
		root: &elem{role: "Document"},
	}
	c.around.look, c.around.elem = s.body(), c.root
	c.elements(c.around)
	switch {
	case c.src.err != nil:
		return c.src.err
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return c.p.finish(&o, c.root)
}

// composer walks through a page once and hands its parts on as units. What can be long is set part by part: sections,
// cards, lists and tables; what cannot is read whole.
type composer struct {
	ctx context.Context
	s   *setter
	p   *pages
	src *source
	o   *Options

	root     *elem
	around   scope
	contents *node // the list of contents, until the cover was set
	ids      []string
	opening  bool // the innermost card has not begun yet
	depth    int
	tight    bool // a line across the card was the last
}

// scope is what a part stands in.
type scope struct {
	inherited
	x, right float64 // room taken from the width at the left and at the right
	frames   []frame
	wide     bool
	heads    []*unit // what is repeated on the next page
}

func (c *composer) width(in scope) float64 {
	if in.wide {
		return longSide - 2*sideMargin - in.x - in.right
	}
	return shortSide - 2*sideMargin - in.x - in.right
}

// elements sets what an element holds, up to its end.
func (c *composer) elements(in scope) {
	for c.ctx.Err() == nil {
		kind, n, complete := c.src.next()
		switch {
		case kind == ended || kind == closed:
			return
		case kind == words:
			if strings.TrimSpace(n.text) != "" {
				c.put(c.unit(&node{tag: "p", kids: []*node{n}}, in), in)
			}
		case complete:
			if !hidden(n) {
				c.put(c.unit(n, in), in)
			}
		default:
			c.element(n, &in)
		}
	}
}

// element sets one element.
func (c *composer) element(n *node, in *scope) {
	if hidden(n) {
		c.src.fill(n, 0)
		return
	}
	c.depth++
	defer func() { c.depth-- }()
	switch {
	case c.depth > deepest/4: // no page of ours
		c.src.fill(n, 0)
		c.block(n, *in)
	case n.tag == "html", n.tag == "body", n.tag == "main", n.is("shell"), n.is("scroll") && len(in.frames) > 0:
		c.anchor(n)
		c.elements(*in)
	case n.is("rail"):
		c.src.fill(n, 0)
		c.contents = n
	case n.is("cover"):
		c.src.fill(n, 0)
		c.cover(n, *in)
		c.list(*in)
	case n.tag == "section":
		c.section(n, *in)
	case n.is("card") && !n.any("empty", "howto"):
		c.card(n, *in)
	case n.tag == "table":
		c.table(n, *in)
	case n.tag == "details":
		c.src.fill(n, 0)
		c.details(n, *in)
	case n.is("columns"):
		c.src.fill(n, 0)
		u := c.columns(n, *in, look{regular, 7.5, 1.35, c.s.ink["text-3"]})
		u.next = true
		if c.opening {
			u.shift(3)
		}
		c.put(u, *in)
		in.heads = []*unit{u}
	default:
		c.src.fill(n, 0)
		c.block(n, *in)
	}
}

func (c *composer) anchor(n *node) {
	if id := n.attr("id"); id != "" {
		c.ids = append(c.ids, id)
	}
}

// unit sets an element as one.
func (c *composer) unit(n *node, in scope) *unit {
	f := &flow{s: c.s, x: in.x, w: c.width(in)}
	f.block(n, in.inherited)
	return &unit{items: f.items, h: f.y, ids: n.ids(nil), elems: c.s.take()}
}

// put places a unit with what it stands in.
func (c *composer) put(u *unit, in scope) {
	u.ids = append(c.ids, u.ids...)
	c.ids = nil
	c.tight = false
	u.frames, u.heads, u.wide = in.frames, slices.Concat(in.heads, u.heads), in.wide
	if len(in.frames) > 0 {
		u.opens, c.opening = c.opening, false
	}
	c.p.put(u)
}

// inset is the room between the border of a card and what it holds.
const inset = 10

// block sets an element that is no list, table or card of its own.
func (c *composer) block(n *node, in scope) {
	above, below := 4.0, 4.0
	heads := flat(n) || strings.HasPrefix(n.tag, "h")
	switch {
	case len(in.frames) > 0:
		in.x, in.right = in.x+inset, in.right+inset
		if heads {
			above, below = 7, 3
		}
	case n.any("empty", "howto"):
		c.framed(n, in)
		return
	}
	u := c.unit(n, in)
	u.shift(above)
	u.h += below
	u.next, u.keep = heads, n.is("kpis") || heads
	if n.is("group") {
		u.before = 8
	}
	c.mark(u, n, in)
	c.put(u, in)
	if n.is("kpis") {
		c.p.gap = 9
	}
}

// mark makes an entry of the outline for what has a heading.
func (c *composer) mark(u *unit, n *node, in scope) {
	h := n
	if n.tag == "header" || n.tag == "figcaption" || n.is("head") {
		for _, k := range n.kids {
			if k.tag == "h2" || k.tag == "h3" {
				h = k
				break
			}
		}
	}
	if n.is("group") {
		h = firstElement(n)
		u.marks = append(u.marks, bookmark{level: 1, title: h.words()})
		return
	}
	switch h.tag {
	case "h2":
		u.marks = append(u.marks, bookmark{level: 0, title: h.words()})
	case "h3":
		u.marks = append(u.marks, bookmark{level: 1, title: h.words()})
	}
}

// framed sets an element with a border around it.
func (c *composer) framed(n *node, in scope) {
	outer := c.width(in)
	f := &flow{s: c.s, x: in.x + inset, w: outer - 2*inset, y: inset}
	f.block(n, in.inherited)
	f.y += inset
	line, card := c.s.ink["line"], c.s.ink["card"]
	items := append([]item{box(in.x, 0, outer, f.y, 5, &card, &line)}, f.items...)
	c.put(&unit{items: items, h: f.y, before: 6, keep: true, ids: n.ids(nil), elems: c.s.take()}, in)
}

// section sets a part of the document, on a page of its own.
func (c *composer) section(n *node, in scope) {
	c.p.breakPage()
	c.anchor(n)
	in.wide = wide(n)
	e := &elem{role: "Sect", parent: in.elem}
	in.elem = e
	c.elements(in)
	c.p.flush()
	e.write(c.p.f, c.p.root)
}

// card sets a part with a border around it, which may run over pages.
func (c *composer) card(n *node, in scope) {
	in.wide = in.wide || wide(n)
	c.anchor(n)
	if n.is("map") {
		c.elements(in)
		return
	}
	f := frame{in.x, c.width(in)}
	in.frames = append(slices.Clone(in.frames), f)
	c.opening = true
	c.elements(in)
	if c.opening { // nothing was in it
		c.opening = false
		return
	}
	pad := 4.0
	if c.tight {
		pad = 0
	}
	c.p.closeFrame(f, pad)
	c.p.gap = 9
}

// table sets a table as its rows come.
func (c *composer) table(n *node, in scope) {
	var (
		head bool
		ids  []string
		open = 1
	)
	c.rows(n, in, func() (tableRow, bool) {
		for open > 0 && c.ctx.Err() == nil {
			kind, k, complete := c.src.next()
			switch {
			case kind == ended:
				open = 0
			case kind == closed:
				open--
			case kind == words || complete:
			case k.tag == "thead" || k.tag == "tbody" || k.tag == "tfoot":
				head = k.tag == "thead"
				if id := k.attr("id"); id != "" {
					ids = append(ids, id)
				}
				open++
			case k.tag == "tr":
				c.src.fill(k, 0)
				r := tableRow{k, head, ids}
				ids = nil
				return r, true
			default:
				c.src.fill(k, 0)
			}
		}
		return tableRow{}, false
	})
}

// rows sets the rows of a table.
func (c *composer) rows(n *node, in scope, next func() (tableRow, bool)) {
	t := &tabler{s: c.s, x: in.x, w: c.width(in), c: in.inherited}
	t.run(n, next, func(u *unit) {
		c.put(u, in)
		if u == t.head {
			in.heads = append(slices.Clone(in.heads), u)
		}
	})
	c.tight = in.x == 0
	c.p.flush()
	for _, e := range t.parts {
		e.write(c.p.f, c.p.root)
	}
}

// details sets an entry of a list: its line, and below it what the page shows when it is unfolded.
func (c *composer) details(n *node, in scope) {
	summary, body := n.child("summary"), &node{tag: "div"}
	for _, k := range n.kids {
		switch {
		case k.is("body"):
			body = k
		case k.tag != "summary" && k.tag != "":
			body.kids = append(body.kids, k)
		}
	}
	if summary == nil {
		summary = &node{tag: "summary"}
	}
	u := c.summary(n, summary, in)
	if id := body.attr("id"); id != "" {
		u.ids = append(u.ids, id)
	}
	u.next = len(body.kids) > 0
	c.put(u, in)
	in.x, in.right = in.x+12, in.right+8
	in.heads = nil
	if u.h < 60 {
		in.heads = []*unit{u} // where the entry goes on, it is named again
	}
	if !n.is("finding") {
		in.look.size = 8
	}
	for _, k := range body.kids {
		c.detail(k, n.is("finding"), in)
	}
	c.p.flush()
	c.p.gap = 3
}

// detail sets a part of what is unfolded.
func (c *composer) detail(n *node, finding bool, in scope) {
	switch {
	case n.tag == "":
		return
	case n.is("scroll"):
		for _, k := range n.kids {
			c.detail(k, finding, in)
		}
		return
	case n.tag == "table":
		var list []tableRow
		collectRows(n, false, nil, &list)
		c.p.gap = 3
		c.rows(n, in, func() (r tableRow, ok bool) {
			if len(list) == 0 {
				return r, false
			}
			r, list = list[0], list[1:]
			return r, true
		})
		return
	case n.tag == "dl" && finding:
		n.classes = append(n.classes, "beside")
	}
	u := c.unit(n, in)
	u.before, u.keep, u.next = 3, true, finding
	c.put(u, in)
}

// summary sets the line of an entry.
func (c *composer) summary(n, line *node, in scope) *unit {
	role := "P"
	look := in.look
	switch {
	case n.is("finding"):
		role = "H5"
	case n.is("asset"):
		role, look.size = "H4", 8.3
	case n.is("ev"):
		role, look.size = "H3", 8.3
	}
	in.inherited = c.s.enter(in.inherited, n)
	in.look = look
	in.elem = c.s.elem(role, in.elem)
	var u *unit
	if fractions(n) != nil {
		line.classes = append(line.classes, n.classes...)
		u = c.columns(line, in, look)
	} else {
		f := &flow{s: c.s, x: in.x + inset, w: c.width(in) - 2*inset, y: 4}
		f.runs(c.s.flatten(line, in.inherited), left)
		u = &unit{items: f.items, h: f.y + 3, ids: line.ids(nil), elems: c.s.take()}
	}
	if n.is("finding") {
		title := line.words()
		if b := line.child("b"); b != nil {
			title = b.words()
		}
		u.marks = append(u.marks, bookmark{level: 2, title: title})
	}
	if !c.opening {
		u.items = append(u.items, rule(in.x, 0, c.width(in), c.s.ink["line"]))
	}
	u.keep = true
	return u
}

// columns sets the parts of an element side by side.
func (c *composer) columns(n *node, in scope, k look) *unit {
	in.look = k
	in.inherited = c.s.enter(in.inherited, n)
	in.look.size = k.size
	if in.elem != nil && in.elem.grouping() {
		in.elem = c.s.paragraph(in.elem)
	}
	total := c.width(in) - 2*inset
	ws := widths(fractions(n), total, 6)
	u := &unit{ids: n.ids(nil), keep: true}
	x, column := in.x+inset, 0
	for _, cell := range n.kids {
		if cell.tag == "" {
			continue
		}
		w := ws[min(column, len(ws)-1)]
		f := &flow{s: c.s, x: x, w: w, y: 2.5}
		f.runs(c.s.inline(cell, in.inherited, nil), left)
		for i := len(f.items) - 1; i >= 0; i-- {
			if f.items[i].kind == textItem {
				f.items[i].text += " " // what parts the columns for those who hear them
				break
			}
		}
		u.items = append(u.items, f.items...)
		u.h = max(u.h, f.y+2)
		if column++; column < len(ws) {
			x += w + 6
		}
	}
	u.elems = c.s.take()
	return u
}
