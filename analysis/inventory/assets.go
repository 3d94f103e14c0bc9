// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"

	"breakwater/evidence"
	"breakwater/harbour"
)

// asset is the compact form that the inventory keeps; [harbour.Asset] is made of it when asked for.
type asset struct {
	id       string
	keys     []string
	nodes    []uint32
	name     string
	kind     harbour.Kind
	domain   harbour.Domain
	level    string
	zone     int16 // number in zones, -1 none
	declared bool
	observed bool
	silent   bool
	remote   bool // outside the port's address space
	virtual  bool // an address that several routers serve in turn
	ot       bool // stands in a control or safety zone, or is of a kind that does
	obsFrom  int  // its observations are obs[obsFrom:obsTo]
	obsTo    int
	first    harbour.Instant
	last     harbour.Instant
	uses     []use
	facts    facts
}

// use is a protocol that an asset speaks.
type use struct {
	protocol string
	side     uint8 // 0 client, 1 server, 2 group
	port     uint16
}

// tentativeHosts is how many hosts that nobody ever answered an evidence may hold before they count as a flood of forged
// addresses and not as hosts.
const tentativeHosts = 1000

// makeAssets turns sets of nodes into assets: whatever was declared, sent from hardware of its own, or proved its
// address. A host behind a router is one only if somebody answered it or it answered; an address that was merely called
// is none.
func (v *Inventory) makeAssets() {
	members := map[uint32][]uint32{}
	var roots []uint32
	for n := range v.ends {
		r := v.sets.root(uint32(n))
		if members[r] == nil {
			roots = append(roots, r)
		}
		members[r] = append(members[r], uint32(n))
	}
	unanswered := 0
	for _, r := range roots {
		if v.standing(members[r]) == standsTentative {
			unanswered++
		}
	}
	v.assetOf = make([]int32, len(v.ends))
	for _, r := range roots {
		s := v.standing(members[r])
		if s == standsNot || s == standsTentative && unanswered > tentativeHosts {
			continue
		}
		a := asset{nodes: members[r], zone: -1}
		a.keys = v.keysOf(a.nodes)
		if len(a.keys) == 0 {
			continue
		}
		sum := sha256.Sum256([]byte(a.keys[0]))
		a.id = "a-" + hex.EncodeToString(sum[:6])
		v.assets = append(v.assets, a)
	}
	slices.SortFunc(v.assets, func(a, b asset) int {
		return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.keys[0], b.keys[0]))
	})
	for i := range v.assetOf {
		v.assetOf[i] = -1
	}
	for i := range v.assets {
		a := &v.assets[i]
		if i > 0 && a.keys[0] == v.assets[i-1].keys[0] || i > 0 && a.id == v.assets[i-1].id {
			a.id += "-" + strconv.Itoa(i) // two sets that must stay apart share a key
		}
		for _, n := range a.nodes {
			v.assetOf[n] = int32(i)
			e := v.ends[n]
			harbour.Widen(&a.first, &a.last, e.First)
			harbour.Widen(&a.first, &a.last, e.Last)
			a.declared = a.declared || e.Flags&evidence.Row != 0
			a.silent = a.silent || e.Flags&evidence.Silent != 0
			a.observed = a.observed || e.Flags&observedFlags != 0
			a.virtual = a.virtual || virtualMAC(e.MAC) && e.Flags&observedFlags != 0
		}
	}
}

// The standing of a set of nodes.
const (
	standsNot       = iota // never sent anything, nobody declared it
	standsTentative        // sent something, but nobody answered
	standsFirm
)

func (v *Inventory) standing(nodes []uint32) int {
	s := standsNot
	for _, n := range nodes {
		e := v.ends[n]
		switch {
		case e.MAC.Group() || e.IP.Group():
			continue
		case e.Flags&(evidence.Bound|evidence.Sent|evidence.Row) == evidence.Bound && v.proxies[hardware{e.MAC, e.VLAN}] > 0:
			continue // a router answered for it
		case e.Flags&evidence.Row != 0, e.Flags&evidence.Bound != 0, e.Flags&(evidence.Sent|evidence.Answered) == evidence.Sent|evidence.Answered:
			return standsFirm
		case e.Flags&evidence.Sent != 0:
			s = standsTentative
		}
	}
	return s
}

