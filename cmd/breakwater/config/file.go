// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"breakwater/evidence"
	"breakwater/harbour"
)

// Bounds of a file.
const (
	maxFile     = 1 << 20
	maxProblems = 100
	maxTokens   = 20_000
)

// Problem is one thing that is wrong with what is set.
type Problem struct {
	Where    string `json:"where"`            // file:line:column, the variable, or what was asked
	Line     int    `json:"line,omitempty"`   // 0 where it is not in a file
	Column   int    `json:"column,omitempty"` // counts characters from 1
	Setting  string `json:"setting,omitempty"`
	Message  string `json:"message"`
	Expected string `json:"expected,omitempty"`
	Hint     string `json:"hint,omitempty"`
	// Warning is set for what does not keep a server from starting.
	Warning bool `json:"warning,omitempty"`
}

// String is the problem on one line, with its hint on another.
func (p Problem) String() string {
	s := p.Where + ": " + p.Message
	if p.Expected != "" {
		s += "; expected " + p.Expected
	}
	if p.Hint != "" {
		s += "\n  hint: " + p.Hint
	}
	return s
}

// Value is what is set for one setting, and where.
type Value struct {
	Text  string   // as it is written; of a list the texts with commas between
	List  []string // of a list
	Where string   // file:line:column, or the variable
	// Line and Column in the file; 0 for what comes from elsewhere.
	Line, Column int
}

// Values are what a file or the environment sets, by the path of the setting.
type Values map[string]Value

// Read reads a file of settings.
//
// Errors: ErrUsage where it cannot be read, ErrInvalid with every problem that it has.
func Read(path string) (Values, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &harbour.Error{Kind: harbour.ErrUsage, Op: "read configuration", Message: "the file " + path + " cannot be opened", Hint: "check the path and the right to read it", Err: err}
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, &harbour.Error{Kind: harbour.ErrUsage, Op: "read configuration", Message: "the file " + path + " cannot be read", Err: err}
	}
	v, problems := Parse(path, b)
	return v, AsError(problems)
}

// AsError makes one error of all problems that keep a server from starting; nil for none.
func AsError(problems []Problem) error {
	var lines []string
	hint := ""
	for _, p := range problems {
		if p.Warning {
			continue
		}
		if hint == "" {
			hint = p.Hint
		}
		p.Hint = ""
		lines = append(lines, p.String())
	}
	if len(lines) == 0 {
		return nil
	}
	if len(lines) > 1 {
		hint = "breakwater config check says what to do about each; docs/configuration.md describes every setting"
	}
	return &harbour.Error{Kind: harbour.ErrInvalid, Op: "read configuration", Message: strings.Join(lines, "\n  "), Hint: hint}
}

// reader reads one file.
type reader struct {
	name     string
	values   Values
	problems []Problem
}

// Parse reads the bytes of a file. Values of settings that have problems are left out.
func Parse(name string, b []byte) (Values, []Problem) {
	r := &reader{name: name, values: Values{}}
	if len(b) > maxFile {
		r.problem(nil, "", fmt.Sprintf("the file is larger than %d MiB", maxFile>>20), "settings, one a line", "is this the right file?")
		return r.values, r.problems
	}
	tokens := lexer.Tokenize(string(b))
	if len(tokens) > maxTokens {
		r.problem(nil, "", "the file holds more than settings could", "a few dozen lines", "is this the right file?")
		return r.values, r.problems
	}
	for _, t := range tokens {
		if t.Type == token.AnchorType || t.Type == token.AliasType || t.Type == token.TagType {
			r.problem(t, "", "anchors, aliases and tags are not read", "the value itself", "write it out where it is needed")
			return r.values, r.problems
		}
	}
	tree, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.syntax(err)
		return r.values, r.problems
	}
	switch {
	case len(tree.Docs) == 0 || len(tree.Docs) == 1 && tree.Docs[0].Body == nil: // nothing is set
	case len(tree.Docs) > 1:
		r.problem(nil, "", "the file holds several documents", "one", "remove the lines that are ---")
	default:
		r.mapping(tree.Docs[0].Body, "", known())
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return r.values, r.problems
}

// known gives every setting, and every group of settings as nil, by path.
func known() map[string]*Setting {
	m := map[string]*Setting{}
	for _, s := range Settings() {
		m[s.Path] = &s
		if group, _, ok := strings.Cut(s.Path, "."); ok {
			m[group] = nil
		}
	}
	return m
}

func (r *reader) place(t *token.Token) (where string, line, column int) {
	if t == nil || t.Position == nil {
		return r.name, 0, 0
	}
	line, column = t.Position.Line, t.Position.Column
	return fmt.Sprintf("%s:%d:%d", r.name, line, column), line, column
}

func (r *reader) problem(t *token.Token, setting, message, expected, hint string) {
	if len(r.problems) >= maxProblems {
		return
	}
	where, line, column := r.place(t)
	r.problems = append(r.problems, Problem{Where: where, Line: line, Column: column, Setting: setting, Message: message, Expected: expected, Hint: hint})
}

