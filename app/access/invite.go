// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"time"

	"breakwater/app"
	"breakwater/app/access/secret"
	"breakwater/app/access/throttle"
	"breakwater/harbour"
	"breakwater/store"
)

// InvitationFor is how long a code to set a password with is good.
const InvitationFor = 3 * 24 * time.Hour

const actInvited app.Action = "access.accept_invitation"

// newCode is a one-time code and what is kept of it.
type newCode struct {
	text string
	store.Credential
}

func invitation(person string) newCode {
	text, d := secret.NewLetters()
	return newCode{text, store.Credential{ID: app.NewID("c-"), Person: person, Kind: "link", Lookup: d.String(), Secret: []byte{}}}
}

// Invite makes a code with which a person sets a new password, once: for one who has forgotten it, or whose first code
// has expired. With factors set, passkeys, one-time codes and recovery codes are removed as well, for one who has lost
// them. The person's sessions end. The code can be read out: five groups of five letters.
//
// Errors: ErrNotFound, ErrDenied where the person's roles reach beyond the actor's organisation, ErrInvalid for an
// emergency account or one who may not sign in.
func (u *Access) Invite(ctx context.Context, by *app.Actor, org, person string, factors bool, reason string) (code string, until time.Time, err error) {
	c := invitation(person)
	err = u.onPerson(ctx, by, org, person, reason, func(ctx context.Context, tx *store.Tx, p store.Person, _ []store.Grant, e *store.Entry) error {
		if p.BreakGlass || p.State != Active {
			return invalid("invite", "this person cannot be invited", "Take the person back first. An emergency account gets a new password instead.")
		}
		kinds := []string{"link"}
		if factors {
			kinds = append(kinds, "totp", "passkey", "recovery", "device")
		}
		for _, k := range kinds {
			if _, err := tx.RemoveCredentials(ctx, person, k, ""); err != nil {
				return err
			}
		}
		if err := tx.AddCredential(ctx, c.Credential); err != nil {
			return err
		}
		n, err := tx.EndSessions(ctx, person, "", "")
		e.After = app.State(map[string]any{"invited": true, "second_factors_removed": factors, "sessions_ended": n})
		return err
	})
	if err != nil {
		return "", until, err
	}
	return c.text, u.core.Clock().Add(InvitationFor), nil
}

// AcceptInvitation sets a password with a code that an administrator has given, and goes on as [Access.SignIn] does. The
// code is used up by it.
//
// Errors: ErrUnauthenticated where the code is not good, ErrInvalid for a bad password (the code stays good then).
func (u *Access) AcceptInvitation(ctx context.Context, code, pw string, r RequestInfo) (*SignedIn, error) {
	refuse := &harbour.Error{
		Kind: harbour.ErrUnauthenticated, Op: "accept invitation", Message: "the code is not good, or no longer",
		Hint: "A code is good once, for three days. Ask an administrator for a new one.",
	}
	d, err := secret.Letters(code)
	if err != nil {
		return nil, err
	}
	c, err := u.core.DB.CredentialBy(ctx, "link", d.String())
	if isKind(err, harbour.ErrNotFound) || err == nil && u.core.Now() >= c.CreatedAt+span(InvitationFor) {
		return nil, refuse
	}
	if err != nil {
		return nil, err
	}
	p, grants, err := u.core.DB.PersonBy(ctx, "", c.Person)
	if err != nil {
		return nil, err
	}
	if p.State != Active || p.BreakGlass {
		return nil, refuse
	}
	hash, err := u.newPassword(ctx, pw, p)
	if err != nil {
		return nil, err
	}
	err = u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.RemoveCredentials(ctx, p.ID, "link", c.ID)
		if err != nil || n == 0 {
			return errOr(err, refuse)
		}
		if err := putPassword(ctx, tx, p.ID, hash); err != nil {
			return err
		}
		if _, err := tx.EndSessions(ctx, p.ID, "", ""); err != nil {
			return err
		}
		return tx.Audit(ctx, entry(p, grants, actInvited, "invitation", r))
	})
	if err != nil {
		return nil, err
	}
	u.guard.Release(p.Login)
	return u.first(ctx, p, grants, "password", throttle.Attempt{Account: p.Login, Address: r.Address}, r)
}
