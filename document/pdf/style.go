// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import "strings"

// What the classes of our pages mean on paper. An element that is not named here is set by its kind alone, so that a
// new document needs a rule only where it looks unlike the others.

// body is how text is set where nothing else is said.
func (s *setter) body() look { return look{regular, 9, 1.42, s.ink["text"]} }

// inherited is what an element hands down.
type inherited struct {
	look  look
	link  string
	elem  *elem // what holds the text
	align align
	cell  bool // in a cell of a table
	head  bool // in the head of a table
	keep  bool // spaces do not end a line
	pre   bool // spaces and line ends stand as they are
	rows  bool // line ends stand as they are
}

// enter gives what is handed down within an element.
func (s *setter) enter(c inherited, n *node) inherited {
	k := &c.look
	switch n.tag {
	case "h1":
		k.font, k.size, k.lead = bold, 22, 1.25
	case "h2":
		k.font, k.size, k.lead = bold, 14.5, 1.3
	case "h3", "h4":
		k.font, k.size = bold, 9.5
	case "b", "strong":
		k.font = bold
	case "th":
		if c.head {
			k.font, k.ink = regular, s.ink["text-3"]
		} else {
			k.font = bold
		}
	case "thead":
		c.head = true
		k.size = min(k.size, 7.5)
	case "small":
		k.font, k.size, k.ink = regular, min(k.size, 8.3), s.ink["text-3"]
	case "dt":
		k.size, k.ink = k.size*0.9, s.ink["text-3"]
	case "code", "pre":
		k.font, k.size = mono, k.size*0.88
		c.pre = c.pre || n.tag == "pre"
	case "a":
		if to, ok := strings.CutPrefix(n.attr("href"), "#"); ok {
			c.link = to
		}
	case "td":
		c.cell = true
	}
	for _, class := range n.classes {
		s.class(&c, n, class)
	}
	if c.link != "" && n.tag == "a" && !c.cell && !c.head {
		k.ink = s.ink["accent"]
	}
	return c
}

func (s *setter) class(c *inherited, n *node, class string) {
	k := &c.look
	switch class {
	case "dim", "same", "columns", "n":
		k.ink = s.ink["text-3"]
	case "mono":
		k.font, k.size = mono, k.size*0.88
	case "note":
		k.font, k.size, k.ink = regular, min(k.size, 7.5), s.ink["text-3"]
	case "ref", "when":
		k.font, k.size, k.ink = regular, min(k.size*0.94, 7.5), s.ink["text-2"]
	case "sev":
		k.font = bold
		c.keep = true
	case "cut", "key", "paper":
		k.size, k.ink = 8.3, s.ink["text-2"]
	case "legend", "map-legend":
		k.size, k.ink = 8, s.ink["text-2"]
	case "figure":
		k.font, k.size, k.lead = bold, 17, 1.3
	case "stamp":
		k.font, k.size = bold, 10
	case "prose":
		c.rows = true
	case "num":
		c.align = right
		c.keep = true
	case "matrix":
		k.size = 7.5
	case "inner":
		k.size = 7.5
	case "tag":
		k.ink = s.ink["text"]
	case "empty":
		k.ink = s.ink["text-2"]
	}
	if n.tag == "td" && class == "same" {
		c.align = centre
	}
}

// hidden elements are not on paper.
func hidden(n *node) bool {
	switch n.tag {
	case "head", "script", "style", "template":
		return true
	}
	return n.any("skip", "marking", "brand", "paper")
}

// wide parts stand on pages that lie on their side.
func wide(n *node) bool {
	switch n.attr("id") {
	case "conversations", "operations":
		return true
	}
	return n.any("map", "across")
}

// flat elements are one line of text, whatever elements they hold.
func flat(n *node) bool {
	switch n.tag {
	case "figcaption", "summary":
		return true
	case "header":
		return !n.is("cover")
	}
	return n.any("head", "group", "legend", "map-legend", "figure")
}

// block says whether an element begins on a line of its own.
func block(n *node, c inherited) bool {
	switch n.tag {
	case "p", "div", "ul", "ol", "li", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "table", "figure", "figcaption", "section", "header", "footer", "pre", "details", "summary", "nav", "main", "article":
		return true
	case "svg":
		return n.is("stack") || size(n.attr("height")) > 24
	}
	return n.is("note") || c.cell && n.any("item", "ref")
}

// fractions are the columns of lists that are not tables: parts of what is left where positive, points where negative.
func fractions(n *node) []float64 {
	switch {
	case n.is("ev"):
		return []float64{2.2, -68, -50, 1, 2.4, -74}
	case n.is("asset"), n.is("columns"):
		return []float64{2.2, 1.6, 2, 1.6, -24, -104, -54}
	}
	return nil
}

// widths turns fractions into points.
func widths(parts []float64, total, gap float64) []float64 {
	sum := 0.0
	total -= gap * float64(len(parts)-1)
	for _, p := range parts {
		if p < 0 {
			total += p
		} else {
			sum += p
		}
	}
	out := make([]float64, len(parts))
	for i, p := range parts {
		if p < 0 {
			out[i] = -p
		} else {
			out[i] = p * total / sum
		}
	}
	return out
}

// tag gives the ground of a tag.
func (s *setter) tag(n *node) *chip {
	for _, c := range n.classes {
		switch c {
		case "unused", "none", "unknown":
			line := s.ink["line-2"]
			return &chip{stroke: &line}
		case "bad", "refused", "engineering", "warn", "acts", "unanswered", "ok", "done":
			tint := s.ink[state(c)].tint(0.17)
			return &chip{fill: &tint}
		}
	}
	ground := s.ink["chip"]
	return &chip{fill: &ground}
}

// mark gives the square before a severity or an entry of a legend.
func (s *setter) mark(n *node) *colour {
	for _, c := range n.classes {
		name := ""
		if n.is("sev") {
			name = state(c)
		} else if k, ok := strings.CutPrefix(c, "k-"); ok {
			name = state(k)
		}
		if name != "" {
			v := s.ink[name]
			return &v
		}
	}
	return nil
}
