// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"fmt"
	"strconv"
)

// elem is an element of the structure that is read aloud, searched and reflowed: a heading, a paragraph, a cell. It takes its place among
// the children of its parent when the first of its content is drawn, so that the order of the tree is that of the text,
// and one of which nothing is drawn is not in the tree.
type elem struct {
	role   string
	parent *elem
	before *elem // a cell that takes its place first, even if it is empty
	attrs  string
	must   bool // in the tree though nothing is drawn of it: an empty cell
	id     int  // 0 until it has its place
	page   int  // object of the page on which it begins
	kids   []byte
}

// grouping elements hold others and no text.
func (e *elem) grouping() bool {
	switch e.role {
	case "Document", "Sect", "L", "LI", "Table", "THead", "TBody", "TR", "TOC", "TOCI":
		return true
	}
	return false
}

// under gives the innermost element of a role that e is in, or nil.
func (e *elem) under(role string) *elem {
	for ; e != nil; e = e.parent {
		if e.role == role {
			return e
		}
	}
	return nil
}

// linked says whether an element is in a link.
func (e *elem) linked() bool { return e.under("Link") != nil }

// attach gives an element its place in the tree.
func (e *elem) attach(f *file) {
	if e.id > 0 {
		return
	}
	if e.before != nil {
		e.before.attach(f)
	}
	e.id = f.id()
	if e.parent != nil {
		e.parent.attach(f)
		e.parent.kids = append(strconv.AppendInt(e.parent.kids, int64(e.id), 10), " 0 R "...)
	}
}

// content says that a stretch of a page belongs to an element.
func (e *elem) content(page, mark int) {
	if e.page == 0 {
		e.page = page
	}
	if e.page == page {
		e.kids = append(strconv.AppendInt(e.kids, int64(mark), 10), ' ')
		return
	}
	e.kids = fmt.Appendf(e.kids, "<< /Type /MCR /Pg %d 0 R /MCID %d >> ", page, mark)
}

// area says that a link's area belongs to an element.
func (e *elem) area(page, annotation int) {
	e.kids = fmt.Appendf(e.kids, "<< /Type /OBJR /Pg %d 0 R /Obj %d 0 R >> ", page, annotation)
}

// write puts an element that has its place into the file. Nothing may be added to it afterwards.
func (e *elem) write(f *file, root int) {
	if e.id == 0 {
		return
	}
	up := root
	if e.parent != nil {
		up = e.parent.id
	}
	var room [256]byte
	b := room[:0]
	b = append(append(b, "<< /S /"...), e.role...)
	b = append(strconv.AppendInt(append(b, " /P "...), int64(up), 10), " 0 R"...)
	if e.page > 0 {
		b = append(strconv.AppendInt(append(b, " /Pg "...), int64(e.page), 10), " 0 R"...)
	}
	b = append(append(append(b, e.attrs...), " /K ["...), e.kids...)
	f.objectBytes(e.id, append(b, "] >>"...))
	e.kids = nil
}

// elem makes an element within another.
func (s *setter) elem(role string, parent *elem) *elem {
	e := &elem{role: role, parent: parent}
	s.made = append(s.made, e)
	return e
}

// take gives the elements that were made since it was last called.
func (s *setter) take() []*elem {
	made := s.made
	s.made = nil
	return made
}

// within gives the element that holds what an element of the page holds.
func (s *setter) within(e *elem, n *node) *elem {
	if e == nil {
		return nil
	}
	role := ""
	switch n.tag {
	case "h1", "h2", "h3", "h4":
		role = "H" + n.tag[1:]
	case "p", "pre":
		role = "P"
	case "ul", "ol", "dl":
		role = "L"
	case "li":
		return s.elem("LBody", s.elem("LI", e))
	case "dt":
		role = "Lbl"
	case "dd":
		role = "LBody"
	case "figure":
		role = "Sect"
	case "a":
		if n.attr("href") == "" {
			return e
		}
		role = "Link"
		if e.grouping() {
			e = s.elem("P", e)
		}
	default:
		return e
	}
	return s.elem(role, e)
}

// paragraph gives the element that text stands in.
func (s *setter) paragraph(e *elem) *elem {
	switch {
	case e == nil || !e.grouping():
		return e
	case e.role == "LI":
		return s.elem("LBody", e)
	}
	return s.elem("P", e)
}
