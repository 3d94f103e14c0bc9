// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"breakwater/harbour"
)

// Present fixes the state that is current, so that what is read in several steps is of one state, and gives its number.
func (s *Scoped) Present(ctx context.Context) (fixed *Scoped, generation int64, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		generation, err = s.generation(ctx, q)
		return err
	})
	return s.At(generation), generation, err
}

// At reads the state of a generation; where there is none yet the lists are empty.
func (s *Scoped) At(generation int64) *Scoped {
	if generation == 0 {
		generation = -1
	}
	return &Scoped{db: s.db, scope: s.scope, asOf: generation}
}

// SignNote signs a text with the key of checkpoints, as a signed note. The text must begin so that nobody takes it for a
// checkpoint, and end with an end of line.
//
// Errors: ErrInvalid where the database was opened without a key.
func (db *DB) SignNote(text string) (string, error) {
	if db.opt.Signer == nil {
		return "", &harbour.Error{Kind: harbour.ErrInvalid, Op: "sign", Message: "this database was opened without a signing key"}
	}
	signer, err := NewSigner(db.opt.Origin, db.opt.Signer)
	if err != nil {
		return "", err
	}
	b, err := note.Sign(&note.Note{Text: text}, signer)
	return string(b), err
}

// Checkpoints lists those kept of fewer entries than size, and more than none: the oldest, and the newest up to limit.
func (db *DB) Checkpoints(ctx context.Context, size int64, limit int) (list []SignedTree, err error) {
	var rows []checkpointRow
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT size, at, note FROM checkpoint WHERE size > 0 AND size < ? AND (size = (SELECT MIN(size) FROM checkpoint WHERE size > 0)"+
			" OR size IN (SELECT size FROM checkpoint WHERE size < ? ORDER BY size DESC LIMIT ?)) ORDER BY size", size, size, limit).Scan(ctx, &rows)
	})
	for _, r := range rows {
		if tree, e := tlog.ParseTree([]byte(r.Note)); e == nil {
			list = append(list, SignedTree{tree, r.At, r.Note})
		}
	}
	return list, err
}

// Consistency proves that the log of size after goes on from that of size before.
func (db *DB) Consistency(ctx context.Context, after, before int64) (p tlog.TreeProof, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		p, err = AuditConsistency(ctx, q, after, before)
		return err
	})
	return p, err
}

// AuditSelect selects entries of an organisation's log: those about any of the objects, of any of the kinds, or within
// the time.
type AuditSelect struct {
	Objects     map[string][]string // ids by kind
	Kinds       []string
	From, Until harbour.Instant // both 0 for none
}

// ProvedEntry is an entry as it was hashed, with the proof that it is in the log.
type ProvedEntry struct {
	Seq    int64
	Record []byte
	Proof  tlog.RecordProof
}

// ProvedEntries walks entries below a size of the log, oldest first, each with its proof for that size. The caller has
// made sure that who asks may see what the entries are about.
func (db *DB) ProvedEntries(ctx context.Context, org string, f AuditSelect, size int64, fn func(*ProvedEntry) error) error {
	var which conditions
	for kind, ids := range f.Objects {
		if len(ids) > 0 {
			which.add("object_kind = ? AND object IN (?)", kind, bun.List(ids))
		}
	}
	if len(f.Kinds) > 0 {
		which.add("object_kind IN (?)", bun.List(f.Kinds))
	}
	if f.From != 0 || f.Until != 0 {
		which.add("at >= ? AND at <= ?", f.From, f.Until)
	}
	if len(which.parts) == 0 {
		return nil
	}
	where := ""
	for i, p := range which.parts {
		if i > 0 {
			where += " OR "
		}
		where += "(" + p + ")"
	}
	for last := int64(-1); ; {
		var page []ProvedEntry
		err := db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
			args := append([]any{org, last, size}, which.args...)
			if err := q.NewRaw("SELECT seq, record FROM audit WHERE org = ? AND seq > ? AND seq < ? AND ("+where+") ORDER BY seq LIMIT 500", args...).Scan(ctx, &page); err != nil {
				return err
			}
			for i := range page {
				var err error
				if page[i].Proof, err = AuditProof(ctx, q, size, page[i].Seq); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(page) == 0 {
			return err
		}
		for i := range page {
			if err := fn(&page[i]); err != nil {
				return err
			}
		}
		last = page[len(page)-1].Seq
	}
}

// JobsEnded lists jobs of a kind that ended well before an instant and whose result is kept, oldest first.
func (db *DB) JobsEnded(ctx context.Context, kind string, before harbour.Instant, limit int) (list []Job, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT "+jobColumns+" FROM job WHERE kind = ? AND state = ? AND result <> '' AND ended_at < ? ORDER BY ended_at LIMIT ?", kind, JobDone, before, limit).Scan(ctx, &list)
	})
	return list, err
}

// ForgetResult removes the result of a job that has ended, and says why.
func (tx *Tx) ForgetResult(ctx context.Context, org, id, why string) error {
	_, err := tx.Raw(ctx, "UPDATE job SET result = '', message = ? WHERE org = ? AND id = ?", why, org, id)
	return err
}

// PackMade begins the reason of the entry that says that an evidence pack was made.
const PackMade = "made: "

// PackNoted says whether the log says already that a pack was made.
func (tx *Tx) PackNoted(ctx context.Context, org, id string) (bool, error) {
	var records [][]byte
	if err := tx.NewRaw("SELECT record FROM audit WHERE org = ? AND object_kind = 'pack' AND object = ? LIMIT 10", org, id).Scan(ctx, &records); err != nil {
		return false, err
	}
	for _, r := range records {
		var e Entry
		if json.Unmarshal(r, &e) == nil && strings.HasPrefix(e.Reason, PackMade) {
			return true, nil
		}
	}
	return false, nil
}
