// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/uptrace/bun"

	"breakwater/harbour"
)

// AssetRow is what a list shows of an asset.
type AssetRow struct {
	ID           string
	Name         string
	SortName     string `bun:"sort_name"`
	Domain       harbour.Domain
	Kind         harbour.Kind
	Vendor       string
	Model        string
	Firmware     string
	Zone         string
	Level        string
	Site         string
	Supplier     string
	Criticality  string
	Address      string
	Declared     bool
	Observed     bool
	FirstSeen    harbour.Instant `bun:"first_seen"`
	LastSeen     harbour.Instant `bun:"last_seen"`
	OpenFindings int             `bun:"open_findings"`
	Worst        int             // rank of the worst open finding, -1 for none
}

const assetColumns = "t.id, t.name, t.sort_name, t.domain, t.kind, t.vendor, t.model, t.firmware, t.zone, t.level, t.site, t.supplier, t.criticality, " +
	"t.address, t.declared, t.observed, t.first_seen, t.last_seen, t.open_findings, t.worst"

// AssetQuery selects assets. Within a field any value will do, between fields all must.
type AssetQuery struct {
	Order
	Text                                          string // words that must all occur in names, addresses, vendor, model …
	Name                                          string // words that must all occur in the name
	Domain, Kind, Zone, Vendor, Site              []string
	Level, Supplier, Criticality, Model, Firmware []string
	// Known is one of: declared (by a person), observed (in traffic), undeclared (observed alone), unseen (declared
	// alone); "" for all.
	Known string
	// Worst is the lowest rank of the worst open finding; 0 with WithFindings for any finding.
	Worst        int
	WithFindings bool
	IDs          []string
	// Change is "new" or "altered": assets that the state published last at or before Since did not have, or had otherwise; "" for all.
	Change string
	Since  harbour.Instant
}

var assetList = listing[AssetRow]{
	from: "asset AS t", columns: assetColumns, usual: "name",
	keys: map[string]key{
		"name": {column: "t.sort_name"}, "kind": {column: "t.kind"}, "zone": {column: "t.zone"}, "vendor": {column: "t.vendor"},
		"site": {column: "t.site"}, "supplier": {column: "t.supplier"},
		"last_seen": {column: "t.last_seen", number: true, desc: true}, "worst": {column: "t.worst", number: true, desc: true},
	},
	at: func(r *AssetRow, sort string) (string, int64, string) {
		switch sort {
		case "kind":
			return string(r.Kind), 0, r.ID
		case "zone":
			return r.Zone, 0, r.ID
		case "vendor":
			return r.Vendor, 0, r.ID
		case "site":
			return r.Site, 0, r.ID
		case "supplier":
			return r.Supplier, 0, r.ID
		case "last_seen":
			return "", int64(r.LastSeen), r.ID
		case "worst":
			return "", int64(r.Worst), r.ID
		}
		return r.SortName, 0, r.ID
	},
}

func (s *Scoped) assetConditions(ctx context.Context, q bun.IDB, f *AssetQuery) (c conditions, err error) {
	g, err := s.generation(ctx, q)
	if err != nil {
		return c, err
	}
	s.scope.assets(&c, "t")
	visible(&c, g)
	for _, v := range []struct {
		column string
		values []string
	}{
		{"t.domain", f.Domain},
		{"t.kind", f.Kind},
		{"t.zone", f.Zone},
		{"t.vendor", f.Vendor},
		{"t.site", f.Site},
		{"t.level", f.Level},
		{"t.supplier", f.Supplier},
		{"t.criticality", f.Criticality},
		{"t.model", f.Model},
		{"t.firmware", f.Firmware},
		{"t.id", f.IDs},
	} {
		in(&c, v.column, v.values)
	}
	switch f.Known {
	case "":
	case "declared":
		c.add("t.declared = 1")
	case "observed":
		c.add("t.observed = 1")
	case "undeclared":
		c.add("t.declared = 0 AND t.observed = 1")
	case "unseen":
		c.add("t.declared = 1 AND t.observed = 0")
	default:
		return c, &harbour.Error{Kind: harbour.ErrInvalid, Op: "list assets", Message: "known is not " + f.Known, Hint: "one of: declared, observed, undeclared, unseen"}
	}
	if f.WithFindings {
		c.add("t.worst >= ?", f.Worst)
	}
	if f.Change != "" {
		was, err := generationAt(ctx, q, s.scope.org, f.Since)
		if err != nil {
			return c, err
		}
		if err := changed(&c, "asset", f.Change, was); err != nil {
			return c, err
		}
	}
	for _, w := range strings.Fields(strings.ToLower(storable(f.Name))) {
		// SQLite folds the case of ASCII alone; with the list in memory, letters of all alphabets are folded.
		c.add(`LOWER(t.name) LIKE ? ESCAPE '\'`, "%"+likeEscape.Replace(w)+"%")
	}
	if f.Text == "" {
		return c, nil
	}
	return c, s.search(ctx, q, &c, "asset", f.Text)
}

