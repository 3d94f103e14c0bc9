// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package webtest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Client is a browser without script.
type Client struct {
	house   *House
	cookies map[string]string
	at      string // the page that was opened last, which forms are sent from
	// Header is sent along with each request.
	Header http.Header
	// Remote is the address that requests come from; "" for one of another machine.
	Remote string
}

// As is the browser of somebody in a role ("" for nobody) of Skerry.
func (h *House) As(role string) *Client { return h.AsIn(role, Skerry) }

// AsIn is As for an organisation.
func (h *House) AsIn(role, org string) *Client {
	c := &Client{house: h, cookies: map[string]string{}, Header: http.Header{}}
	if role != "" {
		c.cookies["breakwater"] = role + "@" + org
	}
	return c
}

// Answer is what came back.
type Answer struct {
	t      testing.TB
	Path   string
	Status int
	Header http.Header
	Body   string
}

// Get asks for a page.
func (c *Client) Get(path string) *Answer { return c.do(http.MethodGet, path, "", nil) }

// Post sends a form: pairs of name and value.
func (c *Client) Post(path string, pairs ...string) *Answer {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return c.do(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(v.Encode()))
}

// Do sends any request.
func (c *Client) Do(method, path, kind string, body io.Reader) *Answer {
	return c.do(method, path, kind, body)
}

func (c *Client) do(method, path, kind string, body io.Reader) *Answer {
	c.house.T.Helper()
	r := httptest.NewRequest(method, path, body)
	if c.Remote != "" {
		r.RemoteAddr = c.Remote
	}
	if c.at != "" {
		r.Header.Set("Referer", "http://"+r.Host+c.at)
	}
	for k, v := range c.Header {
		r.Header[k] = v
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for k, v := range c.cookies {
		r.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	w := httptest.NewRecorder()
	c.house.Handler.ServeHTTP(w, r)
	a := w.Result()
	if method == http.MethodGet && w.Code == http.StatusOK && r.Header.Get("HX-Request") == "" {
		c.at = path
	}
	for _, k := range a.Cookies() {
		if k.MaxAge < 0 {
			delete(c.cookies, k.Name)
		} else {
			c.cookies[k.Name] = k.Value
		}
	}
	return &Answer{c.house.T, method + " " + path, a.StatusCode, a.Header, w.Body.String()}
}

// Part asks for one element of a page, as its script would.
func (c *Client) Part(path, id string) *Answer {
	c.Header.Set("HX-Request", "true")
	c.Header.Set("HX-Target", id)
	defer func() { c.Header.Del("HX-Request"); c.Header.Del("HX-Target") }()
	return c.Get(path)
}

// Follow goes where a redirect leads.
func (c *Client) Follow(a *Answer) *Answer {
	c.house.T.Helper()
	if a.Status != http.StatusSeeOther {
		c.house.T.Fatalf("%s: status %d, want a redirect; %s", a.Path, a.Status, a.Text())
	}
	return c.Get(a.Header.Get("Location"))
}

// Want checks the status.
func (a *Answer) Want(status int) *Answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Errorf("%s: status %d, want %d: %s", a.Path, a.Status, status, clip(a.Text()))
	}
	return a
}

// Says checks that the page's text holds each of the texts.
func (a *Answer) Says(texts ...string) *Answer {
	a.t.Helper()
	for _, s := range texts {
		if !strings.Contains(a.Text(), s) {
			a.t.Errorf("%s does not say %q: %s", a.Path, s, clip(a.Text()))
		}
	}
	return a
}

// Lacks checks that neither the text nor the markup holds any of the texts.
func (a *Answer) Lacks(texts ...string) *Answer {
	a.t.Helper()
	for _, s := range texts {
		if strings.Contains(a.Body, s) || strings.Contains(a.Text(), s) {
			a.t.Errorf("%s holds %q", a.Path, s)
		}
	}
	return a
}

func clip(s string) string {
	if len(s) > 600 {
		return s[:600] + "…"
	}
	return s
}

// Text is the page as it is read, with single spaces.
func (a *Answer) Text() string {
	doc, err := html.Parse(strings.NewReader(a.Body))
	if err != nil {
		return a.Body
	}
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "template") {
			return
		}
		if n.Type == html.TextNode {
			b.WriteString(n.Data + " ")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
	return spaces.ReplaceAllString(strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(b.String()), " ")
}

var spaces = regexp.MustCompile(`[ \t\n]+`)

// Links lists where the page leads.
func (a *Answer) Links() (list []string) {
	a.each(func(n *html.Node) {
		if n.Data == "a" {
			list = append(list, attr(n, "href"))
		}
	})
	return list
}

// Field is a field of a form that came back after it was refused.
type Field struct {
	Value   string
	Checked bool   // a box
	Wrong   string // what is said about it
	Focus   bool
	Open    bool // nothing hides it
}

