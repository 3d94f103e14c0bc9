// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// Withdraw has an evidence no longer count, from the next build on. It is kept and can be restored.
//
// Errors: those of [app.Actor.Scope]; ErrNotFound; ErrInvalid without a reason; ErrConflict under a legal hold, or where
// it does not count already.
func (u *Imports) Withdraw(ctx context.Context, by *app.Actor, org, id, reason string) error {
	return u.change(ctx, by, app.DeleteEvidence, org, id, reason, func(ctx context.Context, tx *store.Tx, row *store.EvidenceRow) (string, error) {
		return "withdrawn", withdraw(row)
	})
}

func withdraw(row *store.EvidenceRow) error {
	switch {
	case row.Hold != "":
		return held(row)
	case row.State == store.EvidenceWithdrawn || row.State == store.EvidenceDeleted:
		return conflict(row.Name+" was "+row.State+" already", "")
	}
	row.State = store.EvidenceWithdrawn
	return nil
}

// Undo withdraws an evidence for the person who gave it, within [store.UndoFor], without the right to withdraw others'.
//
// Errors: as Withdraw; ErrDenied where somebody else gave it or it was too long ago.
func (u *Imports) Undo(ctx context.Context, by *app.Actor, org, id string) error {
	return u.change(ctx, by, app.ImportEvidence, org, id, "import taken back", func(ctx context.Context, tx *store.Tx, row *store.EvidenceRow) (string, error) {
		if row.ReceivedBy != by.Person || tx.At()-row.ReceivedAt > harbour.Instant(store.UndoFor.Microseconds()) {
			return "", &harbour.Error{Kind: harbour.ErrDenied, Op: "take back", Message: fmt.Sprintf("an import can be taken back by who made it, for %.0f hours", store.UndoFor.Hours()), Hint: "ask somebody who may withdraw evidence"}
		}
		return "withdrawn", withdraw(row)
	})
}

// Restore has a withdrawn evidence count again.
//
// Errors: as Withdraw; ErrConflict where it is not withdrawn.
func (u *Imports) Restore(ctx context.Context, by *app.Actor, org, id, reason string) error {
	return u.change(ctx, by, app.DeleteEvidence, org, id, reason, func(ctx context.Context, tx *store.Tx, row *store.EvidenceRow) (string, error) {
		if row.State != store.EvidenceWithdrawn {
			return "", conflict(row.Name+" is "+row.State+", not withdrawn", "")
		}
		row.State = store.EvidenceReceived
		switch {
		case row.Ledger != "":
			row.State = store.EvidenceRead
		case len(row.Problems) > 0:
			row.State = store.EvidenceUnreadable
		default: // it was withdrawn before it was read
			if v, err := reviewOf(row); err != nil || v.Waiting {
				return "restored", err
			}
			if _, err := u.jobs.Add(ctx, tx, org, by.Person, JobRead, "Read "+row.Name, row.ID); err != nil {
				return "", err
			}
		}
		return "restored", nil
	})
}

// Reread reads an evidence again, as after an update of the program.
//
// Errors: as Withdraw; ErrConflict where it is withdrawn or deleted.
func (u *Imports) Reread(ctx context.Context, by *app.Actor, org, id string) (job string, err error) {
	err = u.change(ctx, by, app.ImportEvidence, org, id, "to be read again", func(ctx context.Context, tx *store.Tx, row *store.EvidenceRow) (string, error) {
		if row.State == store.EvidenceWithdrawn || row.State == store.EvidenceDeleted {
			return "", conflict(row.Name+" is "+row.State, "restore it first")
		}
		if job, err = tx.WaitingJob(ctx, org, JobRead, id); err != nil || job != "" {
			return "asked for again", err
		}
		job, err = u.jobs.Add(ctx, tx, org, by.Person, JobRead, "Read "+row.Name+" again", id)
		return "asked for again", err
	})
	return job, err
}

// Hold places a legal hold: nobody withdraws or deletes the evidence, no rule of retention touches it, until it is
// released.
//
// Errors: as Withdraw; ErrConflict where it is held already or deleted.
func (u *Imports) Hold(ctx context.Context, by *app.Actor, org, id, reason string) error {
	return u.change(ctx, by, app.HoldEvidence, org, id, reason, func(ctx context.Context, tx *store.Tx, row *store.EvidenceRow) (string, error) {
		switch {
		case row.State == store.EvidenceDeleted:
			return "", conflict(row.Name+" is deleted", "")
		case row.Hold != "":
			return "", held(row)
		}
		row.Hold = strings.TrimSpace(reason)
		return "hold", nil
	})
}

