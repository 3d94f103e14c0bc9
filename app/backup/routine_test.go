// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package backup_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/app/backup"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/storetest"
)

// everywhere is a person with actions for the whole installation, who proved presence so long ago.
func everywhere(now func() harbour.Instant, ago time.Duration, actions ...app.Action) *app.Actor {
	may := map[app.Action]bool{}
	for _, a := range actions {
		may[a] = true
	}
	return app.NewActor(app.Actor{Person: "p-ada", Name: "Ada Marsh", Via: "session", ProvedAt: now() - harbour.Instant(ago.Microseconds())}, []app.Grant{{Role: "x", Actions: may, Org: "*"}}, now)
}

// server is an installation that makes backups, with a clock that tests turn.
type server struct {
	*installation
	*backup.Routine
	core *app.Core
	dir  string

	mu    sync.Mutex
	now   time.Time
	noted int
	pass  error
}

func (s *server) turn(to time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = to
}

func serverOn(t *testing.T, p *installation) *server {
	t.Helper()
	s := &server{installation: p, dir: filepath.Join(t.TempDir(), "backups"), now: time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)}
	if err := os.Mkdir(s.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s.core = &app.Core{DB: p.db, Log: slog.New(slog.DiscardHandler), Clock: func() time.Time { s.mu.Lock(); defer s.mu.Unlock(); return s.now }}
	s.Routine = backup.NewRoutine(s.core, p.from(), backup.Schedule{
		Dir: s.dir, At: 2*time.Hour + 30*time.Minute, Keep: 2, Every: 5 * time.Millisecond,
		Passphrase: func() ([]byte, error) { s.mu.Lock(); defer s.mu.Unlock(); return pass, s.pass },
		Note:       func(*backup.Made) error { s.mu.Lock(); defer s.mu.Unlock(); s.noted++; return nil },
	})
	return s
}

