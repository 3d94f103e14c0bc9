// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"breakwater/harbour"
)

// AuditFault says what is wrong with an audit log.
type AuditFault string

// The faults.
const (
	AuditChanged   AuditFault = "changed"   // an entry is not what was written
	AuditColumn    AuditFault = "column"    // a column that repeats the entry says something else than the entry
	AuditMissing   AuditFault = "missing"   // entries were taken out
	AuditHash      AuditFault = "hash"      // a stored hash is not what the entries give
	AuditCut       AuditFault = "cut"       // the log ends before a checkpoint of it
	AuditRewritten AuditFault = "rewritten" // the entries are not those that a checkpoint was made over
	AuditResigned  AuditFault = "resigned"  // cut or rewritten, and signed again so that it fits together
	AuditSignature AuditFault = "signature" // a signature does not fit what is signed
	AuditForeign   AuditFault = "foreign"   // signed with another key
)

// AuditProblem is one thing that is wrong.
type AuditProblem struct {
	Fault   AuditFault `json:"fault"`
	Seq     int64      `json:"seq"` // the entry, or the first of several; -1 where no single one can be named
	Message string     `json:"message"`
}

// AuditReport is what checking the log came to.
type AuditReport struct {
	Entries     int64           `json:"entries"` // that are there
	Tree        SignedTree      `json:"-"`       // as the entries give it; no hash where it cannot be told
	From        harbour.Instant `json:"from"`
	To          harbour.Instant `json:"to"`
	Checkpoints int             `json:"checkpoints"` // kept in the database, whole and signed
	Signed      int64           `json:"signed"`      // entries that the newest of them covers
	Witnessed   int64           `json:"witnessed"`   // entries that the witness's checkpoint vouches for
	Problems    []AuditProblem  `json:"problems"`
	More        int             `json:"more"` // problems beyond the first hundred
}

// Whole says whether nothing is wrong.
func (r *AuditReport) Whole() bool { return len(r.Problems) == 0 }

// maxAuditProblems bounds a report.
const maxAuditProblems = 100

func (r *AuditReport) problem(f AuditFault, seq int64, format string, args ...any) {
	if len(r.Problems) >= maxAuditProblems {
		r.More++
		return
	}
	r.Problems = append(r.Problems, AuditProblem{f, seq, fmt.Sprintf(format, args...)})
}

// AuditCheck says what the log is checked against.
type AuditCheck struct {
	// Key that checkpoints must be signed with, as [VerifierKey] writes it; "" to leave signatures unchecked.
	Key string
	// Witness is a checkpoint that was kept elsewhere; nil for none.
	Witness *SignedTree
	// Progress, where given, is told how many entries have been read.
	Progress func(entries int64)
}

// VerifyAudit reads the whole log, computes its tree anew from the entries, and compares it with the hashes and the
// checkpoints that are stored and with the checkpoint of a witness. What is wrong is in the report; an error means that
// the check could not go on.
func (db *DB) VerifyAudit(ctx context.Context, c AuditCheck) (*AuditReport, error) {
	v := &auditVerifier{check: c, report: &AuditReport{Problems: []AuditProblem{}}, roots: map[int64]tlog.Hash{}}
	err := db.Read(ctx, func(ctx context.Context, q bun.IDB) error { return v.run(ctx, q) })
	return v.report, err
}

type auditVerifier struct {
	check  AuditCheck
	report *AuditReport
	kept   []checkpointRow
	wanted map[int64]bool      // sizes whose root is needed
	roots  map[int64]tlog.Hash // of those
	right  []tlog.Hash         // the roots of the full trees that the log consists of, left to right
	n      int64               // leaves so far
	lost   bool                // a leaf cannot be told, so that no tree after it can
}

type auditRow struct {
	Seq                                    int64
	At                                     harbour.Instant
	Org, Actor, Action, ObjectKind, Object string
	Record                                 []byte
}

const auditBatch = 1000

func (v *auditVerifier) run(ctx context.Context, q bun.IDB) error {
	if err := q.NewRaw("SELECT size, at, note FROM checkpoint ORDER BY size").Scan(ctx, &v.kept); err != nil {
		return err
	}
	v.wanted = map[int64]bool{}
	for _, k := range v.kept {
		v.wanted[k.Size] = true
		if tree, err := tlog.ParseTree([]byte(k.Note)); err == nil {
			v.wanted[tree.N] = true
		}
	}
	if v.check.Witness != nil {
		v.wanted[v.check.Witness.N] = true
	}
	v.mark()
	for last := int64(-1); ; {
		var rows []auditRow
		err := q.NewRaw("SELECT seq, at, org, actor, action, object_kind, object, record FROM audit WHERE seq > ? ORDER BY seq LIMIT ?", last, auditBatch).Scan(ctx, &rows)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		if err := v.batch(ctx, q, rows); err != nil {
			return err
		}
		last = rows[len(rows)-1].Seq
		if v.check.Progress != nil {
			v.check.Progress(v.report.Entries)
		}
	}
	if err := v.beyond(ctx, q); err != nil {
		return err
	}
	if !v.lost {
		v.report.Tree = SignedTree{Tree: tlog.Tree{N: v.n, Hash: v.root()}}
	}
	v.checkpoints()
	v.witness()
	return nil
}

