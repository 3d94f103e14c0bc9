// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package findings shows what is wrong: the list with its groups and filters, each finding with its evidence, and what people
// decide about it, one by one or many at once, each decision with a way back.
//
// Its handlers are safe for concurrent use.
package findings

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"breakwater/app"
	"breakwater/app/findings"
	"breakwater/app/views"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/view"
	"breakwater/web/shell"
)

type pages struct {
	use   *findings.Findings
	views *views.Views
}

// New makes the pages of the use cases.
func New(use *findings.Findings, v *views.Views) shell.Pack {
	p := &pages{use, v}
	return shell.Pack{
		Entries: []shell.Entry{{Name: "Findings", Path: "findings", Icon: "shield-alert", Action: app.ReadFindings}},
		Finder:  p.find,
		Register: func(s *shell.Shell) {
			s.In("GET findings", p.list)
			s.In("GET findings.csv", func(r *shell.Request) error { return p.export(r, "csv") })
			s.In("GET findings.xlsx", func(r *shell.Request) error { return p.export(r, "xlsx") })
			s.In("POST findings/decide", p.decideMany)
			s.In("POST findings/undo", p.undo)
			s.In("GET findings/{id}", p.finding)
			s.In("POST findings/{id}/decide", p.decideOne)
		},
	}
}

var columns = []shell.Column{
	{Name: "about", Title: "About"},
	{Name: "rule", Title: "Rule"},
	{Name: "status", Title: "Status"},
	{Name: "assignee", Title: "Assigned to"},
	{Name: "requirements", Title: "Requirements"},
	{Name: "first_seen", Title: "First seen"},
	{Name: "last_seen", Title: "Last seen"},
}

var usualColumns = []string{"about", "status", "assignee", "last_seen"}

// statuses are the tabs of the list.
var statuses = []struct{ value, title string }{
	{string(harbour.FindingOpen), "Open"},
	{string(harbour.FindingAccepted), "Accepted"},
	{string(harbour.FindingResolved), "Resolved"},
	{string(harbour.FindingFalsePositive), "False positive"},
	{"any", "All"},
}

// groups are what the list can be put together by; the rows are then sorted by it.
var groups = []shell.Choice{
	{Value: "severity", Title: "severity", Count: -1}, {Value: "rule", Title: "rule", Count: -1}, {Value: "assignee", Title: "who it is assigned to", Count: -1}, {Value: "status", Title: "status", Count: -1},
}

type listing struct {
	query   store.FindingQuery
	at      harbour.Instant
	page    store.Page[store.FindingRow]
	filters []shell.Filter
	columns []shell.Column
	views   []store.SavedView
	people  []findings.Colleague
	group   string
	idle    []shell.Idle // values of filters that fit nothing by themselves
}

func (l *listing) name(id string) string { return nameOf(l.people, id) }

func nameOf(people []findings.Colleague, id string) string {
	if id == "" {
		return ""
	}
	i := slices.IndexFunc(people, func(c findings.Colleague) bool { return c.ID == id })
	if i < 0 {
		return "somebody else"
	}
	return people[i].Name
}

// status are the states that an address asks for: the open ones where it asks for none.
//
// Errors: ErrInvalid for a status that there is not.
func status(r *shell.Request) ([]string, error) {
	known := make([]string, len(statuses))
	for i, s := range statuses {
		known[i] = s.value
	}
	list, err := r.OneOf("status", known...)
	list = slices.DeleteFunc(list, func(s string) bool { return s == "" })
	switch {
	case len(list) == 0:
		return []string{string(harbour.FindingOpen)}, err
	case slices.Contains(list, "any"):
		return nil, err
	}
	return list, err
}

func invalid(message, hint string) error {
	return &harbour.Error{Kind: harbour.ErrInvalid, Op: "list findings", Message: message, Hint: hint}
}

