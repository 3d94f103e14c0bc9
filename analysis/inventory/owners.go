// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"bytes"
	"cmp"
	"slices"

	"breakwater/evidence"
)

// place is an address in its VLAN.
type place struct {
	ip   evidence.IP
	vlan uint16
}

func (p place) compare(q place) int {
	if c := bytes.Compare(p.ip[:], q.ip[:]); c != 0 {
		return c
	}
	return cmp.Compare(p.vlan, q.vlan)
}

func placeOf(e *evidence.Endpoint) place { return place{e.IP, e.VLAN} }

// owner is who holds an address at a place: the node of the MAC that was there last.
type owner struct {
	place
	node uint32
}

// findOwners decides, for each address in each VLAN, whose it is. Among several MACs the one seen last holds it, an
// address without MAC (raw captures) belongs to itself.
func (v *Inventory) findOwners() error {
	owns := func(e *evidence.Endpoint) bool {
		return !e.IP.None() && (e.Flags&evidence.Sent != 0 && e.MAC.None() && !e.IP.Group() || virtualMAC(e.MAC) && e.Flags&evidence.Bound != 0 || v.isLocal(e))
	}
	order := v.sortedNodes(owns, func(a, b *evidence.Endpoint) int { return placeOf(a).compare(placeOf(b)) })
	for _, n := range order {
		e := &v.ends[n]
		p := placeOf(e)
		if last := len(v.owners) - 1; last < 0 || v.owners[last].place != p {
			v.owners = append(v.owners, owner{p, n})
			continue
		}
		o := &v.owners[len(v.owners)-1]
		cur := &v.ends[o.node]
		if a, b := holds(e), holds(cur); a > b || a == b && (e.Last > cur.Last || e.Last == cur.Last && bytes.Compare(e.MAC[:], cur.MAC[:]) < 0) {
			o.node = n
		}
	}
	return nil
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
	i, found := slices.BinarySearchFunc(v.owners, place{ip, vlan}, func(o owner, p place) int { return o.compare(p) })
	if found {
		return v.owners[i].node, true
	}
	for i > 0 && v.owners[i-1].ip == ip {
		i--
	}
	node, ok := uint32(0), false
	for ; i < len(v.owners) && v.owners[i].ip == ip; i++ {
		o := v.owners[i].node
		if ok && v.sets.root(node) != v.sets.root(o) {
			return 0, false
		}
		if !ok {
			node, ok = o, true
		}
	}
	return node, ok
}
