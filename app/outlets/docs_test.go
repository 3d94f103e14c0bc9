// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package outlets

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"breakwater/harbour"
)

// example takes the first block of a language out of the description for receivers.
func example(t *testing.T, language string) string {
	t.Helper()
	b, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(b), "\n```"+language+"\n")
	code, _, closed := strings.Cut(rest, "\n```")
	if !found || !closed {
		t.Fatalf("docs/api.md has no example in %s", language)
	}
	return code + "\n"
}

// TestExamples checks real requests with the examples that receivers copy.
func TestExamples(t *testing.T) {
	p := newPort(t)
	p.later(time.Since(p.clock())) // the examples refuse what is old
	h := p.hook(true)
	_, secret := p.add(all(h.URL), "")
	p.publish("skerry", finding("f-1", harbour.SeverityHigh, "Kran “stört” 吊車"))
	p.follow()
	p.deliver()
	type call struct {
		Secret  string            `json:"secret"`
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
		Want    bool              `json:"want"`
	}
	var calls []call
	for i, r := range h.got {
		headers := func(change ...string) map[string]string {
			m := map[string]string{}
			for _, name := range []string{"webhook-id", "webhook-timestamp", "webhook-signature"} {
				m[name] = r.Header.Get(name)
			}
			for i := 0; i < len(change); i += 2 {
				m[change[i]] = change[i+1]
			}
			return m
		}
		body := string(h.bodies[i])
		calls = append(
			calls,
			call{secret, headers(), body, true},
			call{secret, headers("webhook-signature", "v1,AAAA v2,x "+r.Header.Get("webhook-signature")), body, true}, // while a secret is renewed
			call{secret, headers(), strings.Replace(body, "skerry", "holm", 1), false},
			call{secret, headers("webhook-id", "evt-other"), body, false},
			call{secret, headers("webhook-timestamp", "1000000000"), body, false},
			call{secret, headers("webhook-signature", ""), body, false},
			call{newSecret(), headers(), body, false},
		)
	}
	if len(calls) != 14 {
		t.Fatalf("%d calls, want those of two events", len(calls))
	}
	in, err := json.Marshal(calls)
	if err != nil {
		t.Fatal(err)
	}
	run := func(dir, name string, args ...string) {
		t.Helper()
		c := exec.CommandContext(t.Context(), name, args...)
		c.Dir, c.Stdin = dir, bytes.NewReader(in)
		if out, err := c.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "" {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	write := func(dir, name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("python", func(t *testing.T) {
		python, err := exec.LookPath("python3")
		if err != nil {
			t.Skip("there is no python3")
		}
		dir := t.TempDir()
		write(dir, "check.py", example(t, "python")+`
import json, sys
for i, c in enumerate(json.load(sys.stdin)):
    got = verify(c["secret"], c["headers"], c["body"].encode())
    if got != c["want"]:
        print("call", i, "is", got)
`)
		run(dir, python, "check.py")
	})
	t.Run("go", func(t *testing.T) {
		dir := t.TempDir()
		write(dir, "go.mod", "module receiver\n\ngo 1.26\n")
		write(dir, "verify.go", strings.Replace(example(t, "go"), "package receiver", "package main", 1))
		write(dir, "main.go", `package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

func main() {
	var calls []struct {
		Secret, Body string
		Headers      map[string]string
		Want         bool
	}
	if err := json.NewDecoder(os.Stdin).Decode(&calls); err != nil {
		fmt.Println(err)
	}
	for i, c := range calls {
		h := http.Header{}
		for name, v := range c.Headers {
			h.Set(name, v)
		}
		if got := Verify(c.Secret, h, []byte(c.Body)); got != c.Want {
			fmt.Println("call", i, "is", got)
		}
	}
}
`)
		run(dir, "go", "run", ".")
	})
}
