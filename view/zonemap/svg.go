// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package zonemap

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"breakwater/view"
)

// Words says what a state means, as the legend has it.
func (s State) Words() string {
	switch s {
	case Approved:
		return "approved and used"
	case Exceeded:
		return "approved, and more than that was seen"
	case Undocumented:
		return "undocumented: seen, not approved"
	case Unused:
		return "approved, not seen"
	}
	return "not known"
}

// label is the box in full words, for those who point at it and those who hear it.
func (b Box) label() string {
	var s strings.Builder
	s.WriteString(view.Plain(b.Zone.Name, 200))
	s.WriteString(", " + strings.ToLower(view.Level(b.Zone.Level).Title))
	if b.Zone.Kind != "" {
		s.WriteString(", " + b.Zone.Kind)
	}
	s.WriteString(", " + view.Count(b.Zone.Members, "asset", "assets"))
	if b.Zone.Worst != "" {
		s.WriteString(", worst: " + view.Count(b.Zone.Count, "finding", "findings") + " " + strings.ToLower(view.Severity(b.Zone.Worst).Title))
	}
	return s.String()
}

// class marks the box, so that [FocusRules] can speak of it.
func (d *Drawing) class(i int) string { return "z" + strconv.Itoa(i) }

// class marks the line with its two boxes.
func (l Line) class() string { return "b" + strconv.Itoa(l.from) + " b" + strconv.Itoa(l.to) }

// FocusRules gives the style rules that fade all lines but those of the box that is pointed at or has the focus. They
// depend on the number of boxes and on nothing else.
func (d *Drawing) FocusRules() string {
	var b strings.Builder
	for i := range d.Boxes {
		n := strconv.Itoa(i)
		b.WriteString(".zonemap:has(.z" + n + ":is(:hover, :focus-visible)) .line:not(.b" + n + ") { opacity: .12; }\n")
	}
	return b.String()
}

const cornerRadius = 5

// path writes the line with rounded corners.
func (l Line) path() string {
	var points []Point
	for _, p := range l.Points {
		if n := len(points); n == 0 || points[n-1] != p {
			points = append(points, p)
		}
	}
	var b strings.Builder
	put := func(op string, p Point) {
		b.WriteString(op + strconv.Itoa(p.X) + " " + strconv.Itoa(p.Y))
	}
	for i, p := range points {
		switch {
		case i == 0:
			put("M", p)
		case i == len(points)-1:
			put("L", p)
		default:
			in, out := points[i-1], points[i+1]
			r := min(cornerRadius, length(in, p)/2, length(p, out)/2)
			put("L", toward(p, in, r))
			put("Q", p)
			put(" ", toward(p, out, r))
		}
	}
	return b.String()
}

func length(a, b Point) int { return max(a.X-b.X, b.X-a.X) + max(a.Y-b.Y, b.Y-a.Y) }

// toward moves from p by r in the direction of q, which is level with or upright over p.
func toward(p, q Point, r int) Point {
	switch {
	case q.X > p.X:
		p.X += r
	case q.X < p.X:
		p.X -= r
	case q.Y > p.Y:
		p.Y += r
	case q.Y < p.Y:
		p.Y -= r
	}
	return p
}

// upwards lists the lines as they lie on each other: what needs looking at most is drawn last, over the others.
func (d *Drawing) upwards() []Line {
	list := slices.Clone(d.Lines)
	slices.SortStableFunc(list, func(a, b Line) int {
		return cmp.Compare(slices.Index(States, b.Link.State), slices.Index(States, a.Link.State))
	})
	return list
}
