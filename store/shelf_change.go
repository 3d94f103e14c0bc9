// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"breakwater/harbour"
)

// differing are the rows of a shelf that an earlier generation did not have, or had otherwise.
type differing struct{ fresh, altered bits }

// since gives the rows that changed, "new" or "altered" ones, since the state that was seen at an instant.
func (s *Scoped) since(ctx context.Context, q bun.IDB, b *shelf, at harbour.Instant, change string) (bits, error) {
	if err := changed(&conditions{}, b.of.table, change, 0); err != nil {
		return nil, err
	}
	was, err := generationAt(ctx, q, s.scope.org, at)
	if err != nil {
		return nil, err
	}
	d, err := s.differing(ctx, q, b, was)
	if err != nil {
		return nil, err
	}
	if change == "altered" {
		return d.altered, nil
	}
	return d.fresh, nil
}

// differing compares the generation of a shelf with an earlier one. What two generations differ in never changes, and rows have
// the same positions in every shelf of one generation.
func (s *Scoped) differing(ctx context.Context, q bun.IDB, b *shelf, was int64) (*differing, error) {
	return recall(&s.db.memo, fmt.Sprintf("differing %s %s %d %d %d", b.org, b.of.table, was, b.generation, s.db.stampsOf(ctx).tidied), 0, func() (*differing, error) {
		d := &differing{fresh: make(bits, (len(b.rows)+63)/64), altered: make(bits, (len(b.rows)+63)/64)}
		rows, err := q.QueryContext(ctx, "SELECT t.id, CASE WHEN EXISTS (SELECT 1 FROM "+b.of.table+" AS e WHERE e.org = t.org AND e.id = t.id AND +e.born <= ? AND +e.died > ?) THEN 1 ELSE 0 END"+
			" FROM "+b.of.table+" AS t WHERE t.org = ? AND t.born > ? AND +t.born <= ? AND +t.died > ?", was, was, b.org, was, b.generation, b.generation)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			var had bool
			if err := rows.Scan(&id, &had); err != nil {
				return nil, err
			}
			p, ok := b.position([]byte(id))
			switch {
			case !ok:
			case had:
				d.altered.put(p)
			default:
				d.fresh.put(p)
			}
		}
		return d, rows.Err()
	})
}

// departed are the rows that an earlier generation had and a later one has not, as one scope sees them.
type departed struct {
	Assets   int
	First    []AssetRow // the worst of them
	Findings int
}

// departed finds what went between two generations; it never changes.
func (s *Scoped) departed(ctx context.Context, q bun.IDB, was, now int64) (*departed, error) {
	return recall(&s.db.memo, fmt.Sprintf("departed %s %s %d %d %d", s.scope.org, s.scope, was, now, s.db.stampsOf(ctx).tidied), 0, func() (*departed, error) {
		d := &departed{}
		c := goneAssets(s, was, now)
		if err := q.NewRaw("SELECT COUNT(*) FROM asset AS t WHERE "+c.text(), c.args...).Scan(ctx, &d.Assets); err != nil {
			return nil, err
		}
		if err := q.NewRaw("SELECT "+assetColumns+" FROM asset AS t WHERE "+c.text()+" ORDER BY t.worst DESC, t.sort_name, t.id LIMIT ?", append(c.args, shown)...).Scan(ctx, &d.First); err != nil {
			return nil, err
		}
		c = goneFindings(s, was, now)
		return d, q.NewRaw("SELECT COUNT(*) FROM finding AS t WHERE "+c.text(), c.args...).Scan(ctx, &d.Findings)
	})
}

