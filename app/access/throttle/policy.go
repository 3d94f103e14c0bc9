// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package throttle

import "time"

// Policy says how failures turn into waiting.
type Policy struct {
	// Free attempts fail before anyone has to wait.
	Free int
	// First is the wait after the first failure that is not free; each further one doubles it, up to Max.
	First, Max time.Duration
	// Forget is how long after the last failure all of them are forgotten. It is longer than Max, or else waiting would
	// wipe the slate.
	Forget time.Duration
}

// The policies of a [Guard]. An address may be a whole office behind one router, so it has more free attempts.
var (
	Accounts  = Policy{Free: 5, First: 5 * time.Second, Max: time.Hour, Forget: 24 * time.Hour}
	Addresses = Policy{Free: 30, First: 2 * time.Second, Max: 15 * time.Minute, Forget: 2 * time.Hour}
	Devices   = Policy{Free: 5, First: 5 * time.Second, Max: 15 * time.Minute, Forget: 24 * time.Hour}
)

// Alarm is how many failures of one account in a row are more than a person's forgetting.
const Alarm = 50

// Delay is the wait between the last of so many failures in a row and the next attempt.
func (p Policy) Delay(failures int) time.Duration {
	over := failures - p.Free
	if over < 0 {
		return 0
	}
	d := p.First
	for range over {
		if d >= p.Max {
			break
		}
		d *= 2
	}
	return min(d, p.Max)
}

// Count is what is known of one key.
type Count struct {
	Failures int
	Last     time.Time
}

// Wait is how long from now the next attempt may begin; 0 for at once.
func (p Policy) Wait(c Count, now time.Time) time.Duration {
	if p.forgotten(c, now) {
		return 0
	}
	// A clock that was set back must not make anyone wait longer than the policy says.
	elapsed := max(now.Sub(c.Last), 0)
	return max(p.Delay(c.Failures)-elapsed, 0)
}

// Fail counts one more failure.
func (p Policy) Fail(c Count, now time.Time) Count {
	if p.forgotten(c, now) {
		c.Failures = 0
	}
	return Count{Failures: c.Failures + 1, Last: now}
}

func (p Policy) forgotten(c Count, now time.Time) bool {
	return c.Failures == 0 || now.Sub(c.Last) >= p.Forget
}
