// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"breakwater/harbour"
	"breakwater/store"
)

// Grant is what one role gives an actor: actions, in an organisation or a part of it.
type Grant struct {
	Role    string
	Actions map[Action]bool
	Org     string       // "*" for every organisation
	Limit   *store.Limit // nil for the whole organisation
}

// Actor is who asks: a person at a page, a program with a token, or the system itself. The zero Actor may do nothing.
type Actor struct {
	Person  string
	Name    string
	Login   string
	Session string // id of the session, "" for a token
	Via     string // session, token, command, system
	Address string
	Request string // id of the request
	// ProvedAt is when the person last proved presence.
	ProvedAt harbour.Instant
	// BreakGlass is set for an emergency sign-in; pages say so.
	BreakGlass bool
	// MustEnrol is set for a person who has to set up a second factor, and may do nothing else before.
	MustEnrol bool

	grants []Grant
	only   map[Action]bool // a token's actions; nil for all that the grants give
	onlyIn string          // a token's organisation; "" for any
	now    func() harbour.Instant
}

// NewActor makes an actor. Package access calls it; nothing else should.
func NewActor(a Actor, grants []Grant, now func() harbour.Instant) *Actor {
	a.grants, a.now = grants, now
	return &a
}

// Restrict gives the actor with no more than these actions, in one organisation ("*" for any): a token's bounds.
func (a *Actor) Restrict(actions []Action, org string) *Actor {
	b := *a
	b.only = map[Action]bool{}
	for _, v := range actions {
		b.only[v] = a.only == nil || a.only[v]
	}
	if org != "*" {
		b.onlyIn = org
	}
	return &b
}

// System is the actor for what the program does by itself; what names the part that acts.
func System(what string) *Actor {
	all := map[Action]bool{}
	for _, i := range Actions {
		all[i.Action] = true
	}
	return &Actor{Person: "system", Name: what, Via: "system", grants: []Grant{{Role: "system", Actions: all, Org: "*"}}}
}

// Roles lists the roles that the actor has in an organisation.
func (a *Actor) Roles(org string) (list []string) {
	for _, g := range a.grants {
		if (g.Org == org || g.Org == "*") && !slices.Contains(list, g.Role) {
			list = append(list, g.Role)
		}
	}
	return list
}

