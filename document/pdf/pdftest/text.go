// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdftest

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// readPages reads the text of all pages.
func (f *File) readPages() error {
	fonts := map[any]map[int]string{}
	for _, k := range f.list(f.dict(f.Catalog["Pages"])["Kids"]) {
		id, ok := k.(Ref)
		d := f.dict(k)
		if !ok || d["Type"] != Name("Page") {
			return fmt.Errorf("%v is no page", k)
		}
		p := &Page{Dict: d, id: id, Marks: map[int]string{}}
		var content []byte
		for _, c := range f.list(d["Contents"]) {
			s, ok := f.Get(c).(*Stream)
			if !ok {
				return fmt.Errorf("page %d: no content", len(f.Pages)+1)
			}
			content = append(append(content, s.Data...), '\n')
		}
		use := map[Name]map[int]string{}
		for name, v := range f.dict(f.dict(d["Resources"])["Font"]) {
			if fonts[v] == nil {
				s, ok := f.Get(f.dict(v)["ToUnicode"]).(*Stream)
				if !ok {
					return fmt.Errorf("font %s does not say which characters its codes are", name)
				}
				fonts[v] = characters(s.Data)
			}
			use[name] = fonts[v]
		}
		if err := p.read(content, use); err != nil {
			return fmt.Errorf("page %d: %w", len(f.Pages)+1, err)
		}
		f.Pages = append(f.Pages, p)
	}
	if n := f.dict(f.Catalog["Pages"])["Count"]; n != float64(len(f.Pages)) {
		return fmt.Errorf("%v pages are said to be there, there are %d", n, len(f.Pages))
	}
	return nil
}

// characters reads which characters codes are.
func characters(b []byte) map[int]string {
	out := map[int]string{}
	l := &lexer{b: b}
	in := false
	code := -1
	for {
		v, err := l.next()
		if err != nil {
			return out
		}
		switch v := v.(type) {
		case word:
			in = v == "beginbfchar"
			code = -1
		case string:
			switch {
			case !in || len(v) < 2:
			case code < 0:
				code = int(v[0])<<8 | int(v[1])
			default:
				out[code] = String("\xfe\xff" + v)
				code = -1
			}
		}
	}
}

// stretch is a part of a page that is marked.
type stretch struct {
	id       int // -1 without one
	artifact bool
	actual   *string // what stands for the text that is drawn
}

// read follows the operators of a page.
func (p *Page) read(content []byte, fonts map[Name]map[int]string) error {
	l := &lexer{b: content}
	var args []any
	var open []stretch
	var font map[int]string
	var shown strings.Builder
	saved, texts := 0, 0
	say := func(s string) error {
		shown.WriteString(s)
		for i := len(open) - 1; i >= 0; i-- {
			if open[i].artifact {
				return nil
			}
			if open[i].id >= 0 {
				p.Marks[open[i].id] += s
				return nil
			}
		}
		return fmt.Errorf("%q is neither content nor ornament", s)
	}
	for {
		v, err := l.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		op, ok := v.(word)
		if !ok {
			args = append(args, v)
			continue
		}
		switch op {
		case "Tf":
			if len(args) != 2 {
				return errors.New("a font is chosen without its name")
			}
			name, _ := args[0].(Name)
			if font = fonts[name]; font == nil {
				return fmt.Errorf("font %s is not there", name)
			}
		case "Tj":
			s, _ := args[0].(string)
			var text strings.Builder
			for ; len(s) > 1; s = s[2:] {
				c, known := font[int(s[0])<<8|int(s[1])]
				if !known {
					return fmt.Errorf("code %x is not known", s[:2])
				}
				text.WriteString(c)
			}
			if len(open) > 0 && open[len(open)-1].actual != nil {
				break
			}
			if err := say(text.String()); err != nil {
				return err
			}
		case "BDC", "BMC":
			s := stretch{id: -1, artifact: args[0] == Name("Artifact")}
			if op == "BDC" {
				d, _ := args[1].(Dict)
				if n, ok := d["MCID"].(float64); ok {
					s.id = int(n)
					if _, twice := p.Marks[s.id]; twice {
						return fmt.Errorf("two stretches have the number %d", s.id)
					}
					p.Marks[s.id] = ""
				}
				if a, ok := d["ActualText"]; ok {
					t := String(a)
					s.actual = &t
					if err := say(t); err != nil {
						return err
					}
				}
			}
			open = append(open, s)
		case "EMC":
			if len(open) == 0 {
				return errors.New("a stretch ends that never began")
			}
			open = open[:len(open)-1]
		case "q", "Q", "BT", "ET":
			saved += map[word]int{"q": 1, "Q": -1}[op]
			texts += map[word]int{"BT": 1, "ET": -1}[op]
			if saved < 0 || texts < 0 || texts > 1 {
				return fmt.Errorf("%s at the wrong place", op)
			}
		}
		args = args[:0]
	}
	if len(open) > 0 || saved != 0 || texts != 0 {
		return errors.New("something is left open")
	}
	p.Shown = shown.String()
	return nil
}

