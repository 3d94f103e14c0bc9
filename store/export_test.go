// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import "context"

// BySQL gives the same database without shelves: its lists are read by SQL alone.
func (db *DB) BySQL() *DB {
	return &DB{read: db.read, engine: db.engine, opt: db.opt}
}

// Shelved waits until the lists of an organisation are held in memory, and says which are not.
func (db *DB) Shelved(ctx context.Context, org string) (missing []string) {
	for _, of := range shelves {
		if db.In(WholeOrganisation(org)).shelf(ctx, of) == nil {
			missing = append(missing, of.table)
		}
	}
	return missing
}

// InUse is how many of the readers' connections somebody holds.
func (db *DB) InUse() int { return db.read.Stats().InUse }
