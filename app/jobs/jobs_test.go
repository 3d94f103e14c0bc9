// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/bus"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/storetest"
)

var ctx = context.Background()

// wire is a transport within the process. Like a broker it knows ids that it had, delivers again what was not handled, and
// keeps what nobody receives.
type wire struct {
	mu      sync.Mutex
	gone    bool
	copies  int // how often each message is delivered
	had     map[string]bool
	waiting map[string][]*bus.Message
	more    chan struct{}
}

func newWire() *wire {
	return &wire{copies: 1, had: map[string]bool{}, waiting: map[string][]*bus.Message{}, more: make(chan struct{})}
}

func (w *wire) set(fn func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fn()
	close(w.more)
	w.more = make(chan struct{})
}

func (w *wire) Publish(_ context.Context, subject, id string, payload []byte) (err error) {
	w.set(func() {
		switch {
		case w.gone:
			err = &harbour.Error{Kind: harbour.ErrUnavailable, Op: "publish", Message: "the broker does not answer", Hint: "see that it runs"}
		case !strings.HasPrefix(subject, "jobs."):
			err = &harbour.Error{Kind: harbour.ErrUsage, Op: "publish", Message: "no stream"}
		case !w.had[id]:
			w.had[id] = true
			for range w.copies {
				w.waiting[subject] = append(w.waiting[subject], &bus.Message{Subject: subject, ID: id, Payload: payload})
			}
		}
	})
	return err
}

func (w *wire) Consume(ctx context.Context, c bus.Consumer, h bus.Handler) error {
	var workers sync.WaitGroup
	for range c.Workers {
		workers.Go(func() {
			for ctx.Err() == nil {
				w.mu.Lock()
				more := w.more
				var m *bus.Message
				if list := w.waiting[c.Subjects[0]]; len(list) > 0 && !w.gone {
					m, w.waiting[c.Subjects[0]] = list[0], list[1:]
				}
				w.mu.Unlock()
				if m == nil {
					select {
					case <-ctx.Done():
					case <-more:
					}
					continue
				}
				if err := h(ctx, m); err != nil && harbour.KindOf(err) != harbour.ErrInvalid {
					w.set(func() { w.waiting[m.Subject] = append(w.waiting[m.Subject], m) })
				}
			}
		})
	}
	workers.Wait()
	return nil
}

// yard is a test's surroundings.
type yard struct {
	t    *testing.T
	core *app.Core
	wire *wire
	jobs *Jobs
}

func newYard(t *testing.T, db *store.DB) *yard {
	t.Helper()
	y := &yard{t: t, core: &app.Core{DB: db, Log: slog.New(slog.DiscardHandler), Clock: time.Now}, wire: newWire()}
	storetest.Organisation(t, db, "skerry", "Skerry")
	storetest.Organisation(t, db, "holm", "Holm")
	y.again()
	return y
}

// again makes a new Jobs, as a program that starts anew has.
func (y *yard) again() {
	y.jobs = New(y.core, y.wire)
	y.jobs.slow = 0
}

// run runs the jobs until the test ends or stop is called.
func (y *yard) run() (stop func()) {
	y.t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	u := y.jobs
	go func() { done <- u.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			y.t.Errorf("Run: %v", err)
		}
	})
	y.t.Cleanup(stop)
	return stop
}

func (y *yard) add(org, kind, input string) string {
	y.t.Helper()
	var id string
	err := y.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) (err error) {
		tx.Unaudited("test")
		id, err = y.jobs.Add(ctx, tx, org, "p-jane", kind, "Do "+input, input)
		return err
	})
	if err != nil {
		y.t.Fatal(err)
	}
	return id
}

func (y *yard) job(org, id string) store.Job {
	y.t.Helper()
	j, err := y.jobs.Get(ctx, app.System("test"), org, id)
	if err != nil {
		y.t.Fatal(err)
	}
	return j
}

