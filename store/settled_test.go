// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"testing"

	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/storetest"
)

// TestSettled wants the decision by which a finding stands: not whoever was assigned since, nor whoever took back that it
// was opened again, and none for what is open or another organisation's.
func TestSettled(t *testing.T) {
	const open, accepted, resolved, falsePositive = harbour.FindingOpen, harbour.FindingAccepted, harbour.FindingResolved, harbour.FindingFalsePositive
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		storetest.Organisation(t, db, "skerry", "Skerry")
		storetest.Organisation(t, db, "hallow", "Hallow")
		newQuay(16).publish(t, db, "skerry")
		newQuay(16).publish(t, db, "hallow")
		day := harbour.Instant(86_400_000_000)
		spring, autumn := db.Now()+90*day, db.Now()+270*day
		steps := []store.Decision{
			{Finding: "f-000", Status: accepted, Until: spring, Reason: "spare part", By: "ada"},
			{Finding: "f-000", Status: accepted, Until: spring, Assignee: "bo", By: "cy"},
			{Finding: "f-001", Status: accepted, Until: spring, Reason: "first", By: "ada"},
			{Finding: "f-001", Status: accepted, Until: autumn, Reason: "longer", By: "bo"},
			{Finding: "f-002", Status: accepted, Until: spring, Reason: "replaced soon", By: "ada"},
			{Finding: "f-002", Status: open, By: "bo"},
			{Finding: "f-002", Status: accepted, Until: spring, Reason: store.TakenBack + "a decision", By: "bo"},
			{Finding: "f-003", Status: resolved, By: "cy"},
			{Finding: "f-004", Status: falsePositive, Reason: "it is on the new list", By: "cy"},
			{Finding: "f-004", Status: open, By: "ada"},
			{Finding: "f-005", Status: open, Assignee: "bo", By: "ada"},
			{Finding: "f-006", Status: accepted, Until: spring, Reason: "once", By: "ada"},
			{Finding: "f-006", Status: open, By: "ada"},
			{Finding: "f-006", Status: accepted, Until: spring, Reason: "again", By: "bo"},
		}
		scope := store.WholeOrganisation("skerry")
		versions := map[string]int64{}
		for _, d := range steps {
			d.Version = versions[d.Finding]
			versions[d.Finding]++
			err := db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
				tx.Unaudited("test")
				_, err := tx.Decide(ctx, scope, d)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		got, err := db.In(scope).Settled(ctx)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]store.Decision{
			"f-000": {By: "ada", Reason: "spare part", Until: spring, Status: accepted},
			"f-001": {By: "bo", Reason: "longer", Until: autumn, Status: accepted},
			"f-002": {By: "ada", Reason: "replaced soon", Until: spring, Status: accepted},
			"f-003": {By: "cy", Status: resolved},
			"f-006": {By: "bo", Reason: "again", Until: spring, Status: accepted},
		}
		for id, w := range want {
			g := got[id]
			if g.By != w.By || g.Reason != w.Reason || g.Until != w.Until || g.Status != w.Status || !g.At.Known() {
				t.Errorf("%s stands by %+v, want %+v", id, g, w)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d findings are settled, want %d: %+v", len(got), len(want), got)
		}
		if other, err := db.In(store.WholeOrganisation("hallow")).Settled(ctx); err != nil || len(other) != 0 {
			t.Errorf("another organisation has %+v, %v", other, err)
		}
	})
}
