// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/storetest"
)

// TestReplace puts a database back as it was, twice, as after a kill, and never from what is not whole.
func TestReplace(t *testing.T) {
	ctx := context.Background()
	storetest.EachURL(t, func(t *testing.T, url string) {
		open := func() *store.DB {
			t.Helper()
			db, err := store.Open(ctx, store.Options{URL: url, Signer: storetest.Key, Origin: "breakwater/test"})
			if err != nil {
				t.Fatal(err)
			}
			return db
		}
		entry := func(db *store.DB) {
			t.Helper()
			if err := db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
				return tx.Audit(ctx, store.Entry{Actor: "ada", Action: "assets.edit"})
			}); err != nil {
				t.Fatal(err)
			}
		}
		db := open()
		for range 3 {
			entry(db)
		}
		dir := t.TempDir()
		if err := db.Dump(ctx, dir); err != nil {
			t.Fatal(err)
		}
		schema, err := db.SchemaVersion(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			entry(db)
			if db.Engine() == "postgres" {
				if err := store.Replace(ctx, url, dir, schema); harbour.KindOf(err) != harbour.ErrConflict {
					t.Errorf("beside a program that writes: %v", err)
				}
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			if err := store.Replace(ctx, url, t.TempDir(), schema); harbour.KindOf(err) != harbour.ErrUnreadable {
				t.Errorf("from nothing: %v", err)
			}
			if err := store.Replace(ctx, url, dir, schema+1); harbour.KindOf(err) != harbour.ErrConflict {
				t.Errorf("of a schema of tomorrow: %v", err)
			}
			if err := store.Replace(ctx, url, dir, schema); err != nil {
				t.Fatal(err)
			}
			db = open()
			if n, err := db.Entries(ctx); err != nil || n != 3 {
				t.Errorf("%d entries, %v", n, err)
			}
			if r, err := db.VerifyAudit(ctx, store.AuditCheck{Key: db.AuditKey()}); err != nil || !r.Whole() {
				t.Errorf("the log: %+v, %v", r, err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if left, _ := filepath.Glob(url + ".restoring*"); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		_ = os.RemoveAll(dir)
	})
}
