// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"breakwater/harbour"
)

// fault is an error as a page shows it.
type fault struct {
	Status               int
	Title, Message, Hint string
	Request              string
	kind                 harbour.ErrorKind
	field                string // of the address, where that is what is wrong
}

// titles of the kinds that people meet.
var titles = map[harbour.ErrorKind]string{
	harbour.ErrNotFound: "Not found", harbour.ErrDenied: "Not allowed", harbour.ErrStepUp: "Prove that it is you", harbour.ErrInvalid: "That does not work",
	harbour.ErrUsage: "That does not work", harbour.ErrConflict: "Two things contradict each other", harbour.ErrStale: "Somebody was faster",
	harbour.ErrTooLarge: "Too large", harbour.ErrTooMany: "Too often", harbour.ErrUnavailable: "Something does not answer", harbour.ErrFull: "No room left",
	harbour.ErrUnauthenticated: "Sign in first", harbour.ErrUnreadable: "It could not be read", harbour.ErrInternal: "The program failed", harbour.ErrCancelled: "Stopped",
}

func faultOf(ctx context.Context, err error) fault {
	var large *http.MaxBytesError
	if errors.As(err, &large) && harbour.KindOf(err) == harbour.ErrInternal {
		err = &harbour.Error{Kind: harbour.ErrTooLarge, Op: "answer", Message: "more was sent than this page takes", Hint: "send less at once", Err: err}
	}
	if ctx.Err() != nil && harbour.KindOf(err) == harbour.ErrInternal {
		err = &harbour.Error{Kind: harbour.ErrCancelled, Op: "answer", Message: "stopped", Err: err}
	}
	f := fault{kind: harbour.KindOf(err), Request: VisitOf(ctx).Request}
	f.Status, f.Title = f.kind.HTTPStatus(), titles[f.kind]
	var e *harbour.Error
	if errors.As(err, &e) && e.Message != "" {
		f.Message, f.Hint, f.field = sentence(e.Message), sentence(harbour.HintOf(err)), e.Field
	}
	if f.kind == harbour.ErrInternal {
		if f.Message == "" {
			f.Message = "The program failed while it made this page. Nothing was changed by it."
		}
		f.Hint = "Try again. If it fails once more, tell an administrator the number of the request: the log says more."
	}
	return f
}

// Words are the message and the hint of an error as sentences.
func Words(err error) (message, hint string) {
	var e *harbour.Error
	if errors.As(err, &e) {
		message = sentence(e.Message)
	}
	return message, sentence(harbour.HintOf(err))
}

// Sentence writes a message of an error, or of a part of the installation, as a sentence.
func Sentence(s string) string { return sentence(s) }

// sentence writes a message of an error as a sentence.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

// fail answers with an error: as a page, or as a message on the page that asked by script.
func (r *Request) fail(err error) {
	f := faultOf(r.Context(), err)
	if f.Status >= 500 && f.kind != harbour.ErrUnavailable && f.kind != harbour.ErrFull || f.kind == harbour.ErrInternal {
		r.shell.opt.Core.Log.Error("page failed", slog.String("request", f.Request), slog.String("path", r.URL.Path), slog.Any("error", err))
	} else if f.Status >= 500 {
		r.shell.opt.Core.Log.Warn("page failed", slog.String("request", f.Request), slog.String("path", r.URL.Path), slog.Any("error", err))
	}
	if f.kind == harbour.ErrDenied && r.By != nil {
		r.shell.opt.Core.Log.Warn("access denied", slog.String("request", f.Request), slog.String("path", r.URL.Path), slog.String("person", r.By.Person), slog.String("why", f.Message))
	}
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		r.problem(f)
		return
	}
	if f.kind == harbour.ErrUnauthenticated {
		r.toSignIn(f)
		return
	}
	if r.again(err) {
		return
	}
	h := r.W.Header()
	h.Set("Breakwater-Error", url.PathEscape(strings.TrimSpace(f.Message+" "+f.Hint)))
	if f.kind == harbour.ErrTooMany {
		seconds := 60
		if r.wait > 0 {
			seconds = int(math.Ceil(r.wait.Seconds()))
		}
		h.Set("Retry-After", strconv.Itoa(seconds))
	}
	if f.kind == harbour.ErrUnavailable {
		h.Set("Retry-After", "5")
	}
	var sent error
	switch {
	case f.kind == harbour.ErrStepUp && r.By != nil && r.script():
		h.Set("HX-Retarget", "#dialogs")
		h.Set("HX-Reswap", "innerHTML")
		sent = r.render(f.Status, proveDialog(r, f))
	case r.script():
		h.Set("HX-Retarget", "#toasts")
		h.Set("HX-Reswap", "beforeend")
		sent = r.render(f.Status, toast(&Message{Kind: "bad", Text: strings.TrimSpace(f.Message + " " + f.Hint)}))
	case f.kind == harbour.ErrStepUp && r.By != nil:
		sent = r.Page(Page{Title: f.Title, Status: f.Status, Body: provePage(r, f)})
	default:
		sent = r.Page(Page{Title: f.Title, Status: f.Status, Body: faultBody(r, f), bare: r.By == nil})
	}
	if sent != nil {
		r.shell.opt.Core.Log.Error("error page failed", slog.String("request", f.Request), slog.Any("error", sent))
		http.Error(r.W, f.Message, f.Status)
	}
}

// problem answers a script that wants data (RFC 9457).
func (r *Request) problem(f fault) {
	b, err := json.Marshal(map[string]any{"type": "about:blank", "title": f.Title, "status": f.Status, "detail": strings.TrimSpace(f.Message + " " + f.Hint), "request": f.Request})
	if err != nil {
		b = []byte("{}")
	}
	h := r.W.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	r.W.WriteHeader(f.Status)
	_, _ = r.W.Write(b)
}

// toSignIn leads to the page where people sign in, and back afterwards where the request only wanted to see something.
func (r *Request) toSignIn(f fault) {
	to := "/sign-in"
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		if here := r.Here(); here != "/" && !r.script() {
			to += "?" + url.Values{"to": {here}}.Encode()
		}
	}
	if r.script() {
		r.W.Header().Set("HX-Redirect", to)
		r.W.WriteHeader(http.StatusUnauthorized)
		return
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		_ = r.Redirect(to)
		return
	}
	f.Hint = "You were signed out meanwhile. Nothing was changed: sign in, then do it again."
	if err := r.Page(Page{Title: f.Title, Status: f.Status, Body: faultBody(r, f), bare: true}); err != nil {
		http.Error(r.W, f.Message, f.Status)
	}
}

// failedReturn is where a form of proving presence leads back to.
func (r *Request) failedReturn() string {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return r.Here()
	}
	if u, err := url.Parse(r.Referer()); err == nil && u.Host == r.Host && Local(u.RequestURI()) {
		return u.RequestURI()
	}
	return "/"
}
