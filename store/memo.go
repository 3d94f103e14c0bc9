// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"sync"
	"time"
)

// memo remembers what was worked out of a published generation, by a name that says all that it depends on. What it gives is
// shared: nobody may change it.
type memo struct {
	mu   sync.Mutex
	seen map[string]remembered
}

type remembered struct {
	value any
	until time.Time // zero for as long as there is room
	stamp int64     // of the state that it was read from, where it holds for that alone
}

// memoKept bounds how much is remembered; then all is forgotten.
const memoKept = 1000

func (m *memo) get(name string) (any, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.seen[name]
	if ok && !r.until.IsZero() && time.Now().After(r.until) {
		delete(m.seen, name)
		return nil, false
	}
	return r.value, ok
}

func (m *memo) put(name string, value any, keep time.Duration) {
	r := remembered{value: value}
	if keep > 0 {
		r.until = time.Now().Add(keep)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set(name, r)
}

// set notes what is remembered. The caller holds the lock.
func (m *memo) set(name string, r remembered) {
	if m.seen == nil || len(m.seen) >= memoKept {
		m.seen = map[string]remembered{}
	}
	m.seen[name] = r
}

// forget drops everything, when rows of a generation were tidied.
func (m *memo) forget() {
	m.mu.Lock()
	clear(m.seen)
	m.mu.Unlock()
}

// recall gives what was worked out under a name, working it out where it is not there.
func recall[T any](m *memo, name string, keep time.Duration, work func() (T, error)) (T, error) {
	if v, ok := m.get(name); ok {
		return v.(T), nil
	}
	v, err := work()
	if err == nil {
		m.put(name, v, keep)
	}
	return v, err
}

// recallNow gives what was read from the present state under a name, reading it where anything was written since. Within a
// transaction of the writer, which sees more than others, it always reads.
func recallNow[T any](ctx context.Context, db *DB, name string, read func() (T, error)) (T, error) {
	stamp, ok := ctx.Value(stampKey{}).(int64)
	if !ok || db.writer == nil {
		return read()
	}
	m := &db.memo
	m.mu.Lock()
	r, known := m.seen[name]
	m.mu.Unlock()
	if known && r.stamp == stamp && db.commits() == stamp {
		return r.value.(T), nil
	}
	v, err := read()
	if err != nil {
		return v, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set(name, remembered{value: v, stamp: stamp})
	return v, nil
}

// stampKey is where the context of a read says how many transactions had been written before its snapshot was taken.
type stampKey struct{}
