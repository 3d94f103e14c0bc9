// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"cmp"
	"context"
	"slices"

	"breakwater/evidence"
	"breakwater/harbour"
)

// Input is what an inventory is built from.
type Input struct {
	// Ledgers of all evidence that could be read, in any order.
	Ledgers []*evidence.Ledger
	// Port is the port file, or nil.
	Port *harbour.Port
	// Vendor names the holder of a MAC's prefix.
	Vendor func(mac [6]byte) (string, bool)
	// At is the instant of the assessment.
	At harbour.Instant
}

// Inventory is the result of [Build].
type Inventory struct {
	in      Input
	ledgers []*evidence.Ledger
	base    []uint32 // first node of each ledger
	ends    []*evidence.Endpoint
	sets    unionFind
	macs    map[evidence.MAC]*macFacts
	proxies map[hardware]int // MACs that answer ARP for others, with the number of addresses
	owners  map[place]owner
	byIP    map[evidence.IP][]place // where an address is owned
	assetOf []int32                 // by node; -1 is none
	assets  []asset
	obs     []obsRef // sorted by asset
	convs   []convRef
	ops     []opRef
	zones   *zones
	traffic bool // some ledger holds traffic
	listed  bool // some ledger declares assets
	// incomplete says that some ledger had no room for all facts: rules that argue from absence are silent then.
	incomplete bool

	acts     map[int32]*behaviour
	words    words
	findings []harbour.Finding
}

// Build makes the inventory. It fails only when ctx ends.
func Build(ctx context.Context, in Input) (*Inventory, error) {
	v := &Inventory{in: in, ledgers: slices.Clone(in.Ledgers), words: words{}}
	slices.SortFunc(v.ledgers, func(a, b *evidence.Ledger) int { return cmp.Compare(a.Evidence.ID, b.Evidence.ID) })
	v.zones = compileZones(in.Port)
	for _, step := range []func(){ // later steps do not need what earlier ones looked things up in
		v.collect, v.judgeMACs, v.findOwners, v.join, v.forgetOwners, v.makeAssets, v.forgetKeys, v.gather, v.describe, v.relate, v.classify, v.judge, v.find,
	} {
		if ctx.Err() != nil {
			return nil, &harbour.Error{Kind: harbour.ErrCancelled, Op: "build inventory", Message: "stopped", Err: ctx.Err()}
		}
		step()
	}
	return v, nil
}

func (v *Inventory) forgetOwners() { v.owners, v.byIP = nil, nil }

func (v *Inventory) forgetKeys() {
	for _, l := range v.ledgers {
		l.Forget()
	}
}

// collect numbers all endpoints of all ledgers as nodes.
func (v *Inventory) collect() {
	n := 0
	for _, l := range v.ledgers {
		v.base = append(v.base, uint32(n))
		n += len(l.Endpoints())
		for i := range l.Endpoints() {
			if l.Endpoints()[i].Flags&evidence.Row != 0 {
				v.listed = true
				break
			}
		}
		v.traffic = v.traffic || l.Evidence.Kind == harbour.EvidencePacket
		v.incomplete = v.incomplete || l.Lost() > 0
	}
	v.ends = make([]*evidence.Endpoint, 0, n)
	for _, l := range v.ledgers {
		for i := range l.Endpoints() {
			v.ends = append(v.ends, &l.Endpoints()[i])
		}
	}
	v.sets = newUnionFind(n)
}

// node is the number of an endpoint of a ledger; false for none.
func (v *Inventory) node(ledger int, id evidence.EndpointID) (uint32, bool) {
	if id == 0 {
		return 0, false
	}
	return v.base[ledger] + uint32(id) - 1, true
}

// home finds the ledger of a node.
func (v *Inventory) home(node uint32) (ledger int, id evidence.EndpointID) {
	i, found := slices.BinarySearch(v.base, node)
	if !found {
		i--
	}
	for i+1 < len(v.base) && v.base[i+1] == v.base[i] { // ledgers without endpoints share a base
		i++
	}
	return i, evidence.EndpointID(node-v.base[i]) + 1
}
