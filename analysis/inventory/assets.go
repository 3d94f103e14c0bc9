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
	"strings"

	"breakwater/evidence"
	"breakwater/harbour"
)

// asset is the compact form that the inventory keeps; [harbour.Asset] is made of it and of its card when asked for.
type asset struct {
	id          string
	name        string
	kind        harbour.Kind
	domain      harbour.Domain
	level       string
	criticality string // as declared
	from, to    uint32 // its nodes are members[from:to]
	zone        int16  // number in zones, -1 none
	has         traits
	declared    bool
	observed    bool
	silent      bool
	remote      bool  // outside the port's address space
	virtual     bool  // an address that several routers serve in turn
	ot          bool  // stands in a control or safety zone, or is of a kind that does
	controllers int32 // servers of control protocols that it is a client of
	clients     int32 // different clients that it serves
	first       harbour.Instant
	last        harbour.Instant
	uses        []use
	listed      []uint16 // names of the port file's lists that mean it
}

// traits say which attributes an asset has, so that rules look at those cards alone that matter to them.
type traits uint8

const (
	hasLogin traits = 1 << iota
	hasVersion
	hasService
)

// use is a protocol that an asset speaks.
type use struct {
	protocol uint32 // in the vocabulary
	port     uint16
	side     uint8 // 0 client, 1 server, 2 group
}

// tentativeHosts is how many hosts that nobody ever answered an evidence may hold before they count as a flood of forged
// addresses and not as hosts.
const tentativeHosts = 1000

// nodes lists the nodes of an asset.
func (v *Inventory) nodes(a *asset) []uint32 { return v.members[a.from:a.to] }

// makeAssets turns sets of nodes into assets: whatever was declared, sent from hardware of its own, or proved its
// address. A host behind a router is one only if somebody answered it or it answered; an address that was merely called
// is none.
func (v *Inventory) makeAssets() error {
	nodes, starts := v.sortBySet()
	v.macs = forwarders(v.macs)
	unanswered := 0
	each := func(yield func(set []uint32)) {
		for i := range starts[:len(starts)-1] {
			yield(nodes[starts[i]:starts[i+1]])
		}
	}
	each(func(set []uint32) { unanswered += b2i(v.standing(set) == standsTentative) })
	v.labels.sortByNode()
	type found struct {
		id       [6]byte
		key      string
		from, to uint32 // in nodes
	}
	list := make([]found, 0, len(starts))
	at := uint32(0)
	each(func(set []uint32) {
		from := at
		at += uint32(len(set))
		s := v.standing(set)
		if s == standsNot || s == standsTentative && unanswered > tentativeHosts {
			return
		}
		if keys := v.keysOf(set); len(keys) > 0 {
			sum := sha256.Sum256([]byte(keys[0]))
			list = append(list, found{[6]byte(sum[:6]), keys[0], from, at})
		}
	})
	slices.SortFunc(list, func(a, b found) int {
		return cmp.Or(bytes.Compare(a.id[:], b.id[:]), cmp.Compare(a.key, b.key), cmp.Compare(a.from, b.from))
	})
	v.assetOf = make([]int32, len(v.ends))
	for i := range v.assetOf {
		v.assetOf[i] = -1
	}
	v.assets, v.members = make([]asset, len(list)), make([]uint32, 0, len(nodes))
	same := 1
	for i := range list {
		f, a := &list[i], &v.assets[i]
		a.id, a.zone = "a-"+hex.EncodeToString(f.id[:]), -1
		if i > 0 && f.id == list[i-1].id { // two sets that must stay apart share a key
			same++
			a.id += "-" + strconv.Itoa(same)
		} else {
			same = 1
		}
		a.from = uint32(len(v.members))
		v.members = append(v.members, nodes[f.from:f.to]...)
		a.to = uint32(len(v.members))
		v.sumUp(int32(i), a)
	}
	v.sets = unionFind{}
	v.noteDecisions()
	return nil
}

