// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"cmp"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"breakwater/app"
	"breakwater/app/access"
)

// expected says of each operation what a role must be allowed for it to be done. Every operation must be here.
var expected = map[string]struct {
	action app.Action // "" for everybody who is signed in
	id     string     // what stands for {id}; the foreign organisation's has the mark
	body   string     // FOREIGN is replaced by the mark where the foreign organisation is asked
	header []string
	ok     int // 0 for 200
	// foreignBody is the status where the body names ids of the other organisation under the own one; 0 for 404.
	foreignBody int
	// whole is set where a role that reaches a part of the organisation alone is refused.
	whole bool
	// installation is set where nobody of one organisation is allowed.
	installation bool
	part         int    // status for those who reach a part of the organisation; 0 for the same
	query        string // after the path
}{
	"getSelf":             {},
	"getOverview":         {action: app.ReadOverview},
	"listSites":           {action: app.ReadFindings},
	"listGenerations":     {action: app.ReadFindings},
	"listAssets":          {action: app.ReadAssets},
	"countAssets":         {action: app.ReadAssets},
	"exportAssets":        {action: app.ReadAssets},
	"getAsset":            {action: app.ReadAssets, id: "aFOREIGN-002"},
	"listAssetHistory":    {action: app.ReadAssets, id: "aFOREIGN-002"},
	"listAssetChanges":    {action: app.ReadAssets, id: "aFOREIGN-002"},
	"listConversations":   {action: app.ReadTraffic},
	"countConversations":  {action: app.ReadTraffic},
	"exportConversations": {action: app.ReadTraffic},
	"listOperations":      {action: app.ReadTraffic},
	"countOperations":     {action: app.ReadTraffic},
	"exportOperations":    {action: app.ReadTraffic},
	"listZones":           {action: app.ReadZones},
	"listConduits":        {action: app.ReadZones},
	"listFindings":        {action: app.ReadFindings},
	"countFindings":       {action: app.ReadFindings},
	"exportFindings":      {action: app.ReadFindings},
	"getFinding":          {action: app.ReadFindings, id: "fFOREIGN-002"},

	"exportEvidence":   {action: app.ReadEvidence},
	"listEvidence":     {action: app.ReadEvidence},
	"getEvidence":      {action: app.ReadEvidence, id: "eFOREIGN-002"},
	"downloadEvidence": {action: app.DownloadEvidence, id: "eFOREIGN-002"},

	"listEvidenceChanges": {action: app.ReadEvidence, id: "eFOREIGN-002"},
	"listFindingChanges":  {action: app.ReadFindings, id: "fFOREIGN-002"},
	"makePack":            {action: app.ReadEvidence, body: `{"findings":["fFOREIGN-002"],"contents":"none","reason":"why","for":"whom"}`},
	"downloadPack":        {action: app.ReadDocuments, id: "jFOREIGN-002", ok: 404, whole: true}, // the job makes none

	"giveEvidence":     {action: app.ImportEvidence, query: "?name=x.pcap&site=north", body: "a file", ok: 201},
	"withdrawEvidence": {action: app.DeleteEvidence, id: "eFOREIGN-002", body: `{"reason":"wrong"}`, ok: 204},
	"restoreEvidence":  {action: app.DeleteEvidence, id: "eFOREIGN-002", body: `{"reason":"right"}`, ok: 409}, // it is not withdrawn
	"deleteEvidence":   {action: app.DeleteEvidence, id: "eFOREIGN-002", body: `{"reason":"old"}`, ok: 409},
	"holdEvidence":     {action: app.HoldEvidence, id: "eFOREIGN-002", body: `{"reason":"court"}`, ok: 204},
	"releaseEvidence":  {action: app.HoldEvidence, id: "eFOREIGN-002", body: `{"reason":"done"}`, ok: 409}, // it is not held
	"rereadEvidence":   {action: app.ImportEvidence, id: "eFOREIGN-002"},
	"listJobs":         {action: app.ReadJobs},
	"getJob":           {action: app.ReadJobs, id: "jFOREIGN-002", part: 404}, // somebody else's
	"cancelJob":        {action: app.CancelJobs, id: "jFOREIGN-002", ok: 204},
	"repeatJob":        {action: app.ImportEvidence, id: "jFOREIGN-002", ok: 409, part: 404}, // it has not failed

	"getOutletNetworks": {action: app.ManageSystem, installation: true},
	"putOutletNetworks": {action: app.ManageSystem, body: `{"prefixes":["10.0.0.0/16"]}`, installation: true},
	"listOutlets":       {action: app.ManageWebhooks},
	"listEventKinds":    {action: app.ManageWebhooks},
	"getOutlet":         {action: app.ManageWebhooks, id: "oFOREIGN-002"},
	"addOutlet":         {action: app.ManageWebhooks, body: `{"kind":"webhook","name":"x","target":"https://example.org/","events":["*"]}`, ok: 201},
	"changeOutlet":      {action: app.ManageWebhooks, id: "oFOREIGN-002", body: `{"name":"x","target":"https://example.org/","events":["*"]}`, header: []string{"If-Match", "*"}},
	"testOutlet":        {action: app.ManageWebhooks, id: "oFOREIGN-002", ok: 503}, // it leads to an address that is not allowed
	"renewOutletSecret": {action: app.ManageWebhooks, id: "oFOREIGN-002"},
	"removeOutlet":      {action: app.ManageWebhooks, id: "oFOREIGN-002", ok: 204},

	"getStatement":       {action: app.ReadAssets, id: "aFOREIGN-002", ok: 404}, // nobody stated it
	"putStatement":       {action: app.EditAssets, id: "aFOREIGN-002", body: `{"value":"Crane Works"}`, header: []string{"If-Match", "*"}},
	"withdrawStatement":  {action: app.EditAssets, id: "aFOREIGN-002", header: []string{"If-Match", "*"}},
	"putStatements":      {action: app.EditAssets, body: `{"changes":[{"asset":"aFOREIGN-002","field":"vendor","value":"x","force":true}]}`},
	"importStatements":   {action: app.EditAssets, body: `{"asset":"aFOREIGN-002","field":"vendor","value":"x","force":true}`, foreignBody: 200},
	"undoStatements":     {action: app.EditAssets, body: `{"undo":"u-none"}`, ok: 404},
	"joinAssets":         {action: app.JoinAssets, body: `{"assets":["aFOREIGN-002","aFOREIGN-004"]}`, ok: 204},
	"partAsset":          {action: app.JoinAssets, id: "aFOREIGN-002", body: `{"key":"serial:2"}`, ok: 204},
	"listIdentityRules":  {action: app.ReadAssets},
	"removeIdentityRule": {action: app.JoinAssets, id: "i-none", ok: 404, whole: true},
	"decideFinding":      {action: app.AssignFindings, id: "fFOREIGN-002", body: `{"assignee":""}`, header: []string{"If-Match", "*"}},
	"decideFindings":     {action: app.DecideFindings, body: `{"status":"resolved","findings":[{"id":"fFOREIGN-002","force":true}]}`},
	"undoDecision":       {action: app.AssignFindings, body: `{"undo":"u-none"}`, ok: 404},
}

