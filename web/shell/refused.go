// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"bytes"
	"context"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"breakwater/harbour"
)

// pageField is the hidden field by which a form that came back says on which page it stands: the browser's own word for
// that is then the address that the form was sent to, where no page is.
const pageField = "breakwater-page"

// Mendable says whether people mend an error in the form that they have filled in.
func Mendable(err error) bool {
	k := harbour.KindOf(err)
	return k == harbour.ErrInvalid || k == harbour.ErrConflict
}

// Again answers a refused form with the page that it stands on, as the handler makes it: the form holds what was typed, and
// the error beside its field. Handlers need it only where the page is one that no address leads to; the other forms come
// back by themselves, whichever they are.
func (r *Request) Again(wrong error, page Handler) error {
	if !Mendable(wrong) || !r.cameAsForm() {
		return wrong
	}
	keep := &kept{header: http.Header{}}
	again := *r
	again.W = keep
	if err := page(&again); err != nil {
		return wrong
	}
	if !r.giveBack(wrong, keep, "") {
		return wrong
	}
	return nil
}

// again is Again for every form: the page is the one that the form was sent from.
func (r *Request) again(wrong error) bool {
	if !Mendable(wrong) || !r.cameAsForm() || r.By == nil {
		return false
	}
	page := r.PostFormValue(pageField)
	if page == "" {
		u, err := url.Parse(r.Referer())
		if err != nil || u.Host != r.Host {
			return false
		}
		page = u.RequestURI()
	}
	at, err := url.Parse(page)
	if err != nil || !Local(page) {
		return false
	}
	hr := r.Clone(context.WithoutCancel(r.Context()))
	hr.Method, hr.URL, hr.RequestURI, hr.Body, hr.ContentLength = http.MethodGet, at, page, nil, 0
	hr.Form, hr.PostForm, hr.MultipartForm = nil, nil, nil
	hr.Header.Del("Content-Type")
	keep := &kept{header: http.Header{}}
	r.shell.mux.ServeHTTP(keep, hr)
	return r.giveBack(wrong, keep, page)
}

// cameAsForm says whether a form of a page was sent whole: no script asks, and no file came along, which no page can give back.
func (r *Request) cameAsForm() bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return r.Method == http.MethodPost && !r.script() && !strings.Contains(r.Header.Get("Accept"), "application/json") &&
		kind == "application/x-www-form-urlencoded" && r.ParseForm() == nil
}

// kept is a page that is not sent yet.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *kept) Header() http.Header { return k.header }

func (k *kept) WriteHeader(status int) {
	if k.status == 0 {
		k.status = status
	}
}

func (k *kept) Write(b []byte) (int, error) {
	k.WriteHeader(http.StatusOK)
	return k.body.Write(b)
}

// giveBack sends the page with the form filled in; false where the form is not on it.
func (r *Request) giveBack(wrong error, page *kept, at string) bool {
	if page.status != http.StatusOK {
		return false
	}
	doc, err := html.Parse(&page.body)
	if err != nil {
		return false
	}
	form := formOf(doc, r.URL, r.PostForm)
	if form == nil {
		return false
	}
	fill(doc, form, r.PostForm, wrong)
	if at != "" && r.PostFormValue(pageField) == "" {
		form.AppendChild(element(atom.Input, "", "type", "hidden", "name", pageField, "value", at))
	}
	var out bytes.Buffer
	if html.Render(&out, doc) != nil {
		return false
	}
	h := r.W.Header()
	for _, name := range []string{"Content-Type", "Cache-Control", "Vary"} {
		h[name] = page.header[name]
	}
	for _, c := range page.header["Set-Cookie"] {
		h.Add("Set-Cookie", c)
	}
	r.W.WriteHeader(harbour.KindOf(wrong).HTTPStatus())
	_, _ = r.W.Write(out.Bytes())
	return true
}

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
