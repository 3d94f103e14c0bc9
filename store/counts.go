// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"sync"
	"time"

	"github.com/uptrace/bun"
)

// counts remembers for a few seconds how many rows a filter gives: turning pages does not change it.
type counts struct {
	mu   sync.Mutex
	seen map[string]counted
}

type counted struct {
	n     int
	more  bool
	until time.Time
}

const (
	countFor  = 5 * time.Second
	countKept = 2000
)

func (k *counts) get(ctx context.Context, q bun.IDB, from string, c conditions) (n int, more bool, err error) {
	name := from + " " + c.name(q)
	now := time.Now()
	k.mu.Lock()
	r, ok := k.seen[name]
	k.mu.Unlock()
	if ok && now.Before(r.until) {
		return r.n, r.more, nil
	}
	n, more, err = count(ctx, q, from, c)
	if err != nil {
		return 0, false, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.seen == nil || len(k.seen) >= countKept {
		k.seen = map[string]counted{}
	}
	k.seen[name] = counted{n, more, now.Add(countFor)}
	return n, more, nil
}

// forget drops what is remembered, after a change that moves rows between filters.
func (k *counts) forget() {
	k.mu.Lock()
	clear(k.seen)
	k.mu.Unlock()
}
