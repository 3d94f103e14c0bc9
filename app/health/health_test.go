// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package health_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/app/health"
	"breakwater/internal/testpostgres"
	"breakwater/store"
	"breakwater/store/storetest"
)

func TestMain(m *testing.M) { testpostgres.Main(m) }

func TestForecast(t *testing.T) {
	ctx := context.Background()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		now, free, broken := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), int64(1000), error(nil)
		broker := health.Part{Name: "broker", OK: true}
		u := health.New(&app.Core{DB: db, Log: slog.New(slog.DiscardHandler), Clock: func() time.Time { return now }}, health.Options{
			Free: func() (int64, error) { return free, broken }, Reserve: 100,
			More: []func(context.Context) health.Part{func(context.Context) health.Part { return broker }},
		})
		sample := func(after time.Duration, left int64) {
			t.Helper()
			now, free = now.Add(after), left
			if err := u.Sample(ctx); err != nil {
				t.Fatal(err)
			}
		}
		sample(0, 1000)
		if s := u.State(ctx); !s.Ready || s.Disk.Days != -1 || s.Disk.Free != 1000 {
			t.Errorf("on the first day: %+v", s)
		}
		sample(time.Hour, 10) // within a day: not noted
		sample(23*time.Hour, 950)
		sample(24*time.Hour, 900)
		if s := u.State(ctx); s.Disk.PerDay != 50 || s.Disk.Days != 16 || s.Parts[1].Message == "" || !s.Ready {
			t.Errorf("50 a day: %+v", s)
		}
		sample(24*time.Hour, 5000) // a larger disk
		sample(24*time.Hour, 4950)
		if s := u.State(ctx); s.Disk.PerDay != 37 || s.Disk.Days != 131 || s.Parts[1].Message != "" {
			t.Errorf("a larger disk: %+v", s)
		}
		free = 99
		if s := u.State(ctx); s.Ready || s.Disk.Days != 0 || s.Parts[1].OK || s.Parts[1].Hint == "" {
			t.Errorf("nearly full: %+v", s)
		}
		free, broken = 0, errors.ErrUnsupported
		if s := u.State(ctx); !s.Ready || s.Disk.Free != -1 {
			t.Errorf("a system that does not say: %+v", s)
		}
		broken, free = nil, 4950
		sample(-48*time.Hour, 4950) // the clock was set back
		if s := u.State(ctx); s.Disk.PerDay != 0 || s.Disk.Days != -1 {
			t.Errorf("after the clock was set back: %+v", s)
		}
		broker = health.Part{Name: "broker", Message: "it does not answer"}
		if s := u.State(ctx); s.Ready || len(s.Parts) != 6 {
			t.Errorf("without a broker: %+v", s)
		}
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if s := u.State(gone); s.Ready || s.Parts[0].OK {
			t.Errorf("without a database: %+v", s)
		}
	})
}
