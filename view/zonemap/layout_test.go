// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package zonemap

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"breakwater/harbour"
)

var update = flag.Bool("update", false, "write testdata/drawing.svg")

// drawZones gives any set of zones and links, those that cannot be drawn included.
func drawZones(t *rapid.T) ([]Zone, []Link) {
	n := rapid.IntRange(0, 60).Draw(t, "zones")
	zones := make([]Zone, n)
	for i := range zones {
		zones[i] = Zone{
			ID:      fmt.Sprintf("z%d", rapid.IntRange(0, 80).Draw(t, "id")),
			Name:    rapid.StringN(0, 60, 200).Draw(t, "name"),
			Level:   rapid.SampledFrom([]string{"0", "1", "1", "1", "2", "3", "3.5", "4", "5", "", "7"}).Draw(t, "level"),
			Kind:    "Control",
			Members: rapid.IntRange(0, 100000).Draw(t, "members"),
			Worst:   rapid.SampledFrom([]harbour.Severity{"", harbour.SeverityHigh}).Draw(t, "worst"),
			Count:   3,
		}
		if rapid.Bool().Draw(t, "sized") {
			zones[i].Width, zones[i].Height = rapid.IntRange(100, 1500).Draw(t, "width"), rapid.IntRange(70, 900).Draw(t, "height")
		}
	}
	links := make([]Link, rapid.IntRange(0, 90).Draw(t, "links"))
	for i := range links {
		links[i] = Link{
			ID: fmt.Sprint(i), From: fmt.Sprintf("z%d", rapid.IntRange(0, 80).Draw(t, "from")), To: fmt.Sprintf("z%d", rapid.IntRange(0, 80).Draw(t, "to")),
			State: rapid.SampledFrom(States).Draw(t, "state"),
		}
	}
	return zones, links
}

func TestLayout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zones, links := drawZones(t)
		width := rapid.IntRange(1, 4000).Draw(t, "width of rows")
		d := LayoutRows(zones, links, width)
		checkBoxes(t, d)
		checkLines(t, d)
		checkBands(t, d)
		ids := map[string]bool{}
		for _, z := range zones {
			ids[z.ID] = true
		}
		if got, want := len(d.Boxes)+d.ZonesLeft, len(ids); got != want {
			t.Errorf("drawn and left out = %d zones, want %d", got, want)
		}
		drawable, absent := 0, 0
		for _, k := range links {
			switch {
			case k.From == k.To:
			case ids[k.From] && ids[k.To]:
				drawable++
			default:
				absent++
			}
		}
		if len(d.Lines) != drawable || d.LinksLeft != absent {
			t.Errorf("%d lines, %d left out; want %d, %d", len(d.Lines), d.LinksLeft, drawable, absent)
		}
		if diff := cmp.Diff(d, LayoutRows(zones, links, width), cmp.AllowUnexported(Box{}, Line{})); diff != "" {
			t.Errorf("a second layout differs:\n%s", diff)
		}
	})
}

func checkBoxes(t *rapid.T, d *Drawing) {
	for i, a := range d.Boxes {
		if a.X < LabelWidth || a.Y < 0 || a.X+a.Width > d.Width || a.Y+a.Height > d.Height {
			t.Errorf("box %q at %d,%d is outside %d×%d", a.Zone.ID, a.X, a.Y, d.Width, d.Height)
		}
		for _, b := range d.Boxes[i+1:] {
			if a.X < b.X+b.Width && b.X < a.X+a.Width && a.Y < b.Y+b.Height && b.Y < a.Y+a.Height {
				t.Errorf("boxes %q and %q overlap", a.Zone.ID, b.Zone.ID)
			}
		}
		for _, s := range a.Text {
			size := metaSize
			if s.Class == "name" {
				size = nameSize
			}
			if w := Width(s.Text, size); w > a.Width-2*textPad {
				t.Errorf("text %q is %d wide, want at most %d", s.Text, w, a.Width-2*textPad)
			}
			if s.Y < a.Y+10 || s.Y > a.Y+a.Height-3 {
				t.Errorf("text %q at %d leaves its box %d to %d", s.Text, s.Y, a.Y, a.Y+a.Height)
			}
		}
	}
}

// checkLines wants lines to be level or upright, to end at the edges of their boxes, to cross no box, and to have no
// level part on top of another's.
func checkLines(t *rapid.T, d *Drawing) {
	boxes := map[string]Box{}
	for _, b := range d.Boxes {
		boxes[b.Zone.ID] = b
	}
	level := map[int][][3]int{} // y → from, to, line
	for n, l := range d.Lines {
		first, last := l.Points[0], l.Points[len(l.Points)-1]
		if !touches(boxes[l.Link.From], first) || !touches(boxes[l.Link.To], last) {
			t.Errorf("line %s from %v to %v does not join its boxes", l.Link.ID, first, last)
		}
		for i := 1; i < len(l.Points); i++ {
			a, b := l.Points[i-1], l.Points[i]
			if a.X != b.X && a.Y != b.Y {
				t.Errorf("line %s is askew from %v to %v", l.Link.ID, a, b)
			}
			for _, x := range d.Boxes {
				if min(a.X, b.X) < x.X+x.Width && max(a.X, b.X) > x.X && min(a.Y, b.Y) < x.Y+x.Height && max(a.Y, b.Y) > x.Y {
					t.Errorf("line %s crosses box %q from %v to %v", l.Link.ID, x.Zone.ID, a, b)
				}
			}
			if a.X < 0 || a.X > d.Width || a.Y < 0 || a.Y > d.Height {
				t.Errorf("line %s leaves the drawing at %v", l.Link.ID, a)
			}
			if a.Y == b.Y {
				for _, o := range level[a.Y] {
					if o[2] != n && o[0] < max(a.X, b.X) && o[1] > min(a.X, b.X) {
						t.Errorf("lines %s and %s run over each other at y %d", l.Link.ID, d.Lines[o[2]].Link.ID, a.Y)
					}
				}
				level[a.Y] = append(level[a.Y], [3]int{min(a.X, b.X), max(a.X, b.X), n})
			}
		}
	}
}

