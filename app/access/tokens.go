// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"breakwater/app"
	"breakwater/app/access/secret"
	"breakwater/harbour"
	"breakwater/store"
)

const (
	actTokenAdd    app.Action = "access.add_token"
	actTokenRevoke app.Action = "access.revoke_token"
)

// TokenFor is how long an API token is good at most, and maxTokens how many a person has.
const (
	TokenFor  = 366 * 24 * time.Hour
	maxTokens = 100
)

// Token is an API token as lists show it: without the string itself.
type Token struct {
	ID      string
	Person  string
	Owner   string // the person's name, in lists of everybody's tokens
	Label   string
	Actions []app.Action
	Org     string // "*" for every organisation
	Created harbour.Instant
	Used    harbour.Instant
	Expires harbour.Instant
}

// NewToken is an API token that is to be made.
type NewToken struct {
	Label   string
	Actions []app.Action
	Org     string // one, or "*" where the person's own roles reach everywhere
	Expires time.Time
}

// AddToken makes a token for a program that acts for the person. The string is given once and never again. What it may
// do is what it says and no more than the person may at that moment: a role taken away is taken from the token, too.
//
// Errors: ErrDenied for an action that the person may not do there, ErrInvalid, ErrStepUp, ErrFull.
func (u *Access) AddToken(ctx context.Context, by *app.Actor, n NewToken) (token string, out Token, err error) {
	const op = "make token"
	if err := signedIn(by, op); err != nil {
		return "", out, err
	}
	n.Label = strings.TrimSpace(n.Label)
	if err := checkName(op, "label", n.Label); err != nil {
		return "", out, harbour.In("label", err)
	}
	now := u.core.Clock()
	if !n.Expires.After(now) || n.Expires.After(now.Add(TokenFor)) {
		return "", out, harbour.In("until", invalid(op, "a token ends within a year from now", "Choose a date that lies ahead, at most a year."))
	}
	if len(n.Actions) == 0 {
		return "", out, harbour.In("action", invalid(op, "a token without actions can do nothing", "Choose what the program is to do."))
	}
	if !slices.Contains(by.Organisations(), "*") && !slices.Contains(by.Organisations(), n.Org) {
		return "", out, &harbour.Error{Kind: harbour.ErrNotFound, Op: op, Message: "there is no such organisation, or you may not see it"}
	}
	var words []string
	for _, a := range n.Actions {
		info, known := a.Info()
		if !known {
			return "", out, harbour.In("action", invalid(op, fmt.Sprintf("there is no action %q", clip(string(a), 40)), "Choose actions of the list."))
		}
		if !by.May(a, n.Org) {
			return "", out, &harbour.Error{Kind: harbour.ErrDenied, Op: op, Message: "a token may not do more than you: your role does not allow you to " + info.Words, Hint: "leave the action " + string(a) + " out"}
		}
		if !slices.Contains(words, string(a)) {
			words = append(words, string(a))
		}
	}
	if err := u.present(by, op); err != nil {
		return "", out, err
	}
	token, d := secret.NewAPI()
	k := store.APIToken{ID: app.NewID("k-"), Hash: d[:], Person: by.Person, Label: n.Label, Actions: strings.Join(words, " "), Org: n.Org, ExpiresAt: harbour.At(n.Expires)}
	err = u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		var has int
		if err := tx.NewRaw("SELECT COUNT(*) FROM api_token WHERE person = ?", by.Person).Scan(ctx, &has); err != nil {
			return err
		}
		if has >= maxTokens {
			return &harbour.Error{Kind: harbour.ErrFull, Op: op, Message: fmt.Sprintf("a person has at most %d tokens", maxTokens), Hint: "Revoke those that are no longer used."}
		}
		k.CreatedAt = tx.At()
		if err := tx.AddToken(ctx, k); err != nil {
			return err
		}
		e := by.Entry(logOf(n.Org), actTokenAdd, "token", k.ID, k.Label)
		e.After = app.State(map[string]any{"actions": words, "organisation": k.Org, "expires_at": k.ExpiresAt})
		return tx.Audit(ctx, e)
	})
	if err != nil {
		return "", out, err
	}
	return token, tokenOf(k), nil
}

