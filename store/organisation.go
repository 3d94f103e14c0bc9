// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"breakwater/harbour"
)

// Organisation holds data.
type Organisation struct {
	ID         string
	Name       string
	CreatedAt  harbour.Instant `bun:"created_at"`
	Generation int64           // last published; 0 before the first
}

// Site is a place of an organisation.
type Site struct {
	Org, ID, Name string
	TimeZone      string `bun:"time_zone"` // IANA name
	Jurisdiction  string // ISO 3166-1 alpha-2, or EU
}

// AddOrganisation adds one.
//
// Errors: ErrConflict where the id is taken.
func (tx *Tx) AddOrganisation(ctx context.Context, o Organisation) error {
	var n int
	if err := tx.NewRaw("SELECT COUNT(*) FROM organisation WHERE id = ?", o.ID).Scan(ctx, &n); err != nil {
		return err
	}
	if n > 0 {
		return &harbour.Error{Kind: harbour.ErrConflict, Op: "add organisation", Message: "there is an organisation " + o.ID + " already"}
	}
	_, err := tx.Raw(ctx, "INSERT INTO organisation (id, name, created_at) VALUES (?, ?, ?)", o.ID, o.Name, tx.at)
	return err
}

// PutSite adds or changes a site.
func (tx *Tx) PutSite(ctx context.Context, s Site) error {
	_, err := tx.Raw(ctx, "INSERT INTO site (org, id, name, time_zone, jurisdiction) VALUES (?, ?, ?, ?, ?)"+
		" ON CONFLICT (org, id) DO UPDATE SET name = excluded.name, time_zone = excluded.time_zone, jurisdiction = excluded.jurisdiction",
		s.Org, s.ID, s.Name, s.TimeZone, s.Jurisdiction)
	return err
}

// Organisations lists those with the given ids, by name; all of them where ids holds "*".
func (db *DB) Organisations(ctx context.Context, ids ...string) (list []Organisation, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		list, err = recallNow(ctx, db, fmt.Sprintf("organisations %q", ids), sinceAnything, func() (list []Organisation, err error) {
			err = q.NewRaw("SELECT id, name, created_at, generation FROM organisation WHERE id IN (?) OR '*' IN (?) ORDER BY name, id", bun.List(ids), bun.List(ids)).Scan(ctx, &list)
			return list, err
		})
		return err
	})
	return slices.Clone(list), err
}

// Sites lists the sites in scope, by name.
func (s *Scoped) Sites(ctx context.Context) (list []Site, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		var c conditions
		c.add("org = ?", s.scope.org)
		if list, every := s.scope.sites(); !every {
			c.add("id IN (?)", bun.List(orNone(list)))
		}
		list, err = recallNow(ctx, s.db, fmt.Sprintf("sites %s %s", s.scope.org, s.scope), sinceAnything, func() (list []Site, err error) {
			err = q.NewRaw("SELECT org, id, name, time_zone, jurisdiction FROM site WHERE "+c.text()+" ORDER BY name, id", c.args...).Scan(ctx, &list)
			return list, err
		})
		return err
	})
	return slices.Clone(list), err
}

// Setting reads a setting; "" where it was never set. org is "" for one of the whole installation.
func (db *DB) Setting(ctx context.Context, org, name string) (value string, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		value, err = setting(ctx, q, org, name)
		return err
	})
	return value, err
}

func setting(ctx context.Context, q bun.IDB, org, name string) (string, error) {
	var list []string
	if err := q.NewRaw("SELECT value FROM setting WHERE org = ? AND name = ?", org, name).Scan(ctx, &list); err != nil || len(list) == 0 {
		return "", err
	}
	return list[0], nil
}

// Setting reads a setting within the transaction.
func (tx *Tx) Setting(ctx context.Context, org, name string) (string, error) {
	return setting(ctx, tx, org, name)
}

// SettingsNamed reads one setting of all organisations, by their ids, that of the whole installation by "".
func (db *DB) SettingsNamed(ctx context.Context, name string) (values map[string]string, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		values, err = settingsNamed(ctx, q, name)
		return err
	})
	return values, err
}

// SettingsNamed is [DB.SettingsNamed] within the transaction.
func (tx *Tx) SettingsNamed(ctx context.Context, name string) (map[string]string, error) {
	return settingsNamed(ctx, tx, name)
}

func settingsNamed(ctx context.Context, q bun.IDB, name string) (map[string]string, error) {
	var list []struct{ Org, Value string }
	err := q.NewRaw("SELECT org, value FROM setting WHERE name = ?", name).Scan(ctx, &list)
	values := make(map[string]string, len(list))
	for _, s := range list {
		values[s.Org] = s.Value
	}
	return values, err
}

// Set changes a setting.
func (tx *Tx) Set(ctx context.Context, org, name, value string) error {
	_, err := tx.Raw(ctx, "INSERT INTO setting (org, name, value) VALUES (?, ?, ?) ON CONFLICT (org, name) DO UPDATE SET value = excluded.value", org, name, value)
	return err
}
