// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"breakwater/harbour"
)

// Observer is told how the database does, for metrics. Its functions must not block, and are called from several goroutines.
type Observer struct {
	// Read is told how long a read took.
	Read func(took time.Duration)
	// Write is told of each write that is on disk: how long it waited for the writer, and how long it took from there on.
	Write func(p Priority, waited, took time.Duration)
	// Audit is told the action of each entry of the audit log that is on disk.
	Audit func(action string)
}

// Figures are of the whole database.
type Figures struct {
	Bytes        int64
	Schema       int64
	Jobs         map[string]int64 // by state
	OldestOutbox harbour.Instant  // when the oldest message that waits for the broker was written; 0 for none
}

// Figures counts what metrics tell.
func (db *DB) Figures(ctx context.Context) (f Figures, err error) {
	f.Jobs = map[string]int64{}
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		if f.Bytes, err = db.engine.size(ctx, q); err != nil {
			return err
		}
		if err := q.NewRaw("SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version").Scan(ctx, &f.Schema); err != nil {
			return err
		}
		if err := q.NewRaw("SELECT COALESCE(MIN(made_at), 0) FROM outbox").Scan(ctx, &f.OldestOutbox); err != nil {
			return err
		}
		var rows []struct {
			State string
			N     int64
		}
		if err := q.NewRaw("SELECT state, COUNT(*) AS n FROM job GROUP BY state").Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			f.Jobs[r.State] = r.N
		}
		return nil
	})
	return f, err
}
