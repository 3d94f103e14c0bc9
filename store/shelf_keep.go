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
	maxPast       = 6         // shelves of past states of one list
)

// keeper holds the shelves of the organisations that are looked at.
type keeper struct {
	mu     sync.Mutex
	held   map[shelfKey]*held
	work   sync.WaitGroup
	stop   context.CancelFunc
	ctx    context.Context
	closed bool
	pasts  sync.Mutex // held by who fills a past state
}

// shelfKey tells shelves apart. past is the generation of a past state, 0 for the shelf of the present one, which moves on.
type shelfKey struct {
	org, table string
	past       int64
}

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

// shelf gives the shelf of a list for the state that is read, up to date with everything that was written before the call.
// It waits for one that is being filled: by SQL a list of a million rows with several filters can take a minute, and many
// such beside the filling make both slower. It gives nil where there is none, and must not be called within a read: it may
// read itself.
func (s *Scoped) shelf(ctx context.Context, of *shelfOf) *shelf {
	k, org := s.db.shelves, s.scope.org
	if k == nil || org == "" || s.asOf < 0 {
		return nil
	}
	rest(ctx) // who fills or mends it needs a connection, and others wait for them
	h, wait := k.ask(s, of)
	if wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
			return nil
		}
	}
	return s.db.mended(ctx, h)
}

// ask finds the shelf of a list, and has it filled where that is not under way; wait ends with the filling.
func (k *keeper) ask(s *Scoped, of *shelfOf) (h *held, wait <-chan struct{}) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key := shelfKey{s.scope.org, of.table, s.asOf}
	if now := k.held[shelfKey{s.scope.org, of.table, 0}]; s.asOf != 0 && now != nil && now.shelf != nil && now.shelf.generation == s.asOf {
		key.past = 0
	}
	h = k.held[key]
	if h == nil {
		h = &held{}
		k.held[key] = h
		k.boundPast(key)
	}
	h.used = time.Now()
	if h.shelf == nil && h.filling == nil && !k.closed && time.Since(h.failed) > 10*time.Second {
		h.filling = make(chan struct{})
		k.work.Go(func() { s.db.fill(k.ctx, of, key, h) })
	}
	if h.shelf == nil && h.filling != nil {
		wait = h.filling
	}
	return h, wait
}

// present gives the shelf of assets of the state that is read if it is filled and up to date, else nil.
func (k *keeper) present(s *Scoped) *shelf {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	h := k.held[shelfKey{s.scope.org, assetShelf.table, 0}]
	if h == nil || s.asOf != 0 && (h.shelf == nil || h.shelf.generation != s.asOf) {
		h = k.held[shelfKey{s.scope.org, assetShelf.table, s.asOf}]
	}
	if h == nil || len(h.touched) > 0 || !h.mending.TryLock() {
		return nil
	}
	defer h.mending.Unlock()
	return h.shelf
}

// boundPast lets go of the past states of a list that were looked at longest ago. The caller holds the lock.
func (k *keeper) boundPast(last shelfKey) {
	for {
		n, oldest := 0, last
		for key, h := range k.held {
			if key.past == 0 || key.org != last.org || key.table != last.table {
				continue
			}
			if n++; key != last && h.filling == nil && (oldest == last || h.used.Before(k.held[oldest].used)) {
				oldest = key
			}
		}
		if n <= maxPast || oldest == last {
			return
		}
		delete(k.held, oldest)
	}
}

// forgetPast lets go of the past states of an organisation, when generations were merged.
func (k *keeper) forgetPast(org string) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for key := range k.held {
		if key.past != 0 && key.org == org {
			delete(k.held, key) // whoever fills or waits for it still has it, and nobody else will
		}
	}
}

// Warm takes the lists of organisations into memory, the longest first, as long as half of the room is left: who comes first
// after a start need not wait for them. It returns when it is done or ctx ends.
func (db *DB) Warm(ctx context.Context) error {
	var orgs []string
	err := db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT o.id FROM organisation AS o JOIN facet AS f ON f.org = o.id AND f.generation = o.generation AND f.name = '' GROUP BY o.id ORDER BY SUM(f.count) DESC, o.id").Scan(ctx, &orgs)
	})
	if err != nil || db.shelves == nil {
		return err
	}
	for _, org := range orgs {
		s := db.In(WholeOrganisation(org))
		for _, of := range shelves {
			if ctx.Err() != nil || db.shelves.size() > maxShelfBytes/2 {
				return ctx.Err()
			}
			s.shelf(ctx, of)
		}
	}
	return nil
}

// size is how much memory all shelves take, in bytes.
func (k *keeper) size() (n int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, h := range k.held {
		if h.shelf != nil {
			n += h.shelf.bytes
		}
	}
	return n
}

// mended brings what people changed into a shelf.
func (db *DB) mended(ctx context.Context, h *held) *shelf {
	h.mending.Lock()
	defer h.mending.Unlock()
	k := db.shelves
	k.mu.Lock()
	b, touched := h.shelf, h.touched
	if b == nil { // what was touched meanwhile is for whoever fills it
		k.mu.Unlock()
		return nil
	}
	h.touched = nil
	k.mu.Unlock()
	if len(touched) == 0 {
		return b
	}
	ids := make([]string, 0, len(touched))
	for id := range touched {
		ids = append(ids, id)
	}
	err := db.Read(apart(context.WithoutCancel(ctx)), func(ctx context.Context, q bun.IDB) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.read(ctx, q, rowsFrom{}, " AND t.id IN (?)", []any{bun.List(ids)}, b.change)
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

// fill fills a shelf as of what is published, or of a past state.
func (db *DB) fill(ctx context.Context, of *shelfOf, key shelfKey, h *held) {
	k := db.shelves
	if key.past != 0 { // one after the other: each reads and holds as much as the present one
		k.pasts.Lock()
		defer k.pasts.Unlock()
	}
	b, beyond, err := db.fresh(ctx, of, key)
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
func (db *DB) fresh(ctx context.Context, of *shelfOf, key shelfKey) (b *shelf, beyond bool, err error) {
	s := db.In(WholeOrganisation(key.org))
	s.asOf = key.past
	g, err := s.current(ctx)
	if err != nil {
		return nil, false, err
	}
	if beyond, err = db.beyond(ctx, of, key.org, g); err != nil || beyond {
		return nil, beyond, err
	}
	if key.past != 0 {
		if now := db.In(s.scope).shelf(ctx, of); now != nil && now.generation > g {
			if b, err = db.derive(ctx, now, g); b != nil || err != nil {
				return b, false, err
			}
		}
	}
	if b, err = db.load(ctx, of, key.org, g); b != nil {
		b.past = key.past != 0
	}
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
			total += h.shelf.bytes
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
	for key, h := range k.held {
		if key.org == org && key.table == table {
			h.touch(ids)
		}
	}
}

func (h *held) touch(ids []string) {
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
		h := k.held[shelfKey{org, of.table, 0}]
		use := h != nil && h.shelf != nil
		if h != nil {
			h.next, h.touchedNext = nil, nil // of a stage that was given up
		}
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
		if h := k.held[shelfKey{org, of.table, 0}]; h != nil {
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
	if h := k.held[shelfKey{b.org, b.of.table, 0}]; h != nil && h.shelf == b {
		h.shelf = nil
	}
}
