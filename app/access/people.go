// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"slices"
	"strings"
	"time"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// The states of a person.
const (
	Active    = "active"
	Suspended = "suspended" // may not sign in for now
	Left      = "left"      // does not come back; the name stays for the audit log
)

// Person is somebody as lists show them.
type Person struct {
	store.Person
	Grants  []store.Grant // those that the reader may know of
	Ways    []string      // to sign in: password, totp, passkey, oidc
	Invited bool          // has a code to sign in with for the first time
	SeenAt  harbour.Instant
}

// People lists the people with a role in an organisation, or everybody with "*", by sign-in name.
func (u *Access) People(ctx context.Context, by *app.Actor, org string) (list []Person, err error) {
	if _, err := u.reach(by, app.ReadPeople, org); err != nil {
		return nil, err
	}
	rows, err := u.core.DB.People(ctx, org)
	for i := range rows {
		list = append(list, personOf(&rows[i]))
	}
	return list, err
}

func personOf(r *store.PersonRow) Person {
	p := Person{Person: r.Person, Grants: r.Grants, SeenAt: r.SeenAt}
	for _, k := range r.Kinds {
		switch k {
		case "link":
			p.Invited = true
		case "password", "totp", "passkey", "oidc":
			p.Ways = append(p.Ways, k)
		}
	}
	return p
}

// PeoplePage is a page of [Access.People], of those who fit. q.Org is set here.
//
// Errors: ErrInvalid for an order or a cursor that is none.
func (u *Access) PeoplePage(ctx context.Context, by *app.Actor, org string, q store.PersonQuery) (p store.Page[Person], err error) {
	if _, err := u.reach(by, app.ReadPeople, org); err != nil {
		return p, err
	}
	q.Org = org
	rows, err := u.core.DB.PeoplePage(ctx, q)
	p = store.Page[Person]{Next: rows.Next, Previous: rows.Previous, Total: rows.Total, More: rows.More}
	for i := range rows.Items {
		p.Items = append(p.Items, personOf(&rows.Items[i]))
	}
	return p, err
}

// Person gives somebody with a role in an organisation, or anybody with "*". waits is how long the next attempt to sign
// in has to wait after failures; 0 for not at all.
//
// Errors: ErrNotFound.
func (u *Access) Person(ctx context.Context, by *app.Actor, org, person string) (p Person, waits time.Duration, err error) {
	if _, err := u.reach(by, app.ReadPeople, org); err != nil {
		return p, 0, err
	}
	row, err := u.core.DB.PersonRow(ctx, org, person)
	if isKind(err, harbour.ErrNotFound) {
		err = noPerson()
	}
	if err != nil {
		return p, 0, err
	}
	return personOf(&row), max(u.guard.Waits(row.Login, u.core.Clock()), u.guard.Waits(emergencyName(row.Login), u.core.Clock())), nil
}

// Unlock takes back what failed attempts have brought upon a person's sign-in name: the next attempt need not wait.
//
// Errors: ErrNotFound, ErrDenied where the person's roles reach beyond the actor's organisation.
func (u *Access) Unlock(ctx context.Context, by *app.Actor, org, person, reason string) error {
	login := ""
	err := u.onPerson(ctx, by, org, person, reason, func(_ context.Context, _ *store.Tx, p store.Person, _ []store.Grant, e *store.Entry) error {
		login = p.Login
		e.After = app.State(map[string]any{"unlocked": true})
		return nil
	})
	if err == nil {
		u.guard.Release(login)
		u.guard.Release(emergencyName(login))
	}
	return err
}

// NewPerson is somebody who is to be added.
type NewPerson struct {
	Login, Name, Email string
	Grants             []store.Grant // role, sites and supplier; the organisation is that of the call
	// BreakGlass makes an emergency account: see [Access.SignInBreakGlass].
	BreakGlass bool
}

// Added is what adding a person gives, to be shown once.
type Added struct {
	ID    string
	Code  string    // with which the person sets a password: see [Access.AcceptInvitation]
	Until time.Time // the code's end
	// Password of an emergency account, to be printed and locked away. Code is "" then.
	Password string
}

// AddPerson adds somebody with roles in an organisation, or in all of them with "*".
//
// Errors: ErrConflict where the sign-in name is taken, ErrInvalid.
func (u *Access) AddPerson(ctx context.Context, by *app.Actor, org string, n NewPerson) (out Added, err error) {
	const op = "add person"
	r, err := u.reach(by, app.ManagePeople, org)
	if err == nil && n.BreakGlass && org != "*" {
		err = invalid(op, "an emergency account is for the whole installation", "Add it for all organisations.")
	}
	if err != nil {
		return out, err
	}
	p := store.Person{ID: app.NewID("p-"), Login: fold(n.Login), Name: strings.TrimSpace(n.Name), Email: strings.TrimSpace(n.Email), State: Active, BreakGlass: n.BreakGlass}
	if err := checkPerson(op, p.Login, p.Name, p.Email); err != nil {
		return out, err
	}
	if len(n.Grants) == 0 {
		return out, invalid(op, "a new person needs a role", "Choose at least one.")
	}
	out.ID = p.ID
	code, hash := invitation(p.ID), ""
	if n.BreakGlass {
		if out.Password, hash, err = u.sealedPassword(ctx); err != nil {
			return Added{}, err
		}
	} else {
		out.Code, out.Until = code.text, u.core.Clock().Add(InvitationFor)
	}
	err = u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		grants, err := checkGrants(ctx, tx, org, n.Grants)
		if err != nil {
			return err
		}
		if err := tx.PutPerson(ctx, p); err != nil {
			return err
		}
		if err := tx.PutGrants(ctx, p.ID, sourceLocal, grants); err != nil {
			return err
		}
		if hash != "" {
			err = putPassword(ctx, tx, p.ID, hash)
		} else {
			err = tx.AddCredential(ctx, code.Credential)
		}
		if err != nil {
			return err
		}
		after := grantsIn(grants, org)
		after["login"], after["name"], after["email"], after["break_glass"] = p.Login, p.Name, p.Email, p.BreakGlass
		e := by.Entry(r.log(), app.ManagePeople, "person", p.ID, p.Name)
		e.After = app.State(after)
		return tx.Audit(ctx, e)
	})
	if err != nil {
		return Added{}, err
	}
	return out, nil
}

