// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import "strconv"

// Bounds of tables.
const (
	sampleRows  = 300 // rows that decide how wide the columns are
	mostColumns = 64
	mostSpan    = 200 // rows that one cell may run over
)

// tableRow is a row with the anchors that lie before it.
type tableRow struct {
	n    *node
	head bool
	ids  []string
}

// tabler sets a table row by row. Columns are as wide as the first rows ask for; what later rows hold is broken to fit.
type tabler struct {
	s      *setter
	x, w   float64
	c      inherited
	n      *node
	inner  bool
	widths []float64
	head   *unit
	table  *elem
	part   *elem   // its head or its body
	last   *elem   // the row before
	parts  []*elem // those of the table as a whole, to be written when all rows are placed
}

// all sets a table that is there as a whole.
func (t *tabler) all(n *node) (units []*unit) {
	var list []tableRow
	collectRows(n, false, nil, &list)
	t.run(n, func() (tableRow, bool) {
		if len(list) == 0 {
			return tableRow{}, false
		}
		r := list[0]
		list = list[1:]
		return r, true
	}, func(u *unit) {
		units = append(units, u)
	})
	return units
}

func collectRows(n *node, head bool, ids []string, list *[]tableRow) {
	for _, k := range n.kids {
		switch k.tag {
		case "thead":
			collectRows(k, true, nil, list)
		case "tbody", "tfoot":
			var own []string
			if id := k.attr("id"); id != "" {
				own = []string{id}
			}
			collectRows(k, false, own, list)
		case "tr":
			*list = append(*list, tableRow{k, head, ids})
			ids = nil
		}
	}
}

// run sets the rows that next gives. The head is put first and is then in t.head.
func (t *tabler) run(n *node, next func() (tableRow, bool), put func(*unit)) {
	t.n, t.inner = n, n.is("inner")
	if t.c.elem != nil {
		t.table = &elem{role: "Table", parent: t.c.elem}
		t.parts = append(t.parts, t.table)
	}
	t.c = t.s.enter(t.c, n)
	t.c.look.size = min(t.c.look.size, 8)
	t.c.look.lead = 1.35
	var sample []tableRow
	for len(sample) < sampleRows {
		r, ok := next()
		if !ok {
			break
		}
		sample = append(sample, r)
	}
	t.columns(sample)
	var group []tableRow
	left := 0 // rows that cells of the group still run over
	row := func(r tableRow) {
		if r.head {
			u := t.rows([]tableRow{r})
			u.next, u.keep = true, true
			t.head = u
			put(u)
			return
		}
		group = append(group, r)
		left--
		for _, cell := range r.n.kids {
			left = max(left, span(cell, "rowspan", mostSpan)-1)
		}
		if left <= 0 {
			put(t.rows(group))
			group, left = nil, 0
		}
	}
	for _, r := range sample {
		row(r)
	}
	for len(sample) == sampleRows {
		r, ok := next()
		if !ok {
			break
		}
		row(r)
	}
	if len(group) > 0 {
		put(t.rows(group))
	}
}

func span(n *node, name string, most int) int {
	s := n.attr(name)
	if s == "" {
		return 1
	}
	v, err := strconv.Atoi(s)
	if err != nil || v < 1 {
		return 1
	}
	return min(v, most)
}

// cells calls f for each cell of the rows with its column, its columns and its rows.
func cells(rows []tableRow, f func(row int, n *node, column, across, down int)) {
	var taken [mostColumns]int // rows that cells from above still cover
	for i, r := range rows {
		column := 0
		for _, k := range r.n.kids {
			if k.tag != "td" && k.tag != "th" {
				continue
			}
			for column < mostColumns && taken[column] > 0 {
				column++
			}
			column = min(column, mostColumns-1)
			across := min(span(k, "colspan", mostColumns), mostColumns-column)
			down := span(k, "rowspan", mostSpan)
			f(i, k, column, across, down)
			for c := range across {
				taken[column+c] = down
			}
			column += across
		}
		for c := range taken {
			taken[c] = max(0, taken[c]-1)
		}
	}
}

