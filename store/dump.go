// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"breakwater/harbour"
)

// Dump writes the database, as it is at one moment, into a folder that is there and empty. It works beside the process
// that writes to the database, and holds up nobody.
//
// SQLite gives one file, database.db, that is a database again. PostgreSQL gives tables.json, which lists the tables in
// the order in which they can be filled, and for each a file of COPY text.
func (db *DB) Dump(ctx context.Context, dir string) error {
	return db.wrap("copy the database", db.engine.dump(ctx, dir))
}

// Load fills a database that is not there, or holds nothing, with what [DB.Dump] wrote from the same kind of engine at
// the given version of the schema. [Open] then brings it up to date.
//
// Errors: ErrConflict where something is there, or the schema is newer than this program; ErrUnreadable where the dump is
// not whole.
func Load(ctx context.Context, url, dir string, schema int64) error {
	e, err := engineFor(url)
	if err != nil {
		return err
	}
	if known, err := schemaKnown(e); err != nil || schema > known {
		return &harbour.Error{Kind: harbour.ErrConflict, Op: "restore the database", Message: fmt.Sprintf("the backup has schema %d, this program knows %d", schema, known), Hint: "restore with the program that made the backup, or a newer one", Err: err}
	}
	return (&DB{engine: e}).wrap("restore the database", e.restore(ctx, dir, schema))
}

const (
	dumpFile   = "database.db"
	dumpTables = "tables.json"
)

func (s *sqlite) dump(ctx context.Context, dir string) error {
	// A connection of its own: those for reading refuse this statement.
	db, err := sql.Open("sqlite", s.dsn(sqliteCommon(), "deferred"))
	if err != nil {
		return err
	}
	defer db.Close()
	to := filepath.Join(dir, dumpFile)
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		return err
	}
	return syncFile(to)
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Sync(), f.Close())
}

func (s *sqlite) restore(ctx context.Context, dir string, _ int64) error {
	for _, end := range []string{"", "-wal", "-shm", "-journal"} {
		if _, err := os.Lstat(s.path + end); err == nil {
			return &harbour.Error{Kind: harbour.ErrConflict, Op: "restore the database", Message: s.path + end + " is there already", Hint: "restore into a folder that is empty"}
		}
	}
	from := &sqlite{path: filepath.Join(dir, dumpFile)}
	if _, err := os.Stat(from.path); err != nil {
		return &harbour.Error{Kind: harbour.ErrUnreadable, Op: "restore the database", Message: "the backup holds no SQLite database", Hint: "a backup of PostgreSQL is restored with --database postgres://…", Err: err}
	}
	db, err := sql.Open("sqlite", from.dsn(sqliteCommon(), "deferred"))
	if err != nil {
		return err
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil || verdict != "ok" {
		return &harbour.Error{Kind: harbour.ErrUnreadable, Op: "restore the database", Message: "the database in the backup is damaged: " + verdict, Hint: "use another backup", Err: err}
	}
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", s.path); err != nil {
		return err
	}
	return syncFile(s.path)
}

// dumped is one table of a dump.
type dumped struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
	Rows    int64    `json:"rows"`
}

func (p *postgres) connect(ctx context.Context) (*sql.DB, *sql.Conn, error) {
	cfg, err := p.config()
	if err != nil {
		return nil, nil, err
	}
	db := stdlib.OpenDB(*cfg)
	conn, err := db.Conn(ctx)
	if err != nil {
		db.Close()
		return nil, nil, err
	}
	return db, conn, nil
}

// tableOrder lists tables so that what others refer to comes first.
const tableOrder = `
WITH RECURSIVE t AS (
  SELECT c.oid, c.relname::text AS name FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname <> 'goose_db_version'
), depth AS (
  SELECT oid, name, 0 AS d FROM t
  UNION
  SELECT t.oid, t.name, depth.d + 1 FROM depth JOIN pg_constraint k ON k.contype = 'f' AND k.confrelid = depth.oid AND k.conrelid <> k.confrelid JOIN t ON t.oid = k.conrelid WHERE depth.d < 50
)
SELECT name, (SELECT json_agg(attname ORDER BY attnum) FROM pg_attribute a WHERE a.attrelid = depth.oid AND a.attnum > 0 AND NOT a.attisdropped)
FROM depth GROUP BY oid, name ORDER BY MAX(d), name`