// maxGap is how many missing entries are bridged by their stored hashes.
const maxGap = 100_000

// batch checks entries that follow one another, with the hashes that are stored for them.
func (v *auditVerifier) batch(ctx context.Context, q bun.IDB, rows []auditRow) error {
	end := rows[len(rows)-1].Seq + 1
	if end-v.n > maxGap+auditBatch {
		v.report.problem(AuditMissing, v.n, "entries %d to %d are missing", v.n, end-2)
		v.lost = true
		v.report.Entries += int64(len(rows))
		v.n = end
		return nil
	}
	stored, err := storedHashes(ctx, q, tlog.StoredHashCount(v.n), tlog.StoredHashCount(end))
	if err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		if gap := r.Seq - v.n; gap > 0 {
			v.report.problem(AuditMissing, v.n, "%s missing: somebody took %s out", entries(v.n, r.Seq-1), them(gap))
			for v.n < r.Seq {
				leaf, ok := stored[tlog.StoredHashIndex(0, v.n)]
				v.lost = v.lost || !ok
				v.add(leaf, nil)
			}
		}
		v.entry(r, stored)
	}
	return nil
}

func entries(from, to int64) string {
	if from == to {
		return fmt.Sprintf("entry %d is", from)
	}
	return fmt.Sprintf("entries %d to %d are", from, to)
}

func them(n int64) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

func storedHashes(ctx context.Context, q bun.IDB, from, to int64) (map[int64]tlog.Hash, error) {
	byIndex := make(map[int64]tlog.Hash, to-from)
	for from < to {
		var rows []struct {
			Idx  int64
			Hash []byte
		}
		if err := q.NewRaw("SELECT idx, hash FROM audit_hash WHERE idx >= ? AND idx < ?", from, min(to, from+10*auditBatch)).Scan(ctx, &rows); err != nil {
			return nil, err
		}
		for _, r := range rows {
			if len(r.Hash) == tlog.HashSize {
				byIndex[r.Idx] = tlog.Hash(r.Hash)
			}
		}
		from += 10 * auditBatch
	}
	return byIndex, nil
}

func (v *auditVerifier) entry(r *auditRow, stored map[int64]tlog.Hash) {
	if v.report.Entries++; v.report.Entries == 1 {
		v.report.From = r.At
	}
	v.report.To = max(v.report.To, r.At)
	leaf := tlog.RecordHash(r.Record)
	kept, ok := stored[tlog.StoredHashIndex(0, r.Seq)]
	switch {
	case !ok:
		v.report.problem(AuditHash, r.Seq, "the hash of %s is missing", describe(r))
	case kept != leaf:
		v.report.problem(AuditChanged, r.Seq, "%s was changed after it was written", describe(r))
		// What was written is what its hash stood for: with it the rest of the log can still be judged.
		leaf = kept
	default:
		v.columns(r)
	}
	v.add(leaf, stored)
}

// columns compares an entry with the columns that repeat it for search.
func (v *auditVerifier) columns(r *auditRow) {
	var e Entry
	if err := json.Unmarshal(r.Record, &e); err != nil {
		v.report.problem(AuditChanged, r.Seq, "%s cannot be read", describe(r))
		return
	}
	for _, c := range []struct{ column, has, said string }{
		{"seq", fmt.Sprint(r.Seq), fmt.Sprint(e.Seq)},
		{"at", r.At.String(), e.At.String()},
		{"org", r.Org, e.Org},
		{"actor", r.Actor, e.Actor},
		{"action", r.Action, e.Action},
		{"object_kind", r.ObjectKind, e.ObjectKind},
		{"object", r.Object, e.Object},
	} {
		if c.has != c.said {
			v.report.problem(AuditColumn, r.Seq, "the column %s of entry %d was changed: it says %q, the entry itself %q", c.column, r.Seq, c.has, c.said)
		}
	}
}

// describe names an entry by its number, when and what.
func describe(r *auditRow) string {
	what := strings.TrimSpace(r.ObjectKind + " " + r.Object)
	return fmt.Sprintf("entry %d (%s, %s by %s on %s)", r.Seq, r.At, r.Action, r.Actor, what)
}

