// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"breakwater/app"
	"breakwater/app/access/pace"
	"breakwater/app/names"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/web/browser"
)

// Visit is where a request comes from.
type Visit struct {
	Address string // of the client, without port
	Agent   string
	Request string // id of the request, for the log and the audit log
	// Quiet is set for requests that a page makes by itself, which do not prolong a session.
	Quiet bool
}

// Options of a Shell.
type Options struct {
	Core  *app.Core
	Files *browser.Files
	// Authenticate turns the secret of a session into an actor.
	//
	// Errors: ErrUnauthenticated for a secret that is not, or no longer, one.
	Authenticate func(ctx context.Context, secret string, from Visit) (*app.Actor, error)
	// Secure is set where the pages are served by TLS: cookies and headers then say so.
	Secure bool
	// Rate is how many requests in a second one person may make over time, and Burst how many at once; 0 for 30 and 600.
	Rate  float64
	Burst int
	// Troubles gives what is wrong with the installation, for every page to say; nil for nothing. It answers at once.
	Troubles func(context.Context) []Trouble
	// Closed says why nothing can be shown yet, as every page then does; nil where the installation is open.
	Closed func() error
}

// Trouble is a part of the installation that does not do its work: the broker, the disk.
type Trouble struct {
	Name, Message, Hint string
	// Needs is what somebody must be allowed to do, anywhere, for whom it is; "" for everybody.
	Needs app.Action
}

// Entry is a line of the rail.
type Entry struct {
	Name  string // as people read it
	Path  string // below the organisation, without slashes around it: "assets"; "" for the first page
	Icon  string
	Group string // the heading it stands under, "" for none
	// Action that a person must be allowed to do for the entry to show.
	Action app.Action
}

// Hit is something that a search found.
type Hit struct {
	Group, Title, About string
	Icon, Href          string
	Worst               harbour.Severity
}

// Finder searches one kind of thing within what the actor may see. It returns at most n hits and none where the actor may
// not look.
type Finder func(r *Request, text string, n int) ([]Hit, error)

// Pack is what one package of pages brings.
type Pack struct {
	Entries  []Entry
	Finder   Finder // nil for none
	Register func(*Shell)
}

// Shell holds the routes. See the package comment.
type Shell struct {
	opt     Options
	mux     *http.ServeMux
	protect *http.CrossOriginProtection
	entries []Entry
	finders []Finder
	routes  []Route
	pace    *pace.Pace
	names   *names.Names
}

// Route is an address that a page or a form answers at.
type Route struct {
	Pattern string // method and path, as [http.ServeMux] takes it
	// Person is set where somebody has to be signed in, Org where that person needs a role in the organisation of the address.
	Person, Org bool
}

// Routes lists what is registered, so that a test can want each of them in its table.
func (s *Shell) Routes() []Route { return slices.Clone(s.routes) }

// New makes a shell without pages.
func New(o Options) *Shell {
	if o.Rate <= 0 {
		o.Rate = 30
	}
	if o.Burst <= 0 {
		o.Burst = 600
	}
	s := &Shell{opt: o, mux: http.NewServeMux(), protect: http.NewCrossOriginProtection(), pace: pace.New(o.Rate, o.Burst), names: names.New(o.Core)}
	s.mux.Handle("GET "+browser.Prefix, o.Files)
	s.Open("/", func(*Request) error { return NoPage() })
	s.Open("GET /", elsewhere)
	s.Open("POST /theme", setTheme)
	s.Signed("GET /{$}", first)
	return s
}

// Add adds a package of pages; its entries follow those that are there.
func (s *Shell) Add(p Pack) {
	s.entries = append(s.entries, p.Entries...)
	if p.Finder != nil {
		s.finders = append(s.finders, p.Finder)
	}
	if p.Register != nil {
		p.Register(s)
	}
}

// Handler answers a request.
type Handler func(*Request) error

// bodyLimit bounds what a form may send.
const bodyLimit = 2 << 20

// Open registers a page that needs nobody to be signed in. [Request.By] is nil unless somebody is.
func (s *Shell) Open(pattern string, h Handler) { s.route(pattern, bodyLimit, access{}, h) }

// Signed registers a page for people who are signed in.
func (s *Shell) Signed(pattern string, h Handler) {
	s.route(pattern, bodyLimit, access{person: true}, h)
}

// In registers a page of an organisation. The pattern is a method and a path below the organisation: "GET assets/{id}".
func (s *Shell) In(pattern string, h Handler) { s.InLarge(pattern, bodyLimit, h) }

// InLarge is In for pages that take bodies of up to limit bytes.
func (s *Shell) InLarge(pattern string, limit int64, h Handler) {
	method, path, _ := strings.Cut(pattern, " ")
	if path == "" {
		path = "{$}"
	}
	s.route(method+" /o/{org}/"+path, limit, access{person: true, org: true}, h)
}

type access struct{ person, org bool }

