// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"fmt"
	"strconv"
	"strings"
)

// A4 with the margins of the printed page, in points.
const (
	shortSide, longSide = 595.28, 841.89
	topMargin           = 48.0
	bottomMargin        = 44.0
	sideMargin          = 37.0
)

// unit is a part of the document that is placed as one: a paragraph, a row, a drawing.
type unit struct {
	items  []item
	h      float64
	before float64 // room above, but not at the top of a page
	keep   bool    // not cut, if it fits on a page
	next   bool    // on the page on which the next one begins
	wide   bool    // on a page that lies on its side
	ids    []string
	marks  []bookmark
	frames []frame // cards around it
	opens  bool    // the innermost card begins here
	heads  []*unit // to be repeated where a page begins
	elems  []*elem // whole once the unit is placed
	number *pageNumber
}

// shift makes room at the top.
func (u *unit) shift(room float64) {
	for i := range u.items {
		u.items[i].y += room
	}
	u.h += room
}

// frame is a card: a border at the left and right.
type frame struct{ x, w float64 }

// bookmark is an entry of the outline.
type bookmark struct {
	level int
	title string
	page  int
	y     float64
}

// spot is where an anchor is.
type spot struct {
	page int
	y    float64
}

// linkArea is where a link can be followed.
type linkArea struct {
	id         int
	elem       *elem
	x, y, w, h float64
	to, text   string
}

// page is what is kept of a page that was written: its text is in the file already.
type page struct {
	id     int // of the page
	over   int // of what stands around the text, and is not known before the last page is
	w, h   float64
	number []pageNumber
	part   string // of the document, that is on it
	boxed  bool   // it shows a character as a box
}

// pageNumber is a place in the contents where the number of a page is to be put.
type pageNumber struct {
	x, y float64 // where it ends
	from float64 // where the dots before it begin
	look look
	to   string
}

// pages places units on pages and writes each page when it is full.
type pages struct {
	f       *file
	s       *setter
	list    []page
	c       *canvas
	y       float64
	fresh   bool // nothing is on the page yet
	pending []*unit
	spots   map[string]spot
	outline []bookmark
	frames  []frame  // those that the last unit stood in
	trail   []string // headings that the text at hand is under
	gap     float64  // room before the next unit, if it has none of its own

	tree, resources, root int // objects that pages and elements lead to and that are written last

	links  []linkArea          // of the page at hand
	marks  []int               // elements that the marked stretches of the page at hand belong to
	marked bool                // a stretch is open
	mark   *elem               // what it belongs to; nil for what is no content
	owners []int               // what each stretch of each page, and each link, belongs to
	linked map[string]struct{} // anchors that links lead to
}

func newPages(f *file, s *setter) *pages {
	return &pages{
		f: f, s: s, spots: map[string]spot{}, linked: map[string]struct{}{},
		tree: f.id(), resources: f.id(), root: f.id(),
	}
}

func (p *pages) now() *page { return &p.list[len(p.list)-1] }

// room is how high the content of a page is.
func room(wide bool) float64 {
	if wide {
		return shortSide - topMargin - bottomMargin
	}
	return longSide - topMargin - bottomMargin
}

// lying says whether the page at hand lies on its side.
func (p *pages) lying() bool { return p.now().w > p.now().h }

// turn ends the page and begins another.
func (p *pages) turn(wide bool) {
	p.endPage()
	w, h := shortSide, longSide
	if wide {
		w, h = h, w
	}
	p.list = append(p.list, page{id: p.f.id(), over: p.f.id(), w: w, h: h, part: strings.Join(p.trail, " · ")})
	var buf []byte
	if p.c != nil {
		buf = p.c.buf[:0]
	}
	p.c = &canvas{height: h, l: p.s.l, buf: buf}
	p.y, p.fresh = topMargin, true
}

// endPage writes the page at hand.
func (p *pages) endPage() {
	if len(p.list) == 0 {
		return
	}
	p.unmark()
	f, g := p.f, p.now()
	g.boxed = p.c.boxed
	body := f.id()
	f.stream(body, "", p.c.buf)
	var b strings.Builder
	fmt.Fprintf(&b, "<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %.2f %.2f] /Resources %d 0 R /Contents [%d 0 R %d 0 R] /Tabs /S", p.tree, g.w, g.h, p.resources, body, g.over)
	if len(p.marks) > 0 {
		fmt.Fprintf(&b, " /StructParents %d", len(p.owners))
		list := f.id()
		f.object(list, references(p.marks))
		p.owners = append(p.owners, list)
	}
	if len(p.links) > 0 {
		b.WriteString(" /Annots [")
		for _, l := range p.links {
			fmt.Fprintf(&b, "%d 0 R ", l.id)
			f.object(l.id, fmt.Sprintf("<< /Type /Annot /Subtype /Link /F 4 /Border [0 0 0] /Rect [%.1f %.1f %.1f %.1f] /Dest %s /Contents %s /StructParent %d >>",
				l.x, g.h-l.y-l.h, l.x+l.w, g.h-l.y, byteString(l.to), textString(l.text), len(p.owners)))
			p.owners = append(p.owners, l.elem.id)
		}
		b.WriteString("]")
	}
	f.object(g.id, b.String()+" >>")
	p.links, p.marks = p.links[:0], p.marks[:0]
}

