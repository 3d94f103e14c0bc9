// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package findings

import (
	"context"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// Colleague is somebody with a role in the organisation.
type Colleague struct {
	ID, Name string
	// Roles that the person holds here, by code; nil where they are not told.
	Roles []string
}

// Colleagues lists those with a role in the organisation, by sign-in name. Whoever sees only a part of it
// learns of nobody but themselves.
func (u *Findings) Colleagues(ctx context.Context, by *app.Actor, org string) (list []Colleague, err error) {
	scope, err := by.Scope(app.ReadFindings, org)
	if err != nil {
		return nil, err
	}
	if !scope.Whole() {
		return []Colleague{{by.Person, by.Name, by.Roles(org)}}, nil
	}
	people, err := u.core.DB.People(ctx, org, "*")
	for _, p := range people {
		if holds(p, org) {
			c := Colleague{ID: p.ID, Name: p.Name}
			for _, g := range p.Grants {
				if g.Org == org || g.Org == "*" {
					c.Roles = append(c.Roles, g.Role)
				}
			}
			list = append(list, c)
		}
	}
	return list, err
}

// Each walks the findings of a query, at most limit of them, for exports and for decisions about all that a list shows.
//
// Errors: ErrTooLarge where there are more.
func (u *Findings) Each(ctx context.Context, by *app.Actor, org string, q store.FindingQuery, asOf harbour.Instant, limit int, fn func(*store.FindingRow) error) error {
	q.Cursor, q.Limit = "", 500
	n := 0
	for {
		p, err := u.List(ctx, by, org, q, asOf)
		if err != nil {
			return err
		}
		for i := range p.Items {
			if n++; limit > 0 && n > limit {
				return &harbour.Error{Kind: harbour.ErrTooLarge, Op: "list findings", Message: "there are more findings than can be taken at once", Hint: "filter the list further"}
			}
			if err := fn(&p.Items[i]); err != nil {
				return err
			}
		}
		if q.Cursor = p.Next; p.Next == "" {
			return nil
		}
	}
}
