// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package pace bounds how fast somebody asks: a rate over time and a number at once for each, in a table that is bounded
// itself.
//
// A Pace is safe for concurrent use. Where its table is full, the one unseen for longest is forgotten, and begins anew.
package pace

import (
	"container/list"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Max bounds the table of those who are counted.
const Max = 10000

// Pace counts how often somebody asks. It holds at most [Max]; then the one unseen for longest is forgotten.
type Pace struct {
	limit rate.Limit
	burst int

	mu   sync.Mutex
	byID map[string]*list.Element
	seen *list.List // the last seen in front
}

type counted struct {
	id      string
	limiter *rate.Limiter
}

// New makes one that allows so many in a second over time, and burst at once.
func New(perSecond float64, burst int) *Pace {
	return &Pace{limit: rate.Limit(perSecond), burst: burst, byID: map[string]*list.Element{}, seen: list.New()}
}

func (r *Pace) of(id string) *rate.Limiter {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, ok := r.byID[id]; ok {
		r.seen.MoveToFront(e)
		return e.Value.(*counted).limiter
	}
	if r.seen.Len() >= Max {
		last := r.seen.Back()
		delete(r.byID, last.Value.(*counted).id)
		r.seen.Remove(last)
	}
	c := &counted{id, rate.NewLimiter(r.limit, r.burst)}
	r.byID[id] = r.seen.PushFront(c)
	return c.limiter
}

// Take counts one request; a wait that is not 0 says that it is too early for it, and that it was not counted.
func (r *Pace) Take(id string, now time.Time) (wait time.Duration) {
	v := r.of(id).ReserveN(now, 1)
	if wait = v.DelayFrom(now); wait > 0 {
		v.CancelAt(now)
	}
	return wait
}

// Len is how many are in the table.
func (r *Pace) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.byID)
}

// Known says whether somebody is in the table.
func (r *Pace) Known(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.byID[id]
	return ok
}

// Wait says how long it is until one more may come, without counting one. Somebody who is not in the table is not put in.
func (r *Pace) Wait(id string, now time.Time) time.Duration {
	r.mu.Lock()
	e, ok := r.byID[id]
	r.mu.Unlock()
	if !ok {
		return 0
	}
	tokens := e.Value.(*counted).limiter.TokensAt(now)
	if tokens >= 1 {
		return 0
	}
	return time.Duration((1 - tokens) / float64(r.limit) * float64(time.Second))
}
