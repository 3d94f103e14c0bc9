// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package breakwater

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

var update = flag.Bool("update", false, "write deps.txt")

// floors of the house, top to bottom (ARCHITECTURE.md). A package imports only from floors below its own.
var floors = [][]string{
	{"cmd", "web", "api", "sensor", "sim"},
	{"app"},
	{"document", "exchange"},
	{"store", "bus", "pipeline"},
	{"analysis", "programme"},
	{"evidence"},
	{"netset", "version", "graph", "calendar", "wire", "view", "tables"},
	{"harbour"},
}

// crossings are imports within a floor that the picture allows, each with its reason.
var crossings = map[string]string{
	"cmd → sim":    "the command line starts the reference port",
	"cmd → web":    "the command line starts the server",
	"cmd → api":    "the command line starts the server",
	"cmd → sensor": "the command line starts the sensor",

	"store → internal": "storetest, which only tests import, opens the databases of the suite",
}

func floorOf(pkg string) (floor int, room string) {
	pkg = strings.TrimPrefix(pkg, "breakwater/")
	room, _, _ = strings.Cut(pkg, "/")
	for i, f := range floors {
		if slices.Contains(f, room) {
			return i, room
		}
	}
	return -1, room
}

// room within a floor: packages of different rooms of one floor do not import one another. In evidence, analysis,
// programme and app each folder is a room; the folder itself is common to its rooms.
func sameRoom(a, b string) bool {
	a, b = strings.TrimPrefix(a, "breakwater/"), strings.TrimPrefix(b, "breakwater/")
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	if x[0] != y[0] {
		return false
	}
	switch x[0] {
	case "evidence", "analysis", "programme", "app", "exchange":
		return len(x) == 1 || len(y) == 1 || x[1] == y[1]
	}
	return true
}

type goPackage struct {
	ImportPath, Dir, Doc  string
	Imports, TestGoFiles  []string
	GoFiles, XTestGoFiles []string
	Module                *struct{ Path, Version, Dir string }
	Standard              bool
}

func goList(t *testing.T, args ...string) (pkgs []goPackage) {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command("go", append([]string{"list", "-json"}, args...)...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var p goPackage
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
	return pkgs
}

func TestFloors(t *testing.T) {
	for _, p := range goList(t, "./...") {
		floor, room := floorOf(p.ImportPath)
		if room == "internal" || p.ImportPath == "breakwater" {
			continue
		}
		if floor < 0 {
			t.Errorf("%s stands on no floor: add its room to floors in repo_test.go and to ARCHITECTURE.md, or move it", p.ImportPath)
			continue
		}
		for _, i := range p.Imports {
			if !strings.HasPrefix(i, "breakwater/") {
				if room == "harbour" && strings.Contains(strings.Split(i, "/")[0], ".") {
					t.Errorf("%s imports %s: harbour imports the standard library alone", p.ImportPath, i)
				}
				continue
			}
			below, other := floorOf(i)
			_, allowed := crossings[room+" → "+other]
			if below < floor && !(allowed && other == "internal") || below == floor && !allowed && !sameRoom(p.ImportPath, i) {
				t.Errorf("%s imports %s, which is not below it: move what both need to a lower floor", p.ImportPath, i)
			}
		}
	}
}

func TestPackageComments(t *testing.T) {
	for _, p := range goList(t, "./...") {
		if len(strings.Fields(p.Doc)) < 6 {
			t.Errorf("%s has no package comment: say in doc.go what it is for and what is safe concurrently", p.ImportPath)
		}
	}
}

// sources lists the files of the project that git knows or would add.
func sources(t *testing.T) (files []string) {
	t.Helper()
	out, err := exec.Command("git", "ls-files", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules") {
				return fs.SkipDir
			}
			if err == nil && d.Type().IsRegular() {
				files = append(files, p)
			}
			return nil
		})
		return files
	}
	for f := range strings.SplitSeq(strings.TrimSpace(string(out)), "\n") {
		if _, err := os.Stat(f); err == nil {
			files = append(files, f)
		}
	}
	return files
}

