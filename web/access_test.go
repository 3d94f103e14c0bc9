// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"breakwater/app"
	"breakwater/web/webtest"
)

// route is a page or a form of an organisation, with the action that it needs. %s is the organisation.
type route struct {
	method, path string
	action       app.Action // "" for what every role may
	form         []string
	// changed is the status of a form that was accepted, or of what it says is wrong where it is sent without the right
	// content; 0 for a page, which answers 200.
	changed int
}

var routes = []route{
	{"GET", "/o/%s/", app.ReadOverview, nil, 0},
	{"GET", "/o/%s/assets", app.ReadAssets, nil, 0},
	{"GET", "/o/%s/assets.csv", app.ReadAssets, nil, 0},
	{"GET", "/o/%s/assets.xlsx", app.ReadAssets, nil, 0},
	{"GET", "/o/%s/assets/a-%s-001", app.ReadAssets, nil, 0},
	{"POST", "/o/%s/assets/edit", app.EditAssets, []string{"id", "a-%s-001"}, 200},
	{"POST", "/o/%s/assets/state", app.EditAssets, []string{"id", "a-%s-001", "field-owner", "Quay crew"}, 303},
	{"POST", "/o/%s/assets/a-%s-001/state", app.EditAssets, []string{"field", "note", "value", "x", "version", "77"}, 412},
	{"POST", "/o/%s/assets/undo", app.EditAssets, []string{"id", "u-none"}, 404},
	{"POST", "/o/%s/assets/join", app.JoinAssets, []string{"id", "a-%s-001", "id", "a-%s-003"}, 200},
	{"POST", "/o/%s/assets/joined", app.JoinAssets, []string{"id", "a-%s-001", "id", "a-%s-003"}, 303},
	{"POST", "/o/%s/assets/a-%s-001/part", app.JoinAssets, []string{"key", "serial:%s-1"}, 303},
	{"POST", "/o/%s/assets/forget", app.JoinAssets, []string{"rule", "i-none"}, 404},
	{"GET", "/o/%s/findings", app.ReadFindings, nil, 0},
	{"GET", "/o/%s/findings.csv", app.ReadFindings, nil, 0},
	{"GET", "/o/%s/findings.xlsx", app.ReadFindings, nil, 0},
	{"GET", "/o/%s/findings/f-%s-003", app.ReadFindings, nil, 0},
	{"POST", "/o/%s/findings/decide", app.AssignFindings, []string{"act", "assign", "id", "f-%s-003"}, 303},
	{"POST", "/o/%s/findings/decide", app.DecideFindings, []string{"act", "resolve", "id", "f-%s-003"}, 303},
	{"POST", "/o/%s/findings/f-%s-003/decide", app.AcceptFindings, []string{"act", "accept", "version", "0", "until", "2001-01-01", "reason-accept", "x"}, 422},
	{"POST", "/o/%s/findings/undo", app.AssignFindings, []string{"id", "u-none"}, 404},
	{"GET", "/o/%s/search?q=axis", "", nil, 0},
	{"GET", "/o/%s/palette?q=axis", "", nil, 0},
	{"POST", "/o/%s/views", app.ReadAssets, []string{"page", "assets", "name", "Mine"}, 303},
	{"POST", "/o/%s/views", app.ShareViews, []string{"page", "findings", "name", "Ours", "everybody", "1"}, 303},
	{"POST", "/o/%s/views/remove", "", []string{"id", "v-none"}, 404},
}

// of puts an organisation into a text.
func of(s, org string) string { return strings.ReplaceAll(s, "%s", org) }

func (x *route) ask(c *webtest.Client, org string) *webtest.Answer {
	if x.method == "GET" {
		return c.Get(of(x.path, org))
	}
	var form []string
	for _, v := range x.form {
		form = append(form, of(v, org))
	}
	return c.Post(of(x.path, org), form...)
}

// TestAccessTable asks every route as nobody, in every role, and in every role for the organisation of others: who may not gets the
// status that says so, and nothing of theirs.
func TestAccessTable(t *testing.T) {
	h := webtest.New(t, 8)
	// One asset and one finding that every role may see, however limited: of the supplier, and at the north quay.
	for _, org := range []string{webtest.Skerry, webtest.Hallow} {
		p := webtest.NewPort(org, 8)
		p.Assets[1].Site, p.Assets[3].Site = "north", "north"
		f := *p.Findings[0]
		f.ID, f.Subjects = "f-"+org+"-003", []string{"a-" + org + "-003"}
		p.Findings = append(p.Findings, &f)
		p.Publish(t, h.Core.DB, "for every role")
	}
	for _, x := range routes {
		a := x.ask(h.As(""), webtest.Skerry)
		if want := map[string]int{"GET": http.StatusSeeOther, "POST": http.StatusUnauthorized}[x.method]; a.Status != want {
			t.Errorf("nobody: %s, want %d", a, want)
		}
		a.Lacks("crane", "Port of Skerry")
		for _, role := range webtest.Roles() {
			c := h.As(role.Name)
			a := x.ask(c, webtest.Skerry)
			want := x.changed
			if want == 0 {
				want = http.StatusOK
			}
			allowed := x.action == "" || h.Actor(role, webtest.Skerry).May(x.action, webtest.Skerry)
			if !allowed {
				want = http.StatusForbidden
			}
			// Taking a decision about identity back concerns the whole organisation.
			if allowed && role.Limit != nil && x.action == app.JoinAssets && strings.HasSuffix(x.path, "forget") {
				want = http.StatusForbidden
			}
			if a.Status != want && !(a.Status == http.StatusPreconditionFailed && slices.Contains([]int{303, 422}, want)) {
				t.Errorf("%s: %s, want %d: %.200s", role.Name, a, want, a.Text())
			}
			a.Lacks("hallow", "Hallow")
			if foreign := x.ask(c, webtest.Hallow); foreign.Status != http.StatusNotFound {
				t.Errorf("%s in the organisation of others: %s", role.Name, foreign)
			} else {
				foreign.Lacks("crane", "Hallow Haven")
			}
		}
	}
}

// TestLimitedScope has people who may see a part look at lists: rows, counts, facets and exports are of that part.
func TestLimitedScope(t *testing.T) {
	h := webtest.New(t, 20)
	supplier := h.As("supplier-contact") // sees odd assets
	supplier.Get("/o/skerry/assets").Sound().Says("10 assets", "skerry crane 1", "skerry crane 19").Lacks("skerry crane 2<", "skerry crane 18")
	supplier.Get("/o/skerry/assets/a-skerry-002").Want(http.StatusNotFound).Lacks("crane 2")
	supplier.Get("/o/skerry/assets.csv").Says("skerry crane 1").Lacks("skerry crane 2,", "skerry crane 18")
	page := supplier.Get("/o/skerry/assets/a-skerry-001").Want(http.StatusOK).Sound()
	page.Lacks("skerry crane 0", "skerry crane 2", "10.20.0.0", "00:1b:1b:00:00:02").Says("outside of what you see")
	north := h.As("facility-security-officer-north")
	north.Get("/o/skerry/findings").Sound().Says("10 findings")
	north.Get("/o/skerry/").Sound().Lacks("skerry crane 1 ", "skerry crane 19")
	north.Get("/o/skerry/search?q=crane").Lacks("skerry crane 1 ", "skerry crane 19")
	north.Post("/o/skerry/findings/decide", "act", "assign", "id", "f-skerry-001").Want(http.StatusNotFound)
}
