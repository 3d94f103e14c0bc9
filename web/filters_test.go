// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"breakwater/app/imports"
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

// A value that fits no row by itself is named, with a way to drop it and keep the rest. Filters that only together fit nothing
// are not: none of them is at fault.
func TestFilterThatFitsNothingIsSaid(t *testing.T) {
	h := webtest.New(t, 40)
	h.Give(webtest.Skerry, "quay.pcap", webtest.Capture(6))
	note(t, h, webtest.Skerry, "a-skerry-001", "seen on the quay")
	webtest.NewPort(webtest.Skerry, 40).Publish(t, h.Core.DB, "once more")
	c := h.As(webtest.Everywhere)
	for path, filters := range map[string][]string{
		"assets":         {"zone", "vendor", "site", "supplier", "criticality", "model", "firmware"},
		"findings":       {"rule", "assignee", "asset"},
		"conversations":  {"protocol", "client_zone", "server_zone", "asset", "client", "server"},
		"operations":     {"protocol", "result", "name"},
		"evidence":       {"site"},
		"jobs":           {"kind"},
		"settings/audit": {"actor", "object"},
	} {
		at := "/o/skerry/" + path
		for _, name := range filters {
			q := at + "?" + name + "=" + url.QueryEscape("no <such> one") + "&sort=&col=kind"
			a := c.Get(q).Want(http.StatusOK).Sound().Says("Nothing at all has", "o <such> one .", "Drop this filter")
			if strings.Contains(a.Body, "<such>") {
				t.Errorf("%s: the value is not escaped", q)
			}
			dropped := ""
			for _, l := range a.Links() {
				if strings.HasPrefix(l, at+"?") && !strings.Contains(l, "such") && strings.Contains(l, "col=kind") {
					dropped = l
				}
			}
			if dropped == "" {
				t.Errorf("%s: no way to drop the filter and keep the rest", q)
				continue
			}
			c.Get(dropped).Want(http.StatusOK).Lacks("Nothing at all has")
		}
	}
	for _, q := range []string{
		"assets?kind=plc&vendor=Axis", "assets?zone=z-crane&q=nowhere+to+be+found", "findings?status=accepted&rule=undeclared_asset", "findings?group=rule&q=nowhere+to+be+found",
		"conversations?client_zone=z-crane&protocol=modbus&until=2020-01-01&from=2019-01-01", "operations?verb=read&q=nowhere+to+be+found",
	} {
		a := c.Get("/o/skerry/" + q).Want(http.StatusOK).Sound()
		if strings.Contains(q, "until") { // the days alone fit nothing; the others do
			a.Says("Nothing at all has", "Until: 2020-01-01").Lacks("From zone: Cranes of skerry</bdi></b>")
			continue
		}
		a.Says(" fits").Lacks("Nothing at all has")
	}
	// What others have is as unknown as what nobody has.
	c = h.As("ot-engineer")
	c.Get("/o/skerry/findings?asset=a-hallow-001").Want(http.StatusOK).Says("Nothing at all has", "a-hallow-001").Lacks("hallow crane")
	h.As("facility-security-officer-north").Get("/o/skerry/assets?zone=z-office").Want(http.StatusOK).Says("Nothing at all has").Lacks("Office of skerry")
}

// A value that fits nothing is named above the rows of those that fit, and what fits or is alone in its filter is not.
func TestFilterThatFitsNothingBesideOthers(t *testing.T) {
	h := webtest.New(t, 40)
	h.Give(webtest.Skerry, "quay.pcap", webtest.Capture(6))
	webtest.NewPort(webtest.Skerry, 40).Publish(t, h.Core.DB, "once more")
	c := h.As(webtest.Everywhere)
	for path, pairs := range map[string][]string{
		"assets":        {"zone=z-crane&zone=z-nowhere", "kind=plc&kind=ups&sort=kind"},
		"findings":      {"rule=undeclared_asset&rule=no_such_rule", "assignee=&assignee=p-nobody"},
		"conversations": {"protocol=modbus&protocol=zmodem", "client_zone=z-crane&client_zone=z-nowhere"},
		"operations":    {"protocol=modbus&protocol=zmodem", "verb=read&verb=force"},
		"evidence":      {"site=&site=no-such"},
		"jobs":          {"kind=" + imports.JobRead + "&kind=no.such"},
	} {
		for _, q := range pairs {
			at := "/o/skerry/" + path + "?" + q
			values, _ := url.ParseQuery(q)
			good, bad := "", ""
			for name, v := range values {
				if len(v) > 1 {
					good, bad = name+"="+v[0], name+"="+v[1]
				}
			}
			with := c.Get(at).Want(http.StatusOK).Sound().Says("Nothing at all has")
			if n := strings.Count(with.Body, ">Drop this filter<"); n != 1 || !strings.Contains(with.Body, "<tr data-row") {
				t.Errorf("%s: %d values are said to fit nothing, of %d rows", at, n, strings.Count(with.Body, "<tr data-row"))
			}
			without := c.Get("/o/skerry/" + path + "?" + good).Want(http.StatusOK).Lacks("Nothing at all has")
			if strings.Count(with.Body, "<tr data-row") != strings.Count(without.Body, "<tr data-row") {
				t.Errorf("%s: other rows than without %s", at, bad)
			}
		}
	}
	c.Get("/o/skerry/assets?zone=z-crane&zone=z-office").Want(http.StatusOK).Lacks("Nothing at all has")
	// Who sees a part is told of that part alone.
	h.As("facility-security-officer-north").Get("/o/skerry/assets?zone=z-crane&zone=z-office").Want(http.StatusOK).Says("Nothing at all has").Lacks("Office of skerry")
}

// A text that fits more ends than traffic is looked for is said in the place of the rows: the filters stay, and so does the
// text. Programs and files get it as a problem.
func TestTextFitsTooMuch(t *testing.T) {
	h := webtest.New(t, 420)
	c := h.As("analyst")
	for _, path := range []string{"conversations", "operations"} {
		a := c.Get("/o/skerry/"+path+"?q=crane").Want(http.StatusOK).Sound().Says("More than 400 assets fit the text.", "Search for more of the name").Lacks("Nothing at all has", "<tr data-row")
		if !strings.Contains(a.Body, `name="q" value="crane"`) {
			t.Errorf("%s: the text that was typed is gone", path)
		}
		c.Get("/o/skerry/" + path + "?q=skerry+crane+17").Want(http.StatusOK).Lacks("More than 400")
		c.Get("/o/skerry/" + path + ".csv?q=crane").Want(http.StatusUnprocessableEntity).Says("More than 400 assets fit the text.")
	}
}