// until waits for a state of the job.
func (y *yard) until(org, id string, fits func(store.Job) bool) store.Job {
	y.t.Helper()
	for {
		if j := y.job(org, id); fits(j) {
			return j
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (y *yard) ended(org, id, state string) store.Job {
	y.t.Helper()
	j := y.until(org, id, func(j store.Job) bool { return j.Ended() })
	if j.State != state {
		y.t.Errorf("job %s: %s %q, want %s", id, j.State, j.Message, state)
	}
	return j
}

func wantKind(t *testing.T, what string, err error, want harbour.ErrorKind) {
	t.Helper()
	if err == nil || harbour.KindOf(err) != want {
		t.Errorf("%s: %v, want kind %v", what, err, want)
	}
}

func TestDone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		step := make(chan struct{})
		y.jobs.Handle("import", func(_ context.Context, r *Running) (string, error) {
			if j := r.Job(); j.Org != "skerry" || j.Input != "quay.pcap" || j.MadeBy != "p-jane" || j.Attempts != 1 || r.Actor().Name != "job import" {
				t.Errorf("job %+v", j)
			}
			if err := r.Progress("reading", 5, 10); err != nil {
				t.Error(err)
			}
			<-step
			r.Tell("building", 10, 10)
			return "10 assets", nil
		})
		y.run()
		id := y.add("skerry", "import", "quay.pcap")
		j := y.until("skerry", id, func(j store.Job) bool { return j.Step == "reading" })
		if j.State != store.JobRunning || j.Done != 5 || j.Total != 10 {
			t.Errorf("running: %+v", j)
		}
		if s, err := y.jobs.State(ctx); err != nil || s.Running != 1 || s.Problem != "" {
			t.Errorf("state %+v, %v", s, err)
		}
		close(step)
		j = y.ended("skerry", id, store.JobDone)
		if j.Message != "10 assets" || j.Step != "building" || j.Done != 10 || j.EndedAt == 0 {
			t.Errorf("done: %+v", j)
		}
		err := db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
			_, err := y.jobs.Add(ctx, tx, "skerry", "p", "No Kind", "", "")
			return err
		})
		wantKind(t, "a kind with a space", err, harbour.ErrInternal)
	})
}

// TestNothingWithoutTheChange wants no job where the transaction that asked for it failed.
func TestNothingWithoutTheChange(t *testing.T) {
	y := newYard(t, storetest.Open(t))
	var id string
	_ = y.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) (err error) {
		tx.Unaudited("test")
		id, _ = y.jobs.Add(ctx, tx, "skerry", "p", "import", "", "")
		return errors.New("no")
	})
	_, err := y.jobs.Get(ctx, app.System("test"), "skerry", id)
	wantKind(t, "get", err, harbour.ErrNotFound)
	if s, err := y.jobs.State(ctx); err != nil || s.Outbox != 0 {
		t.Errorf("state %+v, %v", s, err)
	}
}

func TestOutcomes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		y.jobs.HandleWith("work", Kind{Workers: 3, Attempts: 3}, func(_ context.Context, r *Running) (string, error) {
			switch j := r.Job(); j.Input {
			case "plain":
				return "", errors.New("secret: password is hunter2")
			case "known":
				return "", &harbour.Error{Kind: harbour.ErrUnreadable, Op: "read", Message: "the file is cut", Hint: "send it again"}
			case "wrapped":
				return "", fmt.Errorf("read it: %w", &harbour.Error{Kind: harbour.ErrFull, Op: "read", Message: "the disk is full", Hint: "free some"})
			case "panics":
				panic("hunter2")
			case "soon":
				if j.Attempts < 3 {
					return "", &harbour.Error{Kind: harbour.ErrUnavailable, Message: "the server does not answer"}
				}
			case "bytes": // as a file may have that is quoted
				r.Tell("reading a\xffb\x00c", 1, 2)
				return "", &harbour.Error{Kind: harbour.ErrUnreadable, Message: "no text: \xff\x00" + strings.Repeat("é", maxText)}
			case "never":
				return "", &harbour.Error{Kind: harbour.ErrUnavailable, Message: "the server does not answer", Hint: "start it"}
			}
			return "fine", nil
		})
		y.run()
		for input, want := range map[string]store.Job{
			"plain":   {State: store.JobFailed, Message: "the program failed", Hint: "the log says more", Attempts: 1},
			"known":   {State: store.JobFailed, Message: "the file is cut", Hint: "send it again", Attempts: 1},
			"wrapped": {State: store.JobFailed, Message: "the disk is full", Hint: "free some", Attempts: 1},
			"panics":  {State: store.JobFailed, Message: "the program failed", Hint: "the log says more", Attempts: 1},
			"soon":    {State: store.JobDone, Message: "fine", Attempts: 3},
			"bytes":   {State: store.JobFailed, Message: "no text: \uFFFD\uFFFD" + strings.Repeat("é", (maxText-18)/2) + "…", Attempts: 1},
			"never":   {State: store.JobFailed, Message: "the server does not answer", Hint: "start it", Attempts: 3},
		} {
			j := y.ended("skerry", y.add("skerry", "work", input), want.State)
			if j.Message != want.Message || j.Hint != want.Hint || j.Attempts != want.Attempts {
				t.Errorf("%s: %+v", input, j)
			}
		}
	})
}

