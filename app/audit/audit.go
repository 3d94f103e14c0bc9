// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package audit is the use case of the audit log: reading it, following one object through it, handing out signed
// checkpoints for a witness to keep, and checking the whole of it.
//
// Entries are read by those who may read the log of their whole organisation. Checking goes through the entries of every
// organisation and names them, so it needs a right for the installation; a checkpoint holds a number and a hash alone and
// is made to be given away.
//
// # Concurrency
//
// An Audit is safe for concurrent use. Checking reads one snapshot and holds up nobody.
package audit

import (
	"context"

	"breakwater/app"
	"breakwater/store"
)

// Audit is the use case. See the package comment.
type Audit struct{ core *app.Core }

// New makes the use case.
func New(c *app.Core) *Audit { return &Audit{c} }

// may asks whether the actor may read the log of an organisation, or of the whole installation with "*".
func may(by *app.Actor, org string) error {
	if org == "*" {
		return by.Everywhere(app.ReadAudit)
	}
	_, err := by.Whole(app.ReadAudit, org)
	return err
}

// List gives entries of the organisation's log, or of the whole installation's with "*", newest first; f.Before is the
// number to go on from.
func (u *Audit) List(ctx context.Context, by *app.Actor, org string, f store.AuditFilter) ([]store.Entry, error) {
	if err := may(by, org); err != nil {
		return nil, err
	}
	if org == "*" {
		return u.core.DB.AuditEverywhere(ctx, f)
	}
	return u.core.DB.In(store.WholeOrganisation(org)).Audit(ctx, f)
}

// Count says how many entries List has for a filter, up to [store.CountLimit]; more is set beyond.
func (u *Audit) Count(ctx context.Context, by *app.Actor, org string, f store.AuditFilter) (n int, more bool, err error) {
	if err := may(by, org); err != nil {
		return 0, false, err
	}
	return u.core.DB.CountAudit(ctx, org, f)
}

// Entry gives one entry with the proof that it is in the log.
//
// Errors: ErrNotFound, also for an entry of another organisation.
func (u *Audit) Entry(ctx context.Context, by *app.Actor, org string, seq int64) (e store.Entry, in store.Inclusion, err error) {
	if err := may(by, org); err != nil {
		return e, in, err
	}
	return u.core.DB.AuditEntry(ctx, org, seq)
}

// Checkpoints lists the signed checkpoints that are kept, the newest first. before is the number of entries to go on
// from, 0 for the newest.
func (u *Audit) Checkpoints(ctx context.Context, by *app.Actor, org string, before int64, limit int) ([]store.SignedTree, error) {
	if err := may(by, org); err != nil {
		return nil, err
	}
	return u.core.DB.CheckpointPage(ctx, before, limit)
}

// CheckpointText is the text of the checkpoint over so many entries, for a witness to keep.
//
// Errors: ErrNotFound.
func (u *Audit) CheckpointText(ctx context.Context, by *app.Actor, org string, size int64) (string, error) {
	if err := may(by, org); err != nil {
		return "", err
	}
	c, err := u.core.DB.CheckpointOf(ctx, size)
	if err != nil {
		return "", err
	}
	return c.Text(u.core.DB.AuditKey()), nil
}

// History gives what was done to one object, newest first, each entry with the object before and after.
func (u *Audit) History(ctx context.Context, by *app.Actor, org, kind, object string) ([]store.Entry, error) {
	return u.List(ctx, by, org, store.AuditFilter{ObjectKind: kind, Object: object, Limit: 1000})
}

// Checkpoint signs the log as it stands and gives the text for a witness to keep.
func (u *Audit) Checkpoint(ctx context.Context, by *app.Actor, org string) (string, error) {
	if _, err := by.Whole(app.ReadAudit, org); err != nil {
		return "", err
	}
	if _, err := u.core.DB.Checkpoint(ctx); err != nil {
		return "", err
	}
	last, err := u.core.DB.LastCheckpoint(ctx)
	if err != nil {
		return "", err
	}
	return last.Text(u.core.DB.AuditKey()), nil
}

// Verify checks the whole log, against a witness's checkpoint where one is given.
//
// Errors: those of [app.Actor.Everywhere]; ErrInvalid for a witness's text that is none. That something is wrong with the
// log is no error but in the report.
func (u *Audit) Verify(ctx context.Context, by *app.Actor, witness []byte) (*store.AuditReport, error) {
	if err := by.Everywhere(app.ReadAudit); err != nil {
		return nil, err
	}
	c := store.AuditCheck{Key: u.core.DB.AuditKey()}
	if len(witness) > 0 {
		w, err := store.ParseCheckpoint(witness)
		if err != nil {
			return nil, err
		}
		c.Witness = &w
	}
	return u.core.DB.VerifyAudit(ctx, c)
}
