// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"strings"

	"breakwater/app"
	"breakwater/store"
	"breakwater/web/shell"
)

func (p *pages) registerSites(s *shell.Shell) {
	s.In("GET settings/sites", p.sites)
	s.In("POST settings/sites", p.putSite)
	s.In("POST settings/sites/factor", p.requireFactor)
	s.In("POST settings/sites/organisation", p.addOrganisation)
}

func (p *pages) sites(r *shell.Request) error {
	if _, err := r.By.Whole(app.ReadPeople, r.Org.ID); err != nil {
		return err
	}
	list, err := p.Access.Sites(r.Context(), r.By, r.Org.ID)
	if err != nil {
		return err
	}
	factor, err := p.Access.SecondFactorRequired(r.Context(), r.By, r.Org.ID)
	if err != nil {
		return err
	}
	return p.show(r, "sites", shell.Page{Title: "Organisation and sites", Lead: r.Org.Name, Body: sitesPage(r, list, factor), About: shell.Object{Kind: "organisation", ID: r.Org.ID}})
}

func (p *pages) putSite(r *shell.Request) error {
	s := store.Site{Org: r.Org.ID, ID: text(r, "id"), Name: text(r, "name"), TimeZone: text(r, "time_zone"), Jurisdiction: strings.ToUpper(text(r, "jurisdiction"))}
	if err := p.Access.PutSite(r.Context(), r.By, s); err != nil {
		return r.Again(err, p.sites)
	}
	return r.Done(r.Path("settings", "sites"), shell.OK("The site is as you said."))
}

func (p *pages) requireFactor(r *shell.Request) error {
	on := r.PostFormValue("required") != ""
	if err := p.Access.RequireSecondFactor(r.Context(), r.By, r.Org.ID, on); err != nil {
		return err
	}
	says := "A second factor is asked of nobody."
	if on {
		says = "A second factor is asked of everybody with a role here."
	}
	return r.Done(r.Path("settings", "sites"), shell.OK(says))
}

func (p *pages) addOrganisation(r *shell.Request) error {
	if err := p.Access.AddOrganisation(r.Context(), r.By, text(r, "id"), text(r, "name")); err != nil {
		return r.Again(err, p.sites)
	}
	return r.Done(r.Path("settings", "sites"), shell.OK("Added. Choose it at the top of the rail to give it sites and people."))
}