// shelved says whether the shelf of assets answers the query.
func (f *AssetQuery) shelved() bool { return len(f.IDs) == 0 }

// wantedAssets is a query as the shelf of assets knows it. What is wrong in it has been refused before.
func (s *Scoped) wantedAssets(f *AssetQuery) *wanted {
	w := &wanted{limit: s.scope.limited(), limits: s.scope.limits}
	for column, values := range map[string][]string{
		"domain": f.Domain, "kind": f.Kind, "zone": f.Zone, "vendor": f.Vendor, "site": f.Site, "level": f.Level, "supplier": f.Supplier,
		"criticality": f.Criticality, "model": f.Model, "firmware": f.Firmware,
	} {
		w.in(column, values)
	}
	switch f.Known {
	case "declared":
		w.from("declared", 1)
	case "observed":
		w.from("observed", 1)
	case "undeclared":
		w.until("declared", 0)
		w.from("observed", 1)
	case "unseen":
		w.from("declared", 1)
		w.until("observed", 0)
	}
	if f.WithFindings {
		w.from("worst", int64(f.Worst))
	}
	w.search(f.Text)
	w.name = strings.Fields(strings.ToLower(storable(f.Name)))
	return w
}

// Assets lists assets.
func (s *Scoped) Assets(ctx context.Context, f AssetQuery) (p Page[AssetRow], err error) {
	if s.nothing() {
		_, err := assetList.ask(f.Order)
		return p, err
	}
	var b *shelf
	if f.shelved() {
		b = s.shelf(ctx, &assetShelf)
	}
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		held, err := s.on(ctx, q, b)
		if err == nil && held {
			p, held, err = s.assetsHeld(ctx, q, b, f)
		}
		if err != nil || held {
			return err
		}
		c, err := s.assetConditions(ctx, q, &f)
		if err != nil {
			return err
		}
		if p, err = page(ctx, q, &assetList, c, f.Order); err != nil {
			return err
		}
		p.Total, p.More, err = s.total(ctx, q, "asset AS t", c, sinceCounted)
		return err
	})
	return p, err
}

// assetsHeld reads a page from the shelf of assets, as shelved does.
func (s *Scoped) assetsHeld(ctx context.Context, q bun.IDB, b *shelf, f AssetQuery) (p Page[AssetRow], whole bool, err error) {
	w := s.wantedAssets(&f)
	if f.Change != "" {
		if w.among, err = s.since(ctx, q, b, f.Since, f.Change); err != nil {
			return p, false, err
		}
	}
	f.Text, f.Name, f.Change = "", "", ""
	c, err := s.assetConditions(ctx, q, &f)
	if err != nil {
		return p, false, err
	}
	return shelved(ctx, q, &assetList, b, w, c, f.Order)
}

// Asset reads one asset whole, as people state it, with its row.
//
// Errors: ErrNotFound where there is none in the scope.
func (s *Scoped) Asset(ctx context.Context, id string) (a *harbour.Asset, row AssetRow, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		c, err := s.assetConditions(ctx, q, &AssetQuery{IDs: []string{id}})
		if err != nil {
			return err
		}
		var r struct {
			AssetRow
			Body []byte
		}
		if err := q.NewRaw("SELECT "+assetColumns+", b.body FROM asset AS t JOIN asset_body AS b ON b.row = t.row WHERE "+c.text(), c.args...).Scan(ctx, &r); err != nil {
			return notFound(err, "asset", id)
		}
		row = r.AssetRow
		a = &harbour.Asset{}
		if err := unpack(r.Body, a); err != nil {
			return err
		}
		stated, err := s.statements(ctx, q, []string{id})
		a = a.State(stated)
		return err
	})
	return a, row, err
}

