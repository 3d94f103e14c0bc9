// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"context"
	"fmt"
	"time"

	"breakwater/harbour"
	"breakwater/store"
)

// relayState tells how the relay of the outbox does.
type relayState struct {
	problem error
	since   time.Time
	sent    uint64
	dropped uint64
}

const relayBatch = 100

// relayAll brings the outbox to the broker, oldest first, until ctx ends.
func (u *Jobs) relayAll(ctx context.Context) {
	tick := time.NewTicker(u.every)
	defer tick.Stop()
	pause := 100 * time.Millisecond
	for ctx.Err() == nil {
		more, err := u.relayOnce(ctx)
		if ctx.Err() != nil {
			return
		}
		u.relayed(err)
		if err != nil {
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
			pause = min(2*pause, 10*time.Second)
			continue
		}
		pause = 100 * time.Millisecond
		if more {
			continue
		}
		select {
		case <-ctx.Done():
		case <-u.core.DB.Outbox():
		case <-tick.C:
		}
	}
}

// relayOnce sends the next messages. A message is removed after the broker has it; killed in between it is sent twice,
// under one id.
func (u *Jobs) relayOnce(ctx context.Context) (more bool, err error) {
	list, err := u.core.DB.Pending(ctx, relayBatch)
	if err != nil {
		return false, err
	}
	var sent []int64
	var failed error
	for _, m := range list {
		// The number alone would come again after a backup was restored.
		id := fmt.Sprintf("outbox-%d-%d", m.ID, m.MadeAt)
		if failed = u.bus.Publish(ctx, m.Subject, id, m.Payload); failed != nil {
			switch harbour.KindOf(failed) {
			case harbour.ErrUsage, harbour.ErrTooLarge:
				// It will never be taken, and what comes after it must not wait for it.
				u.core.Log.Error("a message that cannot be sent is dropped", "subject", m.Subject, "id", m.ID, "error", failed)
				u.mu.Lock()
				u.relay.dropped++
				u.mu.Unlock()
				sent, failed = append(sent, m.ID), nil
				continue
			}
			break
		}
		sent = append(sent, m.ID)
	}
	if err := u.core.DB.Sent(ctx, sent); err != nil {
		return false, err
	}
	u.mu.Lock()
	u.relay.sent += uint64(len(sent))
	u.mu.Unlock()
	return len(list) == relayBatch, failed
}

// relayed notes how it went, and logs the change alone.
func (u *Jobs) relayed(err error) {
	u.mu.Lock()
	was := u.relay.problem
	u.relay.problem = err
	if (was == nil) != (err == nil) {
		u.relay.since = time.Now()
	}
	u.mu.Unlock()
	if was == nil && err != nil {
		u.core.Log.Warn("jobs wait: they cannot be sent", "error", err)
	} else if was != nil && err == nil {
		u.core.Log.Info("jobs are sent again")
	}
}

// State tells how jobs do, for the health page and for metrics.
type State struct {
	Running int       // in this process
	Outbox  int64     // messages that wait for the broker
	Problem string    // why they wait; "" where they do not
	Hint    string    // what to do about it
	Since   time.Time // since when
	Sent    uint64    // messages since the start
	Dropped uint64    // messages that no broker would take
}

// State asks how things are.
func (u *Jobs) State(ctx context.Context) (s State, err error) {
	u.mu.Lock()
	r := u.relay
	s = State{Running: len(u.claim), Sent: r.sent, Dropped: r.dropped}
	u.mu.Unlock()
	if r.problem != nil {
		s.Since = r.since
		s.Problem, s.Hint = said(r.problem)
	}
	s.Outbox, err = u.core.DB.OutboxSize(ctx)
	return s, err
}

// recover has jobs wait once more that ran when the program ended. This process alone holds the database, and nothing
// runs in it yet.
func (u *Jobs) recover(ctx context.Context) error {
	list, err := u.core.DB.OpenJobs(ctx)
	if err != nil {
		return err
	}
	for _, j := range list {
		if j.State != store.JobRunning {
			continue
		}
		if err := u.again(ctx, j); err != nil {
			return err
		}
		u.core.Log.Warn("a job that was interrupted is done again", "job", j.ID, "kind", j.Kind, "organisation", j.Org, "attempts", j.Attempts)
	}
	return nil
}

// again has a job wait and sends it once more.
func (u *Jobs) again(ctx context.Context, j store.Job) error {
	return u.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("a job is sent again, which was audited when added")
		if j.State == store.JobRunning {
			if back, err := tx.ReturnJob(ctx, &j, true); err != nil || !back {
				return err
			}
		} else if err := tx.TouchJob(ctx, &j); err != nil {
			return err
		}
		return tx.ResendJob(ctx, &j)
	})
}

// sweepAll looks now and then for jobs that nobody does.
func (u *Jobs) sweepAll(ctx context.Context) {
	tick := time.NewTicker(u.every)
	defer tick.Stop()
	var forgot time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := u.sweep(ctx)
		if err == nil && time.Since(forgot) > time.Hour {
			err = u.forget(ctx)
			forgot = time.Now()
		}
		if err != nil && ctx.Err() == nil {
			u.core.Log.Debug("jobs cannot be looked through", "error", err)
		}
	}
}

// Keep is how long jobs that have ended are listed, and how long it is known which events came. No message is on its way
// that long.
const Keep = 180 * 24 * time.Hour

// forget removes what is older than [Keep], a little at a time.
func (u *Jobs) forget(ctx context.Context) error {
	before := u.core.Now() - harbour.Instant(Keep.Microseconds())
	if _, err := u.core.DB.ForgetJobs(ctx, before, 500); err != nil {
		return err
	}
	_, err := u.core.DB.ForgetReceived(ctx, before, 500)
	return err
}

// sweep sends jobs again that wait although nothing keeps them: the broker has lost their messages. A kind whose
// receiver is at work, or has been a short while ago, is let be: its jobs wait their turn.
func (u *Jobs) sweep(ctx context.Context) error {
	if n, err := u.core.DB.OutboxSize(ctx); err != nil || n > 0 {
		return err // what is on its way is no loss
	}
	list, err := u.core.DB.OpenJobs(ctx)
	if err != nil {
		return err
	}
	now, stale := u.core.DB.Now(), harbour.Instant(u.stale.Microseconds())
	for _, j := range list {
		u.mu.Lock()
		k := u.kinds[j.Kind]
		u.mu.Unlock()
		age := now - j.ChangedAt // below nothing where the clock was set back
		if k == nil || age >= 0 && age < stale || k.quiet() < u.stale {
			continue
		}
		if err := u.lost(ctx, j); err != nil {
			return err
		}
	}
	return nil
}

func (u *Jobs) lost(ctx context.Context, j store.Job) error {
	if u.take(ctx, key{j.Org, j.ID}) == nil {
		return nil
	}
	defer u.free(key{j.Org, j.ID})
	u.core.Log.Warn("a job that nobody does is sent again", "job", j.ID, "kind", j.Kind, "organisation", j.Org, "state", j.State)
	return u.again(ctx, j)
}
