// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"log/slog"
	"time"

	"github.com/pressly/goose/v3"
)

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

// OpenAt opens a database as the program did whose schema was at a version.
func OpenAt(ctx context.Context, o Options, version int64) (*DB, error) {
	e, err := engineFor(o.URL)
	if err != nil {
		return nil, err
	}
	o.Clock, o.Log = time.Now, slog.New(slog.DiscardHandler)
	db := &DB{engine: e, opt: o, wake: make(chan struct{}, 1)}
	write, read, err := e.open(ctx)
	if err != nil {
		return nil, err
	}
	db.read = read
	files, err := migrationsFor(e)
	if err != nil {
		return nil, err
	}
	p, err := goose.NewProvider(goose.Dialect(e.dialect()), write.DB, files, goose.WithLogger(goose.NopLogger()))
	if err == nil {
		_, err = p.UpTo(ctx, version)
	}
	db.writer, db.shelves = newWriter(db, write), newKeeper()
	return db, err
}

// Newest is the version of the schema that an engine ends at.
func (db *DB) Newest() (int64, error) { return schemaKnown(db.engine) }