// Organisations lists the ids of the organisations in which the actor has a role, "*" among them for every one.
func (a *Actor) Organisations() (list []string) {
	for _, g := range a.grants {
		if a.onlyIn != "" && g.Org != a.onlyIn && g.Org != "*" {
			continue
		}
		id := g.Org
		if a.onlyIn != "" {
			id = a.onlyIn
		}
		if !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list
}

// In says whether the actor has a role in an organisation at all.
func (a *Actor) In(org string) bool {
	return a != nil && org != "" && org != "*" && slices.ContainsFunc(a.Organisations(), func(id string) bool { return id == org || id == "*" })
}

// May says whether the actor may do this somewhere in the organisation, for deciding what a page offers. The use case
// asks again.
func (a *Actor) May(action Action, org string) bool {
	if a == nil || a.only != nil && !a.only[action] || a.onlyIn != "" && a.onlyIn != org {
		return false
	}
	return slices.ContainsFunc(a.grants, func(g Grant) bool { return (g.Org == org || g.Org == "*") && g.Actions[action] })
}

// Scope is what of an organisation the actor may do this to.
//
// Errors: ErrUnauthenticated for a nil actor. ErrNotFound where the actor has no role in the organisation at all, so that
// its existence does not show. ErrDenied where the role does not reach. ErrStepUp where the action is dangerous and the
// person has not proved presence for [StepUpFor].
func (a *Actor) Scope(action Action, org string) (store.Scope, error) {
	if a == nil {
		return store.Scope{}, &harbour.Error{Kind: harbour.ErrUnauthenticated, Op: "authorise", Message: "nobody is signed in", Hint: "sign in first"}
	}
	if org == "" || org == "*" || !slices.ContainsFunc(a.Organisations(), func(id string) bool { return id == org || id == "*" }) {
		return store.Scope{}, &harbour.Error{Kind: harbour.ErrNotFound, Op: "authorise", Message: "there is no such organisation, or you may not see it"}
	}
	info, _ := action.Info()
	if !a.May(action, org) {
		e := &harbour.Error{Kind: harbour.ErrDenied, Op: "authorise", Message: "your role does not allow you to " + info.Words, Hint: "ask an administrator of your organisation"}
		if a.only != nil {
			e.Message, e.Hint = "this token does not allow to "+info.Words, "make a token with the action "+string(action)
		}
		return store.Scope{}, e
	}
	if err := a.present(info); err != nil {
		return store.Scope{}, err
	}
	var limits []store.Limit
	for _, g := range a.grants {
		if g.Org != org && g.Org != "*" || !g.Actions[action] {
			continue
		}
		if g.Limit == nil {
			return store.WholeOrganisation(org), nil
		}
		limits = append(limits, *g.Limit)
	}
	return store.PartOf(org, limits...), nil
}

// Whole is Scope for actions that concern the organisation as a whole.
//
// Errors: as Scope, and ErrDenied where the actor's part is limited.
func (a *Actor) Whole(action Action, org string) (store.Scope, error) {
	s, err := a.Scope(action, org)
	if err == nil && !s.Whole() {
		info, _ := action.Info()
		return store.Scope{}, &harbour.Error{Kind: harbour.ErrDenied, Op: "authorise", Message: "your role reaches a part of the organisation only; you may not " + info.Words + " for all of it", Hint: "ask an administrator of your organisation"}
	}
	return s, err
}

// Everywhere says whether the actor may do this to the whole installation: by a grant for every organisation.
func (a *Actor) Everywhere(action Action) error {
	if a == nil {
		return &harbour.Error{Kind: harbour.ErrUnauthenticated, Op: "authorise", Message: "nobody is signed in", Hint: "sign in first"}
	}
	info, _ := action.Info()
	allowed := a.onlyIn == "" && (a.only == nil || a.only[action]) &&
		slices.ContainsFunc(a.grants, func(g Grant) bool { return g.Org == "*" && g.Limit == nil && g.Actions[action] })
	if !allowed {
		return &harbour.Error{Kind: harbour.ErrDenied, Op: "authorise", Message: "your role does not allow you to " + info.Words + " for the whole installation", Hint: "ask an administrator of the installation"}
	}
	return a.present(info)
}

// StepUpFor is how long a proof of presence allows dangerous acts.
const StepUpFor = 10 * time.Minute

func (a *Actor) present(info ActionInfo) error {
	if !info.StepUp || a.Via != "session" || a.now == nil || a.now()-a.ProvedAt <= harbour.Instant(StepUpFor.Microseconds()) {
		return nil
	}
	return &harbour.Error{Kind: harbour.ErrStepUp, Op: "authorise", Message: "to " + info.Words + ", prove once more that it is you", Hint: "enter your password or use your passkey"}
}

// Entry begins an entry of the audit log for something that the actor does.
func (a *Actor) Entry(org string, action Action, kind, object, name string) store.Entry {
	return store.Entry{
		Org: org, Actor: a.Person, ActorName: a.Name, Via: a.Via, Address: a.Address, Request: a.Request,
		Action: string(action), ObjectKind: kind, Object: object, ObjectName: name,
	}
}

// Entries gives entries of the audit log as the actor may see them who sees the object that they are about: from which address
// somebody did something is for those who read the log.
func (a *Actor) Entries(org string, list []store.Entry) []store.Entry {
	if !a.May(ReadAudit, org) {
		for i := range list {
			list[i].Address, list[i].Request = "", ""
		}
	}
	return list
}

// State is an object as the audit log keeps it.
func State(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		b, _ = json.Marshal(err.Error())
	}
	return b
}

// Words splits a list that is kept with spaces between.
func Words(s string) []string { return strings.Fields(s) }
