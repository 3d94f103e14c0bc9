// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"maps"
	"strings"
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
	if len(m.seen) >= memoKept {
		now := time.Now()
		maps.DeleteFunc(m.seen, func(_ string, r remembered) bool { return !r.until.IsZero() && now.After(r.until) })
	}
	if m.seen == nil || len(m.seen) >= memoKept {
		m.seen = map[string]remembered{}
	}
	m.seen[name] = r
}

// forget drops what was worked out of the states of an organisation, when rows of a generation were tidied. Its id stands by
// itself in the names of that.
func (m *memo) forget(org string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.seen, func(name string, _ remembered) bool { return strings.Contains(name, " "+org+" ") })
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

// recallNow gives what was read from the present state under a name, reading it where something was written since: anything,
// or what since says. It is not kept for long, because another process may write too, as the commands do that help a person
// in. Within a transaction of the writer, which sees more than others, it always reads. What it gives is
// shared: nobody may change it.
func recallNow[T any](ctx context.Context, db *DB, name string, since kind, read func() (T, error)) (T, error) {
	seen, ok := ctx.Value(stampKey{}).(stamps)
	if !ok || db.writer == nil || seen.all%2 != 0 {
		return read()
	}
	stamp := since.of(seen)
	m := &db.memo
	m.mu.Lock()
	r, known := m.seen[name]
	m.mu.Unlock()
	if known && r.stamp == stamp && since.of(db.stamps()) == stamp && time.Now().Before(r.until) {
		return r.value.(T), nil
	}
	v, err := read()
	if err != nil {
		return v, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.set(name, remembered{value: v, stamp: stamp, until: time.Now().Add(since.keep)})
	return v, nil
}

// stamps count what has been written. Those of a read are taken before its snapshot, so that it has seen all that they count.
// Between a commit that some see already and its end, all is odd.
type stamps struct{ all, evidence, stated, decided, tidied int64 }

// kind is a part of what is written, with how long what depends on it is kept.
type kind struct {
	of   func(stamps) int64
	keep time.Duration
}

var (
	sinceAnything = kind{func(s stamps) int64 { return s.all }, momentKept}
	sinceCounted  = kind{func(s stamps) int64 { return s.all }, countFor}
	sinceEvidence = kind{func(s stamps) int64 { return s.evidence }, time.Minute}
	sinceDecided  = kind{func(s stamps) int64 { return s.decided }, countFor}
)

func (db *DB) stamps() stamps {
	return stamps{all: db.turn(), evidence: db.evidenced.Load(), stated: db.stated.Load(), decided: db.decided.Load(), tidied: db.tidied.Load()}
}

// stampsOf gives the stamps of the read that ctx belongs to, and present ones outside of one.
func (db *DB) stampsOf(ctx context.Context) stamps {
	if s, ok := ctx.Value(stampKey{}).(stamps); ok {
		return s
	}
	return db.stamps()
}

// stampKey is where the context of a read has its stamps.
type stampKey struct{}
