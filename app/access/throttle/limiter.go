// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package throttle

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"breakwater/harbour"
)

// Limiter holds each key to a rate: so many requests a second on average, so many at once. Make one with [NewLimiter].
type Limiter struct {
	perSecond rate.Limit
	burst     int
	mu        sync.Mutex
	keys      table[string, *rate.Limiter]
	now       time.Time // the instant of the last call, for judging which bucket is full
}

// NewLimiter makes a Limiter that holds at most so many keys.
func NewLimiter(perSecond float64, burst, keys int) *Limiter {
	l := &Limiter{perSecond: rate.Limit(perSecond), burst: burst}
	l.keys.init(keys, func(b *rate.Limiter) float64 { return -b.TokensAt(l.now) }) // a full bucket is the same as none
	return l
}

// Allow takes one request of a key. If the key has used up its share, the error is of kind too_many and wait says when
// the next request will pass; nothing is taken then, so that a caller who keeps asking does not wait for ever.
func (l *Limiter) Allow(key string, now time.Time) (wait time.Duration, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now.Before(now) {
		l.now = now
	}
	b := l.keys.get(key)
	if b == nil {
		b = rate.NewLimiter(l.perSecond, l.burst)
		l.keys.put(key, b)
	}
	if b.AllowN(now, 1) {
		return 0, nil
	}
	missing := 1 - b.TokensAt(now)
	wait = time.Duration(missing / float64(l.perSecond) * float64(time.Second)).Round(time.Millisecond)
	wait = max(wait, time.Millisecond)
	return wait, &harbour.Error{
		Kind: harbour.ErrTooMany, Op: "limit requests", Message: "too many requests; try again in " + words(wait),
		Hint: "Ask for more rows at a time, or less often.",
	}
}

// Evicted is how many keys were lost to make room.
func (l *Limiter) Evicted() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.keys.evicted
}
