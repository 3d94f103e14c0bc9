// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// finish writes all that could not be written before the last page was known. The document is the root of the tree of
// elements; it is whole by now.
func (p *pages) finish(o *Options, document *elem) error {
	p.flush()
	if len(p.list) == 0 {
		p.turn(false)
	}
	p.endPage()
	f := p.f
	var kids strings.Builder
	for i := range p.list {
		f.stream(p.list[i].over, "", p.around(i, o))
		fmt.Fprintf(&kids, "%d 0 R ", p.list[i].id)
	}
	f.object(p.tree, fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", kids.String(), len(p.list)))
	f.object(p.resources, "<< /Font "+p.s.l.write(f)+" /ProcSet [/PDF /Text] >>")
	names, outline := p.names(), p.bookmarks()
	document.attach(f)
	document.write(f, p.root)
	f.object(p.root, fmt.Sprintf("<< /Type /StructTreeRoot /K [%d 0 R] /ParentTree %d 0 R /ParentTreeNextKey %d >>", document.id, p.parents(), len(p.owners)))
	metadata, catalog, info := f.id(), f.id(), f.id()
	f.raw(metadata, "/Type /Metadata /Subtype /XML", o.metadata())
	f.object(info, o.info())
	f.object(catalog, fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R /Lang (%s) /MarkInfo << /Marked true >> /StructTreeRoot %d 0 R /Metadata %d 0 R /OutputIntents [%s] /ViewerPreferences << /DisplayDocTitle true >> /PageMode /UseOutlines /Outlines %d 0 R /Names << /Dests %d 0 R >> >>",
		p.tree, language, p.root, metadata, intent(f), outline, names))
	return f.close(catalog, info)
}

// parents writes what each marked stretch and each link belongs to.
func (p *pages) parents() int {
	var kids strings.Builder
	for from := 0; from < len(p.owners); from += 500 {
		part := p.owners[from:min(from+500, len(p.owners))]
		var b strings.Builder
		fmt.Fprintf(&b, "<< /Limits [%d %d] /Nums [", from, from+len(part)-1)
		for i, id := range part {
			fmt.Fprintf(&b, "%d %d 0 R ", from+i, id)
		}
		id := p.f.id()
		p.f.object(id, b.String()+"] >>")
		fmt.Fprintf(&kids, "%d 0 R ", id)
	}
	root := p.f.id()
	if kids.Len() == 0 {
		p.f.object(root, "<< /Nums [] >>")
	} else {
		p.f.object(root, "<< /Kids ["+kids.String()+"] >>")
	}
	return root
}

func (p *pages) dest(s spot) string {
	g := &p.list[s.page]
	return fmt.Sprintf("[%d 0 R /XYZ 0 %.0f null]", g.id, g.h-s.y+6)
}

// around draws what stands above and below the text, and the page numbers of the contents.
func (p *pages) around(i int, o *Options) []byte {
	g := &p.list[i]
	c := &canvas{height: g.h, l: p.s.l}
	c.buf = append(c.buf, "/Artifact << /Type /Pagination >> BDC\n"...)
	k := look{regular, 7.5, 1, p.s.ink["text-3"]}
	strong := look{bold, 7.5, 1, p.s.ink["text"]}
	width := func(k look, s string) float64 { return p.s.l.width(k.font, k.size, s) }
	mid := func(y float64, k look, s string) { c.text((g.w-width(k, s))/2, y, k, s) }
	end := func(y float64, k look, s string) { c.text(g.w-sideMargin-width(k, s), y, k, s) }
	header, footer := 30.0, g.h-24
	// A marking is shown whole: where it is long, on a line of its own.
	limit := g.w * 0.3
	if w := width(strong, o.Marking); w > limit {
		limit = g.w - 2*sideMargin
		mid(header-12, strong, p.fit(o.Marking, strong, limit))
		mid(footer+12, strong, p.fit(o.Marking, strong, limit))
	} else {
		end(header, strong, o.Marking)
		mid(footer, strong, o.Marking)
	}
	title := p.fit(o.Title, k, g.w*0.4)
	c.text(sideMargin, header, k, title)
	if g.part != "" && i > 0 {
		x := sideMargin + width(k, title)
		c.text(x, header, k, p.fit("  ·  "+g.part, k, g.w*0.68-x))
	}
	c.text(sideMargin, footer, k, o.AsOf)
	end(footer, k, fmt.Sprintf("Page %d of %d", i+1, len(p.list)))
	if g.boxed {
		c.text(sideMargin, footer-11, k, "A box stands for a character that no font of this document has. It is kept: it can be copied and searched for.")
	}
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

// names writes the anchors under their names, so that links, and other documents, can lead to them. A link whose anchor
// is not there leads to the first page.
func (p *pages) names() int {
	for n := range p.linked {
		if _, ok := p.spots[n]; !ok {
			p.spots[n] = spot{}
		}
	}
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
			fmt.Fprintf(&b, "%s %s\n", byteString(n), p.dest(p.spots[n]))
		}
		id := p.f.id()
		p.f.object(id, fmt.Sprintf("<< /Limits [%s %s] /Names [%s] >>", byteString(part[0]), byteString(part[len(part)-1]), b.String()))
		kids = append(kids, fmt.Sprintf("%d 0 R", id))
	}
	root := p.f.id()
	if len(kids) == 0 {
		p.f.object(root, "<< /Names [] >>")
	} else {
		p.f.object(root, "<< /Kids ["+strings.Join(kids, " ")+"] >>")
	}
	return root
}

// branch is where an entry of the outline hangs. Entries count from one; zero is none, and as parent the outline.
type branch struct{ parent, prev, next, first, last, kids int }

// bookmarks writes the outline. Only its first level is unfolded at first.
func (p *pages) bookmarks() int {
	tree := make([]branch, len(p.outline)+1)
	var open []int // the entries that the next may hang below
	for i, m := range p.outline {
		at := i + 1
		for len(open) > 0 && p.outline[open[len(open)-1]-1].level >= m.level {
			open = open[:len(open)-1]
		}
		up := 0
		if len(open) > 0 {
			up = open[len(open)-1]
		}
		b := &tree[up]
		if b.first == 0 {
			b.first = at
		} else {
			tree[at].prev, tree[b.last].next = b.last, at
		}
		tree[at].parent, b.last = up, at
		b.kids++
		open = append(open, at)
	}
	ids := make([]int, len(tree))
	for i := range ids {
		ids[i] = p.f.id()
	}
	for i, t := range tree {
		var b strings.Builder
		sign := 1
		if i == 0 {
			b.WriteString("<< /Type /Outlines")
		} else {
			m := p.outline[i-1]
			fmt.Fprintf(&b, "<< /Title %s /Parent %d 0 R /Dest %s", textString(cmp.Or(m.title, "–")), ids[t.parent], p.dest(spot{m.page, m.y}))
			sign = -1 // folded
		}
		for _, r := range []struct {
			key string
			to  int
		}{{"Prev", t.prev}, {"Next", t.next}, {"First", t.first}, {"Last", t.last}} {
			if r.to > 0 {
				fmt.Fprintf(&b, " /%s %d 0 R", r.key, ids[r.to])
			}
		}
		if t.kids > 0 {
			fmt.Fprintf(&b, " /Count %d", sign*t.kids)
		}
		p.f.object(ids[i], b.String()+" >>")
	}
	return ids[0]
}
