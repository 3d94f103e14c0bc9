// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"breakwater/harbour"
)

type statementRow struct {
	Asset, Field, Value, Reason string
	By                          string `bun:"made_by"`
	ByName                      string `bun:"by_name"`
	At                          harbour.Instant
	Version                     int64
	Gone                        bool
}

func (r *statementRow) statement() harbour.Statement {
	return harbour.Statement{Asset: r.Asset, Field: r.Field, Value: r.Value, Reason: r.Reason, By: r.By, ByName: r.ByName, At: r.At, Version: r.Version}
}

const statementColumns = "asset, field, value, reason, made_by, by_name, at, version, gone"

// statements gives what is stated of assets that the caller has found in scope. As of a date it gives what had been
// stated by then and still stands.
func (s *Scoped) statements(ctx context.Context, q bun.IDB, assets []string) (list []harbour.Statement, err error) {
	var rows []statementRow
	until := int64(never)
	if s.asOf != 0 {
		if err := q.NewRaw("SELECT COALESCE(MIN(at), ?) FROM generation WHERE org = ? AND number > ?", int64(never), s.scope.org, s.asOf).Scan(ctx, &until); err != nil {
			return nil, err
		}
	}
	err = q.NewRaw("SELECT "+statementColumns+" FROM statement WHERE org = ? AND asset IN (?) AND gone = 0 AND at < ? ORDER BY asset, field", s.scope.org, bun.List(orNone(assets)), until).Scan(ctx, &rows)
	for i := range rows {
		list = append(list, rows[i].statement())
	}
	return list, err
}

// Statements gives what people state of an asset.
//
// Errors: ErrNotFound where the asset is not in the scope.
func (s *Scoped) Statements(ctx context.Context, asset string) (list []harbour.Statement, err error) {
	if _, _, err := s.Asset(ctx, asset); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		list, err = s.statements(ctx, q, []string{asset})
		return err
	})
	return list, err
}

// StatementVersions gives the version of each field of an asset that was ever stated, taken back or not: what a change must name.
func (s *Scoped) StatementVersions(ctx context.Context, asset string) (versions map[string]int64, err error) {
	if _, _, err := s.Asset(ctx, asset); err != nil {
		return nil, err
	}
	versions = map[string]int64{}
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		var rows []struct {
			Field   string
			Version int64
		}
		if err := q.NewRaw("SELECT field, version FROM statement WHERE org = ? AND asset = ?", s.scope.org, asset).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			versions[r.Field] = r.Version
		}
		return nil
	})
	return versions, err
}

// Statements reads all of an organisation's, by asset.
func (st *Stage) Statements(ctx context.Context) (byAsset map[string][]harbour.Statement, err error) {
	byAsset = map[string][]harbour.Statement{}
	err = st.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		var rows []statementRow
		if err := q.NewRaw("SELECT "+statementColumns+" FROM statement WHERE org = ? AND gone = 0 ORDER BY asset, field", st.scope.org).Scan(ctx, &rows); err != nil {
			return err
		}
		for i := range rows {
			byAsset[rows[i].Asset] = append(byAsset[rows[i].Asset], rows[i].statement())
		}
		return nil
	})
	return byAsset, err
}

// PutStatement records what a person states of an asset. st.Version is the version that the person saw, 0 for none;
// withdraw takes the statement back. The asset's row shows the change at once. before is what stood, for the audit
// entry that the caller writes.
//
// Errors: ErrNotFound where the asset is not in the scope, ErrStale where somebody stated the same field meanwhile; the
// message names who and what, and both are in the audit log.
func (tx *Tx) PutStatement(ctx context.Context, s Scope, st harbour.Statement, withdraw bool) (before *harbour.Statement, err error) {
	in := tx.db.In(s)
	c, err := in.assetConditions(ctx, tx, &AssetQuery{IDs: []string{st.Asset}})
	if err != nil {
		return nil, err
	}
	var n int
	if err := tx.NewRaw("SELECT COUNT(*) FROM asset AS t WHERE "+c.text(), c.args...).Scan(ctx, &n); err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, &harbour.Error{Kind: harbour.ErrNotFound, Op: "state", Message: "there is no asset " + st.Asset + ", or you may not see it"}
	}
	var rows []statementRow
	if err := tx.NewRaw("SELECT "+statementColumns+" FROM statement WHERE org = ? AND asset = ? AND field = ?", s.org, st.Asset, st.Field).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	version := int64(0)
	if len(rows) > 0 {
		version = rows[0].Version
		if !rows[0].Gone {
			b := rows[0].statement()
			before = &b
		}
	}
	if version != st.Version {
		e := &harbour.Error{Kind: harbour.ErrStale, Op: "state", Message: "somebody changed this meanwhile", Hint: "your value was not saved: look at theirs, then enter yours again if it is right"}
		if len(rows) > 0 {
			e.Message = rows[0].ByName + " changed " + st.Field + " to “" + rows[0].Value + "” meanwhile"
		}
		return before, e
	}
	if _, err := tx.Raw(ctx, "INSERT INTO statement (org, asset, field, value, reason, made_by, by_name, at, version, gone) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"+
		" ON CONFLICT (org, asset, field) DO UPDATE SET value = excluded.value, reason = excluded.reason, made_by = excluded.made_by, by_name = excluded.by_name,"+
		" at = excluded.at, version = excluded.version, gone = excluded.gone",
		s.org, st.Asset, st.Field, st.Value, st.Reason, st.By, st.ByName, tx.at, version+1, number(withdraw)); err != nil {
		return before, err
	}
	return before, tx.showStatements(ctx, s, st.Asset)
}