// add appends a leaf to the tree and compares the hashes that it completes with those stored.
func (v *auditVerifier) add(leaf tlog.Hash, stored map[int64]tlog.Hash) {
	v.right = append(v.right, leaf)
	for level, n := 1, v.n; n&1 == 1; level, n = level+1, n>>1 {
		k := len(v.right)
		node := tlog.NodeHash(v.right[k-2], v.right[k-1])
		v.right = append(v.right[:k-2], node)
		if stored == nil || v.lost {
			continue
		}
		if kept, ok := stored[tlog.StoredHashIndex(level, n>>1)]; !ok || kept != node {
			first := n >> 1 << level
			v.report.problem(AuditHash, first, "a stored hash over entries %d to %d is not what they give", first, first+1<<level-1)
		}
	}
	v.n++
	v.mark()
}

// root is the hash over all leaves so far.
func (v *auditVerifier) root() (h tlog.Hash) {
	if len(v.right) == 0 {
		return h
	}
	h = v.right[len(v.right)-1]
	for i := len(v.right) - 2; i >= 0; i-- {
		h = tlog.NodeHash(v.right[i], h)
	}
	return h
}

func (v *auditVerifier) mark() {
	if v.wanted[v.n] && !v.lost {
		v.roots[v.n] = v.root()
	}
}

// beyond finds hashes of entries that are no longer there.
func (v *auditVerifier) beyond(ctx context.Context, q bun.IDB) error {
	var n, top int64
	if err := q.NewRaw("SELECT COUNT(*), COALESCE(MAX(idx), -1) FROM audit_hash WHERE idx >= ?", tlog.StoredHashCount(v.n)).Scan(ctx, &n, &top); err != nil || n == 0 {
		return err
	}
	size := v.n
	for size-v.n <= maxGap && tlog.StoredHashCount(size) <= top {
		size++
	}
	v.report.problem(AuditMissing, v.n, "the log was cut at its end: hashes of %d more entries are there, the entries are not", size-v.n)
	return nil
}

// checkpoints compares the log with those kept beside it.
func (v *auditVerifier) checkpoints() {
	for _, k := range v.kept {
		tree, err := tlog.ParseTree([]byte(k.Note))
		if err != nil || tree.N != k.Size {
			v.report.problem(AuditSignature, -1, "the checkpoint over %d entries was changed", k.Size)
			continue
		}
		if !v.signed(k.Note, fmt.Sprintf("the checkpoint over %d entries, kept in the database,", k.Size)) {
			continue
		}
		if v.compare(tree, "a checkpoint kept in the database", AuditRewritten) {
			v.report.Checkpoints++
			v.report.Signed = max(v.report.Signed, tree.N)
		}
	}
}

// signed checks a signature and says what is wrong with it.
func (v *auditVerifier) signed(signed, what string) bool {
	if v.check.Key == "" {
		return true
	}
	err := openNote(signed, v.check.Key)
	var unknown *note.UnverifiedNoteError
	switch {
	case err == nil:
		return true
	case errors.As(err, &unknown):
		v.report.problem(AuditForeign, -1, "%s was signed with another key than this installation's", what)
	default:
		v.report.problem(AuditSignature, -1, "%s has a signature that does not fit: it was changed", what)
	}
	return false
}

// compare says whether the log goes on from a tree. How it differs is a problem of the given fault.
func (v *auditVerifier) compare(tree tlog.Tree, what string, differs AuditFault) bool {
	root, known := v.roots[tree.N]
	switch {
	case tree.N > v.n:
		fault, words := AuditCut, ""
		if differs == AuditResigned {
			fault, words = AuditResigned, ", and what vouched for them was taken out too: the log was cut and signed again"
		}
		v.report.problem(fault, v.n, "the log was cut: %s was made over %d entries, the log has %d; the last %d are missing%s", what, tree.N, v.n, tree.N-v.n, words)
	case !known:
		v.report.problem(AuditRewritten, -1, "%s, over %d entries, cannot be compared: entries before it are missing with their hashes", what, tree.N)
	case root == tree.Hash:
		return true
	case differs == AuditResigned:
		v.report.problem(AuditResigned, -1, "the first %d entries are not those that %s was made over, although the log fits together: it was cut or changed and signed again", tree.N, what)
	default:
		v.report.problem(differs, -1, "the first %d entries are not those that %s was made over: entries and their hashes were rewritten", tree.N, what)
	}
	return false
}

// witness compares the log with a checkpoint that was out of reach of whoever changed it.
func (v *auditVerifier) witness() {
	w := v.check.Witness
	if w == nil {
		return
	}
	const what = "the witness's checkpoint"
	if w.Note != "" && !v.signed(w.Note, what) {
		// Whose key it is does not decide whether the entries are the same.
		v.compare(w.Tree, what, AuditRewritten)
		return
	}
	fault := AuditResigned
	for _, k := range v.kept {
		if tree, err := tlog.ParseTree([]byte(k.Note)); err == nil && tree == w.Tree {
			fault = AuditRewritten // it is still kept: nobody signed again in its place
		}
	}
	if !v.report.Whole() {
		fault = AuditRewritten
	}
	if v.compare(w.Tree, what, fault) {
		v.report.Witnessed = w.N
	}
}
