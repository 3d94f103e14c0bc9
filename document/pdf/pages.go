// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"cmp"
	"fmt"
	"slices"
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

type linkArea struct {
	x, y, w, h float64
	to         string
}

// page is what is kept of a page that was written: its text is in the file already.
type page struct {
	body   int
	w, h   float64
	links  []linkArea
	number []pageNumber
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
	frames  []frame // those that the last unit stood in
}

func newPages(f *file, s *setter) *pages {
	return &pages{f: f, s: s, spots: map[string]spot{}}
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
	p.list = append(p.list, page{body: p.f.id(), w: w, h: h})
	var buf []byte
	if p.c != nil {
		buf = p.c.buf[:0]
	}
	p.c = &canvas{height: h, l: p.s.l, buf: buf}
	p.y, p.fresh = topMargin, true
}

func (p *pages) endPage() {
	if len(p.list) > 0 && p.c != nil {
		p.f.stream(p.now().body, "", p.c.buf)
	}
}

// put places a unit, or keeps it until the one it belongs to is known.
func (p *pages) put(u *unit) {
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
			p.list = p.list[:len(p.list)-1] // an empty page that stands the wrong way; its number in the file stays unused
			p.c = nil
		}
		p.turn(side)
	}
	need := 0.0
	for i, u := range group {
		need += u.before + u.h
		if i == len(group)-1 && !(u.keep && u.h <= room(side)*0.6) {
			need += min(u.h, 40) - u.h
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

// repeat draws the heads of the tables that go on.
func (p *pages) repeat(u *unit) {
	for _, h := range u.heads {
		p.c.buf = append(p.c.buf, "/Artifact BMC\n"...)
		top := p.y
		for i := range h.items {
			p.c.draw(&h.items[i], sideMargin, p.y)
		}
		p.c.buf = append(p.c.buf, "EMC\n"...)
		p.y += h.h
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
	}
	for _, id := range u.ids {
		if _, ok := p.spots[id]; !ok {
			p.spots[id] = spot{len(p.list) - 1, p.y}
		}
	}
	for _, m := range u.marks {
		m.page, m.y = len(p.list)-1, p.y
		p.outline = append(p.outline, m)
	}
	if u.opens {
		f := u.frames[len(u.frames)-1]
		p.c.draw(new(rule(sideMargin+f.x, p.y, f.w, p.s.ink["line"])), 0, 0)
	}
	from := 0.0
	for {
		left := p.bottom() - p.y
		if u.h-from <= left+0.5 {
			p.part(u, from, u.h)
			return
		}
		to := cutAt(u, from, from+left)
		if to <= from {
			if p.fresh {
				to = min(u.h, from+left) // higher than a page and of one piece
			} else {
				p.turn(u.wide)
				p.repeat(u)
				if len(u.heads) > 0 && p.bottom()-p.y < 60 {
					p.fresh = true
				}
				continue
			}
		}
		p.part(u, from, to)
		from = to
		if from >= u.h-0.5 {
			return
		}
		p.turn(u.wide)
		p.repeat(u)
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

// part draws the items of a unit between two heights.
func (p *pages) part(u *unit, from, to float64) {
	at := p.y - from
	last := to >= u.h-0.5
	for i := range u.items {
		t := &u.items[i]
		switch {
		case t.y < from-0.01 && t.y+t.h <= from+0.01, t.y >= to-0.01 && !(last && t.y <= u.h+0.01):
			continue
		case t.kind == textItem && t.y < from-0.01:
			continue
		case t.kind == shapeItem && (t.y < from-0.01 || t.y+t.h > to+1) && (from > 0 || !last):
			p.clipped(t, from, to, at)
		default:
			p.c.draw(t, sideMargin, at)
		}
		if t.link != "" {
			p.now().links = append(p.now().links, linkArea{sideMargin + t.x, at + t.y, t.w, t.h, t.link})
		}
	}
	top := p.y
	p.y += to - from
	p.sides(u.frames, top, p.y)
	p.fresh = false
	p.frames = u.frames
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
	p.c.draw(new(rule(sideMargin+f.x, p.y, f.w, p.s.ink["line"])), 0, 0)
	if len(p.frames) > 0 {
		p.frames = p.frames[:len(p.frames)-1]
	}
}

// margins is what stands on every page around the text.
type margins struct {
	title, marking, note string
}

// finish writes all that could not be written before the last page was known.
func (p *pages) finish(m margins, lang string) error {
	p.flush()
	if len(p.list) == 0 {
		p.turn(false)
	}
	p.endPage()
	f := p.f
	tree, fontsID, resources := f.id(), f.id(), f.id()
	var ids []int
	for range p.list {
		ids = append(ids, f.id())
	}
	for i := range p.list {
		over := f.id()
		f.stream(over, "", p.around(i, m))
		g := &p.list[i]
		f.object(ids[i], fmt.Sprintf("<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %.2f %.2f] /Resources %d 0 R /Contents [%d 0 R %d 0 R]%s >>",
			tree, g.w, g.h, resources, g.body, over, p.annotations(g, ids)))
	}
	var kids strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&kids, "%d 0 R ", id)
	}
	f.object(tree, fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", kids.String(), len(ids)))
	f.object(fontsID, p.s.l.write(f))
	f.object(resources, fmt.Sprintf("<< /Font %d 0 R /ProcSet [/PDF /Text] >>", fontsID))
	names, outline := p.names(ids), p.bookmarks(ids)
	root, info := f.id(), f.id()
	f.object(info, fmt.Sprintf("<< /Title %s /Producer (Breakwater) /Creator (Breakwater) >>", textString(m.title)))
	f.object(root, fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R /Lang (%s) /ViewerPreferences << /DisplayDocTitle true >> /PageMode /UseOutlines /Outlines %d 0 R /Names << /Dests %d 0 R >> >>",
		tree, lang, outline, names))
	return f.close(root, info)
}

func (p *pages) dest(s spot, ids []int) string {
	return fmt.Sprintf("[%d 0 R /XYZ 0 %.0f null]", ids[s.page], p.list[s.page].h-s.y+6)
}

func (p *pages) annotations(g *page, ids []int) string {
	var b strings.Builder
	for _, l := range g.links {
		s, ok := p.spots[l.to]
		if !ok {
			continue
		}
		fmt.Fprintf(&b, "<< /Type /Annot /Subtype /Link /Border [0 0 0] /Rect [%.1f %.1f %.1f %.1f] /Dest %s >>\n", l.x, g.h-l.y-l.h, l.x+l.w, g.h-l.y, p.dest(s, ids))
	}
	if b.Len() == 0 {
		return ""
	}
	return " /Annots [" + b.String() + "]"
}

// around draws header and footer, and the page numbers of the contents.
func (p *pages) around(i int, m margins) []byte {
	g := &p.list[i]
	c := &canvas{height: g.h, l: p.s.l}
	c.buf = append(c.buf, "/Artifact << /Type /Pagination >> BDC\n"...)
	k := look{regular, 7.5, 1, p.s.ink["text-3"]}
	strong := look{bold, 7.5, 1, p.s.ink["text"]}
	width := func(k look, s string) float64 { return p.s.l.width(k.font, k.size, s) }
	mid := func(y float64, k look, s string) { c.text((g.w-width(k, s))/2, y, k, s) }
	end := func(y float64, k look, s string) { c.text(g.w-sideMargin-width(k, s), y, k, s) }
	header, footer := 30.0, g.h-24
	c.text(sideMargin, header, k, p.fit(m.title, k, g.w*0.6))
	end(header, strong, p.fit(m.marking, strong, g.w*0.3))
	c.text(sideMargin, footer, k, m.note)
	mid(footer, strong, p.fit(m.marking, strong, g.w*0.5))
	end(footer, k, fmt.Sprintf("Page %d of %d", i+1, len(p.list)))
	for _, n := range g.number {
		s, ok := p.spots[n.to]
		if !ok {
			continue
		}
		text := fmt.Sprint(s.page + 1)
		w := width(n.look, text)
		c.text(n.x-w, n.y, n.look, text)
		line := p.s.ink["line-2"]
		if n.from < n.x-w-6 {
			c.draw(&item{kind: shapeItem, shape: &shape{path: []step{{'M', [6]float64{n.from, n.y - 1}}, {'L', [6]float64{n.x - w - 4, n.y - 1}}}, stroke: &line, width: 0.6, dash: []float64{0.6, 2.4}}}, 0, 0)
		}
	}
	c.buf = append(c.buf, "EMC\n"...)
	return c.buf
}

// fit cuts text that is too long for a header.
func (p *pages) fit(s string, k look, width float64) string {
	if p.s.l.width(k.font, k.size, s) <= width {
		return s
	}
	r := []rune(s)
	for len(r) > 0 && p.s.l.width(k.font, k.size, string(r)+"…") > width {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}

// names writes the anchors under their names, so that other documents can lead to them.
func (p *pages) names(ids []int) int {
	var all []string
	for n := range p.spots {
		all = append(all, n)
	}
	slices.Sort(all)
	var kids []string
	for len(all) > 0 {
		part := all[:min(128, len(all))]
		all = all[len(part):]
		var b strings.Builder
		for _, n := range part {
			fmt.Fprintf(&b, "%s %s\n", byteString(n), p.dest(p.spots[n], ids))
		}
		id := p.f.id()
		p.f.object(id, fmt.Sprintf("<< /Limits [%s %s] /Names [%s] >>", byteString(part[0]), byteString(part[len(part)-1]), b.String()))
		kids = append(kids, fmt.Sprintf("%d 0 R", id))
	}
	root := p.f.id()
	p.f.object(root, "<< /Kids ["+strings.Join(kids, " ")+"] >>")
	return root
}

// bookmarks writes the outline. Only its first level is unfolded at first.
func (p *pages) bookmarks(ids []int) int {
	root := p.f.id()
	list := p.outline
	nums := make([]int, len(list))
	for i := range list {
		nums[i] = p.f.id()
	}
	parents, prev, next := make([]int, len(list)), make([]int, len(list)), make([]int, len(list))
	first, last, count := make([]int, len(list)+1), make([]int, len(list)+1), make([]int, len(list)+1)
	var open []int // one entry for each level above
	for i, m := range list {
		for len(open) > 0 && list[open[len(open)-1]].level >= m.level {
			open = open[:len(open)-1]
		}
		up, num := len(list), root // the outline itself
		if len(open) > 0 {
			up = open[len(open)-1]
			num = nums[up]
		}
		parents[i] = num
		if last[up] != 0 {
			before := last[up] - 1
			prev[i], next[before] = nums[before], nums[i]
		} else {
			first[up] = i + 1
		}
		last[up] = i + 1
		count[up]++
		open = append(open, i)
	}
	ref := func(b *strings.Builder, key string, num int) {
		if num > 0 {
			fmt.Fprintf(b, " /%s %d 0 R", key, num)
		}
	}
	kids := func(b *strings.Builder, i, sign int) {
		if first[i] > 0 {
			fmt.Fprintf(b, " /First %d 0 R /Last %d 0 R /Count %d", nums[first[i]-1], nums[last[i]-1], sign*count[i])
		}
	}
	for i, m := range list {
		var b strings.Builder
		fmt.Fprintf(&b, "<< /Title %s /Parent %d 0 R /Dest %s", textString(cmp.Or(m.title, "–")), parents[i], p.dest(spot{m.page, m.y}, ids))
		ref(&b, "Prev", prev[i])
		ref(&b, "Next", next[i])
		kids(&b, i, -1)
		p.f.object(nums[i], b.String()+" >>")
	}
	var b strings.Builder
	b.WriteString("<< /Type /Outlines")
	kids(&b, len(list), 1)
	p.f.object(root, b.String()+" >>")
	return root
}
