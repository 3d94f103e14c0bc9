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

// TestAnyText keeps what devices call themselves, whatever it is, and finds it again.
func TestAnyText(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		storetest.Organisation(t, db, "skerry", "Skerry")
		port := newQuay(12) // enough for the quick way of loading
		port.assets[1].Name, port.assets[1].Vendor = "crane\x00one", "\xff\xfe"
		port.assets[2].Name = `'; DROP TABLE asset; -- \' "`
		port.findings[0].Title = "a\x00b"
		port.publish(t, db, "skerry")
		s := db.In(store.WholeOrganisation("skerry"))
		for query, want := range map[string]int{"crane\x00one": 1, "\xff\xfe": 1, "drop table": 1, "crane": 12} {
			p, err := s.Assets(ctx, store.AssetQuery{Text: query})
			if err != nil || p.Total != want {
				t.Errorf("text %q finds %d, %v, want %d", query, p.Total, err, want)
			}
		}
		for _, q := range []store.AssetQuery{{Vendor: []string{"x\x00"}}, {IDs: []string{"a-001\x00"}}, {Zone: []string{"\xff"}}} {
			if p, err := s.Assets(ctx, q); err != nil || p.Total != 0 {
				t.Errorf("%+v finds %d, %v, want nothing", q, p.Total, err)
			}
		}
		if _, _, err := s.Asset(ctx, "a\x00"); harbour.KindOf(err) != harbour.ErrNotFound {
			t.Errorf("an id with a zero byte: %v, want not found", err)
		}
		err := db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
			return tx.Audit(ctx, store.Entry{Org: "skerry", Actor: "p\x00", Action: "x", ObjectKind: "k", Object: "\xff", Reason: "r\x00"})
		})
		if err != nil {
			t.Errorf("an entry of the log: %v", err)
		}
	})
}
