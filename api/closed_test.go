// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/url"
	"strings"
	"testing"

	"breakwater/app/access"
)

// TestUnknownFilterValue wants a value that a closed filter does not know to be named, with what the filter knows: in lists and
// in exports, as pages do.
func TestUnknownFilterValue(t *testing.T) {
	h := newHouse(t)
	for path, filters := range map[string]map[string][]string{
		"assets":        {"domain": {"it", "ot", "physical"}, "kind": {"plc", "hmi", "unknown"}, "level": {"0", "3.5"}, "known": {"declared", "unseen"}, "worst": {"info", "critical"}},
		"findings":      {"severity": {"low", "high"}, "status": {"open", "false_positive"}},
		"conversations": {"verdict": {"bypass", "unknown"}},
		"operations":    {"verb": {"read", "program_download"}},
		"evidence":      {"kind": {"packet", "sheet"}, "state": {"read", "deleted"}},
		"jobs":          {"state": {"done", "failed"}},
	} {
		for name, known := range filters {
			for _, to := range []string{"", "/export", "/export?format=csv"} {
				if to != "" && (path == "evidence" || path == "jobs") {
					continue
				}
				at := Prefix + "skerry/" + path + to
				join := "?"
				if strings.Contains(to, "?") {
					join = "&"
				}
				p := problemIn(t, h.ask(access.ChiefSecurity, "GET", at+join+name+"="+url.QueryEscape("mist<yped"), ""))
				if p.Status != 422 || p.Detail != "the filter “"+name+"” knows no “mist<yped”" || len(p.Errors) != 1 || !strings.HasPrefix(p.Errors[0].Location, "query."+name) || !strings.HasPrefix(p.Errors[0].Message, "“mist<yped” is not known; one of: ") {
					t.Errorf("%s by %s: %+v", at, name, p)
				}
				for _, v := range known {
					if !strings.Contains(p.Hint, v) {
						t.Errorf("%s by %s: the hint does not name %s: %s", at, name, v, p.Hint)
					}
					if w := h.ask(access.ChiefSecurity, "GET", at+join+name+"="+v, ""); w.Code != 200 {
						t.Errorf("%s by %s=%s = %d: %s", at, name, v, w.Code, w.Body)
					}
				}
			}
		}
	}
	// Of several values the one that is not known is named, at its place; a long one is cut.
	p := problemIn(t, h.ask(access.ChiefSecurity, "GET", Prefix+"skerry/findings?severity=high&severity=hihg&status="+strings.Repeat("x", 300), ""))
	if len(p.Errors) != 2 || p.Errors[0].Location != "query.severity[1]" || !strings.Contains(p.Errors[0].Message, "“hihg”") || len(p.Errors[1].Message) > 250 || p.Detail != "the request does not fit its description" {
		t.Errorf("two that are not known: %+v", p)
	}
	// What is sent in a body is not repeated.
	p = problemIn(t, h.ask(access.ChiefSecurity, "POST", Prefix+"skerry/findings/decisions", `{"findings":[{"id":"f-001"}],"status":"secret-word"}`))
	if p.Status != 422 || strings.Contains(p.Detail+p.Errors[0].Message, "secret-word") {
		t.Errorf("a body: %+v", p)
	}
}
