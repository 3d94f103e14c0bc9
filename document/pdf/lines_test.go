// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"breakwater/document/pdf/pdftest"
)

func newSetter(t testing.TB) *setter {
	t.Helper()
	l, err := newLetters()
	if err != nil {
		t.Fatal(err)
	}
	return &setter{l: l, ink: readInk()}
}

// lines sets text and gives it line by line.
func lines(s *setter, runs []run, width float64, a align) (list []string, items []item) {
	items, _ = s.set(nil, runs, 0, 0, width, a)
	at := -1.0
	for _, i := range items {
		if i.kind != textItem {
			continue
		}
		if i.y != at {
			list, at = append(list, ""), i.y
		}
		list[len(list)-1] += i.text
	}
	return list, items
}

func TestLines(t *testing.T) {
	s := newSetter(t)
	k := look{mono, 10, 1.4, colour{}} // each letter is 6.02 wide
	plain := func(text string) run { return run{text: text, look: k} }
	for name, tt := range map[string]struct {
		runs    []run
		letters float64 // width in letters
		want    []string
	}{
		"fits":                     {[]run{plain("one two")}, 7, []string{"one two"}},
		"at a space":               {[]run{plain("one two three")}, 8, []string{"one two ", "three"}},
		"spaces count once":        {[]run{plain("  one \n\t two  ")}, 20, []string{"one two"}},
		"longer than a line":       {[]run{plain("a abcdefghijkl")}, 5, []string{"a abc", "defgh", "ijkl"}},
		"narrower than a letter":   {[]run{plain("abc")}, 0.5, []string{"a", "b", "c"}},
		"after a hyphen":           {[]run{plain("tank-farm")}, 6, []string{"tank-", "farm"}},
		"not in a number":          {[]run{plain("on 2026-11-16")}, 11, []string{"on ", "2026-11-16"}},
		"across runs":              {[]run{plain("one"), {text: "two", look: look{bold, 10, 1.4, colour{}}}}, 20, []string{"onetwo"}},
		"a run holds its spaces":   {[]run{plain("a "), {text: "b c d", look: k, keep: true}}, 6, []string{"a ", "b c d"}},
		"lines stand":              {[]run{{text: "a\nb", look: k, rows: true}}, 20, []string{"a ", "b"}},
		"spaces stand":             {[]run{{text: "a  b\n c", look: k, pre: true}}, 20, []string{"a  b ", " c"}},
		"no-break space":           {[]run{plain("ab\u00a0cd ef")}, 6, []string{"ab\u00a0cd ", "ef"}},
		"thin space in a number":   {[]run{plain("a 12\u202f345")}, 7, []string{"a ", "12\u202f345"}},
		"end":                      {[]run{plain("a"), {end: true, look: k}, plain("b")}, 20, []string{"a ", "b"}},
		"a tag":                    {[]run{plain("a "), {text: "tag", look: k, keep: true, chip: &chip{}}}, 20, []string{"a tag"}},
		"ideographs":               {[]run{{text: "漢字漢字", look: look{spare, 10, 1.4, colour{}}}}, 2.1, []string{"漢字", "漢字"}},
		"nothing but white space":  {[]run{plain(" \n ")}, 5, nil},
		"nothing":                  {nil, 5, nil},
		"a space of another run":   {[]run{plain("one"), plain(" "), plain("two")}, 4, []string{"one ", "two"}},
		"room between parts":       {[]run{plain("one"), {gap: 8, look: k}, plain("two")}, 20, []string{"one two"}},
		"room at the end of lines": {[]run{plain("one"), {gap: 8, look: k}, plain("two")}, 4, []string{"one ", "two"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got, _ := lines(s, tt.runs, tt.letters*6.03, left); !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// Whatever the text and the width, no letter is lost, no line is too long, and lines do not overlap.
func TestLinesLaw(t *testing.T) {
	s := newSetter(t)
	text := rapid.StringOf(rapid.OneOf(rapid.RuneFrom([]rune("abWi -/_.\n\t\u00a0\u202f→·漢שЖ\u0301")), rapid.Rune()))
	rapid.Check(t, func(t *rapid.T) {
		var runs []run
		var want strings.Builder
		for range rapid.IntRange(1, 5).Draw(t, "runs") {
			r := run{
				text: text.Draw(t, "text"), look: look{rapid.SampledFrom([]fontID{regular, bold, mono}).Draw(t, "font"), rapid.Float64Range(4, 30).Draw(t, "size"), 1.4, colour{}},
				keep: rapid.Bool().Draw(t, "keep"), pre: rapid.Bool().Draw(t, "pre"),
			}
			if rapid.Bool().Draw(t, "tag") {
				r.chip = &chip{}
			}
			if rapid.Bool().Draw(t, "mark") {
				r.mark = &colour{}
			}
			want.WriteString(r.text)
			runs = append(runs, r)
		}
		width := rapid.Float64Range(1, 600).Draw(t, "width")
		a := rapid.SampledFrom([]align{left, right, centre}).Draw(t, "align")
		got, items := lines(s, runs, width, a)
		if g, w := pdftest.Bare(strings.Join(got, "")), pdftest.Bare(want.String()); g != w {
			t.Fatalf("%q became %q", w, g)
		}
		bottom := 0.0
		for n, i := range items {
			if math.IsNaN(i.x+i.y+i.w+i.h) || i.y < 0 {
				t.Fatalf("an item at %v, %v, %v × %v", i.x, i.y, i.w, i.h)
			}
			if i.kind != textItem {
				continue
			}
			if n > 0 && i.y < bottom-0.01 && items[n-1].y != i.y && items[n-1].kind == textItem {
				t.Fatalf("a line at %v begins above the end of the one before at %v", i.y, bottom)
			}
			bottom = i.y + i.h
			if i.x+i.w > width+0.1 && utf8.RuneCountInString(strings.TrimSpace(i.text)) > 1 && !adorned(runs) {
				t.Fatalf("%q ends at %v in a line of %v", i.text, i.x+i.w, width)
			}
		}
	})
}

func adorned(runs []run) bool {
	return slices.ContainsFunc(runs, func(r run) bool { return r.chip != nil || r.mark != nil })
}

func TestVisual(t *testing.T) {
	for in, want := range map[string]string{
		"abc":                  "abc",
		"אבג":                  "גבא",
		"a אב b":               "a בא b",
		"אב 12 גד":             "דג 12 בא",
		"אבג (12)":             "(12) גבא",
		"":                     "",
		"x\u0301 אב":           "x\u0301 בא",
		"PLC-7 שלום!":          "PLC-7 םולש!",
		"שלום עולם 123 abc":    "123 םלוע םולש abc",
		"שלום (PLC-7)":         "םולש (PLC-7)",
		"שלום (עולם) x":        "(םלוע) םולש x",
		"x (אב) y":             "x (בא) y",
		"(א":                   "(א",
		"א 1,234.5-6 ב":        "ב 1,234.5-6 א",
		"א 10% ב":              "ב 10% א",
		"مرحبا 12":             "12 ابحرم",
		"مرحبا 1-2":            "2-1 ابحرم",
		"10.0.0.1 אב 10.0.0.2": "10.0.0.1 10.0.0.2 בא",
		"א\u0301ב":             "בא\u0301",
		"אב  ":                 "בא  ",
	} {
		if got := visual(in); got != want {
			t.Errorf("visual(%q) = %q, want %q", in, got, want)
		}
	}
}

// Putting text in the order in which it is seen moves characters and loses none, but that brackets may face the other way.
func FuzzVisual(f *testing.F) {
	for _, s := range []string{"שלום (PLC-7) 12", "a\u0301 אב \u0301", "((((א", "مرحبا 1-2 ٣٤", "אב\u00a0\u202f 12%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			t.Skip()
		}
		sorted := func(s string) string {
			r := []rune(strings.NewReplacer(")", "(", "]", "[", "}", "{").Replace(s))
			slices.Sort(r)
			return string(r)
		}
		if got := visual(s); utf8.RuneCountInString(got) != utf8.RuneCountInString(s) || len(s) == len(got) && s < "\x7f" && sorted(got) != sorted(s) {
			t.Errorf("visual(%q) = %q", s, got)
		}
	})
}
