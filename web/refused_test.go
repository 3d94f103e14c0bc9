// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"breakwater/app/outlets"
	"breakwater/web/webtest"
)

// What was typed into a form that is refused is there still, with the error beside its field and the focus on it.
func TestRefusedFormComesBack(t *testing.T) {
	h := webtest.New(t, 60)
	soon := h.Core.Clock().UTC().AddDate(0, 1, 0).Format(time.DateOnly)
	finding := "/o/skerry/findings/f-skerry-002"
	webhook, _, err := h.Options.Outlets.Add(t.Context(), h.Actor(webtest.Role{Name: "administrator", Code: "administrator"}, webtest.Skerry), webtest.Skerry, outlets.Settings{Kind: outlets.Webhook, Name: "To the SOC", Target: "https://soc.port.example/x", Events: []string{"*"}}, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		name, role, page, to string
		sent                 []string
		about                string   // the field that the error stands beside; "" for the first of the form
		says                 string   // of the error
		keeps                []string // pairs of name and value that are there still
	}{
		{"no reason", "chief-security-officer", finding, finding + "/decide", []string{"act", "accept", "version", "0", "until", soon, "reason-accept", ""}, "reason-accept", "An acceptance needs a reason.", []string{"until", soon}},
		{"a past date", "chief-security-officer", finding, finding + "/decide", []string{"act", "accept", "version", "0", "until", "2001-01-01", "reason-accept", "it is replaced\nin spring"}, "until", "lies ahead", []string{"until", "2001-01-01", "reason-accept", "it is replaced\nin spring"}},
		{"no date", "chief-security-officer", finding, finding + "/decide", []string{"act", "accept", "version", "0", "until", "soon", "reason-accept", "x"}, "until", "needs a date", []string{"reason-accept", "x"}},
		{"a false one", "chief-security-officer", finding, finding + "/decide", []string{"act", "false_positive", "version", "0", "reason-false_positive", " "}, "reason-false_positive", "needs a reason", nil},
		{"too long", "chief-security-officer", finding, finding + "/decide", []string{"act", "resolve", "version", "0", "reason-resolve", strings.Repeat("x", 2100)}, "reason-resolve", "too long", []string{"reason-resolve", strings.Repeat("x", 2100)}},
		{"one who may not act", "chief-security-officer", finding, finding + "/decide", []string{"act", "assign", "version", "0", "assignee", "p-auditor-skerry"}, "assignee", "may not act on findings there", nil},
		{"somebody else", "chief-security-officer", finding, finding + "/decide", []string{"act", "assign", "version", "0", "assignee", "p-nobody"}, "assignee", "no such person", nil},
		{"many, no date", "chief-security-officer", "/o/skerry/findings?severity=critical", "/o/skerry/findings/decide", []string{"act", "accept", "back", "/o/skerry/findings?severity=critical", "id", "f-skerry-010", "id", "f-skerry-002", "reason-accept", "they go in spring"}, "until", "needs a date", []string{"reason-accept", "they go in spring"}},
		{"a view without name", "analyst", "/o/skerry/findings?severity=low", "/o/skerry/views", []string{"page", "findings", "query", "severity=low", "name", " "}, "name", "needs a name", []string{"query", "severity=low"}},
		{"a stated level", "ot-engineer", "/o/skerry/assets/a-skerry-002", "/o/skerry/assets/a-skerry-002/state", []string{"field", "level", "version", "0", "value", "9", "reason", "seen on site"}, "value", "no Purdue level", []string{"reason", "seen on site"}},
		{"many stated", "ot-engineer", "/o/skerry/assets", "/o/skerry/assets/state", []string{"id", "a-skerry-002", "id", "a-skerry-003", "field-level", "9", "field-location", "quay 4", "reason", "seen"}, "", "no Purdue level", []string{"field-location", "quay 4", "reason", "seen"}},
		{"an organisation", webtest.Everywhere, "/o/skerry/settings/sites", "/o/skerry/settings/sites/organisation", []string{"name", "West terminal", "id", "West Terminal!"}, "id", "short name", []string{"name", "West terminal", "id", "West Terminal!"}},
		{"networks", webtest.Everywhere, "/o/skerry/settings/outlets", "/o/skerry/settings/outlets/networks", []string{"networks", "10.0.0.0/8\nnone"}, "networks", "no network", []string{"networks", "10.0.0.0/8\nnone"}},
		{"a person's name", webtest.Everywhere, "/o/skerry/settings/people/p-analyst-skerry", "/o/skerry/settings/people/p-analyst-skerry/edit", []string{"version", "1", "name", "Ana Lyst", "login", "a b", "email", "ana@port.example"}, "login", "sign-in name", []string{"name", "Ana Lyst", "email", "ana@port.example"}},
		{"a role", webtest.Everywhere, "/o/skerry/settings/people/p-analyst-skerry", "/o/skerry/settings/people/p-analyst-skerry/give", []string{"version", "1", "role", "supplier-contact", "supplier", "", "reason", "he helps us"}, "supplier", "needs a supplier", []string{"reason", "he helps us"}},
		{"a new person", webtest.Everywhere, "/o/skerry/settings/people/new", "/o/skerry/settings/people/new", []string{"name", "Jo Smit", "login", "Jo Smit!", "email", "jo@port.example", "role", "analyst", "site", "north"}, "login", "sign-in name", []string{"name", "Jo Smit", "login", "Jo Smit!", "email", "jo@port.example"}},
		{"a new site", webtest.Everywhere, "/o/skerry/settings/sites", "/o/skerry/settings/sites", []string{"id", "", "name", "Pier 9", "time_zone", "Nowhere/Land", "jurisdiction", "NL"}, "time_zone", "no such time zone", []string{"name", "Pier 9", "time_zone", "Nowhere/Land", "jurisdiction", "NL"}},
		{"a country", webtest.Everywhere, "/o/skerry/settings/sites", "/o/skerry/settings/sites", []string{"id", "", "name", "Pier 9", "time_zone", "UTC", "jurisdiction", "9"}, "jurisdiction", "two capital letters", []string{"name", "Pier 9", "jurisdiction", "9"}},
		{"a token's day", webtest.Everywhere, "/o/skerry/settings/tokens/new", "/o/skerry/settings/tokens/new", []string{"label", "historian", "until", "2001-01-01", "action", "assets.read"}, "until", "within a year", []string{"label", "historian", "until", "2001-01-01"}},
		{"a token for nothing", webtest.Everywhere, "/o/skerry/settings/tokens/new", "/o/skerry/settings/tokens/new", []string{"label", "historian", "until", soon}, "action", "without actions", []string{"label", "historian", "until", soon}},
		{"a webhook", webtest.Everywhere, "/o/skerry/settings/add-outlet/webhook", "/o/skerry/settings/add-outlet/webhook", []string{"name", "To the SOC", "target", "gopher://x", "all", "1", "severity", "high"}, "target", "address of the webhook", []string{"name", "To the SOC", "target", "gopher://x"}},
		{"a webhook for nothing", webtest.Everywhere, "/o/skerry/settings/add-outlet/webhook", "/o/skerry/settings/add-outlet/webhook", []string{"name", "To the SOC", "target", "https://soc.port.example/x", "severity", "high"}, "event", "without events", []string{"name", "To the SOC", "target", "https://soc.port.example/x"}},
		{"a log server", webtest.Everywhere, "/o/skerry/settings/add-outlet/syslog", "/o/skerry/settings/add-outlet/syslog", []string{"name", "Logs", "target", "log.port.example:6514", "transport", "tls", "facility", "99", "all", "1"}, "facility", "no facility", []string{"name", "Logs", "target", "log.port.example:6514", "facility", "99"}},
		{"mail", webtest.Everywhere, "/o/skerry/settings/add-outlet/mail", "/o/skerry/settings/add-outlet/mail", []string{"name", "Mail", "target", "mail.port.example:587", "security", "starttls", "from", "a@port.example", "to", "b@port.example\nnobody", "digest", "daily", "all", "1"}, "to", "not a mail address", []string{"from", "a@port.example", "to", "b@port.example\nnobody"}},
		{"an outlet's change", webtest.Everywhere, "/o/skerry/settings/outlets/" + webhook, "/o/skerry/settings/outlets/" + webhook + "/change", []string{"version", "1", "name", " ", "target", "https://soc.port.example/y", "all", "1", "severity", "high"}, "name", "needs a name", []string{"target", "https://soc.port.example/y"}},
		{"rules of retention", webtest.Everywhere, "/o/skerry/settings/retention?days-packet=99999999", "/o/skerry/settings/retention", []string{"days-packet", "99999999"}, "", "", nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := h.As(x.role)
			if a := c.Get(x.page); a.Status != http.StatusOK {
				t.Skip("the page itself says so: ", a.Text())
			}
			a := c.Post(x.to, x.sent...).Want(http.StatusUnprocessableEntity)
			for i := 0; i+1 < len(x.keeps); i += 2 {
				found := a.Typed(x.keeps[i], x.keeps[i+1])
				if found.Value == "" { // no box
					found = a.Typed(x.keeps[i])
				}
				if x.keeps[i] == "reason" || x.keeps[i] == "query" { // several forms have one
					if !strings.Contains(a.Body, x.keeps[i+1]) {
						t.Errorf("%s lost %q", x.keeps[i], x.keeps[i+1])
					}
				} else if found.Value != x.keeps[i+1] || !found.Open {
					t.Errorf("%s is %+v, want %q and open", x.keeps[i], found, x.keeps[i+1])
				}
			}
			if x.about != "" {
				if f := a.Typed(x.about); !strings.Contains(f.Wrong, x.says) || !f.Focus || !f.Open {
					t.Errorf("%s: %+v", x.about, f)
				}
			} else {
				a.Says(x.says)
			}
			if n := strings.Count(a.Body, "autofocus"); n != 1 {
				t.Errorf("%d fields have the focus", n)
			}
			a.Sound()
		})
	}

	// The selection is kept with what was typed.
	c := h.As("chief-security-officer")
	a := c.Post("/o/skerry/findings/decide", "act", "accept", "back", "/o/skerry/findings?status=any&sort=rule", "id", "f-skerry-002", "until", soon).Want(http.StatusUnprocessableEntity)
	if !a.Typed("id", "f-skerry-002").Checked || a.Typed("id", "f-skerry-004").Checked {
		t.Error("other rows are selected than were")
	}

	// What cannot be mended in the form, and what no page sent, is said on a page of its own.
	c.Get(finding)
	c.Post(finding+"/decide", "act", "explode", "version", "0").Want(http.StatusUnprocessableEntity)
	h.As("auditor").Post(finding+"/decide", "act", "resolve", "version", "0").Want(http.StatusForbidden).Lacks("refused\"")
	c.Header.Set("Referer", "http://evil.example/o/skerry/findings")
	c.Post("/o/skerry/views", "page", "findings", "name", "").Want(http.StatusUnprocessableEntity).Lacks(`id="refused"`)
	c.Header.Set("Referer", "http://example.com//evil.example/")
	c.Post("/o/skerry/views", "page", "findings", "name", "").Want(http.StatusUnprocessableEntity).Lacks(`id="refused"`)

	// A second refusal comes back as well as the first, though the address is now one that forms are sent to.
	v := h.As("analyst")
	v.Get("/o/skerry/findings?severity=low")
	v.Post("/o/skerry/views", "page", "findings", "name", "")
	v.Header.Set("Referer", "http://example.com/o/skerry/views")
	v.Post("/o/skerry/views", "page", "findings", "name", "", "breakwater-page", "/o/skerry/findings?severity=low").Want(http.StatusUnprocessableEntity).Says("needs a name")
	// And the mended form goes through.
	v.Follow(v.Post("/o/skerry/views", "page", "findings", "query", "severity=low", "name", "low ones", "breakwater-page", "/o/skerry/findings?severity=low")).Says("is kept")
}

