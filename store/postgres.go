// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

type postgres struct {
	url         string
	write, read *bun.DB
}

// writerLock is the advisory lock of the one process that writes: "breakwtr" as a number.
const writerLock = 0x627265616b777472

func (p *postgres) name() string    { return "postgres" }
func (p *postgres) dialect() string { return "postgres" }
func (p *postgres) folder() string  { return "postgres" }

func (p *postgres) words() map[string]string {
	return map[string]string{"TEXT": `TEXT COLLATE "C"`, "INTEGER": "BIGINT", "BLOB": "BYTEA", "REAL": "DOUBLE PRECISION"}
}

func (p *postgres) open(ctx context.Context) (write, read *bun.DB, err error) {
	cfg, err := p.config()
	if err != nil {
		return nil, nil, err
	}
	// Each new connection of the writer takes the lock anew, so that it is held whenever something is written.
	w := stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		if err := takeWriterLock(ctx, c); err != nil {
			return err
		}
		// A server that vanished with its machine says no farewell: after a minute the engine lets its lock go.
		_, err := c.Exec(ctx, "SET synchronous_commit = on; SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3")
		return err
	}))
	w.SetMaxOpenConns(1)
	p.write = bun.NewDB(w, postgresText{pgdialect.New()})
	if err := w.PingContext(ctx); err != nil {
		return nil, nil, err
	}
	if _, err := p.openRead(ctx); err != nil {
		return nil, nil, err
	}
	return p.write, p.read, nil
}

// writerLeaves is how long the lock of a writer that has said farewell may still be held: the engine lets go of it when the
// process behind the connection ends, which on a busy machine is a moment later.
const writerLeaves = 3 * time.Second

// takeWriterLock takes the lock of the one writer, or gives errTaken where another has it.
func takeWriterLock(ctx context.Context, c *pgx.Conn) error {
	for until := time.Now().Add(writerLeaves); ; {
		var got bool
		if err := c.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", int64(writerLock)).Scan(&got); err != nil || got {
			return err
		}
		if time.Now().After(until) {
			return errTaken
		}
		select {
		case <-ctx.Done():
			return errTaken
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (p *postgres) config() (*pgx.ConnConfig, error) {
	cfg, err := pgx.ParseConfig(p.url)
	if err != nil {
		return nil, err
	}
	cfg.RuntimeParams["application_name"] = "breakwater"
	cfg.RuntimeParams["timezone"] = "UTC"
	cfg.RuntimeParams["standard_conforming_strings"] = "on"
	return cfg, nil
}

func (p *postgres) openRead(context.Context) (*bun.DB, error) {
	cfg, err := p.config()
	if err != nil {
		return nil, err
	}
	r := stdlib.OpenDB(*cfg)
	r.SetMaxOpenConns(max(8, 4*runtime.GOMAXPROCS(0)))
	r.SetMaxIdleConns(max(8, 4*runtime.GOMAXPROCS(0)))
	p.read = bun.NewDB(r, postgresText{pgdialect.New()})
	return p.read, nil
}

var errTaken = errors.New("the lock of the writer is held by another process")

func (p *postgres) close() error {
	var errs []error
	if p.read != nil {
		errs = append(errs, p.read.Close())
	}
	if p.write != nil {
		errs = append(errs, p.write.Close())
	}
	return errors.Join(errs...)
}

func (p *postgres) snapshot() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
}

func (p *postgres) classify(err error) fault {
	if errors.Is(err, errTaken) {
		return faultTaken
	}
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		switch {
		case pe.Code == "53100":
			return faultFull
		case strings.HasPrefix(pe.Code, "57P"), strings.HasPrefix(pe.Code, "08"), pe.Code == "53300":
			return faultGone
		}
		return faultNone
	}
	var ne net.Error
	var ce *pgconn.ConnectError
	if errors.As(err, &ne) || errors.As(err, &ce) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, sql.ErrConnDone) || closed(err) || pgconn.SafeToRetry(err) || strings.Contains(err.Error(), "conn closed") {
		return faultGone
	}
	return faultNone
}

func (p *postgres) load(ctx context.Context, tx *Tx, table string, columns []string, rows [][]any) error {
	if len(rows) < 8 {
		one := "(" + strings.TrimSuffix(strings.Repeat("?,", len(columns)), ",") + ")"
		var args []any
		for _, r := range rows {
			args = append(args, r...)
		}
		if len(rows) == 0 {
			return nil
		}
		_, err := tx.NewRaw("INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES "+one+strings.Repeat(","+one, len(rows)-1), args...).Exec(ctx)
		return err
	}
	// COPY runs on the connection of the transaction, and so in it.
	return tx.conn.Raw(func(c any) error {
		_, err := c.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows))
		return err
	})
}

func (p *postgres) index(context.Context, *Tx, string, []int64, []string) error { return nil }

func (p *postgres) unindex(context.Context, *Tx, string, []int64) error { return nil }

var likeEscape = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)

func (p *postgres) matching(_ string, words []string) (query string, args []any) {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = "text LIKE ?"
		args = append(args, "%"+likeEscape.Replace(w)+"%")
	}
	return "(" + strings.Join(parts, " AND ") + ")", args
}

func (p *postgres) measure(ctx context.Context, q bun.IDB, tables []string) error {
	for _, t := range tables {
		if _, err := q.ExecContext(ctx, "ANALYZE "+t); err != nil {
			return err
		}
	}
	return nil
}

func (p *postgres) size(ctx context.Context, q bun.IDB) (n int64, err error) {
	err = q.NewRaw("SELECT pg_database_size(current_database())").Scan(ctx, &n)
	return n, err
}