// showStatements brings the list columns of an asset up to date, in the row that is seen and in one that is staged.
func (tx *Tx) showStatements(ctx context.Context, s Scope, asset string) error {
	in := tx.db.In(WholeOrganisation(s.org))
	g, err := in.generation(ctx, tx)
	if err != nil {
		return err
	}
	stated, err := in.statements(ctx, tx, []string{asset})
	if err != nil {
		return err
	}
	var rows []struct {
		Row  int64
		Body []byte
	}
	if err := tx.NewRaw("SELECT t.row, b.body FROM asset AS t JOIN asset_body AS b ON b.row = t.row WHERE t.org = ? AND t.id = ? AND t.died > ?", s.org, asset, g).Scan(ctx, &rows); err != nil {
		return err
	}
	tx.After(func() {
		tx.db.shelves.touch(s.org, "asset", asset)
		tx.db.stated.Add(1)
	})
	for _, r := range rows {
		var a harbour.Asset
		if err := unpack(r.Body, &a); err != nil {
			return err
		}
		values, text := shownColumns(a.State(stated))
		if _, err := tx.Raw(ctx, "UPDATE asset SET "+strings.Join(assetShown, " = ?, ")+" = ? WHERE row = ?", append(values, r.Row)...); err != nil {
			return err
		}
		if err := tx.db.engine.unindex(ctx, tx, "asset", []int64{r.Row}); err != nil {
			return err
		}
		if err := tx.db.engine.index(ctx, tx, "asset", []int64{r.Row}, []string{text}); err != nil {
			return err
		}
	}
	return nil
}

// IdentityRule is a decision by hand on which records are one asset.
type IdentityRule struct {
	ID     string
	Kind   string // must_link or cannot_link
	A, B   string // identity keys
	Reason string
	By     string `bun:"made_by"`
	At     harbour.Instant
}

// IdentityRules lists an organisation's, oldest first.
func (s *Scoped) IdentityRules(ctx context.Context) (list []IdentityRule, err error) {
	if s.scope.limited() {
		return nil, nil
	}
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT id, kind, a, b, reason, made_by, at FROM identity_rule WHERE org = ? ORDER BY at, id", s.scope.org).Scan(ctx, &list)
	})
	return list, err
}

// AddIdentityRule adds one; the inventory follows at its next build.
func (tx *Tx) AddIdentityRule(ctx context.Context, s Scope, r IdentityRule) error {
	_, err := tx.Raw(ctx, "INSERT INTO identity_rule (org, id, kind, a, b, reason, made_by, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", s.org, r.ID, r.Kind, r.A, r.B, r.Reason, r.By, tx.at)
	return err
}

// RemoveIdentityRule takes one back.
func (tx *Tx) RemoveIdentityRule(ctx context.Context, s Scope, id string) (r IdentityRule, err error) {
	if err := tx.NewRaw("SELECT id, kind, a, b, reason, made_by, at FROM identity_rule WHERE org = ? AND id = ?", s.org, id).Scan(ctx, &r); err != nil {
		return r, notFound(err, "rule", id)
	}
	_, err = tx.Raw(ctx, "DELETE FROM identity_rule WHERE org = ? AND id = ?", s.org, id)
	return r, err
}

// StatementVersion gives the version of what is stated of a field, 0 for nothing ever; gone where it was taken back.
func (tx *Tx) StatementVersion(ctx context.Context, s Scope, asset, field string) (n int64, gone bool, err error) {
	var rows []statementRow
	if err := tx.NewRaw("SELECT version, gone FROM statement WHERE org = ? AND asset = ? AND field = ?", s.org, asset, field).Scan(ctx, &rows); err != nil || len(rows) == 0 {
		return 0, false, err
	}
	return rows[0].Version, rows[0].Gone, nil
}
