// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdftest

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
)

// File is a PDF that was read.
type File struct {
	Catalog Dict
	Info    Dict
	Pages   []*Page
	objects map[int]any
}

// Page is a page with its text.
type Page struct {
	Dict  Dict
	id    Ref
	Marks map[int]string // what each marked stretch says
	Shown string         // all that is on the page, in the order in which it is drawn
}

// Read reads a file as a whole.
func Read(b []byte) (*File, error) {
	i := bytes.LastIndex(b, []byte("startxref\n"))
	if i < 0 || !bytes.HasSuffix(b, []byte("%%EOF\n")) {
		return nil, errors.New("the file has no end")
	}
	at, _, _ := strings.Cut(string(b[i+len("startxref\n"):]), "\n")
	start, err := strconv.Atoi(at)
	if err != nil {
		return nil, err
	}
	_, v, err := indirect(b, start)
	if err != nil {
		return nil, fmt.Errorf("table of objects: %w", err)
	}
	table, ok := v.(*Stream)
	if !ok || len(table.Data)%8 != 0 || table.Dict["Size"] != float64(len(table.Data)/8) {
		return nil, errors.New("the table of objects is no stream of its size")
	}
	f := &File{objects: map[int]any{}}
	if err := f.load(b, table.Data); err != nil {
		return nil, err
	}
	f.Catalog, f.Info = f.dict(table.Dict["Root"]), f.dict(table.Dict["Info"])
	if f.Catalog["Type"] != Name("Catalog") {
		return nil, errors.New("the file has no catalog")
	}
	return f, f.readPages()
}

// load reads all objects.
func (f *File) load(b, rows []byte) error {
	type packed struct{ id, in, at int }
	var later []packed
	for id := 1; id < len(rows)/8; id++ {
		row := rows[8*id:]
		place, n := 0, int(row[6])<<8|int(row[7])
		for _, c := range row[1:6] {
			place = place<<8 | int(c)
		}
		switch row[0] {
		case 1:
			num, v, err := indirect(b, place)
			if err != nil || num != id {
				return fmt.Errorf("object %d: found %d: %w", id, num, err)
			}
			f.objects[id] = v
		case 2:
			later = append(later, packed{id, place, n})
		default:
			return fmt.Errorf("object %d is not there", id)
		}
	}
	unpacked := map[int][]any{}
	numbers := map[int][]int{}
	for _, p := range later {
		if unpacked[p.in] == nil {
			list, nums, err := unpack(f.objects[p.in])
			if err != nil {
				return fmt.Errorf("object stream %d: %w", p.in, err)
			}
			unpacked[p.in], numbers[p.in] = list, nums
		}
		if p.at >= len(unpacked[p.in]) || numbers[p.in][p.at] != p.id {
			return fmt.Errorf("object %d is not the %d. of stream %d", p.id, p.at, p.in)
		}
		f.objects[p.id] = unpacked[p.in][p.at]
	}
	return nil
}

func unpack(v any) (list []any, nums []int, err error) {
	s, ok := v.(*Stream)
	if !ok || s.Dict["Type"] != Name("ObjStm") {
		return nil, nil, errors.New("no object stream")
	}
	n, _ := s.Dict["N"].(float64)
	first, _ := s.Dict["First"].(float64)
	head := &lexer{b: s.Data}
	for range int(n) {
		id, err1 := head.next()
		at, err2 := head.next()
		a, ok := at.(float64)
		num, ok2 := id.(float64)
		if err1 != nil || err2 != nil || !ok || !ok2 || int(first+a) > len(s.Data) {
			return nil, nil, errShort
		}
		body := &lexer{b: s.Data, at: int(first + a)}
		o, err := body.next()
		if err != nil {
			return nil, nil, err
		}
		list, nums = append(list, o), append(nums, int(num))
	}
	return list, nums, nil
}

// Get follows a reference.
func (f *File) Get(v any) any {
	if r, ok := v.(Ref); ok {
		return f.objects[int(r)]
	}
	return v
}

func (f *File) dict(v any) Dict {
	switch d := f.Get(v).(type) {
	case Dict:
		return d
	case *Stream:
		return d.Dict
	}
	return nil
}

func (f *File) list(v any) []any {
	l, _ := f.Get(v).([]any)
	return l
}

// String reads a string for people.
func String(v any) string {
	s, _ := v.(string)
	if !strings.HasPrefix(s, "\xfe\xff") {
		return s
	}
	var u []uint16
	for b := s[2:]; len(b) > 1; b = b[2:] {
		u = append(u, uint16(b[0])<<8|uint16(b[1]))
	}
	return string(utf16.Decode(u))
}

// Bookmark is an entry of the outline.
type Bookmark struct {
	Level int
	Title string
	Page  int // from 1
}

// Outline lists the bookmarks in order.
func (f *File) Outline() (list []Bookmark) {
	var walk func(v any, level int)
	walk = func(v any, level int) {
		for d := f.dict(v); d != nil && len(list) < 1e6; d = f.dict(d["Next"]) {
			list = append(list, Bookmark{level, String(d["Title"]), f.destination(d["Dest"])})
			walk(d["First"], level+1)
		}
	}
	walk(f.dict(f.Catalog["Outlines"])["First"], 0)
	return list
}

// destination gives the page that a destination is on, 0 where it leads nowhere.
func (f *File) destination(v any) int {
	l := f.list(v)
	if len(l) == 0 {
		return 0
	}
	for i, p := range f.Pages {
		if l[0] == p.id {
			return i + 1
		}
	}
	return 0
}

// Anchors maps the names in the document to pages, from 1.
func (f *File) Anchors() map[string]int {
	pages := map[any]int{}
	for i, p := range f.Pages {
		pages[p.id] = i + 1
	}
	out := map[string]int{}
	for _, k := range f.list(f.dict(f.dict(f.Catalog["Names"])["Dests"])["Kids"]) {
		names := f.list(f.dict(k)["Names"])
		for i := 0; i+1 < len(names); i += 2 {
			if l := f.list(names[i+1]); len(l) > 0 {
				out[String(names[i])] = pages[l[0]]
			}
		}
	}
	return out
}
