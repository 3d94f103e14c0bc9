// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"breakwater/exchange/evidencepack"
	"breakwater/harbour"
	"breakwater/web/webtest"
)

// TestPackPages makes evidence packs by the form, and looks at the history on the pages that lead to it.
func TestPackPages(t *testing.T) {
	h := webtest.New(t, 4)
	c := h.As("ot-engineer")
	kind, body := files(t, "north", "quay.pcap", webtest.Capture(6))
	c.Do("POST", "/o/skerry/evidence", kind, body).Want(200)
	h.Work()
	id := regexp.MustCompile(`e-[0-9a-f]{16}`).FindString(c.Get("/o/skerry/evidence").Body)
	port := webtest.NewPort(webtest.Skerry, 4)
	for _, f := range port.Findings {
		f.Evidence = []harbour.ProofRef{{ID: id, Locator: "frame 3"}}
	}
	port.Publish(t, h.Core.DB, "once more, over what was read")
	holds := func(a *webtest.Answer, list ...string) {
		t.Helper()
		for _, s := range list {
			if !strings.Contains(a.Body, s) {
				t.Errorf("%s lacks %q", a, s)
			}
		}
	}
	holds(c.Get("/o/skerry/evidence/"+id).Want(200).Sound().Says("Evidence pack", "History", "added or read evidence"), "/o/skerry/pack?evidence="+id)
	holds(c.Get("/o/skerry/pack?evidence="+id).Want(200).Sound().Says("Whole files", "Warning", "in clear", "quay.pcap").Lacks("everything"), `value="`+id+`"`)
	c.Get("/o/skerry/pack").Want(200).Sound().Says("Every asset, finding and evidence").Lacks("A time of the audit log")
	h.As("administrator").Get("/o/skerry/pack?evidence=" + id).Want(200).Sound().Says("Its hashes alone").Lacks("Whole files")
	h.As("board-reader").Get("/o/skerry/pack?evidence=" + id).Want(http.StatusForbidden)
	h.As("facility-security-officer-north").Get("/o/skerry/pack").Want(200).Sound().Says("Nothing was chosen")

	// What is missing is said, and what was typed stays.
	holds(c.Post("/o/skerry/pack", "evidence", id, "contents", "whole", "for", "the inspector", "reason", " ").Want(http.StatusUnprocessableEntity).Sound().Says("the reason is missing"),
		`value="the inspector"`, `value="`+id+`"`)
	c.Post("/o/skerry/pack", "evidence", id, "contents", "whole", "for", "x", "reason", "y", "since", "milk").Want(http.StatusUnprocessableEntity).Sound().Says("names neither a number of entries nor a root")
	c.Post("/o/skerry/pack", "evidence", "e-none", "contents", "none", "for", "x", "reason", "y").Want(http.StatusNotFound)

	a := c.Post("/o/skerry/pack", "evidence", id, "finding", "f-skerry-002", "contents", "whole", "for", "the inspector", "reason", "yearly audit").Want(200)
	if got := a.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment; filename=pack-") || a.Header.Get("Content-Type") != "application/zip" || a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", a.Header)
	}
	r := evidencepack.Verify(strings.NewReader(a.Body), int64(len(a.Body)), evidencepack.Options{Key: h.Core.DB.AuditKey()})
	var report strings.Builder
	if err := r.Write(&report, 0); err != nil || !r.Whole() || !strings.Contains(report.String(), "given whole") || !strings.Contains(report.String(), "finding f-skerry-002") {
		t.Errorf("the pack: %v\n%s", err, report.String())
	}
	c.Get("/o/skerry/evidence/"+id).Want(200).Says("in the evidence pack pack-", "for the inspector")

	// What was decided about a finding stands on its page, before and after.
	c.Post("/o/skerry/findings/decide", "act", "resolve", "id", "f-skerry-002", "reason-resolve", "patched").Want(http.StatusSeeOther)
	holds(c.Get("/o/skerry/findings/f-skerry-002").Want(200).Sound().Says("History", "resolved or reopened a finding", "patched"), `class="before"`, "/o/skerry/pack?finding=f-skerry-002")
	c.Get("/o/skerry/findings/f-skerry-002").Says("frame 3", "in quay.pcap").Lacks("in " + id)
	h.As("board-reader").Get("/o/skerry/findings/f-skerry-002").Says("in " + id).Lacks("quay.pcap")
	holds(c.Get("/o/skerry/assets/a-skerry-002").Want(200).Sound(), "/o/skerry/pack?asset=a-skerry-002")

	// A time of the audit log is for those who read it.
	auditor := h.As("auditor")
	auditor.Get("/o/skerry/pack").Want(200).Sound().Says("A time of the audit log")
	day := h.Core.Now().Time().Format("2006-01-02")
	a = auditor.Post("/o/skerry/pack", "contents", "none", "for", "the inspector", "reason", "yearly audit", "from", day, "until", day).Want(200)
	r = evidencepack.Verify(strings.NewReader(a.Body), int64(len(a.Body)), evidencepack.Options{})
	if !r.Whole() || r.Manifest.Counts.Entries == 0 || r.Manifest.Counts.Objects != 0 {
		t.Errorf("a pack of a day: %+v", r.Manifest)
	}
	auditor.Post("/o/skerry/pack", "contents", "none", "for", "x", "reason", "y", "from", "Tuesday").Want(http.StatusUnprocessableEntity).Sound().Says("the day of the audit log is none")
	auditor.Post("/o/skerry/pack", "contents", "none", "for", "x", "reason", "y", "from", day).Want(http.StatusUnprocessableEntity).Says("makes no sense")
	c.Post("/o/skerry/pack", "contents", "none", "for", "x", "reason", "y", "from", day, "until", day).Want(http.StatusForbidden)
	c.Get("/o/skerry/pack/j-none").Want(http.StatusNotFound)
	c.Get("/o/skerry/pack/j-none/download").Want(http.StatusNotFound)
}
