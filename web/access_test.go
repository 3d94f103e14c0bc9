// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"breakwater/app"
	"breakwater/app/imports"
	"breakwater/app/outlets"
	"breakwater/store"
	"breakwater/web/shell"
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
	{"GET", "/o/%s/assessment.html", app.ReadDocuments, nil, 0},
	{"GET", "/o/%s/assessment.pdf", app.ReadDocuments, nil, 0},
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
	{"GET", "/o/%s/jobs", app.ReadJobs, nil, 0},
	{"GET", "/o/%s/jobs.csv", app.ReadJobs, nil, 0},
	{"GET", "/o/%s/jobs.xlsx", app.ReadJobs, nil, 0},
	{"GET", "/o/%s/jobs/j-%s", app.ReadJobs, nil, 0},
	{"POST", "/o/%s/jobs/j-%s/cancel", app.CancelJobs, nil, 409}, // it has ended
	{"POST", "/o/%s/jobs/j-%s/again", app.ImportEvidence, nil, 303},
	{"GET", "/o/%s/pack?finding=f-%s-003", app.ReadEvidence, nil, 0},
	{"GET", "/o/%s/pack/j-none", app.ReadDocuments, nil, 404},
	{"GET", "/o/%s/pack/j-none/download", app.ReadDocuments, nil, 404},
	{"POST", "/o/%s/pack", app.ReadEvidence, []string{"finding", "f-%s-003", "contents", "none", "for", "x", "reason", "y"}, 200},
	{"GET", "/o/%s/search?q=axis", "", nil, 0},
	{"GET", "/o/%s/palette?q=axis", "", nil, 0},
	{"POST", "/o/%s/views", app.ReadAssets, []string{"page", "assets", "name", "Mine"}, 303},
	{"POST", "/o/%s/views", app.ShareViews, []string{"page", "findings", "name", "Ours", "everybody", "1"}, 303},
	{"POST", "/o/%s/views/remove", "", []string{"id", "v-none"}, 404},

	{"GET", "/o/%s/conversations", app.ReadTraffic, nil, 0},
	{"GET", "/o/%s/conversations.csv", app.ReadTraffic, nil, 0},
	{"GET", "/o/%s/conversations.xlsx", app.ReadTraffic, nil, 0},
	{"GET", "/o/%s/operations", app.ReadTraffic, nil, 0},
	{"GET", "/o/%s/operations.csv", app.ReadTraffic, nil, 0},
	{"GET", "/o/%s/operations.xlsx", app.ReadTraffic, nil, 0},
	{"GET", "/o/%s/zones", app.ReadZones, nil, 0},
	{"GET", "/o/%s/zones/graph.json", app.ReadZones, nil, 0},

	{"GET", "/o/%s/evidence", app.ReadEvidence, nil, 0},
	{"GET", "/o/%s/evidence.csv", app.ReadEvidence, nil, 0},
	{"GET", "/o/%s/evidence.xlsx", app.ReadEvidence, nil, 0},
	{"POST", "/o/%s/evidence", app.ImportEvidence, nil, 422},
	{"GET", "/o/%s/evidence/sheet", app.ImportEvidence, nil, 0},
	{"POST", "/o/%s/evidence/sheet", app.ImportEvidence, nil, 422},
	{"GET", "/o/%s/evidence/%e/columns", app.ImportEvidence, nil, 422}, // it is a capture
	{"GET", "/o/%s/evidence/%e/trial", app.ImportEvidence, nil, 422},
	{"GET", "/o/%s/evidence/%e/trial.csv", app.ImportEvidence, nil, 422},
	{"GET", "/o/%s/evidence/%e/trial.xlsx", app.ImportEvidence, nil, 422},
	{"POST", "/o/%s/evidence/%e/import", app.ImportEvidence, nil, 422},
	{"GET", "/o/%s/evidence/%e", app.ReadEvidence, nil, 0},
	{"GET", "/o/%s/evidence/%e?place=frame+1", app.ReadEvidence, nil, 0},
	{"GET", "/o/%s/evidence/%e/download", app.DownloadEvidence, nil, 0},
	{"GET", "/o/%s/evidence/%e/slice.pcap", app.DownloadEvidence, nil, 0},
	{"POST", "/o/%s/evidence/%e/undo", app.ImportEvidence, nil, 403}, // somebody else gave it
	{"POST", "/o/%s/evidence/%e/reread", app.ImportEvidence, nil, 303},
	{"GET", "/o/%s/evidence/%e/change/hold", app.HoldEvidence, nil, 0},
	{"POST", "/o/%s/evidence/%e/change/hold", app.HoldEvidence, []string{"reason", ""}, 422},
	{"GET", "/o/%s/evidence/%e/change/withdraw", app.DeleteEvidence, nil, 0},
	{"POST", "/o/%s/evidence/%e/change/withdraw", app.DeleteEvidence, []string{"reason", ""}, 422},

	{"GET", "/o/%s/settings", "", nil, 0},
	{"GET", "/o/%s/settings/roles", "", nil, 0},
	{"GET", "/o/%s/settings/people", app.ReadPeople, nil, 0},
	{"GET", "/o/%s/settings/people.csv", app.ReadPeople, nil, 0},
	{"GET", "/o/%s/settings/people.xlsx", app.ReadPeople, nil, 0},
	{"GET", "/o/%s/settings/people/new", app.ManagePeople, nil, 0},
	{"POST", "/o/%s/settings/people/new", app.ManagePeople, nil, 422},
	{"GET", "/o/%s/settings/people/p-board-reader-%s", app.ReadPeople, nil, 0},
	{"POST", "/o/%s/settings/people/p-board-reader-%s/edit", app.ManagePeople, []string{"version", "99", "name", "X", "login", "x-%s"}, 412},
	{"POST", "/o/%s/settings/people/p-board-reader-%s/give", app.ManagePeople, []string{"version", "1", "role", "harbour-master"}, 422},
	{"POST", "/o/%s/settings/people/p-board-reader-%s/take", app.ManagePeople, []string{"version", "1", "role", "analyst", "sites", "*"}, 412},
	{"POST", "/o/%s/settings/people/p-board-reader-%s/state", app.ManagePeople, []string{"version", "1", "state", "asleep"}, 422},
	{"POST", "/o/%s/settings/people/p-board-reader-%s/invite", app.ManagePeople, nil, 200},
	{"POST", "/o/%s/settings/people/p-board-reader-%s/unlock", app.ManagePeople, nil, 303},
	{"POST", "/o/%s/settings/people/p-board-reader-%s/end", app.ManagePeople, nil, 303},
	{"POST", "/o/%s/settings/people/p-board-reader-%s/renew", app.ManagePeople, nil, 403}, // of the whole installation

	{"GET", "/o/%s/settings/tokens", "", nil, 0},
	{"GET", "/o/%s/settings/tokens/new", "", nil, 0},
	{"POST", "/o/%s/settings/tokens/new", "", nil, 422},
	{"POST", "/o/%s/settings/tokens/revoke", "", []string{"id", "k-none"}, 404},
	{"POST", "/o/%s/settings/tokens/revoke-other", app.ManageTokens, []string{"id", "k-none"}, 404},

	{"GET", "/o/%s/settings/audit", app.ReadAudit, nil, 0},
	{"GET", "/o/%s/settings/audit.csv", app.ReadAudit, nil, 0},
	{"GET", "/o/%s/settings/audit.xlsx", app.ReadAudit, nil, 0},
	{"GET", "/o/%s/settings/audit/%n", app.ReadAudit, nil, 0},
	{"GET", "/o/%s/settings/audit/%n/record", app.ReadAudit, nil, 0},
	{"GET", "/o/%s/settings/checkpoints", app.ReadAudit, nil, 0},
	{"GET", "/o/%s/settings/checkpoints/999999", app.ReadAudit, nil, 404},
	{"POST", "/o/%s/settings/checkpoints", app.ReadAudit, nil, 303},
	{"POST", "/o/%s/settings/audit/verify", app.ReadAudit, nil, 403}, // of the whole installation

	{"GET", "/o/%s/settings/sites", app.ReadPeople, nil, 0},
	{"POST", "/o/%s/settings/sites", app.ManageSettings, []string{"name", "Pier", "time_zone", "Nowhere/Land", "jurisdiction", "NL"}, 422},
	{"POST", "/o/%s/settings/sites/factor", app.ManageSettings, nil, 303},
	{"POST", "/o/%s/settings/sites/organisation", app.ManageSystem, []string{"name", "Another"}, 403}, // of the whole installation

	{"GET", "/o/%s/settings/outlets", app.ManageWebhooks, nil, 0},
	{"POST", "/o/%s/settings/outlets/networks", app.ManageSystem, []string{"networks", "10.0.0.0/8"}, 403}, // of the whole installation
	{"GET", "/o/%s/settings/add-outlet/webhook", app.ManageWebhooks, nil, 0},
	{"POST", "/o/%s/settings/add-outlet/webhook", app.ManageWebhooks, nil, 422},
	{"GET", "/o/%s/settings/outlets/%o", app.ManageWebhooks, nil, 0},
	{"POST", "/o/%s/settings/outlets/%o/change", app.ManageWebhooks, nil, 422},
	{"POST", "/o/%s/settings/outlets/%o/test", app.ManageWebhooks, nil, 503},
	{"POST", "/o/%s/settings/outlets/%o/renew", app.ManageWebhooks, nil, 200},
	{"POST", "/o/%s/settings/outlets/%o/remove", app.ManageWebhooks, nil, 303},

	{"GET", "/o/%s/settings/backup", app.ReadAudit, nil, 403},           // of the whole installation
	{"POST", "/o/%s/settings/backup/start", app.ManageBackup, nil, 403}, // of the whole installation

	{"GET", "/o/%s/settings/about", app.ReadOverview, nil, 0},
	{"GET", "/o/%s/settings/about/sbom.json", app.ReadOverview, nil, 0},
	{"GET", "/o/%s/settings/retention", app.ReadEvidence, nil, 0},
	{"GET", "/o/%s/settings/retention/holds", app.ReadEvidence, nil, 0},
	{"POST", "/o/%s/settings/retention", app.ManageSettings, []string{"days-withdrawn", "many"}, 422},
}

