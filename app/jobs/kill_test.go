// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/bus"
	"breakwater/harbour"
	"breakwater/internal/testpostgres"
	"breakwater/store"
	"breakwater/store/storetest"
)

// The test binary starts itself as the process that is killed, with its database and the folder of its broker.
const (
	childURL = "BREAKWATER_JOBS_URL"
	childDir = "BREAKWATER_JOBS_DIR"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(childURL); url != "" {
		if err := child(url, os.Getenv(childDir)); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		return
	}
	testpostgres.Main(m)
}

// program is the part of a server that does jobs.
type program struct {
	core *app.Core
	jobs *Jobs
	bus  *bus.Bus

	mu    sync.Mutex
	now   map[string]bool // what runs
	twice string          // a job that ran twice at once
}

func newProgram(db *store.DB, dir string) (*program, error) {
	b, err := bus.Open(ctx, bus.Options{Dir: dir, Reserve: -1})
	if err != nil {
		return nil, err
	}
	p := &program{core: &app.Core{DB: db, Log: slog.New(slog.DiscardHandler), Clock: time.Now}, bus: b, now: map[string]bool{}}
	p.jobs = New(p.core, b)
	p.jobs.slow = 5 * time.Millisecond
	p.jobs.every, p.jobs.stale = 200*time.Millisecond, 2*time.Second
	p.jobs.HandleWith("work", Kind{Workers: 3, Attempts: 1 << 20}, p.work)
	return p, nil
}

// work counts up, and may be cancelled.
func (p *program) work(ctx context.Context, r *Running) (string, error) {
	id := r.Job().ID
	p.mu.Lock()
	if p.now[id] {
		p.twice = id
	}
	p.now[id] = true
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.now, id)
	}()
	n := int64(rand.IntN(12))
	for i := range n {
		if err := r.Progress("counting", i, n); err != nil {
			return "", err
		}
		time.Sleep(time.Duration(rand.IntN(3)) * time.Millisecond)
	}
	// The effect names the job, so that it is one however often it is brought about.
	err := p.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("test")
		return tx.Set(ctx, r.Job().Org, "effect."+id, "done")
	})
	return "counted", err
}

// child adds jobs, does them and cancels some, until it is killed. It says what it was told stands.
func child(url, dir string) error {
	var db *store.DB
	for { // the database may not yet have noticed that the one before is dead
		var err error
		if db, err = store.Open(ctx, store.Options{URL: url}); err == nil {
			break
		}
		if harbour.KindOf(err) != harbour.ErrConflict {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
	p, err := newProgram(db, dir)
	if err != nil {
		return err
	}
	failed := make(chan error, 2)
	go func() { failed <- p.jobs.Run(ctx) }()
	go func() {
		for {
			org := []string{"skerry", "holm"}[rand.IntN(2)]
			var id string
			err := db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) (err error) {
				tx.Unaudited("test")
				id, err = p.jobs.Add(ctx, tx, org, "p", "work", "Count", "")
				return err
			})
			if err != nil {
				failed <- err
				return
			}
			fmt.Println("added", org, id)
			if rand.IntN(4) == 0 {
				switch err := p.jobs.Cancel(ctx, app.System("test"), org, id); {
				case err == nil:
					fmt.Println("cancelled", org, id)
				case harbour.KindOf(err) != harbour.ErrConflict:
					failed <- err
					return
				}
			}
			time.Sleep(time.Duration(rand.IntN(10)) * time.Millisecond)
			p.mu.Lock()
			if p.twice != "" {
				failed <- fmt.Errorf("job %s ran twice at once", p.twice)
			}
			p.mu.Unlock()
		}
	}()
	return <-failed
}

// TestKilledAtRandom kills a program that adds, does and cancels jobs, at random moments, one after the other on the same
// database and broker. No job that was acknowledged may be lost, and each must come to an end. JOBS_KILLS sets how often.
func TestKilledAtRandom(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		kills := 20
		if strings.Contains(url, "://") || testing.Short() {
			kills = 8
		}
		if n, err := strconv.Atoi(os.Getenv("JOBS_KILLS")); err == nil {
			kills = n
		}
		db, err := store.Open(ctx, store.Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		storetest.Organisation(t, db, "skerry", "Skerry")
		storetest.Organisation(t, db, "holm", "Holm")
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(t.TempDir(), "bus")
		said := map[string]string{} // "org id" → the last that was said of it
		for i := range kills {
			for _, line := range killed(t, url, dir) {
				what, job, _ := strings.Cut(line, " ")
				if what == "error" {
					t.Fatalf("kill %d: %s", i, line)
				}
				said[job] = what
			}
		}
		settle(t, url, dir, said, kills)
	})
}

// killed runs the child, kills it, and gives what it said.
func killed(t *testing.T, url, dir string) (lines []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childURL+"="+url, childDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	kill := func() { _ = cmd.Process.Kill() }
	if rand.IntN(5) == 0 { // while it starts
		time.AfterFunc(time.Duration(rand.IntN(300))*time.Millisecond, kill)
	}
	for s := bufio.NewScanner(out); s.Scan(); {
		once.Do(func() { time.AfterFunc(time.Duration(rand.IntN(250))*time.Millisecond, kill) })
		lines = append(lines, s.Text())
	}
	_ = cmd.Wait()
	return lines
}

// settle starts once more, waits until every job has ended, and looks at what became of them.
func settle(t *testing.T, url, dir string, said map[string]string, kills int) {
	t.Helper()
	var db *store.DB
	var err error
	for {
		if db, err = store.Open(ctx, store.Options{URL: url}); err == nil {
			break
		}
		if harbour.KindOf(err) != harbour.ErrConflict {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	defer db.Close()
	p, err := newProgram(db, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer p.bus.Close()
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- p.jobs.Run(running) }()
	for {
		list, err := db.OpenJobs(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := p.jobs.State(ctx); err == nil && len(list) == 0 && s.Outbox == 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if p.twice != "" {
		t.Errorf("job %s ran twice at once", p.twice)
	}
	states := map[string]int{}
	again := 0
	for job, what := range said {
		org, id, _ := strings.Cut(job, " ")
		in := db.In(store.WholeOrganisation(org))
		j, err := in.Job(ctx, id)
		if err != nil {
			t.Errorf("%s was acknowledged: %v", job, err)
			continue
		}
		states[j.State]++
		if j.Attempts > 1 {
			again++
		}
		effect, err := db.Setting(ctx, org, "effect."+id)
		switch {
		case err != nil:
			t.Error(err)
		case j.State == store.JobDone && effect != "done":
			t.Errorf("%s is done, without its effect", job)
		case j.State == store.JobDone, j.State == store.JobCancelled && what == "cancelled":
		case j.State == store.JobCancelled:
			// The wish to cancel was on disk, and the program killed before it could say so.
		default:
			t.Errorf("%s: %s %s", job, j.State, j.Message)
		}
	}
	t.Logf("%d kills, %d jobs acknowledged: %v, %d begun more than once", kills, len(said), states, again)
	if len(said) < 2*kills {
		t.Errorf("only %d jobs: the test proves little", len(said))
	}
}