// words that no file may hold, with the files that may and why.
var words = []struct {
	re     *regexp.Regexp
	except map[string]string
	mend   string
}{
	{regexp.MustCompile(`\b(TODO|FIXME|XXX)\b`), map[string]string{"repo_test.go": "names them", "tables/oui/oui.txt": "a holder is called FIXME GmbH"}, "finish it or leave it out"},
	{regexp.MustCompile(`not implemented`), map[string]string{"repo_test.go": "names it"}, "what is not built is not mentioned"},
	{regexp.MustCompile(`(^|[^a-z])/(work|farm)/|/root/|/home/[a-z]`), map[string]string{"repo_test.go": "names them"}, "no path of one machine"},
	{regexp.MustCompile(`\.\./shared|"shared"`), map[string]string{"repo_test.go": "names it", "internal/testdata/testdata.go": "the one helper"}, "use internal/testdata"},
	{regexp.MustCompile(`registry\.npmjs\.org|proxy\.golang\.org|deb\.debian\.org`), nil, "no registry hosts"},
}

func TestWords(t *testing.T) {
	for _, f := range sources(t) {
		b, err := os.ReadFile(f)
		if err != nil || bytes.IndexByte(b, 0) >= 0 || strings.HasSuffix(f, ".sum") {
			continue
		}
		for _, w := range words {
			at := w.re.FindIndex(b)
			if reason := w.except[f]; reason != "" {
				if at == nil {
					t.Errorf("%s is excepted from %q (%s) and does not need it: remove the exception from repo_test.go", f, w.re, reason)
				}
				continue
			}
			if at != nil {
				t.Errorf("%s:%d holds %q: %s", f, bytes.Count(b[:at[0]], []byte("\n"))+1, b[at[0]:at[1]], w.mend)
			}
		}
	}
}

// headed says whether a Go file starts with the two SPDX lines. templ puts lines of its own before and between them.
func headed(name string, b []byte) bool {
	const who, terms = "// SPDX-FileCopyrightText: ", "// SPDX-License-Identifier: Apache-2.0\n"
	if strings.HasSuffix(name, "_templ.go") {
		head := b[:min(len(b), 400)]
		return bytes.Contains(head, []byte(who)) && bytes.Contains(head, []byte(terms))
	}
	_, second, _ := bytes.Cut(b, []byte("\n"))
	return bytes.HasPrefix(b, []byte(who)) && bytes.HasPrefix(second, []byte(terms))
}

// longest is how many lines a file may have before it is more than one idea.
const longest = 900

func TestGoFiles(t *testing.T) {
	for _, f := range sources(t) {
		if !strings.HasSuffix(f, ".go") {
			continue
		}
		b, _ := os.ReadFile(f)
		generated := bytes.Contains(b, []byte("DO NOT EDIT."))
		if !headed(f, b) {
			t.Errorf("%s does not start with the two SPDX lines: copy them from another file, for a generated one in its generator", f)
		}
		if n := bytes.Count(b, []byte("\n")); n > longest && !generated {
			t.Errorf("%s has %d lines: split it by subject", f, n)
		}
		tree, err := parser.ParseFile(token.NewFileSet(), f, b, parser.SkipObjectResolution)
		if err != nil {
			t.Errorf("%v: mend the syntax", err)
			continue
		}
		for _, i := range tree.Imports {
			if i.Path.Value == `"C"` {
				t.Errorf("%s uses cgo: the product is built without; write it in Go", f)
			}
		}
		noPanic := strings.HasPrefix(f, "evidence/") || strings.HasPrefix(f, "wire/")
		test := strings.HasSuffix(f, "_test.go")
		ast.Inspect(tree, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.FuncDecl:
				if x.Name.Name == "init" && x.Recv == nil && !generated {
					t.Errorf("%s has an init function: register by an explicit list", f)
				}
			case *ast.CallExpr:
				if id, ok := x.Fun.(*ast.Ident); ok && id.Name == "panic" && noPanic && !test {
					t.Errorf("%s panics: a reader of untrusted bytes reports a problem instead", f)
				}
			}
			return true
		})
	}
}

// TestFuzzed wants a fuzz test in every package that reads bytes from outside.
func TestFuzzed(t *testing.T) {
	reads := regexp.MustCompile(`(?m)^func (\([a-z]+ \*?[A-Z]\w*\) )?[A-Z]\w*\([^)]*(\[\]byte|io\.Reader|evidence\.Source)`)
	for _, p := range goList(t, "./evidence/...", "./tables/...") {
		outside := false
		for _, f := range p.GoFiles {
			b, _ := os.ReadFile(filepath.Join(p.Dir, f))
			outside = outside || reads.Match(b)
		}
		if !outside || notReaders[p.ImportPath] != "" {
			continue
		}
		fuzzed := false
		for _, f := range append(p.TestGoFiles, p.XTestGoFiles...) {
			b, _ := os.ReadFile(filepath.Join(p.Dir, f))
			fuzzed = fuzzed || bytes.Contains(b, []byte("func Fuzz"))
		}
		if !fuzzed {
			t.Errorf("%s reads bytes from outside and has no fuzz test: add a func Fuzz… with seeds; if it only passes bytes on, name it in notReaders", p.ImportPath)
		}
	}
}

