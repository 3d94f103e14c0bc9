// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"

	"github.com/uptrace/bun"
)

// ZoneFindings is what is open about the assets of a zone.
type ZoneFindings struct {
	Zone   string
	Assets int // with an open finding
	Worst  int // rank of the worst open finding
}

// FindingsByZone says of each zone that has an asset with an open finding what is open about its assets.
func (s *Scoped) FindingsByZone(ctx context.Context) (list []ZoneFindings, err error) {
	b := s.shelf(ctx, &assetShelf)
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		if held, err := s.on(ctx, q, b); err != nil {
			return err
		} else if held {
			list = b.findingsByZone(s.wantedAssets(&AssetQuery{WithFindings: true}))
			return nil
		}
		c, err := s.assetConditions(ctx, q, &AssetQuery{WithFindings: true})
		if err != nil {
			return err
		}
		return q.NewRaw("SELECT t.zone, COUNT(*) AS assets, MAX(t.worst) AS worst FROM asset AS t WHERE "+c.text()+" GROUP BY t.zone ORDER BY t.zone", c.args...).Scan(ctx, &list)
	})
	return list, err
}

func (b *shelf) findingsByZone(w *wanted) (list []ZoneFindings) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	zone, worst := b.words["zone"], b.numbers["worst"]
	byZone := make([]ZoneFindings, len(zone.word))
	b.find(w).each(func(p int) {
		z := &byZone[zone.at[p]]
		z.Assets++
		z.Worst = max(z.Worst, int(worst[p]))
	})
	for _, code := range zone.inOrder() {
		if z := byZone[code]; z.Assets > 0 {
			z.Zone = zone.word[code]
			list = append(list, z)
		}
	}
	return list
}

// zonesWithin gives the zones in which a limited scope sees an asset.
func (b *shelf) zonesWithin(limits []Limit) (list []string) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	zone := b.words["zone"]
	in := make([]bool, len(zone.word))
	b.within(limits).each(func(p int) { in[zone.at[p]] = true })
	for code, seen := range in {
		if seen {
			list = append(list, zone.word[code])
		}
	}
	return list
}
