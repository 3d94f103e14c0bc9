// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"breakwater/harbour"
)

// The states of an evidence.
const (
	EvidenceReceived   = "received"   // kept, not read yet
	EvidenceRead       = "read"       // what it says is in the inventory
	EvidenceUnreadable = "unreadable" // nothing could be read
	EvidenceWithdrawn  = "withdrawn"  // kept, and not counted any more
	EvidenceDeleted    = "deleted"    // the bytes are gone, the record stays
)

// EvidenceRow is an evidence as it is kept.
type EvidenceRow struct {
	harbour.Evidence
	Site       string
	Name       string
	ReceivedAt harbour.Instant
	ReceivedBy string
	State      string
	Hold       string          // reason of a legal hold, "" for none
	KeepUntil  harbour.Instant // 0: as long as the retention rule says
	Ledger     string          // hash of its ledger file in the vault
	Marks      string          // hash of the index of a capture in the vault
	Mapping    string          // how a person reads a spreadsheet's columns, "" for as their names say
	Version    int64
}

type evidenceRow struct {
	ID         string
	Kind       string
	Site       string
	Name       string
	ReceivedAt harbour.Instant `bun:"received_at"`
	ReceivedBy string          `bun:"received_by"`
	State      string
	Hold       string
	KeepUntil  harbour.Instant `bun:"keep_until"`
	Ledger     string
	Marks      string
	Mapping    string
	Bytes      int64
	Version    int64
	Body       []byte
}

const evidenceColumns = "t.id, t.kind, t.site, t.name, t.received_at, t.received_by, t.state, t.hold, t.keep_until, t.ledger, t.marks, t.mapping, t.bytes, t.version, t.body"

var evidenceList = listing[evidenceRow]{
	from: "evidence AS t", columns: evidenceColumns, usual: "received_at",
	keys: map[string]key{
		"received_at": {column: "t.received_at", number: true, desc: true}, "name": {column: "t.name"}, "kind": {column: "t.kind"}, "bytes": {column: "t.bytes", number: true, desc: true},
	},
	at: func(r *evidenceRow, sort string) (string, int64, string) {
		switch sort {
		case "name":
			return r.Name, 0, r.ID
		case "kind":
			return r.Kind, 0, r.ID
		case "bytes":
			return "", r.Bytes, r.ID
		}
		return "", int64(r.ReceivedAt), r.ID
	},
}

// EvidenceQuery selects evidence.
type EvidenceQuery struct {
	Order
	Text              string // part of the name
	Kind, State, Site []string
	IDs               []string
	From, Until       harbour.Instant // when it was received; 0 for any time
	Held              bool            // under a legal hold alone
}

// evidence limits a query on table evidence. A supplier sees none: a capture shows more than its own devices.
func (s Scope) evidence(c *conditions) {
	c.add("t.org = ?", s.org)
	if s.whole {
		return
	}
	list := []string{}
	for _, l := range s.limits {
		if l.Supplier == "" && l.Sites == nil {
			return
		}
		if l.Supplier == "" {
			list = append(list, l.Sites...)
		}
	}
	c.add("t.site IN (?)", bun.List(orNone(list)))
}

func (s *Scoped) evidenceConditions(f *EvidenceQuery) (c conditions) {
	s.scope.evidence(&c)
	in(&c, "t.kind", f.Kind)
	in(&c, "t.state", f.State)
	in(&c, "t.site", f.Site)
	in(&c, "t.id", f.IDs)
	if f.From != 0 {
		c.add("t.received_at >= ?", f.From)
	}
	if f.Until != 0 {
		c.add("t.received_at <= ?", f.Until)
	}
	if f.Held {
		c.add("t.hold <> ''")
	}
	if f.Text != "" {
		c.add(`LOWER(t.name) LIKE LOWER(?) ESCAPE '\'`, "%"+likeEscape.Replace(f.Text)+"%")
	}
	return c
}

// Evidence lists evidence.
func (s *Scoped) Evidence(ctx context.Context, f EvidenceQuery) (p Page[EvidenceRow], err error) {
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		if err := s.byName(ctx, q, &f); err != nil {
			return err
		}
		c := s.evidenceConditions(&f)
		rows, err := page(ctx, q, &evidenceList, c, f.Order)
		if err != nil {
			return err
		}
		p.Next, p.Previous = rows.Next, rows.Previous
		for i := range rows.Items {
			v, err := rows.Items[i].unpack()
			if err != nil {
				return err
			}
			p.Items = append(p.Items, v)
		}
		p.Total, p.More, err = s.total(ctx, q, "evidence AS t", c, sinceEvidence)
		return err
	})
	return p, err
}

