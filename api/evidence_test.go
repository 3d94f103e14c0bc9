// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/json"
	"io"
	"mime"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"breakwater/app/access"
)

func TestEvidence(t *testing.T) {
	h := newHouse(t)
	var l List[EvidenceItem]
	w := h.get(cso, Prefix+"skerry/evidence?kind=packet&state=read&text=SHIP", &l)
	if len(l.Items) != 1 || l.Items[0].ID != "e-002" || strings.Contains(w.Body.String(), "/secret") {
		t.Fatalf("the evidence is %s", w.Body)
	}
	path := Prefix + "skerry/evidence/e-002/content"
	w = h.ask(cso, "GET", path, "")
	tag := w.Header().Get("ETag")
	if w.Code != 200 || w.Body.String() != "a capture of skerry" || tag != `"`+l.Items[0].SHA256+`"` {
		t.Errorf("the content = %d %q with tag %s", w.Code, w.Body, tag)
	}
	disposition := w.Header().Get("Content-Disposition")
	if _, p, err := mime.ParseMediaType(disposition); err != nil || p["filename"] != l.Items[0].Name || strings.ContainsAny(disposition, "\r\n") {
		t.Errorf("Content-Disposition: %q, %v", disposition, err)
	}
	if w := h.ask(cso, "GET", path, "", "Range", "bytes=2-8"); w.Code != 206 || w.Body.String() != "capture" {
		t.Errorf("a range = %d %q", w.Code, w.Body)
	}
	if w := h.ask(cso, "GET", path, "", "Range", "bytes=999-"); w.Code != 416 {
		t.Errorf("a range beyond the end = %d, want 416", w.Code)
	}
	if w := h.ask(cso, "GET", path, "", "If-None-Match", tag); w.Code != 304 || w.Body.Len() > 0 {
		t.Errorf("what is known already = %d, want 304", w.Code)
	}
	var e EvidenceDetail
	h.get(cso, Prefix+"skerry/evidence/e-002", &e)
	if len(e.Custody) != 5 || e.Custody[0].Who != "Anna" || e.Custody[4].Act != "downloaded" {
		t.Errorf("the chain of custody is %+v", e.Custody)
	}
}

func TestGive(t *testing.T) {
	h := newHouse(t)
	path := Prefix + "skerry/evidence?name=hosts.csv"
	text := "name,address\r\ncrane,10.0.0.9\r\n"
	w := h.ask(engineer, "POST", path, text, "Content-Type", "text/csv")
	var g Given
	if err := json.Unmarshal(w.Body.Bytes(), &g); err != nil || w.Code != 201 || g.Known || g.Job == "" || g.Bytes != int64(len(text)) {
		t.Fatalf("giving = %d %s, %v", w.Code, w.Body, err)
	}
	if w := h.ask(cso, "POST", path, text); w.Code != 201 || !strings.Contains(w.Body.String(), `"known":true`) {
		t.Errorf("giving it again = %d %s", w.Code, w.Body)
	}
	if w := h.ask(cso, "GET", Prefix+"skerry/evidence/"+g.ID+"/content", ""); w.Body.String() != text {
		t.Errorf("it comes back as %q", w.Body)
	}
	var j Job
	if h.get(engineer, Prefix+"skerry/jobs/"+g.Job, &j); j.State != "waiting" || j.MadeBy != "p-"+engineer {
		t.Errorf("its job is %+v", j)
	}
	if w := h.ask(engineer, "POST", Prefix+"skerry/jobs/"+g.Job+"/cancel", ""); w.Code != 204 {
		t.Errorf("cancelling = %d %s", w.Code, w.Body)
	}
	if p := problemIn(t, h.ask(engineer, "POST", Prefix+"skerry/jobs/"+g.Job+"/cancel", "")); p.Status != 409 {
		t.Errorf("cancelling again = %d, want 409", p.Status)
	}
	if p := problemIn(t, h.ask(engineer, "POST", Prefix+"skerry/evidence", text)); p.Status != 422 {
		t.Errorf("a file without a name = %d, want 422", p.Status)
	}
	if p := problemIn(t, h.ask(northGuard, "POST", path+"&site=south", text+"x")); p.Status != 422 {
		t.Errorf("a file for a site of others = %d, want 422", p.Status)
	}
	// A file that breaks off is not kept.
	r := httptest.NewRequest("POST", path, io.MultiReader(strings.NewReader("half a"), iotest.ErrReader(io.ErrUnexpectedEOF)))
	r.Header.Set("Authorization", "Bearer "+engineer)
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if p := problemIn(t, w); p.Status != 400 || p.Hint == "" {
		t.Errorf("half a file: %+v, want 400", p)
	}
	var l List[EvidenceItem]
	if h.get(cso, Prefix+"skerry/evidence", &l); l.Total != 2 {
		t.Errorf("%d are kept, want 2", l.Total)
	}
}

