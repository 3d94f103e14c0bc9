// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package zonemap

import (
	"cmp"
	"slices"
)

// layouter carries one layout through its steps.
type layouter struct {
	drawing *Drawing
	zones   []Zone
	links   []*link
	index   map[string]int // zone id → position in zones

	rowWidth int // of the boxes in one row
	rows     []row
	rowOf    []int // zone → row
	slotOf   []int // zone → place in its row
	boxX     []int // zone → left edge
	channel  []channel
}

// row is one line of boxes.
type row struct {
	band    int   // index into levels, len(levels) for the band without a level
	zones   []int // from left to right
	gapUse  []int // lines through each of the len(zones)+1 gaps
	gapLeft []int // left edge of each gap, once placed
	gapWide []int
	boxes   int // width of all its boxes
	height  int // of the highest box
	top     int
}

// width is the width of a zone's box.
func (l *layouter) width(z int) int { return cmp.Or(l.zones[z].Width, boxWidth) }

// height is the height of a zone's box.
func (l *layouter) height(z int) int { return cmp.Or(l.zones[z].Height, boxHeight) }

// centre is the middle of a placed box, from the left.
func (l *layouter) centre(z int) int { return l.boxX[z] + l.width(z)/2 }

// channel is the room above a row, or below the last, in which lines run level.
type channel struct {
	tracks int
	top    int
	height int
}

func band(level string) int {
	if i := slices.Index(levels[:], level); i >= 0 {
		return i
	}
	return len(levels)
}

// assignRows orders the zones of each band so that lines cross little, and breaks bands into rows.
func (l *layouter) assignRows() {
	bands := make([][]int, len(levels)+1)
	for i, z := range l.zones {
		b := band(z.Level)
		bands[b] = append(bands[b], i)
	}
	l.order(bands)
	l.rowOf, l.slotOf = make([]int, len(l.zones)), make([]int, len(l.zones))
	for b, members := range bands {
		if len(members) == 0 {
			continue
		}
		for _, part := range l.breakRows(members) {
			r := row{band: b, zones: part, gapUse: make([]int, len(part)+1)}
			for slot, z := range part {
				l.rowOf[z], l.slotOf[z] = len(l.rows), slot
				r.boxes += l.width(z)
				r.height = max(r.height, l.height(z))
			}
			l.rows = append(l.rows, r)
		}
	}
	for _, k := range l.links {
		if l.rowOf[k.upper] > l.rowOf[k.lower] {
			k.upper, k.lower, k.down = k.lower, k.upper, false
		}
	}
}

// breakRows cuts the zones of a band into rows of about the same width.
func (l *layouter) breakRows(members []int) (rows [][]int) {
	total := 0
	for _, z := range members {
		total += l.width(z)
	}
	n := (total + l.rowWidth - 1) / l.rowWidth
	first, before := 0, 0
	for i, z := range members {
		before += l.width(z)
		// The next row begins where its share of the width does; a box wider than that takes the row alone.
		if i+1 == len(members) || (before+l.width(members[i+1]))*n > (len(rows)+1)*total {
			rows = append(rows, members[first:i+1])
			first = i + 1
		}
	}
	return rows
}

// unit is the width of a band in the arithmetic of order.
const unit = 1 << 20

// order sorts each band by the mean place of its zones' neighbours, a few times down and up. Integers keep it the same
// on every machine.
func (l *layouter) order(bands [][]int) {
	place := make([]int, len(l.zones))
	update := func(members []int) {
		for i, z := range members {
			place[z] = (2*i + 1) * unit / (2 * len(members))
		}
	}
	for _, members := range bands {
		update(members)
	}
	neighbours := make([][]int, len(l.zones))
	for _, k := range l.links {
		neighbours[k.upper] = append(neighbours[k.upper], k.lower)
		neighbours[k.lower] = append(neighbours[k.lower], k.upper)
	}
	sweep := func(members []int) {
		mean := map[int]int{}
		for _, z := range members {
			mean[z] = place[z]
			if n := neighbours[z]; len(n) > 0 {
				sum := 0
				for _, o := range n {
					sum += place[o]
				}
				mean[z] = sum / len(n)
			}
		}
		slices.SortStableFunc(members, func(a, b int) int { return cmp.Compare(mean[a], mean[b]) })
		update(members)
	}
	for range 4 {
		for _, members := range bands {
			sweep(members)
		}
		for i := len(bands) - 1; i >= 0; i-- {
			sweep(bands[i])
		}
	}
}

