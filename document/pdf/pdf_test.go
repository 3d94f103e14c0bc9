// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"breakwater/document/pdf/pdftest"
)

var options = Options{Title: "Port of Test", Marking: "SECRET", AsOf: "State as of today", At: time.Date(2026, 11, 16, 7, 0, 0, 0, time.UTC), Version: "1.2"}

// set sets a page and reads the result.
func set(t testing.TB, page string) (*pdftest.File, *pdftest.Element) {
	t.Helper()
	var b bytes.Buffer
	if err := Set(context.Background(), &b, strings.NewReader(page), options); err != nil {
		t.Fatalf("Set: %v", err)
	}
	f, err := pdftest.Read(b.Bytes())
	if err != nil {
		t.Fatalf("what was written cannot be read: %v\n%.200s", err, page)
	}
	root, err := f.Structure()
	if err != nil {
		t.Fatalf("structure: %v\n%.200s", err, page)
	}
	return f, root
}

// outlineOf writes the roles of elements, with the text of those that hold no others.
func outlineOf(e *pdftest.Element) string {
	if len(e.Kids) == 0 {
		return e.Role + "(" + strings.TrimSpace(e.Text) + ")"
	}
	var kids []string
	if own := strings.TrimSpace(e.Own); own != "" {
		kids = append(kids, own)
	}
	for _, k := range e.Kids {
		kids = append(kids, outlineOf(k))
	}
	return e.Role + "(" + strings.Join(kids, " ") + ")"
}

func TestStructure(t *testing.T) {
	for name, tt := range map[string]struct{ page, want string }{
		"nothing":    {"", "Document()"},
		"words":      {"plain words", "Document(P(plain words))"},
		"paragraphs": {"<p>one</p><p>two <b>bold</b> end</p>", "Document(P(one) P(two bold end))"},
		"section": {
			`<section id="a"><h2>Head</h2><div class="card"><header><h3>Card</h3><small>note</small></header><p>text</p></div></section>`,
			"Document(Sect(H2(Head) H3(Card) P(note) P(text)))",
		},
		"list":  {"<ul><li>a</li><li>b</li></ul>", "Document(L(LI(LBody(a)) LI(LBody(b))))"},
		"terms": {"<dl><dt>t</dt><dd>m</dd><dt>u</dt><dd>n</dd></dl>", "Document(L(LI(Lbl(t) LBody(m)) LI(Lbl(u) LBody(n))))"},
		"link":  {`<p>see <a href="#x">there</a> now</p><p id="x">x</p>`, "Document(P(see  now Link(there)) P(x))"},
		"table": {
			"<table><thead><tr><th>H</th><th></th></tr></thead><tbody><tr><th>r</th><td>v</td></tr><tr><td></td><td></td></tr></tbody></table>",
			"Document(Table(THead(TR(TH(H) TH())) TBody(TR(TH(r) TD(v)) TR(TD() TD()))))",
		},
		"drawing": {
			`<figure><svg viewBox="0 0 40 40" height="40"><title>Map</title><text x="1" y="5"><tspan>zone</tspan></text><path d="M0 0H5"/></svg></figure>`,
			"Document(Sect(Figure(zone)))",
		},
		"hidden":  {`<p class="skip">no</p><p>yes</p><script>no</script>`, "Document(P(yes))"},
		"details": {`<details><summary><b>Name</b></summary><div class="body" id="b"><p>more</p></div></details>`, "Document(P(Name) P(more))"},
	} {
		t.Run(name, func(t *testing.T) {
			_, root := set(t, tt.page)
			if got := outlineOf(root); got != tt.want {
				t.Errorf("Set(%s):\n got %s\nwant %s", tt.page, got, tt.want)
			}
		})
	}
}