func TestNetworks(t *testing.T) {
	h := newHouse(t)
	path := Prefix + "outlet-networks"
	if w := h.ask(root, "PUT", path, `{"prefixes":["10.20.30.0/16","fd00::/32"]}`); w.Code != 204 {
		t.Fatalf("allowing = %d %s", w.Code, w.Body)
	}
	var n Networks
	if h.get(root, path, &n); len(n.Prefixes) != 2 || n.Prefixes[0] != "10.20.0.0/16" {
		t.Errorf("allowed are %v", n.Prefixes)
	}
	for body, status := range map[string]int{`{"prefixes":["10.0.0.0"]}`: 400, `{"prefixes":["0.0.0.0/0"]}`: 422, `{"prefixes":null}`: 422} {
		if w := h.ask(root, "PUT", path, body); w.Code != status {
			t.Errorf("%s = %d, want %d", body, w.Code, status)
		}
	}
}

func TestOutlets(t *testing.T) {
	h := newHouse(t)
	path := Prefix + "skerry/outlets"
	body := `{"name":"soc","target":"https://127.0.0.1:1/in","events":["finding.new"],"severity":"high"`
	w := h.ask(access.Administrator, "POST", path, `{"kind":"webhook",`+body[1:]+`}`)
	var s Secret
	if err := json.Unmarshal(w.Body.Bytes(), &s); err != nil || w.Code != 201 || !strings.HasPrefix(s.Secret, "whsec_") {
		t.Fatalf("adding = %d %s", w.Code, w.Body)
	}
	var o Outlet
	w = h.get(access.Administrator, path+"/"+s.ID, &o)
	tag := w.Header().Get("ETag")
	if o.Kind != "webhook" || o.Severity != "high" || !strings.HasPrefix(tag, `"1.`) || strings.Contains(w.Body.String(), "whsec_") {
		t.Errorf("the outlet is %s with tag %s", w.Body, tag)
	}
	put := func(header ...string) *httptest.ResponseRecorder {
		return h.ask(access.Administrator, "PUT", path+"/"+s.ID, body+`,"paused":true}`, header...)
	}
	if w := put(); w.Code != 428 {
		t.Errorf("changing without a version = %d, want 428", w.Code)
	}
	if w := put("If-Match", tag); w.Code != 200 || w.Header().Get("ETag") != `"2"` {
		t.Errorf("changing = %d %s", w.Code, w.Body)
	}
	p := problemIn(t, put("If-Match", tag))
	if now, _ := p.Current.(map[string]any); p.Status != 412 || now["state"] != "paused" {
		t.Errorf("a late change: %+v, want 412 with what is there", p)
	}
	if p := problemIn(t, h.ask(access.Administrator, "POST", path+"/"+s.ID+"/test", "")); p.Status != 503 || !strings.Contains(p.Detail, "public internet") {
		t.Errorf("a test into the machine itself: %+v", p)
	}
}