// TestTwoOrganisations wants nothing of one organisation's jobs to show in, or be done from, another.
func TestTwoOrganisations(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		mine, theirs := y.add("skerry", "import", "a"), y.add("holm", "import", "b")
		all := map[app.Action]bool{app.ReadJobs: true, app.CancelJobs: true}
		now := func() harbour.Instant { return y.core.Now() }
		jane := app.NewActor(app.Actor{Person: "p-jane"}, []app.Grant{{Role: "r", Actions: all, Org: "skerry"}}, now)
		if list, err := y.jobs.List(ctx, jane, "skerry", store.JobQuery{}); err != nil || len(list.Items) != 1 || list.Items[0].ID != mine {
			t.Errorf("list: %+v, %v", list, err)
		}
		if list, err := y.jobs.List(ctx, jane, "skerry", store.JobQuery{Kind: []string{"export"}}); err != nil || len(list.Items) != 0 {
			t.Errorf("list of a kind: %+v, %v", list, err)
		}
		for what, fn := range map[string]func(org, id string) error{
			"get":    func(org, id string) error { _, err := y.jobs.Get(ctx, jane, org, id); return err },
			"cancel": func(org, id string) error { return y.jobs.Cancel(ctx, jane, org, id) },
			"list":   func(org, _ string) error { _, err := y.jobs.List(ctx, jane, org, store.JobQuery{}); return err },
		} {
			wantKind(t, what+" in another organisation", fn("holm", theirs), harbour.ErrNotFound)
			if what != "list" {
				wantKind(t, what+" by the id of another", fn("skerry", theirs), harbour.ErrNotFound)
			}
		}
		// Who sees one site sees their own jobs alone.
		limit := &store.Limit{Sites: []string{"north"}}
		part := func(person string) *app.Actor {
			return app.NewActor(app.Actor{Person: person}, []app.Grant{{Role: "r", Actions: all, Org: "skerry", Limit: limit}}, now)
		}
		for person, n := range map[string]int{"p-jane": 1, "p-jack": 0} {
			list, err := y.jobs.List(ctx, part(person), "skerry", store.JobQuery{})
			if err != nil || len(list.Items) != n || list.Total != n {
				t.Errorf("%s lists %+v, %v", person, list, err)
			}
		}
		_, err := y.jobs.Get(ctx, part("p-jack"), "skerry", mine)
		wantKind(t, "get of another's", err, harbour.ErrNotFound)
		wantKind(t, "cancel of another's", y.jobs.Cancel(ctx, part("p-jack"), "skerry", mine), harbour.ErrNotFound)
		if j := y.job("skerry", mine); j.State != store.JobWaiting {
			t.Errorf("the job is %s", j.State)
		}
		reader := app.NewActor(app.Actor{Person: "p-jane"}, []app.Grant{{Role: "r", Actions: map[app.Action]bool{app.ReadJobs: true}, Org: "skerry"}}, now)
		wantKind(t, "cancel by a reader", y.jobs.Cancel(ctx, reader, "skerry", mine), harbour.ErrDenied)
		wantKind(t, "cancel by nobody", y.jobs.Cancel(ctx, nil, "skerry", mine), harbour.ErrUnauthenticated)
		if err := y.jobs.Cancel(ctx, part("p-jane"), "skerry", mine); err != nil {
			t.Error(err)
		}
	})
}

func TestCancel(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		began := make(chan struct{})
		var ran atomic.Int32
		y.jobs.Handle("import", func(ctx context.Context, r *Running) (string, error) {
			ran.Add(1)
			close(began)
			<-ctx.Done()
			err := r.Progress("more", 1, 2)
			wantKind(t, "progress", err, harbour.ErrCancelled)
			return "", err
		})
		by := app.System("test")
		waits := y.add("skerry", "import", "waits")
		if err := y.jobs.Cancel(ctx, by, "skerry", waits); err != nil {
			t.Fatal(err)
		}
		y.ended("skerry", waits, store.JobCancelled)
		wantKind(t, "cancel twice", y.jobs.Cancel(ctx, by, "skerry", waits), harbour.ErrConflict)
		y.run()
		runs := y.add("skerry", "import", "runs")
		<-began
		if err := y.jobs.Cancel(ctx, by, "skerry", runs); err != nil {
			t.Fatal(err)
		}
		if j := y.ended("skerry", runs, store.JobCancelled); j.Step != "more" {
			t.Errorf("cancelled: %+v", j)
		}
		if ran.Load() != 1 {
			t.Errorf("%d ran", ran.Load())
		}
		entries, err := db.In(store.WholeOrganisation("skerry")).Audit(ctx, store.AuditFilter{Action: string(app.CancelJobs)})
		if err != nil || len(entries) != 2 || entries[0].Object != runs || entries[0].ObjectName != "Do runs" {
			t.Errorf("audit: %+v, %v", entries, err)
		}
	})
}

