// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"

	"github.com/uptrace/bun"

	"breakwater/harbour"
)

// FindingRow is a finding with what people decided about it.
type FindingRow struct {
	harbour.Finding
	Assignee string
	Until    harbour.Instant   // an acceptance ends here
	Names    map[string]string // of the subjects in scope
}

// FindingQuery selects findings. Within a field any value will do, between fields all must.
type FindingQuery struct {
	Order
	Text     string
	Severity []harbour.Severity
	Status   []string
	Rule     []string
	Assignee []string
	Asset    string
	IDs      []string
	// NewSince selects findings that the state published last at or before this instant did not have; 0 for all.
	NewSince harbour.Instant
}

type findingRow struct {
	ID       string
	Severity int
	Rule     string
	Status   string
	Assignee string
	Until    harbour.Instant
	LastSeen harbour.Instant `bun:"last_seen"`
	Body     []byte
}

var findingList = listing[findingRow]{
	from: "finding AS t", columns: "t.id, t.severity, t.rule, t.status, t.assignee, t.until, t.last_seen, t.body", usual: "severity",
	keys: map[string]key{
		"severity": {column: "t.severity", number: true, desc: true}, "rule": {column: "t.rule"}, "last_seen": {column: "t.last_seen", number: true, desc: true},
		"status": {column: "t.status"}, "assignee": {column: "t.assignee"},
	},
	at: func(r *findingRow, sort string) (string, int64, string) {
		switch sort {
		case "rule":
			return r.Rule, 0, r.ID
		case "status":
			return r.Status, 0, r.ID
		case "assignee":
			return r.Assignee, 0, r.ID
		case "last_seen":
			return "", int64(r.LastSeen), r.ID
		}
		return "", int64(r.Severity), r.ID
	},
}

// findings limits a query to findings about something in the scope.
func (s Scope) findings(c *conditions, generation int64) {
	c.add("t.org = ?", s.org)
	if !s.limited() {
		return
	}
	own := conditions{}
	own.add("o.org = t.org AND o.finding = t.id AND +o.born <= ? AND +o.died > ?", generation, generation)
	s.part(&own, "o")
	c.add("EXISTS (SELECT 1 FROM finding_subject AS o WHERE "+own.text()+")", own.args...)
}

func (s *Scoped) findingConditions(ctx context.Context, q bun.IDB, f *FindingQuery) (c conditions, err error) {
	g, err := s.generation(ctx, q)
	if err != nil {
		return c, err
	}
	s.scope.findings(&c, g)
	visible(&c, g)
	if len(f.Severity) > 0 {
		var ranks []int
		for _, v := range f.Severity {
			ranks = append(ranks, v.Rank())
		}
		c.add("t.severity IN (?)", bun.List(ranks))
	}
	in(&c, "t.status", f.Status)
	in(&c, "t.rule", f.Rule)
	in(&c, "t.assignee", f.Assignee)
	in(&c, "t.id", f.IDs)
	if f.Asset != "" {
		c.add("t.id IN (SELECT a.finding FROM finding_subject AS a WHERE a.org = ? AND a.asset = ? AND +a.born <= ? AND +a.died > ?)", s.scope.org, f.Asset, g, g)
	}
	if f.NewSince != 0 {
		was, err := generationAt(ctx, q, s.scope.org, f.NewSince)
		if err != nil {
			return c, err
		}
		if err := changed(&c, "finding", "new", was); err != nil {
			return c, err
		}
	}
	if f.Text == "" {
		return c, nil
	}
	return c, s.search(ctx, q, &c, "finding", f.Text)
}

// shelved says whether the shelf of findings answers the query.
func (f *FindingQuery) shelved() bool { return len(f.IDs) == 0 && f.Asset == "" }

// wantedFindings is a query as the shelf of findings knows it.
func (s *Scoped) wantedFindings(f *FindingQuery) *wanted {
	w := &wanted{limit: s.scope.limited(), limits: s.scope.limits, severities: f.Severity}
	w.in("status", f.Status)
	w.in("rule", f.Rule)
	w.in("assignee", f.Assignee)
	w.search(f.Text)
	return w
}

