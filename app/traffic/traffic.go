// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package traffic is the use case of what passes: conversations, the operations in them, zones and the conduits between
// them. Nothing is changed here.
package traffic

import (
	"context"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// Traffic is safe for concurrent use.
type Traffic struct{ core *app.Core }

// New makes the use case.
func New(c *app.Core) *Traffic { return &Traffic{c} }

func (u *Traffic) in(by *app.Actor, action app.Action, org string) (*store.Scoped, error) {
	scope, err := by.Scope(action, org)
	if err != nil {
		return nil, err
	}
	return u.core.DB.In(scope), nil
}

// Conversations gives a page of conversations. Of an end out of scope neither id nor name is given.
func (u *Traffic) Conversations(ctx context.Context, by *app.Actor, org string, q store.Traffic) (p store.Page[store.ConversationRow], err error) {
	s, err := u.in(by, app.ReadTraffic, org)
	if err != nil {
		return p, err
	}
	return s.Conversations(ctx, q)
}

// Operations gives a page of operations.
func (u *Traffic) Operations(ctx context.Context, by *app.Actor, org string, q store.Traffic) (p store.Page[store.OperationRow], err error) {
	s, err := u.in(by, app.ReadTraffic, org)
	if err != nil {
		return p, err
	}
	return s.Operations(ctx, q)
}

// Facets gives the counts beside the filters of conversation or operation.
func (u *Traffic) Facets(ctx context.Context, by *app.Actor, org, list string) ([]store.Facet, error) {
	s, err := u.in(by, app.ReadTraffic, org)
	if err != nil {
		return nil, err
	}
	return s.Facets(ctx, list)
}

// EachConversation walks the conversations of a query, for an export.
func (u *Traffic) EachConversation(ctx context.Context, by *app.Actor, org string, q store.Traffic, fn func(*store.ConversationRow) error) error {
	q.Limit = 500
	for {
		p, err := u.Conversations(ctx, by, org, q)
		if err != nil {
			return err
		}
		for i := range p.Items {
			if err := fn(&p.Items[i]); err != nil {
				return err
			}
		}
		if q.Cursor = p.Next; p.Next == "" {
			return nil
		}
	}
}

// EachOperation walks the operations of a query, for an export.
func (u *Traffic) EachOperation(ctx context.Context, by *app.Actor, org string, q store.Traffic, fn func(*store.OperationRow) error) error {
	q.Limit = 500
	for {
		p, err := u.Operations(ctx, by, org, q)
		if err != nil {
			return err
		}
		for i := range p.Items {
			if err := fn(&p.Items[i]); err != nil {
				return err
			}
		}
		if q.Cursor = p.Next; p.Next == "" {
			return nil
		}
	}
}

// Zones lists the zones, as far as the scope reaches.
func (u *Traffic) Zones(ctx context.Context, by *app.Actor, org string) ([]harbour.Zone, error) {
	s, err := u.in(by, app.ReadZones, org)
	if err != nil {
		return nil, err
	}
	return s.Zones(ctx)
}

// Conduits lists the conduits between zones. They speak of the whole organisation: whoever may see a part of it gets none.
func (u *Traffic) Conduits(ctx context.Context, by *app.Actor, org string) ([]harbour.ConduitUse, error) {
	s, err := u.in(by, app.ReadZones, org)
	if err != nil {
		return nil, err
	}
	return s.Conduits(ctx)
}