func (r *reader) syntax(err error) {
	var t *token.Token
	var placed interface{ GetToken() *token.Token }
	if errors.As(err, &placed) {
		t = placed.GetToken()
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	var said interface{ GetMessage() string }
	if errors.As(err, &said) {
		text = said.GetMessage() // Error would draw the source around it
	}
	r.problem(t, "", "this is not YAML: "+text, "", "check indentation, colons and quotes on this line and the one before")
}

// mapping reads a group of settings; path is "" for the file itself.
func (r *reader) mapping(n ast.Node, path string, known map[string]*Setting) {
	var entries []*ast.MappingValueNode
	switch x := n.(type) {
	case *ast.MappingNode:
		entries = x.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{x}
	case *ast.NullNode:
		return
	case *ast.CommentGroupNode:
		return
	default:
		r.problem(n.GetToken(), path, "this is no group of settings", "lines of the form name: value", "docs/configuration.md shows such a file")
		return
	}
	seen := map[string]*token.Token{}
	for _, e := range entries {
		key := e.Key.GetToken()
		name := key.Value
		at := name
		if path != "" {
			at = path + "." + name
		}
		if first := seen[name]; first != nil {
			r.problem(key, at, fmt.Sprintf("%s stands here a second time", at), "each setting once", fmt.Sprintf("it is set in line %d, too: remove one of the two", first.Position.Line))
			continue
		}
		seen[name] = key
		s, ok := known[at]
		switch {
		case !ok || strings.Contains(name, "."):
			r.problem(key, at, fmt.Sprintf("there is no setting %s", at), "one of "+strings.Join(names(known, path), ", "), nearest(name, names(known, path)))
		case s == nil:
			r.mapping(e.Value, at, known)
		default:
			r.value(e.Value, s)
		}
	}
}

// names lists what may stand in a group.
func names(known map[string]*Setting, group string) (list []string) {
	for path := range known {
		rest := path
		if group != "" {
			var ok bool
			if rest, ok = strings.CutPrefix(path, group+"."); !ok {
				continue
			}
		}
		if !strings.Contains(rest, ".") {
			list = append(list, rest)
		}
	}
	slices.Sort(list)
	return list
}

func (r *reader) value(n ast.Node, s *Setting) {
	where, line, column := r.place(n.GetToken())
	v := Value{Where: where, Line: line, Column: column}
	wrong := func(found string) {
		hint := ""
		if s.Default != "" {
			hint = "without it " + s.Path + " is " + s.Default
		}
		r.problem(n.GetToken(), s.Path, fmt.Sprintf("%s is %s", s.Path, found), s.Type(), hint)
	}
	switch x := n.(type) {
	case *ast.StringNode:
		v.Text = x.Value
	case *ast.LiteralNode:
		v.Text = strings.TrimRight(x.Value.Value, "\n")
	case *ast.BoolNode:
		v.Text = strconv.FormatBool(x.Value)
	case *ast.IntegerNode:
		v.Text = x.GetToken().Value
	case *ast.SequenceNode:
		v.List = []string{}
		for _, e := range x.Values {
			t, ok := e.(*ast.StringNode)
			if !ok {
				r.problem(e.GetToken(), s.Path, "an entry of "+s.Path+" is not a text", "text", "put it in quotes")
				return
			}
			v.List = append(v.List, t.Value)
		}
		v.Text = strings.Join(v.List, ",")
	case *ast.NullNode:
		wrong("empty")
		return
	case *ast.MappingNode, *ast.MappingValueNode:
		wrong("a group of settings")
		return
	default:
		wrong("a number")
		return
	}
	ok, found := true, "a text"
	switch s.kind { //nolint:exhaustive // settings are of these kinds alone
	case reflect.Bool:
		_, ok = n.(*ast.BoolNode)
	case reflect.Int:
		_, err := strconv.Atoi(v.Text)
		_, number := n.(*ast.IntegerNode)
		ok = err == nil && number
	case reflect.Slice:
		if _, one := n.(*ast.StringNode); one { // one text is a list of one
			v.List = []string{v.Text}
		}
		ok = v.List != nil
	default:
		_, one := n.(*ast.StringNode)
		_, block := n.(*ast.LiteralNode)
		ok = one || block
	}
	switch n.(type) {
	case *ast.BoolNode:
		found = "true or false"
	case *ast.IntegerNode:
		found = "a number"
	case *ast.SequenceNode:
		found = "a list"
	}
	if !ok {
		wrong(found)
		return
	}
	r.values[s.Path] = v
}

// nearest is a hint with the name that was probably meant; the place where all are described otherwise.
func nearest(name string, among []string) string {
	best, least := "", len(name)/2+1
	for _, c := range among {
		if d := evidence.Edits(name, c); d < least {
			best, least = c, d
		}
	}
	if best == "" {
		return "docs/configuration.md describes every setting"
	}
	return "did you mean " + best + "?"
}