// pads gives the room beside and above the content of a cell.
func (t *tabler) pads(column int) (before, after, above float64) {
	switch {
	case t.n.is("matrix"):
		if column == 0 {
			return 10, 4, 2
		}
		return 2, 2, 2
	case t.inner:
		return 0, 6, 1.5
	case column == 0:
		return 10, 5, 3
	}
	return 5, 5, 3
}

func (t *tabler) enter(r tableRow, n *node) inherited {
	c := t.c
	if r.head {
		c = t.s.enter(c, &node{tag: "thead"})
	}
	c = t.s.enter(c, r.n)
	c = t.s.enter(c, n)
	c.cell, c.elem = true, nil
	if t.n.is("matrix") && !n.is("num") && (n.tag == "td" || r.head) {
		c.align = centre
	}
	return c
}

// columns shares the width among the columns.
func (t *tabler) columns(sample []tableRow) {
	var need [mostColumns]extent
	n := 0
	cells(sample, func(row int, k *node, column, across, _ int) {
		n = max(n, column+across)
		if across > 1 {
			return
		}
		before, after, _ := t.pads(column)
		e := t.measure(k, t.enter(sample[row], k))
		need[column].grow(e.plus(before + after))
	})
	n = max(n, 1)
	var sum extent
	for i := range n {
		e := &need[i]
		e.least = max(8, min(e.least, t.w*0.35))
		e.good = max(e.least, min(e.good, t.w*0.45))
		e.most = max(e.good, min(e.most, t.w*0.6))
		sum.least, sum.good, sum.most = sum.least+e.least, sum.good+e.good, sum.most+e.most
	}
	t.widths = make([]float64, n)
	for i, e := range need[:n] {
		w := &t.widths[i]
		switch {
		case sum.most <= t.w:
			*w = e.most
			if !t.n.is("matrix") {
				*w *= t.w / sum.most
			}
		case sum.good <= t.w:
			*w = e.good + (t.w-sum.good)*(e.most-e.good)/max(sum.most-sum.good, 0.01)
		case sum.least <= t.w:
			*w = e.least + (t.w-sum.least)*(e.good-e.least)/max(sum.good-sum.least, 0.01)
		default:
			*w = e.least * t.w / sum.least
		}
	}
}

// extent is how wide something wants to be: at least, so that no word is cut; well, so that what belongs together stands
// on one line; at most, so that nothing is broken.
type extent struct{ least, good, most float64 }

func (e *extent) grow(o extent) {
	e.least, e.good, e.most = max(e.least, o.least), max(e.good, o.good), max(e.most, o.most)
}

func (e extent) plus(pad float64) extent { return extent{e.least + pad, e.good + pad, e.most + pad} }

// Widths up to which text of a kind is better not broken.
const (
	shortText = 58.0
	refText   = 98.0  // a place in evidence
	whenText  = 132.0 // from and to on one day
)

// measure gives the widths of what a cell holds.
func (t *tabler) measure(n *node, c inherited) (e extent) {
	var runs []run
	flush := func() {
		lo, hi := t.s.measure(runs)
		if c.keep {
			lo = hi
		} else if n.any("value", "wrap", "example") {
			lo = min(lo, 70)
		}
		unbroken := shortText
		if n.is("ref") {
			unbroken = refText
		} else if n.is("when") {
			unbroken = whenText
		}
		lo = min(lo, 130)
		if n.is("when") {
			lo = max(lo, min(hi, 84))
		}
		e.grow(extent{lo, max(lo, min(hi, unbroken)), hi})
		runs = runs[:0]
	}
	for _, k := range n.kids {
		if k.tag != "" && block(k, c) {
			flush()
			inner := t.measure(k, t.s.enter(c, k))
			inner.most = min(inner.most, 170)
			e.grow(inner)
			continue
		}
		runs = t.s.inline(k, c, runs)
	}
	flush()
	return e
}

