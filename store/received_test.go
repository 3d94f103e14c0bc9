// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/storetest"
)

func receive(db *store.DB, org, source, segment string, s store.Span) (fresh []store.Span, err error) {
	err = db.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) (err error) {
		tx.Unaudited("test")
		fresh, err = tx.Receive(ctx, org, source, segment, s)
		return err
	})
	return fresh, err
}

// TestReceive sends spans in any order, overlapping and again, and wants each number to be new exactly once.
func TestReceive(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := rand.New(rand.NewPCG(1, 2))
		had := map[string]map[uint64]bool{}
		for range 300 {
			segment := strconv.Itoa(r.IntN(3))
			if had[segment] == nil {
				had[segment] = map[uint64]bool{}
			}
			first := uint64(r.IntN(200))
			s := store.Span{First: first, Last: first + uint64(r.IntN(20))}
			fresh, err := receive(db, "skerry", "sensor", segment, s)
			if err != nil {
				t.Fatal(err)
			}
			isNew := map[uint64]bool{}
			for _, f := range fresh {
				for n := f.First; n <= f.Last; n++ {
					isNew[n] = true
				}
			}
			for n := s.First; n <= s.Last; n++ {
				if isNew[n] == had[segment][n] {
					t.Fatalf("%d of %v is new: %v, had: %v", n, s, isNew[n], had[segment][n])
				}
				delete(isNew, n)
				had[segment][n] = true
			}
			if len(isNew) > 0 {
				t.Fatalf("%v beyond %v", isNew, s)
			}
		}
		// The same numbers of another organisation, source or segment are others.
		for _, k := range [][3]string{{"holm", "sensor", "0"}, {"skerry", "other", "0"}, {"skerry", "sensor", "9"}} {
			if fresh, err := receive(db, k[0], k[1], k[2], store.Span{First: 0, Last: 199}); err != nil || len(fresh) != 1 || fresh[0] != (store.Span{First: 0, Last: 199}) {
				t.Errorf("%v: %v, %v", k, fresh, err)
			}
		}
		for _, s := range []store.Span{{First: 2, Last: 1}, {First: 0, Last: math.MaxUint64}, {First: math.MaxInt64, Last: math.MaxInt64}} {
			if _, err := receive(db, "skerry", "sensor", "x", s); harbour.KindOf(err) != harbour.ErrInvalid || err == nil {
				t.Errorf("%v: %v", s, err)
			}
		}
		if fresh, err := receive(db, "skerry", "sensor", "x", store.Span{First: math.MaxInt64 - 1, Last: math.MaxInt64 - 1}); err != nil || len(fresh) != 1 {
			t.Errorf("the largest number: %v, %v", fresh, err)
		}
		for i, want := range []bool{true, false} {
			err := db.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
				tx.Unaudited("test")
				first, err := tx.ReceiveOnce(ctx, "skerry", "mailer", "message-1")
				if first != want {
					t.Errorf("time %d: first = %v", i, first)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
		if n, err := db.ForgetReceived(ctx, db.Now()+1, 2); err != nil || n != 2 {
			t.Errorf("forgot %d, %v", n, err)
		}
		if n, err := db.ForgetReceived(ctx, 1, 100); err != nil || n != 0 {
			t.Errorf("forgot %d before anything came, %v", n, err)
		}
	})
}

// TestReceiveGaps wants a segment of gaps alone refused in the end, and what closes gaps still taken.
func TestReceiveGaps(t *testing.T) {
	db := storetest.Open(t)
	err := db.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("test")
		for i := range uint64(store.MaxSpans) {
			if _, err := tx.Receive(ctx, "skerry", "sensor", "1", store.Span{First: 2 * i, Last: 2 * i}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := receive(db, "skerry", "sensor", "1", store.Span{First: 1 << 40, Last: 1 << 40}); harbour.KindOf(err) != harbour.ErrFull {
		t.Errorf("one gap more: %v", err)
	}
	if fresh, err := receive(db, "skerry", "sensor", "1", store.Span{First: 0, Last: 2 * store.MaxSpans}); err != nil || len(fresh) != store.MaxSpans {
		t.Errorf("all gaps closed: %d, %v", len(fresh), err)
	}
	if _, err := receive(db, "skerry", "sensor", "1", store.Span{First: 1 << 40, Last: 1 << 40}); err != nil {
		t.Errorf("after that: %v", err)
	}
}

func TestForgetJobs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		storetest.Organisation(t, db, "skerry", "Skerry")
		err := db.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
			tx.Unaudited("test")
			for _, id := range []string{"a", "b", "c", "open"} {
				j := store.Job{Org: "skerry", ID: id, Kind: "k", State: store.JobDone}
				if err := tx.AddJob(ctx, j); err != nil {
					return err
				}
				if id != "open" {
					if err := tx.EndJob(ctx, &j); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []int64{0, 2, 1, 0} {
			before := db.Now() + 1
			if i == 0 {
				before = 1
			}
			if n, err := db.ForgetJobs(ctx, before, 2); err != nil || n != want {
				t.Errorf("round %d: forgot %d, want %d, %v", i, n, want, err)
			}
		}
		if list, err := db.OpenJobs(ctx); err != nil || len(list) != 1 {
			t.Errorf("open: %+v, %v", list, err)
		}
	})
}