// Typed finds a field by its name, and by its value where it is a box.
func (a *Answer) Typed(name string, value ...string) (f Field) {
	doc, err := html.Parse(strings.NewReader(a.Body))
	if err != nil {
		return f
	}
	has := func(n *html.Node, name string) bool {
		for _, at := range n.Attr {
			if at.Key == name {
				return true
			}
		}
		return false
	}
	said := ""
	for n := range doc.Descendants() {
		if attr(n, "id") == "refused" && n.FirstChild != nil {
			said = n.FirstChild.Data
		}
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || attr(n, "name") != name || len(value) > 0 && attr(n, "value") != value[0] {
			continue
		}
		is := Field{Value: attr(n, "value"), Checked: has(n, "checked"), Focus: has(n, "autofocus"), Open: true}
		switch n.Data {
		case "textarea":
			if is.Value = ""; n.FirstChild != nil {
				is.Value = n.FirstChild.Data
			}
		case "select":
			for o := range n.Descendants() {
				if has(o, "selected") {
					is.Value = attr(o, "value")
				}
			}
		}
		for p := n.Parent; p != nil; p = p.Parent {
			is.Open = is.Open && (p.Data != "details" || has(p, "open"))
		}
		if strings.Contains(attr(n, "aria-describedby"), "refused") {
			is.Wrong = said
			return is
		}
		if f == (Field{}) {
			f = is
		}
	}
	return f
}

// Value is the value of the first field with a name.
func (a *Answer) Value(name string) (value string) {
	found := false
	a.each(func(n *html.Node) {
		if !found && (n.Data == "input" || n.Data == "button") && attr(n, "name") == name {
			value, found = attr(n, "value"), true
		}
	})
	return value
}

// Undo is the id by which the page offers to take a change back; "" for none.
func (a *Answer) Undo() (id string) {
	a.each(func(n *html.Node) {
		if n.Data == "input" && attr(n, "name") == "id" && strings.HasPrefix(attr(n, "value"), "u-") {
			id = attr(n, "value")
		}
	})
	return id
}

func attr(n *html.Node, name string) string {
	for _, at := range n.Attr {
		if at.Key == name {
			return at.Val
		}
	}
	return ""
}

func (a *Answer) each(fn func(*html.Node)) {
	doc, err := html.Parse(strings.NewReader(a.Body))
	if err != nil {
		return
	}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			fn(n)
		}
	}
}

// Sound checks what every page must be: one h1, ids that occur once, fields and buttons with names, no inline style or
// script, no link that leads nowhere.
func (a *Answer) Sound() *Answer {
	a.t.Helper()
	bad := func(format string, args ...any) {
		a.t.Helper()
		a.t.Errorf("%s: %s", a.Path, fmt.Sprintf(format, args...))
	}
	ids, labelled, h1 := map[string]int{}, map[string]bool{}, 0
	a.each(func(n *html.Node) {
		if id := attr(n, "id"); id != "" {
			ids[id]++
		}
		if n.Data == "label" {
			labelled[attr(n, "for")] = true
		}
	})
	a.each(func(n *html.Node) {
		for _, at := range n.Attr {
			if at.Key == "style" || strings.HasPrefix(at.Key, "on") || strings.HasPrefix(at.Key, "hx-on") {
				bad("<%s> has the attribute %s", n.Data, at.Key)
			}
			if at.Key == "href" && (at.Val == "" || strings.Contains(strings.ToLower(at.Val), "javascript:") || strings.Contains(at.Val, "templ")) {
				bad("a link leads to %q", at.Val)
			}
			for _, ref := range []string{"aria-labelledby", "aria-describedby", "aria-controls"} {
				if at.Key == ref {
					for id := range strings.FieldsSeq(at.Val) {
						if ids[id] == 0 {
							bad("%s names %q, which is not there", ref, id)
						}
					}
				}
			}
		}
		switch n.Data {
		case "h1":
			h1++
		case "script":
			if attr(n, "src") == "" {
				bad("there is a script in the page")
			}
		case "style":
			bad("there is a style element")
		case "input", "select", "textarea":
			if attr(n, "type") == "hidden" {
				return
			}
			if attr(n, "aria-label") == "" && attr(n, "aria-labelledby") == "" && !labelled[attr(n, "id")] && !within(n, "label") {
				bad("<%s name=%q> has no label", n.Data, attr(n, "name"))
			}
		case "button", "a", "summary":
			if strings.TrimSpace(textOf(n)) == "" && attr(n, "aria-label") == "" && !within(n, "template") {
				bad("<%s> has no name: %s", n.Data, attr(n, "class"))
			}
		}
	})
	for id, n := range ids {
		if n > 1 {
			bad("the id %q occurs %d times", id, n)
		}
	}
	if h1 != 1 {
		bad("%d h1", h1)
	}
	return a
}

func within(n *html.Node, name string) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Data == name {
			return true
		}
	}
	return false
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// String names the answer in messages of tests.
func (a *Answer) String() string { return fmt.Sprintf("%s: %d", a.Path, a.Status) }

// Cookie is what the browser keeps under a name; "" for nothing.
func (c *Client) Cookie(name string) string { return c.cookies[name] }
