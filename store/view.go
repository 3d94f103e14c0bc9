// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"

	"github.com/uptrace/bun"

	"breakwater/harbour"
)

// SavedView is a list as somebody wants to see it again: its page and the query of its address.
type SavedView struct {
	ID     string
	Person string
	Shared bool // with everybody who may see the page
	Page   string
	Name   string
	Query  string
	MadeAt harbour.Instant `bun:"made_at"`
}

const viewColumns = "id, person, shared, page, name, query, made_at"

// Views lists a person's own views of a page and those that are shared, by name.
func (s *Scoped) Views(ctx context.Context, person, page string) (list []SavedView, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT "+viewColumns+" FROM saved_view WHERE org = ? AND page = ? AND (person = ? OR shared = 1) ORDER BY name, id", s.scope.org, page, person).Scan(ctx, &list)
	})
	return list, err
}

// ViewBy finds a view.
//
// Errors: ErrNotFound.
func (tx *Tx) ViewBy(ctx context.Context, org, id string) (v SavedView, err error) {
	return v, notFound(tx.NewRaw("SELECT "+viewColumns+" FROM saved_view WHERE org = ? AND id = ?", org, id).Scan(ctx, &v), "view", id)
}

// CountViews says how many views a person keeps.
func (tx *Tx) CountViews(ctx context.Context, org, person string) (n int, err error) {
	err = tx.NewRaw("SELECT COUNT(*) FROM saved_view WHERE org = ? AND person = ?", org, person).Scan(ctx, &n)
	return n, err
}

// AddView adds a view.
func (tx *Tx) AddView(ctx context.Context, org string, v SavedView) error {
	_, err := tx.Raw(ctx, "INSERT INTO saved_view (org, id, person, shared, page, name, query, made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		org, v.ID, v.Person, number(v.Shared), v.Page, v.Name, v.Query, tx.at)
	return err
}

// RemoveView removes a view.
func (tx *Tx) RemoveView(ctx context.Context, org, id string) error {
	_, err := tx.Raw(ctx, "DELETE FROM saved_view WHERE org = ? AND id = ?", org, id)
	return err
}
