// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"breakwater/harbour"
	"breakwater/store"
	"breakwater/web/webtest"
)

const sheet = "Name,IP address,MAC address,Admin password\nCrane 7,10.20.0.7,00:1b:1b:00:00:07,hunter2\nCrane 8,10.20.0.8,00:1b:1b:00:00:08,\n"

// files is the body of an upload.
func files(t *testing.T, site string, pairs ...string) (kind string, body io.Reader) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if site != "" {
		w.WriteField("site", site)
	}
	for i := 0; i < len(pairs); i += 2 {
		f, err := w.CreateFormFile("file", pairs[i])
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(f, pairs[i+1])
	}
	w.Close()
	return w.FormDataContentType(), &b
}

func TestEvidenceUpload(t *testing.T) {
	h := webtest.New(t, 0)
	c := h.As("ot-engineer")
	c.Get("/o/skerry/evidence").Want(200).Sound().Says("No evidence yet", "Add evidence", "North quay")
	kind, body := files(t, "north", "quay.pcap", webtest.Capture(6), "list.csv", sheet, "again.csv", sheet)
	c.Do("POST", "/o/skerry/evidence", kind, body).Want(200).Sound().Says("quay.pcap", "Received", "list.csv", "Known already")
	c.Get("/o/skerry/evidence?state=received").Want(200).Sound().Says("quay.pcap", "list.csv", "Not recognised", "2 pieces of evidence")
	h.Work()
	list := c.Get("/o/skerry/evidence").Want(200).Sound().Says("Network capture", "6 frames", "Spreadsheet", "2 rows", "North quay")
	list.Lacks("again.csv", "No evidence yet")
	c.Get("/o/skerry/evidence?kind=sheet").Want(200).Says("list.csv", "Kind: Spreadsheet").Lacks("quay.pcap")
	c.Get("/o/skerry/evidence?site=south").Want(200).Says("No evidence fits").Lacks("quay.pcap</bdi>")
	c.Get("/o/skerry/evidence?q=QUAY&received=day").Want(200).Says("quay.pcap").Lacks("list.csv")
	c.Get("/o/skerry/evidence?received=ever").Want(http.StatusUnprocessableEntity)
	c.Part("/o/skerry/evidence?q=quay", "list").Want(200).Says("quay.pcap").Lacks("<html", "Add evidence")
	for _, sort := range []string{"kind", "name", "bytes", "received_at"} {
		c.Get("/o/skerry/evidence?sort="+sort).Want(200).Says("quay.pcap", "list.csv")
	}

	// What is refused says so for that file alone.
	kind, body = files(t, "nowhere", "x.csv", sheet)
	c.Do("POST", "/o/skerry/evidence", kind, body).Want(200).Sound().Says("x.csv", "Not taken")
	kind, body = files(t, "")
	c.Do("POST", "/o/skerry/evidence", kind, body).Want(http.StatusUnprocessableEntity).Says("No file was sent")
	c.Post("/o/skerry/evidence", "site", "north").Want(http.StatusUnprocessableEntity)
	kind, body = files(t, "", "y.csv", sheet)
	h.As("auditor").Do("POST", "/o/skerry/evidence", kind, body).Want(http.StatusForbidden)
	h.As("auditor").Get("/o/skerry/evidence").Want(200).Sound().Lacks("Add evidence")
	h.As("board-reader").Get("/o/skerry/evidence").Want(http.StatusForbidden)

	// The script sends one file at a time and gets its row.
	kind, body = files(t, "", "z.csv", "Name,IP address\nGate,10.20.0.9\n")
	c.Header.Set("HX-Request", "true")
	c.Header.Set("HX-Target", "files")
	c.Do("POST", "/o/skerry/evidence", kind, body).Want(200).Says("z.csv", "It is being read").Lacks("<html")
	kind, body = files(t, "nowhere", "x.csv", sheet)
	if a := c.Do("POST", "/o/skerry/evidence", kind, body); a.Status < 400 || a.Header.Get("Breakwater-Error") == "" {
		t.Errorf("a refused file: %v, no words for the script", a)
	}
}

// idOf is the id of the evidence with a name.
func idOf(t *testing.T, h *webtest.House, name string) string {
	t.Helper()
	p, err := h.Core.DB.In(store.WholeOrganisation(webtest.Skerry)).Evidence(context.Background(), store.EvidenceQuery{Text: name})
	if err != nil || len(p.Items) != 1 {
		t.Fatalf("evidence %s: %d, %v", name, len(p.Items), err)
	}
	return p.Items[0].ID
}

