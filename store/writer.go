// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"breakwater/harbour"
)

// Priority says whose write goes first.
type Priority uint8

const (
	// People wait for it at a page.
	People Priority = iota
	// Machine is everything else: imports, sensors, housekeeping. A transaction of it should not last longer than
	// [MaxBatch]; split longer work.
	Machine
)

// MaxBatch is how long writes are gathered in one transaction.
const MaxBatch = 50 * time.Millisecond

// Tx is a transaction of the writer. It belongs to the call of fn that it was given to.
type Tx struct {
	bun.Tx
	db      *DB
	conn    bun.Conn
	at      harbour.Instant
	audited int
	excused bool
	after   []func()
}

// At is the instant of the transaction, the same for everything it changes.
func (tx *Tx) At() harbour.Instant { return tx.at }

// Unaudited says that this write needs no entry of its own in the audit log, and why: "staging, audited when published".
func (tx *Tx) Unaudited(reason string) { tx.excused = tx.excused || reason != "" }

// After has fn called when the transaction is on disk, in the order of the calls. fn must not block.
func (tx *Tx) After(fn func()) { tx.after = append(tx.after, fn) }

// Raw runs a statement and gives the number of rows that it changed.
func (tx *Tx) Raw(ctx context.Context, query string, args ...any) (int64, error) {
	r, err := tx.NewRaw(query, args...).Exec(ctx)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// Load inserts many rows of one table, by the quickest way that the engine has.
func (tx *Tx) Load(ctx context.Context, table string, columns []string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	return tx.db.engine.load(ctx, tx, table, columns, storableRows(rows))
}

type write struct {
	ctx   context.Context
	fn    func(context.Context, *Tx) error
	reply chan error

	priority      Priority
	queued, begun time.Time
}

// writer runs all changes, one transaction after the other.
type writer struct {
	db      *DB
	write   *bun.DB
	people  chan *write
	machine chan *write
	done    chan struct{}
	ended   sync.WaitGroup
	waiting atomic.Int64
	commits atomic.Int64
	turn    atomic.Int64 // goes on before and after each commit: odd while one may be seen by some and not by others
	longest atomic.Int64 // microseconds
}

func newWriter(db *DB, conn *bun.DB) *writer {
	w := &writer{db: db, write: conn, people: make(chan *write), machine: make(chan *write), done: make(chan struct{})}
	w.ended.Go(w.run)
	return w
}

func (w *writer) stop() {
	close(w.done)
	w.ended.Wait()
}

// Write runs fn in a transaction of the writer and returns when what it changed is on disk. If fn returns an error,
// nothing of it is kept. fn may run again if the database had gone, so it must have no effect outside the transaction;
// use [Tx.After] for that. A write that neither calls [Tx.Audit] nor [Tx.Unaudited] is refused.
func (db *DB) Write(ctx context.Context, p Priority, fn func(ctx context.Context, tx *Tx) error) error {
	if db.writer == nil {
		return &harbour.Error{Kind: harbour.ErrUsage, Op: "write", Message: "this database was opened for reading alone"}
	}
	rest(ctx) // nothing is held while others' changes are waited for
	j := &write{ctx: ctx, fn: fn, reply: make(chan error, 1), priority: p, queued: time.Now()}
	queue := db.writer.machine
	if p == People {
		queue = db.writer.people
	}
	db.writer.waiting.Add(1)
	defer db.writer.waiting.Add(-1)
	select {
	case queue <- j:
	case <-ctx.Done():
		return db.wrap("write", ctx.Err())
	case <-db.writer.done:
		return &harbour.Error{Kind: harbour.ErrUnavailable, Op: "write", Message: "the program is stopping", Hint: "try again in a moment"}
	}
	// Once taken, the outcome is awaited whatever the context says: a caller must know whether its change stands.
	return db.wrap("write", <-j.reply)
}

func (w *writer) run() {
	for {
		j := w.next(true)
		if j == nil {
			return
		}
		w.batch(j)
	}
}

// next takes the next write, people's first. Without wait it returns nil when none is there, with it when the writer stops.
func (w *writer) next(wait bool) *write {
	select {
	case j := <-w.people:
		return j
	default:
	}
	if !wait {
		select {
		case j := <-w.people:
			return j
		case j := <-w.machine:
			return j
		default:
			return nil
		}
	}
	select {
	case j := <-w.people:
		return j
	case j := <-w.machine:
		return j
	case <-w.done:
		return nil
	}
}

// batch runs writes in one transaction until none waits or its time is over, then commits and tells them.
func (w *writer) batch(j *write) {
	start := time.Now()
	ctx := context.Background()
	var told []*write
	var after []func()
	conn, tx, err := w.begin(ctx)
	if err != nil {
		j.reply <- err
		return
	}
	defer conn.Close()
	for n := 0; j != nil; n++ {
		j.begun = time.Now()
		t := &Tx{Tx: tx, db: w.db, conn: conn, at: w.db.Now()}
		broken, err := w.one(ctx, t, j, n)
		switch {
		case broken:
			// The transaction cannot go on; what was done in it before is lost with it.
			_ = tx.Rollback()
			j.reply <- err
			for _, t := range told {
				t.reply <- err
			}
			return
		case err != nil:
			j.reply <- err
		default:
			told = append(told, j)
			after = append(after, t.after...)
		}
		if j = nil; time.Since(start) < MaxBatch {
			j = w.next(false)
		}
	}
	w.turn.Add(1)
	err = tx.Commit()
	w.turn.Add(1)
	w.commits.Add(1)
	w.longest.Store(max(w.longest.Load(), time.Since(start).Microseconds()))
	if err == nil {
		for _, fn := range after {
			fn()
		}
	}
	for _, t := range told {
		if o := w.db.opt.Observe; o != nil {
			o.Write(t.priority, t.begun.Sub(t.queued), time.Since(t.begun))
		}
		t.reply <- err
	}
}

// begin starts a transaction; a connection that had gone is tried once more.
func (w *writer) begin(ctx context.Context) (bun.Conn, bun.Tx, error) {
	for attempt := 0; ; attempt++ {
		conn, err := w.write.Conn(ctx)
		if err == nil {
			var tx bun.Tx
			if tx, err = conn.BeginTx(ctx, &sql.TxOptions{}); err == nil {
				return conn, tx, nil
			}
			conn.Close()
		}
		if attempt > 0 || w.db.engine.classify(err) != faultGone {
			return bun.Conn{}, bun.Tx{}, err
		}
	}
}

// one runs a write within a savepoint. broken is set where the transaction itself is lost.
func (w *writer) one(ctx context.Context, tx *Tx, j *write, n int) (broken bool, err error) {
	if j.ctx.Err() != nil {
		return false, j.ctx.Err()
	}
	if _, err := tx.Exec("SAVEPOINT one"); err != nil {
		return true, err
	}
	err = fenced(j.ctx, tx, j.fn)
	if err == nil && tx.audited == 0 && !tx.excused {
		err = &harbour.Error{Kind: harbour.ErrInternal, Op: "write", Message: "a change without an entry in the audit log was refused"}
	}
	end := "RELEASE SAVEPOINT one"
	if err != nil {
		end = "ROLLBACK TO SAVEPOINT one"
	}
	if _, e := tx.Exec(end); e != nil {
		if err == nil {
			err = e
		}
		return true, err
	}
	return false, err
}

// fenced keeps a panic of one write from the others.
func fenced(ctx context.Context, tx *Tx, fn func(context.Context, *Tx) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &harbour.Error{Kind: harbour.ErrInternal, Op: "write", Message: "the program failed", Hint: "the log says more", Err: fmt.Errorf("%v\n%s", r, debug.Stack())}
		}
	}()
	return fn(ctx, tx)
}

// WriterState is how the writer does, for metrics and the health page.
type WriterState struct {
	Waiting int64         // writes that wait or run
	Commits int64         // transactions since the start
	Longest time.Duration // the longest transaction since the start
}

// WriterState tells how the writer does.
func (db *DB) WriterState() WriterState {
	w := db.writer
	if w == nil {
		return WriterState{}
	}
	return WriterState{w.waiting.Load(), w.commits.Load(), time.Duration(w.longest.Load()) * time.Microsecond}
}