// Findings lists findings. Subjects outside the scope are left out of them.
func (s *Scoped) Findings(ctx context.Context, f FindingQuery) (p Page[FindingRow], err error) {
	if s.nothing() {
		_, err := findingList.ask(f.Order)
		return p, err
	}
	var b *shelf
	if f.shelved() {
		b = s.shelf(ctx, &findingShelf)
	}
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		held, err := s.on(ctx, q, b)
		if err != nil {
			return err
		}
		var c conditions
		var rows Page[findingRow]
		if held {
			rows, held, err = s.findingsHeld(ctx, q, b, f)
		}
		if err == nil && !held {
			if c, err = s.findingConditions(ctx, q, &f); err == nil {
				rows, err = page(ctx, q, &findingList, c, f.Order)
			}
		}
		if err != nil {
			return err
		}
		p.Next, p.Previous, p.Total = rows.Next, rows.Previous, rows.Total
		if p.Items, err = s.whole(ctx, q, rows.Items); err != nil || held {
			return err
		}
		p.Total, p.More, err = s.total(ctx, q, "finding AS t", c, sinceCounted)
		return err
	})
	return p, err
}

// findingsHeld reads a page from the shelf of findings, as shelved does.
func (s *Scoped) findingsHeld(ctx context.Context, q bun.IDB, b *shelf, f FindingQuery) (rows Page[findingRow], whole bool, err error) {
	w := s.wantedFindings(&f)
	if f.NewSince != 0 {
		if w.among, err = s.since(ctx, q, b, f.NewSince, "new"); err != nil {
			return rows, false, err
		}
	}
	f.Text, f.NewSince = "", 0
	c, err := s.findingConditions(ctx, q, &f)
	if err != nil {
		return rows, false, err
	}
	return shelved(ctx, q, &findingList, b, w, c, f.Order)
}

// whole unpacks findings and names their subjects.
func (s *Scoped) whole(ctx context.Context, q bun.IDB, rows []findingRow) (list []FindingRow, err error) {
	var ids []string
	for i := range rows {
		r := &rows[i]
		v := FindingRow{Assignee: r.Assignee, Until: r.Until}
		if err := unpack(r.Body, &v.Finding); err != nil {
			return nil, err
		}
		v.Status = harbour.FindingStatus(r.Status)
		ids = append(ids, v.Subjects[:min(len(v.Subjects), maxSubjects)]...)
		list = append(list, v)
	}
	names := map[string]string{}
	if len(ids) > 0 {
		if err := s.names(ctx, q, ids, names); err != nil {
			return nil, err
		}
	}
	for i := range list {
		v := &list[i]
		v.Names = map[string]string{}
		own := v.Subjects[:0]
		for _, id := range v.Subjects {
			name, ok := names[id]
			if ok {
				v.Names[id] = name
			}
			if ok || !s.scope.limited() {
				own = append(own, id)
			}
		}
		v.Subjects = own
	}
	return list, nil
}

// maxSubjects is for how many subjects of a finding a list looks up the name.
const maxSubjects = 20

// Finding reads one finding.
//
// Errors: ErrNotFound where there is none in the scope.
func (s *Scoped) Finding(ctx context.Context, id string) (*FindingRow, error) {
	p, err := s.Findings(ctx, FindingQuery{IDs: []string{id}})
	if err == nil && len(p.Items) == 0 {
		return nil, &harbour.Error{Kind: harbour.ErrNotFound, Op: "find finding", Message: "there is no finding " + id + ", or you may not see it"}
	}
	if err != nil {
		return nil, err
	}
	return &p.Items[0], nil
}

// Decision is what a person decided about a finding.
type Decision struct {
	Finding  string
	Version  int64 // 0 before the first
	Status   harbour.FindingStatus
	Assignee string
	Until    harbour.Instant
	Reason   string
	By       string `bun:"made_by"`
	At       harbour.Instant
}

// Decisions lists what was decided about a finding, newest first.
func (s *Scoped) Decisions(ctx context.Context, finding string) (list []Decision, err error) {
	if _, err := s.Finding(ctx, finding); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT finding, version, status, assignee, until, reason, made_by, at FROM finding_decision WHERE org = ? AND finding = ? ORDER BY version DESC", s.scope.org, finding).Scan(ctx, &list)
	})
	return list, err
}

// Decide records a decision about a finding. d.Version is the version that the person saw; where somebody was faster,
// nothing changes and the error is ErrStale. The caller writes the audit entry.
func (tx *Tx) Decide(ctx context.Context, s Scope, d Decision) (before Decision, err error) {
	if before, err = tx.LastDecision(ctx, s, d.Finding); err != nil {
		return before, err
	}
	if before.Version != d.Version {
		return before, &harbour.Error{Kind: harbour.ErrStale, Op: "decide", Message: before.By + " has decided about this finding meanwhile", Hint: "look at what was decided, then decide again if you want to"}
	}
	if _, err := tx.Raw(ctx, "INSERT INTO finding_decision (org, finding, version, status, assignee, until, reason, made_by, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		s.org, d.Finding, d.Version+1, string(d.Status), d.Assignee, d.Until, d.Reason, d.By, tx.at); err != nil {
		return before, err
	}
	g, err := tx.db.In(s).generation(ctx, tx)
	if err != nil {
		return before, err
	}
	// The rows that are seen now and those that are staged.
	if _, err := tx.Raw(ctx, "UPDATE finding SET status = ?, assignee = ?, until = ? WHERE org = ? AND id = ? AND died > ?", string(d.Status), d.Assignee, d.Until, s.org, d.Finding, g); err != nil {
		return before, err
	}
	tx.After(func() {
		tx.db.shelves.touch(s.org, "finding", d.Finding)
		tx.db.decided.Add(1)
	})
	return before, tx.recountFindings(ctx, s.org, d.Finding, g)
}

