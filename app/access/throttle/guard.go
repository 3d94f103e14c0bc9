// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package throttle

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"breakwater/harbour"
)

// Attempt is one try to sign in.
type Attempt struct {
	// Account as typed. It need not exist: an unknown name waits as a known one does, or the wait would tell them apart.
	Account string
	// Address of the caller; where it is not known, all such callers share one count.
	Address netip.Addr
	// Device is set to a digest of the device cookie where that cookie is good for this account; otherwise "".
	Device string
}

// Guard counts attempts to sign in. Make one with [NewGuard].
type Guard struct {
	mu        sync.Mutex
	accounts  table[string, Count]
	addresses table[netip.Prefix, Count]
	devices   table[string, Count]
}

// DefaultKeys is how many keys of each sort are held where nothing else is said: some 10 MB at most.
const DefaultKeys = 50_000

// NewGuard makes a Guard that holds so many accounts, addresses and devices each.
func NewGuard(keys int) *Guard {
	g := &Guard{}
	least := func(c Count) float64 { return float64(c.Failures) }
	g.accounts.init(keys, least)
	g.addresses.init(keys, least)
	g.devices.init(keys, least)
	return g
}

// account folds what tells apart no two accounts.
func account(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	return name[:min(len(name), 256)]
}

// network is what one caller can change freely: a single IPv4 address, the 64 bits of a host in IPv6.
func network(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// Begin asks whether an attempt may go on. If not, the error is of kind too_many and wait says how long; the password
// must then not be looked at. If it may, it counts as failed until [Guard.Succeeded]. alarm is true once, when the
// account's failures in a row reach [Alarm].
func (g *Guard) Begin(a Attempt, now time.Time) (wait time.Duration, alarm bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	name, from := account(a.Account), network(a.Address)
	if a.Device != "" {
		dev := name + "\x00" + a.Device
		if wait = Devices.Wait(g.devices.get(dev), now); wait == 0 {
			g.devices.put(dev, Devices.Fail(g.devices.get(dev), now))
			return 0, false, nil
		}
		return wait, false, tooMany(wait)
	}
	if wait = max(Accounts.Wait(g.accounts.get(name), now), Addresses.Wait(g.addresses.get(from), now)); wait > 0 {
		return wait, false, tooMany(wait)
	}
	c := Accounts.Fail(g.accounts.get(name), now)
	g.accounts.put(name, c)
	g.addresses.put(from, Addresses.Fail(g.addresses.get(from), now))
	return 0, c.Failures == Alarm, nil
}

// Succeeded takes an attempt back: the account's failures are over. Those of the address go down by the one attempt
// alone, or a guesser with one account of their own would start afresh whenever they like.
func (g *Guard) Succeeded(a Attempt) {
	g.mu.Lock()
	defer g.mu.Unlock()
	name, from := account(a.Account), network(a.Address)
	if a.Device != "" {
		g.devices.drop(name + "\x00" + a.Device)
		return // what strangers do to the account goes on counting
	}
	g.accounts.drop(name)
	if c := g.addresses.get(from); c.Failures > 1 {
		c.Failures--
		g.addresses.put(from, c)
	} else {
		g.addresses.drop(from)
	}
}

// Release forgets the failures of an account, for an administrator who was asked to.
func (g *Guard) Release(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.accounts.drop(account(name))
}

// Waits is how long somebody who is not known by a device has to wait before the next attempt for an account; 0 for not
// at all.
func (g *Guard) Waits(name string, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return Accounts.Wait(g.accounts.get(account(name)), now)
}

// Evicted is how many counts were lost to make room.
func (g *Guard) Evicted() uint64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.accounts.evicted + g.addresses.evicted + g.devices.evicted
}

func tooMany(wait time.Duration) error {
	return &harbour.Error{
		Kind: harbour.ErrTooMany, Op: "sign in", Message: "too many attempts failed; the next one may be made in " + words(wait),
		Hint: "Wait, or sign in with a passkey or from a device that you have used before. If it was not you who tried, tell your administrator.",
	}
}

// words rounds a wait up to what people say.
func words(d time.Duration) string {
	n, unit := int((d+time.Second-1)/time.Second), "second"
	if n > 90 {
		n, unit = int((d+time.Minute-1)/time.Minute), "minute"
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}
