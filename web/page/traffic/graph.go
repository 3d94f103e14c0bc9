// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package traffic

import (
	"encoding/json"
	"net/http"
	"strconv"

	"breakwater/app"
	"breakwater/store"
	"breakwater/view"
	"breakwater/view/zonemap"
	"breakwater/web/shell"
)

// drawn is how many assets with open findings the graph holds: those with the worst.
const drawn = 400

// Measures of the graph, in its own units. Letters are larger than in the drawing by level, because most of it is looked
// at from further away.
const (
	graphRow    = 1900 // width of the zones in one row
	cellWide    = 124  // an asset with its name
	cellHigh    = 58
	cellMark    = 18 // from the top of a cell to the middle of its mark
	zonePad     = 12
	zoneHead    = 44 // above the assets, for the name
	zoneBare    = 64 // height of a zone in which nothing is drawn
	zoneLetters = 20 // size of the name
	maxColumns  = 8
)

// element is a node or an edge of the graph, in the form that the script takes: nodes have a place, edges their corners.
type element struct {
	Data     elementData `json:"data"`
	Position *position   `json:"position,omitempty"`
}

type elementData struct {
	ID       string        `json:"id"`
	Kind     string        `json:"kind,omitempty"` // of a node: band, level, zone or asset
	Label    string        `json:"label,omitempty"`
	Wide     float64       `json:"wide,omitempty"`
	High     float64       `json:"high,omitempty"`
	Bare     bool          `json:"bare,omitempty"` // a zone in which nothing is drawn
	Zone     string        `json:"zone,omitempty"` // of an asset
	Source   string        `json:"source,omitempty"`
	Target   string        `json:"target,omitempty"`
	State    zonemap.State `json:"state,omitempty"`
	Points   []position    `json:"points,omitempty"`
	Severity string        `json:"severity,omitempty"`
	Href     string        `json:"href,omitempty"`
	About    string        `json:"about,omitempty"`
}

type position struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

func middle(x, y, wide, high int) *position {
	return &position{float64(x) + float64(wide)/2, float64(y) + float64(high)/2}
}

// worst gives the assets that the graph holds, by zone.
func (p *pages) worst(r *shell.Request) (map[string][]store.AssetRow, error) {
	if !r.May(app.ReadAssets) {
		return nil, nil
	}
	q := store.AssetQuery{Order: store.Order{Sort: "worst", Desc: true, Limit: drawn}, WithFindings: true}
	list, err := p.assets.List(r.Context(), r.By, r.Org.ID, q, 0)
	in := map[string][]store.AssetRow{}
	for _, a := range list.Items {
		in[a.Zone] = append(in[a.Zone], a)
	}
	return in, err
}

// columnsOf is how many assets stand side by side in a zone: about twice as many as below one another, because a cell is
// twice as wide as high and a screen is wider than high.
func columnsOf(assets int) int {
	c := 1
	for c < maxColumns && c*c < assets {
		c++
	}
	return c
}

// graphZones gives the zones in the size that their names and assets need.
func graphZones(v *zoneView, assets map[string][]store.AssetRow) []zonemap.Zone {
	var zones []zonemap.Zone
	for _, z := range v.boxes {
		z.Width = zonemap.Width(zoneLabel(z), zoneLetters) + 2*zonePad
		z.Height = zoneBare
		if n := len(assets[z.ID]); n > 0 {
			c := columnsOf(n)
			z.Width = max(z.Width, c*cellWide+2*zonePad)
			z.Height = zoneHead + (n+c-1)/c*cellHigh + zonePad
		}
		zones = append(zones, z)
	}
	return zones
}

func zoneLabel(z zonemap.Zone) string {
	return view.Plain(z.Name, 32) + " · " + view.Number(z.Members)
}

// layGraph gives the elements of the graph: bands of levels, zones with the assets about which something is open, and
// conduits that run between the zones and never across one. The same state gives the same picture.
func layGraph(r *shell.Request, v *zoneView, assets map[string][]store.AssetRow) []element {
	d := zonemap.LayoutRows(graphZones(v, assets), v.links, graphRow)
	list := []element{}
	shaded := false // every other band
	for i, b := range d.Bands {
		if b.Empty {
			continue
		}
		if shaded {
			list = append(list, element{elementData{ID: "b:" + strconv.Itoa(i), Kind: "band", Wide: float64(d.Width), High: float64(b.Height)}, middle(0, b.Top, d.Width, b.Height)})
		}
		shaded = !shaded
		list = append(list, element{elementData{ID: "l:" + strconv.Itoa(i), Kind: "level", Label: view.Level(b.Level).Title}, middle(0, b.Top, zonemap.LabelWidth, b.Height)})
	}
	for _, b := range d.Boxes {
		z, in := b.Zone, assets[b.Zone.ID]
		about := view.Plain(z.Name, 60) + ", " + view.Level(z.Level).Title + ", " + view.Count(z.Members, "asset", "assets")
		if n := v.open[z.ID]; n > 0 {
			about += ", " + view.Number(n) + " of them with open findings"
		}
		list = append(list, element{
			elementData{ID: "z:" + z.ID, Kind: "zone", Label: zoneLabel(z), Wide: float64(b.Width), High: float64(b.Height), Bare: len(in) == 0, Href: z.Href, About: about},
			middle(b.X, b.Y, b.Width, b.Height),
		})
		columns := columnsOf(len(in))
		left := b.X + (b.Width-columns*cellWide)/2
		for i, a := range in {
			severity := string(severity(a.Worst))
			list = append(list, element{
				elementData{
					ID: "a:" + a.ID, Kind: "asset", Label: view.Plain(a.Name, 60), Zone: "z:" + z.ID, Href: r.Path("assets", a.ID), Severity: severity,
					About: view.Plain(a.Name, 60) + ", " + a.Kind.Info().Title + ", " + view.Count(a.OpenFindings, "open finding", "open findings") + ", the worst " + severity,
				},
				middle(left+i%columns*cellWide, b.Y+zoneHead+i/columns*cellHigh, cellWide, 2*cellMark),
			})
		}
	}
	for _, k := range d.Lines {
		e := element{Data: elementData{ID: "c:" + k.Link.ID, Source: "z:" + k.Link.From, Target: "z:" + k.Link.To, State: k.Link.State, Href: k.Link.Href, About: k.Link.Title}}
		for _, p := range k.Points {
			e.Data.Points = append(e.Data.Points, position{float64(p.X), float64(p.Y)})
		}
		list = append(list, e)
	}
	return list
}

// graph answers with the graph of zones: zones hold their assets about which something is open, conduits join zones.
func (p *pages) graph(r *shell.Request) error {
	v, err := p.readZones(r)
	if err != nil {
		return err
	}
	assets, err := p.worst(r)
	if err != nil {
		return err
	}
	b, err := json.Marshal(layGraph(r, v, assets))
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
