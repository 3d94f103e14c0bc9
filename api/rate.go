// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"container/list"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxRates bounds the table of those who are counted.
const maxRates = 10000

// rates counts how often somebody asks. It holds at most [maxRates]; then the one unseen for longest is forgotten.
type rates struct {
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

func newRates(perSecond float64, burst int) *rates {
	return &rates{limit: rate.Limit(perSecond), burst: burst, byID: map[string]*list.Element{}, seen: list.New()}
}

func (r *rates) of(id string) *rate.Limiter {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, ok := r.byID[id]; ok {
		r.seen.MoveToFront(e)
		return e.Value.(*counted).limiter
	}
	if r.seen.Len() >= maxRates {
		last := r.seen.Back()
		delete(r.byID, last.Value.(*counted).id)
		r.seen.Remove(last)
	}
	c := &counted{id, rate.NewLimiter(r.limit, r.burst)}
	r.byID[id] = r.seen.PushFront(c)
	return c.limiter
}

// take counts one request; a wait that is not 0 says that it is too early for it, and that it was not counted.
func (r *rates) take(id string, now time.Time) (wait time.Duration) {
	v := r.of(id).ReserveN(now, 1)
	if wait = v.DelayFrom(now); wait > 0 {
		v.CancelAt(now)
	}
	return wait
}

// known says whether somebody is in the table.
func (r *rates) known(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.byID[id]
	return ok
}

// wait says how long it is until one more may come, without counting one. Somebody who is not in the table is not put in.
func (r *rates) wait(id string, now time.Time) time.Duration {
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
