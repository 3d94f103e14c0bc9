// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"breakwater/document/pdf/pdftest"
)

func TestNumber(t *testing.T) {
	for in, want := range map[float64]string{0: "0 ", 1: "1 ", -1: "-1 ", 1.5: "1.5 ", 0.05: "0.05 ", -0.05: "-0.05 ", 12.345: "12.35 ", 0.001: "0 ", -0.001: "0 ", 841.89: "841.89 "} {
		if got := string(number(nil, in)); got != want {
			t.Errorf("number(%v) = %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64Range(-1e6, 1e6).Draw(t, "v")
		got, err := strconv.ParseFloat(strings.TrimSpace(string(number(nil, v))), 64)
		if err != nil || math.Abs(got-v) > 0.0051 {
			t.Fatalf("number(%v) reads %v, %v", v, got, err)
		}
		share := rapid.Float64Range(0, 1).Draw(t, "share")
		got, err = strconv.ParseFloat(strings.TrimSpace(string(thousandths(nil, share))), 64)
		if err != nil || math.Abs(got-share) > 0.00051 {
			t.Fatalf("thousandths(%v) reads %v, %v", share, got, err)
		}
	})
}

// More objects than one stream holds are all found again.
func TestManyObjects(t *testing.T) {
	var b bytes.Buffer
	f := newFile(&b)
	root, info, tree := f.id(), f.id(), f.id()
	f.object(info, "<< /Title (x) >>")
	var last int
	for i := range 3*packed + 7 {
		last = f.id()
		f.object(last, fmt.Sprintf("<< /N %d >>", i))
	}
	data := f.id()
	f.stream(data, "/A 1", []byte("some data"))
	f.object(tree, "<< /Kids [] /Count 0 >>")
	f.object(root, fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R /Last %d 0 R /Data %d 0 R >>", tree, last, data))
	if err := f.close(root, info); err != nil {
		t.Fatal(err)
	}
	r, err := pdftest.Read(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if d, _ := r.Get(r.Catalog["Last"]).(pdftest.Dict); d["N"] != float64(3*packed+6) {
		t.Errorf("the last object is %v", d)
	}
	if s, _ := r.Get(r.Catalog["Data"]).(*pdftest.Stream); s == nil || string(s.Data) != "some data" {
		t.Errorf("the stream is %v", s)
	}
}

func TestStrings(t *testing.T) {
	for in, want := range map[string]string{"asset-a": "(asset-a)", "a(b": "<612862>", "é": "<c3a9>", "": "()"} {
		if got := byteString(in); got != want {
			t.Errorf("byteString(%q) = %s, want %s", in, got, want)
		}
	}
	if got := textString("é\U0001f6a2"); got != "<feff00e9d83ddea2>" {
		t.Errorf("textString = %s", got)
	}
}

// The properties hold the instant that was handed in, and what is not known is not said.
func TestMetadata(t *testing.T) {
	f, _ := set(t, "<p>x</p>")
	for k, want := range map[pdftest.Name]string{"Title": "SECRET – Port of Test", "Producer": "Breakwater 1.2", "CreationDate": "D:20261116070000Z"} {
		if got := pdftest.String(f.Info[k]); got != want {
			t.Errorf("%s = %q, want %q", k, got, want)
		}
	}
	x, _ := f.Get(f.Catalog["Metadata"]).(*pdftest.Stream)
	for _, want := range []string{"SECRET – Port of Test", "2026-11-16T07:00:00Z", "<rdf:li>en</rdf:li>"} {
		if !strings.Contains(string(x.Data), want) {
			t.Errorf("XMP does not say %q:\n%s", want, x.Data)
		}
	}
	o := Options{Title: "a<b>&c"}
	if s := o.info(); strings.Contains(s, "Date") {
		t.Errorf("info without an instant: %s", s)
	}
	if s := string(o.metadata()); strings.Contains(s, "Date") || !strings.Contains(s, "a&lt;b&gt;&amp;c") {
		t.Errorf("metadata: %s", s)
	}
}

func TestProfile(t *testing.T) {
	p := profile()
	if n := be.Uint32(p); int(n) != len(p) || string(p[36:40]) != "acsp" || be.Uint32(p[128:]) != 9 {
		t.Errorf("profile of %d bytes says %d", len(p), n)
	}
	for i := range 9 {
		e := p[132+12*i:]
		if from, size := be.Uint32(e[4:]), be.Uint32(e[8:]); int(from+size) > len(p) || size < 12 {
			t.Errorf("tag %s is at %d, %d bytes", e[:4], from, size)
		}
	}
}
