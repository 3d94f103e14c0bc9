// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"bytes"
	"slices"

	"breakwater/evidence"
	"breakwater/harbour"
)

// place is an address in its VLAN.
type place struct {
	ip   evidence.IP
	vlan uint16
}

// owner is who holds an address at a place: the node of the MAC that was there last.
type owner struct {
	node   uint32
	last   harbour.Instant
	claims int // different MACs that held it
}

// findOwners decides, for each address in each VLAN, whose it is. Among several MACs the one seen last holds it, an
// address without MAC (raw captures) belongs to itself.
func (v *Inventory) findOwners() {
	v.owners, v.byIP = map[place]owner{}, map[evidence.IP][]place{}
	for n, e := range v.ends {
		own := v.local(e) || e.Flags&evidence.Sent != 0 && e.MAC.None() && !e.IP.None() && !e.IP.Group()
		if virtualMAC(e.MAC) && e.Flags&evidence.Bound != 0 && !e.IP.None() {
			own = true
		}
		if !own {
			continue
		}
		p := place{e.IP, e.VLAN}
		o, known := v.owners[p]
		if !known {
			v.owners[p] = owner{uint32(n), e.Last, 1}
			v.byIP[e.IP] = append(v.byIP[e.IP], p)
			continue
		}
		cur := v.ends[o.node]
		if cur.MAC != e.MAC {
			o.claims++
		}
		if a, b := holds(e), holds(cur); a > b || a == b && (e.Last > o.last || e.Last == o.last && bytes.Compare(e.MAC[:], cur.MAC[:]) < 0) {
			o.node, o.last = uint32(n), e.Last
		}
		v.owners[p] = o
	}
	for ip := range v.byIP {
		slices.SortFunc(v.byIP[ip], func(a, b place) int { return int(a.vlan) - int(b.vlan) })
	}
}

// holds ranks claims to an address: a redundancy group's virtual MAC before the routers that serve it in turn, any MAC
// before none.
func holds(e *evidence.Endpoint) int {
	switch {
	case virtualMAC(e.MAC):
		return 2
	case !e.MAC.None():
		return 1
	}
	return 0
}

// ownerOf finds the node that holds an address: in the VLAN, else in the only VLAN where somebody does. An address that
// different assets hold in several VLANs is nobody's from outside.
func (v *Inventory) ownerOf(ip evidence.IP, vlan uint16) (uint32, bool) {
	if o, ok := v.owners[place{ip, vlan}]; ok {
		return o.node, true
	}
	found, ok := uint32(0), false
	for _, p := range v.byIP[ip] {
		o := v.owners[p]
		if ok && v.sets.root(found) != v.sets.root(o.node) {
			return 0, false
		}
		if !ok {
			found, ok = o.node, true
		}
	}
	return found, ok
}
