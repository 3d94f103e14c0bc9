// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package assets is the use case of the inventory: looking assets up, stating what is known of them, joining and parting
// them by hand.
//
// What the evidence says is never changed. People state what they know ([Assets.State]); a statement is shown over the
// evidence with its author, takes effect at once, and can be taken back. Joining and parting are constraints that the
// next build of the inventory follows.
package assets

import (
	"context"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// Assets is safe for concurrent use.
type Assets struct {
	core *app.Core
	// Rebuild asks for the inventory to be built anew, within the transaction; set where the program runs one.
	rebuild func(ctx context.Context, tx *store.Tx, org, by, why string) error
}

// New makes the use case. rebuild is called within the transaction of a change that only a new build of the inventory
// can show; nil for none.
func New(c *app.Core, rebuild func(ctx context.Context, tx *store.Tx, org, by, why string) error) *Assets {
	return &Assets{c, rebuild}
}

// at gives the reader of an action, as of a date where one is given.
func (u *Assets) at(ctx context.Context, by *app.Actor, org string, asOf harbour.Instant) (*store.Scoped, error) {
	scope, err := by.Scope(app.ReadAssets, org)
	if err != nil {
		return nil, err
	}
	s := u.core.DB.In(scope)
	if asOf == 0 {
		return s, nil
	}
	return s.AsOf(ctx, asOf)
}

// List gives a page of assets; asOf 0 for the present.
func (u *Assets) List(ctx context.Context, by *app.Actor, org string, q store.AssetQuery, asOf harbour.Instant) (p store.Page[store.AssetRow], err error) {
	s, err := u.at(ctx, by, org, asOf)
	if err != nil {
		return p, err
	}
	return s.Assets(ctx, q)
}

// Facets gives the counts beside the filters of the list.
func (u *Assets) Facets(ctx context.Context, by *app.Actor, org string, asOf harbour.Instant) ([]store.Facet, error) {
	s, err := u.at(ctx, by, org, asOf)
	if err != nil {
		return nil, err
	}
	return s.Facets(ctx, "asset")
}

// FindingsByZone says of each zone what is open about the assets that the actor sees.
func (u *Assets) FindingsByZone(ctx context.Context, by *app.Actor, org string) ([]store.ZoneFindings, error) {
	s, err := u.at(ctx, by, org, 0)
	if err != nil {
		return nil, err
	}
	return s.FindingsByZone(ctx)
}

// View is an asset as its page shows it.
type View struct {
	Asset      *harbour.Asset
	Row        store.AssetRow
	Statements []harbour.Statement // what people state

	versions map[string]int64
}

// Version of a field, which a change must name; 0 where nobody ever stated it. Taking a statement back counts, too.
func (v *View) Version(field string) int64 { return v.versions[field] }

// Get reads one asset.
//
// Errors: ErrNotFound where it is not in the actor's scope.
func (u *Assets) Get(ctx context.Context, by *app.Actor, org, id string, asOf harbour.Instant) (*View, error) {
	s, err := u.at(ctx, by, org, asOf)
	if err != nil {
		return nil, err
	}
	v := &View{}
	if v.Asset, v.Row, err = s.Asset(ctx, id); err != nil {
		return nil, err
	}
	if v.Statements, err = s.Statements(ctx, id); err != nil {
		return nil, err
	}
	v.versions, err = s.StatementVersions(ctx, id)
	return v, err
}

// History gives the states of an asset that the evidence showed, newest first.
func (u *Assets) History(ctx context.Context, by *app.Actor, org, id string) ([]store.AssetVersion, error) {
	s, err := u.at(ctx, by, org, 0)
	if err != nil {
		return nil, err
	}
	return s.AssetHistory(ctx, id, 100)
}

// Changes gives the entries of the audit log about an asset, newest first. It needs no right beyond seeing the asset:
// who changed what is part of what is known of it.
func (u *Assets) Changes(ctx context.Context, by *app.Actor, org, id string) ([]store.Entry, error) {
	s, err := u.at(ctx, by, org, 0)
	if err != nil {
		return nil, err
	}
	if _, _, err := s.Asset(ctx, id); err != nil {
		return nil, err
	}
	list, err := u.core.DB.In(store.WholeOrganisation(org)).Audit(ctx, store.AuditFilter{ObjectKind: "asset", Object: id})
	return by.Entries(org, list), err
}

// Each walks the assets of a query, for an export of exactly what a list shows.
func (u *Assets) Each(ctx context.Context, by *app.Actor, org string, q store.AssetQuery, asOf harbour.Instant, fn func(*harbour.Asset, store.AssetRow) error) error {
	s, err := u.at(ctx, by, org, asOf)
	if err != nil {
		return err
	}
	return s.EachAsset(ctx, q, fn)
}