// Attributes of the structure: what a cell heads and spans, what a drawing shows.
func TestStructureAttributes(t *testing.T) {
	_, root := set(t, `<table><thead><tr><th>H</th><th>I</th></tr></thead><tbody><tr><th rowspan="2">r</th><td>v</td></tr><tr><td>w</td></tr></tbody></table>
		<figure><svg viewBox="0 0 40 40" width="40" height="40"><title>Zones</title><desc>by level</desc><text x="1" y="5"><tspan>z</tspan></text></svg>`)
	var got []string
	var walk func(e *pdftest.Element)
	walk = func(e *pdftest.Element) {
		if a, ok := e.Dict["A"].(pdftest.Dict); ok {
			got = append(got, fmt.Sprint(e.Text, " ", a["Scope"], " ", a["RowSpan"]))
		}
		if alt, ok := e.Dict["Alt"]; ok {
			got = append(got, pdftest.String(alt))
		}
		for _, k := range e.Kids {
			walk(k)
		}
	}
	walk(root)
	want := "H Column <nil>|I Column <nil>|r Row 2|Zones. by level"
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("attributes: %s\nwant %s", s, want)
	}
}

func TestContents(t *testing.T) {
	f, _ := set(t, `<title>no</title><body><header class="marking">SECRET</header><nav class="rail"><a class="brand" href="#main">Breakwater</a><details><summary>Contents</summary>
		<div class="contents"><a href="#one">One <span class="n">3</span></a><a class="sub" href="#two">Two</a><a href="#gone">Gone</a></div></details></nav>
		<main id="main"><header class="cover"><div><h1>Port</h1><p>Assessment</p><p class="stamp">SECRET</p></div><dl><div><dt>State</dt><dd>now</dd></div></dl></header>
		<section id="one"><h2>One</h2><p>text</p></section><section><h2>Other</h2><h3 class="group" id="two"><b>Two</b> <small>3</small></h3></section></main></body>`)
	if n := len(f.Pages); n != 4 {
		t.Fatalf("%d pages, want cover, contents and two sections", n)
	}
	// What stands around the text is written after it: first the marginals, then the numbers of the contents.
	shown := pdftest.Bare(f.Pages[1].Shown)
	if want := "Page2of4" + "3" + "4"; !strings.HasSuffix(shown, want) || !strings.Contains(shown, "ContentsOne3TwoGone") {
		t.Errorf("the contents show %q, want them to end with %q", shown, want)
	}
	var outline []string
	for _, b := range f.Outline() {
		outline = append(outline, fmt.Sprintf("%d %s %d", b.Level, b.Title, b.Page))
	}
	if got, want := strings.Join(outline, ", "), "0 Cover 1, 0 Contents 2, 0 One 3, 0 Other 4, 1 Two 4"; got != want {
		t.Errorf("outline: %s, want %s", got, want)
	}
	want := map[string]int{"main": 1, "one": 3, "two": 4, "gone": 1}
	if got := f.Anchors(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("anchors: %v, want %v", got, want)
	}
	if !strings.Contains(f.Pages[3].Shown, "Port of Test  ·  Other") {
		t.Errorf("the last page does not say which part it is: %q", f.Pages[3].Shown)
	}
}

// A table of thousands of rows repeats its head on each page, and no row that fits on a page is parted.
func TestLongTable(t *testing.T) {
	var b strings.Builder
	b.WriteString(`<section><h2>Long</h2><div class="card"><table><thead><tr><th>Head</th><th>Text</th></tr></thead><tbody>`)
	const rows = 4000
	for i := range rows {
		fmt.Fprintf(&b, `<tr id="r%d"><td>row %d</td><td>%s</td></tr>`, i, i, strings.Repeat("some words ", i%60))
	}
	b.WriteString("</tbody></table></div></section>")
	f, root := set(t, b.String())
	if n := len(f.Pages); n < 100 || n > 1000 {
		t.Errorf("%d pages", n)
	}
	for i, p := range f.Pages {
		if !strings.Contains(p.Shown, "HeadText") {
			t.Errorf("page %d does not show the head of the table", i+1)
		}
	}
	table := root.Kids[0].Kids[1]
	if table.Role != "Table" || len(table.Kids) != 2 || len(table.Kids[1].Kids) != rows {
		t.Fatalf("structure: %.200s", outlineOf(root))
	}
	for i, r := range table.Kids[1].Kids {
		if want := pdftest.Bare(fmt.Sprintf("row %d%s", i, strings.Repeat("some words ", i%60))); pdftest.Bare(r.Text) != want {
			t.Fatalf("row %d says %q, want %q", i, r.Text, want)
		}
		if pages := pagesOf(r); len(pages) > 1 {
			t.Errorf("row %d is on %d pages", i, len(pages))
		}
	}
}

