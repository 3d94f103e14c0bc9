// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// call is what is known of a request while it runs.
type call struct {
	id    string
	actor *app.Actor
	// query is the path with the parameters that make a list what it is, for cursors.
	query string
	// version of the thing that is read, for its entity tag.
	version int64
	tagged  bool
	// raw is set where the answer goes through as it is made.
	raw bool
}

type callKey struct{}

// of gives the call of a context. A context without one gets an empty call, which may do nothing.
func of(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{}
}

// ServeHTTP implements [http.Handler].
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{id: w.Header().Get("X-Request-Id"), query: canonical(r)}
	if c.id == "" {
		c.id = rand.Text()
		w.Header().Set("X-Request-Id", c.id)
	}
	r = r.WithContext(app.WithWork(context.WithValue(r.Context(), callKey{}, c), app.Work{Request: c.id}))
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "private, no-cache")
	h.Add("Vary", "Authorization, Cookie, Accept")
	a := &answer{ResponseWriter: w, request: r, call: c}
	defer s.rejected(a)
	defer func() {
		if v := recover(); v != nil {
			if v == http.ErrAbortHandler {
				panic(v)
			}
			s.log().ErrorContext(r.Context(), "a request failed", slog.String("request", c.id), slog.String("error", fmt.Sprint(v)), slog.String("stack", string(debug.Stack())))
			if a.started() {
				panic(http.ErrAbortHandler) // the client must see that the answer is not whole
			}
			a.reset()
			problemOf(harbour.ErrInternal, c.id, "the program failed; what happened is in its log", "tell an administrator the id of the request").write(a)
			a.end()
		}
	}()
	if p, ok := s.pages[r.URL.Path]; ok && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		h.Set("Content-Type", p.kind)
		h.Set("Content-Security-Policy", pagePolicy)
		_, _ = a.Write(p.body)
		a.end()
		return
	}
	if s.Core != nil && s.Core.DB != nil && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		ctx, watched := s.Core.DB.Watch(r.Context())
		defer watched()
		ctx, a.release = s.Core.DB.Moment(ctx)
		defer a.let() // also where the handler failed
		r = r.WithContext(ctx)
		a.request = r
	}
	if _, pattern := s.mux.Handler(r); pattern != "" {
		app.NoteRoute(r.Context(), pattern)
	}
	if p := s.admit(r, c, h); p != nil {
		p.write(a)
		a.end()
		return
	}
	// The framework's own negotiation is not robust against every header; all it has to offer is JSON.
	r.Header = r.Header.Clone()
	r.Header.Set(accepted, r.Header.Get("Accept"))
	r.Header.Set("Accept", "application/json")
	_, pattern := s.mux.Handler(r)
	if pattern == "" {
		s.nowhere(r, c, h).write(a)
		a.end()
		return
	}
	if strings.Contains(pattern, "{organisation}") {
		if p := s.exists(r, c); p != nil {
			p.write(a)
			a.end()
			return
		}
	}
	s.mux.ServeHTTP(a, r)
	a.end()
}

// rejected puts into the log what came too often, was too large or was not what the operation takes: somebody who tries to
// get round a rule begins so. What was sent is not repeated.
func (s *server) rejected(a *answer) {
	switch a.status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusTooManyRequests:
	default:
		return
	}
	person := ""
	if a.call.actor != nil {
		person = a.call.actor.Person
	}
	s.log().WarnContext(a.request.Context(), "request rejected", slog.String("request", a.call.id), slog.String("path", a.request.URL.Path), slog.Int("status", a.status), slog.String("person", person), slog.String("address", s.Address(a.request)))
}

// accepted carries what the client really accepts to those operations that offer a choice.
const accepted = "X-Breakwater-Accept"

// exists answers for an organisation that there is not. Who has a role in one organisation is told by the use case; who has
// one in every organisation would find any name to be one that holds nothing.
func (s *server) exists(r *http.Request, c *call) *Problem {
	if !slices.Contains(c.actor.Organisations(), "*") {
		return nil
	}
	org, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, Prefix), "/")
	list, err := s.Overview.Organisations(r.Context(), c.actor)
	if err != nil {
		return s.problem(r.Context(), err)
	}
	if slices.ContainsFunc(list, func(o store.Organisation) bool { return o.ID == org }) {
		return nil
	}
	_, err = c.actor.Scope(app.ReadOverview, "") // says it in the words that all others get
	return s.problem(r.Context(), err)
}

