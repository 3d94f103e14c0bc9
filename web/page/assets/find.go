// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package assets

import (
	"slices"
	"strings"

	"breakwater/app"
	"breakwater/store"
	"breakwater/web/shell"
)

// find gives the assets that a text fits: those by whose name it does first, and of the others what fits.
func (p *pages) find(r *shell.Request, text string, n int) (hits []shell.Hit, err error) {
	if !r.May(app.ReadAssets) {
		return nil, nil
	}
	ask := func(q store.AssetQuery, n int) ([]store.AssetRow, error) {
		q.Text, q.Order = text, store.Order{Limit: n}
		list, err := p.use.List(r.Context(), r.By, r.Org.ID, q, 0)
		return list.Items, err
	}
	named, err := ask(store.AssetQuery{Name: text}, n)
	if err != nil {
		return nil, err
	}
	rows := named
	if len(named) < n {
		more, err := ask(store.AssetQuery{}, n+len(named)) // the named ones may be among them
		if err != nil {
			return nil, err
		}
		for _, a := range more {
			if len(rows) < n && !slices.ContainsFunc(named, func(b store.AssetRow) bool { return a.ID == b.ID }) {
				rows = append(rows, a)
			}
		}
	}
	for i := range rows {
		a := &rows[i]
		about := a.Kind.Info().Title
		if a.Address != "" {
			about += ", " + a.Address
		}
		if i >= len(named) {
			if why := fits(r, a, text); why != "" {
				about += " · " + why
			}
		}
		hits = append(hits, shell.Hit{Group: "Assets", Title: a.Name, About: about, Icon: "server", Href: r.Path("assets", a.ID), Worst: severity(a.Worst)})
	}
	return hits, nil
}

// fits says by what an asset fits words that neither its name nor what is said beside it has: a hit that nobody understands looks
// like a mistake.
func fits(r *shell.Request, a *store.AssetRow, text string) string {
	var why []string
	for _, w := range strings.Fields(strings.ToLower(text)) {
		has := func(s string) bool { return strings.Contains(strings.ToLower(s), w) }
		if has(a.Name) || has(a.Kind.Info().Title) || has(a.Address) {
			continue
		}
		said := ""
		for _, f := range []struct{ what, value, shown string }{
			{"vendor", a.Vendor, a.Vendor},
			{"model", a.Model, a.Model},
			{"firmware", a.Firmware, a.Firmware},
			{"zone", a.Zone, r.ZoneName(a.Zone)},
			{"site", a.Site, r.SiteName(a.Site)},
			{"supplier", a.Supplier, a.Supplier},
		} {
			if has(f.value) {
				said = f.what + " " + f.shown
				break
			}
		}
		if said == "" {
			said = "“" + w + "” elsewhere in what is known of it"
		}
		if !slices.Contains(why, said) {
			why = append(why, said)
		}
	}
	return strings.Join(why, ", ")
}
