// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"context"
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"breakwater/app/access"
	"breakwater/store"
	"breakwater/web/webtest"
)

func TestFindingList(t *testing.T) {
	h := webtest.New(t, 40)
	c := h.As("analyst")
	c.Get("/o/skerry/findings").Want(http.StatusOK).Sound().Says("20 findings", "Critical", "skerry crane 0 is not declared", "Open").Lacks("hallow")
	for query, want := range map[string]string{
		"severity=critical":                 "4 findings",
		"severity=critical&severity=high":   "8 findings",
		"asset=a-skerry-004&status=any":     "1 finding",
		"q=crane+10":                        "skerry crane 10 is not declared",
		"status=resolved":                   "None of this status",
		"assignee=":                         "20 findings",
		"new=2020-01-01T00:00:00Z":          "20 findings",
		"severity=awful":                    "knows no “awful”",
		"group=colour":                      "cannot be grouped by colour",
		"q=nothing+of+that+kind&status=any": "No finding fits",
	} {
		if a := c.Get("/o/skerry/findings?" + query); !strings.Contains(a.Text(), want) {
			t.Errorf("%s does not say %q: %s", query, want, a.Text())
		}
	}
	if a := c.Get("/o/skerry/findings?group=rule"); strings.Count(a.Body, `class="group-head"`) != 3 {
		t.Errorf("%d groups, want 3", strings.Count(a.Body, `class="group-head"`))
	}
	c.Get("/o/skerry/findings?asset=a-skerry-004&status=any").Says("About: skerry crane 4").Lacks("About: a-skerry-004")
	part := c.Part("/o/skerry/findings/f-skerry-002", "drawer-body").Want(http.StatusOK).Says("As a page", "It was seen in traffic")
	if strings.Contains(part.Body, "<html") {
		t.Error("the drawer is a whole page")
	}
	a := c.Get("/o/skerry/findings.csv?severity=critical&col=rule&col=requirements").Want(http.StatusOK)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.Body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 5 || strings.Join(rows[0], ",") != "Severity,Finding,Id,Rule,Requirements" || rows[1][4] != "IEC 62443-3-3 SR 2.1" {
		t.Errorf("export: %v, %v", rows, err)
	}
}

