// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package overview is the first page: what there is, what is wrong, and what changed. Each figure leads to the list that
// it counts.
//
// Its handlers are safe for concurrent use.
package overview

import (
	"strconv"
	"time"

	"breakwater/app"
	"breakwater/app/overview"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/view"
	"breakwater/web/shell"
)

type pages struct{ use *overview.Overview }

// New makes the pages of the use case.
func New(use *overview.Overview) shell.Pack {
	p := &pages{use}
	return shell.Pack{
		Entries:  []shell.Entry{{Name: "Overview", Path: "", Icon: "layout-dashboard", Action: app.ReadOverview}},
		Register: func(s *shell.Shell) { s.In("GET ", p.show) },
	}
}

// spans are how far back changes are looked for, in days.
var spans = []struct {
	days int
	name string
}{{1, "a day"}, {7, "a week"}, {30, "30 days"}, {90, "90 days"}}

func (p *pages) show(r *shell.Request) error {
	days := 7
	if v := r.URL.Query().Get("since"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 366 {
			return &harbour.Error{Kind: harbour.ErrInvalid, Op: "open", Message: "changes are looked for over 1 to 366 days", Hint: "choose one of the spans on the page"}
		}
		days = n
	}
	v, err := p.use.Get(r.Context(), r.By, r.Org.ID, time.Duration(days)*24*time.Hour)
	if err != nil {
		return err
	}
	lead := "Nothing has been read yet"
	if v.Published.At.Known() {
		lead = "State of " + view.Instant(v.Published.At)
		if l := r.Local(v.Published.At, ""); l != "" {
			lead += " (" + l + ")"
		}
	}
	page := shell.Page{Title: "Overview", Lead: lead, Body: body(r, v, days)}
	if _, err := r.By.Whole(app.ReadDocuments, r.Org.ID); err == nil && v.Published.At.Known() {
		page.Actions = download(r)
	}
	return r.Page(page)
}

// open counts open findings of a severity.
func open(v *overview.View, s harbour.Severity) int64 {
	for _, t := range v.Open {
		if t.Value == strconv.Itoa(s.Rank()) {
			return int64(t.Count)
		}
	}
	return 0
}

func openAll(v *overview.View) (n int64) {
	for _, t := range v.Open {
		n += int64(t.Count)
	}
	return n
}

func severities(v *overview.View) (parts []view.Part) {
	for _, s := range view.Severities {
		w := view.Severity(s)
		parts = append(parts, view.Part{Label: w.Title, Class: w.Class, Value: open(v, s)})
	}
	return parts
}

func domains(v *overview.View) (parts []view.Part) {
	for _, d := range view.Domains {
		w := view.Domain(d)
		for _, t := range v.ByDomain {
			if t.Value == string(d) {
				parts = append(parts, view.Part{Label: w.Title, Class: w.Class, Value: int64(t.Count)})
			}
		}
	}
	return parts
}

// most of the tallies, for a chart.
func most(list []store.Tally, n int) []store.Tally { return list[:min(n, len(list))] }

func kinds(r *shell.Request, v *overview.View) (bars []view.Bar) {
	for _, t := range most(v.ByKind, 10) {
		b := view.Bar{Label: harbour.Kind(t.Value).Info().Title, Value: int64(t.Count)}
		if r.May(app.ReadAssets) {
			b.Href = r.Query(r.Path("assets"), "kind", t.Value)
		}
		bars = append(bars, b)
	}
	return bars
}

func rules(r *shell.Request, v *overview.View) (bars []view.Bar) {
	for _, t := range most(v.Rules, 10) {
		bars = append(bars, view.Bar{Label: view.Name(t.Value), Value: int64(t.Count), Href: r.Query(r.Path("findings"), "rule", t.Value, "status", "open")})
	}
	return bars
}

// link is where a figure leads, "" where the person may not go there.
func link(r *shell.Request, a app.Action, path string, pairs ...string) string {
	if !r.May(a) {
		return ""
	}
	return r.Query(r.Path(path), pairs...)
}

func since(r *shell.Request, days int) string {
	return r.Now().Time().Add(-time.Duration(days) * 24 * time.Hour).Format(time.RFC3339)
}
