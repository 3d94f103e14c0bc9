// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"breakwater/document/pdf/pdftest"
)

// The fonts in the program draw what our documents say in any of the scripts that they are there for.
func TestFaces(t *testing.T) {
	list, err := faces()
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[fontID]string{
		regular: "Aa0ß–…→·ŁžğΑαЖж№‘“",
		bold:    "Aa0ß–…→·ŁžğΑαЖж№‘“",
		mono:    "Aa0ß–…→ŁΑαЖж",
		spare:   "Aa0ßΑαЖжԱბאשبℓ☐✓",
	} {
		f := list[id]
		for _, r := range want {
			g := f.glyph(r)
			if g == 0 {
				t.Errorf("%s has no %q", f.name, r)
			} else if f.advance(g) == 0 || len(f.outline(g)) == 0 {
				t.Errorf("%s draws nothing for %q", f.name, r)
			}
		}
		if f.glyph('\U0010fffd') != 0 {
			t.Errorf("%s says it has a character that is none", f.name)
		}
	}
}

// A subset holds the outlines that are used, those that they are made of, and no others.
func TestSubset(t *testing.T) {
	list, err := faces()
	if err != nil {
		t.Fatal(err)
	}
	f := list[spare]
	composed := f.glyph('é')
	made := parts(f.outline(composed))
	if len(made) < 2 {
		t.Fatalf("é is made of %v: choose another", made)
	}
	data := f.subset([]int{f.glyph('A'), composed})
	if len(data) > len(f.tables["glyf"])/4 {
		t.Errorf("%d bytes for two letters", len(data))
	}
	kept := append([]int{0, f.glyph('A'), composed}, made...)
	sub := readTables(t, data)
	for g := range f.glyphs {
		from, to := be.Uint32(sub["loca"][4*g:]), be.Uint32(sub["loca"][4*g+4:])
		got := sub["glyf"][from:to]
		switch {
		case slices.Contains(kept, g) && !bytes.HasPrefix(got, f.outline(g)):
			t.Errorf("the outline of glyph %d is not the same", g)
		case !slices.Contains(kept, g) && len(got) > 0:
			t.Errorf("glyph %d is in the subset", g)
		}
	}
	if be.Uint16(sub["head"][50:]) != 1 {
		t.Error("head does not say that loca is long")
	}
}

// readTables takes a font apart and checks its sums.
func readTables(t *testing.T, data []byte) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for i := range int(be.Uint16(data[4:])) {
		e := data[12+16*i:]
		table := data[be.Uint32(e[8:]):][:be.Uint32(e[12:])]
		if fontSum(table) != be.Uint32(e[4:]) {
			t.Errorf("the sum of %s is wrong", e[:4])
		}
		out[string(e[:4])] = table
	}
	return out
}

func TestFontErrors(t *testing.T) {
	if _, err := loadFace("none.ttf.gz", "none"); err == nil {
		t.Error("a font that is not there was loaded")
	}
	if _, err := parseFace(packFont([]fontTable{{"head", make([]byte, 54)}}), "short"); err == nil || !strings.Contains(err.Error(), "OS/2") {
		t.Errorf("a font without its tables: %v", err)
	}
}

// Characters are themselves in the file, whatever can be seen of them.
func TestCharacters(t *testing.T) {
	text := "Latin Ελληνικά Кириллица հայերեն ქართული עברית العربية 漢字 ไทย \U0001f6a2 \u0301 \u00ad ① № ≥"
	f, root := set(t, "<p>"+text+"</p>")
	if got := pdftest.Bare(root.Text); got != pdftest.Bare(text) {
		t.Errorf("%q became %q", pdftest.Bare(text), got)
	}
	if !strings.Contains(f.Pages[0].Shown, "Кириллица") {
		t.Errorf("the page shows %q", f.Pages[0].Shown)
	}
}

// What no font has is shown as a box, and takes room.
func TestBox(t *testing.T) {
	l, err := newLetters()
	if err != nil {
		t.Fatal(err)
	}
	g := l.glyph(regular, '漢')
	if g.font != spare || l.fonts[spare].shape[g.code] != 0 || g.w == 0 || l.fonts[spare].runes[g.code] != '漢' {
		t.Errorf("glyph = %+v, want a box of the spare font that is still itself", g)
	}
	if n := len(l.fonts[spare].face.outline(0)); n == 0 {
		t.Error("the box has no outline")
	}
	if g := l.glyph(regular, '\u200b'); g.w != 0 {
		t.Errorf("a character that cannot be seen is %d wide", g.w)
	}
}
