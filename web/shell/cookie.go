// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"

	"breakwater/harbour"
)

// session is the cookie that holds a session's secret.
const session = "breakwater"

// cookieName is how a cookie is called. Under TLS its prefix keeps other hosts and paths from setting it.
func (s *Shell) cookieName(name string) string {
	if s.opt.Secure {
		return "__Host-" + name
	}
	return name
}

func (r *Request) secret() string {
	c, err := r.Cookie(r.shell.cookieName(session))
	if err != nil {
		return ""
	}
	return c.Value
}

// Secret is the secret of the session that the browser sent; "" for none.
func (r *Request) Secret() string { return r.secret() }

// SignIn gives the browser the secret of a session, and forgets with it what a person before had been told.
func (r *Request) SignIn(secret string, expires harbour.Instant) {
	c := r.shell.cookie(session, secret)
	c.Expires = expires.Time()
	http.SetCookie(r.W, c)
}

// SignOut takes the secret from the browser.
func (r *Request) SignOut() {
	r.drop(session)
	r.drop("message")
}

func (r *Request) drop(name string) {
	c := r.shell.cookie(name, "")
	c.MaxAge = -1
	http.SetCookie(r.W, c)
}

// Keep gives the browser a small value of a few minutes that scripts cannot read; "" takes it away.
func (r *Request) Keep(name, value string, forTime time.Duration) {
	if value == "" {
		r.drop(name)
		return
	}
	c := r.shell.cookie(name, value)
	c.MaxAge = int(forTime.Seconds())
	http.SetCookie(r.W, c)
}

// Kept is what Keep gave the browser; "" for nothing.
func (r *Request) Kept(name string) string {
	c, err := r.Cookie(r.shell.cookieName(name))
	if err != nil || len(c.Value) > 4000 {
		return ""
	}
	return c.Value
}

func (s *Shell) cookie(name, value string) *http.Cookie {
	return &http.Cookie{Name: s.cookieName(name), Value: value, Path: "/", HttpOnly: true, Secure: s.opt.Secure, SameSite: http.SameSiteLaxMode}
}

// Message is what a page says about something that was done, or not.
type Message struct {
	Kind string // ok, warn or bad
	Text string
	// Undo is the address that takes it back by POST, with a field "id"; "" for nothing to take back.
	Undo   string
	UndoID string
}

// OK says that something was done.
func OK(text string) Message { return Message{Kind: "ok", Text: text} }

// Undo offers to take it back.
func (m Message) WithUndo(address, id string) Message {
	m.Undo, m.UndoID = address, id
	return m
}

const messageFor = 2 * time.Minute

// leave leaves a message for the next page.
func (r *Request) leave(m Message) {
	m.Text = clip(m.Text, 500)
	b, err := json.Marshal(m)
	if err != nil {
		return
	}
	r.Keep("message", base64.RawURLEncoding.EncodeToString(b), messageFor)
}

// message takes the message that an earlier request left. It came by way of the browser, so it is text and nothing more.
func (r *Request) message() *Message {
	v := r.Kept("message")
	if v == "" {
		return nil
	}
	r.drop("message")
	b, err := base64.RawURLEncoding.DecodeString(v)
	var m Message
	if err != nil || json.Unmarshal(b, &m) != nil || m.Text == "" {
		return nil
	}
	if !Local(m.Undo) {
		m.Undo = ""
	}
	switch m.Kind {
	case "ok", "warn", "bad":
	default:
		m.Kind = "ok"
	}
	return &m
}

// theme is how the person wants pages: light, dark, or "" for as the system has it.
func (r *Request) theme() string {
	switch v := r.Kept("theme"); v {
	case "light", "dark":
		return v
	}
	return ""
}

// setTheme keeps the choice for a year. It is the browser's, not the person's.
func setTheme(r *Request) error {
	v := r.FormValue("theme")
	switch v {
	case "light", "dark":
		r.Keep("theme", v, 365*24*time.Hour)
	case "system":
		r.Keep("theme", "", 0)
	default:
		return &harbour.Error{Kind: harbour.ErrInvalid, Op: "choose", Message: "there is no such theme", Hint: "one of: light, dark, system"}
	}
	if r.script() {
		r.W.WriteHeader(http.StatusNoContent)
		return nil
	}
	to := "/"
	if back := r.FormValue("back"); Local(back) {
		to = back
	}
	return r.Redirect(to)
}
