// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"breakwater/document/pdf/pdftest"
	"breakwater/harbour"
)

// paper writes page and PDF of a, and reads the PDF.
func paper(t testing.TB, a *harbour.Assessment) (page []byte, f *pdftest.File, root *pdftest.Element) {
	t.Helper()
	var b, sheets bytes.Buffer
	if err := Both(context.Background(), &b, &sheets, a); err != nil {
		t.Fatalf("Both: %v", err)
	}
	f, err := pdftest.Read(sheets.Bytes())
	if err != nil {
		t.Fatalf("the PDF cannot be read: %v", err)
	}
	if root, err = f.Structure(); err != nil {
		t.Fatalf("structure of the PDF: %v", err)
	}
	return b.Bytes(), f, root
}

// The PDF says what the page says, all of it, in its order, as a program reads it that follows the structure.
func TestSameText(t *testing.T) {
	for name, a := range map[string]*harbour.Assessment{
		"port":         examplePort(120),
		"small":        examplePort(3),
		"empty":        {},
		"no port file": withoutPort(examplePort(20)),
		"hostile":      hostilePort(),
		"mixed":        mixedPort(),
	} {
		t.Run(name, func(t *testing.T) {
			page, _, root := paper(t, a)
			want, err := pdftest.PageText(page)
			if err != nil {
				t.Fatal(err)
			}
			if d := pdftest.Difference(pdftest.Bare(root.Text), pdftest.Bare(want)); d != "" {
				t.Error(d)
			}
		})
	}
}

// hostilePort has text that is hard to set wherever text comes from evidence.
func hostilePort() *harbour.Assessment {
	a := examplePort(14)
	texts := []string{
		strings.Repeat("W", 300), strings.Repeat("long-", 80) + "word", "שלום עולם 123 abc", "مرحبا بالعالم (PLC-7)", "ΑΒΓ αβγ – Пост управления №4",
		"漢字とカタカナの長い名前、改行なし。" + strings.Repeat("港", 90), "a\u0000b\u0007c\u202edef\u2066ghi\ufeff", "e\u0301\u0302\u0303 \U0001f6a2 \ufffd \U000e0041",
		"<b>&amp;</b> (un)balanced \\( ) \\ %PDF endstream endobj", "\t\n  spaces \u00a0 \u2003 everywhere  ", "", strings.Repeat("i", 5000),
	}
	assets := a.Assets
	n := 0
	text := func() string { n++; return texts[n%len(texts)] }
	a.Assets = func(yield func(*harbour.Asset) bool) {
		n = 0
		for v := range assets {
			w := *v
			w.Name, w.Vendor, w.Model, w.Role, w.Location = text(), text(), text(), text(), text()
			w.Hostnames = texts
			w.Attributes = nil
			for _, s := range texts {
				w.Attributes = append(w.Attributes, harbour.Attribute{Name: s, Value: s, Count: 3})
			}
			if !yield(&w) {
				return
			}
		}
	}
	for i := range a.Findings {
		a.Findings[i].Title, a.Findings[i].Explanation = text(), text()+"\n\n"+text()
	}
	for i := range a.Evidence {
		a.Evidence[i].Path = text()
		a.Evidence[i].Problems = append(a.Evidence[i].Problems, harbour.Problem{Locator: text(), Message: text(), Hint: text()})
	}
	a.Summary.Port, a.Summary.Marking = texts[2]+texts[0], texts[4]+strings.Repeat(" secret", 30)
	return a
}

func TestPDFDeterminism(t *testing.T) {
	var first, second bytes.Buffer
	for _, b := range []*bytes.Buffer{&first, &second} {
		if err := PDF(context.Background(), b, examplePort(40)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same assessment gave another PDF")
	}
}

// Every page has its marking and its number, and the properties know the instant that was handed in and no other.
func TestPDFPages(t *testing.T) {
	_, f, root := paper(t, examplePort(60))
	for i, p := range f.Pages {
		for _, want := range []string{"RESTRICTED – PORT SECURITY", fmt.Sprintf("Page %d of %d", i+1, len(f.Pages)), "State as of 2026-11-25 05:00:12 UTC", "Port of Skerry – security assessment"} {
			if !strings.Contains(p.Shown, want) {
				t.Errorf("page %d does not show %q", i+1, want)
			}
		}
	}
	if got := f.Info["CreationDate"]; got != "D:20261125050012Z" {
		t.Errorf("CreationDate = %v, want the instant of the assessment", got)
	}
	if got := pdftest.String(f.Info["Title"]); got != "RESTRICTED – PORT SECURITY – Port of Skerry – security assessment" {
		t.Errorf("Title = %q", got)
	}
	if f.Catalog["Lang"] != "en" {
		t.Errorf("Lang = %v, want en", f.Catalog["Lang"])
	}
	anchors := f.Anchors()
	links := 0
	var walk func(e *pdftest.Element)
	walk = func(e *pdftest.Element) {
		for _, l := range e.Links {
			links++
			if anchors[l] < 2 && l != "main" {
				t.Errorf("a link leads to %q, on page %d", l, anchors[l])
			}
		}
		for _, k := range e.Kids {
			walk(k)
		}
	}
	walk(root)
	if links < 200 {
		t.Errorf("%d links", links)
	}
	var titles []string
	for _, b := range f.Outline() {
		if b.Page == 0 {
			t.Errorf("%q in the outline leads nowhere", b.Title)
		}
		if b.Level == 0 {
			titles = append(titles, b.Title)
		}
	}
	want := "Cover, Contents, At a glance, Findings, Zones and conduits, Assets, Conversations between zones, Operations that matter, The evidence, How to read this"
	if got := strings.Join(titles, ", "); got != want {
		t.Errorf("outline: %s\nwant %s", got, want)
	}
}

func TestPDFErrors(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	var b bytes.Buffer
	if err := PDF(ctx, &b, examplePort(10)); harbour.KindOf(err) != harbour.ErrCancelled {
		t.Errorf("PDF with an ended context = %v, want ErrCancelled", err)
	}
	for _, n := range []int{0, 100, 100_000} {
		full := &failing{n}
		if err := PDF(context.Background(), full, examplePort(60)); harbour.KindOf(err) != harbour.ErrFull {
			t.Errorf("PDF into %d bytes = %v, want ErrFull", n, err)
		}
		if err := Both(context.Background(), &failing{n}, &b, examplePort(60)); harbour.KindOf(err) != harbour.ErrFull {
			t.Errorf("Both with a page of %d bytes = %v, want ErrFull", n, err)
		}
	}
}

// The PDF of a hundred thousand assets is written sheet by sheet: what is kept of it stays small.
func TestPDFMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	defer debug.SetGCPercent(debug.SetGCPercent(20)) // so that what is in use is seen, and not what waits to be collected
	w := &watcher{}
	if err := PDF(context.Background(), w, hundredThousand()); err != nil {
		t.Fatal(err)
	}
	if used := int64(w.peak) - int64(before.HeapAlloc); used > 64<<20 {
		t.Errorf("%d MB were in use, want at most 64", used>>20)
	}
	f, err := pdftest.Read(w.page.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(f.Pages); n < 300 {
		t.Errorf("%d pages", n)
	}
}
