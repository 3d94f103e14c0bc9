// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"time"

	"breakwater/cmd/breakwater/notify"
	"breakwater/store"
)

// tend tells the service manager how the server does, and takes up certificates where it is told to.
func (h *house) tend(ctx context.Context) {
	h.tell("READY=1", "STATUS=serving")
	if hang := reloadSignal(); hang != nil {
		h.running.Go(func() { h.reload(ctx, hang) })
	}
	if d := notify.Watchdog(); d > 0 {
		w := &watchdog{state: h.core.DB.WriterState, ping: h.core.DB.Ping, now: time.Now}
		h.running.Go(func() { h.bark(ctx, d/2, w) })
	}
}

func (h *house) tell(lines ...string) {
	if _, err := notify.Send(lines...); err != nil {
		h.core.Log.Warn("the service manager cannot be told", slog.Any("error", err))
	}
}

// reload takes up the certificate's files at each signal.
func (h *house) reload(ctx context.Context, hang os.Signal) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, hang)
	defer signal.Stop(c)
	for {
		select {
		case <-ctx.Done():
			return
		case <-c:
		}
		h.tell("RELOADING=1", notify.Reloading())
		if h.authority != nil {
			if err := h.authority.Check(ctx); err != nil {
				h.core.Log.Error("the certificate cannot be taken up; the one before is still served", slog.Any("error", err))
			} else {
				h.core.Log.Info("certificates were looked at again")
			}
		}
		h.tell("READY=1", "STATUS=serving")
	}
}

// bark says again and again that the server lives, as long as it does.
func (h *house) bark(ctx context.Context, every time.Duration, w *watchdog) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		if w.alive(ctx) {
			h.tell("WATCHDOG=1")
		} else {
			h.core.Log.Error("the writer of the database stands still: the service manager will start the server anew")
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// stuckAfter is how long writes may wait without one transaction being made, while the database answers.
const stuckAfter = 5 * time.Minute

// watchdog knows whether the writer moves. A database that is gone is no reason to start anew: it is waited for.
type watchdog struct {
	state func() store.WriterState
	ping  func(context.Context) error
	now   func() time.Time

	commits int64
	moved   time.Time
}

func (w *watchdog) alive(ctx context.Context) bool {
	s := w.state()
	if w.moved.IsZero() || s.Commits != w.commits || s.Waiting == 0 {
		w.commits, w.moved = s.Commits, w.now()
		return true
	}
	if w.now().Sub(w.moved) < stuckAfter {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return w.ping(ctx) != nil
}
