// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"fmt"
	"testing"

	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/storetest"
)

func TestOutlets(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, org := range []string{"skerry", "holm"} {
			storetest.Organisation(t, db, org, org)
		}
		write := func(fn func(ctx context.Context, tx *store.Tx) error) error {
			return db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
				tx.Unaudited("test")
				return fn(ctx, tx)
			})
		}
		must := func(fn func(ctx context.Context, tx *store.Tx) error) {
			t.Helper()
			if err := write(fn); err != nil {
				t.Fatal(err)
			}
		}
		for _, org := range []string{"skerry", "holm"} {
			for _, id := range []string{"o-1", "o-2"} {
				must(func(ctx context.Context, tx *store.Tx) error {
					return tx.PutOutlet(ctx, store.Outlet{Org: org, ID: id, Kind: "webhook", Name: "to " + id, Target: "https://example.org", Events: "*", Options: "{}", Secret: []byte{1}, State: store.OutletActive, MadeBy: "p-1"})
				})
			}
		}
		whole := db.In(store.WholeOrganisation("skerry"))
		if list, err := whole.Outlets(ctx); err != nil || len(list) != 2 || list[0].Org != "skerry" {
			t.Fatalf("outlets: %v, %v, want the two of skerry", list, err)
		}
		part := db.In(store.PartOf("skerry", store.Limit{Sites: []string{"north"}}))
		if list, _ := part.Outlets(ctx); len(list) != 0 {
			t.Errorf("a part of the organisation sees %d outlets", len(list))
		}
		if _, err := part.Outlet(ctx, "o-1"); harbour.KindOf(err) != harbour.ErrNotFound {
			t.Errorf("a part of the organisation reads an outlet: %v", err)
		}
		// Each event once, the oldest first, to the outlets that are not busy.
		for i := range 3 {
			for range 2 {
				must(func(ctx context.Context, tx *store.Tx) error {
					return tx.AddDelivery(ctx, store.Delivery{Org: "skerry", Outlet: "o-1", ID: fmt.Sprintf("v-%d", i), Event: "finding.new", Body: []byte("{}"), DueAt: tx.At()})
				})
			}
		}
		due, outlets, err := db.Due(ctx, nil, 2)
		if err != nil || len(outlets) != 1 || len(due["skerry o-1"]) != 2 || due["skerry o-1"][0].ID != "v-0" {
			t.Fatalf("due: %v, %v, %v", due, outlets, err)
		}
		if _, outlets, _ := db.Due(ctx, []string{"skerry o-1"}, 2); len(outlets) != 0 {
			t.Errorf("a busy outlet is due: %v", outlets)
		}
		// What stands in the way of one stands in the way of all.
		first := due["skerry o-1"][0]
		must(func(ctx context.Context, tx *store.Tx) error {
			return tx.Postpone(ctx, first, tx.At()+1e9, "no answer")
		})
		if due, _, _ := db.Due(ctx, nil, 10); len(due) != 0 {
			t.Errorf("after a failure there is due: %v", due)
		}
		o, err := whole.Outlet(ctx, "o-1")
		if err != nil || o.Failures != 1 || o.FailingSince == 0 || o.LastError != "no answer" {
			t.Errorf("after a failure the outlet is %+v, %v", o, err)
		}
		// One that is saved again is tried again at once.
		o.Name = "renamed"
		must(func(ctx context.Context, tx *store.Tx) error { return tx.PutOutlet(ctx, o) })
		if err := write(func(ctx context.Context, tx *store.Tx) error { return tx.PutOutlet(ctx, o) }); harbour.KindOf(err) != harbour.ErrStale {
			t.Errorf("a change of an old version: %v, want stale", err)
		}
		due, _, _ = db.Due(ctx, nil, 10)
		if list := due["skerry o-1"]; len(list) != 1 || list[0].Attempts != 1 {
			t.Errorf("after saving there is due: %v", due)
		}
		must(func(ctx context.Context, tx *store.Tx) error {
			return tx.Delivered(ctx, "skerry", "o-1", []string{"v-0"})
		})
		must(func(ctx context.Context, tx *store.Tx) error {
			return tx.Postpone(ctx, store.Delivery{Org: "skerry", Outlet: "o-1", ID: "v-1"}, 0, "refused")
		})
		if n, err := whole.Waiting(ctx, "o-1"); err != nil || n != 1 {
			t.Errorf("%d wait (%v), want 1", n, err)
		}
		must(func(ctx context.Context, tx *store.Tx) error {
			return tx.DisableOutlet(ctx, "skerry", "o-1", "failing for days")
		})
		if o, _ = whole.Outlet(ctx, "o-1"); o.State != store.OutletDisabled || o.Dropped != 1 || o.SentAt == 0 || o.Version != 3 {
			t.Errorf("the outlet is %+v", o)
		}
		must(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.DropDeliveries(ctx, tx.At()+1)
			return err
		})
		if o, _ = whole.Outlet(ctx, "o-1"); o.Dropped != 2 {
			t.Errorf("%d were given up, want 2", o.Dropped)
		}
		must(func(ctx context.Context, tx *store.Tx) error { return tx.RemoveOutlet(ctx, "skerry", "o-1") })
		must(func(ctx context.Context, tx *store.Tx) error {
			if n, err := tx.Number(ctx, "", "never.set"); n != -1 || err != nil {
				t.Errorf("a number that was never set is %d, %v", n, err)
			}
			return nil
		})
		if list, err := db.OutletsIn(ctx, ""); err != nil || len(list) != 3 {
			t.Errorf("%d outlets in all (%v), want 3", len(list), err)
		}
	})
}

