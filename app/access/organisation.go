// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"slices"
	"strings"
	"time"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// Organisations lists those in which the actor has a role, by name.
func (u *Access) Organisations(ctx context.Context, by *app.Actor) ([]store.Organisation, error) {
	if by == nil {
		return nil, ended()
	}
	return u.core.DB.Organisations(ctx, by.Organisations()...)
}

// Sites lists the sites of an organisation that the actor sees anything of, by name.
func (u *Access) Sites(ctx context.Context, by *app.Actor, org string) ([]store.Site, error) {
	for _, a := range []app.Action{app.ReadAssets, app.ReadOverview, app.ReadPeople} {
		if by.May(a, org) {
			scope, err := by.Scope(a, org)
			if err != nil {
				return nil, err
			}
			return u.core.DB.In(scope).Sites(ctx)
		}
	}
	_, err := by.Scope(app.ReadAssets, org)
	return nil, err
}

// AddOrganisation adds one: a tenant terminal beside the port authority, say.
//
// Errors: ErrConflict where the short name is taken, ErrInvalid.
func (u *Access) AddOrganisation(ctx context.Context, by *app.Actor, id, name string) error {
	const op = "add organisation"
	if err := by.Everywhere(app.ManageSystem); err != nil {
		return err
	}
	if name = strings.TrimSpace(name); id == "" {
		id = slug(name)
	}
	if err := checkName(op, "name of the organisation", name); err != nil {
		return harbour.In("name", err)
	}
	if !goodID.MatchString(id) {
		return harbour.In("id", invalid(op, "the short name of the organisation cannot be used", "Use small letters, digits and hyphens, such as west-terminal. It is what files and addresses call it."))
	}
	return u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.AddOrganisation(ctx, store.Organisation{ID: id, Name: name}); err != nil {
			return err
		}
		e := by.Entry(id, app.ManageSystem, "organisation", id, name)
		e.After = app.State(map[string]any{"name": name})
		return tx.Audit(ctx, e)
	})
}

// PutSite adds a site to an organisation, or changes one.
//
// Errors: ErrInvalid, ErrNotFound where there is no such organisation.
func (u *Access) PutSite(ctx context.Context, by *app.Actor, s store.Site) error {
	const op = "change site"
	scope, err := by.Whole(app.ManageSettings, s.Org)
	if err != nil {
		return err
	}
	if s.Name = strings.TrimSpace(s.Name); s.ID == "" {
		s.ID = slug(s.Name)
	}
	if err := checkName(op, "name of the site", s.Name); err != nil {
		return harbour.In("name", err)
	}
	if !goodID.MatchString(s.ID) {
		return invalid(op, "the short name of the site cannot be used", "Use small letters, digits and hyphens, such as north-quay.")
	}
	if _, err := time.LoadLocation(s.TimeZone); err != nil || s.TimeZone == "" || s.TimeZone == "Local" {
		return harbour.In("time_zone", invalid(op, "there is no such time zone", "Use a name such as Europe/Amsterdam, Asia/Singapore or UTC."))
	}
	if !country.MatchString(s.Jurisdiction) {
		return harbour.In("jurisdiction", invalid(op, "the jurisdiction is a country's code of two capital letters, or EU", "For example NL, GB or SG."))
	}
	orgs, err := u.core.DB.Organisations(ctx, s.Org)
	if err == nil && len(orgs) == 0 {
		err = &harbour.Error{Kind: harbour.ErrNotFound, Op: op, Message: "there is no such organisation, or you may not see it"}
	}
	if err != nil {
		return err
	}
	had, err := u.core.DB.In(scope).Sites(ctx)
	if err != nil {
		return err
	}
	return u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.PutSite(ctx, s); err != nil {
			return err
		}
		if i := slices.IndexFunc(had, func(h store.Site) bool { return h.ID == s.ID }); u.opt.Rebuild != nil && orgs[0].Generation > 0 && (i < 0 || had[i].Name != s.Name) {
			// What was given earlier may name this site.
			if err := u.opt.Rebuild(ctx, tx, s.Org, by.Person, "site "+s.Name+" was added or renamed"); err != nil {
				return err
			}
		}
		e := by.Entry(s.Org, app.ManageSettings, "site", s.ID, s.Name)
		if i := slices.IndexFunc(had, func(h store.Site) bool { return h.ID == s.ID }); i >= 0 {
			e.Before = app.State(siteState(had[i]))
		}
		e.After = app.State(siteState(s))
		return tx.Audit(ctx, e)
	})
}

func siteState(s store.Site) map[string]any {
	return map[string]any{"name": s.Name, "time_zone": s.TimeZone, "jurisdiction": s.Jurisdiction}
}
