// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"time"

	"breakwater/harbour"
)

// UndoFor is how long a change can be taken back with one step.
const UndoFor = 24 * time.Hour

// Undo is what takes back a change.
type Undo struct {
	ID     string
	Person string
	Kind   string // which use case knows the data
	Title  string // what is taken back
	Data   []byte
}

// AddUndo keeps one, and drops those that are too old.
func (tx *Tx) AddUndo(ctx context.Context, org string, u Undo) error {
	if _, err := tx.Raw(ctx, "DELETE FROM undo WHERE made_at < ?", tx.at-harbour.Instant(UndoFor.Microseconds())); err != nil {
		return err
	}
	_, err := tx.Raw(ctx, "INSERT INTO undo (org, id, person, kind, title, data, made_at) VALUES (?, ?, ?, ?, ?, ?, ?)", org, u.ID, u.Person, u.Kind, u.Title, compress(u.Data), tx.at)
	return err
}

// TakeUndo gives one to the person who made the change, once.
//
// Errors: ErrNotFound where there is none, or it was used, or it is another person's.
func (tx *Tx) TakeUndo(ctx context.Context, org, id, person string) (u Undo, err error) {
	if err := tx.NewRaw("SELECT id, person, kind, title, data FROM undo WHERE org = ? AND id = ? AND person = ?", org, id, person).Scan(ctx, &u); err != nil {
		return u, notFound(err, "change to take back", id)
	}
	if _, err := tx.Raw(ctx, "DELETE FROM undo WHERE org = ? AND id = ?", org, id); err != nil {
		return u, err
	}
	u.Data, err = decompress(u.Data)
	return u, err
}
