// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package assets shows the inventory: the list with its filters, exports and changes in bulk, and the page of each asset with
// where each of its attributes comes from, what people state, its history, and joining and parting by hand.
//
// Its handlers are safe for concurrent use.
package assets

import (
	"strconv"
	"time"

	"breakwater/app"
	"breakwater/app/assets"
	"breakwater/app/findings"
	"breakwater/app/traffic"
	"breakwater/app/views"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/view"
	"breakwater/web/shell"
)

type pages struct {
	use      *assets.Assets
	findings *findings.Findings
	traffic  *traffic.Traffic
	views    *views.Views
}

// New makes the pages of the use cases.
func New(use *assets.Assets, f *findings.Findings, t *traffic.Traffic, v *views.Views) shell.Pack {
	p := &pages{use, f, t, v}
	return shell.Pack{
		Entries: []shell.Entry{{Name: "Assets", Path: "assets", Icon: "server", Action: app.ReadAssets}},
		Finder:  p.find,
		Register: func(s *shell.Shell) {
			s.In("GET assets", p.list)
			s.In("GET assets.csv", func(r *shell.Request) error { return p.export(r, "csv") })
			s.In("GET assets.xlsx", func(r *shell.Request) error { return p.export(r, "xlsx") })
			s.In("POST assets/edit", p.edit)
			s.In("POST assets/state", p.state)
			s.In("POST assets/undo", p.undo)
			s.In("POST assets/join", p.join)
			s.In("POST assets/joined", p.doJoin)
			s.In("GET assets/{id}", p.asset)
			s.In("POST assets/{id}/state", p.stateOne)
			s.In("POST assets/{id}/part", p.part)
			s.In("POST assets/forget", p.forget)
		},
	}
}

// columns of the list. The name always stands first.
var columns = []shell.Column{
	{Name: "kind", Title: "Kind"},
	{Name: "product", Title: "Product"},
	{Name: "firmware", Title: "Firmware"},
	{Name: "address", Title: "Address"},
	{Name: "zone", Title: "Zone"},
	{Name: "level", Title: "Level"},
	{Name: "site", Title: "Site"},
	{Name: "supplier", Title: "Supplier"},
	{Name: "criticality", Title: "Criticality"},
	{Name: "domain", Title: "Domain"},
	{Name: "known", Title: "Known by"},
	{Name: "findings", Title: "Findings"},
	{Name: "first_seen", Title: "First seen"},
	{Name: "last_seen", Title: "Last seen"},
}

var usualColumns = []string{"kind", "product", "address", "zone", "known", "findings", "last_seen"}

// knownBy are the values of the filter of that name.
var knownBy = []shell.Choice{
	{Value: "declared", Title: "declared by people", Count: -1},
	{Value: "observed", Title: "observed in traffic", Count: -1},
	{Value: "undeclared", Title: "observed, and not declared", Count: -1},
	{Value: "unseen", Title: "declared, and not observed", Count: -1},
}

// listing is the list as its page shows it.
type listing struct {
	query   store.AssetQuery
	at      harbour.Instant
	page    store.Page[store.AssetRow]
	filters []shell.Filter
	columns []shell.Column
	views   []store.SavedView
	idle    []shell.Idle // values of filters that fit nothing by themselves
}

