// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"bytes"
	"html"

	"breakwater/harbour"
)

// look keeps the beginning of a body that is worth a look, up to a bound, until it has shown what is looked for.
func (st *httpState) look(m *Message, s *httpSide, b []byte) {
	limit := httpMaxPage
	if s.want == httpForm {
		limit = httpMaxForm
	}
	s.keep = append(s.keep, b[:min(len(b), limit-len(s.keep))]...)
	if s.want == httpTitle && (httpPageTitle(m, s.keep) || len(s.keep) >= limit) {
		s.forget()
	}
}

// forget drops what was kept of a body; a form holds a password, so its bytes are overwritten.
func (s *httpSide) forget() {
	clear(s.keep)
	s.keep, s.want = nil, httpNothing
}

// endBody follows the last byte of a body.
func (st *httpState) endBody(_ *Message, s *httpSide) {
	if s.want == httpForm && httpHasPassword(s.keep) && len(st.queue) > 0 {
		st.queue[len(st.queue)-1].form = true
	}
	s.forget()
	s.mode = httpHead
}

// httpPageTitle reports the title of a page and says whether nothing more is to be expected of it.
func httpPageTitle(m *Message, page []byte) bool {
	start := httpTag(page, "<title")
	if start < 0 {
		return httpTag(page, "<body") >= 0 || httpTag(page, "</head") >= 0
	}
	_, text, ok := bytes.Cut(page[start:], []byte(">"))
	if !ok {
		return false
	}
	end := httpTag(text, "</title")
	if end < 0 {
		return len(text) > 1024
	}
	text = text[:min(end, 1024)]
	if bytes.IndexByte(text, '&') >= 0 {
		m.AttrString(m.Sender(), harbour.AttrPageTitle, html.UnescapeString(string(text)), harbour.Confirmed)
	} else {
		m.Attr(m.Sender(), harbour.AttrPageTitle, text, harbour.Confirmed)
	}
	return true
}

// httpTag finds a tag, whatever its case.
func httpTag(b []byte, tag string) int {
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], '<')
		if i < 0 || at+i+len(tag) > len(b) {
			return -1
		}
		if at += i; bytes.EqualFold(b[at:at+len(tag)], []byte(tag)) {
			return at
		}
		at++
	}
}

// httpHasPassword says whether a form has a field with a password in it, judged by the field's name.
func httpHasPassword(form []byte) bool {
	for len(form) > 0 {
		var field []byte
		field, form, _ = bytes.Cut(form, []byte("&"))
		name, value, _ := bytes.Cut(field, []byte("="))
		if len(value) == 0 {
			continue
		}
		for _, word := range []string{"pass", "pwd", "passwort", "kennwort", "contrasena", "secret"} {
			if httpHas(name, word) {
				return true
			}
		}
	}
	return false
}
