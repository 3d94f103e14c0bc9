// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"breakwater/web/webtest"
)

const marked = `name: Port of Skerry
marking: RESTRICTED - PORT SECURITY
organisations:
  - {id: skerry, name: Port of Skerry}
`

// TestAssessmentDownload makes the documents of a port that was read, and wants them marked, whole, and for those alone
// who see all of it.
func TestAssessmentDownload(t *testing.T) {
	h := webtest.New(t, 0)
	c := h.As("board-reader")
	c.Get("/o/skerry/assessment.pdf").Want(404).Says("nothing to make a document of")
	c.Get("/o/skerry/").Lacks("Download as PDF")
	h.Give(webtest.Skerry, "port.yaml", marked)
	h.Give(webtest.Skerry, "list.csv", sheet)
	h.Give(webtest.Skerry, "quay.pcap", webtest.Capture(60))
	c.Get("/o/skerry/").Want(200).Sound().Says("Download as PDF", "Download as a page")
	page := c.Get("/o/skerry/assessment.html").Want(200)
	page.Says("RESTRICTED - PORT SECURITY", "Crane 7", "list.csv", "quay.pcap").Lacks("hunter2", "open-sesame")
	if d := page.Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment;") || !strings.Contains(d, "assessment-skerry-") {
		t.Errorf("it comes as %s", d)
	}
	paper := c.Get("/o/skerry/assessment.pdf").Want(200)
	if !strings.HasPrefix(paper.Body, "%PDF-") {
		t.Fatalf("no PDF: %.40q", paper.Body)
	}
	if tool, err := exec.LookPath("pdftotext"); err == nil {
		path := filepath.Join(t.TempDir(), "a.pdf")
		if err := os.WriteFile(path, []byte(paper.Body), 0o600); err != nil {
			t.Fatal(err)
		}
		text, err := exec.Command(tool, path, "-").Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{"RESTRICTED - PORT SECURITY", "Crane 7", "quay.pcap"} {
			if !strings.Contains(string(text), s) {
				t.Errorf("the PDF does not say %q", s)
			}
		}
	}
	for _, role := range []string{"supplier-contact", "facility-security-officer-north"} {
		h.As(role).Get("/o/skerry/assessment.html").Want(403).Lacks("Crane 7")
		h.As(role).Get("/o/skerry/").Lacks("Download as PDF")
	}
	h.AsIn("board-reader", webtest.Hallow).Get("/o/skerry/assessment.html").Want(404).Lacks("Crane 7")
	h.AsIn("board-reader", webtest.Hallow).Get("/o/hallow/assessment.html").Want(404).Lacks("Crane 7")
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "document-*")); len(left) > 0 {
		t.Errorf("files are left: %v", left)
	}
}

// TestAssessmentSaysWhoDecided wants names, ends and reasons in both documents, whoever was assigned afterwards, and
// nothing of another organisation's.
func TestAssessmentSaysWhoDecided(t *testing.T) {
	h := webtest.New(t, 10)
	c := h.As("chief-security-officer")
	end := h.Core.Clock().UTC().AddDate(0, 3, 0).Format(time.DateOnly)
	decide := func(id string, values ...string) {
		c.Follow(c.Post("/o/skerry/findings/"+id+"/decide", values...)).Want(200)
	}
	decide("f-skerry-000", "act", "accept", "version", "0", "reason-accept", "it is replaced in spring", "until", end)
	decide("f-skerry-000", "act", "assign", "version", "1", "assignee", "p-analyst-"+webtest.Skerry)
	decide("f-skerry-002", "act", "false_positive", "version", "0", "reason-false_positive", "it stands in the new list")
	decide("f-skerry-004", "act", "resolve", "version", "0")
	r := h.As("board-reader")
	page := r.Get("/o/skerry/assessment.html").Want(200)
	page.Says("accepted until "+end, "it is replaced in spring", "it stands in the new list", "no reason was given", "Chief security officer").Lacks("p-chief-security-officer")
	if n := strings.Count(page.Body, "Chief security officer"); n != 3 {
		t.Errorf("%d findings name who decided, want 3", n)
	}
	path := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(path, []byte(r.Get("/o/skerry/assessment.pdf").Want(200).Body), 0o600); err != nil {
		t.Fatal(err)
	}
	if tool, err := exec.LookPath("pdftotext"); err == nil {
		text, err := exec.Command(tool, path, "-").Output()
		if err != nil {
			t.Fatal(err)
		}
		said := strings.Join(strings.Fields(string(text)), " ")
		for _, s := range []string{"by Chief security officer, ", "until " + end, "it is replaced in spring", "it stands in the new list", "no reason was given"} {
			if !strings.Contains(said, s) {
				t.Errorf("the PDF does not say %q", s)
			}
		}
	}
	h.AsIn("board-reader", webtest.Hallow).Get("/o/hallow/assessment.html").Want(200).Lacks("it is replaced in spring").Lacks("Chief security officer")
}
