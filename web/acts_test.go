// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"html"
	"io/fs"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"breakwater/web/shell"
	"breakwater/web/webtest"
)

var declaredAct = regexp.MustCompile(`app\.Action = "([a-z_]+\.[a-z_]+)"`)

// TestEveryActHasWords looks in the source of the use cases for acts of their own, and wants words for each and no words for
// what is none of them.
func TestEveryActHasWords(t *testing.T) {
	var found []string
	err := fs.WalkDir(os.DirFS("../app"), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile("../app/" + path)
		for _, m := range declaredAct.FindAllStringSubmatch(string(b), -1) {
			found = append(found, m[1])
		}
		return err
	})
	if err != nil || len(found) < 20 {
		t.Fatalf("%d acts in the source, %v", len(found), err)
	}
	for _, a := range found {
		if shell.Did(a, "") == a || !slices.Contains(shell.Acts(), a) {
			t.Errorf("web/shell/acts.go has no words for %s", a)
		}
	}
	for _, a := range shell.Acts() {
		if shell.Did(a, "") == a {
			t.Errorf("%s has no words", a)
		}
	}
	if got := shell.Did("never.heard_of", ""); got != "never.heard_of" {
		t.Errorf("an act that nobody knows is given as %q", got)
	}
}

// TestActsInBothPlaces reads one entry in the log and in the history of what it is about.
func TestActsInBothPlaces(t *testing.T) {
	h := webtest.New(t, 8)
	note(t, h, webtest.Skerry, "a-skerry-002", "seen on the quay")
	words := shell.Did("assets.edit", "asset")
	c := h.As("chief-security-officer")
	c.Get("/o/skerry/settings/audit?object=a-skerry-002").Want(200).Says(words)
	c.Get("/o/skerry/assets/a-skerry-002").Want(200).Says(words)
	// The log is filtered by each act that it offers.
	page := c.Get("/o/skerry/settings/audit").Want(200)
	for _, a := range shell.Acts() {
		if !strings.Contains(page.Body, html.EscapeString(a)) {
			t.Errorf("the filter of the log does not offer %s", a)
		}
		c.Get("/o/skerry/settings/audit?action=" + url.QueryEscape(a)).Want(200)
	}
}