// shelvedChanges compares the present state with an earlier one on the shelves of assets and findings.
func (s *Scoped) shelvedChanges(ctx context.Context, q bun.IDB, assets, findings *shelf, d *Changes) error {
	was, now := d.Since.Number, assets.generation
	gone, err := s.departed(ctx, q, was, now)
	if err != nil {
		return err
	}
	d.Gone, d.GoneAssets, d.FoundGone = gone.Assets, slices.Clone(gone.First), gone.Findings
	other, err := s.differing(ctx, q, assets, was)
	if err != nil {
		return err
	}
	for _, part := range []struct {
		set  bits
		n    *int
		rows *[]AssetRow
	}{{other.fresh, &d.New, &d.NewAssets}, {other.altered, &d.Altered, &d.AlteredAssets}} {
		assets.mu.RLock()
		found := assets.find(&wanted{limit: s.scope.limited(), limits: s.scope.limits, among: part.set})
		*part.n = found.count()
		first := assets.worst(found, shown)
		assets.mu.RUnlock()
		if *part.rows, err = rowsAt[AssetRow](ctx, q, assetColumns, "asset AS t", first, "t.worst DESC, t.sort_name, t.id"); err != nil {
			return err
		}
	}
	if other, err = s.differing(ctx, q, findings, was); err != nil {
		return err
	}
	findings.mu.RLock()
	found := findings.find(&wanted{limit: s.scope.limited(), limits: s.scope.limits, among: other.fresh})
	d.FoundNew = found.count()
	first := findings.rowsOf(findings.take(found, "severity", true, nil, shown))
	findings.mu.RUnlock()
	rows, err := rowsAt[findingRow](ctx, q, findingList.columns, "finding AS t", first, "t.severity DESC, t.id DESC")
	if err != nil {
		return err
	}
	if d.NewFindings, err = s.whole(ctx, q, rows); err != nil {
		return err
	}
	d.Resolved, err = s.closedSince(ctx, q, findings, d.Since.At)
	return err
}

// closedSince counts the findings that people have closed since an instant.
func (s *Scoped) closedSince(ctx context.Context, q bun.IDB, b *shelf, at harbour.Instant) (int, error) {
	decided, err := recallNow(ctx, s.db, fmt.Sprintf("decided %s %d %d", b.org, b.generation, at), sinceDecided, func() (bits, error) {
		var ids []string
		if err := q.NewRaw("SELECT DISTINCT finding FROM finding_decision WHERE org = ? AND at >= ?", b.org, at).Scan(ctx, &ids); err != nil {
			return nil, err
		}
		set := make(bits, (len(b.rows)+63)/64)
		for _, id := range ids {
			if p, ok := b.position([]byte(id)); ok {
				set.put(p)
			}
		}
		return set, nil
	})
	if err != nil {
		return 0, err
	}
	w := s.wantedFindings(&FindingQuery{Status: closedStates})
	w.among = decided
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.find(w).count(), nil
}

// worst gives the numbers of the first n rows of a set, the worst first and equal ones by name.
func (b *shelf) worst(found bits, n int) []int64 {
	rank, name := b.numbers["worst"], b.words["sort_name"]
	var list []uint32
	before := func(x, y uint32) int {
		return cmp.Or(cmp.Compare(rank[y], rank[x]), strings.Compare(name.word[name.at[x]], name.word[name.at[y]]), cmp.Compare(x, y))
	}
	found.each(func(at int) {
		p := uint32(at)
		if len(list) == n && before(list[n-1], p) < 0 {
			return
		}
		i, _ := slices.BinarySearchFunc(list, p, before)
		if list = slices.Insert(list, i, p); len(list) > n {
			list = list[:n]
		}
	})
	return b.rowsOf(list)
}

func (b *shelf) rowsOf(list []uint32) []int64 {
	rows := make([]int64, len(list))
	for i, p := range list {
		rows[i] = b.rows[p]
	}
	return rows
}

// rowsAt reads rows by their numbers.
func rowsAt[T any](ctx context.Context, q bun.IDB, columns, from string, rows []int64, order string) (list []T, err error) {
	if len(rows) == 0 {
		return nil, nil
	}
	return list, q.NewRaw("SELECT "+columns+" FROM "+from+" WHERE t.row IN (?) ORDER BY "+order, bun.List(rows)).Scan(ctx, &list)
}
