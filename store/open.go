// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"breakwater/harbour"
)

// Options says where the database is and how it is used.
type Options struct {
	// URL is the path of a SQLite file, or a URL that starts with postgres:// or postgresql://.
	URL string
	// Clock gives the time; nil for the system's.
	Clock func() time.Time
	// Log is told what operators should know; nil for none.
	Log *slog.Logger
	// Signer signs checkpoints of the audit log; nil where none are made.
	Signer ed25519.PrivateKey
	// Origin names this installation in checkpoints: "breakwater/" and a name.
	Origin string
	// Room is asked before a stage begins, and refuses where the disk is too full for one; nil for none.
	Room func() error
	// Observe is told how long things take, for metrics; nil for nobody.
	Observe *Observer
}

// DB is an open database. See the package comment.
type DB struct {
	read      *bun.DB
	engine    engine
	writer    *writer
	opt       Options
	memo      memo
	stated    atomic.Int64  // counts changes of statements: what is remembered of limited scopes depends on them
	decided   atomic.Int64  // counts decisions about findings
	evidenced atomic.Int64  // counts changes of evidence
	tidied    atomic.Int64  // counts the transactions that merge states
	turns     *turns        // of who reads for an answer
	shelves   *keeper       // nil where lists are read by SQL alone
	wake      chan struct{} // something was put into the outbox
	answered  atomic.Int64  // when the database last answered who asked
	rows      atomic.Int64  // last row number given out
	closing   sync.Once
	closed    error // what closing came to
}

// Open opens the database, makes it where it does not exist, and brings its schema up to date.
//
// Errors: ErrUnavailable where it cannot be reached, ErrConflict where another process writes to it or it was made by a
// newer program, ErrFull, ErrInternal where a migration failed; the data is then as it was before.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	e, err := engineFor(o.URL)
	if err != nil {
		return nil, err
	}
	db := &DB{engine: e, opt: o, wake: make(chan struct{}, 1), turns: newTurns()}
	if err := db.open(ctx); err != nil {
		e.close()
		return nil, err
	}
	return db, nil
}

// OpenReader opens a database that exists for reading alone, beside the process that may be writing to it. Nothing is
// migrated; [DB.Write] refuses.
//
// Errors: ErrUnavailable where it is not there or cannot be reached, ErrConflict where a newer program made it.
func OpenReader(ctx context.Context, o Options) (*DB, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	e, err := engineFor(o.URL)
	if err != nil {
		return nil, err
	}
	db := &DB{engine: e, opt: o, wake: make(chan struct{}, 1), turns: newTurns()}
	if db.read, err = e.openRead(ctx); err == nil {
		err = db.readable(ctx)
	}
	if err != nil {
		e.close()
		return nil, db.wrap("open database", err)
	}
	return db, nil
}

// readable says whether this program knows the schema of the database.
func (db *DB) readable(ctx context.Context) error {
	has, err := db.SchemaVersion(ctx)
	if err != nil && db.engine.classify(err) != faultNone {
		return err
	}
	if err != nil || has == 0 {
		return &harbour.Error{Kind: harbour.ErrUnavailable, Op: "open database", Message: "this is not a database of breakwater, or it was never opened by it", Hint: "check the path or the URL", Err: err}
	}
	if wants, err := schemaKnown(db.engine); err != nil || has > wants {
		return &harbour.Error{Kind: harbour.ErrConflict, Op: "open database", Message: fmt.Sprintf("the database is at version %d, this program knows %d", has, wants), Hint: "use the program that last used it", Err: err}
	}
	return nil
}

// SchemaVersion is the version of the database's schema.
func (db *DB) SchemaVersion(ctx context.Context) (n int64, err error) {
	err = db.read.NewRaw("SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version").Scan(ctx, &n)
	return n, err
}

func engineFor(url string) (engine, error) {
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		return &postgres{url: url}, nil
	}
	if url == "" || strings.Contains(url, "://") {
		return nil, &harbour.Error{
			Kind: harbour.ErrUsage, Op: "open database", Message: "the database is neither a path nor a PostgreSQL URL",
			Hint: "give a file such as data/breakwater.db, or postgres://user@host/name",
		}
	}
	return &sqlite{path: url}, nil
}

func (db *DB) open(ctx context.Context) error {
	if s, ok := db.engine.(*sqlite); ok {
		if err := os.MkdirAll(filepath.Dir(s.path), 0o750); err != nil {
			return db.wrap("make the data folder", err)
		}
	}
	write, read, err := db.engine.open(ctx)
	if err != nil {
		return db.wrap("open database", err)
	}
	db.read = read
	if err := migrate(ctx, write.DB, db.engine); err != nil {
		return err
	}
	if err := db.measureOnce(ctx, write); err != nil {
		return db.wrap("open database", err)
	}
	if err := db.lastRow(ctx, write); err != nil {
		return db.wrap("open database", err)
	}
	db.writer, db.shelves = newWriter(db, write), newKeeper()
	return nil
}

