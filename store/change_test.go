// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"slices"
	"testing"

	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/storetest"
)

func TestChangedRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		storetest.Organisation(t, db, "skerry", "Skerry")
		port := newQuay(4)
		port.publish(t, db, "skerry")
		s := db.In(store.WholeOrganisation("skerry"))
		_, first, err := s.Summary(ctx)
		if err != nil {
			t.Fatal(err)
		}
		next := newQuay(6)
		altered := *next.assets[1]
		altered.Firmware = "2.0"
		next.assets[1] = &altered
		next.publish(t, db, "skerry")

		for _, test := range []struct {
			change string
			since  harbour.Instant
			want   []string
		}{
			{"new", first.At, []string{"Crane 4", "Crane 5"}},
			{"altered", first.At, []string{"Crane 1"}},
			{"new", 1, []string{"Crane 0", "Crane 1", "Crane 2", "Crane 3", "Crane 4", "Crane 5"}},
			{"altered", 1, nil},
			{"new", db.Now(), nil},
		} {
			if got := names(t, s, store.AssetQuery{Change: test.change, Since: test.since}); !slices.Equal(got, test.want) {
				t.Errorf("%s since %v: %v, want %v", test.change, test.since, got, test.want)
			}
		}
		if _, err := s.Assets(ctx, store.AssetQuery{Change: "worse"}); harbour.KindOf(err) != harbour.ErrInvalid {
			t.Errorf("an unknown change: %v", err)
		}
		f, err := s.Findings(ctx, store.FindingQuery{NewSince: first.At})
		if err != nil || len(f.Items) != 1 || f.Items[0].ID != "f-002" {
			t.Errorf("new findings: %+v, %v", f.Items, err)
		}
	})
}