// references writes a list of objects.
func references(ids []int) string {
	b := []byte{'['}
	for _, id := range ids {
		b = append(strconv.AppendInt(b, int64(id), 10), " 0 R "...)
	}
	return string(append(b, ']'))
}

// begin says what the content of the page that follows belongs to, nil for what is no content, such as a border.
func (p *pages) begin(e *elem) {
	if p.marked && p.mark == e {
		return
	}
	p.unmark()
	p.marked, p.mark = true, e
	if e == nil {
		p.c.buf = append(p.c.buf, "/Artifact BMC\n"...)
		return
	}
	e.attach(p.f)
	e.content(p.now().id, len(p.marks))
	p.c.buf = append(append(append(p.c.buf, '/'), e.role...), " << /MCID "...)
	p.c.buf = append(strconv.AppendInt(p.c.buf, int64(len(p.marks)), 10), " >> BDC\n"...)
	p.marks = append(p.marks, e.id)
}

func (p *pages) unmark() {
	if p.marked {
		p.c.buf = append(p.c.buf, "EMC\n"...)
	}
	p.marked, p.mark = false, nil
}

// put places a unit, or keeps it until the one it belongs to is known.
func (p *pages) put(u *unit) {
	u.before, p.gap = max(u.before, p.gap), 0
	if u.next && len(p.pending) < 400 {
		p.pending = append(p.pending, u)
		return
	}
	group := append(p.pending, u)
	p.pending = nil
	p.place(group)
}

// flush places what waits for a unit that does not come.
func (p *pages) flush() {
	group := p.pending
	p.pending = nil
	if len(group) > 0 {
		p.place(group)
	}
}

// breakPage makes the next unit begin a page.
func (p *pages) breakPage() {
	p.flush()
	if len(p.list) > 0 && !p.fresh {
		p.turn(p.lying())
	}
}

func (p *pages) place(group []*unit) {
	side := group[len(group)-1].wide
	if len(p.list) == 0 || p.lying() != side {
		if len(p.list) > 0 && p.fresh {
			g := p.now() // nothing is on it yet: turn the sheet itself
			g.w, g.h = g.h, g.w
			p.c.height = g.h
		} else {
			p.turn(side)
		}
	}
	need := 0.0
	for i, u := range group {
		need += u.before + u.h
		if i == len(group)-1 && !(u.keep && u.h <= room(side)*0.6) {
			need += min(u.h, 40) - u.h
		}
	}
	if need > room(side) { // it goes over pages anyway; what it begins with stays together
		need = 0
		for _, u := range group[:min(4, len(group))] {
			need += u.before + min(u.h, 60)
		}
	}
	left := p.bottom() - p.y
	if need > left && !p.fresh && need <= room(side) {
		p.turn(side)
		p.repeat(group[0])
	}
	for _, u := range group {
		p.draw(u)
	}
}

func (p *pages) bottom() float64 { return p.now().h - bottomMargin }

// name notes where in the document the page at hand is: as it begins, and if it begins with a heading, below that.
func (p *pages) name(m bookmark) {
	if m.level > 1 {
		return
	}
	p.trail = append(p.trail[:min(m.level, len(p.trail))], m.title)
	if p.y < topMargin+60 {
		p.now().part = strings.Join(p.trail, " · ")
	}
}

// repeat draws the heads of the tables that go on, if they leave room for what goes on.
func (p *pages) repeat(u *unit) {
	h := 0.0
	for _, head := range u.heads {
		h += head.h
	}
	if h > room(p.lying())/3 {
		return
	}
	for _, head := range u.heads {
		top := p.y
		p.begin(nil)
		for i := range head.items {
			p.c.draw(&head.items[i], sideMargin, p.y)
		}
		p.y += head.h
		p.sides(u.frames, top, p.y)
		p.fresh = false
	}
}

