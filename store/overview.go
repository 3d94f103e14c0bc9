// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"breakwater/harbour"
)

// Tally is how many rows share a value.
type Tally struct {
	Value string
	Count int
}

// Changes is what differs between two states.
type Changes struct {
	Since                         Generation // the earlier state; Number 0 where nothing was published before
	NewAssets, GoneAssets         []AssetRow // the first of them
	AlteredAssets                 []AssetRow
	New, Gone, Altered            int
	NewFindings                   []FindingRow
	FoundNew, FoundGone, Resolved int
}

// Overview is what there is and what is wrong, in one scope.
type Overview struct {
	Assets        int
	ByDomain      []Tally
	ByKind        []Tally
	Undeclared    int
	Unseen        int
	Conversations int     // of the whole organisation; 0 for a limited scope
	Open          []Tally // open findings by rank of severity
	Accepted      int
	Rules         []Tally // open findings by rule
	Worst         []FindingRow
}

// shown is how many rows an overview names.
const shown = 8

// Overview counts.
func (s *Scoped) Overview(ctx context.Context) (o Overview, err error) {
	assets, findings := s.shelf(ctx, &assetShelf), s.shelf(ctx, &findingShelf)
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		g, err := s.generation(ctx, q)
		if err != nil {
			return err
		}
		if held, err := s.allOn(ctx, q, assets, findings); err != nil {
			return err
		} else if held {
			return s.shelvedOverview(ctx, q, g, assets, findings, &o)
		}
		var c conditions
		s.scope.assets(&c, "t")
		visible(&c, g)
		if err := q.NewRaw("SELECT domain AS value, COUNT(*) AS count FROM asset AS t WHERE "+c.text()+" GROUP BY domain ORDER BY count DESC, value", c.args...).Scan(ctx, &o.ByDomain); err != nil {
			return err
		}
		for _, t := range o.ByDomain {
			o.Assets += t.Count
		}
		if err := q.NewRaw("SELECT kind AS value, COUNT(*) AS count FROM asset AS t WHERE "+c.text()+" GROUP BY kind ORDER BY count DESC, value", c.args...).Scan(ctx, &o.ByKind); err != nil {
			return err
		}
		var known struct{ Undeclared, Unseen int }
		if err := q.NewRaw("SELECT COALESCE(SUM(CASE WHEN declared = 0 THEN 1 ELSE 0 END), 0) AS undeclared, COALESCE(SUM(CASE WHEN observed = 0 THEN 1 ELSE 0 END), 0) AS unseen FROM asset AS t WHERE "+c.text(), c.args...).Scan(ctx, &known); err != nil {
			return err
		}
		o.Undeclared, o.Unseen = known.Undeclared, known.Unseen
		return s.overviewFindings(ctx, q, g, &o)
	})
	return o, err
}

func (s *Scoped) overviewFindings(ctx context.Context, q bun.IDB, g int64, o *Overview) error {
	var c conditions
	s.scope.findings(&c, g)
	visible(&c, g)
	open := append(append([]any{}, c.args...), string(harbour.FindingOpen))
	if err := q.NewRaw("SELECT CAST(severity AS TEXT) AS value, COUNT(*) AS count FROM finding AS t WHERE "+c.text()+" AND t.status = ? GROUP BY severity ORDER BY severity DESC", open...).Scan(ctx, &o.Open); err != nil {
		return err
	}
	if err := q.NewRaw("SELECT rule AS value, COUNT(*) AS count FROM finding AS t WHERE "+c.text()+" AND t.status = ? GROUP BY rule ORDER BY MAX(severity) DESC, count DESC, value", open...).Scan(ctx, &o.Rules); err != nil {
		return err
	}
	if err := q.NewRaw("SELECT COUNT(*) FROM finding AS t WHERE "+c.text()+" AND t.status = ?", append(append([]any{}, c.args...), string(harbour.FindingAccepted))...).Scan(ctx, &o.Accepted); err != nil {
		return err
	}
	var rows []findingRow
	if err := q.NewRaw("SELECT "+findingList.columns+" FROM finding AS t WHERE "+c.text()+" AND t.status = ? ORDER BY t.severity DESC, t.id DESC LIMIT ?", append(open, shown)...).Scan(ctx, &rows); err != nil {
		return err
	}
	return s.overviewRest(ctx, q, g, rows, o)
}

// overviewRest completes an overview with the worst findings and the number of conversations.
func (s *Scoped) overviewRest(ctx context.Context, q bun.IDB, g int64, rows []findingRow, o *Overview) (err error) {
	if o.Worst, err = s.whole(ctx, q, rows); err != nil || s.scope.limited() {
		return err
	}
	var n []int
	if err := q.NewRaw("SELECT count FROM facet WHERE org = ? AND generation = ? AND list = ? AND name = ''", s.scope.org, g, "conversation").Scan(ctx, &n); err != nil {
		return err
	}
	if len(n) > 0 {
		o.Conversations = n[0]
	}
	return nil
}

