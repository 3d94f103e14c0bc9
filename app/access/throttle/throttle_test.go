// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package throttle

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"breakwater/harbour"
)

var (
	noon     = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	stranger = netip.MustParseAddr("203.0.113.7")
	office   = netip.MustParseAddr("192.0.2.10")
)

func TestDelay(t *testing.T) {
	var got []time.Duration
	for _, n := range []int{-1, 0, 4, 5, 6, 7, 13, 14, 15, 100, 1 << 40} {
		got = append(got, Accounts.Delay(n))
	}
	want := []time.Duration{0, 0, 0, 5 * time.Second, 10 * time.Second, 20 * time.Second, 1280 * time.Second, 2560 * time.Second, time.Hour, time.Hour, time.Hour}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("Delay (-want +got):\n%s", d)
	}
}

// TestPolicy holds what every policy has to: waits grow with failures, end at Max, shrink with time, and never lock
// anybody out for good, whatever the clock does.
func TestPolicy(t *testing.T) {
	for name, p := range map[string]Policy{"accounts": Accounts, "addresses": Addresses, "devices": Devices} {
		if p.Forget <= p.Max {
			t.Errorf("%s: Forget is %v and Max %v: waiting wipes the slate", name, p.Forget, p.Max)
		}
		rapid.Check(t, func(t *rapid.T) {
			n := rapid.IntRange(0, 1000).Draw(t, "failures")
			late := time.Duration(rapid.Int64Range(-int64(48*time.Hour), int64(48*time.Hour)).Draw(t, "later"))
			c := Count{Failures: n, Last: noon}
			w := p.Wait(c, noon.Add(late))
			if w < 0 || w > p.Max {
				t.Fatalf("Wait(%d failures, %v later) = %v, want 0 to %v", n, late, w, p.Max)
			}
			if p.Delay(n) > p.Delay(n+1) {
				t.Fatalf("Delay(%d) = %v, more than Delay(%d) = %v", n, p.Delay(n), n+1, p.Delay(n+1))
			}
			if got := p.Wait(c, noon.Add(p.Max)); got != 0 {
				t.Fatalf("Wait(%d failures, %v later) = %v, want 0", n, p.Max, got)
			}
			if got := p.Fail(c, noon.Add(p.Forget)); got.Failures != 1 {
				t.Fatalf("Fail(%d failures, after %v) = %d failures, want 1", n, p.Forget, got.Failures)
			}
		})
	}
}

// guess fails so many attempts, waiting as it is told, and returns the instant after.
func guess(t *testing.T, g *Guard, a Attempt, n int, now time.Time) time.Time {
	t.Helper()
	for range n {
		wait, _, err := g.Begin(a, now)
		if err != nil {
			if harbour.KindOf(err) != harbour.ErrTooMany || wait <= 0 || harbour.HintOf(err) == "" {
				t.Fatalf("Begin = %v, %v, want too_many with a wait and a hint", wait, err)
			}
			now = now.Add(wait)
			if _, _, err = g.Begin(a, now); err != nil {
				t.Fatalf("Begin after waiting %v = %v, want it to pass", wait, err)
			}
		}
	}
	return now
}

func TestGuessingIsSlow(t *testing.T) {
	g := NewGuard(100)
	end := guess(t, g, Attempt{Account: "chief", Address: stranger}, 100, noon)
	if took := end.Sub(noon); took < 80*time.Hour {
		t.Errorf("100 guesses took %v, want more than 80 h", took)
	}
	// The same from a new address for each attempt: the account's own count holds them.
	g = NewGuard(1000)
	now := noon
	for i := range 100 {
		now = guess(t, g, Attempt{Account: " CHIEF", Address: netip.AddrFrom4([4]byte{198, 51, 100, byte(i)})}, 1, now)
	}
	if took := now.Sub(noon); took < 80*time.Hour {
		t.Errorf("100 guesses from 100 addresses took %v, want more than 80 h", took)
	}
	// One password tried on many accounts from one address.
	g = NewGuard(1000)
	now = noon
	for i := range 100 {
		now = guess(t, g, Attempt{Account: fmt.Sprint("person", i), Address: stranger}, 1, now)
	}
	if took := now.Sub(noon); took < 14*time.Hour {
		t.Errorf("one guess at each of 100 accounts took %v, want more than 14 h", took)
	}
}

