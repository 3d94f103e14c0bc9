// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"time"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// Recovered is what [Access.Recover] gives.
type Recovered struct {
	Code  string    // to set a new password with: see [Access.AcceptInvitation]
	Until time.Time // its end
	// Administrator is set where nobody was left to run the installation, so that the person was given that role.
	Administrator bool
}

// Recover lets a person in again for whom nobody is left to ask: it makes a code to set a new password with, removes
// second factors, takes a suspended person back, and gives the role of administrator where nobody has it. It is for the
// command line alone: who may write in the data folder could do all of it anyway, but not with an entry in the audit log.
//
// Errors: ErrNotFound, ErrInvalid for an emergency account, ErrDenied for anybody at a page.
func (u *Access) Recover(ctx context.Context, by *app.Actor, login string) (r Recovered, err error) {
	const op = "recover"
	if by == nil || by.Via != "command" {
		return r, &harbour.Error{Kind: harbour.ErrDenied, Op: op, Message: "this is done at the command line of the server alone", Hint: "ask whoever looks after the machine"}
	}
	if err := by.Everywhere(app.ManagePeople); err != nil {
		return r, err
	}
	login = fold(login)
	err = u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		r = Recovered{Until: u.core.Clock().Add(InvitationFor)}
		p, grants, err := tx.PersonBy(ctx, login, "")
		if isKind(err, harbour.ErrNotFound) {
			return &harbour.Error{Kind: harbour.ErrNotFound, Op: op, Message: "nobody has that sign-in name", Hint: "where nobody was ever set up, start the server: it prints a token for the first set-up"}
		}
		if err != nil {
			return err
		}
		if p.BreakGlass {
			return invalid(op, "an emergency account is not recovered", "Recover a person, who then makes a new emergency password in the settings.")
		}
		was := p.State
		if p.State = Active; was != Active {
			if err := tx.PutPerson(ctx, p); err != nil {
				return err
			}
		}
		left, err := tx.Holders(ctx, Administrator, "*")
		if err != nil {
			return err
		}
		if r.Administrator = len(left) == 0; r.Administrator {
			local := []store.Grant{{Person: p.ID, Role: Administrator, Org: "*", Sites: "*", Source: sourceLocal}}
			for _, g := range grants {
				if g.Source == sourceLocal {
					local = append(local, g)
				}
			}
			if err := tx.PutGrants(ctx, p.ID, sourceLocal, local); err != nil {
				return err
			}
		}
		for _, kind := range []string{"link", "totp", "passkey", "recovery", "device"} {
			if _, err := tx.RemoveCredentials(ctx, p.ID, kind, ""); err != nil {
				return err
			}
		}
		c := invitation(p.ID)
		if err := tx.AddCredential(ctx, c.Credential); err != nil {
			return err
		}
		if _, err := tx.EndSessions(ctx, p.ID, "", ""); err != nil {
			return err
		}
		r.Code = c.text
		e := by.Entry("", app.ManagePeople, "person", p.ID, p.Name)
		e.Before = app.State(map[string]any{"state": was})
		e.After = app.State(map[string]any{"state": p.State, "invited": true, "second_factors_removed": true, "administrator": r.Administrator})
		e.Reason = "recovered at the command line"
		return tx.Audit(ctx, e)
	})
	if err != nil {
		return Recovered{}, err
	}
	return r, nil
}
