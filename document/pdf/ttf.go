// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

//go:embed fonts/*.ttf.gz
var fontFiles embed.FS

var be = binary.BigEndian

// face is a TrueType font as it lies in the program. The files are those beside this package, so that a broken one is
// a fault of the build and found by the tests.
type face struct {
	name    string // PostScript name
	tables  map[string][]byte
	em      int
	ascent  int
	descent int
	cap     int
	box     [4]int
	glyphs  int
	metrics int // glyphs with an advance of their own
	long    bool
	chars   []charRange
}

// charRange maps a run of characters to glyphs; list holds them one by one where they do not follow one another.
type charRange struct {
	from, to rune
	glyph    int
	list     []byte
	delta    int
}

func loadFace(file, name string) (*face, error) {
	b, err := fontFiles.ReadFile("fonts/" + file)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	return parseFace(data, name)
}

func parseFace(data []byte, name string) (*face, error) {
	f := &face{name: name, tables: map[string][]byte{}}
	for i := range int(be.Uint16(data[4:])) {
		e := data[12+16*i:]
		f.tables[string(e[:4])] = data[be.Uint32(e[8:]):][:be.Uint32(e[12:])]
	}
	for _, tag := range []string{"OS/2", "cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp"} {
		if f.tables[tag] == nil {
			return nil, fmt.Errorf("font %s has no table %s", name, tag)
		}
	}
	head, hhea := f.tables["head"], f.tables["hhea"]
	f.em = int(be.Uint16(head[18:]))
	for i := range f.box {
		f.box[i] = f.scale(int(int16(be.Uint16(head[36+2*i:]))))
	}
	f.long = be.Uint16(head[50:]) == 1
	f.ascent, f.descent = f.scale(int(int16(be.Uint16(hhea[4:])))), f.scale(int(int16(be.Uint16(hhea[6:]))))
	f.metrics = int(be.Uint16(hhea[34:]))
	f.glyphs = int(be.Uint16(f.tables["maxp"][4:]))
	f.cap = 720
	if os2 := f.tables["OS/2"]; len(os2) >= 90 && be.Uint16(os2) >= 2 {
		f.cap = f.scale(int(int16(be.Uint16(os2[88:]))))
	}
	return f, f.readChars()
}

// scale turns font units into thousandths of the size.
func (f *face) scale(v int) int { return v * 1000 / f.em }

func (f *face) readChars() error {
	cmap := f.tables["cmap"]
	var four, twelve []byte
	for i := range int(be.Uint16(cmap[2:])) {
		sub := cmap[be.Uint32(cmap[4+8*i+4:]):]
		switch be.Uint16(sub) {
		case 4:
			four = sub
		case 12:
			twelve = sub
		}
	}
	switch {
	case twelve != nil:
		for i := range int(be.Uint32(twelve[12:])) {
			g := twelve[16+12*i:]
			f.chars = append(f.chars, charRange{from: rune(be.Uint32(g)), to: rune(be.Uint32(g[4:])), glyph: int(be.Uint32(g[8:]))})
		}
	case four != nil:
		n := int(be.Uint16(four[6:])) / 2
		ends, starts := four[14:], four[16+2*n:]
		deltas, offsets := four[16+4*n:], four[16+6*n:]
		for i := range n {
			r := charRange{from: rune(be.Uint16(starts[2*i:])), to: rune(be.Uint16(ends[2*i:])), delta: int(be.Uint16(deltas[2*i:]))}
			if o := int(be.Uint16(offsets[2*i:])); o != 0 {
				r.list = offsets[2*i+o:]
			}
			f.chars = append(f.chars, r)
		}
	default:
		return fmt.Errorf("font %s maps no characters", f.name)
	}
	return nil
}

// glyph gives the glyph of a character, 0 where the font has none.
func (f *face) glyph(r rune) int {
	i, _ := slices.BinarySearchFunc(f.chars, r, func(c charRange, r rune) int { return int(c.to - r) })
	if i == len(f.chars) || f.chars[i].from > r {
		return 0
	}
	c := &f.chars[i]
	switch {
	case c.list != nil:
		g := int(be.Uint16(c.list[2*int(r-c.from):]))
		if g == 0 {
			return 0
		}
		return (g + c.delta) & 0xffff
	case c.glyph > 0:
		return c.glyph + int(r-c.from)
	}
	return (int(r) + c.delta) & 0xffff
}