// measureOnce has SQLite look at tables that it has never looked at: those of an older program.
func (db *DB) measureOnce(ctx context.Context, q bun.IDB) error {
	if db.engine.name() != "sqlite" {
		return nil
	}
	for _, pragma := range []string{"PRAGMA analysis_limit = 400", "PRAGMA optimize = 0x10002"} {
		if _, err := q.ExecContext(ctx, pragma); err != nil {
			return err
		}
	}
	return nil
}

// lastRow finds the highest row number in use. Numbers are given out by this process, which is the only writer.
func (db *DB) lastRow(ctx context.Context, q bun.IDB) error {
	for _, table := range []string{"asset", "conversation", "operation", "finding"} {
		var n sql.NullInt64
		if err := q.NewRaw("SELECT MAX(row) FROM ?", bun.Ident(table)).Scan(ctx, &n); err != nil {
			return err
		}
		db.rows.Store(max(db.rows.Load(), n.Int64))
	}
	return nil
}

// Close ends the writer after what it has begun, and closes the database. Writes that wait are refused. Closing it again
// does nothing.
func (db *DB) Close() error {
	db.closing.Do(func() {
		if db.writer != nil {
			db.writer.stop()
		}
		if db.shelves != nil {
			db.shelves.close()
		}
		db.closed = db.engine.close()
	})
	return db.closed
}

// closed says whether an error is that of a database that was closed; package sql has no name for it.
func closed(err error) bool { return strings.Contains(err.Error(), "sql: database is closed") }

// Now is the instant by the database's clock.
func (db *DB) Now() harbour.Instant { return harbour.At(db.opt.Clock()) }

// Engine names the engine: sqlite or postgres.
func (db *DB) Engine() string { return db.engine.name() }

// Read calls fn with a snapshot of the database: what fn reads is of one moment. fn must not keep q.
func (db *DB) Read(ctx context.Context, fn func(ctx context.Context, q bun.IDB) error) error {
	if o := db.opt.Observe; o != nil {
		defer func(begun time.Time) { o.Read(time.Since(begun)) }(time.Now())
	}
	if done, err := db.shared(ctx, fn); done {
		return db.wrap("read", err)
	}
	ctx = context.WithValue(ctx, stampKey{}, db.stamps())
	err := db.read.RunInTx(ctx, db.engine.snapshot(), func(ctx context.Context, tx bun.Tx) error { return fn(ctx, tx) })
	return db.wrap("read", err)
}

// Ping says whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	return db.wrap("reach the database", db.read.NewRaw("SELECT 1").Scan(ctx, &one))
}

// Times of [DB.Answers].
const (
	answeredFor = 2 * time.Second // so long is an answer good for
	answerIn    = 5 * time.Second
)

// Answers says within a few seconds whether a database server answers, so that nobody who wants something of it waits for one that is
// neither there nor says so, as when its machine has vanished. What answered a moment ago is not asked again, nor is a file.
//
// Errors: ErrUnavailable, ErrCancelled.
func (db *DB) Answers(ctx context.Context) error {
	if db.engine.name() == "sqlite" || db.opt.Clock().Sub(time.UnixMicro(db.answered.Load())).Abs() < answeredFor {
		return nil
	}
	asked, cancel := context.WithTimeout(apart(ctx), answerIn)
	defer cancel()
	err := db.Ping(asked)
	if err == nil {
		db.answered.Store(db.opt.Clock().UnixMicro())
	}
	if err != nil && ctx.Err() == nil && asked.Err() != nil {
		err = &harbour.Error{Kind: harbour.ErrUnavailable, Op: "reach the database", Message: "the database does not answer", Hint: "check that it runs and can be reached; work goes on when it is back", Err: err}
	}
	return err
}

// Size is the number of bytes that the database takes.
func (db *DB) Size(ctx context.Context) (n int64, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		n, err = db.engine.size(ctx, q)
		return err
	})
	return n, err
}

// wrap gives an error of the database the words for a user. Errors of this system pass unchanged.
func (db *DB) wrap(op string, err error) error {
	var known *harbour.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	case errors.Is(err, sql.ErrNoRows):
		return &harbour.Error{Kind: harbour.ErrNotFound, Op: op, Message: "there is no such object", Err: err}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &harbour.Error{Kind: harbour.ErrCancelled, Op: op, Message: "stopped", Err: err}
	}
	e := &harbour.Error{Kind: harbour.ErrInternal, Op: op, Message: "the database refused", Hint: "the log says more", Err: err}
	switch db.engine.classify(err) {
	case faultFull:
		e.Kind, e.Message, e.Hint = harbour.ErrFull, "the disk of the database is full", "free some space; nothing was left half-written"
	case faultGone:
		e.Kind, e.Message, e.Hint = harbour.ErrUnavailable, "the database does not answer", "check that it runs and can be reached; work goes on when it is back"
	case faultTaken:
		e.Kind, e.Message, e.Hint = harbour.ErrConflict, "another program writes to this database", "stop the other breakwater, or give this one its own database"
	case faultNone:
	}
	return e
}