// chooseGaps decides, for every row that a line has to pass, between which boxes it passes.
func (l *layouter) chooseGaps() {
	centre := func(z int) int { return l.guess(l.rowOf[z], l.slotOf[z]) }
	for _, k := range l.links {
		from, to := l.rowOf[k.upper], l.rowOf[k.lower]
		if to-from < 2 {
			continue
		}
		k.gaps = l.shortest(from+1, to, centre(k.upper), centre(k.lower))
		for i, g := range k.gaps {
			l.rows[from+1+i].gapUse[g]++
		}
	}
}

// guess is about where the middle of a box will be, in the units of order.
func (l *layouter) guess(r, slot int) int {
	row := &l.rows[r]
	left := 0
	for _, z := range row.zones[:slot] {
		left += l.width(z)
	}
	return (2*left + l.width(row.zones[slot])) * unit / (2 * row.boxes)
}

// opening gives the ends of a gap in the units of order, as far as they are known before the boxes are placed.
func (l *layouter) opening(r, g int) (lo, hi int) {
	row := &l.rows[r]
	half := func(slot int) int {
		return l.width(row.zones[slot]) * unit / max(minWidth-LabelWidth, row.boxes) / 2
	}
	lo, hi = 0, unit
	if g > 0 {
		lo = l.guess(r, g-1) + half(g-1)
	}
	if g < len(row.zones) {
		hi = l.guess(r, g) - half(g)
	}
	if lo > hi {
		lo = (lo + hi) / 2
		hi = lo
	}
	return lo, hi
}

// shortest finds the gaps through the rows from first to before last that make the least way from x at the top to x at
// the bottom, where in each gap the line passes as near to the straight way as it can. A crowded gap costs a little, so
// that lines spread where the detour is small.
func (l *layouter) shortest(first, last, top, bottom int) []int {
	type station struct{ at, cost, from int }
	steps := make([][]station, last-first)
	for i := range steps {
		row := &l.rows[first+i]
		straight := top + (bottom-top)*(i+1)/(len(steps)+1)
		steps[i] = make([]station, len(row.gapUse))
		for g := range steps[i] {
			s := &steps[i][g]
			lo, hi := l.opening(first+i, g)
			s.at = min(max(straight, lo), hi)
			if i == 0 {
				s.cost = abs(s.at - top)
			} else {
				for p, prev := range steps[i-1] {
					if c := prev.cost + abs(s.at-prev.at); p == 0 || c < s.cost {
						s.cost, s.from = c, p
					}
				}
			}
			s.cost += row.gapUse[g] * unit / 64
		}
	}
	best, least := 0, -1
	for g, s := range steps[len(steps)-1] {
		if c := s.cost + abs(s.at-bottom); least < 0 || c < least {
			best, least = g, c
		}
	}
	gaps := make([]int, len(steps))
	for i := len(steps) - 1; i >= 0; i-- {
		gaps[i] = best
		best = steps[i][best].from
	}
	return gaps
}

func abs(n int) int { return max(n, -n) }

// placeColumns gives boxes and gaps their place from left to right; all rows are as wide as the widest.
func (l *layouter) placeColumns() {
	width := minWidth - LabelWidth
	for i := range l.rows {
		r := &l.rows[i]
		need := r.boxes
		r.gapWide = make([]int, len(r.gapUse))
		for g, n := range r.gapUse {
			r.gapWide[g] = max(minGap, (n+1)*trackStep)
			need += r.gapWide[g]
		}
		width = max(width, need)
	}
	l.drawing.Width = LabelWidth + width
	l.boxX = make([]int, len(l.zones))
	for i := range l.rows {
		r := &l.rows[i]
		spare := width - r.boxes
		for _, w := range r.gapWide {
			spare -= w
		}
		r.gapLeft = make([]int, len(r.gapWide))
		x := LabelWidth
		n := len(r.gapWide)
		for g := range r.gapWide {
			// Gaps within the row get twice what the two at its ends get.
			share := spare * 2 / (2*n - 2)
			if g == 0 || g == n-1 {
				share = spare / (2*n - 2)
			}
			r.gapWide[g] += share
			r.gapLeft[g] = x
			x += r.gapWide[g]
			if g < len(r.zones) {
				l.boxX[r.zones[g]] = x
				x += l.width(r.zones[g])
			}
		}
	}
}
