// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package findings is the use case of what is wrong: looking findings up and deciding about them. A finding is made by a
// rule from evidence and goes when the evidence says so; people assign it, resolve it, accept it until a date with a
// reason, or call it a false positive, and each decision is kept.
package findings

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// Findings is safe for concurrent use.
type Findings struct {
	core  *app.Core
	roles Roles
}

// Roles is the table of who may do what, which is package access's.
type Roles interface {
	// Scope is what of an organisation somebody with these grants may do any of the actions to.
	Scope(grants []store.Grant, org string, actions ...app.Action) store.Scope
	// Names lists the roles that give any of the actions, as people read them.
	Names(actions ...app.Action) string
}

// New makes the use case.
func New(c *app.Core, roles Roles) *Findings { return &Findings{c, roles} }

func (u *Findings) at(ctx context.Context, by *app.Actor, org string, asOf harbour.Instant) (*store.Scoped, error) {
	scope, err := by.Scope(app.ReadFindings, org)
	if err != nil {
		return nil, err
	}
	s := u.core.DB.In(scope)
	if asOf == 0 {
		return s, nil
	}
	return s.AsOf(ctx, asOf)
}

// List gives a page of findings; asOf 0 for the present.
func (u *Findings) List(ctx context.Context, by *app.Actor, org string, q store.FindingQuery, asOf harbour.Instant) (p store.Page[store.FindingRow], err error) {
	s, err := u.at(ctx, by, org, asOf)
	if err != nil {
		return p, err
	}
	return s.Findings(ctx, q)
}

// Facets gives the counts beside the filters of the list.
func (u *Findings) Facets(ctx context.Context, by *app.Actor, org string, asOf harbour.Instant) ([]store.Facet, error) {
	s, err := u.at(ctx, by, org, asOf)
	if err != nil {
		return nil, err
	}
	return s.Facets(ctx, "finding")
}

// View is a finding with what was decided about it, newest first.
type View struct {
	store.FindingRow
	Decisions []store.Decision
}

// Version that a decision must name.
func (v *View) Version() int64 {
	if len(v.Decisions) == 0 {
		return 0
	}
	return v.Decisions[0].Version
}

// Get reads one finding.
//
// Errors: ErrNotFound where it is not about anything in the actor's scope.
func (u *Findings) Get(ctx context.Context, by *app.Actor, org, id string, asOf harbour.Instant) (*View, error) {
	s, err := u.at(ctx, by, org, asOf)
	if err != nil {
		return nil, err
	}
	f, err := s.Finding(ctx, id)
	if err != nil {
		return nil, err
	}
	v := &View{FindingRow: *f}
	v.Decisions, err = s.Decisions(ctx, id)
	return v, err
}

// Changes gives the entries of the audit log about a finding, newest first, each with its state before and after. It needs
// no right beyond seeing the finding.
//
// Errors: ErrNotFound where it is not about anything in the actor's scope.
func (u *Findings) Changes(ctx context.Context, by *app.Actor, org, id string) ([]store.Entry, error) {
	s, err := u.at(ctx, by, org, 0)
	if err != nil {
		return nil, err
	}
	if _, err := s.Finding(ctx, id); err != nil {
		return nil, err
	}
	list, err := u.core.DB.In(store.WholeOrganisation(org)).Audit(ctx, store.AuditFilter{ObjectKind: "finding", Object: id})
	return by.Entries(org, list), err
}

// Decision is what to do with findings. A field that is nil stays as it is.
type Decision struct {
	Status   *harbour.FindingStatus
	Assignee *string
	Until    harbour.Instant // end of an acceptance
	Reason   string
}

// Target names a finding and the version of its last decision that the person saw; with Force any will do.
type Target struct {
	ID      string
	Version int64
	Force   bool
}

// MaxAcceptance is how far ahead an acceptance may end.
const MaxAcceptance = 3 * 366 * 24 * time.Hour

const undoKind = "findings.decide"

type undone struct {
	Finding  string
	Version  int64
	Status   harbour.FindingStatus
	Assignee string
	Until    harbour.Instant
}

// Decide records a decision about findings, all or none, and gives the id by which it can be taken back.
//
// Errors: ErrDenied where the role does not allow it (accepting needs a right of its own), ErrInvalid where an acceptance
// lacks its reason or its end, or where a finding is assigned to somebody whose roles do not let them act on it,
// ErrStale where somebody decided meanwhile.
func (u *Findings) Decide(ctx context.Context, by *app.Actor, org string, targets []Target, d Decision) (undo string, err error) {
	action := app.AssignFindings
	if d.Status != nil {
		action = app.DecideFindings
		if *d.Status == harbour.FindingAccepted {
			action = app.AcceptFindings
		}
	}
	scope, err := by.Scope(action, org)
	if err != nil {
		return "", err
	}
	if err := check(targets, &d, u.core.Now()); err != nil {
		return "", err
	}
	reach, err := u.reach(ctx, org, d.Assignee)
	if err != nil {
		return "", err
	}
	undo = app.NewID("u-")
	err = u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		var back []undone
		for i, t := range targets {
			was, err := u.one(ctx, tx, by, scope, action, t, &d)
			if err != nil {
				return harbour.InItem(i, err)
			}
			if err := u.mayTake(ctx, tx, reach, t.ID, was.Assignee, d.Assignee); err != nil {
				return err
			}
			back = append(back, was)
		}
		data, err := json.Marshal(back)
		if err != nil {
			return err
		}
		return tx.AddUndo(ctx, org, store.Undo{ID: undo, Person: by.Person, Kind: undoKind, Title: fmt.Sprintf("a decision about %d findings", len(targets)), Data: data})
	})
	return undo, err
}