// LastDecision is what was decided last about a finding; Version 0 and open where nothing was.
//
// Errors: ErrNotFound where the finding is not in the scope.
func (tx *Tx) LastDecision(ctx context.Context, s Scope, finding string) (d Decision, err error) {
	r, err := tx.db.In(s).findingsIn(ctx, tx, finding)
	if err != nil {
		return d, err
	}
	d = Decision{Finding: finding, Status: harbour.FindingStatus(r.Status), Assignee: r.Assignee, Until: r.Until}
	var last []Decision
	if err := tx.NewRaw("SELECT finding, version, status, assignee, until, reason, made_by, at FROM finding_decision WHERE org = ? AND finding = ? ORDER BY version DESC LIMIT 1", s.org, finding).Scan(ctx, &last); err != nil {
		return d, err
	}
	if len(last) > 0 {
		d = last[0]
	}
	return d, nil
}

func (s *Scoped) findingsIn(ctx context.Context, q bun.IDB, id string) (r findingRow, err error) {
	c, err := s.findingConditions(ctx, q, &FindingQuery{IDs: []string{id}})
	if err != nil {
		return r, err
	}
	err = q.NewRaw("SELECT "+findingList.columns+" FROM finding AS t WHERE "+c.text(), c.args...).Scan(ctx, &r)
	return r, notFound(err, "finding", id)
}

// recountFindings brings the figures of the assets that a finding is about up to date, as of a generation.
func (tx *Tx) recountFindings(ctx context.Context, org, finding string, g int64) error {
	var assets []string
	if err := tx.NewRaw("SELECT DISTINCT asset FROM finding_subject WHERE org = ? AND finding = ? AND +born <= ? AND +died > ?", org, finding, g, g).Scan(ctx, &assets); err != nil {
		return err
	}
	for _, a := range assets {
		var n struct{ Open, Worst int }
		if err := tx.NewRaw("SELECT COUNT(*) AS open, COALESCE(MAX(f.severity), -1) AS worst FROM finding_subject AS s JOIN finding AS f ON f.org = s.org AND f.id = s.finding AND +f.born <= ? AND +f.died > ?"+
			" WHERE s.org = ? AND s.asset = ? AND +s.born <= ? AND +s.died > ? AND f.status = ?", g, g, org, a, g, g, string(harbour.FindingOpen)).Scan(ctx, &n); err != nil {
			return err
		}
		if _, err := tx.Raw(ctx, "UPDATE asset SET open_findings = ?, worst = ? WHERE org = ? AND id = ? AND +born <= ? AND +died > ?", n.Open, n.Worst, org, a, g, g); err != nil {
			return err
		}
	}
	tx.After(func() { tx.db.shelves.touch(org, "asset", assets...) })
	return nil
}

// Lapsed reopens findings whose acceptance has ended and gives their ids. The caller writes the audit entries.
func (tx *Tx) Lapsed(ctx context.Context, s Scope) (ids []string, err error) {
	g, err := tx.db.In(s).generation(ctx, tx)
	if err != nil {
		return nil, err
	}
	if err := tx.NewRaw("SELECT id FROM finding WHERE org = ? AND +born <= ? AND +died > ? AND status = ? AND until > 0 AND until <= ?", s.org, g, g, string(harbour.FindingAccepted), tx.at).Scan(ctx, &ids); err != nil {
		return nil, err
	}
	for _, id := range ids {
		var last Decision
		if err := tx.NewRaw("SELECT finding, version, status, assignee, until, reason, made_by, at FROM finding_decision WHERE org = ? AND finding = ? ORDER BY version DESC LIMIT 1", s.org, id).Scan(ctx, &last); err != nil {
			return nil, err
		}
		last.Status, last.Until, last.Reason, last.By = harbour.FindingOpen, 0, "the acceptance has ended", "system"
		if _, err := tx.Decide(ctx, s, last); err != nil {
			return nil, err
		}
	}
	return ids, nil
}
