// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"breakwater/evidence"
)

// macFacts is what decides whether a MAC speaks for the addresses seen behind it.
type macFacts struct {
	bound    int // addresses that ARP, DHCP or neighbour discovery puts at this MAC
	unbound  int // further source addresses, no router in sight
	routed   int // source addresses whose hop count shows a router
	node     uint32
	hasNode  bool
	observed bool
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
func (v *Inventory) judgeMACs() {
	v.macs, v.proxies = map[evidence.MAC]*macFacts{}, map[hardware]int{}
	type pair struct {
		mac evidence.MAC
		ip  evidence.IP
	}
	best := map[pair]evidence.EndpointFlags{}
	for _, e := range v.ends {
		if !strong(e.MAC) || e.Flags&observedFlags == 0 {
			continue
		}
		f := v.macs[e.MAC]
		if f == nil {
			f = &macFacts{}
			v.macs[e.MAC] = f
		}
		f.observed = true
		if !e.IP.None() {
			best[pair{e.MAC, e.IP}] |= e.Flags
		}
	}
	claimed := map[hardware]map[evidence.IP]bool{}
	for _, e := range v.ends {
		if h := (hardware{e.MAC, e.VLAN}); e.Flags&evidence.Bound != 0 && !e.IP.None() && !e.IP.LinkLocal() {
			if claimed[h] == nil {
				claimed[h] = map[evidence.IP]bool{}
			}
			claimed[h][e.IP] = true
		}
	}
	for h, ips := range claimed {
		if len(ips) > proxyARP {
			v.proxies[h] = len(ips)
		}
	}
	for p, flags := range best {
		f := v.macs[p.mac]
		switch {
		case flags&evidence.Bound != 0:
			f.bound++
		case flags&evidence.Routed != 0:
			f.routed++
		case flags&evidence.Sent != 0:
			f.unbound++
		}
	}
}

// local says whether an endpoint's address is the own one of its MAC.
func (v *Inventory) local(e *evidence.Endpoint) bool {
	if e.Flags&observedFlags == 0 || e.IP.None() || e.IP.Group() || e.MAC.None() {
		return false
	}
	if e.Flags&evidence.Bound != 0 && v.proxies[hardware{e.MAC, e.VLAN}] == 0 {
		return true
	}
	f := v.macs[e.MAC]
	return e.Flags&evidence.Sent != 0 && f != nil && e.Flags&evidence.Routed == 0 && f.unbound <= maxUnproven
}