// maxNamed is for how many of the names that a text fits the evidence is read by its ids.
const maxNamed = 400

// byName looks for the text of a query among the names of all evidence, and has the query ask for the ids where it fits few:
// the rows are many times as long as the names.
func (s *Scoped) byName(ctx context.Context, q bun.IDB, f *EvidenceQuery) error {
	if f.Text == "" || f.IDs != nil {
		return nil
	}
	type name struct{ ID, Name string }
	all, err := recallNow(ctx, s.db, "evidence names "+s.scope.org, sinceEvidence, func() (all []name, err error) {
		err = q.NewRaw("SELECT id, name FROM evidence WHERE org = ? ORDER BY name, id", s.scope.org).Scan(ctx, &all)
		for i := range all {
			all[i].Name = strings.ToLower(all[i].Name)
		}
		return all, err
	})
	if err != nil {
		return err
	}
	text := strings.ToLower(f.Text)
	var ids []string
	for i := range all {
		if strings.Contains(all[i].Name, text) {
			if ids = append(ids, all[i].ID); len(ids) > maxNamed {
				return nil
			}
		}
	}
	f.IDs, f.Text = orNone(ids), ""
	return nil
}

// EvidenceFacets counts the evidence in scope by kind, state and site, for the filters of its list.
func (s *Scoped) EvidenceFacets(ctx context.Context) (facets []Facet, err error) {
	var c conditions
	s.scope.evidence(&c)
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		facets, err = recallNow(ctx, s.db, fmt.Sprintf("evidence facets %s %s", s.scope.org, s.scope), sinceEvidence, func() (facets []Facet, err error) {
			for _, name := range []string{"kind", "state", "site"} {
				var list []Facet
				if err := q.NewRaw("SELECT ? AS name, t."+name+" AS value, COUNT(*) AS count FROM evidence AS t WHERE "+c.text()+" GROUP BY t."+name+" ORDER BY 3 DESC, 2", append([]any{name}, c.args...)...).Scan(ctx, &list); err != nil {
					return nil, err
				}
				facets = append(facets, list...)
			}
			return facets, nil
		})
		return err
	})
	return slices.Clone(facets), err
}

func (r *evidenceRow) unpack() (v EvidenceRow, err error) {
	v = EvidenceRow{
		Site: r.Site, Name: r.Name, ReceivedAt: r.ReceivedAt, ReceivedBy: r.ReceivedBy, State: r.State, Hold: r.Hold, KeepUntil: r.KeepUntil,
		Ledger: r.Ledger, Marks: r.Marks, Mapping: r.Mapping, Version: r.Version,
	}
	err = unpack(r.Body, &v.Evidence)
	return v, err
}

// EvidenceByID reads one evidence.
//
// Errors: ErrNotFound where there is none in the scope.
func (s *Scoped) EvidenceByID(ctx context.Context, id string) (v EvidenceRow, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		v, err = s.evidenceByID(ctx, q, id)
		return err
	})
	return v, err
}

func (s *Scoped) evidenceByID(ctx context.Context, q bun.IDB, id string) (EvidenceRow, error) {
	c := s.evidenceConditions(&EvidenceQuery{IDs: []string{id}})
	var r evidenceRow
	if err := q.NewRaw("SELECT "+evidenceColumns+" FROM evidence AS t WHERE "+c.text(), c.args...).Scan(ctx, &r); err != nil {
		return EvidenceRow{}, notFound(err, "evidence", id)
	}
	return r.unpack()
}

// EvidenceByID is [Scoped.EvidenceByID] within the transaction.
func (tx *Tx) EvidenceByID(ctx context.Context, s Scope, id string) (EvidenceRow, error) {
	return tx.db.In(s).evidenceByID(ctx, tx, id)
}