// Release takes a legal hold away.
//
// Errors: as Withdraw; ErrConflict where there is none.
func (u *Imports) Release(ctx context.Context, by *app.Actor, org, id, reason string) error {
	return u.change(ctx, by, app.HoldEvidence, org, id, reason, func(ctx context.Context, tx *store.Tx, row *store.EvidenceRow) (string, error) {
		if row.Hold == "" {
			return "", conflict(row.Name+" is not held", "")
		}
		row.Hold = ""
		return "released", nil
	})
}

// Delete removes the bytes of a withdrawn evidence for good; its record and its chain of custody stay. Bytes that
// another organisation has given too stay for it.
//
// Errors: as Withdraw; ErrConflict where it is not withdrawn.
func (u *Imports) Delete(ctx context.Context, by *app.Actor, org, id, reason string) error {
	return u.change(ctx, by, app.DeleteEvidence, org, id, reason, func(ctx context.Context, tx *store.Tx, row *store.EvidenceRow) (string, error) {
		switch {
		case row.Hold != "":
			return "", held(row)
		case row.State != store.EvidenceWithdrawn:
			return "", conflict(row.Name+" is "+row.State+"; only what was withdrawn can be deleted", "withdraw it, look at what the inventory is without it, then delete it")
		}
		row.State = store.EvidenceDeleted
		return "deleted", nil
	})
}

func held(row *store.EvidenceRow) error {
	return conflict(row.Name+" is under a legal hold: "+row.Hold, "the hold has to be released first")
}

func conflict(message, hint string) error {
	return &harbour.Error{Kind: harbour.ErrConflict, Op: "change evidence", Message: message, Hint: hint}
}

// maxReason is how many characters a reason may have.
const maxReason = 500

// change changes an evidence that the actor may do this to, and notes it.
func (u *Imports) change(ctx context.Context, by *app.Actor, action app.Action, org, id, reason string, fn func(ctx context.Context, tx *store.Tx, row *store.EvidenceRow) (act string, err error)) error {
	scope, err := by.Scope(action, org)
	if err != nil {
		return err
	}
	if reason = strings.TrimSpace(reason); reason == "" || !utf8.ValidString(reason) || utf8.RuneCountInString(reason) > maxReason {
		return &harbour.Error{Kind: harbour.ErrInvalid, Op: "change evidence", Message: "a reason is needed", Hint: fmt.Sprintf("say why, in at most %d characters", maxReason), Field: "reason"}
	}
	return u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		row, err := tx.EvidenceByID(ctx, scope, id)
		if err != nil {
			return err
		}
		return u.changed(ctx, tx, by, action, org, &row, reason, fn)
	})
}

// changed does a change of an evidence, notes it, has the inventory follow, and lets go of objects that nobody names.
func (u *Imports) changed(ctx context.Context, tx *store.Tx, by *app.Actor, action app.Action, org string, row *store.EvidenceRow, reason string, fn func(ctx context.Context, tx *store.Tx, row *store.EvidenceRow) (act string, err error)) error {
	before := *row
	act, err := fn(ctx, tx, row)
	if err != nil {
		return err
	}
	var objects []string
	if row.State == store.EvidenceDeleted {
		objects = []string{row.SHA256, row.Ledger, row.Marks}
		row.Ledger, row.Marks = "", ""
	}
	if err := tx.PutEvidence(ctx, org, *row); err != nil {
		return err
	}
	if err := tx.AddCustody(ctx, org, row.ID, store.Custody{Who: by.Name, Act: act, Detail: reason}); err != nil {
		return err
	}
	e := by.Entry(org, action, "evidence", row.ID, row.Name)
	e.Reason = act + ": " + reason
	e.Before = app.State(map[string]any{"state": before.State, "hold": before.Hold})
	e.After = app.State(map[string]any{"state": row.State, "hold": row.Hold, "sha256": row.SHA256})
	if err := tx.Audit(ctx, e); err != nil {
		return err
	}
	if err := u.dropObjects(ctx, tx, org, by.Person, objects...); err != nil {
		return err
	}
	if (before.State == store.EvidenceRead) == (row.State == store.EvidenceRead) {
		return nil
	}
	return u.Rebuild(ctx, tx, org, by.Person, row.Name+" was "+act)
}
