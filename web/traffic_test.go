// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"breakwater/web/webtest"
)

// rows reads an export in CSV.
func rows(t *testing.T, a *webtest.Answer) [][]string {
	t.Helper()
	list, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.Body, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatalf("%v: %v", a, err)
	}
	return list
}

func TestConversations(t *testing.T) {
	h := webtest.New(t, 120)
	c := h.As("auditor")
	at := "/o/skerry/conversations"
	c.Get(at).Want(200).Sound().Says("119 conversations", "50 shown", "skerry crane", "Modbus", "tcp 502", "Undocumented", "Cranes of skerry", "frame").Lacks("hallow")
	c.Get(at+"?verdict=undocumented").Want(200).Sound().Says("Verdict: Undocumented", "59 conversations").Lacks("60 conversations")
	c.Get(at+"?client_zone=z-crane&server_zone=z-office").Want(200).Says("From zone: Cranes of skerry", "To zone: Office of skerry", "60 conversations")
	c.Get(at+"?asset=a-skerry-005").Want(200).Sound().Says("Asset: skerry crane 5", "2 conversations")
	c.Get(at+"?q=crane+100").Want(200).Says("2 conversations", "skerry crane 100")
	c.Get(at+"?q=no+such+thing").Want(200).Sound().Says("No conversation fits", "Drop all filters")
	c.Get(at + "?protocol=s7comm").Want(200).Says("No conversation fits")
	c.Get(at+"?from=2026-11-18&until=2026-11-18").Want(200).Says("119 conversations", "From: 2026-11-18")
	c.Get(at + "?until=2020-01-01").Want(200).Says("No conversation fits")
	for _, bad := range []string{"from=yesterday", "until=2026-13-01", "from=2026-11-20&until=2026-11-18", "sort=colour", "cursor=x"} {
		if a := c.Get(at + "?" + bad); a.Status != http.StatusUnprocessableEntity && a.Status != http.StatusBadRequest {
			t.Errorf("%s: status %d", bad, a.Status)
		}
	}
	c.Part(at+"?sort=bytes&desc=1", "list").Want(200).Says("119 conversations").Lacks("<html")

	// The export holds exactly the rows and columns of the list.
	got := rows(t, c.Get(at+".csv?verdict=undocumented&col=verdict&col=last_seen").Want(200))
	if want := []string{"Client", "Client address", "Server", "Server address", "Verdict", "Last seen (UTC)"}; fmt.Sprint(got[0]) != fmt.Sprint(want) || len(got) != 60 || got[1][4] != "Undocumented" {
		t.Errorf("export: %d rows, %v, %v", len(got), got[0], got[1])
	}
	if a := c.Get(at + ".xlsx?q=crane+100").Want(200); !strings.HasPrefix(a.Body, "PK") {
		t.Error("the XLSX is none")
	}
	c.Get(at + ".csv?from=x").Want(http.StatusUnprocessableEntity)

	// A supplier sees what its own devices take part in, and nothing of the others behind them.
	h.As("supplier-contact").Get(at).Want(200).Sound().Says("outside of what you see").Lacks("10.20.0.2<")
	h.As("board-reader").Get(at).Want(http.StatusForbidden)
	c.Get("/o/hallow/conversations").Want(http.StatusNotFound)
}