// cell is what a cell holds, before the height of its row is known.
type cell struct {
	f    *flow
	down int
}

// rows sets rows that belong together, because cells run over them, as one unit.
func (t *tabler) rows(rows []tableRow) *unit {
	u := &unit{keep: true}
	heights := make([]float64, len(rows))
	perRow := make([][]cell, len(rows))
	lead := 0 // columns at the left that are covered from above
	left := make([]float64, len(t.widths)+1)
	for i, w := range t.widths {
		left[i+1] = left[i] + w
	}
	elems := t.rowElems(rows)
	var before *elem
	cells(rows, func(row int, k *node, column, across, down int) {
		beyond := column >= len(t.widths) || column == mostColumns-1
		if beyond {
			// A row with more cells than the rows before it: their text goes below one another in the last column.
			column, across = min(column, len(t.widths)-1), 1
		}
		across = min(across, len(t.widths)-column)
		pad, after, above := t.pads(column)
		f := &flow{s: t.s, x: t.x + left[column] + pad, w: max(6, left[column+across]-left[column]-pad-after)}
		f.y = above
		if n := len(perRow[row]); beyond && n > 0 {
			f.y = perRow[row][n-1].f.y
		}
		c := t.enter(rows[row], k)
		if elems != nil {
			if before != nil && before.parent != elems[row] {
				before = nil
			}
			c.elem = t.cellElem(k, elems[row], before, rows[row].head)
			before = c.elem
		}
		f.kids(k, c)
		f.y += above
		down = min(down, len(rows)-row)
		perRow[row] = append(perRow[row], cell{f, down})
		if down == 1 {
			heights[row] = max(heights[row], f.y)
		} else if column == lead {
			lead += across
		}
	})
	for row, list := range perRow {
		for _, k := range list {
			if k.down == 1 {
				continue
			}
			sum := 0.0
			for i := range k.down {
				sum += heights[row+i]
			}
			heights[row+k.down-1] += max(0, k.f.y-sum)
		}
	}
	line := t.s.ink["line"]
	y := 0.0
	count := len(rows)
	for _, list := range perRow {
		for _, k := range list {
			count += len(k.f.items)
		}
	}
	u.items = make([]item, 0, count)
	for i, r := range rows {
		u.ids = append(append(u.ids, r.ids...), r.n.ids(nil)...)
		for _, k := range perRow[i] {
			for _, it := range k.f.items {
				it.y += y
				u.items = append(u.items, it)
			}
		}
		y += heights[i]
		from := 0.0
		if i < len(rows)-1 {
			from = left[lead]
		}
		u.items = append(u.items, rule(t.x+from, y, t.w-from, line))
	}
	u.h = y
	u.elems = t.s.take()
	return u
}

// rowElems makes the elements of rows.
func (t *tabler) rowElems(rows []tableRow) (list []*elem) {
	if t.table == nil {
		return nil
	}
	for _, r := range rows {
		role := "TBody"
		if r.head {
			role = "THead"
		}
		if t.part == nil || t.part.role != role {
			t.part = &elem{role: role, parent: t.table}
			t.parts = append(t.parts, t.part)
		}
		e := t.s.elem("TR", t.part)
		e.before, e.must = t.last, true
		t.last = e
		list = append(list, e)
	}
	return list
}

func (t *tabler) cellElem(n *node, row, before *elem, head bool) *elem {
	role, attrs := "TD", ""
	if n.tag == "th" {
		role, attrs = "TH", " /Scope /Row"
		if head {
			attrs = " /Scope /Column"
		}
	}
	if v := span(n, "rowspan", mostSpan); v > 1 {
		attrs += " /RowSpan " + strconv.Itoa(v)
	}
	if v := span(n, "colspan", mostColumns); v > 1 {
		attrs += " /ColSpan " + strconv.Itoa(v)
	}
	e := t.s.elem(role, row)
	e.before, e.must = before, true
	if attrs != "" {
		e.attrs = " /A << /O /Table" + attrs + " >>"
	}
	return e
}
