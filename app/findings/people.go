// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package findings

import (
	"context"
	"slices"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// Colleague is somebody with a role in the organisation.
type Colleague struct {
	ID, Name string
	// acts is what the person may act on.
	acts store.Scope
}

// Colleagues lists those with a role in the organisation, by sign-in name. Whoever sees only a part of it
// learns of nobody but themselves.
func (u *Findings) Colleagues(ctx context.Context, by *app.Actor, org string) (list []Colleague, err error) {
	scope, err := by.Scope(app.ReadFindings, org)
	if err != nil {
		return nil, err
	}
	if !scope.Whole() {
		return []Colleague{{by.Person, by.Name, u.own(by, org)}}, nil
	}
	people, err := u.core.DB.People(ctx, org, "*")
	for _, p := range people {
		if holds(p, org) {
			list = append(list, Colleague{p.ID, p.Name, u.roles.Scope(p.Grants, org, acting...)})
		}
	}
	return list, err
}

// Acts says whether the person may act on any finding of the organisation.
func (c *Colleague) Acts() bool { return !c.acts.Empty() }

// acting are what people do about a finding that they were given.
var acting = []app.Action{app.AssignFindings, app.DecideFindings, app.AcceptFindings}

// own is what the actor may act on.
func (u *Findings) own(by *app.Actor, org string) store.Scope {
	s, err := by.Scope(app.AssignFindings, org)
	if err != nil {
		return store.PartOf(org)
	}
	return s
}

// Takers are those of a list of colleagues who may act on one finding: their roles hold where it is.
func (u *Findings) Takers(ctx context.Context, people []Colleague, id string) (list []Colleague, err error) {
	sees := map[string]bool{}
	for _, c := range people {
		of := c.acts.String()
		if _, asked := sees[of]; !asked && c.Acts() && !c.acts.Whole() {
			_, err := u.core.DB.In(c.acts).Finding(ctx, id)
			if err != nil && harbour.KindOf(err) != harbour.ErrNotFound {
				return nil, err
			}
			sees[of] = err == nil
		}
		if c.acts.Whole() || sees[of] {
			list = append(list, c)
		}
	}
	return list, nil
}

// reach is what somebody may act on who is to be given findings.
//
// Errors: ErrInvalid where there is nobody such in the organisation, or their roles let them act on no finding of it.
func (u *Findings) reach(ctx context.Context, org string, assignee *string) (s store.Scope, err error) {
	if assignee == nil || *assignee == "" {
		return s, nil
	}
	people, err := u.core.DB.People(ctx, org, "*")
	if err != nil {
		return s, err
	}
	i := slices.IndexFunc(people, func(p store.PersonRow) bool { return p.ID == *assignee && holds(p, org) })
	if i < 0 {
		return s, harbour.In("assignee", invalid("there is no such person in this organisation", "choose one of the list"))
	}
	return u.roles.Scope(people[i].Grants, org, acting...), nil
}

// mayTake says whether somebody with this reach may be given a finding. Whoever has it already keeps it: a decision that
// names them again changes nothing, though their role may have ended.
//
// Errors: ErrInvalid where they may not act on it.
func (u *Findings) mayTake(ctx context.Context, tx *store.Tx, reach store.Scope, id, had string, assignee *string) error {
	if assignee == nil || *assignee == "" || *assignee == had || reach.Whole() {
		return nil
	}
	_, err := tx.LastDecision(ctx, reach, id)
	if err == nil || harbour.KindOf(err) != harbour.ErrNotFound {
		return err
	}
	return harbour.In("assignee", invalid("this person may not act on findings there", "choose somebody whose role reaches it as one of: "+u.roles.Names(acting...)))
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