// query reads the filters of an address.
func query(r *shell.Request) (q store.AssetQuery, err error) {
	if q.Text, err = r.Text(); err != nil {
		return q, err
	}
	q.Order = r.OrderOf("name", false)
	kinds := make([]string, len(harbour.Kinds))
	for i, k := range harbour.Kinds {
		kinds[i] = string(k.Kind)
	}
	if err := r.Closed(
		shell.ClosedFilter{Name: "domain", Known: shell.Names(view.Domains), To: &q.Domain}, shell.ClosedFilter{Name: "kind", Known: kinds, To: &q.Kind},
		shell.ClosedFilter{Name: "level", Known: harbour.Levels, To: &q.Level}, shell.ClosedFilter{Name: "known", Known: []string{"declared", "observed", "undeclared", "unseen"}},
		shell.ClosedFilter{Name: "worst", Known: shell.Names(view.Severities)}, shell.ClosedFilter{Name: "change", Known: []string{"new", "altered"}},
	); err != nil {
		return q, err
	}
	q.Zone, q.Vendor, q.Site = r.Values("zone"), r.Values("vendor"), r.Values("site")
	q.Supplier, q.Criticality = r.Values("supplier"), r.Values("criticality")
	q.Model, q.Firmware = r.Values("model"), r.Values("firmware")
	q.Known = r.URL.Query().Get("known")
	if v := r.URL.Query().Get("worst"); v != "" {
		q.WithFindings = true
		q.Worst = harbour.Severity(v).Rank()
	}
	if q.Change = r.URL.Query().Get("change"); q.Change != "" {
		t, err := time.Parse(time.RFC3339, r.URL.Query().Get("since"))
		if err != nil {
			return q, invalid("since when is not said", "open the list from the overview")
		}
		q.Since = harbour.At(t)
	}
	return q, nil
}

func invalid(message, hint string) error {
	return &harbour.Error{Kind: harbour.ErrInvalid, Op: "list assets", Message: message, Hint: hint}
}

func (p *pages) read(r *shell.Request) (l listing, err error) {
	if l.at, err = r.AsOf(); err != nil {
		return l, err
	}
	if l.query, err = query(r); err != nil {
		return l, err
	}
	if l.page, err = p.use.List(r.Context(), r.By, r.Org.ID, l.query, l.at); err != nil {
		return l, err
	}
	facets, err := p.use.Facets(r.Context(), r.By, r.Org.ID, l.at)
	if err != nil {
		return l, err
	}
	l.filters = filters(r, facets)
	l.columns = r.Columns(columns, usualColumns...)
	if l.idle, err = r.Idle(l.filters, len(l.page.Items), func(one *shell.Request) (bool, error) {
		q, err := query(one)
		if err != nil {
			return false, err
		}
		q.Limit = 1
		page, err := p.use.List(r.Context(), r.By, r.Org.ID, q, l.at)
		return len(page.Items) > 0, err
	}); err != nil {
		return l, err
	}
	l.views, err = p.views.List(r.Context(), r.By, r.Org.ID, "assets")
	return l, err
}

func filters(r *shell.Request, facets []store.Facet) []shell.Filter {
	kind := r.Facets(facets, "kind", "Kind", func(v string) string { return harbour.Kind(v).Info().Title })
	domain := r.Facets(facets, "domain", "Domain", func(v string) string { return view.Domain(harbour.Domain(v)).Title })
	if len(facets) == 0 { // a part of the organisation has no counts; the closed lists are known anyway
		domain.Choices = nil
		for _, d := range view.Domains {
			domain.Choices = append(domain.Choices, shell.Choice{Value: string(d), Title: view.Domain(d).Title, Count: -1})
		}
		kind.Choices = nil
		for _, k := range harbour.Kinds {
			kind.Choices = append(kind.Choices, shell.Choice{Value: string(k.Kind), Title: k.Title, Count: -1})
		}
	}
	site := r.Facets(facets, "site", "Site", r.SiteName)
	if len(site.Choices) == 0 {
		for _, s := range r.Sites {
			site.Choices = append(site.Choices, shell.Choice{Value: s.ID, Title: r.SiteName(s.ID), Count: -1})
		}
	}
	list := []shell.Filter{
		domain, kind, r.Facets(facets, "zone", "Zone", r.ZoneName), r.Facets(facets, "vendor", "Vendor", nil), site,
		r.Facets(facets, "level", "Level", func(v string) string { return view.Level(v).Title }),
		r.Facets(facets, "supplier", "Supplier", nil), r.Facets(facets, "criticality", "Criticality", nil),
		{Name: "known", Title: "Known by", Choices: knownBy, One: true},
		{Name: "worst", Title: "Findings", Choices: worstChoices(), One: true},
		r.Facets(nil, "model", "Model", nil), r.Facets(nil, "firmware", "Firmware", nil),
	}
	if len(r.Values("change")) > 0 {
		list = append(list, shell.Filter{Name: "change", Title: "Changed since " + sinceDay(r), One: true, Choices: []shell.Choice{{Value: "new", Title: "new", Count: -1}, {Value: "altered", Title: "altered", Count: -1}}})
	}
	return list
}

