// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"sync"
	"time"

	"github.com/uptrace/bun"
)

// momentKept is how long one snapshot may serve: an old one keeps the database from tidying up. momentIdle is how long it is
// held while nothing is read: there are few connections, and whoever waits for something while holding one may wait for
// somebody who needs one.
const (
	momentKept = time.Second
	momentIdle = 30 * time.Millisecond
)

// moment is a snapshot that the reads of one request share. An answer takes a dozen reads, and to begin and end a
// transaction for each costs more than the reads themselves, most of all where the database is reached over a network.
type moment struct {
	db   *DB
	base context.Context // that the transaction lives by
	turn func()          // gives the turn back

	mu     sync.Mutex
	tx     *bun.Tx
	stamps stamps // before the snapshot was taken
	begun  time.Time
	busy   bool
	ended  bool
	idle   *time.Timer // lets go of a snapshot that nobody reads from
}

type momentKey struct{}

// Moment lets the reads under the returned context share a snapshot where they follow one another and nothing was written
// in between, so that they see what reads of their own would see. Reads beside or within one another get their own. end
// must be called, and may be at any time, also while a read goes on: reads after it get their own again. An answer that is
// sent while it is made calls it before the first byte, because a slow receiver would hold the snapshot.
//
// Moment waits while as many others are under way as the machine can work on: see turns.
func (db *DB) Moment(ctx context.Context) (_ context.Context, end func()) {
	m := &moment{db: db, base: ctx, turn: db.turns.wait(ctx)}
	return context.WithValue(ctx, momentKey{}, m), m.end
}

// apart is a context whose reads do not share the snapshot: for what must see all that was written before it reads.
func apart(ctx context.Context) context.Context { return context.WithValue(ctx, momentKey{}, nil) }

// take gives the snapshot for one read, nil where the read has to have its own.
func (m *moment) take() *bun.Tx {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.busy || m.ended {
		return nil
	}
	if m.idle != nil {
		m.idle.Stop()
	}
	if m.tx != nil && (m.db.turn() != m.stamps.all || time.Since(m.begun) > momentKept) {
		m.drop()
	}
	if m.tx == nil {
		m.stamps = m.db.stamps()
		tx, err := m.db.read.BeginTx(m.base, m.db.engine.snapshot())
		if err != nil {
			return nil // the read's own attempt tells
		}
		m.tx, m.begun = &tx, time.Now()
	}
	m.busy = true
	return m.tx
}

// give takes the snapshot back. After an error it is of no use: PostgreSQL would refuse all further reads.
func (m *moment) give(whole bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.busy = false
	switch {
	case m.ended || !whole:
		m.drop()
	case m.idle == nil:
		m.idle = time.AfterFunc(momentIdle, m.rest)
	default:
		m.idle.Reset(momentIdle)
	}
}

// rest lets go of the snapshot until the next read.
func (m *moment) rest() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.busy {
		m.drop()
	}
}

func (m *moment) end() {
	m.turn()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended = true; !m.busy {
		m.drop()
	}
}

// drop ends the transaction. The caller holds the lock.
func (m *moment) drop() {
	if m.idle != nil {
		m.idle.Stop()
	}
	if m.tx != nil {
		_ = m.tx.Rollback() // nothing was changed
		m.tx = nil
	}
}

// rest lets go of the snapshot that ctx shares, before something is waited for.
func rest(ctx context.Context) {
	if m, _ := ctx.Value(momentKey{}).(*moment); m != nil {
		m.rest()
	}
}

// shared runs fn in the snapshot of ctx; done is false where there is none for it.
func (db *DB) shared(ctx context.Context, fn func(ctx context.Context, q bun.IDB) error) (done bool, err error) {
	m, _ := ctx.Value(momentKey{}).(*moment)
	if m == nil || m.db != db {
		return false, nil
	}
	tx := m.take()
	if tx == nil {
		return false, nil
	}
	whole := false
	defer func() { m.give(whole) }()
	err = fn(context.WithValue(ctx, stampKey{}, m.stamps), *tx)
	if whole = err == nil; !whole && m.base.Err() != nil {
		err = m.base.Err()
	}
	return true, err
}

// turn counts the transactions of the writer, twice: it is odd while one is being committed.
func (db *DB) turn() int64 {
	if db.writer == nil {
		return 0
	}
	return db.writer.turn.Load()
}