// Element is an element of the structure.
type Element struct {
	Role  string
	Dict  Dict
	Kids  []*Element
	Own   string // text, without that of the kids
	Text  string // all of it, in the order of the tree
	Links []string
}

// Structure gives the root of the tree of elements. It fails where the tree, the pages and the links do not agree.
func (f *File) Structure() (*Element, error) {
	root := f.dict(f.Catalog["StructTreeRoot"])
	kids := f.list(root["K"])
	if f.dict(f.Catalog["MarkInfo"])["Marked"] != true || len(kids) != 1 {
		return nil, errors.New("the file has no structure")
	}
	owners := map[int]any{}
	for _, k := range f.list(f.dict(root["ParentTree"])["Kids"]) {
		nums := f.list(f.dict(k)["Nums"])
		for i := 0; i+1 < len(nums); i += 2 {
			n, _ := nums[i].(float64)
			owners[int(n)] = nums[i+1]
		}
	}
	t := &treeReader{f: f, owners: owners, pages: map[any]*Page{}}
	for _, p := range f.Pages {
		t.pages[p.id] = p
		t.left += len(p.Marks)
	}
	e, err := t.element(kids[0], f.Catalog["StructTreeRoot"])
	if err == nil && t.left != 0 {
		err = fmt.Errorf("%d stretches belong to no element", t.left)
	}
	return e, err
}

type treeReader struct {
	f      *File
	owners map[int]any
	pages  map[any]*Page
	left   int
}

func (t *treeReader) element(ref, parent any) (*Element, error) {
	d := t.f.dict(ref)
	role, ok := d["S"].(Name)
	if !ok || d["P"] != parent {
		return nil, fmt.Errorf("%v is no element of %v: %v", ref, parent, d)
	}
	e := &Element{Role: string(role), Dict: d}
	var text, own strings.Builder
	for _, k := range t.f.list(d["K"]) {
		mark, page := -1, d["Pg"]
		switch v := k.(type) {
		case float64:
			mark = int(v)
		case Ref:
			kid, err := t.element(v, ref)
			if err != nil {
				return nil, err
			}
			e.Kids = append(e.Kids, kid)
			text.WriteString(kid.Text)
			continue
		case Dict:
			if v["Type"] == Name("OBJR") {
				a := t.f.dict(v["Obj"])
				n, _ := a["StructParent"].(float64)
				if t.owners[int(n)] != ref {
					return nil, fmt.Errorf("link %v belongs to %v, not to %v", v["Obj"], t.owners[int(n)], ref)
				}
				e.Links = append(e.Links, String(a["Dest"]))
				continue
			}
			n, _ := v["MCID"].(float64)
			mark, page = int(n), v["Pg"]
		}
		p := t.pages[page]
		if p == nil {
			return nil, fmt.Errorf("%s is on no page", role)
		}
		s, known := p.Marks[mark]
		n, _ := p.Dict["StructParents"].(float64)
		if list := t.f.list(t.owners[int(n)]); !known || mark >= len(list) || list[mark] != ref {
			return nil, fmt.Errorf("stretch %d of a page does not belong to %s %v", mark, role, ref)
		}
		t.left--
		own.WriteString(s)
		text.WriteString(s)
	}
	e.Own, e.Text = own.String(), text.String()
	return e, nil
}