func query(r *shell.Request) (q store.FindingQuery, group string, err error) {
	if q.Text, err = r.Text(); err != nil {
		return q, "", err
	}
	q.Order = r.OrderOf("severity", true)
	if group = r.URL.Query().Get("group"); group != "" {
		if !slices.ContainsFunc(groups, func(c shell.Choice) bool { return c.Value == group }) {
			return q, "", harbour.In("group", invalid("the list cannot be grouped by "+group, "one of: severity, rule, assignee, status"))
		}
		q.Sort, q.Desc = group, group == "severity"
	}
	severities, err := r.OneOf("severity", shell.Names(view.Severities)...)
	if err != nil {
		return q, "", err
	}
	for _, v := range severities {
		if v != "" {
			q.Severity = append(q.Severity, harbour.Severity(v))
		}
	}
	if q.Status, err = status(r); err != nil {
		return q, "", err
	}
	q.Rule, q.Assignee = r.Values("rule"), r.Values("assignee")
	q.Asset = r.URL.Query().Get("asset")
	if v := r.URL.Query().Get("new"); v != "" {
		t, err := time.Parse(time.RFC3339, v)
		if err != nil {
			return q, "", invalid("since when is not said", "open the list from the overview")
		}
		q.NewSince = harbour.At(t)
	}
	return q, group, nil
}

func (p *pages) read(r *shell.Request) (l listing, err error) {
	if l.at, err = r.AsOf(); err != nil {
		return l, err
	}
	if l.query, l.group, err = query(r); err != nil {
		return l, err
	}
	if l.page, err = p.use.List(r.Context(), r.By, r.Org.ID, l.query, l.at); err != nil {
		return l, err
	}
	facets, err := p.use.Facets(r.Context(), r.By, r.Org.ID, l.at)
	if err != nil {
		return l, err
	}
	if l.people, err = p.use.Colleagues(r.Context(), r.By, r.Org.ID); err != nil {
		return l, err
	}
	l.filters = filters(r, facets, l.people, l.page.Items)
	l.columns = r.Columns(columns, usualColumns...)
	if l.idle, err = r.Idle(l.filters, len(l.page.Items), func(one *shell.Request) (bool, error) {
		q, _, err := query(one)
		if err != nil || one.URL.Query().Has("group") {
			return err == nil, err // to group leaves nothing out
		}
		q.Status, q.Limit = nil, 1
		page, err := p.use.List(r.Context(), r.By, r.Org.ID, q, l.at)
		return len(page.Items) > 0, err
	}); err != nil {
		return l, err
	}
	l.views, err = p.views.List(r.Context(), r.By, r.Org.ID, "findings")
	return l, err
}

// filters are what the list can be narrowed down by; an asset is named as the rows about it name it.
func filters(r *shell.Request, facets []store.Facet, people []findings.Colleague, rows []store.FindingRow) []shell.Filter {
	severity := shell.Filter{Name: "severity", Title: "Severity"}
	for _, s := range view.Severities {
		n := -1
		for _, f := range facets {
			if f.Name == "severity" && f.Value == strconv.Itoa(s.Rank()) {
				n = f.Count
			}
		}
		severity.Choices = append(severity.Choices, shell.Choice{Value: string(s), Title: view.Severity(s).Title, Count: n})
	}
	assignee := shell.Filter{Name: "assignee", Title: "Assigned to", Choices: []shell.Choice{{Value: "", Title: "nobody", Count: -1}}}
	for _, c := range people {
		assignee.Choices = append(assignee.Choices, shell.Choice{Value: c.ID, Title: c.Name, Count: -1})
	}
	list := []shell.Filter{
		severity, r.Facets(facets, "rule", "Rule", view.Name), assignee, {Name: "group", Title: "Group by", One: true, Choices: groups},
	}
	if a := r.Values("asset"); len(a) > 0 {
		name := a[0]
		if len(rows) > 0 {
			name = cmp.Or(rows[0].Names[a[0]], name)
		}
		list = append(list, shell.Filter{Name: "asset", Title: "About", One: true, Choices: []shell.Choice{{Value: a[0], Title: name, Count: -1}}})
	}
	if since := r.Values("new"); len(since) > 0 {
		list = append(list, shell.Filter{Name: "new", Title: "New since", One: true, Choices: []shell.Choice{{Value: since[0], Title: since[0][:min(10, len(since[0]))], Count: -1}}})
	}
	return list
}

