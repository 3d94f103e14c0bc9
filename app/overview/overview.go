// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package overview is the use case of the first page: what there is, what is wrong, and what changed.
package overview

import (
	"context"
	"time"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// Overview is safe for concurrent use.
type Overview struct{ core *app.Core }

// New makes the use case.
func New(c *app.Core) *Overview { return &Overview{c} }

// View is what the page shows. What the actor may not see is empty.
type View struct {
	store.Overview
	Summary    *harbour.Summary // of the last published state; nil before the first
	Published  store.Generation
	Changes    store.Changes
	Week       time.Duration
	Generation []store.Generation
}

// Get reads it. since is how far back changes are looked for; 0 for a week.
func (u *Overview) Get(ctx context.Context, by *app.Actor, org string, since time.Duration) (*View, error) {
	scope, err := by.Scope(app.ReadOverview, org)
	if err != nil {
		return nil, err
	}
	if since <= 0 {
		since = 7 * 24 * time.Hour
	}
	s := u.core.DB.In(scope)
	v := &View{Week: since}
	if v.Overview, err = s.Overview(ctx); err != nil {
		return nil, err
	}
	if v.Summary, v.Published, err = s.Summary(ctx); err != nil {
		return nil, err
	}
	if v.Changes, err = s.ChangesSince(ctx, u.core.Now()-harbour.Instant(since.Microseconds())); err != nil {
		return nil, err
	}
	v.Generation, err = s.Generations(ctx, 10)
	return v, err
}

// Organisations lists those in which the actor has a role, by name.
func (u *Overview) Organisations(ctx context.Context, by *app.Actor) ([]store.Organisation, error) {
	if by == nil {
		return nil, &harbour.Error{Kind: harbour.ErrUnauthenticated, Op: "list organisations", Message: "nobody is signed in", Hint: "sign in first"}
	}
	return u.core.DB.Organisations(ctx, by.Organisations()...)
}

// Sites lists the sites that the actor may see, by name. Findings are what every role may see, so that is the right asked
// for: a site's name and time zone are needed to read anything else.
func (u *Overview) Sites(ctx context.Context, by *app.Actor, org string) ([]store.Site, error) {
	scope, err := by.Scope(app.ReadFindings, org)
	if err != nil {
		return nil, err
	}
	return u.core.DB.In(scope).Sites(ctx)
}

// Generations lists the published states, newest first: the instants that a look at the past can tell apart.
func (u *Overview) Generations(ctx context.Context, by *app.Actor, org string, limit int) ([]store.Generation, error) {
	scope, err := by.Scope(app.ReadFindings, org)
	if err != nil {
		return nil, err
	}
	return u.core.DB.In(scope).Generations(ctx, limit)
}