func TestDecideOne(t *testing.T) {
	h := webtest.New(t, 10)
	c := h.As("chief-security-officer")
	path := "/o/skerry/findings/f-skerry-002"
	c.Get(path).Want(http.StatusOK).Sound().Says("It was seen in traffic, and no list names it.", "What to do", "IEC 62443-3-3 SR 2.1", "frame 3", "Nothing yet.")
	next := h.Core.Clock().UTC().AddDate(0, 3, 0).Format(time.DateOnly)
	c.Post(path+"/decide", "act", "accept", "version", "0", "until", next).Want(http.StatusUnprocessableEntity).Says("An acceptance needs a reason.")
	c.Post(path+"/decide", "act", "accept", "version", "0", "reason-accept", "x", "until", "soon").Want(http.StatusUnprocessableEntity).Says("needs a date")
	c.Post(path+"/decide", "act", "accept", "version", "0", "reason-accept", "x", "until", "2001-01-01").Want(http.StatusUnprocessableEntity).Says("lies ahead")
	done := c.Follow(c.Post(path+"/decide", "act", "accept", "version", "0", "reason-accept", "it is replaced in spring", "until", next))
	done.Says("Accepted until "+next+".", "it is replaced in spring", "Chief security officer", "Undo")
	c.Get("/o/skerry/findings").Says("4 findings")
	c.Get("/o/skerry/findings?status=accepted").Says("1 finding", "Accepted until "+next)
	c.Follow(c.Post("/o/skerry/findings/undo", "id", done.Undo())).Says("Taken back.")
	c.Get("/o/skerry/findings").Says("5 findings")
	c.Post("/o/skerry/findings/undo", "id", done.Undo()).Want(http.StatusNotFound)

	// Somebody else was faster: both decisions are shown.
	a := c.Post(path+"/decide", "act", "false_positive", "version", "0", "reason-false_positive", "it is declared in the new list").Want(http.StatusPreconditionFailed).Sound()
	a.Says("Two people decided about one finding", "it is declared in the new list", "taken back")
	c.Follow(c.Post(path+"/decide", "act", "false_positive", "version", a.Value("version"), "reason-false_positive", "it is declared in the new list")).Says("Called a false positive.")
	c.Follow(c.Post(path+"/decide", "act", "reopen", "version", "3")).Says("Opened again.")

	who := "p-analyst-" + webtest.Skerry
	if a := c.Get(path); !strings.Contains(a.Body, `value="`+who+`"`) || strings.Contains(a.Body, `value="p-auditor-skerry"`) || strings.Contains(a.Body, `value="p-board-reader-skerry"`) {
		t.Error("findings can be assigned to others than those who may act on them")
	}
	for _, site := range []string{"north", "south"} { // where the finding is, and elsewhere
		err := h.Core.DB.Write(t.Context(), store.People, func(ctx context.Context, tx *store.Tx) error {
			tx.Unaudited("a test")
			if err := tx.PutPerson(ctx, store.Person{ID: "p-" + site, Login: site, Name: "Guard of the " + site, State: "active"}); err != nil {
				return err
			}
			return tx.PutGrants(ctx, "p-"+site, "local", []store.Grant{{Role: access.FacilitySecurity, Org: webtest.Skerry, Sites: site}})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if a := c.Get(path); !strings.Contains(a.Body, `value="p-north"`) || strings.Contains(a.Body, `value="p-south"`) {
		t.Error("the page offers somebody of another site, or not the one of this")
	}
	c.Post(path+"/decide", "act", "assign", "version", "4", "assignee", "p-board-reader-skerry").Want(http.StatusUnprocessableEntity).Says("This person may not act on findings there.", "Facility security officer, Analyst")
	c.Post(path+"/decide", "act", "assign", "version", "4", "assignee", "p-south").Want(http.StatusUnprocessableEntity).Says("This person may not act on findings there.")
	c.Follow(c.Post(path+"/decide", "act", "assign", "version", "4", "assignee", who)).Says("Assigned.", "for Analyst")
	c.Post(path+"/decide", "act", "assign", "version", "5", "assignee", "p-analyst-"+webtest.Hallow).Want(http.StatusUnprocessableEntity)
	c.Post(path+"/decide", "act", "explode", "version", "5").Want(http.StatusUnprocessableEntity)
	c.Get("/o/skerry/findings/f-hallow-002").Want(http.StatusNotFound).Lacks("hallow crane")
	c.Post("/o/skerry/findings/f-hallow-002/decide", "act", "resolve", "version", "0").Want(http.StatusNotFound)

	h.As("analyst").Post(path+"/decide", "act", "accept", "version", "5", "reason-accept", "x", "until", next).Want(http.StatusForbidden).Says("does not allow you to accept findings")
	for _, role := range []string{"auditor", "board-reader"} {
		if a := h.As(role).Get(path).Want(http.StatusOK).Sound(); strings.Contains(a.Body, "/decide") {
			t.Errorf("%s is offered to decide", role)
		} else {
			a.Says("Your role decides nothing about findings.", "Chief security officer, OT engineer", "Accepting until a date: Chief security officer")
		}
		h.As(role).Post(path+"/decide", "act", "resolve", "version", "5").Want(http.StatusForbidden)
	}
	if a := h.As("board-reader").Get(path); strings.Contains(a.Body, "/o/skerry/assets") {
		t.Error("a board reader is led to assets, which the role does not show")
	}
}

func TestDecideMany(t *testing.T) {
	h := webtest.New(t, 130)
	c := h.As("chief-security-officer")
	back := "/o/skerry/findings?severity=low"
	c.Follow(c.Post("/o/skerry/findings/decide", "act", "resolve", "id", "f-skerry-006", "id", "f-skerry-016", "reason-resolve", "declared", "back", back)).Says("2 findings: Resolved.")
	c.Get("/o/skerry/findings?status=resolved").Says("2 findings")
	c.Follow(c.Post("/o/skerry/findings/decide", "act", "assign", "all", "1", "query", "severity=low", "assignee", "p-analyst-skerry", "back", back))
	c.Get("/o/skerry/findings?assignee=p-analyst-skerry").Says("11 findings") // 13 low ones, two of them resolved
	c.Post("/o/skerry/findings/decide", "act", "resolve").Want(http.StatusUnprocessableEntity).Says("No finding is selected.")
	c.Post("/o/skerry/findings/decide", "act", "resolve", "id", "f-skerry-006", "id", "f-hallow-006").Want(http.StatusNotFound)
	if a := c.Post("/o/skerry/findings/decide", "act", "reopen", "id", "f-skerry-006", "back", "https://evil.example/"); a.Header.Get("Location") != "/o/skerry/findings" {
		t.Errorf("leads to %q", a.Header.Get("Location"))
	}
}

func TestFindingAsOf(t *testing.T) {
	h := webtest.New(t, 10)
	day := h.Core.Clock().UTC().Format(time.DateOnly)
	c := h.As("chief-security-officer")
	for _, path := range []string{"/o/skerry/findings?at=" + day, "/o/skerry/findings/f-skerry-002?at=" + day} {
		a := c.Get(path).Want(http.StatusOK).Sound().Says("State as of", "nothing can be changed here")
		if strings.Contains(a.Body, "/decide") || strings.Contains(a.Body, "data-select") {
			t.Errorf("%s can be changed", path)
		}
	}
}

func TestSearch(t *testing.T) {
	h := webtest.New(t, 20)
	c := h.As("analyst")
	c.Get("/o/skerry/search").Want(http.StatusOK).Sound()
	c.Get("/o/skerry/search?q=crane+12").Sound().Says("Assets", "skerry crane 12", "Findings", "skerry crane 12 is not declared").Lacks("hallow")
	c.Get("/o/skerry/search?q=hallow").Says("Nothing found")
	c.Get("/o/skerry/search?q=10.20.0.7").Says("skerry crane 7")
	c.Get("/o/skerry/search?q=" + strings.Repeat("x", 300)).Want(http.StatusUnprocessableEntity)
	a := c.Get("/o/skerry/palette?q=crane+12").Want(http.StatusOK).Says("skerry crane 12", "Search everywhere for")
	if !strings.Contains(a.Body, `role="option"`) || strings.Contains(a.Body, "<html") {
		t.Errorf("palette: %s", a.Body)
	}
	c.Get("/o/skerry/palette").Says("Pages", "Overview", "Assets", "Findings")
	h.As("board-reader").Get("/o/skerry/palette?q=crane").Says("is not declared").Lacks("/o/skerry/assets")
	h.As("supplier-contact").Get("/o/skerry/search?q=crane").Says("skerry crane 1").Lacks("skerry crane 2 ")
}

// TestSearchByName wants what has the words in its name before what has them elsewhere, and says where.
func TestSearchByName(t *testing.T) {
	h := webtest.New(t, 0)
	h.Give(webtest.Skerry, "known.csv", "name,ip,vendor,model,location\nais 1,10.20.0.1,Crane Works,,\nbuoy 2,10.20.0.2,,,crane yard\nquay Crane 3,10.20.0.3,Crane Works,,\nzebra crane,10.20.0.4,Acme,,\ncamera,10.20.0.5,Acme,CR-9,\n")
	c := h.As("analyst")
	for _, path := range []string{"search", "palette"} {
		a := c.Get("/o/skerry/"+path+"?q=crane").Want(http.StatusOK).Says("quay Crane 3", "zebra crane", "ais 1", "buoy 2", "vendor Crane Works", "“crane” elsewhere in what is known of it").Lacks("camera")
		last := -1
		for _, name := range []string{"quay Crane 3", "zebra crane", "ais 1", "buoy 2"} {
			at := strings.Index(a.Body, name)
			if at < last {
				t.Errorf("%s: %s comes too early", path, name)
			}
			last = at
		}
		if n := strings.Count(a.Body, "vendor Crane Works"); n != 1 {
			t.Errorf("%s: the vendor is named %d times, want 1: where the name fits, nothing else is said", path, n)
		}
	}
	c.Get("/o/skerry/search?q=zebra+acme").Says("zebra crane", "vendor Acme").Lacks("camera")
	c.Get("/o/skerry/search?q=cr-9").Says("camera", "model CR-9")
}