// pagesOf gives the pages that the content of an element is on.
func pagesOf(e *pdftest.Element) map[any]bool {
	pages := map[any]bool{}
	var walk func(e *pdftest.Element)
	walk = func(e *pdftest.Element) {
		if e.Own != "" {
			pages[e.Dict["Pg"]] = true
		}
		for _, k := range e.Kids {
			walk(k)
		}
	}
	walk(e)
	return pages
}

// A row that is higher than a page is parted between lines, and comes out whole all the same.
func TestHighRow(t *testing.T) {
	text := strings.Repeat("a line of words that goes on and on ", 1500)
	f, root := set(t, "<table><thead><tr><th>A</th><th>B</th></tr></thead><tbody><tr><td>"+text+"</td><td>"+text+"</td></tr><tr><td>last</td></tr></tbody></table>")
	if len(f.Pages) < 8 {
		t.Errorf("%d pages", len(f.Pages))
	}
	if want := pdftest.Bare("AB" + text + text + "last"); pdftest.Bare(root.Text) != want {
		t.Error("text was lost or changed its order")
	}
}

// A heading stands on the page on which what it heads begins, be that short or longer than a page.
func TestHeadings(t *testing.T) {
	for _, length := range []int{3, 3000} {
		for lines := 44; lines < 60; lines += 3 {
			f, _ := set(t, strings.Repeat("<p>line</p>", lines)+`<h3 class="group">HEAD</h3><div class="card"><header><h4>RULE</h4></header><details class="finding"><summary><b>TITLE</b></summary>
				<div class="body"><p>FIRST `+strings.Repeat("word ", length)+`</p><p>more</p></div></details></div>`)
			for i, p := range f.Pages {
				if strings.Contains(p.Shown, "HEAD") && (!strings.Contains(p.Shown, "TITLE") || !strings.Contains(p.Shown, "FIRST")) {
					t.Errorf("with %d lines before it and %d words, page %d ends between a heading and its text", lines, length, i+1)
				}
			}
		}
	}
}

func TestErrors(t *testing.T) {
	broken := errors.New("broken")
	if err := Set(context.Background(), io.Discard, io.MultiReader(strings.NewReader("<p>a</p>"), failing{broken}), options); !errors.Is(err, broken) {
		t.Errorf("Set from a broken reader = %v", err)
	}
	if err := Set(context.Background(), failing{broken}, strings.NewReader("<p>a</p>"), options); !errors.Is(err, broken) {
		t.Errorf("Set to a broken writer = %v", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if err := Set(ctx, io.Discard, strings.NewReader("<p>a</p>"), options); !errors.Is(err, context.Canceled) {
		t.Errorf("Set with an ended context = %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error)  { return 0, f.err }
func (f failing) Write([]byte) (int, error) { return 0, f.err }

// Nothing that a page may hold stops the setter, and what it writes can be read.
func FuzzSet(f *testing.F) {
	for _, s := range []string{
		"", "text", "<p>a<b>c</p></b>", "<table><tr><td colspan=99999 rowspan=99999>x<td>y<tr>", "<table><tbody id=a></table>x", "<svg viewBox='0 0 1e9 1'><path d='M0 0Q1 1'><rect width=-5>",
		"<section id=zones><div class='card map'><svg viewBox='0 0 10 90000' width=5><text x=1><tspan>z", "<details class='asset'><summary><b>x</b><span>y</span>", "<details class=ev>", "<div class=card></div><div class=card>",
		"<nav class=rail><summary>C</summary><a href='#x'>", "<header class=cover><h1></h1><dl><div><dt>a<dd>b", "<div class=columns><span>a", "<dl><dd>a<dt>b", "<p class=prose>a\n\nb", "<pre>a\n b\t", "<div class='kpis'>a<div>b",
		strings.Repeat("<div class=card>", 300) + "deep", strings.Repeat("<b>", 5000) + "deep", "<td><ul class=legend><li class=k-bad>a<li>b", "שלום <a href='#a'>עולם</a> 12", "\x00\xff\u202e\U000e0001", strings.Repeat("W", 3000), "<h3 class=group>", "<br><br/><td>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, page string) {
		if len(page) > 20_000 {
			t.Skip()
		}
		set(t, page)
	})
}
