// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestTurns has many come at once: few are at work at a time, who came first goes first, who takes long keeps nobody, and who
// gives up or waits too long goes on without a turn and takes none from others.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns()
		places := cap(turns.held)
		work := 10 * time.Millisecond
		type done struct{ n, busy int }
		var busy atomic.Int64
		said := make(chan done, 100)
		begun := time.Now()
		for n := range 10 * places {
			go func() {
				time.Sleep(time.Duration(n) * time.Microsecond) // they come one after another
				release := turns.wait(t.Context())
				at := int(busy.Add(1))
				time.Sleep(work)
				busy.Add(-1)
				said <- done{n, at}
				release()
				release() // twice is once
			}()
		}
		last := -places
		for range 10 * places {
			d := <-said
			if d.busy > places {
				t.Errorf("%d are at work at once, want %d at most", d.busy, places)
			}
			if d.n < last-places {
				t.Errorf("the one who came as number %d is done after number %d", d.n, last)
			}
			last = max(last, d.n)
		}
		if took := time.Since(begun).Round(work); took != 10*work {
			t.Errorf("it took %v, want %v", took, 10*work)
		}

		// All places are taken by answers that take long.
		var releases []func()
		for range places {
			releases = append(releases, turns.wait(t.Context()))
		}
		begun = time.Now()
		gone, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		turns.wait(gone)()
		if took := time.Since(begun); took != 50*time.Millisecond {
			t.Errorf("who gave up waited %v", took)
		}
		cancel()
		release := turns.wait(t.Context())
		if took := time.Since(begun); took != turnHeld {
			t.Errorf("who came after answers that take long waited %v, want %v", took, turnHeld)
		}
		release()
		for _, r := range releases {
			r() // their turns are long gone
		}
		if n := len(turns.held); n != 0 {
			t.Errorf("%d turns are still held", n)
		}

		// So many that no place comes free in time.
		n := places * int(turnWaited/turnHeld+2)
		late := make(chan time.Duration, n)
		begun = time.Now()
		for range n {
			go func() {
				release := turns.wait(t.Context())
				late <- time.Since(begun)
				time.Sleep(time.Minute)
				release()
			}()
		}
		for range n {
			if d := <-late; d > turnWaited {
				t.Errorf("somebody waited %v, want %v at most", d, turnWaited)
			}
		}
		time.Sleep(2 * time.Minute)
		if n := len(turns.held); n != 0 {
			t.Errorf("%d turns are still held at the end", n)
		}
	})
}