func sinceDay(r *shell.Request) string {
	v := r.URL.Query().Get("since")
	return v[:min(10, len(v))]
}

func worstChoices() (list []shell.Choice) {
	for _, s := range view.Severities {
		title := "an open one, " + string(s) + " or worse"
		if s == harbour.SeverityCritical {
			title = "a critical one"
		}
		if s == harbour.SeverityInfo {
			title = "any open one"
		}
		list = append(list, shell.Choice{Value: string(s), Title: title, Count: -1})
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
		Title: "Assets", Here: "assets", Body: listPage(r, &l), AsOf: l.at, Actions: shell.AsOfForm(r),
		Keys: []shell.Key{{Press: "j k", Does: "Next and previous row"}, {Press: "Enter", Does: "Open the row"}, {Press: "x", Does: "Select the row"}},
	})
}

// cells are what a row shows, as text: on the page and in exports alike.
func cell(r *shell.Request, a *store.AssetRow, column string) string {
	switch column {
	case "kind":
		return a.Kind.Info().Title
	case "product":
		return product(a.Vendor, a.Model)
	case "firmware":
		return a.Firmware
	case "address":
		return a.Address
	case "zone":
		return r.ZoneName(a.Zone)
	case "level":
		return a.Level
	case "site":
		return r.SiteName(a.Site)
	case "supplier":
		return a.Supplier
	case "criticality":
		return a.Criticality
	case "domain":
		return view.Domain(a.Domain).Title
	case "known":
		return presence(a.Declared, a.Observed).Title
	case "findings":
		if a.OpenFindings == 0 {
			return ""
		}
		return strconv.Itoa(a.OpenFindings) + ", worst " + string(severity(a.Worst))
	case "first_seen":
		return instant(a.FirstSeen)
	case "last_seen":
		return instant(a.LastSeen)
	}
	return ""
}

func instant(i harbour.Instant) string {
	if !i.Known() {
		return ""
	}
	return i.Time().Format(time.RFC3339)
}

func product(vendor, model string) string {
	if vendor != "" && model != "" {
		return vendor + " " + model
	}
	return vendor + model
}

// openFindings completes a number that is read aloud.
func openFindings(n int) string {
	if n == 1 {
		return " open finding"
	}
	return " open findings"
}

// severity is the one of a rank.
func severity(rank int) harbour.Severity {
	for _, s := range view.Severities {
		if s.Rank() == rank {
			return s
		}
	}
	return ""
}

func presence(declared, observed bool) view.Word {
	switch {
	case declared && observed:
		return view.Word{Title: "declared and observed", Class: "ok"}
	case observed:
		return view.Word{Title: "observed alone", Class: "warn"}
	case declared:
		return view.Word{Title: "declared alone", Class: "unknown"}
	}
	return view.Word{Title: "stated", Class: "unknown"}
}

// export gives exactly the rows and columns of the list.
func (p *pages) export(r *shell.Request, form string) error {
	at, err := r.AsOf()
	if err != nil {
		return err
	}
	q, err := query(r)
	if err != nil {
		return err
	}
	q.Cursor = ""
	shown := r.Columns(columns, usualColumns...)
	head := []string{"Asset", "Id"}
	for _, c := range shown {
		title := c.Title
		if c.Name == "first_seen" || c.Name == "last_seen" {
			title += " (UTC)"
		}
		head = append(head, title)
	}
	return r.Table("assets", form, head, func(add func(...string) error) error {
		return p.use.Each(r.Context(), r.By, r.Org.ID, q, at, func(_ *harbour.Asset, a store.AssetRow) error {
			row := []string{a.Name, a.ID}
			for _, c := range shown {
				row = append(row, cell(r, &a, c.Name))
			}
			return add(row...)
		})
	})
}