// TestChiefGetsIn is the point of the policy: while strangers guess at the account, from anywhere and even from behind
// the same router, its owner signs in from a device that is known, at once.
func TestChiefGetsIn(t *testing.T) {
	g := NewGuard(100)
	now := guess(t, g, Attempt{Account: "gate", Address: office}, 40, noon)
	now = guess(t, g, Attempt{Account: "chief", Address: stranger}, 20, now)
	g.Begin(Attempt{Account: "gate", Address: office}, now) // one more, so that this one has to wait as well
	own := Attempt{Account: "chief", Address: office, Device: "laptop"}
	for range 3 {
		if wait, _, err := g.Begin(own, now); err != nil {
			t.Fatalf("Begin on the chief's own device = %v, %v, want it to pass", wait, err)
		}
		g.Succeeded(own)
	}
	// The look-alikes wait: the chief's name from a new device, and another person with the chief's device.
	for name, a := range map[string]Attempt{
		"chief, unknown device":  {Account: "chief", Address: netip.MustParseAddr("2001:db8::1")},
		"same office, no device": {Account: "gate", Address: office},
	} {
		if _, _, err := g.Begin(a, now); harbour.KindOf(err) != harbour.ErrTooMany {
			t.Errorf("%s: Begin = %v, want too_many", name, err)
		}
	}
	// From anywhere, an hour is the longest wait.
	if wait, _, _ := g.Begin(Attempt{Account: "chief", Address: netip.MustParseAddr("2001:db8::1")}, now); wait > time.Hour {
		t.Errorf("the chief has to wait %v from a new device, want at most an hour", wait)
	}
}

func TestDeviceHasItsOwnCount(t *testing.T) {
	g := NewGuard(100)
	stolen := Attempt{Account: "chief", Address: stranger, Device: "laptop"}
	end := guess(t, g, stolen, 100, noon)
	if took := end.Sub(noon); took < 20*time.Hour {
		t.Errorf("100 guesses on a stolen device took %v, want more than 20 h", took)
	}
	if _, _, err := g.Begin(Attempt{Account: "chief", Address: office, Device: "phone"}, end); err != nil {
		t.Errorf("Begin on another known device = %v, want it to pass", err)
	}
	if _, _, err := g.Begin(Attempt{Account: "gate", Address: office, Device: "laptop"}, end); err != nil {
		t.Errorf("Begin by another account on the device = %v, want it to pass", err)
	}
}

func TestSucceeded(t *testing.T) {
	g := NewGuard(100)
	a := Attempt{Account: "chief", Address: stranger}
	guess(t, g, a, 4, noon)
	if _, _, err := g.Begin(a, noon); err != nil {
		t.Fatal(err)
	}
	g.Succeeded(a)
	for range 5 {
		if wait, _, err := g.Begin(a, noon); err != nil {
			t.Fatalf("Begin after success = %v, %v, want all free attempts again", wait, err)
		}
	}
	if _, _, err := g.Begin(a, noon); err == nil {
		t.Error("Begin after five failures passes")
	}
	g.Release("Chief")
	if _, _, err := g.Begin(a, noon); err != nil {
		t.Errorf("Begin after release = %v", err)
	}
}

// TestOwnAccountDoesNotHelp: a guesser who signs in as themselves in between waits no less for the address.
func TestOwnAccountDoesNotHelp(t *testing.T) {
	g := NewGuard(1000)
	own := Attempt{Account: "insider", Address: stranger}
	waited := false
	for i := range 60 {
		if _, _, err := g.Begin(Attempt{Account: fmt.Sprint("victim", i), Address: stranger}, noon); err != nil {
			waited = true
			break
		}
		if _, _, err := g.Begin(own, noon); err == nil {
			g.Succeeded(own)
		}
	}
	if !waited {
		t.Error("60 guesses with a sign-in of one's own between them never had to wait")
	}
}

