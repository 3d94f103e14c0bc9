// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

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
