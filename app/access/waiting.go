// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"sync"
	"time"

	"breakwater/app/access/secret"
)

// waiting holds what is half done, such as a sign-in that waits for its second factor, for a short time. It is lost with
// the process: people then begin again. When full, the oldest makes room, so that a flood cannot use up memory; those
// who were pushed out begin again.
type waiting[T any] struct {
	mu  sync.Mutex
	m   map[secret.Digest]held[T]
	old []secret.Digest // in order of age
	max int
	ttl time.Duration
}

type held[T any] struct {
	v     T
	until time.Time
}

func newWaiting[T any](limit int, ttl time.Duration) *waiting[T] {
	return &waiting[T]{m: map[secret.Digest]held[T]{}, max: limit, ttl: ttl}
}

// put keeps v and gives the string by which it is found again.
func (w *waiting[T]) put(v T, now time.Time) string {
	token, d := secret.NewSession()
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.old) > 0 {
		h, ok := w.m[w.old[0]]
		if ok && len(w.m) < w.max && len(w.old) < 2*w.max && now.Before(h.until) {
			break
		}
		delete(w.m, w.old[0])
		w.old = w.old[1:]
	}
	w.m[d] = held[T]{v, now.Add(w.ttl)}
	w.old = append(w.old, d)
	return token
}

// take gives what is kept and forgets it: it can be used once.
func (w *waiting[T]) take(token string, now time.Time) (v T, ok bool) {
	d, ok := secret.Session(token)
	if !ok {
		return v, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	h, ok := w.m[d]
	delete(w.m, d)
	if !ok || !now.Before(h.until) {
		return v, false
	}
	return h.v, true
}

// get is take for what may be tried more than once; the one who asks bounds how often.
func (w *waiting[T]) get(token string, now time.Time) (v T, ok bool) {
	d, ok := secret.Session(token)
	if !ok {
		return v, false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	h, ok := w.m[d]
	if !ok || !now.Before(h.until) {
		return v, false
	}
	return h.v, true
}
