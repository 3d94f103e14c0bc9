// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"breakwater/store"
	"breakwater/store/storetest"
)

// TestMoment shares a snapshot among reads as a request does, and wants each read to see what one of its own would see.
func TestMoment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		storetest.Organisation(t, db, "skerry", "Port of Skerry")
		name := func(ctx context.Context) string {
			t.Helper()
			v, err := db.Setting(ctx, "skerry", "word")
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		set := func(ctx context.Context, v string) {
			t.Helper()
			err := db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
				tx.Unaudited("test")
				return tx.Set(ctx, "skerry", "word", v)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		want := func(ctx context.Context, v string) {
			t.Helper()
			if got := name(ctx); got != v {
				t.Errorf("a read gives %q, want %q", got, v)
			}
		}
		ctx, end := db.Moment(t.Context())
		defer end()
		set(t.Context(), "anchor")
		want(ctx, "anchor")
		if n := db.InUse(); n != 1 {
			t.Errorf("%d connections are held after a read, want the one of the snapshot", n)
		}
		want(ctx, "anchor")
		set(t.Context(), "buoy") // by somebody else
		want(ctx, "buoy")
		set(ctx, "cleat") // by the request itself
		want(ctx, "cleat")

		// A read within a read, and reads beside one another.
		err := db.Read(ctx, func(inner context.Context, q bun.IDB) error {
			want(inner, "cleat")
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					if v, err := db.Setting(inner, "skerry", "word"); err != nil || v != "cleat" {
						t.Errorf("beside: %q, %v", v, err)
					}
				})
			}
			wg.Wait()
			return nil
		})
		if err != nil {
			t.Error(err)
		}

		// What fails in the database must not spoil the reads after it.
		err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
			_, err := q.ExecContext(ctx, "SELECT * FROM no_such_table")
			return err
		})
		if err == nil {
			t.Error("a table that is not there was read")
		}
		want(ctx, "cleat")
		mine := errors.New("mine")
		if err = db.Read(ctx, func(context.Context, bun.IDB) error { return mine }); !errors.Is(err, mine) {
			t.Errorf("the reader's error became %v", err)
		}
		want(ctx, "cleat")
		func() {
			defer func() { _ = recover() }()
			_ = db.Read(ctx, func(context.Context, bun.IDB) error { panic("mine") })
		}()
		want(ctx, "cleat")

		// The end in the middle of a read, and reads after it.
		err = db.Read(ctx, func(inner context.Context, q bun.IDB) error {
			end()
			var n int
			return q.NewRaw("SELECT COUNT(*) FROM setting").Scan(inner, &n)
		})
		if err != nil {
			t.Error(err)
		}
		want(ctx, "cleat")
		if n := db.InUse(); n != 0 {
			t.Errorf("%d connections are held after the end", n)
		}

		// A request whose client is gone.
		gone, cancel := context.WithCancel(t.Context())
		ctx, end2 := db.Moment(gone)
		defer end2()
		want(ctx, "cleat")
		cancel()
		if _, err := db.Setting(ctx, "skerry", "word"); err == nil {
			t.Error("a read for a client that is gone went on")
		}
		end2()
		want(t.Context(), "cleat")
	})
}

// TestMomentsRest opens more moments than there are connections, each with a snapshot that nobody reads from: those who come
// after must not wait for their end.
func TestMomentsRest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		storetest.Organisation(t, db, "skerry", "Port of Skerry")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for i := range 60 {
			one, end := db.Moment(ctx)
			defer end()
			if _, err := db.Setting(one, "skerry", "word"); err != nil {
				t.Fatalf("moment %d: %v", i, err)
			}
		}
		// Requests that look at a list while people change it, on fewer connections than there are requests.
		newQuay(20).publish(t, db, "skerry")
		var wg sync.WaitGroup
		for range 40 {
			wg.Go(func() {
				one, end := db.Moment(ctx)
				defer end()
				for range 5 {
					if _, err := db.Organisations(one, "skerry"); err != nil {
						t.Error(err)
					}
					if _, err := db.In(store.WholeOrganisation("skerry")).Assets(one, store.AssetQuery{Order: store.Order{Limit: 5}}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
	})
}
