// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"context"
	"strings"
	"testing"

	"breakwater/evidence"
	"breakwater/harbour"
)

func TestFindSite(t *testing.T) {
	house := []harbour.Site{{ID: "north-quay", Name: "North Quay Terminal"}, {ID: "hq", Name: "Harbour office"}, {ID: "a1", Name: "Annex"}, {ID: "a2", Name: "annex"}}
	port := &harbour.Port{Sites: []harbour.Site{{ID: "nq", Name: "north quay  terminal"}, {ID: "hq", Name: "Harbour office"}, {ID: "tank", Name: "Tank farm"}, {ID: "tank-2", Name: "Tank farm 2"}}}
	s := NewSites(house, port)
	for word, want := range map[string]string{
		"north-quay": "north-quay", "North Quay Terminal": "north-quay", " NORTH  quay terminal ": "north-quay", "NorthQuayTerminal": "north-quay",
		"nq": "north-quay", "HQ": "hq", "harbour  OFFICE": "hq", "tank": "tank", "Tank farm": "tank", "tank farm 2": "tank-2", "a1": "a1",
		"Annex": "", "north": "", "North Quay Termina": "", "": "",
	} {
		if got, _ := s.Find(word); got != want {
			t.Errorf("Find(%q) = %q, want %q", word, got, want)
		}
	}
	for word, want := range map[string][2]string{
		"North Quay Termnal": {`there is no site "North Quay Termnal"`, "did you mean north-quay (North Quay Terminal)?"},
		"Annex":              {`site "Annex" fits a1 and a2`, "id"},
		"Rotterdam":          {`there is no site "Rotterdam"`, "hq (Harbour office)"},
		"hq":                 {"", ""},
		"":                   {"", ""},
	} {
		text, hint := s.Wrong(word, true)
		if text != want[0] || !strings.Contains(hint, want[1]) {
			t.Errorf("Wrong(%q) = %q, %q", word, text, hint)
		}
	}
	if _, hint := s.Wrong("Rotterdam", false); strings.Contains(hint, "Harbour office") {
		t.Errorf("the hint for one who may not see all sites lists them: %q", hint)
	}
	if text, _ := NewSites(nil, nil).Wrong("Rotterdam", true); text != "" {
		t.Errorf("where no site is known, one is said to be wrong: %q", text)
	}
	// Two sites of a port file whose ids differ by a dash alone are two.
	two := NewSites(nil, &harbour.Port{Sites: []harbour.Site{{ID: "north-quay"}, {ID: "northquay"}}})
	for _, id := range []string{"north-quay", "northquay"} {
		if got, ok := two.Find(id); got != id || !ok {
			t.Errorf("Find(%q) = %q, %v", id, got, ok)
		}
	}
	if _, ok := two.Find("North Quay"); ok {
		t.Error("a word that fits two sites means one of them")
	}
}

// siteScene has a port with two sites and a list of three devices, of which one names its site by name, one in a way that
// nobody knows, and one not at all.
func siteScene(t *testing.T) *scene {
	s := newScene(t)
	s.port = &harbour.Port{
		Name: "Test", Sites: []harbour.Site{{ID: "ct", Name: "Container Terminal"}, {ID: "tank", Name: "Tank farm"}},
		Zones: []harbour.DeclaredZone{{ID: "z", Name: "Z", Site: "tank", Prefixes: []string{"10.9.0.0/24"}}},
	}
	s.list.Places = evidence.PlaceWords{Unit: "row", Part: "sheet"}
	s.list.NoteHeading(harbour.AttrSite, "Terminal", 1)
	s.row++
	s.declare(harbour.DeclaredAsset{Name: "plc-1", Site: "container  terminal", IPs: []string{"10.0.0.1"}})
	s.declare(harbour.DeclaredAsset{Name: "plc-2", Site: "Container Termnal", IPs: []string{"10.0.0.2"}})
	s.declare(harbour.DeclaredAsset{Name: "plc-3", Site: "Container Termnal", IPs: []string{"10.9.0.3"}})
	s.declare(harbour.DeclaredAsset{Name: "plc-4", IPs: []string{"10.9.0.4"}})
	return s
}

func sitesOf(v *Inventory) map[string]string {
	m := map[string]string{}
	for a := range v.Assets() {
		m[a.Name] = a.Site
	}
	return m
}

