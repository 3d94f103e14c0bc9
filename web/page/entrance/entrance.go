// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package entrance is where people come in and go out: signing in, the first set-up, proving presence once more, and one's own
// account with its sessions.
//
// What is wrong with a sign-in is not said: name, password and account are answered alike, as package access does it.
// Passwords are never shown again, not even in a form that comes back.
//
// Its handlers are safe for concurrent use.
package entrance

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/harbour"
	"breakwater/web/shell"
)

type pages struct {
	use   *access.Access
	codes codes
}

// New makes the pages of the use case.
func New(use *access.Access) shell.Pack {
	p := &pages{use: use}
	return shell.Pack{Register: func(s *shell.Shell) {
		s.Open("GET /sign-in", p.signIn)
		s.Open("POST /sign-in", p.doSignIn)
		s.Open("GET /sign-in/second", p.second)
		s.Open("POST /sign-in/second", p.doSecond)
		s.Open("POST /sign-in/passkey/options", p.passkeyOptions)
		s.Open("POST /sign-in/passkey", p.passkey)
		s.Open("POST /sign-in/second/passkey/options", p.secondOptions)
		s.Open("POST /sign-in/second/passkey", p.secondPasskey)
		s.Open("GET /sign-in/directory", p.directory)
		s.Open("GET "+DirectoryReturn, p.directoryReturn)
		s.Open("POST /sign-in/demo", p.demo)
		s.Open("GET /emergency", p.emergency)
		s.Open("POST /emergency", p.doEmergency)
		s.Open("GET /invitation", p.invitation)
		s.Open("POST /invitation", p.doInvitation)
		s.Open("GET /set-up", p.setUp)
		s.Open("POST /set-up", p.doSetUp)
		s.Open("POST /sign-out", p.signOut)
		s.Signed("GET /prove", p.prove)
		s.Signed("POST /prove", p.doProve)
		s.Signed("POST /prove/passkey/options", p.proofOptions)
		s.Signed("POST /prove/passkey", p.proofPasskey)
		s.Signed("GET /account", p.account)
		s.Signed("POST /account/totp", p.beginTOTP)
		s.Signed("POST /account/totp/finish", p.finishTOTP)
		s.Signed("POST /account/passkey/options", p.registerOptions)
		s.Signed("POST /account/passkey", p.register)
		s.Signed("GET /account/registered", p.registered)
		s.Signed("POST /account/recovery", p.newCodes)
		s.Signed("POST /account/factors/remove", p.removeFactor)
		s.Signed("POST /account/password", p.changePassword)
		s.Signed("POST /account/sessions/end", p.endSession)
		s.Signed("POST /account/sessions/end-others", p.endOthers)
	}}
}

// DirectoryReturn is the path that a directory sends people back to.
const DirectoryReturn = "/sign-in/directory/return"

const device = "device"

// From is what is known of the browser.
func From(r *shell.Request) access.RequestInfo {
	v := shell.VisitOf(r.Context())
	a, _ := netip.ParseAddr(v.Address)
	return access.RequestInfo{Address: a, Agent: v.Agent, Request: v.Request, Device: r.Kept(device), Quiet: v.Quiet}
}

// Authenticate turns the secret of a session into an actor. What programs use is refused: pages are for people.
func Authenticate(ctx context.Context, use *access.Access, secret string, from shell.Visit) (*app.Actor, error) {
	a, _ := netip.ParseAddr(from.Address)
	by, err := use.Authenticate(ctx, secret, access.RequestInfo{Address: a, Agent: from.Agent, Request: from.Request, Quiet: from.Quiet})
	if err == nil && by.Via != "session" {
		return nil, &harbour.Error{Kind: harbour.ErrUnauthenticated, Op: "authenticate", Message: "pages are for people", Hint: "sign in"}
	}
	return by, err
}

// signForm is what the page of signing in shows.
type signForm struct {
	Login, To, Wrong, Hint string

	directory string // name of the directory to sign in through, "" for none
	guests    []guest
}