// nowhere answers for a path or a method that there is not.
func (s *server) nowhere(r *http.Request, c *call, h http.Header) *Problem {
	var methods []string
	for _, m := range []string{"GET", "PUT", "POST", "PATCH", "DELETE"} {
		other := *r
		other.Method = m
		if _, pattern := s.mux.Handler(&other); pattern != "" {
			methods = append(methods, m)
		}
	}
	if len(methods) == 0 {
		return problemOf(harbour.ErrNotFound, c.id, "there is no such path", "the reference lists them all: "+Prefix+"reference")
	}
	h.Set("Allow", strings.Join(methods, ", "))
	p := problemOf(harbour.ErrUsage, c.id, "this path does not take "+r.Method, "it takes: "+strings.Join(methods, ", "))
	p.Status = http.StatusMethodNotAllowed
	return p
}

// Who fails to prove who they are, from one address (a /64 of IPv6), is looked at this often.
const (
	failuresPerSecond = 0.2
	failuresAtOnce    = 20
)

// admit finds out who asks and whether they ask too often; a problem says no.
func (s *server) admit(r *http.Request, c *call, h http.Header) *Problem {
	address := s.Address(r)
	from := "address " + network(address)
	secret, given := bearer(r)
	var counted string
	var err error
	if given {
		sum := sha256.Sum256([]byte(secret))
		counted = "token " + hex.EncodeToString(sum[:12])
		// Programs whose tokens are known do not suffer from a neighbour that guesses.
		if wait := s.failed.Wait(from, s.now()); wait > 0 && !s.rates.Known(counted) {
			return tooMany(c, h, wait, "too many wrong tokens came from this address")
		}
		if err := s.Core.DB.Answers(r.Context()); err != nil {
			return s.problem(r.Context(), err)
		}
		if s.Token != nil {
			c.actor, err = s.Token(r.Context(), secret, address, c.id)
		}
	}
	if err != nil && harbour.KindOf(err) != harbour.ErrUnauthenticated && harbour.KindOf(err) != harbour.ErrNotFound {
		return s.problem(r.Context(), err)
	}
	if err != nil || c.actor == nil {
		c.actor = nil
		if given {
			s.failed.Take(from, s.now())
		}
		h.Set("WWW-Authenticate", `Bearer realm="breakwater"`)
		if given && harbour.KindOf(err) == harbour.ErrUnauthenticated {
			return s.problem(r.Context(), err) // what is wrong with the token
		}
		if given {
			return problemOf(harbour.ErrUnauthenticated, c.id, "the token is not known, or it has expired or been revoked", "make a new one under Settings")
		}
		return problemOf(harbour.ErrUnauthenticated, c.id, "the request names nobody", "send an API token: Authorization: Bearer …")
	}
	if wait := s.rates.Take(counted, s.now()); wait > 0 {
		return tooMany(c, h, wait, "the requests come faster than "+strconv.FormatFloat(s.Rate, 'f', -1, 64)+" in a second")
	}
	return nil
}

func tooMany(c *call, h http.Header, wait time.Duration, detail string) *Problem {
	seconds := strconv.Itoa(max(1, int(math.Ceil(wait.Seconds()))))
	h.Set("Retry-After", seconds)
	return problemOf(harbour.ErrTooMany, c.id, detail, "wait for "+seconds+" s")
}

func (s *server) now() time.Time {
	if s.Core == nil || s.Core.Clock == nil {
		return time.Now()
	}
	return s.Core.Clock()
}

func bearer(r *http.Request) (secret string, given bool) {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return strings.TrimSpace(secret), true
}

// network is what one party can be assumed to hold of an address: all of an IPv4 address, the /64 of an IPv6 address.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Unmap().Is4() {
		return address
	}
	p, err := a.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}

// canonical is what a list is asked for, without the page of it.
func canonical(r *http.Request) string {
	q := r.URL.Query()
	q.Del("cursor")
	q.Del("limit")
	return r.URL.Path + "?" + q.Encode()
}

// cursor makes the mark of a page from that of the store, tied to the query.
func (c *call) cursor(mark string) string {
	if mark == "" {
		return ""
	}
	return c.tie(mark) + mark
}

const tied = 16

func (c *call) tie(mark string) string {
	sum := sha256.Sum256([]byte(c.query + "\x00" + mark))
	return base64.RawURLEncoding.EncodeToString(sum[:tied*3/4])
}

// mark takes the store's mark out of a cursor.
//
// Errors: ErrUsage where it belongs to another query or was altered.
func (c *call) mark(cursor string) (string, error) {
	if cursor == "" {
		return "", nil
	}
	if len(cursor) <= tied || cursor[:tied] != c.tie(cursor[tied:]) {
		return "", usage("page", "the cursor does not belong to this query", "leave the cursor out to start at the first page, and change nothing but it and the limit from page to page")
	}
	return cursor[tied:], nil
}