// TestStop wants a job that the program's stop interrupts to wait, the attempt not counted, and to be done at the next start.
func TestStop(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		began := make(chan struct{}, 1)
		y.jobs.Handle("import", func(ctx context.Context, r *Running) (string, error) {
			began <- struct{}{}
			<-ctx.Done()
			return "", r.Progress("", 0, 0)
		})
		stop := y.run()
		id := y.add("skerry", "import", "a")
		<-began
		stop()
		if j := y.job("skerry", id); j.State != store.JobWaiting || j.Attempts != 0 {
			t.Errorf("stopped: %+v", j)
		}
		y.again()
		y.jobs.Handle("import", func(context.Context, *Running) (string, error) { return "", nil })
		y.run()
		if j := y.ended("skerry", id, store.JobDone); j.Attempts != 1 {
			t.Errorf("done: %+v", j)
		}
	})
}

// interrupted leaves a job as a program that was killed leaves it.
func (y *yard) interrupted(id string, times int) {
	y.t.Helper()
	for range times {
		err := y.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
			tx.Unaudited("test")
			_, _, err := tx.StartJob(ctx, "skerry", id)
			return err
		})
		if err != nil {
			y.t.Fatal(err)
		}
	}
}

func TestKilled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		once, often := y.add("skerry", "import", "once"), y.add("skerry", "import", "often")
		y.interrupted(once, 1)
		y.interrupted(often, Attempts)
		cancelled := y.add("skerry", "import", "cancelled")
		y.interrupted(cancelled, 1)
		if err := y.jobs.Cancel(ctx, app.System("test"), "skerry", cancelled); err != nil {
			t.Fatal(err)
		}
		unknown := y.add("skerry", "export", "unknown")
		y.jobs.Handle("import", func(context.Context, *Running) (string, error) { return "", nil })
		y.run()
		if j := y.ended("skerry", once, store.JobDone); j.Attempts != 2 {
			t.Errorf("interrupted once: %+v", j)
		}
		if j := y.ended("skerry", often, store.JobFailed); !strings.Contains(j.Message, fmt.Sprintf("given up after %d attempts", Attempts)) || j.Hint == "" {
			t.Errorf("interrupted often: %+v", j)
		}
		y.ended("skerry", cancelled, store.JobCancelled)
		if j := y.job("skerry", unknown); j.State != store.JobWaiting {
			t.Errorf("of a kind that nobody does here: %+v", j)
		}
	})
}

// TestRedelivered delivers every message three times, to several workers, and wants each job done once.
func TestRedelivered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		y.wire.copies = 3
		var mu sync.Mutex
		ran := map[string]int{}
		y.jobs.HandleWith("import", Kind{Workers: 4}, func(_ context.Context, r *Running) (string, error) {
			mu.Lock()
			defer mu.Unlock()
			ran[r.Job().ID]++
			return "", nil
		})
		y.run()
		for i := range 20 {
			y.add([]string{"skerry", "holm"}[i%2], "import", fmt.Sprint(i))
		}
		for _, org := range []string{"skerry", "holm"} {
			list, err := y.jobs.List(ctx, app.System("test"), org, store.JobQuery{})
			if err != nil || len(list.Items) != 10 {
				t.Fatalf("%d jobs, %v", len(list.Items), err)
			}
			for _, j := range list.Items {
				y.ended(org, j.ID, store.JobDone)
			}
		}
		for { // until the last copy was delivered
			y.wire.mu.Lock()
			n := len(y.wire.waiting["jobs.import"])
			y.wire.mu.Unlock()
			if n == 0 {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		mu.Lock()
		defer mu.Unlock()
		for id, n := range ran {
			if n != 1 {
				t.Errorf("job %s was done %d times", id, n)
			}
		}
	})
}