// PutEvidence adds an evidence (Version 0) or changes one whose Version is the one that was read.
//
// Errors: ErrStale where somebody was faster.
func (tx *Tx) PutEvidence(ctx context.Context, org string, v EvidenceRow) error {
	tx.After(func() { tx.db.evidenced.Add(1) })
	body, err := pack(&v.Evidence)
	if err != nil {
		return err
	}
	if v.Version == 0 {
		_, err := tx.Raw(ctx, "INSERT INTO evidence (org, id, site, name, kind, sha256, bytes, records, from_at, to_at, received_at, received_by, state, hold, keep_until, ledger, marks, mapping, body)"+
			" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			org, v.ID, v.Site, v.Name, string(v.Kind), v.SHA256, v.Bytes, v.Records, v.From, v.To, tx.at, v.ReceivedBy, v.State, v.Hold, v.KeepUntil, v.Ledger, v.Marks, v.Mapping, body)
		return err
	}
	n, err := tx.Raw(ctx, "UPDATE evidence SET site = ?, name = ?, kind = ?, records = ?, from_at = ?, to_at = ?, received_at = ?, received_by = ?, state = ?, hold = ?, keep_until = ?,"+
		" ledger = ?, marks = ?, mapping = ?, body = ?, version = version + 1"+
		" WHERE org = ? AND id = ? AND version = ?",
		v.Site, v.Name, string(v.Kind), v.Records, v.From, v.To, v.ReceivedAt, v.ReceivedBy, v.State, v.Hold, v.KeepUntil, v.Ledger, v.Marks, v.Mapping, body, org, v.ID, v.Version)
	if err == nil && n == 0 {
		return &harbour.Error{Kind: harbour.ErrStale, Op: "save evidence", Message: "somebody has changed this evidence meanwhile", Hint: "look at it again, then repeat your change"}
	}
	return err
}

// EvidenceUses says in how many records of any organisation an object of the vault is still kept, as the evidence
// itself or as what was made of it, so that its bytes may go with the last one.
func (tx *Tx) EvidenceUses(ctx context.Context, sha256 string) (n int, err error) {
	err = tx.NewRaw("SELECT COUNT(*) FROM evidence WHERE (sha256 = ? OR ledger = ? OR marks = ?) AND state <> ?", sha256, sha256, sha256, EvidenceDeleted).Scan(ctx, &n)
	return n, err
}

// Custody is one entry of an evidence's chain of custody.
type Custody struct {
	At     harbour.Instant
	Who    string
	Act    string // received, read, downloaded, hold, released, withdrawn, deleted
	Detail string
}

// AddCustody adds to the chain of custody.
func (tx *Tx) AddCustody(ctx context.Context, org, evidence string, c Custody) error {
	_, err := tx.Raw(ctx, "INSERT INTO custody (org, evidence, at, seq, who, act, detail) VALUES (?, ?, ?, (SELECT COALESCE(MAX(seq), 0) + 1 FROM custody WHERE org = ? AND evidence = ?), ?, ?, ?)",
		org, evidence, tx.at, org, evidence, c.Who, c.Act, c.Detail)
	return err
}

// Custody lists the chain of custody of an evidence, oldest first.
func (s *Scoped) Custody(ctx context.Context, evidence string) (list []Custody, err error) {
	if _, err := s.EvidenceByID(ctx, evidence); err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT at, who, act, detail FROM custody WHERE org = ? AND evidence = ? ORDER BY seq", s.scope.org, evidence).Scan(ctx, &list)
	})
	return list, err
}

// LastCustody gives of each of the evidence in scope the newest entry of its chain of custody for an act.
func (s *Scoped) LastCustody(ctx context.Context, act string, evidence []string) (map[string]Custody, error) {
	var rows []struct {
		Evidence string
		Custody
	}
	c := s.evidenceConditions(&EvidenceQuery{IDs: evidence})
	last := map[string]Custody{}
	if len(evidence) == 0 {
		return last, nil
	}
	err := s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT c.evidence, c.at, c.who, c.act, c.detail FROM evidence AS t JOIN custody AS c ON c.org = t.org AND c.evidence = t.id WHERE c.act = ? AND "+c.text()+" ORDER BY c.evidence, c.seq",
			append([]any{act}, c.args...)...).Scan(ctx, &rows)
	})
	for _, r := range rows {
		last[r.Evidence] = r.Custody
	}
	return last, err
}

// EvidenceToRead lists the evidence of an organisation that counts for its inventory: received or read, by id.
func (db *DB) EvidenceToRead(ctx context.Context, org string) (list []EvidenceRow, err error) {
	s := db.In(WholeOrganisation(org))
	q := EvidenceQuery{Order: Order{Limit: MaxLimit, Sort: "name"}, State: []string{EvidenceReceived, EvidenceRead, EvidenceUnreadable}}
	for {
		p, err := s.Evidence(ctx, q)
		if err != nil {
			return nil, err
		}
		list = append(list, p.Items...)
		if q.Cursor = p.Next; p.Next == "" {
			slices.SortFunc(list, func(a, b EvidenceRow) int { return strings.Compare(a.ID, b.ID) })
			return list, nil
		}
	}
}