func TestSiteByName(t *testing.T) {
	v := siteScene(t).build()
	defer v.Close()
	for name, want := range map[string]string{"plc-1": "ct", "plc-2": "Container Termnal", "plc-3": "Container Termnal", "plc-4": "tank"} {
		if got := sitesOf(v)[name]; got != want {
			t.Errorf("%s stands at %q, want %q", name, got, want)
		}
	}
	a := v.Assessment("test")
	e := a.EvidenceByID("e-list")
	if len(e.Problems) != 1 {
		t.Fatalf("problems %+v, want one", e.Problems)
	}
	p := e.Problems[0]
	if p.Fatal || p.Locator != "row 3" || !strings.Contains(p.Message, `column "Terminal": there is no site "Container Termnal", in 2 rows`) || p.Hint != "did you mean ct (Container Terminal)?" {
		t.Errorf("problem %+v", p)
	}
	if len(a.Summary.Problems) != 1 || a.Summary.Counts["problems"] != 1 {
		t.Errorf("the summary has %+v", a.Summary.Problems)
	}
}

// TestSiteOfTheHouse has sites beside those of the port file, as in a running system.
func TestSiteOfTheHouse(t *testing.T) {
	s := siteScene(t)
	v, err := Build(context.Background(), Input{Ledgers: []*evidence.Ledger{s.packets, s.list}, Port: s.port, Sites: []harbour.Site{{ID: "east", Name: "Container terminal"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if got := sitesOf(v); got["plc-1"] != "east" || got["plc-4"] != "tank" {
		t.Errorf("sites %v", got)
	}
	file := evidence.NewLedger(evidence.LimitsFor(1 << 20))
	file.Port, file.Entries, file.Places = s.port, map[string]evidence.Place{"sites[1]": 7}, evidence.PlaceWords{Unit: "line"}
	got, err := SiteProblems(file, v.sites, true)
	if err != nil || len(got) != 1 || got[0].Locator != "line 7" || !strings.Contains(got[0].Message, "tank (Tank farm)") || strings.Contains(got[0].Message, "ct") {
		t.Errorf("problems of the port file %+v, %v", got, err)
	}
	if got, _ := SiteProblems(file, NewSites(nil, s.port), true); len(got) != 0 {
		t.Errorf("where there is no house its sites are missed: %+v", got)
	}
}

// TestGivenSite places what is known from captures alone where the captures were given for, and nothing else.
func TestGivenSite(t *testing.T) {
	s := newScene(t)
	s.port = &harbour.Port{Name: "Test", Sites: []harbour.Site{{ID: "ct", Name: "CT"}}, Zones: []harbour.DeclaredZone{{ID: "z", Name: "Z", Site: "ct", Prefixes: []string{"10.9.0.0/24"}}}}
	other := evidence.NewLedger(evidence.LimitsFor(1 << 20))
	other.Evidence = harbour.Evidence{ID: "e-other", Kind: harbour.EvidencePacket}
	s.seen("00:1b:1b:00:00:01", "10.0.0.1", 0, host, 1, 9)                     // in the capture of the north alone
	s.seen("00:1b:1b:00:00:02", "10.0.0.2", 0, host, 1, 9)                     // in both, by its own hardware
	s.seen("00:1b:1b:00:00:03", "10.9.0.3", 0, host, 1, 9)                     // in a zone that has a site
	for _, far := range []string{"8.8.8.8", "1.1.1.1", "9.9.9.9", "8.8.4.4"} { // behind a router
		s.seen("00:00:0c:00:00:09", far, 0, evidence.Sent|evidence.Answered|evidence.Routed, 1, 9)
	}
	id := other.Endpoint(mac("00:1b:1b:00:00:02"), ip("10.0.0.2"), 0, true)
	other.Seen(id, host, 5, 1e6, 9e6, 1)
	s.declare(harbour.DeclaredAsset{Name: "plc-5", IPs: []string{"10.0.0.5"}})
	s.declare(harbour.DeclaredAsset{Name: "plc-6", Site: "ct", IPs: []string{"10.0.0.6"}})
	v, err := Build(context.Background(), Input{
		Ledgers: []*evidence.Ledger{s.packets, s.list, other}, Port: s.port, Sites: []harbour.Site{{ID: "north", Name: "North"}, {ID: "south", Name: "South"}, {ID: "ct", Name: "CT"}},
		Given: map[string]string{"e-packets": "north", "e-other": "south", "e-list": "south"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	got := sitesOf(v)
	for name, want := range map[string]string{"10.0.0.1": "north", "10.0.0.2": "", "10.9.0.3": "ct", "plc-5": "south", "plc-6": "ct"} {
		if got[name] != want {
			t.Errorf("%s stands at %q, want %q (all: %v)", name, got[name], want, got)
		}
	}
	for a := range v.Assets() {
		if a.Kind == harbour.KindRemoteHost && a.Site != "" {
			t.Errorf("a host outside the port stands at %q", a.Site)
		}
		told := false
		for _, r := range a.Reasons {
			told = told || r.About == "site"
		}
		if told != (a.Name == "10.0.0.1" || a.Name == "plc-5") {
			t.Errorf("%s: reasons %+v", a.Name, a.Reasons)
		}
	}
}
