// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"context"
	"io"
	"runtime"
	"strings"
	"testing"

	"breakwater/harbour"
	"breakwater/store"
	"breakwater/web/webtest"
)

// TestUploadLies gives files whose names say something else than their content, and junk that calls itself a capture.
func TestUploadLies(t *testing.T) {
	h := webtest.New(t, 0)
	c := h.As("ot-engineer")
	kind, body := files(t, "", "crane.pcap", sheet, "list.csv", webtest.Capture(6), "photo.pcap", "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x02", "empty.csv", "", "../../etc/passwd", "name,ip\nPath,10.1.1.1\n")
	c.Do("POST", "/o/skerry/evidence", kind, body).Want(200).Sound().Says("crane.pcap", "list.csv", "photo.pcap", "passwd").Lacks("../")
	h.Work()
	for name, says := range map[string][]string{
		"crane.pcap": {"Spreadsheet", "2 rows"}, "list.csv": {"Network capture", "6 frames"}, "photo.pcap": {"Nothing in it could be read", "Problems"}, "empty.csv": {"Nothing in it could be read"},
	} {
		c.Get("/o/skerry/evidence/" + idOf(t, h, name)).Want(200).Sound().Says(says...)
	}
}

// zeros is a body that begins with head and goes on with zeros for a long time, and counts what was read of it.
type zeros struct {
	head io.Reader
	left int64
	read int64
}

func (z *zeros) Read(b []byte) (int, error) {
	if n, err := z.head.Read(b); err == nil {
		z.read += int64(n)
		return n, nil
	}
	if z.left == 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(b)), z.left))
	clear(b[:n])
	z.left -= int64(n)
	z.read += int64(n)
	return n, nil
}

// TestUploadTooLarge sends ten gigabytes where one megabyte is the limit: refused in words, in bounded memory, after little
// more than the limit, and nothing of it kept.
func TestUploadTooLarge(t *testing.T) {
	h := webtest.New(t, 0)
	by := h.Actor(webtest.Role{Name: "administrator", Code: "administrator"}, webtest.Skerry)
	if err := h.Options.Imports.SetLimit(t.Context(), by, webtest.Skerry, 1<<20); err != nil {
		t.Fatal(err)
	}
	c := h.As("ot-engineer")
	c.Get("/o/skerry/evidence").Says("up to 1")
	c.Header.Set("HX-Request", "true")
	c.Header.Set("HX-Target", "files")
	head := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"huge.pcap\"\r\n\r\n" + webtest.Capture(6)
	z := &zeros{head: strings.NewReader(head), left: 10 << 30}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	a := c.Do("POST", "/o/skerry/evidence", "multipart/form-data; boundary=b", z)
	runtime.ReadMemStats(&after)
	if a.Status != harbour.ErrTooLarge.HTTPStatus() || !strings.Contains(a.Text(), "limit") && !strings.Contains(a.Text(), "at most") {
		t.Errorf("%s: %s", a, a.Text())
	}
	if z.read > 64<<20 {
		t.Errorf("%d MiB were read before it was refused", z.read>>20)
	}
	if grown := int64(after.TotalAlloc - before.TotalAlloc); grown > 256<<20 {
		t.Errorf("%d MiB were allocated", grown>>20)
	}
	p, err := h.Core.DB.In(store.WholeOrganisation(webtest.Skerry)).Evidence(context.Background(), store.EvidenceQuery{})
	if err != nil || len(p.Items) != 0 {
		t.Errorf("%d pieces of evidence are kept, %v", len(p.Items), err)
	}

	// Beside one that is too large, what is not is taken.
	c.Header.Del("HX-Request")
	kind, body := files(t, "", "large.csv", "name,ip\n"+strings.Repeat("x,10.0.0.1\n", 200_000), "small.csv", sheet)
	c.Do("POST", "/o/skerry/evidence", kind, body).Want(200).Sound().Says("large.csv", "Not taken", "small.csv", "Received")

	// A connection that breaks leaves nothing.
	cut := bytes.NewReader([]byte(head))
	c.Do("POST", "/o/skerry/evidence", "multipart/form-data; boundary=b", cut).Want(200).Sound().Says("huge.pcap", "Not taken", "broke off before its end")
}
