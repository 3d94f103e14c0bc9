// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"slices"

	"breakwater/evidence"
)

// join makes sets of nodes: first what is observed, then declarations onto it, then what is only addressed.
func (v *Inventory) join() error {
	v.loadDecisions()
	v.decide(false)
	v.joinMACs()
	for _, k := range v.links {
		v.sets.join(k[0], k[1])
	}
	v.links = nil
	v.joinOwned()
	v.decide(true)
	v.joinDeclared()
	v.joinRest()
	v.owners = nil
	return nil
}

// joinMACs joins all nodes that carry the same MAC as their own. A virtual MAC stands for one redundancy group in its
// VLAN: it joins what it claims there, and not the routers that send with it in turn.
func (v *Inventory) joinMACs() {
	groups := map[hardware]uint32{}
	nodes := make(map[evidence.MAC]uint32, len(v.macs))
	for i := range v.ends {
		n, e := uint32(i), &v.ends[i]
		if virtualMAC(e.MAC) && (e.IP.None() || e.Flags&evidence.Bound != 0) && e.Flags&(observedFlags|evidence.Addressed) != 0 {
			if first, ok := groups[hardware{e.MAC, e.VLAN}]; ok {
				v.sets.join(first, n)
			} else {
				groups[hardware{e.MAC, e.VLAN}] = n
			}
		}
		if !strong(e.MAC) || !(e.IP.None() && e.Flags&observedFlags != 0 || v.local[n] || e.Flags&evidence.Row != 0) {
			continue
		}
		if first, ok := nodes[e.MAC]; ok {
			v.sets.join(first, n)
		} else {
			nodes[e.MAC] = n
		}
	}
}

// joinOwned joins endpoints without MAC of their own, and those behind routers, with the owner of their address.
func (v *Inventory) joinOwned() {
	for i := range v.ends {
		n, e := uint32(i), &v.ends[i]
		if e.Flags&evidence.Row != 0 || e.IP.None() || v.local[n] || e.IP.Group() {
			continue
		}
		o, ok := v.ownerOf(e.IP, e.VLAN)
		if !ok {
			continue
		}
		// What a device merely says of its addresses (discovery protocols) does not make it one with their owner.
		claim := strong(e.MAC) && e.Flags&(evidence.Sent|evidence.Addressed) == 0
		if owner := v.ends[o].MAC; !claim || owner == e.MAC || owner.None() {
			v.sets.join(o, n)
		}
	}
}

// joinDeclared ties declared rows to what was observed: by serial number, by MAC (done before), by address where the
// declared MAC was not seen anywhere, by name where nothing stronger is declared. Rows of several lists that share a key
// are one asset.
func (v *Inventory) joinDeclared() {
	pairs := v.namedPairs()
	rowSeen := make([]bool, len(v.ends)) // by root: one of its declared MACs was observed
	for n := range v.ends {
		if e := &v.ends[n]; e.Flags&evidence.Row != 0 && strong(e.MAC) {
			if _, observed := v.macs[e.MAC]; observed {
				rowSeen[v.sets.root(uint32(n))] = true
			}
		}
	}
	rowIP := map[place]uint32{}
	for i := range v.ends {
		n, e := uint32(i), &v.ends[i]
		if e.Flags&evidence.Row == 0 || e.IP.None() {
			continue
		}
		if first, ok := rowIP[placeOf(e)]; ok {
			if !v.differentMACs(first, n) {
				v.sets.join(first, n)
			}
		} else {
			rowIP[placeOf(e)] = n
		}
		if rowSeen[v.sets.root(n)] {
			continue
		}
		if o, ok := v.ownerOf(e.IP, e.VLAN); ok {
			v.sets.join(o, n)
		}
	}
	for _, p := range pairs {
		v.sets.join(p[0], p[1])
	}
}

// differentMACs says whether two declared rows name different hardware.
func (v *Inventory) differentMACs(a, b uint32) bool {
	x, y := v.ends[a].MAC, v.ends[b].MAC
	return !x.None() && !y.None() && x != y && v.sets.root(a) != v.sets.root(b)
}

// joinRest ties endpoints that share an address without owner: routed hosts seen in several evidences.
func (v *Inventory) joinRest() {
	first := map[evidence.IP]uint32{}
	for i := range v.ends {
		n, e := uint32(i), &v.ends[i]
		if e.IP.None() || e.IP.Group() || v.local[n] {
			continue
		}
		if _, ok := v.ownerOf(e.IP, e.VLAN); ok {
			continue
		}
		if f, ok := first[e.IP]; ok {
			if !v.differentMACs(f, n) || e.Flags&evidence.Row == 0 {
				v.sets.join(f, n)
			}
		} else {
			first[e.IP] = n
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
