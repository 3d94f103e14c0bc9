// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package portfile

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"breakwater/evidence"
	"breakwater/harbour"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxErrors is how many errors are reported at once, maxDepth how deep the file may nest.
const (
	maxErrors = 100
	maxDepth  = 12
)

// position is where a value stands.
type position struct{ line, column int }

// fault is one error in the file.
type fault struct {
	position
	text string
	hint string
}

// file is a port file on its way through the checks.
type file struct {
	port    *harbour.Port
	at      map[string]position // by path: zones[2].site
	errors  []fault
	damaged map[string]bool   // lists of which an entry could not be read, so that references to it prove nothing
	unread  map[position]bool // values that could not be read: nothing more is said about them
	broken  map[string]bool   // entries that could not be read in full, by path: zones[2]
}

// Parse reads a port file. The error, of kind harbour.ErrInvalid, lists every fault with line and column; problems are
// notes on what is allowed and probably not meant.
func Parse(b []byte) (*harbour.Port, []harbour.Problem, error) {
	f, problems := parse(b, defaultMemory)
	if len(f.errors) > 0 {
		return nil, nil, f.failure("port file")
	}
	return f.port, problems, nil
}

func parse(b []byte, memory int64) (*file, []harbour.Problem) {
	f := &file{port: &harbour.Port{}, at: map[string]position{}, damaged: map[string]bool{}, broken: map[string]bool{}}
	tokens := f.scan(b, memory)
	if len(f.errors) > 0 {
		return f, nil
	}
	tree, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		f.syntax(err)
		return f, nil
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		f.fault(position{1, 1}, "the file must hold one YAML document, a mapping that starts with the port's name", "start with: name: Port of …")
		return f, nil
	}
	f.walk(tree.Docs[0].Body, reflect.ValueOf(f.port).Elem(), "", 0)
	f.unread = map[position]bool{}
	for _, e := range f.errors {
		f.unread[e.position] = true
	}
	problems := f.validate()
	return f, problems
}

// spoil notes that what stands at path could not be read, so that what is missing there is not reported as well.
func (f *file) spoil(path string) {
	list, _, _ := strings.Cut(path, "[")
	f.damaged[list] = true
	if i := strings.IndexByte(path, ']'); i > 0 {
		path = path[:i+1]
	}
	f.broken[path] = true
}

// full says that no further fault is listed, so that looking for one is of no use.
func (f *file) full() bool { return len(f.errors) >= maxErrors }

// syntax takes over an error of the YAML library.
func (f *file) syntax(err error) {
	pos := position{1, 1}
	type placed interface{ GetToken() *token.Token }
	if p, ok := err.(placed); ok && p.GetToken() != nil {
		pos = position{p.GetToken().Position.Line, p.GetToken().Position.Column}
	}
	var text string
	if m, ok := err.(interface{ GetMessage() string }); ok {
		text = m.GetMessage() // Error would draw the source around it
	} else {
		text, _, _ = strings.Cut(err.Error(), "\n")
	}
	f.fault(pos, "this is not YAML: "+text, "check indentation, colons and quotes on this line and the one before")
}

func (f *file) fault(pos position, text, hint string) {
	if len(f.errors) < maxErrors && !f.unread[pos] {
		f.errors = append(f.errors, fault{pos, text, hint})
	}
}

// failure makes one error of all faults.
func (f *file) failure(path string) error {
	slices.SortStableFunc(f.errors, func(a, b fault) int {
		if a.line != b.line {
			return a.line - b.line
		}
		return a.column - b.column
	})
	var b strings.Builder
	for i, e := range f.errors {
		if i > 0 {
			b.WriteString("\n  ")
		}
		fmt.Fprintf(&b, "%s:%d:%d: %s", path, e.line, e.column, e.text)
		if e.hint != "" && len(f.errors) > 1 {
			fmt.Fprintf(&b, " (%s)", e.hint)
		}
	}
	if f.full() {
		fmt.Fprintf(&b, "\n  and perhaps more: only the first %d are listed", maxErrors)
	}
	hint := f.errors[0].hint
	if len(f.errors) > 1 {
		hint = "docs/port-file.md describes every field"
	}
	return &harbour.Error{Kind: harbour.ErrInvalid, Op: "read port file", Message: b.String(), Hint: hint}
}

func pos(n ast.Node) position {
	t := n.GetToken()
	if t == nil || t.Position == nil {
		return position{1, 1}
	}
	return position{t.Position.Line, t.Position.Column}
}

