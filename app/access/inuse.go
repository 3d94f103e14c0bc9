// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"log/slog"
	"sync"

	"breakwater/app"
	"breakwater/store"
)

// inUse notes that sessions and tokens are in use. Nobody waits for it: a page that only reads must not stand behind what is
// being written.
type inUse struct {
	core    *app.Core
	mu      sync.Mutex
	waiting map[string]func(ctx context.Context, tx *store.Tx) error
	writing sync.WaitGroup // while some wait
}

// note has fn run in a transaction soon; what waits under the same id already stands for it.
func (n *inUse) note(id string, fn func(ctx context.Context, tx *store.Tx) error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, known := n.waiting[id]; known {
		return
	}
	if n.waiting == nil {
		n.waiting = map[string]func(ctx context.Context, tx *store.Tx) error{}
		n.writing.Go(n.write)
	}
	n.waiting[id] = fn
}

// write writes what waits until nothing does. Where that cannot be written, sessions go on until their end as known: a full disk
// must not keep people out.
func (n *inUse) write() {
	for {
		n.mu.Lock()
		list := n.waiting
		if len(list) == 0 {
			n.waiting = nil
			n.mu.Unlock()
			return
		}
		n.waiting = map[string]func(ctx context.Context, tx *store.Tx) error{}
		n.mu.Unlock()
		err := n.core.DB.Write(context.Background(), store.Machine, func(ctx context.Context, tx *store.Tx) error {
			tx.Unaudited("sessions and tokens in use")
			for _, fn := range list {
				if err := fn(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			n.core.Log.Warn("that sessions and tokens are in use was not noted", slog.Int("how many", len(list)), slog.Any("error", err))
		}
	}
}

// Settle waits until nothing is left to be noted. The program calls it before it closes the database.
func (u *Access) Settle() error {
	u.inUse.writing.Wait()
	return nil
}
