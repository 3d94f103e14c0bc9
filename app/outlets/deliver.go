// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package outlets

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// retries says how long is waited after the first failure, the second, and so on; the last holds for all after it.
var retries = []time.Duration{
	5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour,
}

const (
	disableAfter  = 3 * 24 * time.Hour // of nothing but failures
	giveUpAfter   = 7 * 24 * time.Hour // of waiting
	maxRetryAfter = 24 * time.Hour     // that a receiver may ask for
	refusals      = 3                  // of one event that the receiver does not take
	atOnce        = 16                 // outlets
	sendFor       = 2 * time.Minute    // a batch
)

// Run follows the log and sends until ctx ends. It is called once.
func (u *Outlets) Run(ctx context.Context) {
	var mu sync.Mutex
	busy := map[string]bool{}
	var running sync.WaitGroup
	defer running.Wait()
	slots := make(chan struct{}, atOnce)
	tick := time.NewTicker(u.opt.Every)
	defer tick.Stop()
	swept, complained := time.Time{}, time.Time{}
	complain := func(what string, err error) { // a database that is away is said once a minute, not once a second
		if now := u.core.Clock(); err != nil && ctx.Err() == nil && now.Sub(complained) >= time.Minute {
			complained = now
			u.log().ErrorContext(ctx, "outlets wait", slog.String("what", what), slog.Any("error", err))
		}
	}
	for {
		for {
			n, err := u.Follow(ctx)
			complain("events could not be made from the audit log", err)
			if n < followBatch || err != nil {
				break
			}
		}
		mu.Lock()
		var names []string
		for name := range busy {
			names = append(names, name)
		}
		mu.Unlock()
		due, outlets, err := u.core.DB.Due(ctx, names, 500)
		complain("what is to be sent could not be read", err)
		for i := range outlets {
			o := outlets[i]
			name := o.Org + " " + o.ID
			select {
			case slots <- struct{}{}:
			default:
				continue // the next round comes soon
			}
			mu.Lock()
			busy[name] = true
			mu.Unlock()
			running.Go(func() {
				u.serve(ctx, &o, due[name])
				mu.Lock()
				delete(busy, name)
				mu.Unlock()
				<-slots
			})
		}
		if now := u.core.Clock(); now.Sub(swept) > time.Hour {
			swept = now
			u.sweep(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Deliver sends once what is due, outlet after outlet.
func (u *Outlets) Deliver(ctx context.Context) error {
	due, outlets, err := u.core.DB.Due(ctx, nil, 500)
	if err != nil {
		return err
	}
	for i := range outlets {
		u.serve(ctx, &outlets[i], due[outlets[i].Org+" "+outlets[i].ID])
	}
	return nil
}

// sweep gives up what has waited for too long.
func (u *Outlets) sweep(ctx context.Context) {
	err := u.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("delivery, what happened was audited")
		_, err := tx.DropDeliveries(ctx, tx.At()-harbour.Instant(giveUpAfter.Microseconds()))
		return err
	})
	if err != nil && ctx.Err() == nil {
		u.log().ErrorContext(ctx, "deliveries could not be given up", slog.Any("error", err))
	}
}

// serve sends to one outlet what is due, and writes down what came of it.
func (u *Outlets) serve(ctx context.Context, o *store.Outlet, list []store.Delivery) {
	k := u.kinds[o.Kind]
	if k == nil {
		return
	}
	for len(list) > 0 && ctx.Err() == nil {
		batch := list[:min(len(list), k.batch())]
		list = list[len(batch):]
		sent, err := u.send(ctx, k, o, batch)
		if ctx.Err() != nil && err != nil {
			err = nil // the program stops: that is not the receiver's failure, and the rest stays due
			list = nil
		}
		if sent > 0 {
			o.FailingSince = 0 // it has just been reached
		}
		if e := u.settle(context.WithoutCancel(ctx), o, batch, sent, err); e != nil {
			u.log().ErrorContext(ctx, "a delivery could not be written down", slog.String("outlet", o.ID), slog.Any("error", e))
			return
		}
		if f, refused := errors.AsType[*failure](err); err != nil && !(refused && f.refused) {
			return
		}
	}
}

func (u *Outlets) send(ctx context.Context, k kind, o *store.Outlet, batch []store.Delivery) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, sendFor)
	defer cancel()
	to, err := u.target(ctx, o)
	if err != nil {
		return 0, err
	}
	return k.send(ctx, to, batch)
}

// settle writes down what arrived and what did not.
func (u *Outlets) settle(ctx context.Context, o *store.Outlet, batch []store.Delivery, sent int, failed error) error {
	var ids []string
	for _, d := range batch[:sent] {
		ids = append(ids, d.ID)
	}
	return u.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("delivery, what happened was audited")
		if err := tx.Delivered(ctx, o.Org, o.ID, ids); err != nil || failed == nil || sent >= len(batch) {
			return err
		}
		d := batch[sent]
		f, ok := errors.AsType[*failure](failed)
		if !ok {
			f = &failure{why: why(failed)}
		}
		if f.refused && d.Attempts+1 >= refusals {
			return tx.Postpone(ctx, d, 0, f.why)
		}
		since := o.FailingSince
		if since == 0 {
			since = tx.At()
		}
		if err := tx.Postpone(ctx, d, tx.At()+harbour.Instant(wait(d.Attempts, f.after).Microseconds()), f.why); err != nil {
			return err
		}
		reason := ""
		switch {
		case f.gone:
			reason = "the receiver said that it is gone"
		case tx.At()-since > harbour.Instant(disableAfter.Microseconds()):
			reason = "nothing has arrived since " + since.String() + ": " + f.why
		default:
			return nil
		}
		if err := tx.DisableOutlet(ctx, o.Org, o.ID, reason); err != nil {
			return err
		}
		e := app.System("outlets").Entry(o.Org, app.ManageWebhooks, "outlet", o.ID, o.Name)
		e.Reason, e.After = reason, app.State(map[string]string{"state": store.OutletDisabled})
		return tx.Audit(ctx, e)
	})
}

// wait says how long to wait after so many failures before this one. A little chance keeps those that failed together
// from coming together.
func wait(failures int, asked time.Duration) time.Duration {
	d := retries[min(failures, len(retries)-1)]
	d += time.Duration(rand.Int64N(int64(d)/5 + 1))
	return max(d, min(asked, maxRetryAfter))
}

// why says in words for people why something did not arrive.
func why(err error) string {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.why
	}
	if e, ok := errors.AsType[*harbour.Error](err); ok {
		return e.Message
	}
	return "the program failed"
}
