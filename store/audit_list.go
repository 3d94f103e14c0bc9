// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/tlog"

	"breakwater/harbour"
)

// AuditFilter selects entries of the log.
type AuditFilter struct {
	Actor, ObjectKind, Object, Action string
	// Text is words of the name or the sign-in name of who did it, or the id of the object.
	Text string
	// From and Until bound when it was done, both included; 0 for no bound.
	From, Until harbour.Instant
	// Before selects entries with a lower number alone, After those with a higher one, of which the lowest; 0 for the
	// newest. An entry has the number 0, so that After is one more than the number.
	Before, After int64
	Limit         int // 1 to 1000; 0 for 100
}

func (f *AuditFilter) conditions() (w conditions) {
	for _, c := range [][2]string{{"actor = ?", f.Actor}, {"object_kind = ?", f.ObjectKind}, {"object = ?", f.Object}, {"action = ?", f.Action}} {
		if c[1] != "" {
			w.add(c[0], c[1])
		}
	}
	if f.Text != "" {
		var name conditions
		for word := range strings.FieldsSeq(strings.ToLower(f.Text)) {
			like := "%" + likeEscape.Replace(word) + "%"
			name.add(`(login LIKE ? ESCAPE '\' OR LOWER(name) LIKE ? ESCAPE '\')`, like, like)
		}
		w.add("(actor IN (SELECT id FROM person WHERE "+name.text()+") OR object = ?)", append(name.args, f.Text)...)
	}
	if f.From != 0 {
		w.add("at >= ?", f.From)
	}
	if f.Until != 0 {
		w.add("at <= ?", f.Until)
	}
	return w
}

// Audit lists entries of the organisation's audit log, newest first. A scope of sites or of a supplier sees none:
// entries speak of the whole organisation.
func (s *Scoped) Audit(ctx context.Context, f AuditFilter) (list []Entry, err error) {
	if s.scope.limited() {
		return nil, nil
	}
	return s.db.audit(ctx, f, s.scope.org)
}

// AuditEverywhere is Audit for the log of the whole installation: entries of every organisation and of none.
func (db *DB) AuditEverywhere(ctx context.Context, f AuditFilter) ([]Entry, error) {
	return db.audit(ctx, f, "*")
}

// audit lists entries of an organisation, or all with "*".
func (db *DB) audit(ctx context.Context, f AuditFilter, org string) (list []Entry, err error) {
	w := f.conditions()
	if org != "*" {
		w.add("org = ?", org)
	}
	order := "DESC"
	switch {
	case f.Before > 0:
		w.add("seq < ?", f.Before)
	case f.After > 0:
		w.add("seq >= ?", f.After)
		order = "ASC"
	}
	limit := f.Limit
	if limit <= 0 || limit > 1000 {
		limit = 100
	}
	var records [][]byte
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT record FROM audit WHERE "+w.text()+" ORDER BY seq "+order+" LIMIT ?", append(w.args, limit)...).Scan(ctx, &records)
	})
	for _, r := range records {
		var e Entry
		if json.Unmarshal(r, &e) == nil {
			list = append(list, e)
		}
	}
	if f.After > 0 {
		slices.Reverse(list)
	}
	return list, err
}

// CountAudit says how many entries fit, up to [CountLimit]; more is set where there are more. org is "*" for all.
func (db *DB) CountAudit(ctx context.Context, org string, f AuditFilter) (n int, more bool, err error) {
	w := f.conditions()
	if org != "*" {
		w.add("org = ?", org)
	}
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		n, more, err = count(ctx, q, "audit", w)
		return err
	})
	return n, more, err
}

// Inclusion is what can be said of an entry's place in the log.
type Inclusion struct {
	Record []byte    // the entry, byte for byte as it is hashed
	Hash   tlog.Hash // of the record, by RFC 6962
	// Under is the newest checkpoint over the entry; N is 0 where none was signed since it was written.
	Under SignedTree
	Proof tlog.RecordProof
	// Proven is set where the record, with the proof, leads to the root that is signed.
	Proven bool
	// Problem says why it is not proven, where there is a checkpoint that should.
	Problem string
}

// AuditEntry reads an entry of an organisation ("*" for any) with the proof that it is in the log. Whether it is proven is
// told by the record as it is stored and the signed checkpoint, not by what the database says about them.
//
// Errors: ErrNotFound.
func (db *DB) AuditEntry(ctx context.Context, org string, seq int64) (e Entry, in Inclusion, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		if err := q.NewRaw("SELECT record FROM audit WHERE seq = ? AND (org = ? OR ? = '*')", seq, org, org).Scan(ctx, &in.Record); err != nil {
			return notFound(err, "entry", "")
		}
		if err := json.Unmarshal(in.Record, &e); err != nil {
			return &harbour.Error{Kind: harbour.ErrUnreadable, Op: "read audit log", Message: "the entry cannot be read: it was changed", Hint: "check the whole log with breakwater audit verify", Err: err}
		}
		in.Hash = tlog.RecordHash(in.Record)
		var rows []checkpointRow
		if err := q.NewRaw("SELECT size, at, note FROM checkpoint WHERE size > ? ORDER BY size DESC LIMIT 1", seq).Scan(ctx, &rows); err != nil || len(rows) == 0 {
			return err
		}
		in.prove(ctx, q, &rows[0], seq, db.AuditKey())
		return nil
	})
	return e, in, err
}

func (in *Inclusion) prove(ctx context.Context, q bun.IDB, row *checkpointRow, seq int64, key string) {
	in.Under = SignedTree{Tree: tlog.Tree{N: row.Size}, At: row.At, Note: row.Note}
	tree, err := tlog.ParseTree([]byte(row.Note))
	if err != nil || tree.N != row.Size {
		in.Problem = "the checkpoint over it was changed"
		return
	}
	in.Under.Tree = tree
	if key != "" {
		if err := openNote(row.Note, key); err != nil {
			in.Problem = "the signature of the checkpoint over it does not fit"
			return
		}
	}
	if in.Proof, err = AuditProof(ctx, q, tree.N, seq); err != nil {
		in.Problem = "hashes of the log are missing"
		return
	}
	if err := tlog.CheckRecord(in.Proof, tree.N, tree.Hash, seq, in.Hash); err != nil {
		in.Problem = "the entry, or what the log holds beside it, is not what was signed"
		return
	}
	in.Proven = true
}

// CheckpointPage lists those that are kept, the newest first. before is the size to go on from, 0 for the newest.
func (db *DB) CheckpointPage(ctx context.Context, before int64, limit int) (list []SignedTree, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		var rows []checkpointRow
		if err := q.NewRaw("SELECT size, at, note FROM checkpoint WHERE size < ? OR ? = 0 ORDER BY size DESC LIMIT ?", before, before, limit).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			s := SignedTree{Tree: tlog.Tree{N: r.Size}, At: r.At, Note: r.Note}
			if tree, err := tlog.ParseTree([]byte(r.Note)); err == nil {
				s.Tree = tree
			}
			list = append(list, s)
		}
		return nil
	})
	return list, err
}

// CheckpointOf is the checkpoint over so many entries.
//
// Errors: ErrNotFound where there is none.
func (db *DB) CheckpointOf(ctx context.Context, size int64) (s SignedTree, err error) {
	list, err := db.CheckpointPage(ctx, size+1, 1)
	if err == nil && (len(list) == 0 || list[0].N != size) {
		err = &harbour.Error{Kind: harbour.ErrNotFound, Op: "read checkpoint", Message: "there is no checkpoint over so many entries"}
	}
	if err != nil {
		return s, err
	}
	return list[0], nil
}
