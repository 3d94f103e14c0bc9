// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"context"
	"io"

	"breakwater/harbour"
	"breakwater/view"

	"github.com/a-h/templ"
)

// The rows here come by the thousand, one for each value of each asset. They are written directly: as templates they
// took a tenth of the time of a whole assessment.

// rows is what such a table body is put together in.
type rows struct {
	s *survey
	b []byte
}

func (r *rows) raw(markup string) { r.b = append(r.b, markup...) }

// text appends text with the characters escaped that templ escapes.
func (r *rows) text(s string) {
	plain := 0
	for i := 0; i < len(s); i++ {
		var as string
		switch s[i] {
		case '&':
			as = "&amp;"
		case '<':
			as = "&lt;"
		case '>':
			as = "&gt;"
		case '"':
			as = "&#34;"
		case '\'':
			as = "&#39;"
		default:
			continue
		}
		r.b = append(append(r.b, s[plain:i]...), as...)
		plain = i + 1
	}
	r.b = append(r.b, s[plain:]...)
}

// name writes the name of an attribute in words.
func (r *rows) name(s string) {
	words, ok := r.s.words[s]
	if !ok {
		words = view.Name(s)
		if len(r.s.words) < 1000 {
			r.s.words[s] = words
		}
	}
	r.text(words)
}

// ref leads to the evidence where it is listed, as the template ref does.
func (r *rows) ref(id, locator string) {
	if n, ok := r.s.evidence.names[id]; ok {
		r.raw(`<a class="ref" href="#evidence-`)
		r.raw(view.Anchor(id))
		r.raw(`"><bdi>`)
		r.text(n)
		r.raw(`</bdi> `)
		r.text(short(locator))
		r.raw(`</a>`)
		return
	}
	r.raw(`<span class="ref"><bdi>`)
	r.text(view.Plain(id, 24))
	r.raw(`</bdi> `)
	r.text(short(locator))
	r.raw(`</span>`)
}

func (r *rows) observations(list []harbour.Observation) {
	for i, o := range list {
		if i > 0 {
			r.raw(` `)
		}
		if i == maxObservations {
			r.raw(`<span class="dim">+`)
			r.text(view.Number(len(list) - i))
			r.raw(`</span>`)
			return
		}
		r.ref(o.Evidence, o.Locator)
	}
}

func (r *rows) component() templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := w.Write(r.b)
		return err
	})
}

// fact writes a property of an asset as the template fact does.
func (r *rows) fact(name string, values ...string) {
	if len(values) == 0 || values[0] == "" {
		return
	}
	r.raw(`<div><dt>`)
	r.raw(name)
	r.raw(`</dt><dd>`)
	for _, v := range values {
		if len(values) > 1 {
			r.raw(`<span class="item">`)
		}
		r.raw(`<bdi>`)
		r.text(v)
		r.raw(`</bdi>`)
		if len(values) > 1 {
			r.raw(`</span>`)
		}
	}
	r.raw(`</dd></div>`)
}

// assetFacts writes what an asset is.
func assetFacts(s *survey, a *harbour.Asset) templ.Component {
	r := &rows{s: s, b: make([]byte, 0, 1024)}
	r.raw(`<dl class="facts">`)
	r.fact("Asset", short(a.ID))
	r.fact("Domain", view.Domain(a.Domain).Title)
	r.fact("Role", value(a.Role))
	r.fact("Vendor", short(a.Vendor))
	r.fact("Model", short(a.Model))
	r.fact("Firmware", short(a.Firmware))
	r.fact("Serial", short(a.Serial))
	r.fact("Host names", texts(a.Hostnames, short)...)
	r.fact("Interfaces", texts(a.Interfaces, interfaceText)...)
	r.fact("Protocols", texts(a.Protocols, protocolText)...)
	r.fact("Software", texts(a.Software, softwareText)...)
	r.fact("Organisation", short(a.Organisation))
	r.fact("Site", short(a.Site))
	r.fact("Location", short(a.Location))
	r.fact("Supplier", short(a.Supplier))
	r.fact("Criticality", short(a.Criticality))
	r.fact("Seen", view.Span(a.FirstSeen, a.LastSeen))
	r.fact("Identified by", texts(a.Keys, short)...)
	r.fact("Also known as", texts(without(a.Aliases, a.Keys), short)...)
	r.raw(`</dl>`)
	return r.component()
}

// attributeRows writes the body of an asset's table of attributes.
func attributeRows(s *survey, list []harbour.Attribute) templ.Component {
	r := &rows{s: s, b: make([]byte, 0, 320*min(len(list), maxAttributes))}
	for i := range list {
		if i == maxAttributes {
			r.raw(`<tr><td colspan="7" class="dim">and `)
			r.text(view.Number(len(list) - i))
			r.raw(` more values, in <code>assets.jsonl</code></td></tr>`)
			break
		}
		t := &list[i]
		r.raw(`<tr><td>`)
		r.name(t.Name)
		r.raw(`</td><td class="value"><bdi>`)
		r.text(value(t.Value))
		r.raw(`</bdi></td><td>`)
		r.raw(origin(t.Declared))
		r.raw(`</td><td>`)
		r.text(view.Confidence(t.Confidence).Title)
		r.raw(` `)
		r.text(view.Number(t.Confidence))
		r.raw(`</td><td class="num">`)
		r.text(view.Number(t.Count))
		r.raw(`</td><td class="when">`)
		r.text(spanOrBlank(t.FirstSeen, t.LastSeen))
		r.raw(`</td><td>`)
		r.observations(t.Observations)
		r.raw(`</td></tr>`)
	}
	return r.component()
}

// reasonRows writes the body of an asset's table of what was inferred.
func reasonRows(s *survey, list []harbour.Reason) templ.Component {
	r := &rows{s: s}
	for i := range list {
		if i == maxReasons {
			r.raw(`<tr><td colspan="4" class="dim">and `)
			r.text(view.Number(len(list) - i))
			r.raw(` more reasons, in <code>assets.jsonl</code></td></tr>`)
			break
		}
		t := &list[i]
		r.raw(`<tr><td>`)
		r.name(t.About)
		r.raw(`</td><td class="value">`)
		r.text(value(t.Text))
		r.raw(`</td><td>`)
		r.text(confidence(t.Confidence))
		r.raw(`</td><td>`)
		r.observations(t.Evidence)
		r.raw(`</td></tr>`)
	}
	return r.component()
}