func TestAlarm(t *testing.T) {
	g := NewGuard(100)
	alarms, now := 0, noon
	for range 2 * Alarm {
		wait, alarm, err := g.Begin(Attempt{Account: "chief", Address: stranger}, now)
		if alarm {
			alarms++
		}
		if err != nil {
			now = now.Add(wait)
			if _, alarm, _ = g.Begin(Attempt{Account: "chief", Address: stranger}, now); alarm {
				alarms++
			}
		}
	}
	if alarms != 1 {
		t.Errorf("%d alarms, want 1", alarms)
	}
}

// TestAtOnce: attempts that begin together are all counted before the first has an answer.
func TestAtOnce(t *testing.T) {
	g := NewGuard(100)
	var mu sync.Mutex
	passed := 0
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			if _, _, err := g.Begin(Attempt{Account: "chief", Address: stranger}, noon); err == nil {
				mu.Lock()
				passed++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if passed != Accounts.Free {
		t.Errorf("%d of 200 attempts at once passed, want %d", passed, Accounts.Free)
	}
}

func TestFull(t *testing.T) {
	g := NewGuard(50)
	now := guess(t, g, Attempt{Account: "chief", Address: stranger}, 20, noon)
	for i := range 5000 {
		g.Begin(Attempt{Account: fmt.Sprint("invented", i), Address: netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)})}, now)
	}
	if n := len(g.accounts.m); n != 50 {
		t.Errorf("%d accounts held, want 50", n)
	}
	if _, _, err := g.Begin(Attempt{Account: "chief", Address: office}, now); err == nil {
		t.Error("a flood of invented names made the guard forget the account under attack")
	}
	if g.Evicted() == 0 {
		t.Error("Evicted = 0 after a flood")
	}
	g.Begin(Attempt{Account: strings.Repeat("x", 1<<20)}, now)
	for name := range g.accounts.m {
		if len(name) > 256 {
			t.Errorf("a name of %d bytes is held", len(name))
		}
	}
}

func TestNetwork(t *testing.T) {
	for in, want := range map[string]string{
		"203.0.113.7": "203.0.113.7/32", "::ffff:203.0.113.7": "203.0.113.7/32", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64",
	} {
		if got := network(netip.MustParseAddr(in)); got.String() != want {
			t.Errorf("network(%s) = %v, want %s", in, got, want)
		}
	}
	if got := network(netip.Addr{}); got.IsValid() {
		t.Errorf("network of no address = %v", got)
	}
}

func TestWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Millisecond: "1 second", 1500 * time.Millisecond: "2 seconds", 90 * time.Second: "90 seconds", 91 * time.Second: "2 minutes", time.Hour: "60 minutes",
	} {
		if got := words(d); got != want {
			t.Errorf("words(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestLimiter(t *testing.T) {
	l := NewLimiter(10, 5, 100)
	for i := range 5 {
		if _, err := l.Allow("a", noon); err != nil {
			t.Fatalf("request %d = %v", i, err)
		}
	}
	var wait time.Duration
	for range 50 { // asking again and again costs nothing
		var err error
		if wait, err = l.Allow("a", noon); harbour.KindOf(err) != harbour.ErrTooMany || wait != 100*time.Millisecond {
			t.Fatalf("request beyond the burst = %v, %v, want too_many in 100ms", wait, err)
		}
	}
	if _, err := l.Allow("b", noon); err != nil {
		t.Errorf("another key = %v", err)
	}
	if _, err := l.Allow("a", noon.Add(wait)); err != nil {
		t.Errorf("after waiting = %v", err)
	}
	if _, err := l.Allow("a", noon.Add(wait)); err == nil {
		t.Error("a second request after waiting for one passes")
	}
}

func TestLimiterFull(t *testing.T) {
	l := NewLimiter(1, 5, 20)
	for range 5 {
		l.Allow("busy", noon)
	}
	for i := range 2000 {
		l.Allow(fmt.Sprint("once", i), noon)
	}
	if n := len(l.keys.m); n != 20 {
		t.Errorf("%d keys held, want 20", n)
	}
	if _, err := l.Allow("busy", noon); err == nil {
		t.Error("a flood of keys gave the busy one a new share")
	}
	if l.Evicted() == 0 {
		t.Error("Evicted = 0 after a flood")
	}
}