func TestOperations(t *testing.T) {
	h := webtest.New(t, 20)
	c := h.As("ot-engineer")
	at := "/o/skerry/operations"
	c.Get(at).Want(200).Sound().Says("19 operations", "Read", "Write", "Read holding registers", "40001", "skerry crane", "Done", "frame").Lacks("hallow")
	c.Get(at+"?verb=write").Want(200).Says("Verb: Write", "9 operations")
	c.Get(at+"?engineering=1").Want(200).Sound().Says("No operation fits", "engineering work only")
	c.Get(at + "?asset=a-skerry-000").Want(200).Says("1 operation")
	c.Get(at + "?sort=bytes").Want(http.StatusUnprocessableEntity)
	got := rows(t, c.Get(at+".csv?verb=write").Want(200))
	if len(got) != 10 || got[0][0] != "Verb" || got[1][0] != "Write" || len(got[0]) != len(got[1]) {
		t.Errorf("export: %d rows, %v, %v", len(got), got[0], got[1])
	}
	got = rows(t, c.Get(at+".csv?col=code&col=count").Want(200))
	if fmt.Sprint(got[0]) != "[Verb Operation Code Times]" || fmt.Sprint(got[1][2:]) != "[0x03 12]" {
		t.Errorf("export: %v, %v", got[0], got[1])
	}
	c.Get(at + ".xlsx").Want(200)
	empty := webtest.New(t, 0)
	empty.As("ot-engineer").Get(at).Want(200).Sound().Says("No operation was seen yet", "Add evidence")
	empty.As("auditor").Get("/o/skerry/conversations").Want(200).Sound().Says("No conversation was seen yet").Lacks("Add evidence")
	h.As("board-reader").Get(at).Want(http.StatusForbidden)
}

func TestZones(t *testing.T) {
	h := webtest.New(t, 20)
	c := h.As("ot-engineer")
	c.Get("/o/skerry/zones").Want(200).Sound().Says("2 zones and 1 conduit", "Cranes of skerry", "Office of skerry", "Level 1", "Conduits", "As a graph").Lacks("hallow")
	var list []struct {
		Data struct{ ID, Kind, Zone, Href, Severity string }
	}
	a := c.Get("/o/skerry/zones/graph.json").Want(200)
	if err := json.Unmarshal([]byte(a.Body), &list); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, e := range list {
		kind, _, _ := strings.Cut(e.Data.ID, ":")
		kinds[kind]++
		if kind == "a" && (e.Data.Zone == "" || e.Data.Href == "" || e.Data.Severity == "") {
			t.Errorf("asset %v", e.Data)
		}
	}
	if kinds["z"] != 2 || kinds["a"] != 10 || kinds["c"] != 1 {
		t.Errorf("the graph holds %v, want the zones, the half of the assets that has findings, and the conduit", kinds)
	}
	a.Lacks("hallow")
	north := h.As("facility-security-officer-north")
	north.Get("/o/skerry/zones").Want(200).Sound().Says("Cranes of skerry").Lacks("Office of skerry")
	north.Get("/o/skerry/zones/graph.json").Want(200).Lacks("Office of skerry")
	webtest.New(t, 0).As("ot-engineer").Get("/o/skerry/zones").Want(200).Sound().Says("No zones yet", "Add the port file")
	c.Get("/o/hallow/zones").Want(http.StatusNotFound)
	c.Get("/o/hallow/zones/graph.json").Want(http.StatusNotFound)
}

// TestTrafficLook opens the pages in every window.
func TestTrafficLook(t *testing.T) {
	b := webtest.Start(t)
	h, empty := webtest.New(t, 60), webtest.New(t, 0)
	for look, as := range looks {
		tab := b.Tab(t, h, "chief-security-officer", as)
		for _, name := range []string{"conversations", "operations", "zones"} {
			t.Run(name+"-"+look, func(t *testing.T) {
				tab := tab.For(t)
				tab.Go("/o/skerry/" + name)
				if name == "zones" {
					tab.Wait(`document.getElementById("graph").dataset.ready !== undefined`)
				}
				tab.CutOff()
				tab.Shot(name + "-" + look)
				tab.Axe()
			})
		}
		if look != "phone-dark" {
			continue
		}
		bare := b.Tab(t, empty, "chief-security-officer", as)
		for _, name := range []string{"conversations", "operations", "zones"} {
			t.Run(name+"-empty", func(t *testing.T) {
				tab := bare.For(t)
				tab.Go("/o/skerry/" + name)
				tab.CutOff()
				tab.Axe()
			})
		}
	}
}
