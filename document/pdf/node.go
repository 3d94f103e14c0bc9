// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// node is an element or, with an empty tag, text.
type node struct {
	tag     string
	classes []string
	attrs   map[string]string // but class; nil where there are none
	text    string
	kids    []*node
}

func (n *node) is(class string) bool       { return slices.Contains(n.classes, class) }
func (n *node) attr(name string) string    { return n.attrs[name] }
func (n *node) any(classes ...string) bool { return slices.ContainsFunc(classes, n.is) }

// child gives the first child with a tag.
func (n *node) child(tag string) *node {
	for _, k := range n.kids {
		if k.tag == tag {
			return k
		}
	}
	return nil
}

// ids lists the anchors in an element.
func (n *node) ids(list []string) []string {
	if id := n.attr("id"); id != "" && n.tag != "marker" && n.tag != "title" && n.tag != "desc" {
		list = append(list, id)
	}
	for _, k := range n.kids {
		list = k.ids(list)
	}
	return list
}

// words gives the text of an element as one line.
func (n *node) words() string {
	var b strings.Builder
	n.gather(&b)
	return strings.Join(strings.Fields(b.String()), " ")
}

func (n *node) gather(b *strings.Builder) {
	if n.tag == "" {
		b.WriteString(n.text)
	}
	for _, k := range n.kids {
		k.gather(b)
	}
}

// Bounds on what one page may ask for. Pages of this program stay far below.
const (
	longestToken = 16 << 20
	deepest      = 200
)

// source reads a page as a stream of tags, and as elements where the caller wants a whole one.
type source struct {
	z   *html.Tokenizer
	err error
}

func newSource(r io.Reader) *source {
	z := html.NewTokenizer(r)
	z.SetMaxBuf(longestToken)
	return &source{z: z}
}

var void = map[string]bool{"meta": true, "br": true, "hr": true, "img": true, "input": true, "link": true, "col": true, "wbr": true}

type eventKind uint8

const (
	ended eventKind = iota // of the page; source.err says why
	opened
	closed
	words
)

// next gives the next tag or text. An element that has no end tag is opened and, by whole, known to be complete.
func (s *source) next() (kind eventKind, n *node, complete bool) {
	for {
		switch s.z.Next() {
		case html.ErrorToken:
			if err := s.z.Err(); err != io.EOF {
				s.err = err
			}
			return ended, nil, false
		case html.TextToken:
			return words, &node{text: string(s.z.Text())}, true
		case html.StartTagToken:
			n := s.element()
			return opened, n, void[n.tag]
		case html.SelfClosingTagToken:
			return opened, s.element(), true
		case html.EndTagToken:
			name, _ := s.z.TagName()
			return closed, &node{tag: string(name)}, true
		}
	}
}

func (s *source) element() *node {
	name, more := s.z.TagName()
	n := &node{tag: string(name)}
	for more {
		var k, v []byte
		k, v, more = s.z.TagAttr()
		switch key := string(k); key {
		case "class":
			n.classes = strings.Fields(string(v))
		case "style", "title", "scope", "tabindex", "role", "aria-label", "aria-hidden", "aria-labelledby":
		default:
			if n.attrs == nil {
				n.attrs = map[string]string{}
			}
			n.attrs[key] = string(v)
		}
	}
	return n
}

// fill reads what an opened element holds, up to its end. Deeper than any page goes, the text is kept and the elements
// around it are not.
func (s *source) fill(n *node, depth int) {
	for {
		kind, k, complete := s.next()
		switch {
		case kind == ended || kind == closed:
			return
		case kind == words || complete:
			n.kids = append(n.kids, k)
		case depth < deepest:
			s.fill(k, depth+1)
			n.kids = append(n.kids, k)
		default:
			s.flatten(n)
		}
	}
}

// flatten reads the text of an opened element into another.
func (s *source) flatten(n *node) {
	for open := 1; open > 0; {
		switch kind, k, complete := s.next(); {
		case kind == ended:
			return
		case kind == closed:
			open--
		case kind == words:
			n.kids = append(n.kids, k)
		case !complete:
			open++
		}
	}
}
