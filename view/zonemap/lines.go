// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package zonemap

import (
	"cmp"
	"slices"
)

// assignPorts decides at which x every line passes gaps and touches boxes. Lines that touch one edge are in the order
// of where they come from, so that they do not cross right there.
func (l *layouter) assignPorts() {
	l.assignGapPlaces()
	type touch struct {
		link  *link
		upper bool // the line leaves its upper box here
		next  int  // where it goes next
	}
	bottoms, tops := make([][]touch, len(l.zones)), make([][]touch, len(l.zones))
	for _, k := range l.links {
		down, up := l.centre(k.lower), l.centre(k.upper)
		if n := len(k.gapX); n > 0 {
			down, up = k.gapX[0], k.gapX[n-1]
		}
		bottoms[k.upper] = append(bottoms[k.upper], touch{k, true, down})
		if l.rowOf[k.upper] == l.rowOf[k.lower] {
			bottoms[k.lower] = append(bottoms[k.lower], touch{k, false, up})
		} else {
			tops[k.lower] = append(tops[k.lower], touch{k, false, up})
		}
	}
	spread := func(touches [][]touch, parity int) {
		for z, list := range touches {
			slices.SortStableFunc(list, func(a, b touch) int { return cmp.Compare(a.next, b.next) })
			for i, t := range list {
				x := l.boxX[z] + 10 + (i+1)*(l.width(z)-20)/(len(list)+1)
				// Lines that come from above and from below never share an x, or one would hide the other.
				x += parity - x%4
				if t.upper {
					t.link.portUpper = x
				} else {
					t.link.portLower = x
				}
			}
		}
	}
	spread(bottoms, 0)
	spread(tops, 2)
}

// assignGapPlaces decides where in a gap each line passes: as near to the straight way as the others let it.
func (l *layouter) assignGapPlaces() {
	type passing struct {
		link *link
		x    int
	}
	for r := range l.rows {
		row := &l.rows[r]
		through := make([][]passing, len(row.gapUse))
		for _, k := range l.links {
			first, last := l.rowOf[k.upper], l.rowOf[k.lower]
			if step := r - first - 1; step >= 0 && step < len(k.gaps) {
				from, to := l.centre(k.upper), l.centre(k.lower)
				through[k.gaps[step]] = append(through[k.gaps[step]], passing{k, from + (to-from)*(step+1)/(last-first)})
			}
		}
		for g, list := range through {
			slices.SortStableFunc(list, func(a, b passing) int { return cmp.Compare(a.x, b.x) })
			step := min(trackStep+3, row.gapWide[g]/(len(list)+1))
			lo, hi := row.gapLeft[g]+step, row.gapLeft[g]+row.gapWide[g]-step
			for i := range list {
				list[i].x = max(list[i].x, lo)
				lo = list[i].x + step
			}
			for i := len(list) - 1; i >= 0; i-- {
				list[i].x = min(list[i].x, hi)
				hi = list[i].x - step
			}
			for _, p := range list {
				// Lines in gaps have odd places, those at boxes even ones, so that neither hides the other.
				p.link.gapX = append(p.link.gapX, p.x-p.x%4+1+r%2*2)
			}
		}
	}
}

// stretch is the level part of a line in one channel.
type stretch struct {
	link     *link
	step     int   // which of the link's channels
	from, to int   // x, from ≤ to
	up       []int // x at which it is joined to what is above the channel
	down     int   // x at which it is joined to what is below, -1 for nothing
	track    int
}

// nearby is the distance below which two upright parts look like one line.
const nearby = 6

// above says whether s has to run higher than t: an upright part comes down to s where one leaves t downwards, and
// both would be drawn over each other.
func (s *stretch) above(t *stretch) bool {
	return t.down >= 0 && slices.ContainsFunc(s.up, func(x int) bool { return abs(x-t.down) < nearby })
}

// stations gives the x at which the line enters and leaves each channel on its way.
func (k *link) stations() []int {
	return append(append([]int{k.portUpper}, k.gapX...), k.portLower)
}

// assignTracks gives each level part of a line a height of its own within its channel.
func (l *layouter) assignTracks() {
	l.channel = make([]channel, len(l.rows)+1)
	byChannel := make([][]*stretch, len(l.rows)+1)
	for _, k := range l.links {
		x := k.stations()
		k.tracks = make([]int, len(x)-1)
		turns := l.rowOf[k.upper] == l.rowOf[k.lower] // down and up again
		for i := range k.tracks {
			c := l.rowOf[k.upper] + 1 + i
			s := &stretch{link: k, step: i, from: min(x[i], x[i+1]), to: max(x[i], x[i+1]), up: x[i : i+1], down: x[i+1]}
			if turns {
				s.up, s.down = x[i:i+2], -1
			}
			byChannel[c] = append(byChannel[c], s)
		}
	}
	for c, list := range byChannel {
		l.channel[c].tracks = pack(list)
	}
}

