// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"breakwater/harbour"
)

// formOf finds the form that was sent, by its address and, where several have the same, by what it says without being asked:
// hidden fields and the button.
func formOf(doc *html.Node, to *url.URL, sent url.Values) (form *html.Node) {
	best := -1
	for n := range doc.Descendants() {
		if n.DataAtom != atom.Form || !strings.EqualFold(get(n, "method"), "post") {
			continue
		}
		if u, err := url.Parse(get(n, "action")); err != nil || u.Path != to.Path {
			continue
		}
		score := 0
		for c := range n.Descendants() {
			if (c.DataAtom == atom.Button || c.DataAtom == atom.Input && get(c, "type") == "hidden") && get(c, "name") != "" && slices.Contains(sent[get(c, "name")], get(c, "value")) {
				score++
			}
		}
		if score > best {
			best, form = score, n
		}
	}
	return form
}

// fill writes what was typed into the form, and the error beside the field that it is about, which gets the focus. Passwords
// are never given back.
func fill(doc, form *html.Node, sent url.Values, wrong error) {
	var first, about, pressed *html.Node
	field := fieldOf(wrong)
	left := url.Values{}
	for name, values := range sent {
		left[name] = slices.Clone(values)
	}
	for n := range form.Descendants() {
		name := get(n, "name")
		switch {
		case n.DataAtom == atom.Button && name != "" && slices.Contains(sent[name], get(n, "value")):
			pressed = n
		case n.DataAtom != atom.Input && n.DataAtom != atom.Textarea && n.DataAtom != atom.Select || name == "" || get(n, "type") == "file":
			continue
		default:
			put(n, left)
		}
		if get(n, "type") == "hidden" || n.DataAtom == atom.Button {
			continue
		}
		if first == nil {
			first = n
		}
		if about == nil && field != "" && name == field {
			about = n
		}
	}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			drop(n, "autofocus")
		}
	}
	message, hint := Words(wrong)
	note := element(atom.P, strings.TrimSpace(message+" "+hint), "class", "wrong", "role", "alert", "id", "refused")
	switch {
	case about != nil:
		set(about, "aria-invalid", "true")
		set(about, "aria-describedby", strings.TrimSpace(get(about, "aria-describedby")+" refused"))
		set(about, "autofocus", "")
		after := about
		for p := about.Parent; p != form && p != nil; p = p.Parent {
			if p.DataAtom == atom.Label {
				after = p
			}
		}
		after.Parent.InsertBefore(note, after.NextSibling)
		unfold(about)
	default:
		where := form
		if pressed != nil { // near it, where a form has several parts
			where = panelOf(pressed, form)
			unfold(pressed)
		}
		if f := firstOf(where); f != nil {
			first = f
		}
		where.InsertBefore(note, where.FirstChild)
		if first != nil {
			set(first, "autofocus", "")
			set(first, "aria-describedby", strings.TrimSpace(get(first, "aria-describedby")+" refused"))
			unfold(first)
		}
	}
}

// fieldOf is the field that an error is about, "" for none.
func fieldOf(err error) string {
	var e *harbour.Error
	if errors.As(err, &e) {
		return e.Field
	}
	return ""
}

// put gives a field the next of the values that were sent under its name.
func put(n *html.Node, left url.Values) {
	name := get(n, "name")
	switch {
	case n.DataAtom == atom.Select:
		if len(left[name]) == 0 {
			return
		}
		for o := range n.Descendants() {
			if o.DataAtom == atom.Option {
				mark(o, "selected", slices.Contains(left[name], get(o, "value")))
			}
		}
	case n.DataAtom == atom.Textarea:
		if len(left[name]) > 0 {
			for n.FirstChild != nil {
				n.RemoveChild(n.FirstChild)
			}
			n.AppendChild(&html.Node{Type: html.TextNode, Data: left[name][0]})
			left[name] = left[name][1:]
		}
	case get(n, "type") == "checkbox" || get(n, "type") == "radio":
		mark(n, "checked", slices.Contains(left[name], get(n, "value")))
	case get(n, "type") == "password":
	default:
		if len(left[name]) > 0 {
			set(n, "value", left[name][0])
			left[name] = left[name][1:]
		}
	}
}

// panelOf is the part of a form that a button stands in, or the form.
func panelOf(n, form *html.Node) *html.Node {
	for p := n.Parent; p != nil && p != form; p = p.Parent {
		if p.Parent != nil && p.Parent.DataAtom == atom.Details {
			return p
		}
	}
	return form
}

// firstOf is the first field that people fill in.
func firstOf(n *html.Node) *html.Node {
	for c := range n.Descendants() {
		if (c.DataAtom == atom.Input && get(c, "type") != "hidden" || c.DataAtom == atom.Textarea || c.DataAtom == atom.Select) && get(c, "name") != "" {
			return c
		}
	}
	return nil
}

// unfold opens whatever hides an element.
func unfold(n *html.Node) {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.DataAtom == atom.Details {
			mark(p, "open", true)
		}
	}
}

func element(a atom.Atom, text string, attrs ...string) *html.Node {
	n := &html.Node{Type: html.ElementNode, DataAtom: a, Data: a.String()}
	for i := 0; i+1 < len(attrs); i += 2 {
		set(n, attrs[i], attrs[i+1])
	}
	if text != "" {
		n.AppendChild(&html.Node{Type: html.TextNode, Data: text})
	}
	return n
}

func get(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func set(n *html.Node, name, value string) {
	drop(n, name)
	n.Attr = append(n.Attr, html.Attribute{Key: name, Val: value})
}

func drop(n *html.Node, name string) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func mark(n *html.Node, name string, is bool) {
	if drop(n, name); is {
		set(n, name, "")
	}
}