// EachAsset walks the assets of a query whole, in its order, for exports. It reads page after page, so that a long
// export does not hold the database; rows that change meanwhile appear as they are when their page is read.
func (s *Scoped) EachAsset(ctx context.Context, f AssetQuery, fn func(*harbour.Asset, AssetRow) error) error {
	f.Limit = 500
	for {
		var stated []harbour.Statement
		var p Page[struct {
			AssetRow
			Body []byte
		}]
		err := s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
			c, err := s.assetConditions(ctx, q, &f)
			if err != nil {
				return err
			}
			if p, err = page(ctx, q, &assetBodies, c, f.Order); err != nil || len(p.Items) == 0 {
				return err
			}
			ids := make([]string, len(p.Items))
			for i := range p.Items {
				ids[i] = p.Items[i].ID
			}
			stated, err = s.statements(ctx, q, ids)
			return err
		})
		if err != nil {
			return err
		}
		for i := range p.Items {
			var a harbour.Asset
			if err := unpack(p.Items[i].Body, &a); err != nil {
				return err
			}
			if err := fn(a.State(stated), p.Items[i].AssetRow); err != nil {
				return err
			}
		}
		if f.Cursor = p.Next; f.Cursor == "" {
			return nil
		}
	}
}

var assetBodies = listing[struct {
	AssetRow
	Body []byte
}]{
	from: "asset AS t JOIN asset_body AS b ON b.row = t.row", columns: assetColumns + ", b.body", usual: assetList.usual, keys: assetList.keys,
	at: func(r *struct {
		AssetRow
		Body []byte
	}, sort string,
	) (string, int64, string) {
		return assetList.at(&r.AssetRow, sort)
	},
}

// AssetVersion is a state that an asset had.
type AssetVersion struct {
	Generation int64
	From       harbour.Instant // when the state was published
	Until      harbour.Instant // zero for the present one
	Asset      *harbour.Asset
}

// AssetHistory gives the states of an asset, newest first, at most limit.
func (s *Scoped) AssetHistory(ctx context.Context, id string, limit int) (list []AssetVersion, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		g, err := s.generation(ctx, q)
		if err != nil {
			return err
		}
		c := conditions{}
		s.scope.assets(&c, "t")
		c.add("t.id = ? AND t.born <= ?", id, g)
		var rows []struct {
			Born, Died int64
			At, Ended  harbour.Instant
			Body       []byte
		}
		if err := q.NewRaw("SELECT t.born, t.died, g.at AS at, CASE WHEN t.died <= ? THEN COALESCE((SELECT h.at FROM generation AS h WHERE h.org = t.org AND h.number = t.died), 0) ELSE 0 END AS ended, b.body"+
			" FROM asset AS t JOIN asset_body AS b ON b.row = t.row JOIN generation AS g ON g.org = t.org AND g.number = t.born WHERE "+c.text()+" ORDER BY t.born DESC LIMIT ?",
			append(append([]any{g}, c.args...), limit)...).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			v := AssetVersion{Generation: r.Born, From: r.At, Until: r.Ended, Asset: &harbour.Asset{}}
			if err := unpack(r.Body, v.Asset); err != nil {
				return err
			}
			list = append(list, v)
		}
		return nil
	})
	return list, err
}

// Names gives the names of assets, those in scope alone.
func (s *Scoped) Names(ctx context.Context, ids []string) (names map[string]string, err error) {
	names = make(map[string]string, len(ids))
	if len(ids) == 0 {
		return names, nil
	}
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return s.names(ctx, q, ids, names)
	})
	return names, err
}

// names notes the names of assets, from their shelf where that is at hand.
func (s *Scoped) names(ctx context.Context, q bun.IDB, ids []string, names map[string]string) error {
	if done, err := s.shelvedNames(ctx, q, ids, names); err != nil || done {
		return err
	}
	c, err := s.assetConditions(ctx, q, &AssetQuery{IDs: ids})
	if err != nil {
		return err
	}
	var rows []struct{ ID, Name string }
	if err := q.NewRaw("SELECT t.id, t.name FROM asset AS t WHERE "+c.text(), c.args...).Scan(ctx, &rows); err != nil {
		return err
	}
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return nil
}

func unpack(body []byte, to any) error {
	b, err := decompress(body)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, to)
}
