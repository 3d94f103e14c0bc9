// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"bytes"
	"context"
	"mime"
	"net/http"
	"net/url"
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
