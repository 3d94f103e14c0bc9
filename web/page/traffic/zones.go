// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package traffic

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/view"
	"breakwater/view/zonemap"
	"breakwater/web/shell"
)

// zoneView is what the page of zones shows.
type zoneView struct {
	zones    []harbour.Zone
	conduits []harbour.ConduitUse // what is not approved first
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

// drawn is how many assets with open findings the graph holds: those with the worst.
const drawn = 400

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
	var boxes []zonemap.Zone
	for _, z := range v.zones {
		boxes = append(boxes, zonemap.Zone{ID: z.ID, Name: cmp.Or(z.Name, z.ID), Level: z.Level, Kind: view.ZoneKind(z.Kind).Title, Members: z.Members, Href: assetsOf(r, z.ID)})
	}
	var links []zonemap.Link
	for i := range v.conduits {
		c := &v.conduits[i]
		state := zonemap.StateOf(c)
		links = append(links, zonemap.Link{ID: c.ID, From: c.From, To: c.To, State: state, Title: v.name(c.From) + " to " + v.name(c.To) + ": " + state.Words(), Href: between(r, c, "")})
	}
	if len(boxes) > 0 {
		v.drawing = zonemap.Layout(boxes, links)
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
	lead := view.Count(len(v.zones), "zone", "zones") + " and " + view.Count(len(v.conduits), "conduit", "conduits") + " between them"
	return r.Page(shell.Page{Title: "Zones", Lead: lead, Here: "zones", Body: zonesPage(r, v)})
}

// element is a node or an edge of the graph.
type element struct {
	Data struct {
		ID       string `json:"id"`
		Label    string `json:"label,omitempty"`
		Parent   string `json:"parent,omitempty"`
		Source   string `json:"source,omitempty"`
		Target   string `json:"target,omitempty"`
		Severity string `json:"severity,omitempty"`
		Verdict  string `json:"verdict,omitempty"`
		Href     string `json:"href,omitempty"`
		About    string `json:"about,omitempty"`
	} `json:"data"`
}

// verdictOf is the verdict that a conduit is drawn with.
var verdictOf = map[zonemap.State]harbour.Verdict{
	zonemap.Approved: harbour.VerdictApprovedUsed, zonemap.Unused: harbour.VerdictApprovedUnused, zonemap.Undocumented: harbour.VerdictUndocumented, zonemap.Exceeded: harbour.VerdictExcessPermission,
}

// worst gives the assets that the graph holds.
func (p *pages) worst(r *shell.Request) ([]store.AssetRow, error) {
	if !r.May(app.ReadAssets) {
		return nil, nil
	}
	q := store.AssetQuery{Order: store.Order{Sort: "worst", Desc: true, Limit: drawn}, WithFindings: true}
	list, err := p.assets.List(r.Context(), r.By, r.Org.ID, q, 0)
	return list.Items, err
}

// graph answers with the graph of zones: zones hold their assets about which something is open, conduits join zones.
func (p *pages) graph(r *shell.Request) error {
	v, err := p.readZones(r)
	if err != nil {
		return err
	}
	worst, err := p.worst(r)
	if err != nil {
		return err
	}
	list := []element{}
	for _, z := range v.zones {
		var e element
		e.Data.ID, e.Data.Label, e.Data.Href = "z:"+z.ID, view.Plain(cmp.Or(z.Name, z.ID), 60), assetsOf(r, z.ID)
		e.Data.About = e.Data.Label + ", " + view.Level(z.Level).Title + ", " + view.Count(z.Members, "asset", "assets")
		e.Data.Label += " · " + view.Number(z.Members)
		if n := v.open[z.ID]; n > 0 {
			e.Data.About += ", " + view.Number(n) + " of them with open findings"
		}
		list = append(list, e)
	}
	for _, a := range worst {
		if _, known := v.names[a.Zone]; !known {
			continue
		}
		var e element
		e.Data.ID, e.Data.Label, e.Data.Parent, e.Data.Href = "a:"+a.ID, view.Plain(a.Name, 60), "z:"+a.Zone, r.Path("assets", a.ID)
		e.Data.About = e.Data.Label + ", " + a.Kind.Info().Title
		e.Data.Severity = string(severity(a.Worst))
		e.Data.About += ", " + view.Count(a.OpenFindings, "open finding", "open findings") + ", the worst " + e.Data.Severity
		list = append(list, e)
	}
	for i := range v.conduits {
		c := &v.conduits[i]
		if _, from := v.names[c.From]; !from || c.From == c.To {
			continue
		}
		if _, to := v.names[c.To]; !to {
			continue
		}
		state := zonemap.StateOf(c)
		var e element
		e.Data.ID, e.Data.Source, e.Data.Target, e.Data.Verdict, e.Data.Href = "c:"+c.ID, "z:"+c.From, "z:"+c.To, string(verdictOf[state]), between(r, c, "")
		e.Data.Label = stateTag(c).Title
		e.Data.About = v.name(c.From) + " to " + v.name(c.To) + ": " + state.Words()
		list = append(list, e)
	}
	b, err := json.Marshal(list)
	if err != nil {
		return err
	}
	h := r.W.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	r.W.WriteHeader(http.StatusOK)
	_, err = r.W.Write(b)
	return err
}
