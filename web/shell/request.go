// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// Request is one request with what the shell found out about it.
type Request struct {
	*http.Request
	W http.ResponseWriter
	// By is who asks; nil where nobody is signed in.
	By *app.Actor
	// Org is the organisation that the address names; zero outside of one.
	Org store.Organisation
	// Orgs are the organisations in which the person has a role.
	Orgs []store.Organisation
	// Sites that the person may see, for time zones and names.
	Sites []store.Site

	shell *Shell
	zones map[string]string // names by id, nil until one is asked for
	given map[string]string // names of evidence that were asked for, by id
	wait  time.Duration     // until the person may ask again, where they ask too often
}

func (s *Shell) request(w http.ResponseWriter, r *http.Request) *Request {
	return &Request{Request: r, W: w, shell: s}
}

// identify finds out who asks and for which organisation.
func (r *Request) identify(need access) error {
	secret := r.secret()
	if secret == "" && !need.person {
		return nil
	}
	by, err := r.shell.opt.Authenticate(r.Context(), secret, VisitOf(r.Context()))
	switch {
	case err == nil:
		r.By = by
		if out, ok := r.W.(*writer); ok {
			out.person = by.Person
		}
	case !need.person && harbour.KindOf(err) == harbour.ErrUnauthenticated:
		return nil
	default:
		return err
	}
	if r.wait = r.shell.pace.Take(by.Person, r.shell.opt.Core.Clock()); r.wait > 0 {
		return &harbour.Error{Kind: harbour.ErrTooMany, Op: "answer", Message: "more requests come from you than are answered", Hint: "wait a moment, then load the page again; for programs there is the REST interface"}
	}
	if r.Orgs, err = r.shell.organisations(r.Context(), by); err != nil || !need.org {
		return err
	}
	id := r.PathValue("org")
	i := slices.IndexFunc(r.Orgs, func(o store.Organisation) bool { return o.ID == id })
	if i < 0 {
		return &harbour.Error{Kind: harbour.ErrNotFound, Op: "open", Message: "there is no such organisation, or you may not see it", Hint: "choose one of yours at the top of the rail"}
	}
	r.Org = r.Orgs[i]
	return r.sites()
}

// sites reads what the person may see of sites, through whatever they may do here.
func (r *Request) sites() error {
	for _, a := range []app.Action{app.ReadAssets, app.ReadOverview, app.ReadFindings, app.ReadPeople} {
		if scope, err := r.By.Scope(a, r.Org.ID); err == nil {
			r.Sites, err = r.shell.opt.Core.DB.In(scope).Sites(r.Context())
			return err
		}
	}
	return nil
}

// ZoneName is the name of a zone; the id where the person may not see it. What cannot be read leaves the ids, which say
// the same: the page finds out by what it reads itself.
func (r *Request) ZoneName(id string) string {
	if r.zones == nil {
		if r.zones, _ = r.shell.names.Zones(r.Context(), r.By, r.Org.ID); r.zones == nil {
			r.zones = map[string]string{}
		}
	}
	return cmp.Or(r.zones[id], id)
}

// EvidenceName is the name of the file that an evidence was given as; the id where the person may not see it.
func (r *Request) EvidenceName(id string) string {
	name, asked := r.given[id]
	if !asked {
		name, _ = r.shell.names.Evidence(r.Context(), r.By, r.Org.ID, id)
		if r.given == nil {
			r.given = map[string]string{}
		}
		r.given[id] = name
	}
	return cmp.Or(name, id)
}

// May says whether the person may do something here, for what a page offers. The use case asks again.
func (r *Request) May(a app.Action) bool { return r.By.May(a, r.Org.ID) }

// Core that the pages work with.
func (r *Request) Core() *app.Core { return r.shell.opt.Core }

// Now is the present instant.
func (r *Request) Now() harbour.Instant { return r.shell.opt.Core.Now() }

// Path is an address within the organisation: Path("assets", id).
func (r *Request) Path(parts ...string) string {
	b := strings.Builder{}
	b.WriteString("/o/" + url.PathEscape(r.Org.ID) + "/")
	for i, p := range parts {
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(url.PathEscape(p))
	}
	return b.String()
}

// Query is an address within the organisation with a query: pairs of name and value; empty values are left out. The date
// of a page that shows a past state goes along.
func (r *Request) Query(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Add(pairs[i], pairs[i+1])
		}
	}
	if at := r.URL.Query().Get("at"); at != "" && !q.Has("at") {
		q.Set("at", at)
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// Partial says whether the browser wants this part of the page alone (an element's id). Dialogues and the drawer are
// parts too.
func (r *Request) Partial(id string) bool {
	return r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-Target") == id && r.Header.Get("HX-History-Restore-Request") != "true"
}

// script says whether the browser asks from a script of the page.
func (r *Request) script() bool { return r.Header.Get("HX-Request") == "true" }

// Part answers with a part of a page.
func (r *Request) Part(c templ.Component) error { return r.render(http.StatusOK, c) }

// Page answers with a whole page.
func (r *Request) Page(p Page) error {
	status := p.Status
	if status == 0 {
		status = http.StatusOK
	}
	return r.render(status, layout(r, &p))
}

// render writes a component, whole or not at all.
func (r *Request) render(status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		return err
	}
	h := r.W.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "HX-Request")
	r.W.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = r.W.Write(b.Bytes())
	}
	return nil
}

