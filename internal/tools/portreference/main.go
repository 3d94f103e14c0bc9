// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Command portreference writes the reference page of the port file from the doc comments of its types.
//
//	portreference harbour/port.go docs/port-file.md
package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: portreference SOURCE PAGE")
	}
	page, err := render(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(os.Args[2]), 0o755); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(os.Args[2], page, 0o644); err != nil {
		log.Fatal(err)
	}
}

func render(source string) ([]byte, error) {
	f, err := parser.ParseFile(token.NewFileSet(), source, nil, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	types := map[string]*ast.StructType{}
	docs := map[string]string{}
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, s := range g.Specs {
			t := s.(*ast.TypeSpec)
			if st, ok := t.Type.(*ast.StructType); ok {
				types[t.Name.Name], docs[t.Name.Name] = st, clean(g.Doc)
			}
		}
	}
	var b bytes.Buffer
	b.WriteString("# The port file\n\nGenerated from the types in `harbour/port.go`. A port file is one YAML document; unknown fields, keys given twice and references\nto what is not declared are errors, each named with line and column.\n")
	done := map[string]bool{}
	queue := []string{"Port"}
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		if done[name] {
			continue
		}
		done[name] = true
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n| field | value | meaning |\n|---|---|---|\n", name, docs[name])
		for _, field := range types[name].Fields.List {
			tag, _ := strconv.Unquote(field.Tag.Value)
			kind, ref := typeName(field.Type)
			if types[ref] != nil {
				queue = append(queue, ref)
				kind = strings.Replace(kind, ref, fmt.Sprintf("[%s](#%s)", ref, strings.ToLower(ref)), 1)
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", reflect.StructTag(tag).Get("yaml"), kind, clean(field.Doc))
		}
	}
	return b.Bytes(), nil
}

// clean makes one line of a doc comment.
func clean(c *ast.CommentGroup) string { return strings.Join(strings.Fields(c.Text()), " ") }

// typeName describes a field's type and names the struct in it.
func typeName(e ast.Expr) (text, ref string) {
	switch t := e.(type) {
	case *ast.ArrayType:
		text, ref = typeName(t.Elt)
		return "list of " + text, ref
	case *ast.MapType:
		text, ref = typeName(t.Value)
		return "fields of " + text, ref
	case *ast.StarExpr:
		return typeName(t.X)
	case *ast.Ident:
		switch t.Name {
		case "string":
			return "text", ""
		case "int":
			return "whole number", ""
		case "float64":
			return "number", ""
		case "bool":
			return "true or false", ""
		case "Kind", "ZoneKind", "Verb":
			return "word", ""
		}
		return t.Name, t.Name
	}
	return "", ""
}
