// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"fmt"
	"unicode/utf16"
)

// look is how text is set.
type look struct {
	font fontID
	size float64
	lead float64 // height of a line, in sizes
	ink  colour
}

type itemKind uint8

const (
	textItem itemKind = iota
	shapeItem
)

// item is a line of text in one look, or a shape. Positions are from the top left of the unit, downwards.
type item struct {
	kind       itemKind
	x, y, w, h float64 // the area; of text, that of its line
	text       string
	base       float64 // of text: from y down to the line it stands on
	look       look
	link       string
	elem       *elem // what it belongs to; nil for what only adorns
	shape      *shape
}

// shape is a path with its paint.
type shape struct {
	path         []step
	fill, stroke *colour
	width        float64
	dash         []float64
}

// step is one part of a path: M and L with one point, C with three, Z with none.
type step struct {
	op byte
	p  [6]float64
}

func box(x, y, w, h, r float64, fill, stroke *colour) item {
	return item{kind: shapeItem, x: x, y: y, w: w, h: h, shape: &shape{path: rounded(0, 0, w, h, r), fill: fill, stroke: stroke, width: 0.5}}
}

func rule(x, y, w float64, ink colour) item {
	return item{kind: shapeItem, x: x, y: y, w: w, shape: &shape{path: []step{{'M', [6]float64{}}, {'L', [6]float64{w, 0}}}, stroke: &ink, width: 0.5}}
}

// rounded is a rectangle with rounded corners.
func rounded(x, y, w, h, r float64) []step {
	r = min(r, w/2, h/2)
	if r <= 0 {
		return []step{{'M', [6]float64{x, y}}, {'L', [6]float64{x + w, y}}, {'L', [6]float64{x + w, y + h}}, {'L', [6]float64{x, y + h}}, {op: 'Z'}}
	}
	k := r * 0.4477 // how far a curve's handle stays from the corner
	return []step{
		{'M', [6]float64{x + r, y}},
		{'L', [6]float64{x + w - r, y}},
		{'C', [6]float64{x + w - k, y, x + w, y + k, x + w, y + r}},
		{'L', [6]float64{x + w, y + h - r}},
		{'C', [6]float64{x + w, y + h - k, x + w - k, y + h, x + w - r, y + h}},
		{'L', [6]float64{x + r, y + h}},
		{'C', [6]float64{x + k, y + h, x, y + h - k, x, y + h - r}},
		{'L', [6]float64{x, y + r}},
		{'C', [6]float64{x, y + k, x + k, y, x + r, y}},
		{op: 'Z'},
	}
}

// canvas is the content of a page. Its own coordinates run downwards from the top.
type canvas struct {
	buf    []byte
	height float64
	l      *letters
	fill   colour
	inked  bool
	boxed  bool // a character is shown as a box, because no font has it
}

func (c *canvas) setFill(v colour) {
	if c.inked && c.fill == v {
		return
	}
	c.fill, c.inked = v, true
	c.buf = appendColour(c.buf, v, "rg\n")
}

func appendColour(b []byte, v colour, op string) []byte {
	for _, x := range v {
		b = thousandths(b, x)
	}
	return append(b, op...)
}

// thousandths appends a share from 0 to 1.
func thousandths(b []byte, v float64) []byte {
	n := int(v*1000 + 0.5)
	switch {
	case n <= 0:
		return append(b, "0 "...)
	case n >= 1000:
		return append(b, "1 "...)
	}
	return append(b, '.', byte('0'+n/100), byte('0'+n/10%10), byte('0'+n%10), ' ')
}

// draw puts an item on the page, with the unit's top left at x, y.
func (c *canvas) draw(i *item, x, y float64) {
	if i.kind == textItem {
		c.text(x+i.x, y+i.y+i.base, i.look, i.text)
		return
	}
	s := i.shape
	if s.stroke != nil {
		c.buf = append(c.buf, "q "...)
		c.buf = appendColour(c.buf, *s.stroke, "RG ")
		c.buf = append(number(c.buf, s.width), "w "...)
		if len(s.dash) > 0 {
			c.buf = append(c.buf, '[')
			for _, d := range s.dash {
				c.buf = number(c.buf, d)
			}
			c.buf = append(c.buf, "] 0 d "...)
		}
	}
	if s.fill != nil {
		c.setFill(*s.fill)
	}
	for _, st := range s.path {
		n := 0
		switch st.op {
		case 'M', 'L':
			n = 2
		case 'C':
			n = 6
		}
		for j := 0; j < n; j += 2 {
			c.buf = number(c.buf, x+i.x+st.p[j])
			c.buf = number(c.buf, c.height-(y+i.y+st.p[j+1]))
		}
		switch st.op {
		case 'Z':
			c.buf = append(c.buf, "h "...)
		default:
			c.buf = append(c.buf, st.op|0x20, ' ')
		}
	}
	switch {
	case s.fill != nil && s.stroke != nil:
		c.buf = append(c.buf, "B Q\n"...)
		c.inked = false
	case s.stroke != nil:
		c.buf = append(c.buf, "S Q\n"...)
	default:
		c.buf = append(c.buf, "f\n"...)
	}
}

// text writes a line of text. What runs from right to left is drawn in the order in which it is seen and marked with
// the order in which it is read.
func (c *canvas) text(x, y float64, k look, s string) {
	shown := s
	turned := turns(s)
	if turned {
		shown = visual(s)
		c.buf = append(c.buf, "/Span << /ActualText <feff"...)
		for _, u := range utf16.Encode([]rune(s)) {
			c.buf = fmt.Appendf(c.buf, "%04x", u)
		}
		c.buf = append(c.buf, "> >> BDC\n"...)
	}
	c.setFill(k.ink)
	c.buf = append(c.buf, "BT "...)
	font := fonts
	for _, r := range shown {
		g := c.l.glyph(k.font, r)
		c.boxed = c.boxed || g.box
		if g.font != font {
			if font != fonts {
				c.buf = append(c.buf, "> Tj "...)
			}
			c.buf = append(c.buf, '/', 'F', '0'+byte(g.font), ' ')
			c.buf = append(number(c.buf, k.size), "Tf "...)
			if font == fonts {
				c.buf = number(c.buf, x)
				c.buf = append(number(c.buf, c.height-y), "Td "...)
			}
			c.buf = append(c.buf, '<')
			font = g.font
		}
		const digits = "0123456789abcdef"
		c.buf = append(c.buf, digits[g.code>>12], digits[g.code>>8&15], digits[g.code>>4&15], digits[g.code&15])
	}
	if font != fonts {
		c.buf = append(c.buf, "> Tj "...)
	}
	c.buf = append(c.buf, "ET\n"...)
	if turned {
		c.buf = append(c.buf, "EMC\n"...)
	}
}
