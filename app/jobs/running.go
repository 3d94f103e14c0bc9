// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// Running is a job as its handler sees it.
type Running struct {
	jobs   *Jobs
	ctx    context.Context // of the handler
	cancel context.CancelFunc

	person atomic.Bool // somebody cancelled it, and not the program's stop

	mu      sync.Mutex
	job     store.Job
	written time.Time // when progress was last written
}

// Job is the row as it was taken, with the progress told since.
func (r *Running) Job() store.Job {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.job
}

// Actor acts in the name of the program. What a handler changes on its own account is recorded with it.
func (r *Running) Actor() *app.Actor { return app.System("job " + r.Job().Kind) }

// Progress tells how far the job is: the step in words, and how much of how much; total 0 where it is not known. It may be called
// as often as wanted; the database hears of it a few times a second.
//
// Errors: ErrCancelled where somebody cancelled the job or the program stops. The handler then returns.
func (r *Running) Progress(step string, done, total int64) error {
	r.mu.Lock()
	r.job.Step, r.job.Done, r.job.Total = clean(step, maxTitle), done, total
	due := time.Since(r.written) >= r.jobs.slow
	if due {
		r.written = time.Now()
	}
	j := r.job
	r.mu.Unlock()
	if due && r.ctx.Err() == nil {
		r.write(&j)
	}
	return r.stopped()
}

// Tell is Progress for those who watch the context.
func (r *Running) Tell(step string, done, total int64) { _ = r.Progress(step, done, total) }

// write brings progress to the database. That it cannot be written does not stop the work.
func (r *Running) write(j *store.Job) {
	err := r.jobs.core.DB.Write(r.ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("progress of a job, which was audited when added")
		cancel, err := tx.ProgressJob(ctx, j)
		if err == nil && cancel {
			tx.After(r.cancelByPerson)
		}
		return err
	})
	if err != nil && r.ctx.Err() == nil {
		r.jobs.core.Log.Debug("progress is not written", "job", j.ID, "error", err)
	}
}

func (r *Running) stopped() error {
	if r.ctx.Err() == nil {
		return nil
	}
	if r.person.Load() {
		return &harbour.Error{Kind: harbour.ErrCancelled, Op: "work", Message: "somebody cancelled it"}
	}
	return &harbour.Error{Kind: harbour.ErrCancelled, Op: "work", Message: "the program is stopping", Err: context.Cause(r.ctx)}
}

func (r *Running) cancelByPerson() {
	r.person.Store(true)
	r.cancel()
}
