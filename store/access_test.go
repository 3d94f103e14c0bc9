// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/storetest"
)

func TestHolders(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Write(t.Context(), store.People, func(ctx context.Context, tx *store.Tx) error {
			tx.Unaudited("test")
			for _, p := range []struct {
				id, state, org, sites string
				glass                 bool
			}{
				{"p1", "active", "*", "*", false},
				{"p2", "suspended", "*", "*", false},
				{"p3", "active", "north", "*", false},
				{"p4", "active", "*", "*", true},
				{"p5", "active", "*", "quay", false},
				{"p6", "active", "*", "*", false},
			} {
				if err := tx.PutPerson(ctx, store.Person{ID: p.id, Login: p.id, Name: p.id, State: p.state, BreakGlass: p.glass}); err != nil {
					return err
				}
				if err := tx.PutGrants(ctx, p.id, "local", []store.Grant{{Role: "administrator", Org: p.org, Sites: p.sites}, {Role: "auditor", Org: "*", Sites: "*"}}); err != nil {
					return err
				}
			}
			for org, want := range map[string][]string{"*": {"p1", "p6"}, "north": {"p3"}, "south": nil} {
				if got, err := tx.Holders(ctx, "administrator", org); err != nil || !slices.Equal(got, want) {
					t.Errorf("Holders(%q) = %v, %v, want %v", org, got, err, want)
				}
			}
			n, err := tx.CountPeople(ctx)
			if n != 6 {
				t.Errorf("CountPeople = %d, want 6", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestKeep wants the oldest to make room, and nobody else's.
func TestKeep(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		write := func(fn func(ctx context.Context, tx *store.Tx) error) {
			t.Helper()
			err := db.Write(t.Context(), store.People, func(ctx context.Context, tx *store.Tx) error {
				tx.Unaudited("test")
				return fn(ctx, tx)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		write(func(ctx context.Context, tx *store.Tx) error {
			for _, id := range []string{"p1", "p2"} {
				if err := tx.PutPerson(ctx, store.Person{ID: id, Login: id, Name: id, State: "active"}); err != nil {
					return err
				}
				if err := tx.AddSession(ctx, store.Session{ID: id, Hash: []byte(id), Person: id, ExpiresAt: db.Now() + 1e12}); err != nil {
					return err
				}
			}
			return nil
		})
		for i := range 5 {
			write(func(ctx context.Context, tx *store.Tx) error {
				id := fmt.Sprint("c", i)
				if err := tx.AddSession(ctx, store.Session{ID: id, Hash: []byte(id), Person: "p1", ExpiresAt: db.Now() + 1e12}); err != nil {
					return err
				}
				if err := tx.AddCredential(ctx, store.Credential{ID: id, Person: "p1", Kind: "device", Secret: []byte{}}); err != nil {
					return err
				}
				return tx.KeepSessions(ctx, "p1", 2)
			})
		}
		write(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.AddCredential(ctx, store.Credential{ID: "pw", Person: "p1", Kind: "password", Secret: []byte{}}); err != nil {
				return err
			}
			if s, err := tx.ProveSession(ctx, "c4", []byte("another")); err != nil || s.ID != "c4" || string(s.Hash) != "another" {
				t.Errorf("ProveSession = %+v, %v", s, err)
			}
			if _, err := tx.ProveSession(ctx, "c0", []byte("one more")); harbour.KindOf(err) != harbour.ErrNotFound {
				t.Errorf("ProveSession of one that has ended: %v", err)
			}
			if err := tx.KeepCredentials(ctx, "p1", "device", 3); err != nil {
				return err
			}
			list, err := tx.Credentials(ctx, "p1", "")
			var ids []string
			for _, c := range list {
				ids = append(ids, c.ID)
			}
			if want := []string{"c2", "c3", "c4", "pw"}; !slices.Equal(ids, want) {
				t.Errorf("credentials = %v, want %v", ids, want)
			}
			return err
		})
		for person, want := range map[string]int{"p1": 2, "p2": 1} {
			if list, err := db.Sessions(t.Context(), person); err != nil || len(list) != want {
				t.Errorf("%s has %d sessions (%v), want %d", person, len(list), err, want)
			}
		}
	})
}