func (p *postgres) dump(ctx context.Context, dir string) error {
	db, conn, err := p.connect(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	defer conn.Close()
	return conn.Raw(func(c any) error {
		pg := c.(*stdlib.Conn).Conn()
		tx, err := pg.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
		if err != nil {
			return err
		}
		defer tx.Rollback(context.WithoutCancel(ctx))
		rows, err := tx.Query(ctx, tableOrder)
		if err != nil {
			return err
		}
		tables, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (d dumped, err error) {
			err = r.Scan(&d.Table, &d.Columns)
			return d, err
		})
		if err != nil {
			return err
		}
		for i := range tables {
			if tables[i].Rows, err = copyOut(ctx, pg, dir, tables[i]); err != nil {
				return err
			}
		}
		list, err := json.MarshalIndent(tables, "", "  ")
		if err != nil {
			return err
		}
		path := filepath.Join(dir, dumpTables)
		return errors.Join(os.WriteFile(path, list, 0o600), syncFile(path))
	})
}

func copyOut(ctx context.Context, pg *pgx.Conn, dir string, d dumped) (n int64, err error) {
	f, err := os.OpenFile(filepath.Join(dir, d.Table+".copy"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 1<<20)
	tag, err := pg.PgConn().CopyTo(ctx, w, "COPY "+d.sql()+" TO STDOUT")
	return tag.RowsAffected(), errors.Join(err, w.Flush(), f.Sync())
}

func (d dumped) sql() string {
	names := make([]string, len(d.Columns))
	for i, c := range d.Columns {
		names[i] = pgx.Identifier{c}.Sanitize()
	}
	return fmt.Sprintf("%s (%s)", pgx.Identifier{d.Table}.Sanitize(), joined(names))
}

func joined(names []string) (s string) {
	for i, n := range names {
		if i > 0 {
			s += ", "
		}
		s += n
	}
	return s
}

// plainName is what tables and columns of this program are called; another name was not written by it.
var plainName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

func readDumped(dir string) (tables []dumped, err error) {
	broken := func(err error) error {
		return &harbour.Error{Kind: harbour.ErrUnreadable, Op: "restore the database", Message: "the backup holds no list of tables of PostgreSQL", Hint: "a backup of SQLite is restored without --database", Err: err}
	}
	b, err := os.ReadFile(filepath.Join(dir, dumpTables))
	if err != nil {
		return nil, broken(err)
	}
	if err := json.Unmarshal(b, &tables); err != nil {
		return nil, broken(err)
	}
	for _, d := range tables {
		if !plainName.MatchString(d.Table) || len(d.Columns) == 0 || slices.ContainsFunc(d.Columns, func(c string) bool { return !plainName.MatchString(c) }) {
			return nil, broken(fmt.Errorf("table %q", d.Table))
		}
	}
	return tables, nil
}

func (p *postgres) restore(ctx context.Context, dir string, schema int64) error {
	const op = "restore the database"
	tables, err := readDumped(dir)
	if err != nil {
		return err
	}
	db, conn, err := p.connect(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	var n int
	err = conn.QueryRowContext(ctx, "SELECT COUNT(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'").Scan(&n)
	conn.Close()
	if err != nil {
		return err
	}
	if n > 0 {
		return &harbour.Error{Kind: harbour.ErrConflict, Op: op, Message: "the database is not empty", Hint: "make a new one: createdb NAME, and restore into that"}
	}
	files, err := migrationsFor(p)
	if err != nil {
		return err
	}
	goer, err := goose.NewProvider(goose.Dialect(p.dialect()), db, files, goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	if _, err := goer.UpTo(ctx, schema); err != nil {
		return err
	}
	if conn, err = db.Conn(ctx); err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(c any) error {
		pg := c.(*stdlib.Conn).Conn()
		tx, err := pg.Begin(ctx)
		if err != nil {
			return err
		}
		defer tx.Rollback(context.WithoutCancel(ctx))
		for _, d := range tables {
			if err := copyIn(ctx, pg, dir, d); err != nil {
				return err
			}
		}
		return tx.Commit(ctx)
	})
}

func copyIn(ctx context.Context, pg *pgx.Conn, dir string, d dumped) error {
	f, err := os.Open(filepath.Join(dir, d.Table+".copy"))
	if err != nil {
		return err
	}
	defer f.Close()
	tag, err := pg.PgConn().CopyFrom(ctx, bufio.NewReaderSize(f, 1<<20), "COPY "+d.sql()+" FROM STDIN")
	if err == nil && tag.RowsAffected() != d.Rows {
		err = &harbour.Error{Kind: harbour.ErrUnreadable, Op: "restore the database", Message: fmt.Sprintf("the table %s has %d rows and should have %d", d.Table, tag.RowsAffected(), d.Rows), Hint: "use another backup"}
	}
	return err
}
