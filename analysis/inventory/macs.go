// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"bytes"
	"cmp"
	"slices"

	"breakwater/evidence"
)

// macFacts is what decides whether a MAC speaks for the addresses seen behind it.
type macFacts struct {
	unbound int32 // source addresses that nothing puts at this MAC, no router in sight
	routed  int32 // source addresses whose hop count shows a router
}

// maxUnproven is how many addresses a MAC may hold without any proof before it counts as a router's.
const maxUnproven = 3

// hardware is a MAC in a VLAN.
type hardware struct {
	mac  evidence.MAC
	vlan uint16
}

// proxyARP is the number of addresses that one MAC answers for in one VLAN beyond which it does so for others.
const proxyARP = 8

// virtualMAC says whether a MAC belongs to a router redundancy protocol: VRRP (RFC 5798 7.3), HSRP versions 1 and 2,
// GLBP. Several devices use it in turn, so it identifies none.
func virtualMAC(m evidence.MAC) bool {
	switch {
	case m[0] == 0x00 && m[1] == 0x00 && m[2] == 0x5e && m[3] == 0x00 && (m[4] == 1 || m[4] == 2):
		return true
	case m[0] == 0x00 && m[1] == 0x00 && m[2] == 0x0c && (m[3] == 0x07 && m[4] == 0xac || m[3] == 0x9f && m[4]&0xf0 == 0xf0):
		return true
	case m[0] == 0x00 && m[1] == 0x07 && m[2] == 0xb4:
		return true
	}
	return false
}

// strong says whether a MAC can identify an asset.
func strong(m evidence.MAC) bool { return !m.None() && !m.Group() && !virtualMAC(m) }

const observedFlags = evidence.Sent | evidence.Bound

// judgeMACs counts, per MAC, the addresses it sent from and how well they are proven. An address seen in several
// evidences counts once.
func (v *Inventory) judgeMACs() error {
	v.macs, v.proxies = map[evidence.MAC]macFacts{}, map[hardware]int{}
	order := v.sortedNodes(func(e *evidence.Endpoint) bool { return !e.MAC.None() && e.Flags&observedFlags != 0 }, func(a, b *evidence.Endpoint) int {
		if c := bytes.Compare(a.MAC[:], b.MAC[:]); c != 0 {
			return c
		}
		if c := bytes.Compare(a.IP[:], b.IP[:]); c != 0 {
			return c
		}
		return cmp.Compare(a.VLAN, b.VLAN)
	})
	claimed := map[uint16]int{} // by VLAN, of one MAC
	for i := 0; i < len(order); {
		mac := v.ends[order[i]].MAC
		var f macFacts
		clear(claimed)
		for i < len(order) && v.ends[order[i]].MAC == mac {
			i = v.judgeAddress(order, i, &f, claimed)
		}
		if strong(mac) {
			v.macs[mac] = f
		}
		for vlan, n := range claimed {
			if n > proxyARP {
				v.proxies[hardware{mac, vlan}] = n
			}
		}
	}
	v.local = make([]bool, len(v.ends))
	for n := range v.ends {
		v.local[n] = v.isLocal(&v.ends[n])
	}
	return nil
}

// judgeAddress takes the nodes of one MAC and one address, which begin at i, and returns where they end.
func (v *Inventory) judgeAddress(order []uint32, i int, f *macFacts, claimed map[uint16]int) int {
	first := &v.ends[order[i]]
	flags := evidence.EndpointFlags(0)
	counted := -1 // VLAN in which the address was counted as claimed
	for ; i < len(order); i++ {
		e := &v.ends[order[i]]
		if e.MAC != first.MAC || e.IP != first.IP {
			break
		}
		flags |= e.Flags
		if e.Flags&evidence.Bound != 0 && !e.IP.None() && !e.IP.LinkLocal() && counted != int(e.VLAN) {
			counted = int(e.VLAN)
			claimed[e.VLAN]++
		}
	}
	switch {
	case first.IP.None() || flags&evidence.Bound != 0:
	case flags&evidence.Routed != 0:
		f.routed++
	case flags&evidence.Sent != 0:
		f.unbound++
	}
	return i
}

// sortedNodes lists the nodes that fit in a given order, and those equal in it by number.
func (v *Inventory) sortedNodes(fits func(*evidence.Endpoint) bool, order func(a, b *evidence.Endpoint) int) []uint32 {
	count := 0
	for i := range v.ends {
		count += b2i(fits(&v.ends[i]))
	}
	list := make([]uint32, 0, count)
	for i := range v.ends {
		if fits(&v.ends[i]) {
			list = append(list, uint32(i))
		}
	}
	slices.SortFunc(list, func(a, b uint32) int {
		if c := order(&v.ends[a], &v.ends[b]); c != 0 {
			return c
		}
		return cmp.Compare(a, b)
	})
	return list
}

// isLocal says whether an endpoint's address is the own one of its MAC.
func (v *Inventory) isLocal(e *evidence.Endpoint) bool {
	if e.Flags&observedFlags == 0 || e.IP.None() || e.IP.Group() || e.MAC.None() {
		return false
	}
	if e.Flags&evidence.Bound != 0 && v.proxies[hardware{e.MAC, e.VLAN}] == 0 {
		return true
	}
	f, known := v.macs[e.MAC]
	return e.Flags&evidence.Sent != 0 && known && e.Flags&evidence.Routed == 0 && f.unbound <= maxUnproven
}

// forwarders keeps the MACs that carry addresses of others: all that is asked for once the assets are made.
func forwarders(macs map[evidence.MAC]macFacts) map[evidence.MAC]macFacts {
	out := map[evidence.MAC]macFacts{}
	for m, f := range macs {
		if f.routed >= 2 {
			out[m] = f
		}
	}
	return out
}
