// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"breakwater/harbour"
	"breakwater/web/webtest"
)

// graphDrawn is what Cytoscape draws, in the units of the graph.
type graphDrawn struct {
	Nodes []graphNode
	Edges []struct {
		ID, From, To string
		Points       []struct{ X, Y float64 }
	}
}

type graphNode struct {
	ID, Kind, Zone          string
	Left, Top, Right, Below float64
}

func (g *graphDrawn) node(id string) graphNode {
	return g.Nodes[slices.IndexFunc(g.Nodes, func(n graphNode) bool { return n.ID == id })]
}

// readGraph asks Cytoscape itself, which keeps its handle at the element, for bodies of nodes and for all corners of edges.
const readGraph = `JSON.stringify((cy => ({
	Nodes: cy.nodes().map(n => { const [p, w, h] = [n.position(), n.width() / 2, n.height() / 2];
		return {ID: n.id(), Kind: n.data("kind"), Zone: n.data("zone") ?? "", Left: p.x - w, Right: p.x + w, Top: p.y - h, Below: p.y + h}; }),
	Edges: cy.edges().map(e => ({ID: e.id(), From: e.source().id(), To: e.target().id(), Points: [e.sourceEndpoint(), ...(e.segmentPoints() ?? []), e.targetEndpoint()]})),
}))(document.getElementById("graph")._cyreg.cy))`

// manyZones is a port of 26 zones on all levels, of which some hold many assets, with conduits across and along the levels.
func manyZones(t *testing.T) *webtest.House {
	h := webtest.New(t, 0)
	p := webtest.NewPort(webtest.Skerry, 120)
	p.Zones, p.Conduits = nil, nil
	levels := []string{"4", "3.5", "3", "2", "2", "2", "1", "1", "1", "1", "0", ""}
	for i := range 26 {
		p.Zones = append(p.Zones, harbour.Zone{ID: fmt.Sprintf("z%d", i), Name: fmt.Sprintf("Zone %d of the quay", i), Level: levels[i%len(levels)]})
	}
	for i, a := range p.Assets {
		a.Zone = p.Zones[i*i%13].ID // one in two has a finding
	}
	for i := range 60 {
		from, to := i%26, (i*7+3)%26
		if from == to {
			continue
		}
		c := harbour.ConduitUse{ID: fmt.Sprintf("c%d", i), From: p.Zones[from].ID, To: p.Zones[to].ID, Declared: i%3 > 0, Verdicts: map[harbour.Verdict]int{}}
		if i%2 == 0 {
			c.Packets = 5
			c.Verdicts[[]harbour.Verdict{harbour.VerdictUndocumented, harbour.VerdictApprovedUsed, harbour.VerdictApprovedUsed}[i%3]] = 1
		}
		p.Conduits = append(p.Conduits, c)
	}
	p.Publish(t, h.Core.DB, "a port of many zones")
	return h
}

// TestGraph reads what the graph draws, twice: the same both times, no zone over another, each asset within its zone, and no
// conduit across a zone that is not its own.
func TestGraph(t *testing.T) {
	b := webtest.Start(t)
	h := manyZones(t)
	tab := b.Tab(t, h, "chief-security-officer", webtest.Look{})
	read := func() string {
		tab.Go("/o/skerry/zones")
		tab.Wait(`document.getElementById("graph").dataset.ready !== undefined`)
		return webtest.Eval[string](tab, readGraph)
	}
	first, second := read(), read()
	if first != second {
		t.Errorf("the graph differs from load to load:\n%s\n%s", first, second)
	}
	webtest.Eval[bool](tab, `document.getElementById("graph-title").scrollIntoView() === undefined`)
	tab.Shot("graph-many")
	var g graphDrawn
	if err := json.Unmarshal([]byte(first), &g); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for i, n := range g.Nodes {
		counts[n.Kind]++
		if n.Kind != "zone" && n.Kind != "asset" {
			continue
		}
		for _, o := range g.Nodes[i+1:] {
			if o.Kind == n.Kind && n.Left < o.Right && o.Left < n.Right && n.Top < o.Below && o.Top < n.Below {
				t.Errorf("%s and %s overlap", n.ID, o.ID)
			}
		}
		if n.Kind == "asset" {
			z := g.node(n.Zone)
			if n.Left < z.Left || n.Right > z.Right || n.Top < z.Top || n.Below > z.Below {
				t.Errorf("%s lies outside its zone %s", n.ID, z.ID)
			}
		}
	}
	if counts["zone"] != 26 || counts["asset"] != 60 || len(g.Edges) < 50 {
		t.Fatalf("the graph holds %v and %d conduits", counts, len(g.Edges))
	}
	for _, e := range g.Edges {
		for i := 1; i < len(e.Points); i++ {
			p, q := e.Points[i-1], e.Points[i]
			if math.IsNaN(p.X+p.Y+q.X+q.Y) || math.Min(math.Abs(p.X-q.X), math.Abs(p.Y-q.Y)) > 0.5 {
				t.Errorf("%s runs askew from %v to %v", e.ID, p, q)
			}
			for _, n := range g.Nodes {
				if n.Kind != "zone" {
					continue
				}
				// Half a unit is the rounding of the arithmetic in the browser.
				if math.Min(p.X, q.X) < n.Right-.5 && math.Max(p.X, q.X) > n.Left+.5 && math.Min(p.Y, q.Y) < n.Below-.5 && math.Max(p.Y, q.Y) > n.Top+.5 {
					t.Errorf("%s, from %s to %s, runs through %s", e.ID, e.From, e.To, n.ID)
				}
			}
		}
		ends := []string{e.From, e.To}
		for i, p := range []struct{ X, Y float64 }{e.Points[0], e.Points[len(e.Points)-1]} {
			n := g.node(ends[i])
			if p.X < n.Left || p.X > n.Right || math.Min(math.Abs(p.Y-n.Top), math.Abs(p.Y-n.Below)) > 1.5 {
				t.Errorf("%s ends at %v, which is not at the edge of %s", e.ID, p, n.ID)
			}
		}
	}
	// What is approved goes where only the rest is asked for.
	tab.Click(`[data-act="doubtful"]`)
	tab.Wait(`document.getElementById("graph-says").textContent.includes("approved conduits are hidden")`)
	if said := webtest.Eval[string](tab, `document.getElementById("graph-says").textContent`); strings.HasPrefix(said, "0 ") {
		t.Errorf("the graph says %q", said)
	}
}
