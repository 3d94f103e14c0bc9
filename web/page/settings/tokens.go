// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"slices"
	"time"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/harbour"
	"breakwater/web/shell"
)

func (p *pages) registerTokens(s *shell.Shell) {
	s.In("GET settings/tokens", p.tokens)
	s.In("GET settings/tokens/new", p.newToken)
	s.In("POST settings/tokens/new", p.addToken)
	s.In("POST settings/tokens/revoke", p.revokeToken)
	s.In("POST settings/tokens/revoke-other", p.revokeTokenOf)
}

func (p *pages) tokens(r *shell.Request) error {
	mine, err := p.Access.Tokens(r.Context(), r.By)
	if err != nil {
		return err
	}
	var others window[access.Token]
	if r.May(app.ReadPeople) {
		list, err := p.Access.TokensOf(r.Context(), r.By, of(r))
		if err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(t access.Token) bool { return t.Person == r.By.Person })
		others = windowOf(list, r.URL.Query().Get("cursor"), func(t *access.Token) string { return t.ID })
	}
	return p.show(r, "tokens", shell.Page{Title: "API tokens", Lead: "What programs sign in with in your name", Actions: tokenActions(r), Body: tokensPage(r, mine, others)})
}

// wantFresh asks for a proof of presence before a form is filled in.
func wantFresh(r *shell.Request, op string) error {
	if fresh(r) {
		return nil
	}
	return &harbour.Error{Kind: harbour.ErrStepUp, Op: op, Message: "prove once more that it is you", Hint: "enter your password or use your passkey"}
}

// tokenForm is what the form of a new token holds.
type tokenForm struct {
	Label, Until, Org string
	Actions           []string
}

// tokenFor is how long a token is good where nothing else is chosen.
const tokenFor = 90 * 24 * time.Hour

func (p *pages) newToken(r *shell.Request) error {
	if err := wantFresh(r, "make token"); err != nil {
		return err
	}
	f := tokenForm{Org: r.Org.ID, Until: r.Now().Time().Add(tokenFor).Format(time.DateOnly)}
	return p.show(r, "tokens", shell.Page{Title: "Make a token", Body: newTokenPage(r, f)}, shell.Crumb{Title: "API tokens", Href: r.Path("settings", "tokens")})
}

// offered are the actions that the person may give to a token.
func offered(r *shell.Request, changes bool) (list []app.ActionInfo) {
	for _, a := range app.Actions {
		if a.Changes == changes && r.May(a.Action) {
			list = append(list, a)
		}
	}
	return list
}

func (p *pages) addToken(r *shell.Request) error {
	f := tokenForm{Label: text(r, "label"), Until: text(r, "until"), Org: r.Org.ID, Actions: r.PostForm["action"]}
	if r.PostFormValue("org") == "*" {
		f.Org = "*"
	}
	n := access.NewToken{Label: f.Label, Org: f.Org}
	for _, a := range f.Actions {
		n.Actions = append(n.Actions, app.Action(a))
	}
	day, err := time.ParseInLocation(time.DateOnly, f.Until, time.UTC)
	if err != nil {
		err = harbour.In("until", invalid("make token", "the last day is not one", "Write it as 2026-11-20."))
	}
	var secret string
	var made access.Token
	if err == nil {
		n.Expires = day.AddDate(0, 0, 1).Add(-time.Second)
		secret, made, err = p.Access.AddToken(r.Context(), r.By, n)
	}
	if err != nil {
		return r.Again(err, p.newToken)
	}
	return p.show(r, "tokens", shell.Page{Title: "The new token", Body: madeTokenPage(r, made, secret)}, shell.Crumb{Title: "API tokens", Href: r.Path("settings", "tokens")})
}

func (p *pages) revokeToken(r *shell.Request) error {
	if err := p.Access.RevokeToken(r.Context(), r.By, r.PostFormValue("id")); err != nil {
		return err
	}
	return r.Done(r.Path("settings", "tokens"), shell.OK("Revoked: the token is worth nothing any more."))
}

func (p *pages) revokeTokenOf(r *shell.Request) error {
	if err := p.Access.RevokeTokenOf(r.Context(), r.By, of(r), r.PostFormValue("id")); err != nil {
		return err
	}
	return r.Done(ofAll(r, r.Path("settings", "tokens")), shell.OK("Revoked: the token is worth nothing any more."))
}