// given are the ids of an evidence of each organisation, entry the numbers of what the log says about it.
// outlet the ids of an outlet of each.
var given, entry, outlet = map[string]string{}, map[string]string{}, map[string]string{}

// of puts an organisation into a text.
func of(s, org string) string {
	return strings.NewReplacer("%s", org, "%e", given[org], "%n", entry[org], "%o", outlet[org]).Replace(s)
}

// astray is the address in Skerry of a thing that Hallow holds; "" where the address names no thing.
func (x *route) astray() string {
	rest, within := strings.CutPrefix(x.path, "/o/%s/")
	if !within || !strings.Contains(rest, "%") {
		return ""
	}
	return "/o/skerry/" + of(rest, webtest.Hallow)
}

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

// stock puts what addresses of the table name into each organisation of a house: an evidence, what the log says of it, an
// outlet, and a job.
func stock(t *testing.T, h *webtest.House) {
	t.Helper()
	for _, org := range []string{webtest.Skerry, webtest.Hallow} {
		by := h.Actor(webtest.Role{Name: "administrator", Code: "administrator"}, org)
		by.Person = "p-giver" // only who gave it takes it back
		g, err := h.Options.Imports.Give(t.Context(), by, org, "north", "quay of "+org+".pcap", strings.NewReader(webtest.Capture(6)+org))
		if err != nil {
			t.Fatal(err)
		}
		given[org] = g.ID
		log, err := h.Options.Audit.History(t.Context(), by, org, "evidence", g.ID)
		if err != nil || len(log) == 0 {
			t.Fatalf("the log says nothing of it: %v", err)
		}
		entry[org] = strconv.FormatInt(log[0].Seq, 10)
		outlet[org], _, err = h.Options.Outlets.Add(t.Context(), by, org, outlets.Settings{Kind: outlets.Webhook, Name: "Outlet of " + org, Target: "http://127.0.0.1:1/x", Events: []string{"*"}}, "")
		if err != nil {
			t.Fatal(err)
		}
	}
	h.Work()
	for _, org := range []string{webtest.Skerry, webtest.Hallow} {
		j := store.Job{Org: org, ID: "j-" + org, Kind: imports.JobRead, Title: "Read quay of " + org, MadeBy: "p-giver", State: store.JobFailed}
		write(t, h, func(ctx context.Context, tx *store.Tx) error {
			if err := tx.AddJob(ctx, j); err != nil {
				return err
			}
			return tx.EndJob(ctx, &j)
		})
	}
}

