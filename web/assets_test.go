// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"breakwater/web/webtest"
)

func TestAssetList(t *testing.T) {
	h := webtest.New(t, 120)
	c := h.As("ot-engineer")
	first := c.Get("/o/skerry/assets").Want(http.StatusOK).Sound().Says("120 assets , 50 shown", "skerry crane 0", "Siemens S7-1500", "declared and observed").Lacks("hallow")
	if strings.Contains(first.Body, "skerry crane 60<") {
		t.Error("the first page holds a row of the second")
	}
	next := ""
	for _, l := range first.Links() {
		if strings.Contains(l, "cursor=") {
			next = l
		}
	}
	second := c.Get(next).Want(http.StatusOK).Says("skerry crane 60")
	if strings.Contains(second.Text(), "crane 0 ") {
		t.Error("the second page holds a row of the first")
	}
	for query, want := range map[string]string{
		"q=crane+7+siemens":                      "2 assets", // 70, 75, 7x … of models 0 and 3
		"kind=camera":                            "24 assets",
		"kind=camera&kind=plc":                   "48 assets",
		"known=undeclared&site=south":            "skerry crane 5",
		"worst=critical":                         "12 assets",
		"change=new&since=2020-01-01T00:00:00Z":  "120 assets",
		"change=altered&since=2020-01-01T00:00Z": "Since when is not said.",
		"q=%3Cscript%3E":                         "No asset fits",
		"known=x":                                "The filter “known” knows no “x”.",
		"sort=colour":                            "cannot be sorted by colour",
		"cursor=zzz":                             "does not belong to this list",
		"worst=bad":                              "The filter “worst” knows no “bad”.",
	} {
		a := c.Get("/o/skerry/assets?" + query)
		if query == "q=crane+7+siemens" {
			if a.Status != 200 || !strings.Contains(a.Text(), "crane 75") || strings.Contains(a.Text(), "Hirschmann RSP35 ") {
				t.Errorf("%s: %s", query, a.Text())
			}
			continue
		}
		if !strings.Contains(a.Text(), want) {
			t.Errorf("%s does not say %q: %d %s", query, want, a.Status, a.Text())
		}
	}
	part := c.Part("/o/skerry/assets?kind=camera", "list").Want(http.StatusOK)
	if !strings.HasPrefix(part.Body, `<section id="list"`) || strings.Contains(part.Body, "<html") {
		t.Errorf("the part is %.80s", part.Body)
	}
	c.Get("/o/skerry/assets?col=firmware&col=domain").Says("Firmware", "V2.1", "OT").Lacks("declared and observed</span>")
}