// Redirect sends the browser to another page of this server.
func (r *Request) Redirect(to string) error {
	r.W.Header().Set("Cache-Control", "no-store")
	if r.script() {
		r.W.Header().Set("HX-Redirect", to)
		r.W.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(r.W, r.Request, to, http.StatusSeeOther)
	return nil
}

// Done ends a change: the next page says what was done.
func (r *Request) Done(to string, m Message) error {
	r.leave(m)
	return r.Redirect(to)
}

// Back is the page that a form says it came from (field "back"), where it is one of this organisation, or else the
// given one.
func (r *Request) Back(or string) string {
	if to := r.FormValue("back"); Local(to) && strings.HasPrefix(to, r.Path()) {
		return to
	}
	return or
}

// CameFrom is the page of this organisation that a form was sent from, as the browser says, or else the given one.
func (r *Request) CameFrom(or string) string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host != r.Host || !Local(u.RequestURI()) || !strings.HasPrefix(u.RequestURI(), r.Path()) {
		return or
	}
	return u.RequestURI()
}

// At is the request as if it had asked for another address of this server, which [Local] has let pass.
func (r *Request) At(address string) *Request {
	c := *r
	h := *r.Request
	if u, err := url.Parse(address); err == nil {
		h.URL = u
	}
	c.Request = &h
	return &c
}

// WithQuery is the request as if it had come with another query: what a form carries of the list that it acts on.
func (r *Request) WithQuery(raw string) *Request {
	c := *r
	h := *r.Request
	u := *r.URL
	u.RawQuery = raw
	h.URL = &u
	c.Request = &h
	return &c
}

// Local says whether an address is a path of this server and nothing else.
func Local(to string) bool {
	u, err := url.Parse(to)
	return err == nil && strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") && !strings.ContainsAny(to, "\\\r\n\t") && u.Host == "" && u.Scheme == ""
}

// Here is the address of the page without its host.
func (r *Request) Here() string { return r.URL.RequestURI() }

// AsOf is the instant whose state the page shows, by the query's "at"; 0 for the present. A date means the end of that
// day in UTC.
//
// Errors: ErrInvalid for what is no date, or one that has not ended.
func (r *Request) AsOf() (harbour.Instant, error) {
	v := r.URL.Query().Get("at")
	if v == "" {
		return 0, nil
	}
	var t time.Time
	var err error
	if t, err = time.ParseInLocation(time.DateOnly, v, time.UTC); err == nil {
		t = t.AddDate(0, 0, 1).Add(-time.Microsecond)
	} else if t, err = time.ParseInLocation("2006-01-02T15:04", v, time.UTC); err != nil {
		if t, err = time.Parse(time.RFC3339, v); err != nil {
			return 0, &harbour.Error{Kind: harbour.ErrInvalid, Op: "open", Message: "the date is not one", Hint: "write it as 2026-11-20, or 2026-11-20T15:04 in UTC"}
		}
	}
	now := r.shell.opt.Core.Clock().UTC()
	if t.Year() < 1970 || t.After(now.AddDate(0, 0, 1)) {
		return 0, &harbour.Error{Kind: harbour.ErrInvalid, Op: "open", Message: "the date lies ahead, or too far back", Hint: "choose a day that has passed"}
	}
	if t.After(now) {
		t = now
	}
	return harbour.At(t), nil
}

// NoPage is the error for an address that leads nowhere.
func NoPage() error {
	return &harbour.Error{Kind: harbour.ErrNotFound, Op: "open", Message: "there is no such page", Hint: "the address may be mistyped, or lead to something that is gone"}
}

// Find asks every finder for what fits a text, at most n hits of each.
func (r *Request) Find(text string, n int) (hits []Hit, err error) {
	for _, f := range r.shell.finders {
		found, err := f(r, text, n)
		if err != nil {
			return nil, err
		}
		hits = append(hits, found...)
	}
	return hits, nil
}

// first leads from the bare address to the first organisation.
func first(r *Request) error {
	if len(r.Orgs) == 0 {
		return &harbour.Error{Kind: harbour.ErrDenied, Op: "open", Message: "you have no role in any organisation yet", Hint: "ask an administrator to give you one"}
	}
	r.Org = r.usual()
	for _, e := range r.shell.entries {
		if e.Action == "" || r.May(e.Action) {
			return r.Redirect(r.Path(e.Path))
		}
	}
	return &harbour.Error{Kind: harbour.ErrDenied, Op: "open", Message: "your role reaches no page", Hint: "ask an administrator"}
}

// usual is the organisation that the person looked at last, else the first.
func (r *Request) usual() store.Organisation {
	if c, err := r.Cookie(r.shell.cookieName("organisation")); err == nil {
		for _, o := range r.Orgs {
			if o.ID == c.Value {
				return o
			}
		}
	}
	return r.Orgs[0]
}

// elsewhere answers at addresses where nothing is. Somebody who types "/findings" is led to the page of that name in the
// organisation.
func elsewhere(r *Request) error {
	if r.By == nil || len(r.Orgs) == 0 {
		return NoPage()
	}
	to := "/o/" + url.PathEscape(r.usual().ID) + r.URL.EscapedPath()
	u, err := url.Parse(to)
	if err != nil || strings.HasPrefix(r.URL.Path, "/o/") {
		return NoPage()
	}
	if _, pattern := r.shell.mux.Handler(&http.Request{Method: http.MethodGet, URL: u, Host: r.Host}); !strings.HasPrefix(pattern, "GET /o/") {
		return NoPage()
	}
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	return r.Redirect(to)
}

func stack() string { return string(debug.Stack()) }

func clip(s string, n int) string {
	s = strings.ToValidUTF8(s, "")
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// Fail is for handlers outside of a page's own routes that want the shell's error page.
func (s *Shell) Fail(w http.ResponseWriter, hr *http.Request, err error) {
	if VisitOf(hr.Context()).Request == "" {
		hr = hr.WithContext(context.WithValue(hr.Context(), visitKey{}, Visit{Address: address(hr), Request: app.NewID("r-")}))
	}
	s.request(w, hr).fail(err)
}
