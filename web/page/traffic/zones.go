// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package traffic

import (
	"cmp"
	"slices"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/view"
	"breakwater/view/zonemap"
	"breakwater/web/shell"
)

// zoneView is what the page of zones shows.
type zoneView struct {
	zones    []harbour.Zone
	conduits []harbour.ConduitUse // what is not approved first
	boxes    []zonemap.Zone
	links    []zonemap.Link
	drawing  *zonemap.Drawing
	names    map[string]string
	worst    map[string]harbour.Severity // of the open findings about assets of a zone
	open     map[string]int              // assets of a zone with open findings
	assets   int                         // of all zones, with open findings
}

func (v *zoneView) name(id string) string {
	if id == "" {
		return "no zone"
	}
	return cmp.Or(v.names[id], id)
}

// leftOut says what the drawing has no room for.
func leftOut(zones, conduits int) string {
	switch {
	case zones == 0:
		return view.Count(conduits, "conduit is left out", "conduits are left out")
	case conduits == 0:
		return view.Count(zones, "zone is left out", "zones are left out")
	}
	return view.Count(zones, "zone", "zones") + " and " + view.Count(conduits, "conduit", "conduits") + " are left out"
}

// shownConduits is how many conduits the page lists unless all are asked for: a port of many zones has thousands.
const shownConduits = 150

// listed is how many conduits the table holds; those that are not approved stand first.
func (v *zoneView) listed(r *shell.Request) int {
	if r.URL.Query().Get("conduits") == "all" {
		return len(v.conduits)
	}
	return min(len(v.conduits), shownConduits)
}

func (p *pages) readZones(r *shell.Request) (v *zoneView, err error) {
	v = &zoneView{names: map[string]string{}, worst: map[string]harbour.Severity{}, open: map[string]int{}}
	if v.zones, err = p.use.Zones(r.Context(), r.By, r.Org.ID); err != nil {
		return nil, err
	}
	if _, err = r.OneOf("conduits", "all"); err != nil {
		return v, err
	}
	if v.conduits, err = p.use.Conduits(r.Context(), r.By, r.Org.ID); err != nil {
		return nil, err
	}
	for _, z := range v.zones {
		v.names[z.ID] = z.Name
	}
	rank := make(map[string]int, len(v.conduits))
	for i := range v.conduits {
		rank[v.conduits[i].ID] = slices.Index(zonemap.States, zonemap.StateOf(&v.conduits[i]))
	}
	slices.SortStableFunc(v.conduits, func(a, b harbour.ConduitUse) int { return rank[a.ID] - rank[b.ID] })
	if r.May(app.ReadAssets) {
		list, err := p.assets.FindingsByZone(r.Context(), r.By, r.Org.ID)
		if err != nil {
			return nil, err
		}
		for _, z := range list {
			v.worst[z.Zone], v.open[z.Zone] = severity(z.Worst), z.Assets
			v.assets += z.Assets
		}
	}
	for _, z := range v.zones {
		v.boxes = append(v.boxes, zonemap.Zone{ID: z.ID, Name: cmp.Or(z.Name, z.ID), Level: z.Level, Kind: view.ZoneKind(z.Kind).Title, Members: z.Members, Href: assetsOf(r, z.ID)})
	}
	for i := range v.conduits {
		c := &v.conduits[i]
		state := zonemap.StateOf(c)
		v.links = append(v.links, zonemap.Link{ID: c.ID, From: c.From, To: c.To, State: state, Title: v.name(c.From) + " to " + v.name(c.To) + ": " + state.Words(), Href: between(r, c, "")})
	}
	if len(v.boxes) > 0 {
		v.drawing = zonemap.Layout(v.boxes, v.links)
	}
	return v, nil
}

func severity(rank int) harbour.Severity {
	for _, s := range view.Severities {
		if s.Rank() == rank {
			return s
		}
	}
	return ""
}

// assetsOf leads to the assets of a zone, where the person may see them.
func assetsOf(r *shell.Request, zone string) string {
	if !r.May(app.ReadAssets) {
		return ""
	}
	return r.Query(r.Path("assets"), "zone", zone)
}

// between leads to the conversations through a conduit.
func between(r *shell.Request, c *harbour.ConduitUse, verdict harbour.Verdict) string {
	if !r.May(app.ReadTraffic) || c.From == "" || c.To == "" {
		return ""
	}
	return r.Query(r.Path("conversations"), "client_zone", c.From, "server_zone", c.To, "verdict", string(verdict))
}

func (p *pages) zones(r *shell.Request) error {
	v, err := p.readZones(r)
	if err != nil {
		return err
	}
	lead := ""
	if len(v.zones) > 0 {
		lead = view.Count(len(v.zones), "zone", "zones") + " and " + view.Count(len(v.conduits), "conduit", "conduits") + " between them"
	}
	return r.Page(shell.Page{Title: "Zones", Lead: lead, Here: "zones", Body: zonesPage(r, v)})
}
