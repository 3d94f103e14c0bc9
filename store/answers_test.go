// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"breakwater/harbour"
	"breakwater/internal/testpostgres"
	"breakwater/store"
	"breakwater/store/storetest"
)

// TestAnswers takes a database server away in the two ways in which it goes: it refuses, and it says nothing. Both are told within
// seconds, also to a request whose reads share a snapshot, and both mend by themselves.
func TestAnswers(t *testing.T) {
	way := testpostgres.WayTo(t, testpostgres.URL(t))
	way.Open(t)
	now := time.Now()
	db, err := store.Open(ctx, store.Options{URL: way.URL, Signer: storetest.Key, Origin: "breakwater/test", Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	// later is past what an answer is good for.
	later := func() { now = now.Add(time.Minute) }
	want := func(what string, kind harbour.ErrorKind) {
		t.Helper()
		moment, end := db.Moment(ctx)
		defer end()
		begun := time.Now()
		err := db.Answers(moment)
		if took := time.Since(begun); harbour.KindOf(err) != kind || harbour.HintOf(err) == "" || took > 20*time.Second {
			t.Errorf("%s: %v after %v", what, err, took)
		}
	}
	answers := func(what string) {
		t.Helper()
		var err error
		for range 200 {
			if err = db.Answers(ctx); err == nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Errorf("%s: %v", what, err)
	}
	answers("there")
	way.Cut()
	answers("asked a moment ago") // and so not asked
	later()
	want("it refuses", harbour.ErrUnavailable)
	way.Open(t)
	answers("back")
	later()
	way.Block()
	want("it says nothing", harbour.ErrUnavailable)
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := db.Answers(gone); harbour.KindOf(err) != harbour.ErrCancelled {
		t.Errorf("whoever asks has gone: %v", err)
	}
	way.Open(t)
	answers("heard again")

	file, err := store.Open(ctx, store.Options{URL: filepath.Join(t.TempDir(), "test.db"), Signer: storetest.Key, Origin: "breakwater/test"})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := file.Answers(ctx); err != nil {
		t.Errorf("a file: %v", err)
	}
}

// TestWatch has a database fall silent while a read waits for it: the read ends within seconds and says why. One that takes long
// on a database that answers goes on.
func TestWatch(t *testing.T) {
	way := testpostgres.WayTo(t, testpostgres.URL(t))
	way.Open(t)
	db, err := store.Open(ctx, store.Options{URL: way.URL, Signer: storetest.Key, Origin: "breakwater/test"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	read := func(sql string, before func()) (context.Context, time.Duration, error) {
		watched, end := db.Watch(ctx)
		defer end()
		before()
		begun := time.Now()
		err := db.Read(watched, func(ctx context.Context, q bun.IDB) error {
			_, err := q.ExecContext(ctx, sql)
			return err
		})
		return watched, time.Since(begun), err
	}
	if watched, took, err := read("SELECT pg_sleep(7)", func() {}); err != nil || took < 7*time.Second {
		t.Errorf("a slow read: %v after %v, %v", err, took, store.Silence(watched))
	}
	if err := db.Answers(ctx); err != nil { // and so the next is not asked before it reads
		t.Fatal(err)
	}
	watched, took, err := read("SELECT 1", way.Block)
	if silent := store.Silence(watched); err == nil || harbour.KindOf(silent) != harbour.ErrUnavailable || harbour.HintOf(silent) == "" || took > 20*time.Second {
		t.Errorf("a silent database: %v after %v, %v", err, took, silent)
	}
	way.Open(t)
	for range 200 {
		if err = db.Answers(ctx); err == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	watched, _, err = read("SELECT 1", func() {})
	if err != nil || store.Silence(watched) != nil {
		t.Errorf("heard again: %v, %v", err, store.Silence(watched)) // also after the end
	}
}