func logOf(org string) string {
	if org == "*" {
		return ""
	}
	return org
}

func tokenOf(k store.APIToken) Token {
	t := Token{ID: k.ID, Person: k.Person, Label: k.Label, Org: k.Org, Created: k.CreatedAt, Used: k.UsedAt, Expires: k.ExpiresAt}
	for _, w := range app.Words(k.Actions) {
		t.Actions = append(t.Actions, app.Action(w))
	}
	return t
}

// Tokens lists the actor's own tokens, the newest first.
func (u *Access) Tokens(ctx context.Context, by *app.Actor) ([]Token, error) {
	if err := signedIn(by, "list tokens"); err != nil {
		return nil, err
	}
	return u.tokens(ctx, by.Person, func(store.APIToken) bool { return true })
}

func (u *Access) tokens(ctx context.Context, person string, keep func(store.APIToken) bool) (list []Token, err error) {
	rows, err := u.core.DB.Tokens(ctx, person)
	for _, k := range rows {
		if keep(k) && k.ExpiresAt > u.core.Now() {
			list = append(list, tokenOf(k))
		}
	}
	return list, err
}

// RevokeToken revokes one of the actor's own tokens.
//
// Errors: ErrNotFound.
func (u *Access) RevokeToken(ctx context.Context, by *app.Actor, id string) error {
	if err := signedIn(by, "revoke token"); err != nil {
		return err
	}
	return u.revoke(ctx, by, id, actTokenRevoke, func(k store.APIToken) bool { return k.Person == by.Person })
}

// TokensOf lists everybody's tokens for an organisation, or all tokens with "*".
func (u *Access) TokensOf(ctx context.Context, by *app.Actor, org string) ([]Token, error) {
	if _, err := u.reach(by, app.ReadPeople, org); err != nil {
		return nil, err
	}
	list, err := u.tokens(ctx, "", func(k store.APIToken) bool { return org == "*" || k.Org == org })
	names := map[string]string{}
	for i := range list {
		id := list[i].Person
		if _, known := names[id]; !known && err == nil {
			var p store.Person
			p, _, err = u.core.DB.PersonBy(ctx, "", id)
			names[id] = p.Name
		}
		list[i].Owner = names[id]
	}
	return list, err
}

// RevokeTokenOf revokes anybody's token for an organisation, or any token with "*".
//
// Errors: ErrNotFound.
func (u *Access) RevokeTokenOf(ctx context.Context, by *app.Actor, org, id string) error {
	if _, err := u.reach(by, app.ManageTokens, org); err != nil {
		return err
	}
	return u.revoke(ctx, by, id, app.ManageTokens, func(k store.APIToken) bool { return org == "*" || k.Org == org })
}

func (u *Access) revoke(ctx context.Context, by *app.Actor, id string, action app.Action, reached func(store.APIToken) bool) error {
	none := &harbour.Error{Kind: harbour.ErrNotFound, Op: "revoke token", Message: "there is no such token, or you may not see it"}
	all, err := u.core.DB.Tokens(ctx, "")
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(k store.APIToken) bool { return k.ID == id && reached(k) })
	if i < 0 {
		return none
	}
	k := all[i]
	return u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.RemoveTokens(ctx, k.Person, k.ID)
		if err != nil || n == 0 {
			return errOr(err, none)
		}
		e := by.Entry(logOf(k.Org), action, "token", k.ID, k.Label)
		e.Before = app.State(map[string]any{"person": k.Person, "actions": app.Words(k.Actions), "expires_at": k.ExpiresAt})
		return tx.Audit(ctx, e)
	})
}