// EditPerson changes name, sign-in name and e-mail address. version is that of the person as last read.
//
// Errors: ErrConflict where the sign-in name is taken, ErrInvalid, ErrNotFound, ErrStale, ErrDenied where the person's
// roles reach beyond the actor's organisation.
func (u *Access) EditPerson(ctx context.Context, by *app.Actor, org, person string, version int64, login, name, email string) error {
	login, name, email = fold(login), strings.TrimSpace(name), strings.TrimSpace(email)
	return u.onPerson(ctx, by, org, person, "", func(ctx context.Context, tx *store.Tx, p store.Person, grants []store.Grant, e *store.Entry) error {
		if err := checkPerson("change person", login, name, email); err != nil {
			return err
		}
		e.Before = app.State(map[string]any{"login": p.Login, "name": p.Name, "email": p.Email})
		p.Login, p.Name, p.Email, p.Version = login, name, email, known(version)
		e.After = app.State(map[string]any{"login": p.Login, "name": p.Name, "email": p.Email})
		return tx.PutPerson(ctx, p)
	})
}

// SetState suspends a person, takes one back, or notes that one has left. Suspended and left people lose their sessions
// and tokens at once; those who have left lose their roles and everything they signed in with, too.
//
// Errors: ErrDenied for oneself, ErrInvalid for no such state, ErrNotFound, ErrStale, ErrConflict where no administrator
// would be left.
func (u *Access) SetState(ctx context.Context, by *app.Actor, org, person string, version int64, state, reason string) error {
	return u.onPerson(ctx, by, org, person, reason, func(ctx context.Context, tx *store.Tx, p store.Person, grants []store.Grant, e *store.Entry) error {
		if !slices.Contains([]string{Active, Suspended, Left}, state) {
			return invalid("change state", "there is no such state", "One of: active, suspended, left.")
		}
		if err := notOneself(by, person); err != nil {
			return err
		}
		e.Before = app.State(map[string]any{"state": p.State})
		e.After = app.State(map[string]any{"state": state})
		p.State, p.Version = state, known(version)
		if err := tx.PutPerson(ctx, p); err != nil {
			return err
		}
		if state == Active {
			return nil
		}
		if _, err := tx.EndSessions(ctx, p.ID, "", ""); err != nil {
			return err
		}
		if _, err := tx.RemoveTokens(ctx, p.ID, ""); err != nil {
			return err
		}
		if state == Left {
			if _, err := tx.RemoveCredentials(ctx, p.ID, "", ""); err != nil {
				return err
			}
			if _, err := tx.Raw(ctx, "DELETE FROM person_grant WHERE person = ?", p.ID); err != nil {
				return err
			}
		}
		return stillRun(ctx, tx)
	})
}

// onPerson is what every act upon a whole person begins and ends with.
func (u *Access) onPerson(ctx context.Context, by *app.Actor, org, person, reason string, fn func(context.Context, *store.Tx, store.Person, []store.Grant, *store.Entry) error) error {
	r, err := u.reach(by, app.ManagePeople, org)
	if err != nil {
		return err
	}
	return u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		p, grants, err := r.person(ctx, tx, person)
		if err != nil {
			return err
		}
		if err := r.wholly(grants); err != nil {
			return err
		}
		e := by.Entry(r.log(), app.ManagePeople, "person", p.ID, p.Name)
		e.Reason = clip(reason, 2000)
		if err := fn(ctx, tx, p, grants, &e); err != nil {
			return err
		}
		return tx.Audit(ctx, e)
	})
}

// SessionsOf lists a person's sessions for an administrator.
func (u *Access) SessionsOf(ctx context.Context, by *app.Actor, org, person string) ([]Session, error) {
	r, err := u.reach(by, app.ReadPeople, org)
	if err != nil {
		return nil, err
	}
	_, grants, err := u.core.DB.PersonBy(ctx, "", person)
	if isKind(err, harbour.ErrNotFound) || err == nil && !r.every && !slices.ContainsFunc(grants, func(g store.Grant) bool { return g.Org == r.org }) {
		return nil, noPerson()
	}
	if err != nil {
		return nil, err
	}
	if err := r.wholly(grants); err != nil {
		return nil, err
	}
	return u.sessions(ctx, person, by.Session)
}

// EndSessionsOf ends one session of a person (id), or all of them with "".
func (u *Access) EndSessionsOf(ctx context.Context, by *app.Actor, org, person, id string) error {
	return u.onPerson(ctx, by, org, person, "", func(ctx context.Context, tx *store.Tx, p store.Person, _ []store.Grant, e *store.Entry) error {
		n, err := tx.EndSessions(ctx, p.ID, id, "")
		if err == nil && n == 0 && id != "" {
			err = noSession()
		}
		e.Action, e.Before = string(actSessionEnd), app.State(map[string]any{"sessions": n, "session": id})
		return err
	})
}
