// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package storetest opens databases for tests: [Each] runs a test on SQLite and, where it can be had, on PostgreSQL, so
// that what is shown of one is shown of both.
package storetest

import (
	"context"
	"crypto/ed25519"
	"path/filepath"
	"testing"
	"time"

	"breakwater/internal/testpostgres"
	"breakwater/store"
)

// Each runs fn on a fresh database of each engine.
func Each(t *testing.T, fn func(t *testing.T, db *store.DB)) {
	t.Run("sqlite", func(t *testing.T) { fn(t, Open(t)) })
	t.Run("postgres", func(t *testing.T) { fn(t, OpenURL(t, testpostgres.URL(t))) })
}

// EachURL is Each for tests that open and close the database themselves.
func EachURL(t *testing.T, fn func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) { fn(t, filepath.Join(t.TempDir(), "test.db")) })
	t.Run("postgres", func(t *testing.T) { fn(t, testpostgres.URL(t)) })
}

// Open opens a fresh SQLite database.
func Open(t testing.TB) *store.DB {
	t.Helper()
	return OpenURL(t, filepath.Join(t.TempDir(), "test.db"))
}

// Key signs the checkpoints of test databases.
var Key = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

// OpenURL opens a database and closes it with the test.
func OpenURL(t testing.TB, url string) *store.DB {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	db, err := store.Open(ctx, store.Options{URL: url, Signer: Key, Origin: "breakwater/test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// Organisation adds an organisation.
func Organisation(t testing.TB, db *store.DB, id, name string) {
	t.Helper()
	err := db.Write(context.Background(), store.People, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("test")
		return tx.AddOrganisation(ctx, store.Organisation{ID: id, Name: name})
	})
	if err != nil {
		t.Fatal(err)
	}
}
