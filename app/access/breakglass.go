// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"strings"

	"breakwater/app"
	"breakwater/app/access/secret"
	"breakwater/app/access/throttle"
	"breakwater/harbour"
	"breakwater/store"
)

const actBreakGlass app.Action = "access.break_glass"

// sealedPassword makes the password of an emergency account. The program makes it, so that it cannot be guessed, and
// people print it and lock it away.
func (u *Access) sealedPassword(ctx context.Context) (pw, hash string, err error) {
	pw, _ = secret.NewLetters()
	hash, err = u.hasher.Hash(ctx, letters(pw))
	return pw, hash, err
}

// letters brings a typed emergency password into the one form that is hashed: it is typed from paper, in a hurry.
func letters(typed string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, strings.ToUpper(typed))
}

// emergencyName is what attempts of an emergency sign-in are counted under: a name of its own, so that those who guess at
// ordinary sign-ins do not hold up an emergency.
func emergencyName(login string) string { return "emergency " + login }

// RenewBreakGlass makes a new password for an emergency account, after it was used or when the envelope is due. Sessions
// of the account end.
//
// Errors: ErrInvalid where it is no emergency account.
func (u *Access) RenewBreakGlass(ctx context.Context, by *app.Actor, person, reason string) (pw string, err error) {
	if err := by.Everywhere(app.ManagePeople); err != nil {
		return "", err
	}
	pw, hash, err := u.sealedPassword(ctx)
	if err != nil {
		return "", err
	}
	err = u.onPerson(ctx, by, "*", person, reason, func(ctx context.Context, tx *store.Tx, p store.Person, _ []store.Grant, e *store.Entry) error {
		if !p.BreakGlass {
			return invalid("renew emergency password", "this is not an emergency account", "Invite the person to set a new password.")
		}
		if _, err := tx.EndSessions(ctx, p.ID, "", ""); err != nil {
			return err
		}
		e.After = app.State(map[string]any{"emergency_password": "renewed"})
		return putPassword(ctx, tx, p.ID, hash)
	})
	if err != nil {
		return "", err
	}
	return pw, nil
}

// SignInBreakGlass signs in with an emergency account. It asks nothing of a directory and for no second factor: it is for
// the day on which those are what is down. Everybody whom [Options.Alarm] reaches hears of it; the session is marked
// and ends after hours. The reason is kept.
//
// Errors: as [Access.SignIn], and ErrInvalid without a reason.
func (u *Access) SignInBreakGlass(ctx context.Context, login, pw, reason string, r RequestInfo) (*SignedIn, error) {
	if reason = strings.TrimSpace(clip(reason, 2000)); reason == "" {
		return nil, harbour.In("reason", invalid("sign in", "an emergency sign-in needs a reason", "Say in a few words what has happened."))
	}
	login = fold(login)
	p, grants, err := u.core.DB.PersonBy(ctx, login, "")
	if err != nil && !isKind(err, harbour.ErrNotFound) {
		return nil, err
	}
	a := throttle.Attempt{Account: emergencyName(login), Address: r.Address}
	if err := u.begin(ctx, a, p, r); err != nil {
		return nil, err
	}
	right, err := u.verify(ctx, p.ID, letters(pw))
	if err != nil {
		return nil, err
	}
	if !right || p.State != Active || !p.BreakGlass {
		return nil, u.fail(ctx, p, grants, actSignInFailed, "emergency password", r)
	}
	in, err := u.finish(ctx, p.ID, methodBreakGlass, a, r, func(ctx context.Context, tx *store.Tx) (bool, error) {
		e := entry(p, grants, actBreakGlass, "sign-in", r)
		e.Reason = reason
		return true, tx.Audit(ctx, e)
	})
	if err != nil {
		return nil, err
	}
	u.raise(ctx, Alert{Kind: "break_glass", Message: "the emergency account " + p.Login + " has signed in: " + reason, Person: p.ID, Address: r.address()})
	return in, nil
}