var requestID = regexp.MustCompile(`"request":"[A-Z0-9]+"`)

// operations calls fn with each operation of the document.
func operations(s *server, fn func(method, path string, op *huma.Operation)) {
	for _, path := range slices.Sorted(maps.Keys(s.huma.OpenAPI().Paths)) {
		item := s.huma.OpenAPI().Paths[path]
		for method, op := range map[string]*huma.Operation{"GET": item.Get, "PUT": item.Put, "POST": item.Post, "PATCH": item.Patch, "DELETE": item.Delete} {
			if op != nil {
				fn(method, path, op)
			}
		}
	}
}

// TestEveryRouteEveryRole asks every operation as every role, of the own and of the foreign organisation.
func TestEveryRouteEveryRole(t *testing.T) {
	people := []string{northGuard}
	for _, r := range access.Roles {
		people = append(people, r.Code)
	}
	used := map[string]bool{}
	reading := newHouse(t)
	operations(reading.server, func(method, path string, op *huma.Operation) {
		want, ok := expected[op.OperationID]
		if !ok {
			t.Errorf("%s %s (%s) is in no expectation: say in access_test.go which action it needs", method, path, op.OperationID)
			return
		}
		used[op.OperationID] = true
		h := reading
		if method != http.MethodGet {
			h = newHouse(t)
		}
		h.now = h.now.Add(time.Hour) // wrong tokens come, but seldom
		fill := func(s, mark string) string { return strings.ReplaceAll(s, "FOREIGN", mark) }
		at := func(org, mark string) string {
			p := strings.ReplaceAll(path, "{organisation}", org)
			p = strings.ReplaceAll(p, "{field}", "vendor")
			return strings.ReplaceAll(p, "{id}", fill(want.id, mark)) + want.query
		}
		for _, who := range people {
			// Nothing of the other organisation, whether it is asked for its own things or for ours.
			if strings.Contains(path, "{organisation}") {
				for _, url := range []string{at("holm", foreign), at("holm", ""), at("nowhere", foreign)} {
					w := h.ask(who, method, url, fill(want.body, foreign), want.header...)
					if w.Code != http.StatusNotFound {
						t.Errorf("%s as %s: %s %s = %d, want 404: %s", op.OperationID, who, method, url, w.Code, w.Body)
					}
					if got := problemIn(t, w).Detail; got != "there is no such organisation, or you may not see it" {
						t.Errorf("%s as %s: %s %s says %q", op.OperationID, who, method, url, got)
					}
				}
			}
			role := who
			if who == northGuard {
				role = access.FacilitySecurity
			}
			allowed := want.action == "" || access.RoleByCode(role).Allows(want.action)
			partial := who == northGuard || role == access.SupplierContact
			// The ids of the foreign organisation under the own one look like ids that there are not.
			if (strings.Contains(want.id, "FOREIGN") || strings.Contains(want.body, "FOREIGN")) && allowed && !(want.whole && partial) {
				status := cmp.Or(want.foreignBody, http.StatusNotFound)
				var said []string
				for _, mark := range []string{foreign, "nothing"} {
					w := h.ask(who, method, at("skerry", mark), fill(want.body, mark), want.header...)
					if w.Code != status {
						t.Errorf("%s as %s with ids that are %s = %d, want %d: %s", op.OperationID, who, mark, w.Code, status, w.Body)
					}
					said = append(said, requestID.ReplaceAllString(strings.ReplaceAll(w.Body.String(), mark, ""), ""))
				}
				if said[0] != said[1] {
					t.Errorf("%s as %s tells an id of another organisation from none:\n%s\n%s", op.OperationID, who, said[0], said[1])
				}
			}
			url := at("skerry", "")
			w := h.ask(who, method, url, fill(want.body, ""), want.header...)
			status := cmp.Or(want.ok, http.StatusOK)
			if partial && want.part != 0 {
				status = want.part
			}
			if !allowed || want.whole && partial || want.installation {
				status = http.StatusForbidden
			}
			if w.Code != status {
				t.Errorf("%s as %s: %s %s = %d, want %d: %s", op.OperationID, who, method, url, w.Code, status, w.Body)
			}
			if strings.Contains(w.Body.String(), foreign) {
				t.Errorf("%s as %s: %s %s shows something of the other organisation: %s", op.OperationID, who, method, url, w.Body)
			}
		}
		if w := h.ask("", method, at("skerry", ""), fill(want.body, "")); w.Code != http.StatusUnauthorized {
			t.Errorf("%s %s without a token = %d, want 401", method, path, w.Code)
		}
		if w := h.ask("wrong", method, at("skerry", ""), fill(want.body, "")); w.Code != http.StatusUnauthorized {
			t.Errorf("%s %s with a wrong token = %d, want 401", method, path, w.Code)
		}
		if !regexp.MustCompile(`^[a-z][A-Za-z]+$`).MatchString(op.OperationID) || op.Summary == "" || len(op.Tags) != 1 {
			t.Errorf("%s %s has no proper id, summary and tag", method, path)
		}
	})
	for id := range expected {
		if !used[id] {
			t.Errorf("there is no operation %s any more", id)
		}
	}
}