// sortBySet lists all nodes set by set, and where each set begins.
func (v *Inventory) sortBySet() (nodes, starts []uint32) {
	count := make([]uint32, len(v.ends)+1)
	for n := range v.ends {
		count[v.sets.root(uint32(n))]++
	}
	starts = append(starts, 0)
	sum := uint32(0)
	for i, c := range count {
		count[i] = sum
		if sum += c; c > 0 {
			starts = append(starts, sum)
		}
	}
	nodes = make([]uint32, len(v.ends))
	for n := range v.ends {
		r := v.sets.root(uint32(n))
		nodes[count[r]] = uint32(n)
		count[r]++
	}
	return nodes, starts
}

// sumUp settles what an asset's nodes say together.
func (v *Inventory) sumUp(i int32, a *asset) {
	for _, n := range v.nodes(a) {
		v.assetOf[n] = i
		e := &v.ends[n]
		harbour.Widen(&a.first, &a.last, e.First)
		harbour.Widen(&a.first, &a.last, e.Last)
		a.declared = a.declared || e.Flags&evidence.Row != 0
		a.silent = a.silent || e.Flags&evidence.Silent != 0
		a.observed = a.observed || e.Flags&observedFlags != 0
		a.virtual = a.virtual || virtualMAC(e.MAC) && e.Flags&observedFlags != 0
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
		e := &v.ends[n]
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

// maxKeys is how many keys of an asset are kept.
const maxKeys = 24

// keysOf lists the identity keys of a set in canonical order: declared serial, MAC (universal before local, then by
// value), address in its VLAN, name, tag.
func (v *Inventory) keysOf(nodes []uint32) []string {
	type key struct {
		rank int
		text string
	}
	var keys []key
	for _, n := range nodes {
		e := &v.ends[n]
		observedOwn := e.Flags&observedFlags != 0 && (e.IP.None() || v.local[n])
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
		if e.Flags&evidence.Row == 0 {
			continue
		}
		for _, r := range v.labels.of(n) {
			switch {
			case !r.declared:
			case r.what == labelSerial:
				keys = append(keys, key{1, "serial:" + v.labels.text(r)})
			case r.what == labelName:
				keys = append(keys, key{6, "name:" + v.labels.text(r)})
			case r.what == labelTag:
				keys = append(keys, key{6, "tag:" + v.labels.text(r)})
			}
		}
	}
	slices.SortFunc(keys, func(a, b key) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.text, b.text)) })
	keys = slices.Compact(keys)
	out := make([]string, 0, min(len(keys), maxKeys))
	for _, k := range keys[:min(len(keys), maxKeys)] {
		out = append(out, k.text)
	}
	return out
}

// assetByID returns the number of an asset; -1 for none.
func (v *Inventory) assetByID(id string) int32 {
	base := id[:min(len(id), len("a-")+12)]
	i, _ := slices.BinarySearchFunc(v.assets, base, func(a asset, base string) int { return cmp.Compare(a.id, base) })
	for ; i < len(v.assets) && strings.HasPrefix(v.assets[i].id, base); i++ {
		if v.assets[i].id == id {
			return int32(i)
		}
	}
	return -1
}

// interfaces lists where an asset touches the network: its own MACs with their addresses, then addresses without MAC.
func (v *Inventory) interfaces(a *asset) []harbour.Interface {
	if n := v.nodes(a); len(n) == 1 { // most assets
		e := &v.ends[n[0]]
		own := !e.MAC.None() && !e.MAC.Group() &&
			(e.Flags&evidence.Row != 0 || e.IP.None() && e.Flags&observedFlags != 0 || v.local[n[0]] || virtualMAC(e.MAC))
		x := harbour.Interface{IPs: []string{}, VLAN: int(e.VLAN)}
		switch {
		case own:
			x.MAC = e.MAC.String()
		case e.IP.None():
			return []harbour.Interface{}
		}
		if !e.IP.None() {
			x.IPs = append(x.IPs, e.IP.String())
		}
		return []harbour.Interface{x}
	}
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
	for _, n := range v.nodes(a) {
		e := &v.ends[n]
		if e.MAC.None() || e.MAC.Group() {
			continue
		}
		if e.Flags&evidence.Row != 0 || e.IP.None() && e.Flags&observedFlags != 0 || v.local[n] || virtualMAC(e.MAC) {
			add(e.MAC, e.VLAN, e.IP)
			owned[e.IP] = true
		}
	}
	for _, n := range v.nodes(a) {
		e := &v.ends[n]
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
