// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/cmd/breakwater/config"
	"breakwater/harbour"
)

var update = flag.Bool("update", false, "write what is found beside the files of testdata")

// TestPage wants the reference page to be made anew after a change.
func TestPage(t *testing.T) {
	b, err := os.ReadFile("../../../docs/configuration.md")
	if err != nil || string(b) != string(config.Page()) {
		t.Errorf("docs/configuration.md is not what the types say (%v): run go generate ./cmd/breakwater/config", err)
	}
}

// TestSettings wants each setting to have what its users need, once.
func TestSettings(t *testing.T) {
	seen := map[string]string{}
	for _, s := range config.Settings() {
		if s.Path == "" || s.Flag == "" || !strings.HasPrefix(s.Env, "BREAKWATER_") || !strings.HasSuffix(s.Words, ".") {
			t.Errorf("%+v lacks a name, a flag, a variable or words", s)
		}
		for _, name := range []string{"path " + s.Path, "flag " + s.Flag, "env " + s.Env} {
			if seen[name] != "" {
				t.Errorf("%s is of %s and of %s", name, seen[name], s.Path)
			}
			seen[name] = s.Path
		}
	}
}

// TestFiles reads files that are right and files that are not; what is said of those lies beside them.
func TestFiles(t *testing.T) {
	good, _ := filepath.Glob("testdata/*.good.yaml")
	bad, _ := filepath.Glob("testdata/*.bad.yaml")
	if len(good) == 0 || len(bad) == 0 {
		t.Fatal("no files")
	}
	for _, f := range append(good, bad...) {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		v, problems := config.Parse(filepath.Base(f), b)
		problems = append(problems, v.Check()...)
		var said strings.Builder
		for _, p := range problems {
			said.WriteString(p.String() + "\n")
		}
		if strings.HasSuffix(f, ".good.yaml") {
			if said.Len() > 0 {
				t.Errorf("%s:\n%s", f, said.String())
			}
			continue
		}
		golden := strings.TrimSuffix(f, ".yaml") + ".txt"
		if *update {
			if err := os.WriteFile(golden, []byte(said.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if diff := cmp.Diff(string(want), said.String()); err != nil || diff != "" || said.Len() == 0 {
			t.Errorf("%s: %v\n%s", f, err, diff)
		}
	}
}

func TestOver(t *testing.T) {
	file, problems := config.Parse("f", []byte("data: from-file\nlisten: 127.0.0.1:1\nsign_in:\n  breached: [a, b]\nlog: {keep_mib: 3}\ntls: {always: true}\n"))
	env, more := config.Environment(func(name string) (string, bool) {
		v, ok := map[string]string{"BREAKWATER_LISTEN": "127.0.0.1:2", "BREAKWATER_URL": "", "BREAKWATER_TLS": "0"}[name]
		return v, ok
	})
	if len(problems)+len(more) > 0 {
		t.Fatal(problems, more)
	}
	got := file.Over(env).Config()
	want := config.Config{
		Place: config.Place{Data: "from-file"}, Listen: "127.0.0.1:2", SignIn: config.SignIn{Breached: []string{"a", "b"}},
		Log: config.Log{Format: "auto", Level: "info", Keep: 3}, Watch: config.Watch{BackupDays: 7}, Backup: config.Backup{At: "02:30", Keep: 14},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, p := config.Environment(func(string) (string, bool) { return "perhaps", true }); len(p) != 4 { // one bool, three numbers
		t.Errorf("what is no value: %v", p)
	}
}

func TestRead(t *testing.T) {
	if _, err := config.Read(filepath.Join(t.TempDir(), "none.yaml")); harbour.KindOf(err) != harbour.ErrUsage {
		t.Errorf("a file that is not there: %v", err)
	}
	f := filepath.Join(t.TempDir(), "large.yaml")
	if err := os.WriteFile(f, []byte("# "+strings.Repeat("x", 1<<20)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := config.Read(f); harbour.KindOf(err) != harbour.ErrInvalid {
		t.Errorf("a file that is too large: %v", err)
	}
}

func TestRedact(t *testing.T) {
	for in, want := range map[string]string{
		"breakwater.db":                                   "breakwater.db",
		"postgres://bw@db/bw?sslmode=require":             "postgres://bw@db/bw?sslmode=require",
		"postgres://bw:s3cret@db/bw":                      "postgres://bw:HIDDEN@db/bw",
		"postgres://db/bw?user=bw&password=s3cret":        "postgres://db/bw?password=HIDDEN&user=bw",
		"postgres://db/bw?sslpassword=s3cret":             "postgres://db/bw?sslpassword=HIDDEN",
		"nats://s3cret@one:4222,nats://bw:s3cret@two":     "nats://HIDDEN@one:4222,nats://bw:HIDDEN@two",
		"postgres://bw:s3%zzcret@db":                      "HIDDEN",
		"host=db password=s3cret user=bw":                 "host=db password=HIDDEN user=bw",
		"host=db password='s3 cret \\' s3cret' dbname=bw": "host=db password=HIDDEN dbname=bw",
	} {
		if got := config.Redact(in); got != want || strings.Contains(got, "cret") {
			t.Errorf("Redact(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestShow wants what is shown to be a file that says the same, but for secrets.
func TestShow(t *testing.T) {
	v, problems := config.Parse("f", []byte("database: postgres://bw:s3cret@db/bw\nlisten: 0.0.0.0:443\nsign_in:\n  breached: [\"a b\"]\n"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	shown := v.Show()
	if strings.Contains(shown, "s3cret") || !strings.Contains(shown, `listen: "0.0.0.0:443" # f:2:9`) || !strings.Contains(shown, "# default") {
		t.Errorf("shown:\n%s", shown)
	}
	again, problems := config.Parse("g", []byte(shown))
	want := v.Config()
	want.Database = "postgres://bw:HIDDEN@db/bw"
	if diff := cmp.Diff(want, again.Config()); len(problems) > 0 || diff != "" {
		t.Errorf("%v\n%s", problems, diff)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"data: x\n", "tls:\n  cert: a\n", "a: [\n", "&a b: *a\n", "log: {level: debug}\n", "--- \n---\n", "? x\n: y\n", "data: !!binary aGk=\n", "x: >\n  y\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, problems := config.Parse("f", b)
		_ = v.Config()
		_ = v.Show()
		for _, p := range problems {
			if p.Message == "" || p.Line < 0 {
				t.Errorf("%+v", p)
			}
		}
	})
}
