// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"sync"
	"unicode"
	"unicode/utf16"
)

// fontID names the letters that text is set in.
type fontID uint8

const (
	regular fontID = iota
	bold
	mono
	spare // what the others lack
	fonts
)

// glyph is a character in a font of the file. Characters, not shapes, are numbered: one that no font can draw is
// shown as a box, and is still itself when it is copied, searched for or read aloud.
type glyph struct {
	font fontID
	code uint16
	w    uint16 // thousandths of the size
	box  bool   // no font has it
}

// font is a face as far as it is used.
type font struct {
	face  *face
	runes []rune // by code
	shape []int  // glyph of the face, by code
	width []int  // by code
	used  map[rune]uint16
	drawn bool // something is set in it
}

// letters holds the fonts of one file.
type letters struct {
	fonts [fonts]*font
	ascii [fonts][128]glyph
	other [fonts]map[rune]glyph
}

// faces are the fonts of the program, read when they are first needed. Nothing changes them.
var faces = sync.OnceValues(func() (list [fonts]*face, err error) {
	for id, f := range [fonts]struct{ file, name string }{
		regular: {"inter-regular.ttf.gz", "Inter-Regular"},
		bold:    {"inter-semibold.ttf.gz", "Inter-SemiBold"},
		mono:    {"dejavusansmono.ttf.gz", "DejaVuSansMono"},
		spare:   {"dejavusans.ttf.gz", "DejaVuSans"},
	} {
		if list[id], err = loadFace(f.file, f.name); err != nil {
			return list, err
		}
	}
	return list, nil
})

func newLetters() (*letters, error) {
	list, err := faces()
	if err != nil {
		return nil, err
	}
	l := &letters{}
	for id, face := range list {
		l.fonts[id] = &font{face: face, used: map[rune]uint16{}}
		l.other[id] = map[rune]glyph{}
		// Code 0 is what a reader shows for a code that is not there.
		l.fonts[id].add(unicode.ReplacementChar, 0, face.advance(0))
	}
	return l, nil
}

func (f *font) add(r rune, shape, width int) uint16 {
	if c, ok := f.used[r]; ok {
		return c
	}
	if len(f.runes) > 0xfffe {
		return 0
	}
	c := uint16(len(f.runes))
	f.runes, f.shape, f.width = append(f.runes, r), append(f.shape, shape), append(f.width, width)
	f.used[r] = c
	return c
}

// glyph finds a character: in the font asked for, in the spare one, or as a box.
func (l *letters) glyph(id fontID, r rune) glyph {
	if r < 128 && l.ascii[id][r].w != 0 {
		return l.ascii[id][r]
	}
	if g, ok := l.other[id][r]; ok {
		return g
	}
	g := l.find(id, r)
	if r < 128 {
		l.ascii[id][r] = g
	} else {
		l.other[id][r] = g
	}
	return g
}

func (l *letters) find(id fontID, r rune) glyph {
	f := l.fonts[id]
	shape, width := f.face.glyph(r), -1
	box := false
	space := f.face.advance(f.face.glyph(' '))
	switch {
	case r == '\u202f' || r == '\u2009': // the narrow spaces between thousands
		shape, width = f.face.glyph(' '), min(space, 200)
	case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Cc, r):
		shape, width = f.face.glyph(' '), 0
	case unicode.Is(unicode.Zs, r):
		shape, width = f.face.glyph(' '), space
	case shape == 0:
		id = spare
		f = l.fonts[spare]
		shape = f.face.glyph(r)
		box = shape == 0
	}
	if width < 0 {
		width = f.face.advance(shape)
	}
	f.drawn = true
	return glyph{id, f.add(r, shape, width), uint16(width), box}
}

// width measures text.
func (l *letters) width(id fontID, size float64, s string) float64 {
	w := 0
	for _, r := range s {
		w += int(l.glyph(id, r).w)
	}
	return float64(w) * size / 1000
}

// write puts the used fonts into the file and gives the dictionary that names them.
func (l *letters) write(f *file) string {
	dict := "<<"
	for id, t := range l.fonts {
		if t.drawn {
			dict += fmt.Sprintf(" /F%d %d 0 R", id, t.write(f))
		}
	}
	return dict + " >>"
}

func (t *font) write(f *file) int {
	sum := sha256.New()
	for _, g := range t.shape {
		fmt.Fprintf(sum, "%d ", g)
	}
	tag := []byte("ABCDEF")
	for i, c := range sum.Sum(nil)[:6] {
		tag[i] = 'A' + c%26
	}
	name := string(tag) + "+" + t.face.name
	program := t.face.subset(t.shape)
	data := f.id()
	f.stream(data, fmt.Sprintf("/Length1 %d", len(program)), program)
	descriptor := f.id()
	b := t.face.box
	f.object(descriptor, fmt.Sprintf("<< /Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [%d %d %d %d] /ItalicAngle 0 /Ascent %d /Descent %d /CapHeight %d /StemV 80 /FontFile2 %d 0 R >>",
		name, b[0], b[1], b[2], b[3], t.face.ascent, t.face.descent, t.face.cap, data))
	var toGlyph []byte
	var widths bytes.Buffer
	for c, g := range t.shape {
		toGlyph = be.AppendUint16(toGlyph, uint16(g))
		fmt.Fprintf(&widths, " %d", t.width[c])
	}
	glyphs := f.id()
	f.stream(glyphs, "", toGlyph)
	descendant := f.id()
	f.object(descendant, fmt.Sprintf("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor %d 0 R /DW 1000 /W [0 [%s]] /CIDToGIDMap %d 0 R >>",
		name, descriptor, widths.Bytes()[1:], glyphs))
	unicodes := f.id()
	f.stream(unicodes, "", t.unicodes())
	id := f.id()
	f.object(id, fmt.Sprintf("<< /Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>", name, descendant, unicodes))
	return id
}

// unicodes writes which character each code is.
func (t *font) unicodes() []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n")
	for from := 0; from < len(t.runes); from += 100 { // the most that one block may hold
		block := t.runes[from:min(from+100, len(t.runes))]
		fmt.Fprintf(&b, "%d beginbfchar\n", len(block))
		for i, r := range block {
			fmt.Fprintf(&b, "<%04x> <", from+i)
			for _, u := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, "%04x", u)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}