func TestAssetExports(t *testing.T) {
	h := webtest.New(t, 120)
	c := h.As("ot-engineer")
	c.Post("/o/skerry/assets/a-skerry-000/state", "field", "name", "value", `=HYPERLINK("http://evil.example","x")`, "version", "0")
	a := c.Get("/o/skerry/assets.csv?kind=plc&col=kind&col=known&sort=name&desc=1").Want(http.StatusOK)
	if d := a.Header.Get("Content-Disposition"); !strings.HasPrefix(d, `attachment; filename="assets-`) {
		t.Errorf("disposition %q", d)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.Body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 25 || strings.Join(rows[0], ",") != "Asset,Id,Kind,Known by" {
		t.Fatalf("%d rows, %v, %v", len(rows), rows[0], err)
	}
	if last := rows[24]; last[0] != `'=HYPERLINK("http://evil.example","x")` {
		t.Errorf("the formula is %q", last[0])
	}
	x := c.Get("/o/skerry/assets.xlsx?kind=plc&col=kind&col=known&sort=name&desc=1").Want(http.StatusOK)
	f, err := excelize.OpenReader(bytes.NewReader([]byte(x.Body)))
	if err != nil {
		t.Fatal(err)
	}
	cells, err := f.GetRows("Sheet1")
	if err != nil || len(cells) != 25 || cells[24][0] != `=HYPERLINK("http://evil.example","x")` {
		t.Errorf("xlsx: %d rows, %v", len(cells), err)
	}
	if formula, _ := f.GetCellFormula("Sheet1", "A25"); formula != "" {
		t.Errorf("xlsx holds the formula %q", formula)
	}
	if a := c.Get("/o/skerry/assets.csv?sort=colour"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong export: %d", a.Status)
	}
}

func TestAssetBulk(t *testing.T) {
	h := webtest.New(t, 120)
	c := h.As("ot-engineer")
	c.Header.Set("Referer", "http://example.com/o/skerry/assets?kind=plc")
	form := c.Post("/o/skerry/assets/edit", "id", "a-skerry-001", "id", "a-skerry-002", "id", "a-hallow-003", "back", "/o/skerry/assets?kind=plc").Want(http.StatusOK).Sound()
	form.Says("Change 2 assets", "skerry crane 1", "State this of 2 assets").Lacks("hallow")
	a := c.Post("/o/skerry/assets/state", "id", "a-skerry-001", "id", "a-skerry-002", "field-criticality", "vital", "field-owner", "Quay crew", "reason", "walked there", "back", "/o/skerry/assets?kind=plc")
	if a.Header.Get("Location") != "/o/skerry/assets?kind=plc" {
		t.Errorf("leads to %q", a.Header.Get("Location"))
	}
	done := c.Follow(a).Says("Changed 2 assets.", "Undo")
	c.Get("/o/skerry/assets?criticality=vital").Says("2 assets")
	c.Follow(c.Post("/o/skerry/assets/undo", "id", done.Undo())).Says("Taken back.")
	c.Get("/o/skerry/assets?criticality=vital").Says("No asset fits")

	all := c.Post("/o/skerry/assets/edit", "all", "1", "query", "kind=plc&sort=zone").Want(http.StatusOK).Says("Change 24 assets")
	if n := strings.Count(all.Body, `name="id"`); n != 24 {
		t.Errorf("%d ids, want 24", n)
	}
	c.Post("/o/skerry/assets/edit").Want(http.StatusUnprocessableEntity).Says("No asset is selected.")
	c.Post("/o/skerry/assets/state", "id", "a-skerry-001", "field-zone", "z-none").Want(http.StatusUnprocessableEntity).Says("There is no zone z-none.")
	c.Post("/o/skerry/assets/state", "id", "a-hallow-001", "field-owner", "x").Want(http.StatusNotFound)
	h.As("auditor").Post("/o/skerry/assets/edit", "id", "a-skerry-001").Want(http.StatusForbidden)
	h.As("auditor").Post("/o/skerry/assets/state", "id", "a-skerry-001", "field-owner", "x").Want(http.StatusForbidden)
	if a := h.As("auditor").Get("/o/skerry/assets"); strings.Contains(a.Body, "formaction") {
		t.Error("an auditor is offered to change assets")
	}
}

func TestAssetPage(t *testing.T) {
	h := webtest.New(t, 20)
	c := h.As("ot-engineer")
	path := "/o/skerry/assets/a-skerry-002"
	a := c.Get(path).Want(http.StatusOK).Sound()
	a.Says("skerry crane 2", "Camera", "Axis P3265", "00:1b:1b:00:00:02", "VLAN 20", "frame 3", "row 4", "Axis AG", "Conversations", "Undocumented", "Operations", "read", "skerry crane 2 is not declared", "first known", "Identity", "serial:skerry-2")
	if !strings.Contains(a.Body, "/o/skerry/evidence/e-capture-skerry?place=frame+3") {
		t.Error("an attribute does not lead to its evidence")
	}
	done := c.Follow(c.Post(path+"/state", "field", "firmware", "value", "V9.9", "version", "0", "reason", "read from the label"))
	done.Says("Firmware was stated.", "V9.9", "Ot engineer", "read from the label", "Withdraw the statement")
	c.Get("/o/skerry/assets/a-skerry-002").Says("observed V2.2") // the evidence is kept beside it
	c.Follow(c.Post(path+"/state", "field", "firmware", "version", "1", "withdraw", "1")).Says("The statement was withdrawn")
	c.Follow(c.Post(path+"/state", "field", "firmware", "value", "V7", "version", "2")).Says("Firmware was stated.", "V7")
	c.Post(path+"/state", "field", "firmware", "value", "V8", "version", "x").Want(http.StatusUnprocessableEntity)
	c.Post(path+"/state", "field", "kind", "value", "submarine", "version", "0").Want(http.StatusUnprocessableEntity).Says("There is no kind submarine.")
	c.Get("/o/skerry/assets/a-hallow-002").Want(http.StatusNotFound).Lacks("hallow crane")
	c.Get("/o/skerry/assets/none").Want(http.StatusNotFound)
}

// TestTwoPeople has two people state one field of one asset: neither value may be lost.
func TestTwoPeople(t *testing.T) {
	h := webtest.New(t, 5)
	path := "/o/skerry/assets/a-skerry-001"
	one, two := h.As("ot-engineer"), h.As("chief-security-officer")
	one.Get(path)
	two.Get(path)
	one.Follow(one.Post(path+"/state", "field", "owner", "value", "Quay crew", "version", "0"))
	a := two.Post(path+"/state", "field", "owner", "value", "Harbour master", "version", "0", "reason", "asked him").Want(http.StatusPreconditionFailed).Sound()
	a.Says("Two people changed Owner", "Quay crew", "Ot engineer", "Both are kept", "State yours instead")
	if a.Value("value") != "Harbour master" || a.Value("reason") != "asked him" || a.Value("version") != "1" {
		t.Errorf("the form holds %q, %q, %q", a.Value("value"), a.Value("reason"), a.Value("version"))
	}
	done := two.Follow(two.Post(path+"/state", "field", "owner", "value", a.Value("value"), "version", a.Value("version"), "reason", a.Value("reason")))
	done.Says("Harbour master", "before: Quay crew")
}

func TestAssetAsOf(t *testing.T) {
	h := webtest.New(t, 20)
	c := h.As("ot-engineer")
	path := "/o/skerry/assets"
	now := url.QueryEscape(h.Core.Clock().UTC().Format("2006-01-02"))
	a := c.Get(path+"?at="+now).Want(http.StatusOK).Sound().Says("State as of", "This is the past", "skerry crane 1")
	if strings.Contains(a.Body, "formaction") || strings.Contains(a.Body, `name="id"`) {
		t.Error("the past can be selected")
	}
	if !strings.Contains(a.Body, "/o/skerry/assets/a-skerry-001?at="+now) {
		t.Error("the date does not go along")
	}
	b := c.Get(path + "/a-skerry-001?at=" + now).Want(http.StatusOK).Sound().Says("State as of")
	if strings.Contains(b.Body, "/state") || strings.Contains(b.Body, "/part") {
		t.Error("the past can be changed")
	}
	c.Get(path + "?at=2001-01-01").Want(http.StatusOK).Says("State as of 2001-01-01 23:59:59 UTC").Lacks("skerry crane")
	c.Get(path + "?at=yesterday").Want(http.StatusUnprocessableEntity).Says("The date is not one.")
	c.Get(path + "?at=2999-01-01").Want(http.StatusUnprocessableEntity).Says("lies ahead")
	c.Get(path + "/a-skerry-001?at=2001-01-01").Want(http.StatusNotFound)
}

func TestJoinAndPart(t *testing.T) {
	h := webtest.New(t, 6)
	c := h.As("ot-engineer")
	c.Post("/o/skerry/assets/join", "id", "a-skerry-001").Want(http.StatusUnprocessableEntity).Says("Joining needs two assets or more.")
	c.Post("/o/skerry/assets/join", "id", "a-skerry-001", "id", "a-skerry-002").Want(http.StatusOK).Sound().Says("Join 2 assets", "They are one thing")
	c.Follow(c.Post("/o/skerry/assets/joined", "id", "a-skerry-001", "id", "a-skerry-002", "reason", "same cabinet")).Says("The decision is kept.")
	page := c.Get("/o/skerry/assets/a-skerry-002").Sound().Says("Decided by hand", "One thing:", "same cabinet")
	c.Follow(c.Post("/o/skerry/assets/a-skerry-003/part", "key", "serial:skerry-3", "reason", "board was swapped")).Says("The decision is kept.")
	c.Get("/o/skerry/assets/a-skerry-003").Says("Two things:")
	c.Follow(c.Post("/o/skerry/assets/forget", "rule", page.Value("rule"))).Says("The decision was taken back.")
	c.Get("/o/skerry/assets/a-skerry-002").Lacks("Decided by hand")
	h.As("analyst").Post("/o/skerry/assets/join", "id", "a-skerry-001", "id", "a-skerry-002").Want(http.StatusForbidden)
	c.Post("/o/skerry/assets/joined", "id", "a-skerry-001", "id", "a-hallow-002").Want(http.StatusNotFound)
}

func TestSavedViews(t *testing.T) {
	h := webtest.New(t, 6)
	c := h.As("ot-engineer")
	a := c.Post("/o/skerry/views", "page", "assets", "query", "kind=plc&sort=zone", "name", "Controllers", "everybody", "1")
	if a.Header.Get("Location") != "/o/skerry/assets?kind=plc&sort=zone" {
		t.Errorf("leads to %q", a.Header.Get("Location"))
	}
	page := c.Follow(a).Says("The view “Controllers” is kept.", "Controllers shared")
	h.As("auditor").Get("/o/skerry/assets").Sound().Says("Controllers").Lacks("Remove the view")
	h.AsIn("ot-engineer", webtest.Hallow).Get("/o/hallow/assets").Lacks("Controllers")
	h.As("auditor").Post("/o/skerry/views", "page", "assets", "name", "Mine", "everybody", "1").Want(http.StatusForbidden)
	id := ""
	for part := range strings.SplitSeq(page.Body, `name="id" value="`) {
		if strings.HasPrefix(part, "v-") {
			id, _, _ = strings.Cut(part, `"`)
		}
	}
	h.As("auditor").Post("/o/skerry/views/remove", "id", id).Want(http.StatusNotFound)
	c.Follow(c.Post("/o/skerry/views/remove", "id", id)).Says("The view was removed.").Lacks("Controllers")
}

func TestHostileNames(t *testing.T) {
	h := webtest.New(t, 0)
	p := webtest.NewPort(webtest.Skerry, 3)
	p.Assets[1].Name = `<script>alert(1)</script>` + "\u202egnp.exe"
	p.Assets[1].Vendor = `"><img src=x onerror=alert(1)>`
	p.Publish(t, h.Core.DB, "test")
	c := h.As("ot-engineer")
	for _, path := range []string{"/o/skerry/assets", "/o/skerry/assets/a-skerry-001", "/o/skerry/"} {
		a := c.Get(path).Want(http.StatusOK).Sound()
		if strings.Contains(a.Body, "<img") || strings.Contains(a.Body, "<script>") || strings.Contains(a.Body, ">\u202e") {
			t.Errorf("%s lets evidence through", path)
		}
	}
}

// TestProofsNameTheirFile reads real files, and wants each place on the page of an asset to say in which of them it lies.
func TestProofsNameTheirFile(t *testing.T) {
	h := webtest.New(t, 0)
	id := h.Give(webtest.Skerry, "quay list.csv", sheet)
	h.Give(webtest.Skerry, "second.csv", strings.ReplaceAll(sheet, "Crane 8", "Crane Eight"))
	c := h.As("ot-engineer")
	to := ""
	for _, l := range c.Get("/o/skerry/assets?q=10.20.0.8").Want(200).Links() {
		if strings.HasPrefix(l, "/o/skerry/assets/a-") && !strings.Contains(l, "?") {
			to = l
		}
	}
	page := c.Get(to).Want(200).Sound().Says("row 3 in quay list.csv", "row 3 in second.csv")
	if page.Lacks("in " + id); strings.Count(page.Text(), "row 3") != strings.Count(page.Text(), "row 3 in ") {
		t.Errorf("a place is without its file: %s", page.Text())
	}
}