// TestEveryOrganisation asks as one who may see them all: those that there are.
func TestEveryOrganisation(t *testing.T) {
	h := newHouse(t)
	for org, status := range map[string]int{"skerry": 200, "holm": 200, "nowhere": 404, "*": 404, "%2A": 404, "skerry%00": 404} {
		if w := h.ask(root, "GET", Prefix+org+"/assets", ""); w.Code != status {
			t.Errorf("assets of %s = %d, want %d: %s", org, w.Code, status, w.Body)
		}
	}
	own, none := h.ask(cso, "GET", Prefix+"nowhere/assets", ""), h.ask(root, "GET", Prefix+"nowhere/assets", "")
	if a, b := problemIn(t, own).Detail, problemIn(t, none).Detail; a != b {
		t.Errorf("an organisation that is not there is told as %q and %q", a, b)
	}
	var self Self
	if h.get(root, Prefix+"self", &self); len(self.Organisations) != 2 {
		t.Errorf("all organisations are %+v", self.Organisations)
	}
	if h.get(cso, Prefix+"self", &self); len(self.Organisations) != 1 || self.Organisations[0].ID != "skerry" {
		t.Errorf("the organisations of one are %+v", self.Organisations)
	}
}

// TestPartOfAnOrganisation looks through the eyes of those who may see a part.
func TestPartOfAnOrganisation(t *testing.T) {
	h := newHouse(t)
	for _, test := range []struct {
		who, path string
		want      int
	}{
		{northGuard, "assets", 6},
		{northGuard, "findings", 3},
		{northGuard, "assets?site=south", 0},
		{northGuard, "conversations", 11}, // one end is always in the north
		{contact, "assets", 6},
		{contact, "findings", 2},
		{access.ChiefSecurity, "assets", 12},
		{access.ChiefSecurity, "findings", 6},
	} {
		var l List[map[string]any]
		h.get(test.who, Prefix+"skerry/"+test.path, &l)
		if len(l.Items) != test.want || l.Total != test.want {
			t.Errorf("%s sees %d of %s, total %d, want %d", test.who, len(l.Items), test.path, l.Total, test.want)
		}
	}
	// An asset out of sight looks like one that is not there.
	for _, id := range []string{"a-001", "a-999"} {
		p := problemIn(t, h.ask(northGuard, "GET", Prefix+"skerry/assets/"+id, ""))
		if want := "there is no asset " + id + ", or you may not see it"; p.Detail != want || p.Status != 404 {
			t.Errorf("asset %s: %d %q, want 404 %q", id, p.Status, p.Detail, want)
		}
	}
	var facets Things[Facet]
	if h.get(northGuard, Prefix+"skerry/assets/facets", &facets); len(facets.Items) != 0 {
		t.Errorf("a part of the organisation gets %d counts of the whole, want none", len(facets.Items))
	}
	var sites Things[Site]
	if h.get(northGuard, Prefix+"skerry/sites", &sites); len(sites.Items) != 1 || sites.Items[0].ID != "north" {
		t.Errorf("the sites of the north are %+v", sites.Items)
	}
}