// draw places a unit here, and what does not fit on the next pages.
func (p *pages) draw(u *unit) {
	if !p.fresh {
		top := p.y
		p.y += u.before
		around := u.frames
		if u.opens {
			around = around[:len(around)-1]
		}
		p.sides(around, top, p.y)
		if left := p.bottom() - p.y; u.h > left+0.5 && cutAt(u, 0, left) <= 0 {
			p.turn(u.wide)
			p.repeat(u)
		}
	}
	for _, id := range u.ids {
		if _, ok := p.spots[id]; !ok {
			p.spots[id] = spot{len(p.list) - 1, p.y}
		}
	}
	for _, m := range u.marks {
		m.page, m.y = len(p.list)-1, p.y
		p.outline = append(p.outline, m)
		p.name(m)
	}
	if u.opens {
		f := u.frames[len(u.frames)-1]
		p.begin(nil)
		p.c.draw(new(rule(sideMargin+f.x, p.y, f.w, p.s.ink["line"])), 0, 0)
	}
	for from := 0.0; ; {
		left := p.bottom() - p.y
		if u.h-from <= left+0.5 {
			p.part(u, from, u.h)
			break
		}
		to := cutAt(u, from, from+left)
		if to <= from {
			to = min(u.h, from+max(left, 1)) // higher than a page and of one piece
		}
		p.part(u, from, to)
		from = to
		if from >= u.h-0.5 {
			break
		}
		p.turn(u.wide)
		p.repeat(u)
	}
	for _, e := range u.elems {
		if e.must {
			e.attach(p.f)
		}
	}
	for _, e := range u.elems {
		e.write(p.f, p.root)
	}
}

// cutAt finds the lowest place at or above limit where no line of text is cut through.
func cutAt(u *unit, from, limit float64) float64 {
	for moved := true; moved; {
		moved = false
		for i := range u.items {
			t := &u.items[i]
			if t.kind == textItem && t.y < limit-0.01 && t.y+t.h > limit+0.01 && t.y >= from-0.01 {
				limit, moved = t.y, true
			}
		}
	}
	return limit
}

// part draws the items of a unit between two heights: borders and grounds first, then what is read.
func (p *pages) part(u *unit, from, to float64) {
	at := p.y - from
	last := to >= u.h-0.5
	for _, content := range []bool{false, true} {
		for i := range u.items {
			t := &u.items[i]
			if (t.elem != nil) != content {
				continue
			}
			above := from > 0 && t.y < from-0.01 && (t.kind == textItem || t.y+t.h <= from+0.01)
			if above || t.y >= to-0.01 && !last {
				continue
			}
			p.begin(t.elem)
			if t.kind == shapeItem && (t.y < from-0.01 || t.y+t.h > to+1) && (from > 0 || !last) {
				p.clipped(t, from, to, at)
			} else {
				p.c.draw(t, sideMargin, at)
			}
			if t.link != "" {
				p.link(t, at)
			}
		}
	}
	if n := u.number; n != nil && from == 0 {
		moved := *n
		moved.x, moved.from, moved.y = n.x+sideMargin, n.from+sideMargin, n.y+at
		p.now().number = append(p.now().number, moved)
	}
	top := p.y
	p.y += to - from
	p.sides(u.frames, top, p.y)
	p.fresh = false
	p.frames = u.frames
}

// link notes where a link can be followed. Neighbours on a line are one area.
func (p *pages) link(t *item, at float64) {
	e := t.elem.under("Link")
	if e == nil || e.id == 0 {
		return
	}
	x, y := sideMargin+t.x, at+t.y
	if n := len(p.links); n > 0 {
		if l := &p.links[n-1]; l.elem == e && l.y == y && l.h == t.h && x >= l.x {
			l.w = x + t.w - l.x
			l.text += t.text
			return
		}
	}
	id := p.f.id()
	e.area(p.now().id, id)
	p.linked[t.link] = struct{}{}
	p.links = append(p.links, linkArea{id, e, x, y, t.w, t.h, t.link, t.text})
}

// clipped draws as much of a shape as lies between two heights.
func (p *pages) clipped(t *item, from, to, at float64) {
	c := p.c
	c.buf = append(c.buf, "q "...)
	c.buf = number(c.buf, 0)
	c.buf = number(c.buf, c.height-(at+to))
	c.buf = number(c.buf, p.now().w)
	c.buf = append(number(c.buf, to-from), "re W n\n"...)
	c.draw(t, sideMargin, at)
	c.buf = append(c.buf, "Q\n"...)
	c.inked = false
}

// sides draws the borders of cards at the left and right.
func (p *pages) sides(frames []frame, top, bottom float64) {
	if bottom <= top {
		return
	}
	if len(frames) > 0 {
		p.begin(nil)
	}
	for _, f := range frames {
		for _, x := range []float64{f.x, f.x + f.w} {
			line := p.s.ink["line"]
			p.c.draw(&item{kind: shapeItem, shape: &shape{path: []step{{'M', [6]float64{sideMargin + x, top}}, {'L', [6]float64{sideMargin + x, bottom}}}, stroke: &line, width: 0.5}}, 0, 0)
		}
	}
}

// closeFrame ends a card.
func (p *pages) closeFrame(f frame, pad float64) {
	p.flush()
	if len(p.list) == 0 {
		return
	}
	p.sides(p.frames, p.y, p.y+pad)
	p.y += pad
	p.begin(nil)
	p.c.draw(new(rule(sideMargin+f.x, p.y, f.w, p.s.ink["line"])), 0, 0)
	if len(p.frames) > 0 {
		p.frames = p.frames[:len(p.frames)-1]
	}
}
