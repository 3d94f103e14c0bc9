// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"breakwater/evidence"
	"breakwater/evidence/spool"
	"breakwater/harbour"
)

// Input is what an inventory is built from.
type Input struct {
	// Ledgers of all evidence that could be read, in any order, in memory or in files. They must stay open to views as
	// long as the inventory is being built.
	Ledgers []*evidence.Ledger
	// Port is the port file, or nil.
	Port *harbour.Port
	// Sites of the house, beside those of the port file: what people are limited to.
	Sites []harbour.Site
	// Given says for which site an evidence was given, by its id; one that is not in it was given for no one site.
	Given map[string]string
	// Decisions on identity that people took elsewhere than in the port file, in the order in which they were taken.
	Decisions []Decision
	// Stated gives what people state of an asset over what the evidence says; nil for nothing. Kind, domain, level and zone
	// count for verdicts and findings; the rest is shown by those who list the assets.
	Stated func(asset string) []harbour.Statement
	// Vendor names the holder of a MAC's prefix.
	Vendor func(mac [6]byte) (string, bool)
	// At is the instant of the assessment.
	At harbour.Instant
	// Memory is the number of bytes that the run has to work in; a third of it at most holds rows, which go to files in
	// TempDir beyond that. The result does not depend on it.
	Memory int64
	// TempDir is the folder of temporary files, which [Inventory.Close] removes; "" keeps everything in memory.
	TempDir string
}

// Inventory is the result of [Build].
type Inventory struct {
	in        Input
	ledgers   []*evidence.Ledger
	base      []uint32            // first node of each ledger
	ends      []evidence.Endpoint // nodes
	links     [][2]uint32
	labels    labels
	local     []bool // by node: its address is the own one of its MAC
	sets      unionFind
	macs      map[evidence.MAC]macFacts
	proxies   map[hardware]int // MACs that answer ARP for others, with the number of addresses
	owners    []owner          // by address and VLAN
	decisions []decision
	decided   map[int32][]int // decisions that touch an asset
	assetOf   []int32         // by node; -1 is none
	members   []uint32        // nodes, asset by asset
	assets    []asset
	vocab     vocabulary
	obs       *spool.Sorter // observations by asset
	cards     *spool.Shelf  // keys and attributes of each asset
	convs     *spool.Sorter
	verdicts  []uint8 // of convs, in their order
	ops       *spool.Sorter
	zones     *zones
	sites     *Sites
	traffic   bool // some ledger holds traffic
	listed    bool // some ledger declares assets
	// incomplete says that some ledger had no room for all facts: rules that argue from absence are silent then.
	incomplete bool

	engineers map[int32]engineering
	words     words
	makers    map[string][]makerRule // by holder of hardware addresses
	findings  []harbour.Finding
	silent    []harbour.SilentRule
	doubts    [][]harbour.Problem // of each ledger: what only shows beside other evidence
}

// Build makes the inventory. It fails when ctx ends, when a ledger's file is damaged (evidence.ErrLedgerDamaged), and
// when a temporary file cannot be written. Close the inventory after use.
func Build(ctx context.Context, in Input) (*Inventory, error) {
	v := &Inventory{in: in, ledgers: slices.Clone(in.Ledgers), words: words{}, makers: map[string][]makerRule{}, vocab: vocabulary{ids: map[string]uint32{}}}
	slices.SortFunc(v.ledgers, func(a, b *evidence.Ledger) int { return cmp.Compare(a.Evidence.ID, b.Evidence.ID) })
	v.zones, v.sites = compileZones(in.Port), NewSites(in.Sites, in.Port)
	share := max(in.Memory/16, 1<<20)
	v.obs, v.convs, v.ops = spool.NewSorter(in.TempDir, share), spool.NewSorter(in.TempDir, share), spool.NewSorter(in.TempDir, share/2)
	v.cards = spool.NewShelf(in.TempDir, share)
	for _, step := range []func() error{ // later steps do not need what earlier ones looked things up in
		v.collect, v.judgeMACs, v.findOwners, v.join, v.makeAssets, v.gather, v.relate, v.describe, v.judge, v.find,
	} {
		err := step()
		if ctx.Err() != nil {
			err = &harbour.Error{Kind: harbour.ErrCancelled, Op: "build inventory", Message: "stopped", Err: ctx.Err()}
		}
		if err != nil {
			v.Close()
			return nil, err
		}
	}
	return v, nil
}

// Err is the first error that a walk met in a temporary file: what was walked is not complete then.
func (v *Inventory) Err() error {
	return errors.Join(v.convs.Err(), v.ops.Err(), v.cards.Err())
}

// Close removes the temporary files.
func (v *Inventory) Close() error {
	return errors.Join(v.obs.Close(), v.convs.Close(), v.ops.Close(), v.cards.Close())
}

// collect numbers all endpoints of all ledgers as nodes and takes down what identity looks at.
func (v *Inventory) collect() error {
	for _, l := range v.ledgers {
		view, err := l.View()
		if err != nil {
			return err
		}
		base := uint32(len(v.ends))
		v.base = append(v.base, base)
		v.ends = slices.Grow(v.ends, view.EndpointCount())
		for e := range view.Endpoints() {
			v.listed = v.listed || e.Flags&evidence.Row != 0
			v.ends = append(v.ends, *e)
		}
		for k := range view.Links() {
			v.links = append(v.links, [2]uint32{base + uint32(k.A) - 1, base + uint32(k.B) - 1})
		}
		v.labels.collect(view, base)
		v.traffic = v.traffic || l.Evidence.Kind == harbour.EvidencePacket
		v.incomplete = v.incomplete || l.Lost() > 0
		if err := view.Close(); err != nil {
			return err
		}
		doubts, err := SiteProblems(l, v.sites, v.in.Given[l.Evidence.ID] == "")
		if err != nil {
			return err
		}
		v.doubts = append(v.doubts, doubts)
	}
	v.sets = newUnionFind(len(v.ends))
	return nil
}

// home finds the ledger of a node.
func (v *Inventory) home(node uint32) int {
	i, found := slices.BinarySearch(v.base, node)
	if !found {
		i--
	}
	for i+1 < len(v.base) && v.base[i+1] == v.base[i] { // ledgers without endpoints share a base
		i++
	}
	return i
}
