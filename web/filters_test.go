// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"breakwater/web/webtest"
)

// A value of a filter that the list does not know is said: a list that left it out would look filtered and not be.
func TestUnknownFilterIsSaid(t *testing.T) {
	h := webtest.New(t, 40)
	for path, filters := range map[string]map[string][]string{ // list → filter → what it knows
		"findings":        {"status": {"open", "accepted", "resolved", "false_positive", "any"}, "severity": {"info", "low", "medium", "high", "critical"}, "group": {"severity", "rule", "assignee", "status"}},
		"assets":          {"domain": {"ot", "it", "physical"}, "kind": {"plc", "hmi", "unknown"}, "level": {"0", "3.5"}, "known": {"declared", "observed", "undeclared", "unseen"}, "worst": {"high"}},
		"conversations":   {"verdict": {"bypass", "unknown"}, "engineering": {"1"}},
		"operations":      {"verb": {"read", "program_download"}, "engineering": {"1"}},
		"evidence":        {"kind": {"packet", "sheet"}, "state": {"read", "deleted"}, "hold": {"yes"}, "received": {"week"}},
		"jobs":            {"state": {"done", "failed"}, "by": {"me"}},
		"zones":           {"conduits": {"all"}},
		"settings/people": {"role": {"analyst"}, "state": {"active"}},
		"settings/audit":  {"kind": {"finding"}, "action": {"access.sign_in"}},
	} {
		c := h.As(webtest.Everywhere)
		at := "/o/skerry/" + path
		plain := c.Get(at).Want(http.StatusOK)
		// The ones of others, and names that mean nothing here, change nothing.
		if a := c.Get(at + "?utm_source=mail&fbclid=x&colour=red").Want(http.StatusOK); strings.Count(a.Body, "<tr") != strings.Count(plain.Body, "<tr") {
			t.Errorf("%s: an unknown parameter changes the list", at)
		}
		for name, known := range filters {
			a := c.Get(at+"?"+name+"="+url.QueryEscape("quite<unknown")).Want(http.StatusUnprocessableEntity).Sound().Says("quite<unknown").Lacks("<table", "<unknown</")
			if name != "group" {
				a.Says("“" + name + "”")
			}
			for _, v := range known {
				a.Says(v)
				c.Get(at + "?" + name + "=" + v).Want(http.StatusOK)
			}
			if found := strings.Contains(a.Text(), "The list without this filter"); !found {
				t.Errorf("%s, %s: no way back to the list", at, name)
			}
			c.Get(at + "?" + name + "=").Want(http.StatusOK)
			for _, form := range []string{".csv", ".xlsx"} {
				if path != "jobs" && path != "zones" && !strings.HasPrefix(path, "settings") && name != "group" {
					c.Get(at + form + "?" + name + "=unknown-one").Want(http.StatusUnprocessableEntity)
				}
			}
		}
	}
	h.As("analyst").Get("/o/skerry/findings?severity=high&status=all").Want(http.StatusUnprocessableEntity).Says("The filter “status” knows no “all”.", "One of: open, accepted, resolved, false_positive, any.")
}