// advance is the width of a glyph in thousandths of the size.
func (f *face) advance(glyph int) int {
	hmtx := f.tables["hmtx"]
	return int(be.Uint16(hmtx[4*min(glyph, f.metrics-1):])) * 1000 / f.em
}

func (f *face) outline(glyph int) []byte {
	loca := f.tables["loca"]
	if glyph >= f.glyphs {
		return nil
	}
	var from, to int
	if f.long {
		from, to = int(be.Uint32(loca[4*glyph:])), int(be.Uint32(loca[4*glyph+4:]))
	} else {
		from, to = 2*int(be.Uint16(loca[2*glyph:])), 2*int(be.Uint16(loca[2*glyph+2:]))
	}
	return f.tables["glyf"][from:to]
}

// parts lists the glyphs that a glyph is composed of.
func parts(outline []byte) (list []int) {
	if len(outline) < 10 || int16(be.Uint16(outline)) >= 0 {
		return nil
	}
	for b := outline[10:]; len(b) >= 4; {
		flags := be.Uint16(b)
		list = append(list, int(be.Uint16(b[2:])))
		size := 6
		if flags&1 != 0 {
			size = 8
		}
		switch {
		case flags&8 != 0:
			size += 2
		case flags&0x40 != 0:
			size += 4
		case flags&0x80 != 0:
			size += 8
		}
		if flags&0x20 == 0 || size > len(b) {
			break
		}
		b = b[size:]
	}
	return list
}

// subset writes a font file that holds the outlines of the given glyphs, and of those they are made of, under the
// numbers that they have in the whole font.
func (f *face) subset(glyphs []int) []byte {
	keep := make([]bool, f.glyphs)
	for todo := append([]int{0}, glyphs...); len(todo) > 0; {
		g := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if g < f.glyphs && !keep[g] {
			keep[g] = true
			todo = append(todo, parts(f.outline(g))...)
		}
	}
	var glyf, loca, hmtx []byte
	for g, kept := range keep {
		loca = be.AppendUint32(loca, uint32(len(glyf)))
		if kept {
			glyf = append(glyf, f.outline(g)...)
			for len(glyf)%4 != 0 {
				glyf = append(glyf, 0)
			}
		}
	}
	loca = be.AppendUint32(loca, uint32(len(glyf)))
	hmtx = slices.Clone(f.tables["hmtx"])
	for g := range min(f.glyphs, f.metrics-1) {
		if !keep[g] {
			clear(hmtx[4*g : 4*g+4])
		}
	}
	head := slices.Clone(f.tables["head"])
	be.PutUint16(head[50:], 1)
	maxp := slices.Clone(f.tables["maxp"])
	return packFont([]fontTable{
		{"glyf", glyf},
		{"head", head},
		{"hhea", f.tables["hhea"]},
		{"hmtx", hmtx},
		{"loca", loca},
		{"maxp", maxp},
	})
}

type fontTable struct {
	tag  string
	data []byte
}

func packFont(list []fontTable) []byte {
	out := []byte{0, 1, 0, 0}
	out = be.AppendUint16(out, uint16(len(list)))
	search := 1
	shift := 0
	for search*2 <= len(list) {
		search, shift = search*2, shift+1
	}
	out = be.AppendUint16(out, uint16(search*16))
	out = be.AppendUint16(out, uint16(shift))
	out = be.AppendUint16(out, uint16((len(list)-search)*16))
	at := 12 + 16*len(list)
	for _, t := range list {
		out = append(out, t.tag...)
		out = be.AppendUint32(out, fontSum(t.data))
		out = be.AppendUint32(out, uint32(at))
		out = be.AppendUint32(out, uint32(len(t.data)))
		at += (len(t.data) + 3) &^ 3
	}
	for _, t := range list {
		out = append(out, t.data...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	return out
}

func fontSum(b []byte) (sum uint32) {
	for ; len(b) >= 4; b = b[4:] {
		sum += be.Uint32(b)
	}
	if len(b) > 0 {
		var last [4]byte
		copy(last[:], b)
		sum += be.Uint32(last[:])
	}
	return sum
}