func (p *pages) list(r *shell.Request) error {
	l, err := p.read(r)
	if err != nil {
		return err
	}
	if r.Partial("list") {
		return r.Part(box(r, &l))
	}
	return r.Page(shell.Page{
		Title: "Findings", Here: "findings", Body: listPage(r, &l), AsOf: l.at, Actions: shell.AsOfForm(r),
		Keys: []shell.Key{{Press: "j k", Does: "Next and previous row"}, {Press: "Enter", Does: "Open the row"}, {Press: "x", Does: "Select the row"}},
	})
}

// groupOf is the group that a row stands in, as people read it.
func groupOf(l *listing, f *store.FindingRow) string {
	switch l.group {
	case "severity":
		return view.Severity(f.Severity).Title
	case "rule":
		return view.Name(f.Rule)
	case "assignee":
		if f.Assignee == "" {
			return "Assigned to nobody"
		}
		return "Assigned to " + l.name(f.Assignee)
	case "status":
		return view.Name(string(f.Status))
	}
	return ""
}

// state is where a finding stands, in words.
func state(f *store.FindingRow) string {
	s := view.Name(string(f.Status))
	if f.Status == harbour.FindingAccepted && f.Until.Known() {
		s += " until " + f.Until.Time().Format(time.DateOnly)
	}
	return s
}

func about(f *store.FindingRow) string {
	var names []string
	for _, id := range f.Subjects {
		if n := f.Names[id]; n != "" {
			names = append(names, n)
		} else {
			names = append(names, id)
		}
	}
	return strings.Join(names, ", ")
}

func cell(l *listing, f *store.FindingRow, column string) string {
	switch column {
	case "about":
		return about(f)
	case "rule":
		return f.Rule
	case "status":
		return state(f)
	case "assignee":
		return l.name(f.Assignee)
	case "requirements":
		return strings.Join(f.Requirements, ", ")
	case "first_seen":
		return instant(f.FirstSeen)
	case "last_seen":
		return instant(f.LastSeen)
	}
	return ""
}

func instant(i harbour.Instant) string {
	if !i.Known() {
		return ""
	}
	return i.Time().Format(time.RFC3339)
}

// export gives exactly the rows and columns of the list.
func (p *pages) export(r *shell.Request, form string) error {
	at, err := r.AsOf()
	if err != nil {
		return err
	}
	q, _, err := query(r)
	if err != nil {
		return err
	}
	l := listing{columns: r.Columns(columns, usualColumns...)}
	if l.people, err = p.use.Colleagues(r.Context(), r.By, r.Org.ID); err != nil {
		return err
	}
	head := []string{"Severity", "Finding", "Id"}
	for _, c := range l.columns {
		title := c.Title
		if strings.HasSuffix(c.Name, "_seen") {
			title += " (UTC)"
		}
		head = append(head, title)
	}
	return r.Table("findings", form, head, func(add func(...string) error) error {
		return p.use.Each(r.Context(), r.By, r.Org.ID, q, at, 0, func(f *store.FindingRow) error {
			row := []string{string(f.Severity), f.Title, f.ID}
			for _, c := range l.columns {
				row = append(row, cell(&l, f, c.Name))
			}
			return add(row...)
		})
	})
}

// find is the search of the whole organisation.
func (p *pages) find(r *shell.Request, text string, n int) (hits []shell.Hit, err error) {
	if !r.May(app.ReadFindings) {
		return nil, nil
	}
	list, err := p.use.List(r.Context(), r.By, r.Org.ID, store.FindingQuery{Text: text, Order: store.Order{Limit: n}}, 0)
	for i := range list.Items {
		f := &list.Items[i]
		hits = append(hits, shell.Hit{Group: "Findings", Title: f.Title, About: string(f.Severity) + ", " + state(f), Icon: "shield-alert", Href: r.Path("findings", f.ID), Worst: f.Severity})
	}
	return hits, err
}