// TestAccessTable asks every route as nobody, in every role, and in every role for the organisation of others: who may not gets the
// status that says so, and nothing of theirs.
func TestAccessTable(t *testing.T) {
	h := webtest.New(t, 8)
	stock(t, h)
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
			if allowed && role.Limit != nil && x.action == app.ReadDocuments { // a document is of the whole organisation
				want = http.StatusForbidden
			}
			if allowed && role.Limit != nil && strings.HasPrefix(x.path, "/o/%s/jobs/") { // who sees a part sees their own jobs
				want = http.StatusNotFound
			}
			if a.Status != want && !(a.Status == http.StatusPreconditionFailed && slices.Contains([]int{303, 422}, want)) {
				t.Errorf("%s: %s, want %d: %.200s", role.Name, a, want, a.Text())
			}
			a.Lacks("hallow", "Hallow")
			if to := x.astray(); to != "" && allowed && want != http.StatusForbidden {
				y := route{method: x.method, path: to, form: x.form}
				if theirs := y.ask(c, webtest.Skerry); theirs.Status != http.StatusNotFound && !(want == http.StatusUnprocessableEntity && theirs.Status == want) {
					t.Errorf("%s about what others hold: %s", role.Name, theirs)
				} else {
					theirs.Lacks("crane", "Hallow Haven", "quay of")
				}
			}
			if foreign := x.ask(c, webtest.Hallow); foreign.Status != http.StatusNotFound {
				t.Errorf("%s in the organisation of others: %s", role.Name, foreign)
			} else {
				foreign.Lacks("crane", "Hallow Haven")
			}
		}
	}
}

// TestEveryRoute wants every address of an organisation in the table, so that none is left out of it.
func TestEveryRoute(t *testing.T) {
	h := webtest.New(t, 0)
	for _, x := range h.Handler.(*shell.Shell).Routes() {
		method, path, _ := strings.Cut(x.Pattern, " ")
		if !x.Org {
			continue
		}
		re := regexp.MustCompile("^" + regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(strings.ReplaceAll(path, "{$}", "")), "[^/]+") + "$")
		if !slices.ContainsFunc(routes, func(r route) bool {
			bare, _, _ := strings.Cut(r.path, "?")
			return r.method == method && re.MatchString(bare)
		}) {
			t.Errorf("%s is not in the table", x.Pattern)
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
