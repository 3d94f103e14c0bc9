// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/uptrace/bun"
)

// Bounds of what is held in memory for lists. What does not fit is read by SQL, which is slower and gives the same.
const (
	maxShelfRows  = 4 << 20   // of one list
	maxShelfBytes = 768 << 20 // of all; those used last stay
	maxTouched    = 4000      // rows that people changed, before a shelf is filled anew
)

// patience is how long a reader waits for a shelf that is being filled. A small one is full at once, one of a million rows
// takes seconds; by SQL a list of that length with several filters can take a minute, and many of them beside the filling
// make both slower.
const patience = 10 * time.Second

// keeper holds the shelves of the organisations that are looked at.
type keeper struct {
	mu     sync.Mutex
	held   map[shelfKey]*held
	work   sync.WaitGroup
	stop   context.CancelFunc
	ctx    context.Context
	closed bool
}

type shelfKey struct{ org, table string }

// held is one list's shelf. next is that of a generation that is about to be published.
type held struct {
	shelf, next          *shelf
	touched, touchedNext map[string]bool // ids of rows that changed since
	filling              chan struct{}   // closed when done; nil where nobody fills
	used                 time.Time
	mending              sync.Mutex
	failed               time.Time
}

func newKeeper() *keeper {
	k := &keeper{held: map[shelfKey]*held{}}
	k.ctx, k.stop = context.WithCancel(context.Background())
	return k
}

// close ends what is being filled.
func (k *keeper) close() {
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
	k.stop()
	k.work.Wait()
}

// shelf gives the shelf of a list, up to date with everything that was written before the call; nil where there is none
// yet, or none at all. It must not be called within a read: it may read itself.
func (db *DB) shelf(ctx context.Context, of *shelfOf, org string) *shelf {
	k := db.shelves
	if k == nil || org == "" {
		return nil
	}
	rest(ctx) // who fills or mends it needs a connection, and others wait for them
	k.mu.Lock()
	h := k.held[shelfKey{org, of.table}]
	if h == nil {
		h = &held{}
		k.held[shelfKey{org, of.table}] = h
	}
	h.used = time.Now()
	if h.shelf == nil && h.filling == nil && !k.closed && time.Since(h.failed) > 10*time.Second {
		h.filling = make(chan struct{})
		k.work.Go(func() { db.fill(k.ctx, of, org, h) })
	}
	b, wait := h.shelf, h.filling
	k.mu.Unlock()
	if b == nil && wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
		case <-time.After(patience):
		}
		k.mu.Lock()
		b = h.shelf
		k.mu.Unlock()
	}
	if b == nil {
		return nil
	}
	return db.mended(ctx, h)
}

// mended brings what people changed into a shelf.
func (db *DB) mended(ctx context.Context, h *held) *shelf {
	h.mending.Lock()
	defer h.mending.Unlock()
	k := db.shelves
	k.mu.Lock()
	b, touched := h.shelf, h.touched
	h.touched = nil
	k.mu.Unlock()
	if b == nil || len(touched) == 0 {
		return b
	}
	ids := make([]string, 0, len(touched))
	for id := range touched {
		ids = append(ids, id)
	}
	err := db.Read(apart(context.WithoutCancel(ctx)), func(ctx context.Context, q bun.IDB) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.read(ctx, q, " AND t.id IN (?)", []any{bun.List(ids)}, b.change)
	})
	if err != nil {
		db.opt.Log.Warn("what people changed could not be brought into the memory of a list; it is filled anew", slog.Any("error", err))
		k.mu.Lock()
		h.shelf = nil
		k.mu.Unlock()
		return nil
	}
	return b
}

// fill fills a shelf as of what is published.
func (db *DB) fill(ctx context.Context, of *shelfOf, org string, h *held) {
	k := db.shelves
	b, beyond, err := db.fresh(ctx, of, org)
	k.mu.Lock()
	defer k.mu.Unlock()
	close(h.filling)
	h.filling = nil
	if err != nil || beyond {
		if h.failed = time.Now(); err != nil && ctx.Err() == nil {
			db.opt.Log.Warn("a list could not be taken into memory; it is read from the database meanwhile", slog.String("list", of.table), slog.Any("error", err))
		}
		return
	}
	h.shelf = b
	k.bound(h)
}

