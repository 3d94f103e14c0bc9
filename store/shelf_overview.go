// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"breakwater/harbour"
)

// shelvedOverview counts on the shelves of assets and findings.
func (s *Scoped) shelvedOverview(ctx context.Context, q bun.IDB, g int64, assets, findings *shelf, o *Overview) error {
	assets.mu.RLock()
	all := assets.find(&wanted{limit: s.scope.limited(), limits: s.scope.limits})
	o.Assets = all.count()
	o.ByDomain, o.ByKind = assets.tallies(all, "domain"), assets.tallies(all, "kind")
	declared, observed := assets.numbers["declared"], assets.numbers["observed"]
	all.each(func(p int) {
		if declared[p] == 0 {
			o.Undeclared++
		}
		if observed[p] == 0 {
			o.Unseen++
		}
	})
	assets.mu.RUnlock()
	rows, err := s.shelvedFindings(ctx, q, findings, o)
	if err != nil {
		return err
	}
	return s.overviewRest(ctx, q, g, rows, o)
}

// tallies counts the rows of a set by the values of a column, the most frequent first.
func (b *shelf) tallies(found bits, column string) (list []Tally) {
	c := b.words[column]
	counts := make([]int, len(c.word))
	found.each(func(p int) { counts[c.at[p]]++ })
	for code, n := range counts {
		if n > 0 {
			list = append(list, Tally{c.word[code], n})
		}
	}
	slices.SortFunc(list, func(x, y Tally) int { return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(x.Value, y.Value)) })
	return list
}

// shelvedFindings counts open and accepted findings and reads the worst open ones.
func (s *Scoped) shelvedFindings(ctx context.Context, q bun.IDB, b *shelf, o *Overview) ([]findingRow, error) {
	f := FindingQuery{Order: Order{Limit: shown}, Status: []string{string(harbour.FindingOpen)}}
	w := s.wantedFindings(&f)
	b.mu.RLock()
	open := b.find(w)
	severity, rule := b.numbers["severity"], b.words["rule"]
	var ranks [8]int
	worst := make([]int64, len(rule.word))
	open.each(func(p int) {
		ranks[severity[p]&7]++
		worst[rule.at[p]] = max(worst[rule.at[p]], severity[p])
	})
	o.Rules = b.tallies(open, "rule")
	slices.SortStableFunc(o.Rules, func(x, y Tally) int { return cmp.Compare(worst[rule.code[y.Value]], worst[rule.code[x.Value]]) })
	o.Accepted = b.find(s.wantedFindings(&FindingQuery{Status: []string{string(harbour.FindingAccepted)}})).count()
	b.mu.RUnlock()
	for rank, n := range slices.Backward(ranks[:]) {
		if n > 0 {
			o.Open = append(o.Open, Tally{strconv.Itoa(rank), n})
		}
	}
	c, err := s.findingConditions(ctx, q, &f)
	if err != nil {
		return nil, err
	}
	p, _, err := shelved(ctx, q, &findingList, b, w, c, f.Order)
	return p.Items, err
}
