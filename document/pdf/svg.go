// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"math"
	"strconv"
	"strings"
)

// The drawings of our pages are made of rectangles, text and paths of straight lines and curves, painted by class.

// highest is how high a drawing may be on paper.
const highest = 430

// size reads a length, 0 where there is none.
func size(s string) float64 {
	if s == "" {
		return 0
	}
	v, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(s), "px"), 64)
	if err != nil || math.IsNaN(v) || math.Abs(v) > 1e5 {
		return 0
	}
	return v
}

// viewBox gives the extent of a drawing in its own units.
func viewBox(n *node) (w, h float64) {
	if f := strings.Fields(n.attr("viewbox")); len(f) == 4 {
		w, h = size(f[2]), size(f[3])
	}
	if w <= 0 || h <= 0 {
		w, h = size(n.attr("width")), size(n.attr("height"))
	}
	return max(w, 1), max(h, 1)
}

// artSize is the size of a small drawing among text.
func artSize(n *node, letter float64) (w, h float64) {
	w, h = viewBox(n)
	k := min(0.75, letter*1.3/h)
	return w * k, h * k
}

// art draws a small drawing in the middle of a line.
func (s *setter) art(n *node, x, y, line, letter float64) []item {
	vw, vh := viewBox(n)
	w, h := artSize(n, letter)
	p := painter{s: s, x: x, y: y + (line-h)/2, kx: w / vw, ky: h / vh}
	p.kids(n, brush{})
	return p.items
}

// drawing sets a drawing of its own. Whose text says the same beside it only adorns.
func (f *flow) drawing(n *node, c inherited) {
	vw, vh := viewBox(n)
	w, h := f.w, vh*f.w/vw
	if n.is("stack") {
		h = 6
	} else if h > highest {
		w, h = vw*highest/vh, highest
	}
	p := painter{s: f.s, x: f.x + (f.w-w)/2, y: f.y, kx: w / vw, ky: h / vh}
	if c.elem != nil && !n.is("stack") {
		p.elem = f.s.elem("Figure", c.elem)
		p.elem.attrs = " /Alt " + textString(strings.TrimSpace(titles(n)))
	}
	p.kids(n, brush{elem: p.elem})
	f.items = append(f.items, p.items...)
	f.y += h
}

// painter turns the elements of a drawing into items.
type painter struct {
	s      *setter
	x, y   float64
	kx, ky float64
	items  []item
	depth  int
	elem   *elem
}

// titles is what a drawing says of itself to those who do not see it.
func titles(n *node) string {
	var parts []string
	for _, tag := range []string{"title", "desc"} {
		if t := n.child(tag); t != nil {
			parts = append(parts, t.words())
		}
	}
	return strings.Join(parts, ". ")
}

// brush is what a group hands down.
type brush struct {
	classes []string
	link    string
	elem    *elem
}

func (b brush) is(class string) bool {
	for _, c := range b.classes {
		if c == class {
			return true
		}
	}
	return false
}

func (p *painter) kids(n *node, b brush) {
	if p.depth > 50 {
		return
	}
	p.depth++
	rects := 0
	for _, k := range n.kids {
		switch k.tag {
		case "g", "a":
			in := brush{append(append([]string(nil), b.classes...), k.classes...), b.link, b.elem}
			if to, ok := strings.CutPrefix(k.attr("href"), "#"); ok && !b.elem.linked() {
				in.link = to
				if k.is("zone") && b.elem != nil {
					in.elem = p.s.elem("Link", b.elem)
				}
			}
			p.kids(k, in)
		case "rect":
			p.rect(k, b, rects == 0)
			rects++
		case "path":
			if !k.is("hit") {
				p.path(k, b)
			}
		case "text":
			p.text(k, b)
		}
	}
	p.depth--
}

func (p *painter) colour(name string) *colour {
	c := p.s.ink[name]
	return &c
}

func (p *painter) rect(n *node, b brush, first bool) {
	i := box(p.x+size(n.attr("x"))*p.kx, p.y+size(n.attr("y"))*p.ky, size(n.attr("width"))*p.kx, size(n.attr("height"))*p.ky, size(n.attr("rx"))*p.kx, nil, nil)
	switch {
	case n.is("track"):
		i.shape.fill = p.colour("chip")
	case n.is("mark"):
		i.shape.fill = p.colour("info")
		for _, c := range n.classes {
			if name := state(c); name != "" {
				i.shape.fill = p.colour(name)
			}
		}
	case b.is("band"):
		i.shape.fill = p.colour("card")
		if b.is("odd") {
			i.shape.fill = p.colour("sunk")
		}
	case b.is("zone") && first:
		i.shape.fill, i.shape.stroke, i.shape.width = p.colour("card"), p.colour("line-2"), 0.6
		i.link = b.link
	default:
		i.shape.fill = p.colour("info")
		for _, c := range n.classes {
			if name, ok := strings.CutPrefix(c, "c-"); ok && state(name) != "" {
				i.shape.fill = p.colour(state(name))
			} else if ok {
				i.shape.fill = p.colour("medium")
			}
		}
	}
	i.elem = b.elem
	p.items = append(p.items, i)
}