func TestRefusedDecisionInBrowser(t *testing.T) {
	h := webtest.New(t, 40)
	b := webtest.Start(t).Tab(t, h, "chief-security-officer", webtest.Look{})
	b.Go("/o/skerry/findings/f-skerry-002")
	b.Run(chromedp.Evaluate[chromedp.Void](`(() => { const f = document.querySelector("input[name=until]"); f.closest("details").open = true; f.form.noValidate = true; f.value = "2001-01-01"; f.form.querySelector("textarea").value = "it is replaced in spring"; f.form.querySelector("button").click() })()`))
	b.Wait(`document.querySelector("#refused") !== null && document.documentElement.hasAttribute("data-ready")`)
	if at := webtest.Eval[string](b, `document.activeElement.name + " " + document.activeElement.value`); at != "until 2001-01-01" {
		t.Errorf("the focus is on %q", at)
	}
	if is := webtest.Eval[string](b, `document.querySelector("[name=reason-accept]").value`); is != "it is replaced in spring" {
		t.Errorf("the reason is %q", is)
	}
	b.Shot("refused")
	b.Axe()
	refusals(t, b)
	b.Go("/o/skerry/findings")
	b.Click("tbody tr:nth-child(2) input[data-select]")
	b.Click("#many-accept summary")
	b.Type("[name=reason-accept]", "they go in spring")
	b.Click("#many-accept button")
	b.Wait(`document.querySelector("#refused") !== null && document.documentElement.hasAttribute("data-ready")`)
	if is := webtest.Eval[string](b, `document.activeElement.name + ", " + document.querySelector("[data-selected-count]").textContent + ", " + document.querySelector("[name=reason-accept]").value`); is != "until, 1 selected, they go in spring" {
		t.Error(is)
	}
	b.Shot("refused-many")
	b.Axe()
	refusals(t, b)
}

// refusals takes from the console what the browser says of each answer with a status of errors; nothing else may be there.
func refusals(t *testing.T, b *webtest.Tab) {
	t.Helper()
	for _, line := range b.Noise() {
		if !strings.Contains(line, "422") {
			t.Error(line)
		}
	}
}