// pack puts stretches on as few tracks as a simple rule finds, those that have to run higher first, and gives the
// number of tracks.
func pack(list []*stretch) int {
	slices.SortStableFunc(list, func(a, b *stretch) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	var done []*stretch
	tracks := 0
	for len(list) > 0 {
		// The next is the first that nothing left has to run above; in a ring of such demands simply the first.
		next := max(0, slices.IndexFunc(list, func(s *stretch) bool {
			return !slices.ContainsFunc(list, func(o *stretch) bool { return o != s && o.above(s) })
		}))
		s := list[next]
		list = slices.Delete(list, next, next+1)
		s.track = 0
		for _, d := range done {
			if d.above(s) {
				s.track = max(s.track, d.track+1)
			}
		}
		for slices.ContainsFunc(done, func(d *stretch) bool {
			return d.track == s.track && d.from < s.to+trackStep && s.from < d.to+trackStep
		}) {
			s.track++
		}
		s.link.tracks[s.step] = s.track
		tracks = max(tracks, s.track+1)
		done = append(done, s)
	}
	return tracks
}

// placeRows stacks channels, rows and bands from top to bottom.
func (l *layouter) placeRows() {
	y, next := 0, 0 // next is the first band that has no place yet
	bandTop := 0
	strip := func(until int) {
		for ; next < until; next++ {
			l.drawing.Bands = append(l.drawing.Bands, Band{Level: levels[next], Top: y, Height: stripHeight, Empty: true})
			y += stripHeight
		}
		bandTop = y
	}
	for i := range l.rows {
		r := &l.rows[i]
		c := &l.channel[i]
		c.top = y
		room := channelBase + c.tracks*trackStep
		if i > 0 && l.rows[i-1].band == r.band {
			y += room
		} else {
			y += room / 2
			if i > 0 {
				l.closeBand(l.rows[i-1].band, bandTop, y)
			} else {
				y = 0 // nothing runs above the first row
			}
			strip(r.band)
			next = r.band + 1
			y += room - room/2
		}
		c.height = y - c.top
		r.top = y
		y += r.height
	}
	if n := len(l.rows); n > 0 {
		last := &l.channel[n]
		last.top, last.height = y, channelBase/2+last.tracks*trackStep
		y += last.height
		l.closeBand(l.rows[n-1].band, bandTop, y)
	}
	strip(len(levels))
	l.drawing.Height = y
}

func (l *layouter) closeBand(b, top, bottom int) {
	level := ""
	if b < len(levels) {
		level = levels[b]
	}
	l.drawing.Bands = append(l.drawing.Bands, Band{Level: level, Top: top, Height: bottom - top})
}

// draw turns the placed parts into boxes and paths.
func (l *layouter) draw() {
	number := make([]int, len(l.zones))
	for _, r := range l.rows {
		for _, z := range r.zones {
			number[z] = len(l.drawing.Boxes)
			b := Box{Zone: l.zones[z], X: l.boxX[z], Y: r.top, Width: l.width(z), Height: l.height(z)}
			b.Text = boxText(b)
			l.drawing.Boxes = append(l.drawing.Boxes, b)
		}
	}
	for _, k := range l.links {
		x := k.stations()
		first := l.rowOf[k.upper]
		points := []Point{{x[0], l.rows[first].top + l.height(k.upper)}}
		for i, t := range k.tracks {
			c := l.channel[first+1+i]
			y := c.top + (t+1)*c.height/(c.tracks+1)
			points = append(points, Point{x[i], y}, Point{x[i+1], y})
		}
		end := Point{x[len(x)-1], l.rows[l.rowOf[k.lower]].top}
		if l.rowOf[k.lower] == first {
			end.Y += l.height(k.lower)
		}
		points = append(points, end)
		from, to := number[k.upper], number[k.lower]
		if !k.down {
			slices.Reverse(points)
			from, to = to, from
		}
		l.drawing.Lines = append(l.drawing.Lines, Line{Link: k.Link, Points: points, from: from, to: to})
	}
	// What matters most is drawn last, on top.
	slices.Reverse(l.drawing.Lines)
}