// notReaders take bytes and do not interpret them.
var notReaders = map[string]string{
	"breakwater/evidence":       "stores what readers have taken apart",
	"breakwater/evidence/spool": "sorts rows of its own process, in files that go with it",
}

// TestDissectorsFuzzed wants every protocol named in a fuzz test of its package, but for those that ride in another one
// and are fuzzed through it.
func TestDissectorsFuzzed(t *testing.T) {
	decl := regexp.MustCompile(`(?m)^var (\w+) = Protocol\{[^}]*`)
	files, _ := filepath.Glob("evidence/packet/dissect/*.go")
	var tests []byte
	var names []string
	for _, f := range files {
		b, _ := os.ReadFile(f)
		if strings.HasSuffix(f, "_test.go") {
			tests = append(tests, b...)
			continue
		}
		for _, m := range decl.FindAllSubmatch(b, -1) {
			if !bytes.Contains(m[0], []byte("Refines:")) {
				names = append(names, string(m[1]))
			}
		}
	}
	if len(names) == 0 {
		t.Fatal("no protocols found")
	}
	for _, n := range names {
		if !bytes.Contains(tests, []byte("fuzzProtocol(f, &"+n)) && !bytes.Contains(tests, []byte("fuzzProtocol(f, All()")) {
			t.Errorf("no fuzz test calls fuzzProtocol with %s: add one to its test file, with messages as seeds", n)
		}
	}
}

func TestGoMod(t *testing.T) {
	for _, f := range []string{"go.mod", "tools/go.mod"} {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if regexp.MustCompile(`(?m)^replace\b`).Match(b) {
			t.Errorf("%s replaces a module: use a version that can be fetched, so that go install works", f)
		}
	}
}

// TestDeps keeps deps.txt, the modules linked into the program, so that a new one shows in the diff.
func TestDeps(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range goList(t, "-deps", "./cmd/breakwater") {
		if p.Module != nil && p.Module.Version != "" {
			seen[p.Module.Path+" "+p.Module.Version] = true
		}
	}
	var lines []string
	for l := range seen {
		lines = append(lines, l)
	}
	slices.Sort(lines)
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile("deps.txt", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("deps.txt")
	if err != nil || got != string(want) {
		t.Errorf("deps.txt does not list the linked modules (%v): look at the change, then run go test -run TestDeps -update .\n%s", err, got)
	}
}

// TestLinks wants every relative link of the texts to lead to a file, and those to a heading to one that is there.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	for _, f := range sources(t) {
		if !strings.HasSuffix(f, ".md") {
			continue
		}
		b, _ := os.ReadFile(f)
		for _, m := range link.FindAllSubmatch(b, -1) {
			to := string(m[1])
			if strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
				continue
			}
			path, heading, _ := strings.Cut(to, "#")
			target := f
			if path != "" {
				target = filepath.Join(filepath.Dir(f), path)
			}
			text, err := os.ReadFile(target)
			if err != nil {
				t.Errorf("%s links to %s, which is not there: mend the link", f, to)
				continue
			}
			if heading != "" && !slices.Contains(headings(text), heading) {
				t.Errorf("%s links to %s, which has no such heading: mend the link", f, to)
			}
		}
	}
}

// TestCited wants the pages that comments send their readers to.
func TestCited(t *testing.T) {
	page := regexp.MustCompile(`\bdocs/[a-z0-9/-]+\.md\b`)
	for _, f := range sources(t) {
		if !strings.HasSuffix(f, ".go") {
			continue
		}
		b, _ := os.ReadFile(f)
		for _, name := range page.FindAll(b, -1) {
			if _, err := os.Stat(string(name)); err != nil {
				t.Errorf("%s speaks of %s, which is not there: write it, or mend the name", f, name)
			}
		}
	}
}

// headings lists the anchors of a text's headings as they are made by those who show it.
func headings(text []byte) (anchors []string) {
	for line := range strings.SplitSeq(string(text), "\n") {
		name := strings.TrimLeft(line, "#")
		if name == line || !strings.HasPrefix(name, " ") {
			continue
		}
		anchors = append(anchors, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(name)))
	}
	return anchors
}