func (s *Shell) route(pattern string, limit int64, need access, h Handler) {
	s.routes = append(s.routes, Route{pattern, need.person, need.org})
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, hr *http.Request) {
		app.NoteRoute(hr.Context(), pattern)
		r := s.request(w, hr)
		if hr.Body != nil {
			hr.Body = http.MaxBytesReader(w, hr.Body, limit)
		}
		if s.opt.Closed != nil {
			r.fail(s.opt.Closed())
			return
		}
		if err := s.opt.Core.DB.Answers(hr.Context()); err != nil {
			r.fail(err)
			return
		}
		if out, ok := w.(*writer); ok && (hr.Method == http.MethodGet || hr.Method == http.MethodHead) {
			ctx, watched := s.opt.Core.DB.Watch(hr.Context())
			defer watched()
			ctx, out.end = s.opt.Core.DB.Moment(ctx)
			defer out.end()
			r.Request = hr.WithContext(ctx)
		}
		err := r.identify(need)
		if err == nil {
			err = h(r)
		}
		if silent := store.Silence(r.Context()); err != nil && silent != nil {
			r = s.request(w, hr) // whose context has not ended, and which asks nothing of the database
			err = silent
		}
		if err != nil {
			r.fail(err)
		}
	})
}

// ServeHTTP answers a request.
func (s *Shell) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	start := s.opt.Core.Clock()
	id := app.NewID("r-")
	hr = hr.WithContext(context.WithValue(hr.Context(), visitKey{}, Visit{Address: address(hr), Agent: clip(hr.UserAgent(), 200), Request: id, Quiet: hr.Header.Get("Breakwater-Quiet") != ""}))
	hr = hr.WithContext(app.WithWork(hr.Context(), app.Work{Request: id}))
	out := &writer{ResponseWriter: w}
	s.headers(out.Header(), id)
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			s.opt.Core.Log.Error("page panicked", slog.String("request", id), slog.String("path", hr.URL.Path), slog.Any("panic", p), slog.String("stack", stack()))
			if out.status == 0 {
				s.request(out, hr).fail(&harbour.Error{Kind: harbour.ErrInternal, Op: "answer", Message: "the program failed"})
			}
		}
		if !strings.HasPrefix(hr.URL.Path, browser.Prefix) {
			s.opt.Core.Log.Info("request", slog.String("request", id), slog.String("method", hr.Method), slog.String("path", hr.URL.Path),
				slog.Int("status", out.status), slog.Int64("bytes", out.bytes), slog.Duration("took", s.opt.Core.Clock().Sub(start).Round(time.Microsecond)))
		}
		s.rejected(hr, out)
	}()
	if err := s.protect.Check(hr); err != nil {
		out.foreign = true
		s.request(out, hr).fail(&harbour.Error{Kind: harbour.ErrDenied, Op: "answer", Message: "the request came from another site and was refused", Hint: "open the page here and try again", Err: err})
		return
	}
	s.mux.ServeHTTP(out, hr)
}

// rejected puts into the log what came too often, was too large, was not what was asked for, or came from a page of
// another site: somebody who tries to get round a rule begins so. What was sent is not repeated.
func (s *Shell) rejected(r *http.Request, out *writer) {
	switch out.status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusTooManyRequests:
	default:
		if !out.foreign {
			return
		}
	}
	v := VisitOf(r.Context())
	s.opt.Core.Log.Warn("request rejected", slog.String("request", v.Request), slog.String("path", r.URL.Path), slog.Int("status", out.status), slog.String("person", out.person), slog.String("address", v.Address))
}

type visitKey struct{}

// VisitOf is where the request of a context comes from.
func VisitOf(ctx context.Context) Visit {
	v, _ := ctx.Value(visitKey{}).(Visit)
	return v
}

func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// policy lets a page load from this server alone, and run nothing that stands in the page itself.
const policy = "default-src 'none'; object-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (s *Shell) headers(h http.Header, id string) {
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
	h.Set("Request-Id", id)
	if s.opt.Secure {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
}

// writer notes what was answered.
type writer struct {
	http.ResponseWriter
	status  int
	bytes   int64
	end     func() // of the snapshot that the page was read from; nil for none
	person  string // who asked, "" where nobody is signed in
	foreign bool   // a page of another site asked
}

// sends is called before anything goes out.
func (w *writer) sends() {
	if w.end != nil {
		w.end()
	}
}

func (w *writer) WriteHeader(status int) {
	w.sends()
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *writer) Write(b []byte) (int, error) {
	w.sends()
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap gives http.ResponseController the writer below.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Secure says whether the pages are served by TLS.
func (r *Request) Secure() bool { return r.shell.opt.Secure }

// organisations of an actor, by name.
func (s *Shell) organisations(ctx context.Context, by *app.Actor) ([]store.Organisation, error) {
	return s.opt.Core.DB.Organisations(ctx, by.Organisations()...)
}