// to is where a form leads afterwards: a path of this server, or the first page.
func to(r *shell.Request) string {
	if v := r.FormValue("to"); shell.Local(v) && !strings.HasPrefix(v, "/sign-") {
		return v
	}
	return "/"
}

func (p *pages) signIn(r *shell.Request) error {
	if r.By != nil {
		return r.Redirect(to(r))
	}
	if needs, err := p.use.NeedsSetUp(r.Context()); err != nil || needs {
		if err != nil {
			return err
		}
		return r.Redirect("/set-up")
	}
	return p.showSignIn(r, signForm{To: to(r)}, http.StatusOK)
}

func (p *pages) showSignIn(r *shell.Request, f signForm, status int) (err error) {
	f.directory = p.use.Directory()
	if f.guests, err = p.guests(r); err != nil {
		return err
	}
	return r.Page(shell.Page{Title: "Sign in", Status: status, Body: signInPage(r, f)})
}

func (p *pages) doSignIn(r *shell.Request) error {
	f := signForm{Login: strings.TrimSpace(r.PostFormValue("login")), To: to(r)}
	in, err := p.use.SignIn(r.Context(), f.Login, r.PostFormValue("password"), From(r))
	if err != nil {
		var status int
		if f.Wrong, f.Hint, status, err = wrong(err); err != nil {
			return err
		}
		return p.showSignIn(r, f, status)
	}
	return p.enter(r, in, f.To)
}

// enter lets a person in who has proved enough, or asks for the second factor.
func (p *pages) enter(r *shell.Request, in *access.SignedIn, to string) error {
	if in.Next != nil {
		keepSecond(r, in.Next)
		address := "/sign-in/second"
		if to != "/" {
			address += "?" + url.Values{"to": {to}}.Encode()
		}
		return r.Redirect(address)
	}
	p.give(r, in)
	return r.Redirect(to)
}

// give gives the browser its session.
func (p *pages) give(r *shell.Request, in *access.SignedIn) {
	r.Keep(halfway, "", 0)
	if in.Device != "" {
		r.Keep(device, in.Device, access.DeviceFor)
	}
	r.SignIn(in.Cookie, harbour.At(in.Until))
}

// wrong tells what people can mend in the form from what makes a page of its own.
func wrong(err error) (message, hint string, status int, other error) {
	switch k := harbour.KindOf(err); k {
	case harbour.ErrUnauthenticated, harbour.ErrTooMany, harbour.ErrInvalid, harbour.ErrConflict, harbour.ErrDenied, harbour.ErrUsage:
		m, h := shell.Words(err)
		return m, h, k.HTTPStatus(), nil
	}
	return "", "", 0, err
}

func (p *pages) signOut(r *shell.Request) error {
	if r.By != nil {
		if err := p.use.SignOut(r.Context(), r.By); err != nil && harbour.KindOf(err) != harbour.ErrNotFound {
			return err
		}
	}
	r.SignOut()
	r.W.Header().Set("Clear-Site-Data", `"cache"`)
	return r.Redirect("/sign-in")
}

// setUpForm is what the page of the first set-up shows.
type setUpForm struct {
	access.FirstRun
	Token       string
	Wrong, Hint string
}

func (p *pages) setUp(r *shell.Request) error {
	needs, err := p.use.NeedsSetUp(r.Context())
	if err != nil {
		return err
	}
	if !needs {
		return r.Redirect("/sign-in")
	}
	return r.Page(shell.Page{Title: "Set up Breakwater", Body: setUpPage(r, setUpForm{})})
}