func (u *Findings) one(ctx context.Context, tx *store.Tx, by *app.Actor, scope store.Scope, action app.Action, t Target, d *Decision) (was undone, err error) {
	last, err := tx.LastDecision(ctx, scope, t.ID)
	if err != nil {
		return was, err
	}
	next := last
	next.Finding, next.Reason, next.By = t.ID, d.Reason, by.Person
	next.Version = t.Version
	if t.Force {
		next.Version = last.Version
	}
	if d.Status != nil {
		next.Status, next.Until = *d.Status, d.Until
	}
	if d.Assignee != nil {
		next.Assignee = *d.Assignee
	}
	if _, err := tx.Decide(ctx, scope, next); err != nil {
		return was, err
	}
	e := by.Entry(scope.Organisation(), action, "finding", t.ID, "")
	e.Reason, e.Before, e.After = d.Reason, app.State(state(last)), app.State(state(next))
	return undone{t.ID, next.Version + 1, last.Status, last.Assignee, last.Until}, tx.Audit(ctx, e)
}

func state(d store.Decision) map[string]any {
	m := map[string]any{"status": d.Status, "assignee": d.Assignee}
	if d.Until != 0 {
		m["until"] = d.Until
	}
	return m
}

func check(targets []Target, d *Decision, now harbour.Instant) error {
	if len(targets) == 0 || len(targets) > 1000 {
		return invalid(fmt.Sprintf("%d findings at once", len(targets)), "decide about 1 to 1000 at once")
	}
	d.Reason = strings.TrimSpace(d.Reason)
	if utf8.RuneCountInString(d.Reason) > 2000 || !utf8.ValidString(d.Reason) {
		return harbour.In("reason", invalid("the reason is too long", "at most 2000 characters are kept"))
	}
	if d.Status == nil {
		d.Until = 0
		return nil
	}
	switch *d.Status {
	case harbour.FindingAccepted:
		switch {
		case d.Reason == "":
			return harbour.In("reason", invalid("an acceptance needs a reason", "say why the port can live with it"))
		case d.Until <= now:
			return harbour.In("until", invalid("an acceptance needs an end that lies ahead", "give the date on which it is looked at again"))
		case d.Until > now+harbour.Instant(MaxAcceptance.Microseconds()):
			return harbour.In("until", invalid("an acceptance may last three years at most", "give an earlier date"))
		}
	case harbour.FindingFalsePositive:
		if d.Reason == "" {
			return harbour.In("reason", invalid("calling a finding false needs a reason", "say what the rule did not know"))
		}
		d.Until = 0
	case harbour.FindingOpen, harbour.FindingResolved:
		d.Until = 0
	default:
		return invalid("there is no status "+string(*d.Status), "one of: open, accepted, resolved, false_positive")
	}
	return nil
}

func holds(p store.PersonRow, org string) bool {
	return p.State == "active" && slices.ContainsFunc(p.Grants, func(g store.Grant) bool { return g.Org == org || g.Org == "*" })
}

// Undo takes a decision back.
//
// Errors: ErrNotFound where it was taken back already or is another person's; ErrStale where somebody decided since.
func (u *Findings) Undo(ctx context.Context, by *app.Actor, org, id string) error {
	scope, err := by.Scope(app.AssignFindings, org)
	if err != nil {
		return err
	}
	return u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		undo, err := tx.TakeUndo(ctx, org, id, by.Person)
		if err != nil {
			return err
		}
		var back []undone
		if undo.Kind != undoKind || json.Unmarshal(undo.Data, &back) != nil {
			return &harbour.Error{Kind: harbour.ErrNotFound, Op: "take back", Message: "there is nothing to take back"}
		}
		for _, b := range back {
			d := store.Decision{Finding: b.Finding, Version: b.Version, Status: b.Status, Assignee: b.Assignee, Until: b.Until, Reason: store.TakenBack + undo.Title, By: by.Person}
			was, err := tx.Decide(ctx, scope, d)
			if err != nil {
				return err
			}
			e := by.Entry(org, app.DecideFindings, "finding", b.Finding, "")
			e.Reason, e.Before, e.After = d.Reason, app.State(state(was)), app.State(state(d))
			if err := tx.Audit(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// Reopen opens the findings again whose acceptance has ended, in every organisation. The program calls it by the clock.
func (u *Findings) Reopen(ctx context.Context) (n int, err error) {
	by := app.System("acceptances")
	orgs, err := u.core.DB.Organisations(ctx, "*")
	if err != nil {
		return 0, err
	}
	for _, o := range orgs {
		scope := store.WholeOrganisation(o.ID)
		err := u.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
			tx.Unaudited("nothing may have ended")
			ids, err := tx.Lapsed(ctx, scope)
			if err != nil {
				return err
			}
			for _, id := range ids {
				e := by.Entry(o.ID, app.DecideFindings, "finding", id, "")
				e.Reason, e.After = "the acceptance has ended", app.State(map[string]any{"status": harbour.FindingOpen})
				if err := tx.Audit(ctx, e); err != nil {
					return err
				}
			}
			n += len(ids)
			return nil
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func invalid(message, hint string) error {
	return &harbour.Error{Kind: harbour.ErrInvalid, Op: "decide", Message: message, Hint: hint}
}