func TestBrokerGone(t *testing.T) {
	y := newYard(t, storetest.Open(t))
	y.wire.gone = true
	y.jobs.Handle("import", func(context.Context, *Running) (string, error) { return "", nil })
	y.run()
	id := y.add("skerry", "import", "a")
	for {
		s, err := y.jobs.State(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if s.Problem != "" {
			if s.Outbox != 1 || s.Hint != "see that it runs" || s.Since.IsZero() {
				t.Errorf("state %+v", s)
			}
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if j := y.job("skerry", id); j.State != store.JobWaiting {
		t.Errorf("job %+v", j)
	}
	y.wire.set(func() { y.wire.gone = false })
	y.ended("skerry", id, store.JobDone)
	for {
		if s, err := y.jobs.State(ctx); err != nil || s.Problem == "" && s.Outbox == 0 && s.Sent == 1 {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestBrokerLostAll takes all messages away, and wants jobs that wait to be sent again; but not while they wait their turn.
func TestBrokerLostAll(t *testing.T) {
	y := newYard(t, storetest.Open(t))
	stop := y.run() // relays, and does nothing of this kind
	id := y.add("skerry", "import", "a")
	for {
		if s, _ := y.jobs.State(ctx); s.Outbox == 0 && s.Sent == 1 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	stop()
	y.wire = newWire()
	y.again()
	y.jobs.Handle("import", func(context.Context, *Running) (string, error) { return "", nil })
	if err := y.jobs.sweep(ctx); err != nil {
		t.Fatal(err)
	}
	if s, _ := y.jobs.State(ctx); s.Outbox != 0 {
		t.Error("a job that has not waited long was sent again")
	}
	y.jobs.every, y.jobs.stale = 10*time.Millisecond, 0
	y.run()
	y.ended("skerry", id, store.JobDone)
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"":                        "",
		"plain":                   "plain",
		"a\xffb\x00c":             "a\uFFFDb\uFFFDc",
		strings.Repeat("x", 20):   strings.Repeat("x", 20),
		strings.Repeat("x", 21):   strings.Repeat("x", 17) + "…",
		strings.Repeat("é", 11):   strings.Repeat("é", 8) + "…",
		strings.Repeat("\x00", 9): strings.Repeat("\uFFFD", 5) + "…",
	} {
		if got := clean(in, 20); got != want || len(got) > 20 {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestOutboxNotStuck wants a message that no broker will ever take not to hold up those behind it.
func TestOutboxNotStuck(t *testing.T) {
	y := newYard(t, storetest.Open(t))
	err := y.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("test")
		return tx.Send(ctx, "nowhere", nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	y.jobs.Handle("import", func(context.Context, *Running) (string, error) { return "", nil })
	y.run()
	y.ended("skerry", y.add("skerry", "import", "a"), store.JobDone)
	if s, err := y.jobs.State(ctx); err != nil || s.Dropped != 1 {
		t.Errorf("state %+v, %v", s, err)
	}
}

// TestDatabaseGone closes the database while a job runs: the next start does it again.
func TestDatabaseGone(t *testing.T) {
	url := filepath.Join(t.TempDir(), "test.db")
	db, err := store.Open(ctx, store.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	y := newYard(t, db)
	began, end := make(chan struct{}), make(chan struct{})
	y.jobs.Handle("import", func(context.Context, *Running) (string, error) {
		close(began)
		<-end
		return "", nil
	})
	stop := y.run()
	id := y.add("skerry", "import", "a")
	<-began
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	close(end)
	stop()
	y.core.DB = storetest.OpenURL(t, url)
	y.again()
	y.jobs.Handle("import", func(context.Context, *Running) (string, error) { return "", nil })
	y.run()
	if j := y.ended("skerry", id, store.JobDone); j.Attempts != 2 {
		t.Errorf("done: %+v", j)
	}
}

// TestForget wants jobs that ended long ago removed, and others not.
func TestForget(t *testing.T) {
	y := newYard(t, storetest.Open(t))
	y.jobs.Handle("import", func(context.Context, *Running) (string, error) { return "", nil })
	stop := y.run()
	id := y.add("skerry", "import", "a")
	y.ended("skerry", id, store.JobDone)
	stop()
	open := y.add("skerry", "import", "b")
	if err := y.jobs.forget(ctx); err != nil {
		t.Fatal(err)
	}
	y.job("skerry", id)
	y.core.Clock = func() time.Time { return time.Now().Add(Keep + time.Hour) }
	if err := y.jobs.forget(ctx); err != nil {
		t.Fatal(err)
	}
	_, err := y.jobs.Get(ctx, app.System("test"), "skerry", id)
	wantKind(t, "a job that was forgotten", err, harbour.ErrNotFound)
	y.job("skerry", open)
}

// TestListByKey walks the list page by page while jobs are added, and wants each once.
func TestListByKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		by := app.System("test")
		for i := range 25 {
			y.add("skerry", []string{"import", "export"}[i%2], fmt.Sprint(i))
		}
		seen := map[string]bool{}
		q := store.JobQuery{Order: store.Order{Limit: 7}}
		for {
			p, err := y.jobs.List(ctx, by, "skerry", q)
			if err != nil {
				t.Fatal(err)
			}
			for _, j := range p.Items {
				if seen[j.ID] {
					t.Errorf("%s is listed twice", j.ID)
				}
				seen[j.ID] = true
			}
			y.add("skerry", "import", "later") // newer than all that is still to come
			if q.Cursor = p.Next; p.Next == "" {
				break
			}
		}
		if len(seen) != 25 {
			t.Errorf("%d jobs, want the 25 that were there at first", len(seen))
		}
		p, err := y.jobs.List(ctx, by, "skerry", store.JobQuery{Kind: []string{"export"}, State: []string{store.JobWaiting}})
		if err != nil || len(p.Items) != 12 || p.Total != 12 {
			t.Errorf("exports: %d of %d, %v", len(p.Items), p.Total, err)
		}
		facets, err := y.jobs.Facets(ctx, by, "skerry")
		if err != nil || len(facets) != 3 || facets[0] != (store.Facet{Name: "state", Value: "waiting", Count: 29}) {
			t.Errorf("facets %+v, %v", facets, err)
		}
	})
}

// TestAgain has failed work done once more, where its kind lets people.
func TestAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		y := newYard(t, db)
		fail := true
		y.jobs.HandleWith("import", Kind{Again: app.ImportEvidence}, func(context.Context, *Running) (string, error) {
			if fail {
				return "", &harbour.Error{Kind: harbour.ErrUnreadable, Op: "read", Message: "it is damaged"}
			}
			return "read", nil
		})
		y.jobs.Handle("export", func(context.Context, *Running) (string, error) { return "", errors.New("no") })
		y.run()
		now := func() harbour.Instant { return y.core.Now() }
		actor := func(actions ...app.Action) *app.Actor {
			m := map[app.Action]bool{}
			for _, a := range actions {
				m[a] = true
			}
			return app.NewActor(app.Actor{Person: "p-jane", Name: "Jane"}, []app.Grant{{Role: "r", Actions: m, Org: "skerry"}}, now)
		}
		jane := actor(app.ReadJobs, app.ImportEvidence)
		id, other := y.add("skerry", "import", "a"), y.add("skerry", "export", "b")
		failed := y.ended("skerry", id, store.JobFailed)
		y.ended("skerry", other, store.JobFailed)
		if failed.BeganAt < failed.MadeAt || failed.EndedAt < failed.BeganAt {
			t.Errorf("made %d, began %d, ended %d", failed.MadeAt, failed.BeganAt, failed.EndedAt)
		}
		_, err := y.jobs.Again(ctx, actor(app.ReadJobs), "skerry", id)
		wantKind(t, "by a reader", err, harbour.ErrDenied)
		_, err = y.jobs.Again(ctx, jane, "holm", id)
		wantKind(t, "in another organisation", err, harbour.ErrNotFound)
		_, err = y.jobs.Again(ctx, jane, "skerry", other)
		wantKind(t, "of a kind that is not asked for again", err, harbour.ErrConflict)
		fail = false
		again, err := y.jobs.Again(ctx, jane, "skerry", id)
		if err != nil || again == id {
			t.Fatal(again, err)
		}
		if j := y.ended("skerry", again, store.JobDone); j.MadeBy != "p-jane" || j.Input != "a" {
			t.Errorf("again: %+v", j)
		}
		_, err = y.jobs.Again(ctx, jane, "skerry", again)
		wantKind(t, "of one that is done", err, harbour.ErrConflict)
		if y.jobs.MayAgain(jane, &failed) != true || y.jobs.MayAgain(actor(app.ReadJobs), &failed) {
			t.Error("what the page offers is not what is allowed")
		}
	})
}
