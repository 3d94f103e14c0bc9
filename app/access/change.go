// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// ChangePassword sets the actor's own password, and ends all other sessions. The present password is asked for, or,
// where there is none, a proof of presence within [app.StepUpFor].
//
// Errors: ErrUnauthenticated for a wrong password, ErrTooMany, ErrStepUp, ErrInvalid with what is wrong about the new one.
func (u *Access) ChangePassword(ctx context.Context, by *app.Actor, old, fresh string, r RequestInfo) error {
	const op = "change password"
	if err := signedIn(by, op); err != nil {
		return err
	}
	a, p, grants, err := u.again(ctx, by, r)
	if err != nil {
		return err
	}
	if p.BreakGlass {
		return &harbour.Error{Kind: harbour.ErrDenied, Op: op, Message: "the password of an emergency account is made by the program", Hint: "an administrator makes a new one in the settings"}
	}
	has, err := u.core.DB.Credentials(ctx, p.ID, "password")
	if err != nil {
		return err
	}
	if len(has) > 0 {
		right, err := u.verify(ctx, p.ID, old)
		if err != nil {
			return err
		}
		if !right {
			u.fail(ctx, p, grants, actProveFailed, "password", r)
			return &harbour.Error{Kind: harbour.ErrUnauthenticated, Op: op, Message: "the present password is not right", Hint: "try again"}
		}
	} else if err := u.present(by, op); err != nil {
		return err
	}
	u.guard.Succeeded(a)
	hash, err := u.newPassword(ctx, fresh, p)
	if err != nil {
		return err
	}
	return u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		if err := putPassword(ctx, tx, p.ID, hash); err != nil {
			return err
		}
		n, err := tx.EndSessions(ctx, p.ID, "", by.Session)
		if err != nil {
			return err
		}
		e := by.Entry(home(grants), actPassword, "person", p.ID, p.Name)
		e.After = app.State(map[string]any{"sessions_ended": n})
		return tx.Audit(ctx, e)
	})
}

// present wants a proof of presence within the last minutes.
func (u *Access) present(by *app.Actor, op string) error {
	if u.core.Now()-by.ProvedAt <= span(app.StepUpFor) {
		return nil
	}
	return &harbour.Error{Kind: harbour.ErrStepUp, Op: op, Message: "prove once more that it is you", Hint: "enter your password or use your passkey"}
}

// newPassword checks a password that somebody has chosen, and gives what to store of it. Where the list of breached
// passwords cannot be read, the password is refused: the list is there because the operator wants it asked.
func (u *Access) newPassword(ctx context.Context, pw string, p store.Person) (string, error) {
	c := u.opt.Checker
	orgs, err := u.core.DB.Organisations(ctx, "*")
	if err != nil {
		return "", err
	}
	c.Words = append([]string(nil), c.Words...)
	for _, o := range orgs {
		c.Words = append(c.Words, o.ID, o.Name)
	}
	if err := c.Check(pw, p.Login, p.Name, p.Email); err != nil {
		return "", err
	}
	return u.hasher.Hash(ctx, pw)
}

func putPassword(ctx context.Context, tx *store.Tx, person, hash string) error {
	if _, err := tx.RemoveCredentials(ctx, person, "password", ""); err != nil {
		return err
	}
	return tx.AddCredential(ctx, store.Credential{ID: app.NewID("c-"), Person: person, Kind: "password", Secret: []byte(hash)})
}