// after waits until so many attempts have come to an end.
func (s *server) after(t *testing.T, n int) backup.State {
	t.Helper()
	reader := everywhere(s.core.Now, 0, app.ReadAudit)
	for range 2000 {
		st, err := s.State(ctx, reader)
		if err != nil {
			t.Fatal(err)
		}
		if len(st.Attempts) >= n && st.Underway == nil {
			return st
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("no %d attempts came to an end", n)
	return backup.State{}
}

// TestRoutine has a server make a backup at its hour, once; make up for one that was missed; keep two; and try one that
// failed again after an hour. A person asks for one between.
func TestRoutine(t *testing.T) { storetest.EachURL(t, testRoutine) }

func testRoutine(t *testing.T, url string) {
	p := installed(t, url)
	p.give(t, "e-1", bytes.Repeat([]byte("crane "), 1000))
	s := serverOn(t, p)
	run, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { s.Run(run) })
	defer func() { stop(); running.Wait() }()

	// None was made at 02:30 today: it is made up for, and once.
	st := s.after(t, 1)
	time.Sleep(50 * time.Millisecond)
	st = s.after(t, 1)
	if len(st.Attempts) != 1 || st.Failed() != nil || len(st.Held) != 1 || st.Next.Time() != time.Date(2026, 3, 11, 2, 30, 0, 0, time.UTC) {
		t.Fatalf("after the start: %+v", st)
	}
	if c := st.Held[0].Checked; c == nil || c.Contents == 0 || c.ReadBack != c.Contents || c.Files < 5 || !st.Held[0].WithKey {
		t.Errorf("what is new is read back: %+v", st.Held[0])
	}

	// A person asks for one.
	keeper := everywhere(s.core.Now, 0, app.ManageBackup)
	if err := s.Start(ctx, keeper); err != nil {
		t.Fatal(err)
	}
	st = s.after(t, 2)
	if st.Attempts[0].By != "Ada Marsh" || len(st.Held) != 2 || st.Failed() != nil {
		t.Errorf("asked for: %+v", st.Attempts[0])
	}

	// The next day before the hour nothing happens, after it one comes and the oldest goes.
	s.turn(time.Date(2026, 3, 11, 2, 29, 0, 0, time.UTC))
	time.Sleep(50 * time.Millisecond)
	if st = s.after(t, 2); len(st.Attempts) != 2 {
		t.Errorf("too early: %+v", st.Attempts[0])
	}
	s.turn(time.Date(2026, 3, 11, 2, 31, 0, 0, time.UTC))
	st = s.after(t, 3)
	if len(st.Held) != 2 || st.Attempts[0].Removed != 1 || st.Attempts[0].By != "" {
		t.Errorf("the oldest stays: %+v", st)
	}

	// What goes wrong is said and tried again after an hour, not before.
	s.mu.Lock()
	s.pass = errors.New("gone")
	s.now = time.Date(2026, 3, 12, 2, 30, 0, 0, time.UTC)
	s.mu.Unlock()
	st = s.after(t, 4)
	if f := st.Failed(); f == nil || strings.Contains(f.Problem, "gone") || !s.Failing(ctx) || trouble(s) != "the last attempt at a backup failed" {
		t.Errorf("a failure: %+v", st.Attempts[0])
	}
	if want := time.Date(2026, 3, 12, 3, 30, 0, 0, time.UTC); st.Next.Time() != want {
		t.Errorf("next after a failure at %s, want %s", st.Next, want)
	}
	time.Sleep(50 * time.Millisecond)
	if st = s.after(t, 4); len(st.Attempts) != 4 {
		t.Errorf("tried again at once: %d attempts", len(st.Attempts))
	}
	s.mu.Lock()
	s.pass = nil
	s.now = time.Date(2026, 3, 12, 3, 31, 0, 0, time.UTC)
	s.mu.Unlock()
	st = s.after(t, 5)
	if st.Failed() != nil || s.Failing(ctx) || s.noted != 4 || s.Took(ctx) < 0 {
		t.Errorf("an hour later: %+v, %d noted", st.Attempts[0], s.noted)
	}

	// Each has its entry: four made, one failed, one asked for.
	log, err := s.db.AuditEverywhere(ctx, store.AuditFilter{Action: string(app.ManageBackup)})
	if err != nil || len(log) != 6 {
		t.Errorf("%d entries, %v; want 6", len(log), err)
	}

	// A folder that is not there is not made: it may be a disk that is not mounted.
	if err := os.Rename(s.dir, s.dir+"-away"); err != nil {
		t.Fatal(err)
	}
	if err := s.Start(ctx, everywhere(s.core.Now, 0, app.ManageBackup)); err != nil {
		t.Fatal(err)
	}
	if st = s.after(t, 6); st.Failed() == nil || !strings.Contains(st.Failed().Problem, "not there") {
		t.Errorf("without its folder: %+v", st.Attempts[0])
	}
	if _, err := os.Stat(s.dir); err == nil {
		t.Error("the folder was made")
	}
}

// TestRoutineRefuses has people without the right, or without a proof of presence, start nothing and see nothing.
func TestRoutineRefuses(t *testing.T) { storetest.EachURL(t, testRoutineRefuses) }

func testRoutineRefuses(t *testing.T, url string) {
	const none = harbour.ErrorKind(255) // allowed
	s := serverOn(t, installed(t, url))
	here := app.NewActor(app.Actor{Person: "p-x", Via: "session", ProvedAt: s.core.Now()}, []app.Grant{{Role: "x", Actions: map[app.Action]bool{app.ManageBackup: true, app.ReadAudit: true}, Org: "skerry"}}, s.core.Now)
	for name, x := range map[string]struct {
		by          *app.Actor
		start, look harbour.ErrorKind
	}{
		"nobody":                {nil, harbour.ErrUnauthenticated, harbour.ErrUnauthenticated},
		"of one organisation":   {here, harbour.ErrDenied, harbour.ErrDenied},
		"who reads the log":     {everywhere(s.core.Now, 0, app.ReadAudit), harbour.ErrDenied, none},
		"without a fresh proof": {everywhere(s.core.Now, time.Hour, app.ManageBackup), harbour.ErrStepUp, harbour.ErrDenied},
	} {
		if err := s.Start(ctx, x.by); harbour.KindOf(err) != x.start {
			t.Errorf("%s starts: %v", name, err)
		}
		if _, err := s.State(ctx, x.by); err == nil && x.look != none || err != nil && harbour.KindOf(err) != x.look {
			t.Errorf("%s looks: %v", name, err)
		}
	}
	keeper := everywhere(s.core.Now, 0, app.ManageBackup)
	if err := s.Start(ctx, keeper); err != nil {
		t.Fatal(err)
	}
	if err := s.Start(ctx, keeper); harbour.KindOf(err) != harbour.ErrConflict {
		t.Errorf("a second one: %v", err)
	}
	log, err := s.db.AuditEverywhere(ctx, store.AuditFilter{Action: string(app.ManageBackup)})
	if err != nil || len(log) != 1 || log[0].Actor != "p-ada" {
		t.Errorf("the log: %+v, %v", log, err)
	}
}

// TestCheck damages a backup in one way after the other and wants each found; one that is whole passes, and in turn every
// content is read back.
func TestCheck(t *testing.T) { storetest.EachURL(t, testCheck) }

func testCheck(t *testing.T, url string) {
	p := installed(t, url)
	for i := range 40 {
		p.give(t, "e-"+string(rune('A'+i)), bytes.Repeat([]byte{byte(i)}, 2000))
	}
	dir := t.TempDir()
	day := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	again := func() *backup.Made {
		t.Helper()
		m, err := backup.Make(ctx, app.System("test"), p.from(), backup.Options{Dir: dir, Clock: func() time.Time { return day }})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	verifier := p.db.AuditKey()
	again()
	m := again()
	if m.Contents < 40*2000 || m.Bytes() <= m.Contents {
		t.Errorf("sizes: %d of contents, %d of all", m.Contents, m.Bytes())
	}
	read, all := 0, 0
	for i := range 30 {
		c, err := backup.Check(ctx, m.Path, verifier, day.AddDate(0, 0, i))
		if err != nil {
			t.Fatal(err)
		}
		if read, all = read+c.ReadBack, c.Contents; c.ReadBack == c.Contents {
			t.Errorf("on day %d all are read", i)
		}
	}
	if all != 40 || read != all {
		t.Errorf("in thirty days %d of %d were read", read, all)
	}
	contents, err := filepath.Glob(filepath.Join(dir, "contents", "*", "*.age"))
	if err != nil || len(contents) != 40 {
		t.Fatalf("%d contents, %v", len(contents), err)
	}
	flip := func(path string) func() {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		bad := bytes.Clone(b)
		bad[len(bad)/2] ^= 1
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		return func() { os.WriteFile(path, b, 0o600) }
	}
	found := func(name string) {
		t.Helper()
		for i := range 30 {
			if _, err := backup.Check(ctx, m.Path, verifier, day.AddDate(0, 0, i)); harbour.KindOf(err) == harbour.ErrUnreadable {
				return
			}
		}
		t.Errorf("%s is not found", name)
	}
	for _, path := range []string{contents[7], filepath.Join(m.Path, "database", "database.db"), filepath.Join(m.Path, "manifest.sig"), filepath.Join(m.Path, "vault", "records.bin")} {
		if _, err := os.Stat(path); err != nil {
			continue // of the other engine
		}
		back := flip(path)
		found(filepath.Base(path))
		back()
	}
	if err := os.Remove(contents[3]); err != nil {
		t.Fatal(err)
	}
	found("a content that is missing")
	if _, err := backup.Check(ctx, m.Path, store.VerifierKey("breakwater/other", storetest.Key.Public().(ed25519.PublicKey)), day); err == nil {
		t.Error("the key of another installation passes")
	}
}
