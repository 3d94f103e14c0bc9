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