// text sets each stretch of a text element after the one before it.
func (p *painter) text(n *node, b brush) {
	k := look{regular, 11 * p.kx, 1, p.s.ink["text-2"]}
	switch {
	case n.is("level"):
		k.font, k.size, k.ink = bold, 12*p.kx, p.s.ink["text"]
	case n.is("name"):
		k.font, k.size, k.ink = bold, 13*p.kx, p.s.ink["text"]
	case n.is("worst"):
		k.font, k.ink = bold, p.s.ink["text"]
	case b.is("band"):
		k.ink = p.s.ink["text-3"]
	}
	x, y := p.x+size(n.attr("x"))*p.kx, p.y+size(n.attr("y"))*p.ky
	for _, c := range n.kids {
		x += size(c.attr("dx")) * p.kx
		if t := c.words(); t != "" {
			w := p.s.l.width(k.font, k.size, t)
			p.items = append(p.items, item{x: x, y: y - k.size, w: w, h: k.size * 1.25, base: k.size, text: t, look: k, link: b.link, elem: b.elem})
			x += w
		}
	}
}

// lineStyles paint the lines between zones by their state.
var lineStyles = map[string]struct {
	ink  string
	dash []float64
}{
	"approved": {"ok", nil}, "exceeded": {"high", []float64{9, 3, 2, 3}}, "undocumented": {"critical", []float64{5, 4}},
	"unused": {"text-3", []float64{1.5, 4}}, "unknown": {"text-3", []float64{12, 5}},
}

func (p *painter) path(n *node, b brush) {
	steps := parsePath(n.attr("d"), p.kx, p.ky)
	if len(steps) == 0 {
		return
	}
	s := &shape{path: steps, stroke: p.colour("info"), width: 1.6 * p.kx}
	for _, c := range b.classes {
		if style, ok := lineStyles[c]; ok {
			s.stroke = p.colour(style.ink)
			for _, d := range style.dash {
				s.dash = append(s.dash, d*p.kx)
			}
		}
	}
	p.items = append(p.items, item{kind: shapeItem, x: p.x, y: p.y, shape: s, elem: b.elem})
	if n.attr("marker-end") != "" {
		if head := arrow(steps, 8*p.kx); head != nil {
			p.items = append(p.items, item{kind: shapeItem, x: p.x, y: p.y, shape: &shape{path: head, fill: s.stroke}, elem: b.elem})
		}
	}
}

// arrow draws the head at the end of a path.
func arrow(steps []step, size float64) []step {
	if len(steps) < 2 {
		return nil
	}
	end := func(s step) (x, y float64) {
		if s.op == 'C' {
			return s.p[4], s.p[5]
		}
		return s.p[0], s.p[1]
	}
	last := steps[len(steps)-1]
	x, y := end(last)
	fx, fy := end(steps[len(steps)-2])
	if last.op == 'C' {
		fx, fy = last.p[2], last.p[3]
	}
	d := math.Hypot(x-fx, y-fy)
	if d == 0 {
		return nil
	}
	dx, dy := (x-fx)/d*size, (y-fy)/d*size
	bx, by := x-dx, y-dy
	return []step{
		{'M', [6]float64{x, y}},
		{'L', [6]float64{bx - dy*0.44, by + dx*0.44}},
		{'L', [6]float64{bx + dy*0.44, by - dx*0.44}},
		{op: 'Z'},
	}
}

// parsePath reads the commands M, L, H, V, Q and Z with absolute coordinates, which are those that our drawings use.
// From a command that it does not know on, nothing is drawn.
func parsePath(d string, kx, ky float64) (steps []step) {
	var x, y float64
	for len(d) > 0 && len(steps) < 10000 {
		op := d[0]
		d = d[1:]
		var args []float64
		for {
			d = strings.TrimLeft(d, " ,\n")
			n := 0
			for n < len(d) && (d[n] >= '0' && d[n] <= '9' || d[n] == '.' || d[n] == '-' && n == 0) {
				n++
			}
			if n == 0 {
				break
			}
			args = append(args, size(d[:n]))
			d = d[n:]
		}
		switch {
		case (op == 'M' || op == 'L') && len(args) >= 2:
			for i := 0; i+1 < len(args); i += 2 {
				x, y = args[i]*kx, args[i+1]*ky
				steps = append(steps, step{op, [6]float64{x, y}})
				op = 'L'
			}
		case op == 'H' && len(args) == 1:
			x = args[0] * kx
			steps = append(steps, step{'L', [6]float64{x, y}})
		case op == 'V' && len(args) == 1:
			y = args[0] * ky
			steps = append(steps, step{'L', [6]float64{x, y}})
		case op == 'Q' && len(args) == 4:
			cx, cy, ex, ey := args[0]*kx, args[1]*ky, args[2]*kx, args[3]*ky
			steps = append(steps, step{'C', [6]float64{x + (cx-x)*2/3, y + (cy-y)*2/3, ex + (cx-ex)*2/3, ey + (cy-ey)*2/3, ex, ey}})
			x, y = ex, ey
		case op == 'Z':
			steps = append(steps, step{op: 'Z'})
		case op == ' ':
		default:
			return steps
		}
	}
	return steps
}
