// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"strconv"

	"breakwater/app"
	"breakwater/app/imports"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/web/shell"
)

func (p *pages) registerRetention(s *shell.Shell) {
	s.In("GET settings/retention", p.retention)
	s.In("POST settings/retention", p.setRetention)
	s.In("GET settings/retention/holds", p.holds)
}

// ruleWords say what a rule of retention is about.
var ruleWords = map[string]string{
	string(harbour.EvidencePacket): "Network captures", string(harbour.EvidenceSheet): "Spreadsheets", string(harbour.EvidencePortFile): "Port files but the one that stands",
	string(harbour.EvidenceUnknown): "What was not recognised", imports.Withdrawn: "Withdrawn evidence, before its bytes are deleted",
}

func ruleWord(name string) string { return orElse(ruleWords[name], name) }

// rulesOf reads rules from the fields of an address or a form; "" for none of them given.
func rulesOf(get func(string) string) (rules imports.Rules, given bool, err error) {
	rules = imports.Rules{}
	for _, name := range imports.RuleNames() {
		v := get("days-" + name)
		if v == "" {
			continue
		}
		n, bad := strconv.Atoi(v)
		if bad != nil {
			return nil, true, invalid("set retention", "the number of days is none", "give 1 or more, or 0 to keep it for good")
		}
		rules[name], given = n, true
	}
	return rules, given, nil
}

// retention shows the rules, and what they, or those that are tried in the address, would let go now.
func (p *pages) retention(r *shell.Request) error {
	is, err := p.Imports.Rules(r.Context(), r.By, r.Org.ID)
	if err != nil {
		return err
	}
	tried, trying, err := rulesOf(r.URL.Query().Get)
	if err != nil {
		return err
	}
	if !trying {
		tried = is
	}
	due, err := p.Imports.Preview(r.Context(), r.By, r.Org.ID, tried)
	if err != nil {
		return err
	}
	held, err := p.Evidence.Holds(r.Context(), r.By, r.Org.ID, store.Order{Limit: fewHolds})
	if err != nil {
		return err
	}
	w := windowOf(due, r.URL.Query().Get("cursor"), func(d *imports.Due) string { return d.ID })
	return p.show(r, "retention", shell.Page{Title: "Retention", Lead: "How long evidence is kept, and what that would let go", Body: retentionPage(r, is, tried, trying, w, held)})
}

// fewHolds is how many the page of the rules shows; there is a page of all.
const fewHolds = 20

// holds shows everything that is under a legal hold.
func (p *pages) holds(r *shell.Request) error {
	held, err := p.Evidence.Holds(r.Context(), r.By, r.Org.ID, r.OrderOf("received_at", true))
	if err != nil {
		return err
	}
	return p.show(r, "retention", shell.Page{Title: "Legal holds", Lead: "What is neither withdrawn nor deleted, by whom and why", Body: holdsPage(r, held)}, shell.Crumb{Title: "Retention", Href: r.Path("settings", "retention")})
}

func (p *pages) setRetention(r *shell.Request) error {
	if _, err := r.By.Whole(app.ManageSettings, r.Org.ID); err != nil {
		return err
	}
	rules, _, err := rulesOf(r.PostFormValue)
	if err == nil {
		err = p.Imports.SetRules(r.Context(), r.By, r.Org.ID, rules)
	}
	if err != nil {
		return err
	}
	return r.Done(r.Path("settings", "retention"), shell.OK("The rules hold. They are applied within six hours, and again and again."))
}
