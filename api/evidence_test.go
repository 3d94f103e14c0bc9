// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"mime"
	"strings"
	"testing"
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
