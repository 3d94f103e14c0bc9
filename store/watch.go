// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"time"

	"breakwater/harbour"
)

// watchEvery is how long a read may take before the database is asked whether it is still there, and again each time after.
const watchEvery = answeredFor

// Watch gives a context for the reads of one answer, which ends where the database falls silent while they wait: what
// [DB.Answers] said before the first of them is no help to those after it. A read that takes long on a database that answers goes
// on. end must be called when the answer is made. [Silence] tells why the context ended. A file is not watched.
func (db *DB) Watch(ctx context.Context) (_ context.Context, end func()) {
	if db.engine.name() == "sqlite" {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	tick := make(chan *time.Timer, 1)
	t := time.AfterFunc(watchEvery, func() {
		t := <-tick
		defer func() { tick <- t }()
		if err := db.Answers(ctx); harbour.KindOf(err) == harbour.ErrUnavailable {
			cancel(err)
		}
		if ctx.Err() == nil {
			t.Reset(watchEvery)
		}
	})
	tick <- t
	return ctx, func() {
		cancel(context.Canceled)
		t.Stop()
	}
}

// Silence is the error of a context of [DB.Watch] that ended because the database does not answer; nil for any other.
func Silence(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil && harbour.KindOf(err) == harbour.ErrUnavailable {
		return err
	}
	return nil
}