// fresh loads the published state; what was touched meanwhile stays noted.
func (db *DB) fresh(ctx context.Context, of *shelfOf, org string) (b *shelf, beyond bool, err error) {
	g, err := db.In(WholeOrganisation(org)).current(ctx)
	if err != nil {
		return nil, false, err
	}
	if beyond, err = db.beyond(ctx, of, org, g); err != nil || beyond {
		return nil, beyond, err
	}
	b, err = db.load(ctx, of, org, g)
	return b, false, err
}

// current is the generation that is seen.
func (s *Scoped) current(ctx context.Context) (g int64, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		g, err = s.generation(ctx, q)
		return err
	})
	return g, err
}

// beyond says whether a list is too long to be held.
func (db *DB) beyond(ctx context.Context, of *shelfOf, org string, g int64) (bool, error) {
	var n []int64
	err := db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT count FROM facet WHERE org = ? AND generation = ? AND list = ? AND name = ''", org, g, of.table).Scan(ctx, &n)
	})
	return len(n) > 0 && n[0] > maxShelfRows, err
}

// bound lets go of the shelves that were used longest ago until the rest fits. The caller holds the lock.
func (k *keeper) bound(last *held) {
	for {
		total, oldest := int64(0), (*held)(nil)
		for _, h := range k.held {
			if h.shelf == nil {
				continue
			}
			total += h.shelf.size()
			if h != last && (oldest == nil || h.used.Before(oldest.used)) {
				oldest = h
			}
		}
		if total <= maxShelfBytes || oldest == nil {
			return
		}
		oldest.shelf, oldest.failed = nil, time.Now()
	}
}

// touch notes that rows were changed by people. It is called when the change is on disk.
func (k *keeper) touch(org, table string, ids ...string) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	h := k.held[shelfKey{org, table}]
	if h == nil {
		return
	}
	for _, id := range ids {
		if h.touched == nil {
			h.touched = map[string]bool{}
		}
		h.touched[id] = true
		if h.next != nil {
			if h.touchedNext == nil {
				h.touchedNext = map[string]bool{}
			}
			h.touchedNext[id] = true
		}
	}
	if len(h.touched) > maxTouched && h.filling == nil {
		h.shelf, h.touched = nil, nil
	}
}

// prepare fills the shelves of a generation that is about to be published, of those lists whose shelves are in use.
func (db *DB) prepare(ctx context.Context, org string, generation int64) error {
	k := db.shelves
	if k == nil {
		return nil
	}
	for _, of := range shelves {
		k.mu.Lock()
		h := k.held[shelfKey{org, of.table}]
		use := h != nil && h.shelf != nil
		k.mu.Unlock()
		if !use {
			continue
		}
		// Noted from before it is read, so that nothing is missed; an empty one stands for it.
		k.mu.Lock()
		h.next, h.touchedNext = &shelf{}, nil
		k.mu.Unlock()
		b, err := db.load(ctx, of, org, generation)
		k.mu.Lock()
		h.next = b
		k.mu.Unlock()
		if err != nil && ctx.Err() != nil {
			return err
		}
		if err != nil {
			db.opt.Log.Warn("a list could not be taken into memory before it is published", slog.String("list", of.table), slog.Any("error", err))
		}
	}
	return nil
}

// published puts the prepared shelves in the place of those that are seen.
func (k *keeper) published(org string) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, of := range shelves {
		if h := k.held[shelfKey{org, of.table}]; h != nil {
			h.shelf, h.touched = h.next, h.touchedNext
			h.next, h.touchedNext = nil, nil
			if h.shelf != nil {
				k.bound(h)
			}
		}
	}
}

// drop lets go of a shelf that turned out not to be of the generation that is seen.
func (k *keeper) drop(b *shelf) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if h := k.held[shelfKey{b.org, b.of.table}]; h != nil && h.shelf == b {
		h.shelf = nil
	}
}
