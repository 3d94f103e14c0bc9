// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package logging_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/cmd/breakwater/config"
	"breakwater/cmd/breakwater/logging"
	"breakwater/harbour"
)

func TestScrub(t *testing.T) {
	for in, want := range map[string]string{
		"connect postgres://bw:s3cret@db/x: refused": "connect postgres://bw:HIDDEN@db/x: refused",
		"host=db password=s3cret user=bw":            "host=db password=HIDDEN user=bw",
		"Authorization: Bearer s3cret":               "Authorization: Bearer HIDDEN",
		`token: "s3cret x" no`:                       "token: HIDDEN no",
		"the password is wrong":                      "the password is wrong",
		"http://localhost:8440/ is taken":            "http://localhost:8440/ is taken",
		"mail a@b.example":                           "mail a@b.example",
	} {
		if got := logging.Scrub(in); got != want {
			t.Errorf("Scrub(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestForms(t *testing.T) {
	ctx := app.WithWork(context.Background(), app.Work{Request: "r-one", Job: "j-two"})
	for format, want := range map[string][]string{
		"text":    {"time=", "level=WARN", `msg="it happened"`, "request=r-one", "job=j-two", "password=HIDDEN"},
		"json":    {`"level":"WARN"`, `"msg":"it happened"`, `"request":"r-one"`, `"job":"j-two"`, `"password":"HIDDEN"`},
		"journal": {`<4>msg="it happened"`, "request=r-one", "job=j-two", "password=HIDDEN"},
	} {
		var b bytes.Buffer
		l := logging.New(&b, logging.Options{Log: config.Log{Format: format, Level: "warn"}})
		l.InfoContext(ctx, "it is not said")
		l.WarnContext(ctx, "it happened", slog.String("password", "s3cret"), slog.Any("error", errors.New("postgres://a:s3cret@b")))
		l.With("request", "r-own").Error("with its own")
		got := b.String()
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s lacks %q: %s", format, w, got)
			}
		}
		if strings.Contains(got, "s3cret") || strings.Contains(got, "not said") || strings.Count(got, "\n") != 2 || format == "journal" && (strings.Contains(got, "time=") || !strings.Contains(got, "\n<3>")) {
			t.Errorf("%s: %s", format, got)
		}
	}
	t.Setenv("JOURNAL_STREAM", "8:1")
	var b bytes.Buffer
	logging.New(&b, logging.Options{Log: config.Log{Format: "auto"}}).Info("under systemd")
	if !strings.HasPrefix(b.String(), "<6>msg=") {
		t.Errorf("auto under systemd: %s", b.String())
	}
}

// TestKept wants what is kept to hold ids and kinds, and nothing that was written by people or read from evidence.
func TestKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "log")
	l := logging.New(&bytes.Buffer{}, logging.Options{Log: config.Log{Level: "error", Keep: 1}, Dir: dir})
	ctx := app.WithWork(context.Background(), app.Work{Request: "r-one"})
	cause := fmt.Errorf("open /home-of/ada/crane.pcap at 10.1.2.3: %w", syscall.ENOSPC)
	l.ErrorContext(ctx, "job failed", "job", "j-two", "kind", "read", "organisation", "skerry", "title", "Crane of Ada", "status", 500, "took", time.Second,
		"error", &harbour.Error{Kind: harbour.ErrFull, Op: "read crane.pcap", Message: "of Ada", Err: cause})
	l.Info("Ada came from 10.1.2.3")
	l.WithGroup("g").Info("in a group", "kind", "Ada")
	l.Info("odd", "kind", "10.1.2.3", "state", "ada@port.example", "what", slog.GroupValue(slog.String("kind", "Ada")))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, logging.KeptNow))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	var first map[string]any
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil || len(lines) != 4 {
		t.Fatalf("%v: %s", err, b)
	}
	for k, want := range map[string]any{"msg": "job failed", "request": "r-one", "job": "j-two", "kind": "read", "status": 500.0, "took": "1s", "error": "full", "errno": "no space left on device"} {
		if first[k] != want {
			t.Errorf("%s = %v, want %v", k, first[k], want)
		}
	}
	for _, bad := range []string{"Ada", "ada", "10.1", "crane", "skerry", "home-of"} {
		if strings.Contains(string(b), bad) {
			t.Errorf("%q is kept: %s", bad, b)
		}
	}
}

// TestKeptBound wants two files of no more than what was allowed.
func TestKeptBound(t *testing.T) {
	dir := t.TempDir()
	l := logging.New(&bytes.Buffer{}, logging.Options{Log: config.Log{Keep: 1}, Dir: dir})
	for i := range 15_000 {
		l.Info("something that is said again and again, so that it fills the file", "status", i)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for _, n := range []string{logging.KeptNow, logging.KeptBefore} {
		i, err := os.Stat(filepath.Join(dir, n))
		if err != nil || i.Mode().Perm() != 0o600 {
			t.Fatalf("%v, %v", i, err)
		}
		total += i.Size()
	}
	if total > 1<<20 || total < 1<<18 {
		t.Errorf("%d bytes are kept", total)
	}
	last, err := os.ReadFile(filepath.Join(dir, logging.KeptNow))
	if err != nil || !strings.Contains(string(last), `"status":14999`) {
		t.Errorf("the last event is not there: %v", err)
	}
}

// TestConstant wants the message of every event to stand in the source: what varies is an attribute.
func TestConstant(t *testing.T) {
	root := "../../.."
	seen := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "internal") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok || len(c.Args) == 0 {
				return true
			}
			f, ok := c.Fun.(*ast.SelectorExpr)
			if !ok || !logger(f.X) {
				return true
			}
			i := 0
			switch f.Sel.Name {
			case "Debug", "Info", "Warn", "Error":
			case "DebugContext", "InfoContext", "WarnContext", "ErrorContext":
				i = 1
			case "Log", "LogAttrs":
				i = 2
			default:
				return true
			}
			seen++
			if l, ok := c.Args[i].(*ast.BasicLit); !ok || l.Kind != token.STRING {
				t.Errorf("%s: the message of an event is not constant: make what varies an attribute", set.Position(c.Pos()))
			}
			return true
		})
		return nil
	})
	if err != nil || seen < 30 {
		t.Errorf("%d events found, %v", seen, err)
	}
}

// logger says whether an expression is a log, by its name.
func logger(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name == "log" || x.Name == "slog"
	case *ast.SelectorExpr:
		return x.Sel.Name == "Log" || x.Sel.Name == "log"
	case *ast.CallExpr:
		s, ok := x.Fun.(*ast.SelectorExpr)
		return ok && s.Sel.Name == "log"
	}
	return false
}