func (p *pages) doSetUp(r *shell.Request) error {
	text := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	f := setUpForm{Token: text("token"), FirstRun: access.FirstRun{
		Organisation: text("organisation"), Site: text("site"), TimeZone: text("time_zone"), Jurisdiction: strings.ToUpper(text("jurisdiction")),
		Login: strings.ToLower(text("login")), Name: text("name"), Email: text("email"), Password: r.PostFormValue("password"),
	}}
	in, err := p.use.SetUp(r.Context(), f.Token, f.FirstRun, From(r))
	if harbour.KindOf(err) == harbour.ErrInvalid {
		return r.Again(err, func(again *shell.Request) error {
			return again.Page(shell.Page{Title: "Set up Breakwater", Body: setUpPage(again, setUpForm{})})
		})
	}
	if err != nil {
		var status int
		if f.Wrong, f.Hint, status, err = wrong(err); err != nil {
			return err
		}
		f.Password = ""
		return r.Page(shell.Page{Title: "Set up Breakwater", Status: status, Body: setUpPage(r, f)})
	}
	return p.enter(r, in, "/")
}

func (p *pages) prove(r *shell.Request) error {
	return r.Page(shell.Page{Title: "Prove that it is you", Here: "-", Body: provePage(r, back(r), "", "")})
}

func (p *pages) doProve(r *shell.Request) error {
	var renewed access.Renewed
	var err error
	if code := strings.TrimSpace(r.PostFormValue("code")); code != "" {
		renewed, err = p.use.ProveCode(r.Context(), r.By, code, From(r))
	} else {
		renewed, err = p.use.Prove(r.Context(), r.By, r.PostFormValue("password"), From(r))
	}
	if err != nil {
		m, h, status, err := wrong(err)
		if err != nil {
			return err
		}
		return r.Page(shell.Page{Title: "Prove that it is you", Here: "-", Status: status, Body: provePage(r, back(r), m, h)})
	}
	r.SignIn(renewed.Cookie, harbour.At(renewed.Until))
	return r.Done(back(r), shell.OK("It is you. For ten minutes you may do what needs this proof; do it again now."))
}

func back(r *shell.Request) string {
	if v := r.FormValue("back"); shell.Local(v) {
		return v
	}
	return "/account"
}

func (p *pages) changePassword(r *shell.Request) error {
	fresh := r.PostFormValue("fresh")
	err := error(&harbour.Error{Kind: harbour.ErrInvalid, Op: "change password", Message: "the two new passwords differ", Hint: "type the new password twice"})
	if fresh == r.PostFormValue("again") {
		err = p.use.ChangePassword(r.Context(), r.By, r.PostFormValue("old"), fresh, From(r))
	}
	if err != nil {
		m, h, status, err := wrong(err)
		if err != nil {
			return err
		}
		return p.showAccount(r, m, h, status)
	}
	return r.Done("/account", shell.OK("Your password was changed. Other sessions of yours have ended."))
}

func (p *pages) endSession(r *shell.Request) error {
	if err := p.use.EndSession(r.Context(), r.By, r.PostFormValue("id")); err != nil {
		return err
	}
	return r.Done("/account", shell.OK("The session was ended."))
}

func (p *pages) endOthers(r *shell.Request) error {
	if err := p.use.EndOtherSessions(r.Context(), r.By); err != nil {
		return err
	}
	return r.Done("/account", shell.OK("All other sessions were ended."))
}

// zones are time zones of ports, to choose from; others can be typed.
var zones = strings.Fields(`Europe/London Europe/Dublin Europe/Lisbon Europe/Madrid Europe/Paris Europe/Brussels Europe/Amsterdam Europe/Berlin Europe/Copenhagen
	Europe/Oslo Europe/Stockholm Europe/Helsinki Europe/Tallinn Europe/Riga Europe/Warsaw Europe/Rome Europe/Athens Europe/Istanbul Europe/Bucharest
	America/New_York America/Chicago America/Los_Angeles America/Vancouver America/Halifax America/Panama America/Sao_Paulo America/Santiago
	Africa/Casablanca Africa/Lagos Africa/Johannesburg Africa/Cairo Asia/Dubai Asia/Kolkata Asia/Singapore Asia/Shanghai Asia/Hong_Kong Asia/Tokyo Asia/Seoul
	Australia/Sydney Australia/Perth Pacific/Auckland UTC`)