func TestEvidencePage(t *testing.T) {
	h := webtest.New(t, 0)
	capture := webtest.Capture(6)
	id := h.Give(webtest.Skerry, "quay.pcap", capture+"junk")
	at := "/o/skerry/evidence/" + id
	c := h.As("chief-security-officer")
	c.Get(at).Want(200).Sound().Says("Chain of custody", "Received", "SHA-256", "6 frames", "Problems", "Download", "Place legal hold", "Read again")
	a := c.Get(at + "/download").Want(200)
	if a.Body != capture+"junk" || !strings.Contains(a.Header.Get("Content-Disposition"), "quay.pcap") {
		t.Errorf("downloaded %d bytes as %s", len(a.Body), a.Header.Get("Content-Disposition"))
	}
	c.Get(at).Says("Downloaded")

	// Somebody who was away proves presence before the form, and comes back to it.
	form := c.Get(at+"/change/hold").Want(200).Sound().Says("Reason", "Place the hold")
	form.Lacks("Password")
	c.Post(at+"/change/hold", "reason", "").Want(http.StatusUnprocessableEntity)
	c.Follow(c.Post(at+"/change/hold", "reason", "case 12")).Want(200).Sound().Says("Under legal hold", "case 12", "The legal hold is placed")
	c.Get(at + "/change/withdraw").Want(200).Sound().Says("does not fit")
	c.Post(at+"/change/withdraw", "reason", "wrong file").Want(http.StatusConflict)
	c.Follow(c.Post(at+"/change/release", "reason", "case closed")).Want(200).Lacks("Under legal hold")
	c.Follow(c.Post(at+"/change/withdraw", "reason", "wrong file")).Want(200).Sound().Says("it does not count", "Restore", "Delete for good")
	c.Get(at + "?place=frame+1").Want(200).Says("was withdrawn")
	c.Follow(c.Post(at+"/change/restore", "reason", "right after all")).Want(200).Lacks("it does not count")
	h.Work()
	c.Follow(c.Post(at+"/change/withdraw", "reason", "wrong file"))
	c.Follow(c.Post(at+"/change/delete", "reason", "not ours")).Want(200).Sound().Says("Its bytes were deleted", "not ours").Lacks("/download")
	h.Work()
	c.Get(at + "/download").Want(http.StatusConflict)
	c.Get(at + "?place=frame+1").Want(http.StatusConflict)
	c.Get(at + "/change/burn").Want(http.StatusNotFound)
	c.Post(at+"/change/burn", "reason", "x").Want(http.StatusNotFound)
	h.As("auditor").Get(at).Want(200).Sound().Lacks("Place legal hold", "Read again")
	h.As("auditor").Get(at + "/change/hold").Want(http.StatusForbidden)
	h.As("auditor").Post(at+"/change/hold", "reason", "x").Want(http.StatusForbidden)
	h.As("chief-security-officer").Get("/o/hallow/evidence/" + id).Want(http.StatusNotFound).Lacks("quay.pcap")
}

// TestEvidenceStepUp wants presence to be proved before the form, with the way back to it.
func TestEvidenceStepUp(t *testing.T) {
	h := webtest.New(t, 0)
	id := h.Give(webtest.Skerry, "quay.pcap", webtest.Capture(3))
	h.Proved = harbour.At(time.Now().Add(-time.Hour))
	c := h.As("chief-security-officer")
	at := "/o/skerry/evidence/" + id
	a := c.Get(at + "/change/withdraw").Want(harbour.ErrStepUp.HTTPStatus()).Says("Prove").Lacks("Reason")
	if back := a.Value("back"); back != at+"/change/withdraw" {
		t.Errorf("it leads back to %q", back)
	}
	c.Post(at+"/change/withdraw", "reason", "x").Want(harbour.ErrStepUp.HTTPStatus())
	c.Get(at).Want(200).Lacks("it does not count")
}

func TestProof(t *testing.T) {
	h := webtest.New(t, 0)
	id := h.Give(webtest.Skerry, "quay.pcap", webtest.Capture(6))
	csv := h.Give(webtest.Skerry, "list.csv", sheet)
	at := "/o/skerry/evidence/" + id
	c := h.As("ot-engineer")
	f := c.Get(at + "?place=frame+1").Want(200).Sound()
	f.Says("Frame 1", "of 6 in quay.pcap", "Ethernet", "IPv4", "source", "10.20.0.1", "TCP", "502", "Modbus", "00 1b 1b 00 00 02", "2026-11-18", ".250000000 UTC", "Next", "SHA-256").Lacks(">Previous<")
	c.Get(at+"?place=frame+6").Want(200).Sound().Says("Previous", "crossed the network here in clear", "••").Lacks("open-sesame", "6f 70 65 6e")
	c.Get(at + "?place=frame+2&field=l1f11").Want(200).Says("Modbus").Sound()
	if a := c.Get(at + "?place=frame+2&field=l1"); !strings.Contains(a.Body, `class="run on"`) {
		t.Error("the bytes of the chosen layer are not marked")
	}
	if a := c.Get(at + "?place=frame+2&field=<script>"); strings.Contains(a.Body, `class="run on"`) || strings.Contains(a.Body, "<script>\"") {
		t.Error("a field that is none marks bytes")
	}
	for _, bad := range []string{"frame+0", "frame+x", "row+1", "line+2", "frame", strings.Repeat("9", 600)} {
		c.Get(at + "?place=" + bad).Want(http.StatusUnprocessableEntity)
	}
	c.Get(at + "?place=frame+7").Want(http.StatusNotFound)
	c.Get("/o/skerry/evidence/"+csv+"?place=row+2").Want(200).Sound().Says("Row 2", "Crane 7", "10.20.0.7", "Read as", "Name", "••••••").Lacks("hunter2")
	c.Get("/o/skerry/evidence/" + csv + "?place=row+99").Want(http.StatusNotFound)

	a := c.Get(at + "/slice.pcap?from=2&to=3").Want(200)
	if len(a.Body) < 24 || !strings.HasPrefix(a.Body, "\x4d\x3c\xb2\xa1") || a.Header.Get("Content-Type") != "application/vnd.tcpdump.pcap" {
		t.Errorf("a slice of %d bytes as %s", len(a.Body), a.Header.Get("Content-Type"))
	}
	c.Get(at + "/slice.pcap?a=10.20.0.1&b=10.20.0.2&transport=tcp&port=502").Want(200)
	for _, bad := range []string{"from=0", "from=x", "from=3&to=2", "a=here", "port=70000", "transport=carrier"} {
		c.Get(at + "/slice.pcap?" + bad).Want(http.StatusUnprocessableEntity)
	}
	c.Get("/o/skerry/evidence/" + csv + "/slice.pcap").Want(http.StatusUnprocessableEntity)
	c.Get(at).Says("a slice: frames from 2 to 3")
	h.As("chief-security-officer").Get("/o/hallow/evidence/" + id + "?place=frame+1").Want(http.StatusNotFound)
}
