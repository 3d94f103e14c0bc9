// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"breakwater/harbour"
)

// Entry is one line of the audit log: who did what to which object, and what it was before and after.
type Entry struct {
	Seq        int64           `json:"seq"`
	At         harbour.Instant `json:"at"`
	Org        string          `json:"organisation"` // "" for the whole installation
	Actor      string          `json:"actor"`        // person id, or "system" and what of it
	ActorName  string          `json:"actor_name"`
	Via        string          `json:"via"` // session, token, command, system
	Address    string          `json:"address,omitempty"`
	Action     string          `json:"action"`
	ObjectKind string          `json:"object_kind"`
	Object     string          `json:"object"`
	ObjectName string          `json:"object_name,omitempty"`
	Before     json.RawMessage `json:"before,omitempty"`
	After      json.RawMessage `json:"after,omitempty"`
	Reason     string          `json:"reason,omitempty"`
	Request    string          `json:"request,omitempty"`
}

// maxAuditValue bounds what is kept of an object's state in one entry.
const maxAuditValue = 64 << 10

// Audit appends an entry to the log, in this transaction. Its number and time are set here. The log is a Merkle tree of
// the records as in RFC 6962, section 2.1; [tlog] keeps it.
func (tx *Tx) Audit(ctx context.Context, e Entry) error {
	size, err := auditSize(ctx, tx)
	if err != nil {
		return err
	}
	e.Seq, e.At = size, tx.at
	for _, v := range []*json.RawMessage{&e.Before, &e.After} {
		if len(*v) > maxAuditValue {
			*v, _ = json.Marshal(fmt.Sprintf("%d bytes, too long to be kept here", len(*v)))
		}
	}
	record, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if _, err := tx.NewRaw("INSERT INTO audit (seq, at, org, actor, action, object_kind, object, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		size, e.At, e.Org, e.Actor, e.Action, e.ObjectKind, e.Object, record).Exec(ctx); err != nil {
		return err
	}
	hashes, err := tlog.StoredHashes(size, record, auditHashes(ctx, tx))
	if err != nil {
		return err
	}
	first := tlog.StoredHashIndex(0, size)
	rows := make([][]any, len(hashes))
	for i, h := range hashes {
		rows[i] = []any{first + int64(i), h[:]}
	}
	if err := tx.Load(ctx, "audit_hash", []string{"idx", "hash"}, rows); err != nil {
		return err
	}
	tx.audited++
	if o := tx.db.opt.Observe; o != nil {
		tx.After(func() { o.Audit(e.Action) })
	}
	return nil
}

// AuditSize is how many entries the log has.
func (db *DB) AuditSize(ctx context.Context) (n int64, err error) {
	err = db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		n, err = auditSize(ctx, q)
		return err
	})
	return n, err
}

func auditSize(ctx context.Context, q bun.IDB) (n int64, err error) {
	err = q.NewRaw("SELECT COALESCE(MAX(seq) + 1, 0) FROM audit").Scan(ctx, &n)
	return n, err
}

func auditHashes(ctx context.Context, q bun.IDB) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var rows []struct {
			Idx  int64
			Hash []byte
		}
		if err := q.NewRaw("SELECT idx, hash FROM audit_hash WHERE idx IN (?)", bun.List(indexes)).Scan(ctx, &rows); err != nil {
			return nil, err
		}
		byIndex := make(map[int64]tlog.Hash, len(rows))
		for _, r := range rows {
			if len(r.Hash) == tlog.HashSize {
				byIndex[r.Idx] = tlog.Hash(r.Hash)
			}
		}
		list := make([]tlog.Hash, len(indexes))
		for i, idx := range indexes {
			h, ok := byIndex[idx]
			if !ok {
				return nil, fmt.Errorf("hash %d of the audit log is missing", idx)
			}
			list[i] = h
		}
		return list, nil
	})
}

// AuditTree gives the size and the root hash of the log.
func AuditTree(ctx context.Context, q bun.IDB) (tlog.Tree, error) {
	n, err := auditSize(ctx, q)
	if err != nil || n == 0 {
		return tlog.Tree{}, err
	}
	h, err := tlog.TreeHash(n, auditHashes(ctx, q))
	return tlog.Tree{N: n, Hash: h}, err
}

// AuditProof proves that entry seq is in the log of the given size.
func AuditProof(ctx context.Context, q bun.IDB, size, seq int64) (tlog.RecordProof, error) {
	return tlog.ProveRecord(size, seq, auditHashes(ctx, q))
}

// AuditConsistency proves that the log of size after goes on from that of size before.
func AuditConsistency(ctx context.Context, q bun.IDB, after, before int64) (tlog.TreeProof, error) {
	return tlog.ProveTree(after, before, auditHashes(ctx, q))
}

// Checkpoint signs the log as it stands and keeps the signed note. The text is that of tlog: a line that says what it
// is, the size, and the root hash; the signature is that of a signed note (c2sp.org/signed-note). Where nothing was added since the last one,
// that one is returned; "" where the log is empty.
func (db *DB) Checkpoint(ctx context.Context) (signed string, err error) {
	if db.opt.Signer == nil {
		return "", &harbour.Error{Kind: harbour.ErrInvalid, Op: "sign a checkpoint", Message: "this database was opened without a signing key"}
	}
	err = db.Write(ctx, Machine, func(ctx context.Context, tx *Tx) error {
		tree, err := AuditTree(ctx, tx)
		if err != nil {
			return err
		}
		tx.Unaudited("a checkpoint is about the log, not in it")
		if tree.N == 0 { // it would vouch for nothing, and look as if it did
			return nil
		}
		if err := tx.NewRaw("SELECT note FROM checkpoint WHERE size = ?", tree.N).Scan(ctx, &signed); err == nil {
			return nil
		}
		signer, err := NewSigner(db.opt.Origin, db.opt.Signer)
		if err != nil {
			return err
		}
		b, err := note.Sign(&note.Note{Text: string(tlog.FormatTree(tree))}, signer)
		if err != nil {
			return err
		}
		signed = string(b)
		_, err = tx.NewRaw("INSERT INTO checkpoint (size, at, note) VALUES (?, ?, ?)", tree.N, tx.at, signed).Exec(ctx)
		return err
	})
	return signed, err
}
