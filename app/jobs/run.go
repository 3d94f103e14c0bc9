// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"breakwater/app"
	"breakwater/bus"
	"breakwater/harbour"
	"breakwater/store"
)

// Run relays what is to be done to the broker and does jobs of the kinds that were given to Handle, until ctx ends and
// the handlers have returned.
//
// Errors: those of the database where what was under way cannot be read at the start; ErrConflict where another process
// does the same jobs. A broker or a database that is away later is waited for.
func (u *Jobs) Run(ctx context.Context) error {
	if err := u.recover(ctx); err != nil {
		if ctx.Err() != nil { // it was to end before it had begun
			return nil
		}
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	u.mu.Lock()
	kinds := maps.Clone(u.kinds)
	u.mu.Unlock()
	var all sync.WaitGroup
	all.Go(func() { u.relayAll(ctx) })
	all.Go(func() { u.sweepAll(ctx) })
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		k := kinds[name]
		all.Go(func() {
			c := bus.Consumer{Name: "jobs-" + name, Subjects: []string{"jobs." + name}, Workers: k.Workers, Attempts: -1}
			err := u.bus.Consume(ctx, c, func(ctx context.Context, m *bus.Message) error {
				k.touch()
				org, id, ok := strings.Cut(string(m.Payload), " ")
				if !ok {
					return &harbour.Error{Kind: harbour.ErrInvalid, Op: "take a job", Message: "the message names no job"}
				}
				defer k.touch()
				return u.do(ctx, org, id)
			})
			if err != nil {
				cancel(err)
			}
		})
	}
	all.Wait()
	var known *harbour.Error
	if errors.As(context.Cause(ctx), &known) {
		return known
	}
	return nil
}

func (k *kind) touch() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.last = time.Now()
}

func (k *kind) quiet() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	return time.Since(k.last)
}

// take claims a job in this process; nil where it runs.
func (u *Jobs) take(ctx context.Context, k key) *Running {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.claim[k] != nil {
		return nil
	}
	r := &Running{jobs: u}
	r.ctx, r.cancel = context.WithCancel(ctx)
	u.claim[k] = r
	return r
}

func (u *Jobs) free(k key) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.claim[k].cancel()
	delete(u.claim, k)
}

// do does a job that a message named. With nil the message is done with, whatever came of the job; with an error it
// comes again.
func (u *Jobs) do(ctx context.Context, org, id string) error {
	r := u.take(ctx, key{org, id})
	if r == nil {
		return nil // it runs
	}
	defer u.free(key{org, id})
	h, err := u.start(ctx, r, org, id)
	if err != nil || h == nil {
		return err
	}
	result, err := fenced(r.ctx, h, r)
	return u.end(ctx, r, result, err)
}

// start takes the row. The handler is nil where there is nothing to do.
func (u *Jobs) start(ctx context.Context, r *Running, org, id string) (h Handler, err error) {
	err = u.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
		h = nil
		tx.Unaudited("a job begins, which was audited when added")
		j, taken, err := tx.StartJob(ctx, org, id)
		if err != nil || !taken {
			return err
		}
		u.mu.Lock()
		k := u.kinds[j.Kind]
		u.mu.Unlock()
		switch {
		case k == nil:
			j.State, j.Message = store.JobFailed, "this program does not do jobs of the kind "+j.Kind
			return tx.EndJob(ctx, &j)
		case j.Cancel:
			j.State, j.Message = store.JobCancelled, "cancelled"
			return tx.EndJob(ctx, &j)
		case j.Attempts > k.Attempts:
			j.State = store.JobFailed
			if j.Message == "" {
				j.Message = "it took the program down with it"
			}
			j.Message = fmt.Sprintf("given up after %d attempts: %s", k.Attempts, j.Message)
			if j.Hint == "" {
				j.Hint = "the log says how the program ended; mend the cause before asking for it again"
			}
			return tx.EndJob(ctx, &j)
		}
		j.Message, j.Hint = "", ""
		r.mu.Lock()
		r.job = j
		r.ctx = app.WithWork(r.ctx, app.Work{Request: j.Request, Job: j.ID})
		r.mu.Unlock()
		h = k.handler
		return nil
	})
	if harbour.KindOf(err) == harbour.ErrNotFound {
		return nil, nil // a message of another time, such as after a restore
	}
	return h, err
}

// fenced keeps a panic of one handler from the others.
func fenced(ctx context.Context, h Handler, r *Running) (result string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &harbour.Error{Kind: harbour.ErrInternal, Op: "work", Message: "the program failed", Hint: "the log says more", Err: fmt.Errorf("%v\n%s", p, debug.Stack())}
		}
	}()
	return h(ctx, r)
}

// end writes what came of a job.
func (u *Jobs) end(ctx context.Context, r *Running, result string, failed error) error {
	j := r.Job()
	u.mu.Lock()
	k := u.kinds[j.Kind]
	u.mu.Unlock()
	var again error // why it waits once more
	counted := true
	switch {
	case failed == nil:
		j.State, j.Message, j.Hint, j.Result = store.JobDone, result, "", result
	case r.person.Load():
		j.State, j.Message, j.Hint = store.JobCancelled, "cancelled", ""
	case ctx.Err() != nil:
		again, counted = ctx.Err(), false
	case harbour.KindOf(failed) == harbour.ErrUnavailable && j.Attempts < k.Attempts:
		again = failed
		j.Message, j.Hint = said(failed)
	default:
		j.State = store.JobFailed
		j.Message, j.Hint = said(failed)
		u.core.Log.ErrorContext(r.ctx, "job failed", "job", j.ID, "kind", j.Kind, "organisation", j.Org, "error", failed)
	}
	for text, most := range map[*string]int{&j.Message: maxText, &j.Hint: maxText, &j.Result: maxResult} {
		*text = clean(*text, most)
	}
	write := func(ctx context.Context) error {
		return u.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
			tx.Unaudited("a job ends, which was audited when added")
			if again != nil {
				_, err := tx.ReturnJob(ctx, &j, counted)
				return err
			}
			return tx.EndJob(ctx, &j)
		})
	}
	// The end is written also when the program stops, and waited with while the database is away. If it is never
	// written the row says running, and the next start sees to it.
	final := context.WithoutCancel(ctx)
	refused := 0
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		err := write(final)
		if err == nil {
			if again == nil {
				u.core.Log.InfoContext(r.ctx, "a job ended", "kind", j.Kind, "state", j.State, "attempts", j.Attempts)
			}
			return again
		}
		if kind := harbour.KindOf(err); kind != harbour.ErrUnavailable && kind != harbour.ErrFull {
			if refused++; refused > 5 {
				// Waiting will not mend it. The row says running and nobody runs it: it is found and done again.
				u.core.Log.ErrorContext(r.ctx, "the end of a job cannot be written", "job", j.ID, "error", err)
				return err
			}
		}
		u.core.Log.WarnContext(r.ctx, "the end of a job cannot be written yet", "job", j.ID, "error", err)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// Bounds of what is kept of a job, in bytes.
const (
	maxTitle  = 300
	maxText   = 2000
	maxResult = 64 << 10
)

// clean makes a text that may hold bytes of evidence fit for the database, which takes neither what is no UTF-8 nor a
// zero byte.
func clean(s string, most int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most-3], "") + "…"
}

// said is what a user is told of an error.
func said(err error) (message, hint string) {
	var e *harbour.Error
	if !errors.As(err, &e) {
		return "the program failed", "the log says more"
	}
	return e.Message, harbour.HintOf(err)
}
