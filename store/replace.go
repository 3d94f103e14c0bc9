// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"breakwater/harbour"
)

// Replace puts a database back as it was when [DB.Dump] wrote it into dir at the given version of the schema. What is in it
// now is lost. No program may have it open. Where Replace was killed the database is not to be used; it is called again,
// with the same dump.
//
// Errors: ErrUnreadable where the dump is not whole, before anything was changed; ErrConflict where a program writes to
// the database, or the schema is newer than this program.
func Replace(ctx context.Context, url, dir string, schema int64) error {
	e, err := engineFor(url)
	if err != nil {
		return err
	}
	const op = "put the database back"
	if known, err := schemaKnown(e); err != nil || schema > known {
		return &harbour.Error{Kind: harbour.ErrConflict, Op: op, Message: fmt.Sprintf("it had schema %d, this program knows %d", schema, known), Hint: "use the program that it is of", Err: err}
	}
	db := &DB{engine: e}
	switch e := e.(type) {
	case *sqlite:
		return db.wrap(op, e.replace(ctx, dir))
	case *postgres:
		return db.wrap(op, e.replace(ctx, dir, schema))
	}
	return nil
}

// SchemaKnown is the version of the schema that this program brings a database to.
func SchemaKnown() (int64, error) { return schemaKnown(&sqlite{}) }

func (s *sqlite) replace(ctx context.Context, dir string) error {
	fresh := &sqlite{path: s.path + ".restoring"}
	for _, end := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(fresh.path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := fresh.restore(ctx, dir, 0); err != nil {
		return err
	}
	// The log of the one that goes must not be taken for a log of the one that comes.
	for _, end := range []string{"-wal", "-shm", "-journal"} {
		if err := os.Remove(s.path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(fresh.path, s.path); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(s.path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (p *postgres) replace(ctx context.Context, dir string, schema int64) error {
	if _, err := readDumped(dir); err != nil {
		return err
	}
	db, conn, err := p.connect(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	defer conn.Close()
	var free bool
	if err := conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", int64(writerLock)).Scan(&free); err != nil {
		return err
	}
	if !free {
		return errTaken
	}
	if err := dropTables(ctx, conn); err != nil {
		return err
	}
	return p.restore(ctx, dir, schema)
}

// dropTables removes every table of the schema, in one transaction.
func dropTables(ctx context.Context, conn *sql.Conn) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	rows, err := tx.QueryContext(ctx, "SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')")
	if err != nil {
		return err
	}
	var names []string
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			return errors.Join(err, rows.Close())
		}
		names = append(names, n)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, n := range names {
		if _, err := tx.ExecContext(ctx, "DROP TABLE IF EXISTS "+pgx.Identifier{n}.Sanitize()+" CASCADE"); err != nil {
			return err
		}
	}
	return tx.Commit()
}
