// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package zonemap

import (
	"cmp"
	"slices"

	"breakwater/harbour"
)

// Bounds of one drawing. What is left out is what matters least: conduits by state, zones by worst finding and size.
const (
	MaxZones = 120
	MaxLinks = 160
)

// LabelWidth is the width of the column at the left that names the bands, in drawing units.
const LabelWidth = 132

// Measures in drawing units, which are CSS pixels at full size.
const (
	boxWidth    = 172
	boxHeight   = 74
	minGap      = 30           // between boxes
	rowWidth    = 6 * boxWidth // of the boxes in one row of a band
	minWidth    = 1140
	stripHeight = 24 // of a band that has no zone
	channelBase = 26 // height of a channel without lines
	trackStep   = 7  // between lines in a channel or gap
	textPad     = 13 // left and right of the text in a box
)

// levels are the bands from top to bottom. Zones with another level, or none, stand in a band below them.
var levels = [...]string{"5", "4", "3.5", "3", "2", "1", "0"}

// State is what is known of a conduit; it decides colour and dash pattern.
type State string

// States of a conduit.
const (
	Approved     State = "approved"     // declared, and only what it permits was seen
	Exceeded     State = "exceeded"     // declared, and more than it permits was seen
	Undocumented State = "undocumented" // seen, not declared
	Unused       State = "unused"       // declared, not seen
	Unknown      State = "unknown"
)

// States in the order in which they are drawn and explained, what matters most first.
var States = []State{Undocumented, Exceeded, Unknown, Approved, Unused}

// Zone is one box.
type Zone struct {
	ID      string
	Name    string
	Level   string
	Kind    string // in words
	Members int
	Worst   harbour.Severity // of the open findings in it, "" for none
	Count   int              // open findings of that severity
	Href    string           // where the box leads, "" for nowhere

	Width, Height int // of the box, 0 for what the text needs
}

// Link is one conduit, from the zone of the clients to that of the servers.
type Link struct {
	ID    string
	From  string // zone id
	To    string
	State State
	Title string // in words, for those who point at the line or cannot see it
	Href  string
}

// Drawing is a finished layout.
type Drawing struct {
	Width, Height int
	Bands         []Band
	Boxes         []Box
	Lines         []Line
	ZonesLeft     int // zones that were not drawn
	LinksLeft     int // conduits that were not drawn, those of such zones included
}

// Band is one Purdue level.
type Band struct {
	Level       string
	Top, Height int
	Empty       bool
}

// Box is a placed zone. Text holds its lines, fitted to the width.
type Box struct {
	Zone                Zone
	X, Y, Width, Height int
	Text                []Text
}

// Text is one line in a box.
type Text struct {
	Class string // name, meta or worst
	Text  string
	Y     int // of the base line, from the top of the drawing
}

// Line is a drawn conduit: the corners of a path whose parts are all level or upright.
type Line struct {
	Link     Link
	Points   []Point
	from, to int // its boxes, as they are counted in the drawing
}

// Point is a place in the drawing.
type Point struct{ X, Y int }

// Layout places zones and links. Links to zones that are not given, and from a zone to itself, are not drawn.
func Layout(zones []Zone, links []Link) *Drawing { return LayoutRows(zones, links, rowWidth) }

// LayoutRows is [Layout] with rows of another width: a band whose boxes together are wider is broken into several rows.
// A single box may be wider still.
func LayoutRows(zones []Zone, links []Link, width int) *Drawing {
	d := &Drawing{}
	zones, d.ZonesLeft = pickZones(zones)
	l := &layouter{drawing: d, index: map[string]int{}, rowWidth: max(width, 1)}
	for i, z := range zones {
		l.index[z.ID] = i
	}
	l.zones = zones
	l.links, d.LinksLeft = pickLinks(links, l.index)
	l.assignRows()
	l.chooseGaps()
	l.placeColumns()
	l.assignPorts()
	l.assignTracks()
	l.placeRows()
	l.draw()
	return d
}

func pickZones(zones []Zone) ([]Zone, int) {
	seen := map[string]bool{}
	var out []Zone
	for _, z := range zones {
		if !seen[z.ID] {
			seen[z.ID] = true
			out = append(out, z)
		}
	}
	if len(out) <= MaxZones {
		return out, 0
	}
	order := make([]int, len(out))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(out[b].Worst.Rank()-out[a].Worst.Rank(), cmp.Compare(out[b].Members, out[a].Members))
	})
	order = order[:MaxZones]
	slices.Sort(order)
	kept := make([]Zone, 0, MaxZones)
	for _, i := range order {
		kept = append(kept, out[i])
	}
	return kept, len(out) - MaxZones
}

// link is a conduit on its way through the layout. upper and lower are boxes; where both stand in one row, upper is
// the client's.
type link struct {
	Link
	upper, lower int
	down         bool  // the client is above, or in the same row
	gaps         []int // for each row between the two, the gap that the line passes through
	gapX         []int // and where in it
	portUpper    int   // x at which the line leaves the lower edge of the upper box
	portLower    int   // x at which it reaches the lower box
	tracks       []int // for each channel on the way, its track
}

func pickLinks(links []Link, index map[string]int) ([]*link, int) {
	var out []*link
	left := 0
	for _, k := range links {
		from, okFrom := index[k.From]
		to, okTo := index[k.To]
		if k.From == k.To {
			continue
		}
		if !okFrom || !okTo {
			left++
			continue
		}
		out = append(out, &link{Link: k, upper: from, lower: to, down: true})
	}
	slices.SortStableFunc(out, func(a, b *link) int {
		return cmp.Compare(slices.Index(States, a.State), slices.Index(States, b.State))
	})
	if len(out) > MaxLinks {
		left += len(out) - MaxLinks
		out = out[:MaxLinks]
	}
	return out, left
}
