// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"cmp"
	"slices"
	"strings"

	"breakwater/harbour"
	"breakwater/view"
)

// findingSurvey knows which findings bear on what, and how they are grouped and counted. The contents, the first screen
// and the section all write what stands here.
type findingSurvey struct {
	shown    []harbour.Finding
	subjects map[string][]int // subject id → positions in Findings
	groups   []severityGroup  // worst first; of all findings, those not shown too
	standing
}

// standing counts findings by where they stand.
type standing struct{ open, accepted, resolved, falsePositive int }

func (n standing) total() int   { return n.open + n.settled() }
func (n standing) settled() int { return n.accepted + n.resolved + n.falsePositive }

func (n *standing) add(f *harbour.Finding) {
	switch f.Status {
	case harbour.FindingAccepted:
		n.accepted++
	case harbour.FindingResolved:
		n.resolved++
	case harbour.FindingFalsePositive:
		n.falsePositive++
	default:
		n.open++
	}
}

// settledWords says how those that are not open stand: "2 accepted, 1 resolved"; "" where all are open.
func (n standing) settledWords() string {
	var parts []string
	for _, p := range []struct {
		n    int
		word string
	}{{n.accepted, "accepted"}, {n.resolved, "resolved"}, {n.falsePositive, "false positive"}} {
		if p.n > 0 {
			parts = append(parts, view.Number(p.n)+" "+p.word)
		}
	}
	return strings.Join(parts, ", ")
}

// words says how all of them stand: "7 open, 1 accepted".
func (n standing) words() string {
	s := view.Number(n.open) + " open"
	if w := n.settledWords(); w != "" {
		s += ", " + w
	}
	return s
}

// severityGroup is the findings of one severity.
type severityGroup struct {
	severity harbour.Severity
	standing
	shown int         // of them on the page
	rules []ruleGroup // of those shown
}

// ruleGroup is the shown findings of one rule and one severity: those from from to before to.
type ruleGroup struct {
	rule     string
	heading  string // no two groups have the same
	from, to int
}

func isOpen(f *harbour.Finding) bool {
	var n standing
	n.add(f)
	return n.open == 1
}

// inOrder gives an assessment whose findings stand as its type promises: worst first, those of one rule together. A source
// that reads them from a list with another order would have one rule headed many times.
func inOrder(a *harbour.Assessment) *harbour.Assessment {
	by := func(a, b harbour.Finding) int {
		return cmp.Or(cmp.Compare(b.Severity.Rank(), a.Severity.Rank()), cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.ID, b.ID))
	}
	if slices.IsSortedFunc(a.Findings, by) {
		return a
	}
	sorted := *a // the caller's is only read
	sorted.Findings = slices.Clone(a.Findings)
	slices.SortStableFunc(sorted.Findings, by)
	return &sorted
}

func (s *survey) surveyFindings() {
	f := &s.findings
	f.shown = s.a.Findings[:min(len(s.a.Findings), MaxFindings)]
	f.subjects = map[string][]int{}
	for i := range s.a.Findings {
		v := &s.a.Findings[i]
		f.standing.add(v)
		f.file(v, i)
		for _, id := range v.Subjects {
			if list := f.subjects[id]; len(list) == 0 || list[len(list)-1] != i {
				f.subjects[id] = append(list, i)
			}
		}
		for j, p := range v.Evidence {
			if slices.ContainsFunc(v.Evidence[:j], func(q harbour.ProofRef) bool { return q.ID == p.ID }) {
				continue
			}
			s.evidence.cited[p.ID]++
			if list := s.evidence.citing[p.ID]; len(list) < maxCiting && i < MaxFindings {
				s.evidence.citing[p.ID] = append(list, i)
			}
		}
	}
	f.head()
}

// file puts the finding at position i, which follows those filed before it, in its groups.
func (f *findingSurvey) file(v *harbour.Finding, i int) {
	if len(f.groups) == 0 || f.groups[len(f.groups)-1].severity != v.Severity {
		f.groups = append(f.groups, severityGroup{severity: v.Severity})
	}
	g := &f.groups[len(f.groups)-1]
	g.add(v)
	if i >= len(f.shown) {
		return
	}
	g.shown++
	if len(g.rules) == 0 || g.rules[len(g.rules)-1].rule != v.Rule {
		g.rules = append(g.rules, ruleGroup{rule: v.Rule, from: i})
	}
	g.rules[len(g.rules)-1].to = i + 1
}

// head gives each group of a rule its heading. A rule that found things of several severities is headed once in each, and
// says which; two rules whose names read the same are headed with their ids.
func (f *findingSurvey) head() {
	rules, alike := map[string]string{}, map[string]bool{} // by title: a rule that has it, whether others have it too
	groups := map[string]int{}                             // by rule
	each := func(do func(g *severityGroup, r *ruleGroup, title string)) {
		for i := range f.groups {
			for j := range f.groups[i].rules {
				r := &f.groups[i].rules[j]
				do(&f.groups[i], r, ruleTitle(r.rule))
			}
		}
	}
	each(func(_ *severityGroup, r *ruleGroup, title string) {
		if was, ok := rules[title]; ok && was != r.rule {
			alike[title] = true
		}
		rules[title] = r.rule
		groups[r.rule]++
	})
	each(func(g *severityGroup, r *ruleGroup, title string) {
		r.heading = title
		if alike[title] {
			r.heading += " (" + short(r.rule) + ")"
		}
		if groups[r.rule] > 1 {
			r.heading += ", " + strings.ToLower(view.Severity(g.severity).Title)
		}
	})
}

// openOf gives how many findings of a severity are open.
func (f *findingSurvey) openOf(v harbour.Severity) int {
	for i := range f.groups {
		if f.groups[i].severity == v {
			return f.groups[i].open
		}
	}
	return 0
}

// worst gives the worst severity among the open findings at these positions, and how many have it.
func (s *survey) worst(positions []int) (harbour.Severity, int) {
	var worst harbour.Severity
	n := 0
	for _, i := range positions {
		f := &s.a.Findings[i]
		switch {
		case !isOpen(f):
		case worst == "" || f.Severity.Rank() > worst.Rank():
			worst, n = f.Severity, 1
		case f.Severity == worst:
			n++
		}
	}
	return worst, n
}

// findingShown tells whether the finding at a position has an entry on the page.
func (s *survey) findingShown(i int) bool { return i < len(s.findings.shown) }