func touches(b Box, p Point) bool {
	return p.X > b.X && p.X < b.X+b.Width && (p.Y == b.Y || p.Y == b.Y+b.Height)
}

// checkBands wants bands to follow one another without a gap, and each box to stand in the band of its level.
func checkBands(t *rapid.T, d *Drawing) {
	y := 0
	for _, b := range d.Bands {
		if b.Top != y {
			t.Errorf("band %q begins at %d, want %d", b.Level, b.Top, y)
		}
		y = b.Top + b.Height
		for _, x := range d.Boxes {
			if x.Y >= b.Top && x.Y < y && band(x.Zone.Level) != band(b.Level) {
				t.Errorf("zone of level %q stands in band %q", x.Zone.Level, b.Level)
			}
		}
	}
	if y != d.Height {
		t.Errorf("bands end at %d, the drawing at %d", y, d.Height)
	}
}

// The port that nobody could draw: what matters least is left out, and it is said.
func TestTooMuch(t *testing.T) {
	var zones []Zone
	var links []Link
	for i := range 3 * MaxZones {
		z := Zone{ID: fmt.Sprint(i), Level: "1", Members: i}
		if i == 7 {
			z.Worst = harbour.SeverityCritical // small, and yet it matters
		}
		zones = append(zones, z)
	}
	for i := range 5 * MaxLinks {
		s := Approved
		if i%5 == 0 {
			s = Undocumented
		}
		links = append(links, Link{ID: fmt.Sprint(i), From: "7", To: fmt.Sprint(3*MaxZones - 1 - i%(MaxZones-2)), State: s})
	}
	d := Layout(zones, links)
	if got, want := d.ZonesLeft, 2*MaxZones; got != want {
		t.Errorf("ZonesLeft = %d, want %d", got, want)
	}
	if len(d.Lines) != MaxLinks || d.LinksLeft != 4*MaxLinks {
		t.Errorf("%d lines and %d left out, want %d and %d", len(d.Lines), d.LinksLeft, MaxLinks, 4*MaxLinks)
	}
	found := false
	for _, b := range d.Boxes {
		found = found || b.Zone.ID == "7"
		if b.Zone.Members < 2*MaxZones && b.Zone.ID != "7" {
			t.Errorf("zone %s with %d members was kept", b.Zone.ID, b.Zone.Members)
		}
	}
	if !found {
		t.Error("the zone with a critical finding was left out")
	}
	for _, l := range d.Lines {
		if l.Link.State != Undocumented {
			t.Fatalf("link %s is drawn while undocumented ones were left out", l.Link.ID)
		}
	}
}

// Every band from 5 to 0 is there, also where no zone is.
func TestEmptyBands(t *testing.T) {
	d := Layout([]Zone{{ID: "a", Level: "3"}}, nil)
	var got []string
	for _, b := range d.Bands {
		s := b.Level
		if b.Empty {
			s += " empty"
		}
		got = append(got, s)
	}
	want := []string{"5 empty", "4 empty", "3.5 empty", "3", "2 empty", "1 empty", "0 empty"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("bands (-want +got):\n%s", diff)
	}
	if d := Layout(nil, []Link{{From: "x", To: "y"}}); len(d.Boxes) != 0 || d.LinksLeft != 1 {
		t.Errorf("Layout of nothing = %+v", d)
	}
}

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		in    string
		width int
		want  []string
	}{
		{"Gate", 140, []string{"Gate"}},
		{"Truck booking and customer services", 146, []string{"Truck booking and", "customer services"}},
		{"a-very-long-name-without-any-space-in-it", 146, []string{"a-very-long-name-", "without-any-spac…"}},
		{"unbreakableunbreakableunbreakable", 146, []string{"unbreakableunbre…"}},
		{"", 146, []string{"(no name)"}},
	} {
		got := wrap(tt.in, nameSize, tt.width, 2)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("wrap(%q) (-want +got):\n%s", tt.in, diff)
		}
	}
}

// The drawing of a small port, to be read.
func TestDrawing(t *testing.T) {
	d := Layout(
		[]Zone{
			{ID: "office", Name: "Office", Level: "4", Kind: "Business", Members: 1204, Href: "#zone-office"},
			{ID: "dmz", Name: "DMZ <1>", Level: "3.5", Kind: "DMZ", Members: 1},
			{ID: "cranes", Name: "Quay cranes", Level: "1", Kind: "Control", Members: 30, Worst: harbour.SeverityHigh, Count: 2, Href: "#zone-cranes"},
		},
		[]Link{
			{ID: "1", From: "office", To: "cranes", State: Undocumented, Title: "Office → cranes", Href: "#conduit-1"},
			{ID: "2", From: "cranes", To: "dmz", State: Approved, Title: "Cranes → DMZ"},
		})
	var b bytes.Buffer
	if err := SVG(d, "m", "Zones", "What it shows").Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	got := strings.ReplaceAll(b.String(), "><", ">\n<")
	const file = "testdata/drawing.svg"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got, cmpopts.AcyclicTransformer("lines", func(s string) []string { return strings.Split(s, "\n") })); diff != "" {
		t.Errorf("drawing (-want +got), -update writes it:\n%s", diff)
	}
}
