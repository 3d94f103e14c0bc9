// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"breakwater/harbour"
)

// TakenBack begins the reason of a decision that puts back what was before another one.
const TakenBack = "taken back: "

// Settled gives, by finding, the decision by which each finding of the state that is not open stands as it does. That is
// not always the last one: whoever was assigned since, or wrote a note, did not accept it, and whoever took a later decision
// back put the earlier one in force again.
func (s *Scoped) Settled(ctx context.Context) (map[string]Decision, error) {
	settled := map[string]Decision{}
	if s.nothing() {
		return settled, nil
	}
	var list []Decision
	err := s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		c, err := s.findingConditions(ctx, q, &FindingQuery{})
		if err != nil {
			return err
		}
		c.add("t.status <> ?", string(harbour.FindingOpen))
		return q.NewRaw("SELECT d.finding, d.version, d.status, d.assignee, d.until, d.reason, d.made_by, d.at FROM finding_decision AS d"+
			" WHERE d.org = ? AND d.finding IN (SELECT t.id FROM finding AS t WHERE "+c.text()+") ORDER BY d.finding, d.version",
			append([]any{s.scope.org}, c.args...)...).Scan(ctx, &list)
	})
	if err != nil {
		return nil, err
	}
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].Finding == list[0].Finding {
			n++
		}
		if d := stands(list[:n]); d.Status != harbour.FindingOpen {
			settled[d.Finding] = d
		}
		list = list[n:]
	}
	return settled, nil
}

// stands gives the decision, of those about one finding in their order, that brought it where it is after the last.
func stands(list []Decision) (now Decision) {
	var held []Decision
	for i, d := range list {
		same := func(e *Decision) bool { return e.Status == d.Status && e.Until == d.Until }
		if i > 0 && same(&now) {
			continue
		}
		now = d
		if strings.HasPrefix(d.Reason, TakenBack) {
			for _, e := range held {
				if same(&e) {
					now = e // the last of them
				}
			}
		}
		held = append(held, now)
	}
	return now
}
