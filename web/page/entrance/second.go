// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package entrance

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"breakwater/app/access"
	"breakwater/harbour"
	"breakwater/web/shell"
)

// What the browser keeps, out of reach of scripts, on the way through a sign-in.
const (
	halfway    = "halfway"   // token and kinds of the second factor that is wanted
	challenge  = "challenge" // token of a passkey's challenge
	journey    = "journey"   // ties the way back from the directory to this browser
	halfwayFor = 5 * time.Minute
)

// keepSecond remembers that the first factor was right.
func keepSecond(r *shell.Request, s *access.Second) {
	r.Keep(halfway, s.Token+"~"+strings.Join(s.Kinds, "."), halfwayFor)
}

func second(r *shell.Request) (token string, kinds []string) {
	token, rest, _ := strings.Cut(r.Kept(halfway), "~")
	return token, strings.Split(rest, ".")
}

func (p *pages) second(r *shell.Request) error {
	if token, _ := second(r); token == "" {
		return r.Redirect("/sign-in")
	}
	return p.showSecond(r, "", "", http.StatusOK)
}

func (p *pages) showSecond(r *shell.Request, wrong, hint string, status int) error {
	_, kinds := second(r)
	return r.Page(shell.Page{Title: "Second factor", Status: status, Body: secondPage(r, to(r), slices.Contains(kinds, "passkey"), slices.Contains(kinds, "totp"), slices.Contains(kinds, "recovery"), wrong, hint)})
}

func (p *pages) doSecond(r *shell.Request) error {
	token, _ := second(r)
	in, err := p.use.SignInCode(r.Context(), token, r.PostFormValue("code"), From(r))
	if err != nil {
		m, h, status, err := wrong(err)
		if err != nil {
			return err
		}
		return p.showSecond(r, m, h, status)
	}
	return p.enter(r, in, to(r))
}

// options answers a script with what the browser needs to ask for a passkey, and keeps the token of the challenge.
func options(r *shell.Request, c access.Challenge, err error) error {
	if err != nil {
		return err
	}
	r.Keep(challenge, c.Token, halfwayFor)
	return answer(r, c.Options)
}

func answer(r *shell.Request, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	r.W.Header().Set("Content-Type", "application/json")
	r.W.Header().Set("Cache-Control", "no-store")
	_, _ = r.W.Write(b)
	return nil
}

// credential reads what the browser's passkey said.
func credential(r *shell.Request) (token string, body []byte, err error) {
	token = r.Kept(challenge)
	r.Keep(challenge, "", 0)
	body, err = io.ReadAll(io.LimitReader(r.Body, 64<<10))
	if err == nil && token == "" {
		err = &harbour.Error{Kind: harbour.ErrUnauthenticated, Op: "use passkey", Message: "it took too long", Hint: "try again"}
	}
	return token, body, err
}

// in lets a person in whom a script has signed in.
func (p *pages) in(r *shell.Request, s *access.SignedIn, err error) error {
	if err != nil {
		return refused(err)
	}
	p.give(r, s)
	return answer(r, map[string]string{"location": to(r)})
}

// refused keeps a wrong passkey from being taken for a session that has ended.
func refused(err error) error {
	if harbour.KindOf(err) != harbour.ErrUnauthenticated {
		return err
	}
	m, h := shell.Words(err)
	return &harbour.Error{Kind: harbour.ErrDenied, Op: "use passkey", Message: strings.TrimSuffix(m, "."), Hint: h, Err: err}
}

func (p *pages) passkeyOptions(r *shell.Request) error {
	c, err := p.use.BeginPasskeySignIn(r.Context(), From(r))
	return options(r, c, err)
}

func (p *pages) passkey(r *shell.Request) error {
	token, body, err := credential(r)
	if err != nil {
		return refused(err)
	}
	s, err := p.use.FinishPasskeySignIn(r.Context(), token, body, From(r))
	return p.in(r, s, err)
}

func (p *pages) secondOptions(r *shell.Request) error {
	token, _ := second(r)
	c, err := p.use.BeginPasskeySecond(r.Context(), token)
	if err != nil {
		return refused(err)
	}
	return options(r, c, nil)
}

func (p *pages) secondPasskey(r *shell.Request) error {
	token, body, err := credential(r)
	if err != nil {
		return refused(err)
	}
	s, err := p.use.FinishPasskeySecond(r.Context(), token, body, From(r))
	return p.in(r, s, err)
}

func (p *pages) proofOptions(r *shell.Request) error {
	c, err := p.use.BeginPasskeyProof(r.Context(), r.By)
	return options(r, c, err)
}

func (p *pages) proofPasskey(r *shell.Request) error {
	token, body, err := credential(r)
	if err != nil {
		return refused(err)
	}
	renewed, err := p.use.FinishPasskeyProof(r.Context(), r.By, token, body, From(r))
	if err != nil {
		return refused(err)
	}
	r.SignIn(renewed.Cookie, harbour.At(renewed.Until))
	to := "/account"
	if v := r.URL.Query().Get("back"); shell.Local(v) {
		to = v
	}
	return answer(r, map[string]string{"location": to})
}