// walk fills v from the tree. Unknown keys, keys given twice and values of the wrong kind are faults, each with its
// place; where every value stands is noted. Text keeps the digits that were written, so that a serial number such as
// 0012345 is not taken for an octal number.
func (f *file) walk(n ast.Node, v reflect.Value, path string, depth int) {
	f.at[path] = pos(n)
	if depth > maxDepth {
		f.spoil(path)
		f.fault(pos(n), "nested too deeply", "")
		return
	}
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		f.spoil(path)
		f.fault(pos(n), "anchors, aliases and tags are not used in a port file", "write the value out")
		return
	case *ast.NullNode:
		return // an empty value is the same as leaving the key out
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.walk(n, v.Elem(), path, depth)
	case reflect.Struct, reflect.Map:
		f.walkMapping(n, v, path, depth)
	case reflect.Slice:
		list, ok := n.(*ast.SequenceNode)
		if !ok {
			f.spoil(path)
			f.fault(pos(n), "expected a list here", "put each entry on a line of its own behind \"- \"")
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), len(list.Values), len(list.Values)))
		for i, x := range list.Values {
			f.walk(x, v.Index(i), fmt.Sprintf("%s[%d]", path, i), depth+1)
		}
	default:
		if !f.walkScalar(n, v) {
			f.spoil(path)
		}
	}
}

func (f *file) walkMapping(n ast.Node, v reflect.Value, path string, depth int) {
	var values []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		values = m.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{m}
	default:
		f.spoil(path)
		f.fault(pos(n), "expected fields here, each as name: value", "")
		return
	}
	if len(values) > 0 {
		f.at[path] = pos(values[0].Key)
	}
	isMap := v.Kind() == reflect.Map
	fields := map[string]reflect.StructField{}
	if isMap {
		v.Set(reflect.MakeMap(v.Type()))
	} else {
		fields = fieldNames(v.Type())
	}
	seen := map[string]bool{}
	for _, x := range values {
		key := x.Key.GetToken().Value
		sub := key
		if path != "" {
			sub = path + "." + key
		}
		if seen[key] {
			f.spoil(sub)
			f.fault(pos(x.Key), fmt.Sprintf("%q is given twice", key), "keep one of the two")
			continue
		}
		seen[key] = true
		if isMap {
			item := reflect.New(v.Type().Elem()).Elem()
			f.walk(x.Value, item, sub, depth+1)
			v.SetMapIndex(reflect.ValueOf(key), item)
			continue
		}
		field, ok := fields[key]
		if !ok {
			hint := "fields here are " + strings.Join(sortedNames(fields), ", ")
			if near := nearest(key, sortedNames(fields)); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
			f.spoil(sub)
			if near := nearest(key, sortedNames(fields)); path == "" && near != "" {
				f.spoil(near)
			}
			f.fault(pos(x.Key), fmt.Sprintf("unknown field %q", clip(key)), hint)
			continue
		}
		f.walk(x.Value, v.FieldByIndex(field.Index), sub, depth+1)
	}
}

func (f *file) walkScalar(n ast.Node, v reflect.Value) bool {
	raw := n.GetToken().Value
	var number string
	switch s := n.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		number = raw
	case *ast.StringNode:
		raw = s.Value
	case *ast.LiteralNode:
		raw = s.Value.Value
	case *ast.BoolNode:
	default:
		f.fault(pos(n), "expected "+describe(v.Type())+" here", "text with colons or brackets stands in quotes")
		return false
	}
	var err error
	switch v.Kind() {
	case reflect.Int:
		var i int64
		if i, err = strconv.ParseInt(number, 10, 64); err == nil {
			v.SetInt(i)
		}
	case reflect.Float64:
		var x float64
		if x, err = strconv.ParseFloat(number, 64); err == nil {
			v.SetFloat(x)
		}
	case reflect.Bool:
		b, ok := n.(*ast.BoolNode)
		if ok {
			v.SetBool(b.Value)
		} else {
			err = strconv.ErrSyntax
		}
	case reflect.String:
		if _, ok := n.(*ast.BoolNode); ok {
			f.fault(pos(n), fmt.Sprintf("expected text, %s is a yes-or-no value", raw), "put it in quotes")
			return false
		}
		v.SetString(raw)
	}
	if err != nil {
		f.fault(pos(n), fmt.Sprintf("expected %s, got %q", describe(v.Type()), clip(raw)), "")
		return false
	}
	return true
}

// clip cuts a text for a message.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

func describe(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	}
	return "text"
}

func fieldNames(t reflect.Type) map[string]reflect.StructField {
	m := map[string]reflect.StructField{}
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("yaml"); name != "" {
			m[name] = t.Field(i)
		}
	}
	return m
}

func sortedNames(m map[string]reflect.StructField) []string {
	var names []string
	for n := range m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// nearest finds the name that differs from s by at most two edits, or a third of its length.
func nearest(s string, names []string) string {
	best, least := "", max(2, len(s)/3)+1
	for _, n := range names {
		if d := evidence.Edits(strings.ToLower(s), n); d < least {
			best, least = n, d
		}
	}
	return best
}