// keysOf lists the identity keys of a set in canonical order: declared serial, MAC (universal before local, then by
// value), address in its VLAN, name, tag.
func (v *Inventory) keysOf(nodes []uint32) []string {
	type key struct {
		rank int
		text string
	}
	var keys []key
	for _, n := range nodes {
		e := v.ends[n]
		observedOwn := e.Flags&observedFlags != 0 && (e.IP.None() || v.local(e))
		if !e.MAC.None() && !e.MAC.Group() && (e.Flags&evidence.Row != 0 || observedOwn) {
			rank := 2
			switch {
			case virtualMAC(e.MAC):
				rank = 4
			case e.MAC[0]&2 != 0:
				rank = 3
			}
			keys = append(keys, key{rank, "mac:" + e.MAC.String()})
		}
		if !e.IP.None() {
			k := "ip:" + e.IP.String()
			if e.VLAN != 0 {
				k += "@" + strconv.Itoa(int(e.VLAN))
			}
			keys = append(keys, key{5, k})
		}
		ledger, id := v.home(n)
		if e.Flags&evidence.Row != 0 {
			for _, k := range v.ledgers[ledger].DeclaredKeys(id) {
				rank := 6
				if k[0] == 's' {
					rank = 1
				}
				keys = append(keys, key{rank, k})
			}
		}
	}
	slices.SortFunc(keys, func(a, b key) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.text, b.text)) })
	keys = slices.Compact(keys)
	var out []string
	for _, k := range keys {
		if len(out) < 24 {
			out = append(out, k.text)
		}
	}
	return out
}

// interfaces lists where an asset touches the network: its own MACs with their addresses, then addresses without MAC.
func (v *Inventory) interfaces(a *asset) []harbour.Interface {
	type slot struct {
		mac  evidence.MAC
		vlan uint16
	}
	ips := map[slot]map[evidence.IP]bool{}
	add := func(mac evidence.MAC, vlan uint16, ip evidence.IP) {
		s := slot{mac, vlan}
		if ips[s] == nil {
			ips[s] = map[evidence.IP]bool{}
		}
		if !ip.None() {
			ips[s][ip] = true
		}
	}
	owned := map[evidence.IP]bool{}
	for _, n := range a.nodes {
		e := v.ends[n]
		if e.MAC.None() || e.MAC.Group() {
			continue
		}
		if e.Flags&evidence.Row != 0 || e.IP.None() && e.Flags&observedFlags != 0 || v.local(e) || virtualMAC(e.MAC) {
			add(e.MAC, e.VLAN, e.IP)
			owned[e.IP] = true
		}
	}
	for _, n := range a.nodes {
		e := v.ends[n]
		if !e.IP.None() && !owned[e.IP] {
			add(evidence.MAC{}, e.VLAN, e.IP)
		}
	}
	// A declared row without VLAN says nothing that the observed interface does not.
	for s := range ips {
		if s.vlan == 0 {
			for t := range ips {
				if t.vlan != 0 && t.mac == s.mac && covers(ips[t], ips[s]) {
					delete(ips, s)
					break
				}
			}
		}
	}
	slots := make([]slot, 0, len(ips))
	for s := range ips {
		slots = append(slots, s)
	}
	slices.SortFunc(slots, func(a, b slot) int {
		return cmp.Or(cmp.Compare(b2i(a.mac.None()), b2i(b.mac.None())), bytes.Compare(a.mac[:], b.mac[:]), cmp.Compare(a.vlan, b.vlan))
	})
	out := make([]harbour.Interface, 0, len(slots))
	for _, s := range slots {
		list := make([]evidence.IP, 0, len(ips[s]))
		for ip := range ips[s] {
			list = append(list, ip)
		}
		slices.SortFunc(list, func(a, b evidence.IP) int { return bytes.Compare(a[:], b[:]) })
		i := harbour.Interface{MAC: s.mac.String(), VLAN: int(s.vlan), IPs: []string{}}
		for _, ip := range list {
			i.IPs = append(i.IPs, ip.String())
		}
		out = append(out, i)
	}
	return out
}

func covers(big, small map[evidence.IP]bool) bool {
	for ip := range small {
		if !big[ip] {
			return false
		}
	}
	return true
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
