// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pace_test

import (
	"strconv"
	"testing"
	"time"

	"breakwater/app/access/pace"
)

// TestPace lets a burst through, then so many in a second, each of those who ask by itself.
func TestPace(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	p := pace.New(2, 3)
	for i := range 3 {
		if wait := p.Take("ada", now); wait != 0 {
			t.Errorf("request %d waits for %s", i, wait)
		}
	}
	if wait := p.Take("ada", now); wait != 500*time.Millisecond {
		t.Errorf("after the burst it waits for %s, want half a second", wait)
	}
	if wait := p.Take("bob", now); wait != 0 || !p.Known("bob") || p.Known("eve") {
		t.Errorf("another person waits for %s", wait)
	}
	if wait := p.Wait("ada", now); wait != 500*time.Millisecond {
		t.Errorf("asked without counting it is %s", wait)
	}
	if wait := p.Take("ada", now.Add(500*time.Millisecond)); wait != 0 {
		t.Errorf("half a second later it waits for %s", wait)
	}
}

// TestBounded wants the table to keep within its bound, and whoever is seen again to stay in it.
func TestBounded(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	p := pace.New(1, 1)
	p.Take("ada", now)
	for i := range pace.Max + 500 {
		p.Take(strconv.Itoa(i), now)
		p.Take("ada", now)
	}
	if n := p.Len(); n != pace.Max {
		t.Errorf("%d are counted, want %d", n, pace.Max)
	}
	if wait := p.Take("ada", now); wait == 0 {
		t.Error("who asks all the time was forgotten")
	}
}
