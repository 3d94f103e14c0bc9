// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"breakwater/harbour"
)

// assetSurvey counts assets and holds which of them are shown.
type assetSurvey struct {
	total        int
	domains      map[harbour.Domain]int
	declaredOnly int
	observedOnly int
	both         int
	inZone       map[string]int // zone id → assets, "" for those in none
	critical     int            // declared as high or critical

	shown map[string]int // asset id → position in order
	order []assetKey     // by zone, then what needs attention, then name
}

// assetKey is what choice and order need of an asset.
type assetKey struct {
	id, zone, name string
	worst          harbour.Severity
	rank           int // worst finding, criticality and domain in one
	index          int // in the assessment's order
}

// listed says whether any asset is declared at all.
func (v *assetSurvey) listed() bool { return v.both+v.declaredOnly > 0 }

func criticalityRank(c string) int {
	switch c {
	case "critical":
		return 4
	case "high":
		return 3
	case "medium":
		return 2
	case "low":
		return 1
	}
	return 0
}

func domainRank(d harbour.Domain) int {
	switch d {
	case harbour.OT:
		return 2
	case harbour.Physical:
		return 1
	}
	return 0
}

func (s *survey) surveyAssets(ctx context.Context) error {
	v := &s.assets
	v.domains, v.inZone, v.shown = map[harbour.Domain]int{}, map[string]int{}, map[string]int{}
	pick := newPicker(MaxAssets, func(a, b assetKey) int {
		return cmp.Or(cmp.Compare(b.rank, a.rank), cmp.Compare(a.index, b.index))
	})
	for a := range s.a.AssetHeads() {
		if v.total%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		worst, _ := s.worst(s.findings.subjects[a.ID])
		pick.add(assetKey{
			id: a.ID, zone: a.Zone, name: a.Name, worst: worst, index: v.total,
			rank: (worst.Rank()+1)*100 + criticalityRank(a.Criticality)*10 + domainRank(a.Domain),
		})
		v.count(a)
	}
	v.order = pick.best()
	rank := s.zoneOrder()
	slices.SortFunc(v.order, func(a, b assetKey) int {
		return cmp.Or(
			cmp.Compare(rank(a.zone), rank(b.zone)),
			cmp.Compare(a.zone, b.zone),
			cmp.Compare(b.worst.Rank(), a.worst.Rank()),
			cmp.Compare(strings.ToLower(a.name), strings.ToLower(b.name)),
			cmp.Compare(a.index, b.index),
		)
	})
	for i, k := range v.order {
		v.shown[k.id] = i
	}
	return nil
}

func (v *assetSurvey) count(a *harbour.Asset) {
	v.total++
	v.domains[a.Domain]++
	v.inZone[a.Zone]++
	switch {
	case a.Declared && a.Observed:
		v.both++
	case a.Declared:
		v.declaredOnly++
	default:
		v.observedOnly++
	}
	if criticalityRank(a.Criticality) >= 3 {
		v.critical++
	}
}

// zoneOrder gives the place of a zone in the assessment; unknown zones come after all, and no zone comes last.
func (s *survey) zoneOrder() func(id string) int {
	rank := make(map[string]int, len(s.a.Zones))
	for i, z := range s.a.Zones {
		rank[z.ID] = i
	}
	return func(id string) int {
		if id == "" {
			return len(rank) + 1
		}
		if r, ok := rank[id]; ok {
			return r
		}
		return len(rank)
	}
}

// picker keeps the best n of a stream in memory for at most 2n.
type picker[T any] struct {
	n    int
	less func(a, b T) int
	kept []T
}

func newPicker[T any](n int, less func(a, b T) int) *picker[T] {
	return &picker[T]{n: n, less: less}
}

func (p *picker[T]) add(v T) {
	p.kept = append(p.kept, v)
	if len(p.kept) >= 2*p.n {
		p.cut()
	}
}

func (p *picker[T]) cut() {
	slices.SortFunc(p.kept, p.less)
	if len(p.kept) > p.n {
		clear(p.kept[p.n:])
		p.kept = p.kept[:p.n]
	}
}

// best gives what was kept, best first.
func (p *picker[T]) best() []T {
	p.cut()
	return p.kept
}
