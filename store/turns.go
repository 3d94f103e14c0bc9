// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"runtime"
	"sync"
	"time"
)

// Bounds of a turn. Who holds one for longer than turnHeld works on without it, so that an answer that takes long, or waits
// for something, keeps nobody; and nobody waits for one longer than turnWaited.
const (
	turnHeld   = 200 * time.Millisecond
	turnWaited = 2 * time.Second
)

// turns has answers worked out a few at a time, in the order in which they were asked for. Where more people ask at once than
// there are processors, all of them at the same time would make each as late as the last: a short answer would take as long
// as all the long ones that began before it was done.
type turns struct{ held chan struct{} }

// newTurns makes room for so many at a time that one may wait for the database or the disk while the others work.
func newTurns() *turns { return &turns{make(chan struct{}, 2*runtime.GOMAXPROCS(0))} }

// wait returns when it is the caller's turn, or when there is no sense in waiting any longer. release gives the turn back; it
// may be called at any time and more than once.
func (t *turns) wait(ctx context.Context) (release func()) {
	if t == nil { // nobody is answered from this database
		return func() {}
	}
	select {
	case t.held <- struct{}{}:
	default:
		late := time.NewTimer(turnWaited)
		defer late.Stop()
		select {
		case t.held <- struct{}{}:
		case <-late.C:
			return func() {}
		case <-ctx.Done():
			return func() {}
		}
	}
	free := sync.OnceFunc(func() { <-t.held })
	lease := time.AfterFunc(turnHeld, free)
	return func() {
		lease.Stop()
		free()
	}
}
