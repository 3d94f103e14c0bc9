// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package health_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/app/health"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/storetest"
)

// TestWatch brings about what people have to look at, one after the other, and wants each said while work goes on; and
// nothing said of what is right.
func TestWatch(t *testing.T) {
	ctx := context.Background()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		now := time.Now()
		data := t.TempDir()
		u := health.New(&app.Core{DB: db, Log: slog.New(slog.DiscardHandler), Clock: func() time.Time { return now }}, health.Options{
			Free: func() (int64, error) { return 1 << 40, nil }, Reserve: 1 << 30, Data: data, BackupDays: 7,
		})
		said := func(when, part, want string) {
			t.Helper()
			s := u.State(ctx)
			if !s.Ready {
				t.Errorf("%s: work does not go on: %+v", when, s)
			}
			for _, p := range s.Parts {
				if p.Name != part {
					if p.Attention && want != "" {
						t.Errorf("%s: %s is spoken of: %+v", when, p.Name, p)
					}
					continue
				}
				if p.Attention != (want != "") || !strings.Contains(p.Message, want) || p.Attention && p.Hint == "" {
					t.Errorf("%s: %+v, want %q", when, p, want)
				}
			}
		}
		entry := func() {
			t.Helper()
			if err := db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
				return tx.Audit(ctx, store.Entry{Actor: "ada", Action: "assets.edit"})
			}); err != nil {
				t.Fatal(err)
			}
		}
		said("nothing was ever done", "backup", "")
		entry()
		if err := u.CheckAudit(ctx); err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"clock", "audit", "backup"} {
			said("all is well", part, "")
		}
		now = now.Add(-time.Minute) // what NTP may do
		said("a little back", "clock", "")
		now = now.Add(-time.Hour)
		said("set back", "clock", "the clock was set back")
		now = now.Add(8 * 24 * time.Hour)
		said("a week later", "backup", "no backup was ever made")
		if err := health.NoteBackup(data, health.Backup{At: harbour.At(now.Add(-6 * 24 * time.Hour)), Objects: 3}); err != nil {
			t.Fatal(err)
		}
		said("a backup of last week", "backup", "")
		now = now.Add(2 * 24 * time.Hour)
		said("and older", "backup", "the last backup is 8 days old")
		if err := os.WriteFile(filepath.Join(data, "last-backup.json"), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		said("a note that is damaged", "backup", "cannot be read")
		if err := health.NoteBackup(data, health.Backup{At: harbour.At(now)}); err != nil {
			t.Fatal(err)
		}
		if err := db.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
			tx.Unaudited("a test that tampers")
			_, err := tx.Raw(ctx, "UPDATE audit SET actor = 'eve'")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		said("tampered and not looked at", "audit", "")
		if err := u.CheckAudit(ctx); err != nil {
			t.Fatal(err)
		}
		said("tampered", "audit", "the audit log is not what was written")
	})
}

// TestClockSetBackStaysSaid works on while the clock is set back: what is written then does not hide it.
func TestClockSetBackStaysSaid(t *testing.T) {
	ctx := context.Background()
	storetest.EachURL(t, func(t *testing.T, url string) {
		now := time.Now()
		clock := func() time.Time { return now }
		db, err := store.Open(ctx, store.Options{URL: url, Clock: clock, Signer: storetest.Key, Origin: "breakwater/test"})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		u := health.New(&app.Core{DB: db, Log: slog.New(slog.DiscardHandler), Clock: clock}, health.Options{Free: func() (int64, error) { return 1 << 40, nil }, Data: t.TempDir()})
		work := func() {
			t.Helper()
			err := db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
				return tx.Audit(ctx, store.Entry{Actor: "ada", Action: "assets.edit"})
			})
			if err == nil {
				_, err = db.Checkpoint(ctx)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		want := func(when string, said bool) {
			t.Helper()
			for _, p := range u.State(ctx).Parts {
				if p.Name == "clock" && p.Attention != said {
					t.Errorf("%s: %+v", when, p)
				}
			}
		}
		work()
		want("as it should be", false)
		now = now.Add(-48 * time.Hour)
		want("set back", true)
		for range 30 {
			work()
		}
		want("work went on", true)
		now = now.Add(48 * time.Hour)
		want("set right", false)
	})
}