// ChangesSince compares the present state with the one that was seen at an instant.
func (s *Scoped) ChangesSince(ctx context.Context, at harbour.Instant) (d Changes, err error) {
	assets, findings := s.shelf(ctx, &assetShelf), s.shelf(ctx, &findingShelf)
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		now, err := s.generation(ctx, q)
		if err != nil {
			return err
		}
		var was []Generation
		if err := q.NewRaw("SELECT number, at, cause FROM generation WHERE org = ? AND at <= ? ORDER BY number DESC LIMIT 1", s.scope.org, at).Scan(ctx, &was); err != nil {
			return err
		}
		since := Generation{}
		if len(was) > 0 {
			since = was[0]
		}
		d = Changes{Since: since}
		if held, err := s.allOn(ctx, q, assets, findings); err != nil {
			return err
		} else if held {
			return s.shelvedChanges(ctx, q, assets, findings, &d)
		}
		// What two generations differ in does not change; what rows show of decisions may be a few seconds old.
		name := fmt.Sprintf("changes %s %s %d %d %d", s.scope.org, s.scope, since.Number, now, s.sinceStated(ctx))
		d, err = recall(&s.db.memo, name, countFor, func() (Changes, error) {
			d := Changes{Since: since}
			err := s.changes(ctx, q, now, &d)
			return d, err
		})
		if err != nil {
			return err
		}
		return s.settled(ctx, q, now, &d)
	})
	return d, err
}

func (s *Scoped) changes(ctx context.Context, q bun.IDB, now int64, d *Changes) error {
	for _, part := range []struct {
		where string
		args  []any
		rows  *[]AssetRow
		n     *int
	}{
		{"t.born > ? AND +t.born <= ? AND +t.died > ? AND NOT EXISTS (SELECT 1 FROM asset AS e WHERE e.org = t.org AND e.id = t.id AND +e.born <= ? AND +e.died > ?)", []any{d.Since.Number, now, now, d.Since.Number, d.Since.Number}, &d.NewAssets, &d.New},
		{goneWhere("asset"), goneArgs(d.Since.Number, now), &d.GoneAssets, &d.Gone},
		{"t.born > ? AND +t.born <= ? AND +t.died > ? AND EXISTS (SELECT 1 FROM asset AS e WHERE e.org = t.org AND e.id = t.id AND +e.born <= ? AND +e.died > ?)", []any{d.Since.Number, now, now, d.Since.Number, d.Since.Number}, &d.AlteredAssets, &d.Altered},
	} {
		var c conditions
		s.scope.assets(&c, "t")
		c.add(part.where, part.args...)
		if err := q.NewRaw("SELECT COUNT(*) FROM asset AS t WHERE "+c.text(), c.args...).Scan(ctx, part.n); err != nil {
			return err
		}
		if err := q.NewRaw("SELECT "+assetColumns+" FROM asset AS t WHERE "+c.text()+" ORDER BY t.worst DESC, t.sort_name, t.id LIMIT ?", append(c.args, shown)...).Scan(ctx, part.rows); err != nil {
			return err
		}
	}
	return s.findingChanges(ctx, q, now, d)
}

// goneWhere says of the rows of a table that an earlier generation had them and a later one has not.
func goneWhere(table string) string {
	return "+t.born <= ? AND t.died > ? AND t.died <= ? AND t.died < 9223372036854775807 AND NOT EXISTS (SELECT 1 FROM " + table + " AS e WHERE e.org = t.org AND e.id = t.id AND +e.born <= ? AND +e.died > ?)"
}

func goneArgs(was, now int64) []any { return []any{was, was, now, now, now} }

func goneAssets(s *Scoped, was, now int64) (c conditions) {
	s.scope.assets(&c, "t")
	c.add(goneWhere("asset"), goneArgs(was, now)...)
	return c
}

func goneFindings(s *Scoped, was, now int64) (c conditions) {
	s.scope.findings(&c, was)
	c.add(goneWhere("finding"), goneArgs(was, now)...)
	return c
}

func (s *Scoped) findingChanges(ctx context.Context, q bun.IDB, now int64, d *Changes) error {
	was := d.Since.Number
	fresh, gone := conditions{}, goneFindings(s, was, now)
	s.scope.findings(&fresh, now)
	fresh.add("t.born > ? AND +t.born <= ? AND +t.died > ? AND NOT EXISTS (SELECT 1 FROM finding AS e WHERE e.org = t.org AND e.id = t.id AND +e.born <= ? AND +e.died > ?)", was, now, now, was, was)
	if err := q.NewRaw("SELECT COUNT(*) FROM finding AS t WHERE "+fresh.text(), fresh.args...).Scan(ctx, &d.FoundNew); err != nil {
		return err
	}
	if err := q.NewRaw("SELECT COUNT(*) FROM finding AS t WHERE "+gone.text(), gone.args...).Scan(ctx, &d.FoundGone); err != nil {
		return err
	}
	var rows []findingRow
	if err := q.NewRaw("SELECT "+findingList.columns+" FROM finding AS t WHERE "+fresh.text()+" ORDER BY t.severity DESC, t.id DESC LIMIT ?", append(fresh.args, shown)...).Scan(ctx, &rows); err != nil {
		return err
	}
	var err error
	d.NewFindings, err = s.whole(ctx, q, rows)
	return err
}

// closedStates are what a finding has been decided to be when nothing remains to be done.
var closedStates = []string{string(harbour.FindingResolved), string(harbour.FindingFalsePositive)}

// settled counts the findings that people have closed since.
func (s *Scoped) settled(ctx context.Context, q bun.IDB, now int64, d *Changes) error {
	var settled conditions
	s.scope.findings(&settled, now)
	visible(&settled, now)
	settled.add("t.status IN (?)", bun.List(closedStates))
	settled.add("EXISTS (SELECT 1 FROM finding_decision AS e WHERE e.org = t.org AND e.finding = t.id AND e.at >= ?)", d.Since.At)
	return q.NewRaw("SELECT COUNT(*) FROM finding AS t WHERE "+settled.text(), settled.args...).Scan(ctx, &d.Resolved)
}