func TestOutletIsBounded(t *testing.T) {
	db := storetest.Open(t)
	storetest.Organisation(t, db, "skerry", "Skerry")
	err := db.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("test")
		if err := tx.PutOutlet(ctx, store.Outlet{Org: "skerry", ID: "o-1", Secret: []byte{}, State: store.OutletActive}); err != nil {
			return err
		}
		var rows [][]any
		for i := range store.MaxDeliveries {
			rows = append(rows, []any{"skerry", "o-1", fmt.Sprint(i), "x", []byte("{}"), tx.At(), tx.At()})
		}
		if err := tx.Load(ctx, "delivery", []string{"org", "outlet", "id", "event", "body", "made_at", "due_at"}, rows); err != nil {
			return err
		}
		return tx.AddDelivery(ctx, store.Delivery{Org: "skerry", Outlet: "o-1", ID: "late", Body: []byte("{}")})
	})
	if err != nil {
		t.Fatal(err)
	}
	s := db.In(store.WholeOrganisation("skerry"))
	o, _ := s.Outlet(ctx, "o-1")
	if n, _ := s.Waiting(ctx, "o-1"); n != store.MaxDeliveries || o.Dropped != 1 {
		t.Errorf("%d wait and %d were given up, want %d and 1", n, o.Dropped, store.MaxDeliveries)
	}
}

func TestFindingChanges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		storetest.Organisation(t, db, "skerry", "Skerry")
		port := newQuay(12)
		port.publish(t, db, "skerry")
		s := db.In(store.WholeOrganisation("skerry"))
		fresh, gone, came, went, err := s.FindingChanges(ctx, 1, 4)
		if err != nil || came != 6 || went != 0 || len(fresh) != 4 || len(gone) != 0 || fresh[0].Severity != harbour.SeverityHigh {
			t.Errorf("with the first generation %d came and %d went (%v), want 6 and 0", came, went, err)
		}
		port.findings = port.findings[1:]
		port.findings[0].Explanation = "other words" // altered, neither new nor gone
		port.findings = append(port.findings, &harbour.Finding{ID: "f-new", Rule: "r", Severity: harbour.SeverityCritical, Title: "new", Subjects: []string{"a-001"}, Status: harbour.FindingOpen})
		port.publish(t, db, "skerry")
		fresh, gone, came, went, err = s.FindingChanges(ctx, 2, 10)
		if err != nil || came != 1 || went != 1 || fresh[0].ID != "f-new" || gone[0].ID != "f-000" {
			t.Errorf("with the second %d came and %d went (%v): %v, %v", came, went, err, fresh, gone)
		}
		list, err := db.AuditAfter(ctx, -1, 10)
		last, _ := db.LastAudit(ctx)
		if err != nil || len(list) != 2 || list[1].Seq != last {
			t.Errorf("the log has %d entries (%v), the last is %d", len(list), err, last)
		}
		if list, _ := db.AuditAfter(ctx, 0, 10); len(list) != 1 {
			t.Errorf("after the first there are %d, want 1", len(list))
		}
	})
}
