// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"slices"
	"strings"

	"breakwater/harbour"
	"breakwater/view"
	"breakwater/view/zonemap"
)

// zoneSurvey knows zones and conduits by id, their findings and their states.
type zoneSurvey struct {
	byID     map[string]*harbour.Zone
	conduits []*harbour.ConduitUse // shown, what is not approved first
	shown    map[string]bool       // conduit ids
	findings map[string][]int      // zone id → positions of findings that bear on it or on an asset in it
	states   map[zonemap.State]int
	targets  map[string]int // zone id → SL-T, where declared
	drawing  *zonemap.Drawing
}

// declared says whether there are zones at all.
func (s *survey) hasZones() bool { return len(s.a.Zones) > 0 }

func (s *survey) surveyZones() {
	z := &s.zones
	z.byID, z.shown, z.findings = map[string]*harbour.Zone{}, map[string]bool{}, map[string][]int{}
	z.states, z.targets = map[zonemap.State]int{}, map[string]int{}
	for i := range s.a.Zones {
		z.byID[s.a.Zones[i].ID] = &s.a.Zones[i]
	}
	if s.a.Port != nil {
		for _, d := range s.a.Port.Zones {
			if d.TargetLevel > 0 {
				z.targets[d.ID] = d.TargetLevel
			}
		}
	}
	for i := range s.a.Findings {
		for _, id := range s.a.Findings[i].Subjects {
			zone := id
			if z.byID[id] == nil {
				zone = s.zoneOf(id)
			}
			if zone == "" {
				continue
			}
			if list := z.findings[zone]; len(list) == 0 || list[len(list)-1] != i {
				z.findings[zone] = append(list, i)
			}
		}
	}
	for i := range s.a.Conduits {
		c := &s.a.Conduits[i]
		z.states[zonemap.StateOf(c)]++
		z.conduits = append(z.conduits, c)
	}
	slices.SortStableFunc(z.conduits, func(a, b *harbour.ConduitUse) int {
		return slices.Index(zonemap.States, zonemap.StateOf(a)) - slices.Index(zonemap.States, zonemap.StateOf(b))
	})
	z.conduits = z.conduits[:min(len(z.conduits), MaxConduits)]
	for _, c := range z.conduits {
		z.shown[c.ID] = true
	}
	z.drawing = s.drawing()
}

// zoneName gives the name of a zone for people.
func (s *survey) zoneName(id string) string {
	if id == "" {
		return "Not in a zone"
	}
	if z := s.zones.byID[id]; z != nil && z.Name != "" {
		return view.Plain(z.Name, 80)
	}
	return view.Plain(id, 80)
}

// zoneHref leads to a zone's entry, or nowhere.
func (s *survey) zoneHref(id string) string {
	if z := s.zones.byID[id]; z == nil || !s.zoneShown(id) {
		return ""
	}
	return "#zone-" + view.Anchor(id)
}

func (s *survey) zoneShown(id string) bool {
	for i := range s.a.Zones[:min(len(s.a.Zones), MaxZones)] {
		if s.a.Zones[i].ID == id {
			return true
		}
	}
	return false
}

// drawing lays the zone map out.
func (s *survey) drawing() *zonemap.Drawing {
	zones := make([]zonemap.Zone, 0, len(s.a.Zones))
	for i := range s.a.Zones {
		z := &s.a.Zones[i]
		worst, n := s.worst(s.zones.findings[z.ID])
		zones = append(zones, zonemap.Zone{
			ID: z.ID, Name: s.zoneName(z.ID), Level: z.Level, Kind: view.ZoneKind(z.Kind).Title, Members: z.Members,
			Worst: worst, Count: n, Href: s.zoneHref(z.ID),
		})
	}
	links := make([]zonemap.Link, 0, len(s.zones.conduits))
	for _, c := range s.zones.conduits {
		state := zonemap.StateOf(c)
		links = append(links, zonemap.Link{
			ID: c.ID, From: c.From, To: c.To, State: state, Href: "#conduit-" + view.Anchor(c.ID),
			Title: s.zoneName(c.From) + " → " + s.zoneName(c.To) + ": " + state.Words() + ". " + serviceList(c),
		})
	}
	return zonemap.Layout(zones, links)
}

// serviceList names the first services of a conduit.
func serviceList(c *harbour.ConduitUse) string {
	var names []string
	for _, s := range c.Services {
		if len(names) == 6 {
			names = append(names, "…")
			break
		}
		names = append(names, service(s.Protocol, s.Transport, s.Port, ""))
	}
	return strings.Join(names, ", ")
}
