// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package views is the use case of saved views: a list with its filters, sorting and columns under a name, for oneself or
// for everybody who may see the list. A view holds no data: whoever opens it sees what that person may see.
package views

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// pages are the lists that can be saved, with what a person must be allowed to do to see each.
var pages = map[string]app.Action{
	"assets": app.ReadAssets, "findings": app.ReadFindings, "conversations": app.ReadTraffic, "operations": app.ReadTraffic, "evidence": app.ReadEvidence,
}

// Limits of one person's views.
const (
	MaxViews = 200
	maxName  = 80
	maxQuery = 4000
)

// act is what the audit log calls keeping a view for oneself, which needs no right of its own.
const act app.Action = "views.keep"

// Views is safe for concurrent use.
type Views struct{ core *app.Core }

// New makes the use case.
func New(c *app.Core) *Views { return &Views{c} }

func (u *Views) scope(by *app.Actor, org, page string) (store.Scope, error) {
	a, ok := pages[page]
	if !ok {
		return store.Scope{}, &harbour.Error{Kind: harbour.ErrInvalid, Op: "views", Message: "there is no list " + page + " whose views are kept"}
	}
	return by.Scope(a, org)
}

// List lists the actor's own views of a page and those that are shared.
func (u *Views) List(ctx context.Context, by *app.Actor, org, page string) ([]store.SavedView, error) {
	s, err := u.scope(by, org, page)
	if err != nil {
		return nil, err
	}
	return u.core.DB.In(s).Views(ctx, by.Person, page)
}

// Save keeps a view. shared needs the right to share.
//
// Errors: ErrInvalid for a name that is empty or too long, ErrFull where the person keeps [MaxViews] already, ErrDenied.
func (u *Views) Save(ctx context.Context, by *app.Actor, org string, v store.SavedView) (id string, err error) {
	s, err := u.scope(by, org, v.Page)
	if err != nil {
		return "", err
	}
	action := act
	if v.Shared {
		action = app.ShareViews
		if _, err := by.Scope(action, org); err != nil {
			return "", err
		}
	}
	v.Name = strings.TrimSpace(v.Name)
	if v.Name == "" || utf8.RuneCountInString(v.Name) > maxName || !utf8.ValidString(v.Name) || strings.ContainsFunc(v.Name, unicode.IsControl) {
		return "", harbour.In("name", invalid(fmt.Sprintf("a view needs a name of at most %d characters", maxName), "name it for what it shows"))
	}
	if _, err := url.ParseQuery(v.Query); err != nil || len(v.Query) > maxQuery {
		return "", invalid("the list is filtered by too much to be kept", "choose fewer values")
	}
	v.ID, v.Person = app.NewID("v-"), by.Person
	return v.ID, u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.CountViews(ctx, s.Organisation(), by.Person)
		if err != nil {
			return err
		}
		if n >= MaxViews {
			return &harbour.Error{Kind: harbour.ErrFull, Op: "save view", Message: fmt.Sprintf("you keep %d views already", n), Hint: "remove one that you do not use"}
		}
		if err := tx.AddView(ctx, org, v); err != nil {
			return err
		}
		e := by.Entry(org, action, "view", v.ID, v.Name)
		e.After = app.State(map[string]any{"page": v.Page, "query": v.Query, "for_everybody": v.Shared})
		return tx.Audit(ctx, e)
	})
}

// Remove removes a view: one's own, or with the right to share a shared one of somebody else.
//
// Errors: ErrNotFound where there is none that the actor may remove.
func (u *Views) Remove(ctx context.Context, by *app.Actor, org, id string) (page string, err error) {
	if by == nil || !by.In(org) {
		return "", gone(id)
	}
	err = u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		v, err := tx.ViewBy(ctx, org, id)
		if err != nil {
			return err
		}
		if v.Person != by.Person && (!v.Shared || !by.May(app.ShareViews, org)) {
			return gone(id)
		}
		page = v.Page
		if err := tx.RemoveView(ctx, org, id); err != nil {
			return err
		}
		action := act
		if v.Shared {
			action = app.ShareViews
		}
		e := by.Entry(org, action, "view", id, v.Name)
		e.Before = app.State(map[string]any{"page": v.Page, "query": v.Query, "for_everybody": v.Shared})
		return tx.Audit(ctx, e)
	})
	return page, err
}

func gone(id string) error {
	return &harbour.Error{Kind: harbour.ErrNotFound, Op: "remove view", Message: "there is no view " + id + " that you may remove"}
}

func invalid(message, hint string) error {
	return &harbour.Error{Kind: harbour.ErrInvalid, Op: "save view", Message: message, Hint: hint}
}
