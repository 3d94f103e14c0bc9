// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"

	"breakwater/harbour"
)

// Fresh says whether a PostgreSQL database can be reached and holds no table yet. It changes nothing.
//
// Errors: ErrUsage for what is no such URL, ErrUnavailable where it cannot be reached.
func Fresh(ctx context.Context, url string) (bool, error) {
	e, err := engineFor(url)
	if err != nil {
		return false, err
	}
	p, ok := e.(*postgres)
	if !ok {
		return false, nil
	}
	db := &DB{engine: p}
	conns, conn, err := p.connect(ctx)
	if err != nil {
		return false, db.wrap("reach the database", err)
	}
	defer conns.Close()
	defer conn.Close()
	var n int
	err = conn.QueryRowContext(ctx, "SELECT COUNT(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'").Scan(&n)
	return n == 0, db.wrap("reach the database", err)
}

// lookedBack is how many entries of the audit log, and how many of its checkpoints, of which there are at most six an hour, LastEntry
// looks at.
const lookedBack = 500

// LastEntry is the latest instant in the newest part of the audit log; 0 for none. Where the clock was set back it is not that of the
// newest entry: whatever is done then, also to say so, is written with the wrong time.
func (db *DB) LastEntry(ctx context.Context) (at harbour.Instant, err error) {
	err = db.read.NewRaw("SELECT COALESCE(MAX(at), 0) FROM (SELECT at FROM (SELECT at FROM audit ORDER BY seq DESC LIMIT ?) AS a"+
		" UNION ALL SELECT at FROM (SELECT at FROM checkpoint ORDER BY size DESC LIMIT ?) AS c) AS l", lookedBack, lookedBack).Scan(ctx, &at)
	return at, db.wrap("read the audit log", err)
}

// FirstEntry is the instant of the oldest entry of the audit log; 0 for none.
func (db *DB) FirstEntry(ctx context.Context) (at harbour.Instant, err error) {
	err = db.read.NewRaw("SELECT COALESCE((SELECT at FROM audit ORDER BY seq LIMIT 1), 0)").Scan(ctx, &at)
	return at, db.wrap("read the audit log", err)
}

// Entries is how many entries the audit log has.
func (db *DB) Entries(ctx context.Context) (int64, error) {
	n, err := auditSize(ctx, db.read)
	return n, db.wrap("read the audit log", err)
}

// TableCounts is how many rows each table has, by its name.
func (db *DB) TableCounts(ctx context.Context) (map[string]int64, error) {
	var names []string
	query := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%\\_text\\_%' ESCAPE '\\'"
	if db.Engine() == "postgres" {
		query = "SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"
	}
	if err := db.read.NewRaw(query).Scan(ctx, &names); err != nil {
		return nil, db.wrap("count rows", err)
	}
	counts := map[string]int64{}
	for _, n := range names {
		if !plainName.MatchString(n) {
			continue
		}
		var rows int64
		if err := db.read.NewRaw(`SELECT COUNT(*) FROM "`+n+`"`).Scan(ctx, &rows); err != nil {
			return nil, db.wrap("count rows", err)
		}
		counts[n] = rows
	}
	return counts, nil
}
