// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"breakwater/exchange/evidencepack"
	"breakwater/harbour"
	"breakwater/store"
)

// rest writes what follows the objects: observations, evidence, custody, the audit log with its proofs, and the manifest.
func (p *packing) rest(ctx context.Context, spool io.ReadSeeker) error {
	db := p.u.core.DB
	if _, err := db.Checkpoint(ctx); err != nil {
		return err
	}
	tree, err := db.LastCheckpoint(ctx)
	if err != nil {
		return err
	}
	to, err := p.w.Create(evidencepack.ObservationsFile)
	if err != nil {
		return err
	}
	if _, err = spool.Seek(0, io.SeekStart); err == nil {
		_, err = io.Copy(to, spool)
	}
	if err != nil {
		return diskError(err)
	}
	for _, step := range []func(context.Context, store.SignedTree) error{p.evidence, p.custody, p.entries, p.earlier, p.people} {
		if err := step(ctx, tree); err != nil {
			return err
		}
	}
	key, err := evidencepack.ParseKey(db.AuditKey())
	if err != nil {
		return err
	}
	organisations, err := db.Organisations(ctx, "*")
	if err != nil {
		return err
	}
	for _, o := range organisations {
		if o.ID == p.org {
			p.m.OrganisationName = o.Name
		}
	}
	p.m.ID, p.m.Program, p.m.Organisation = p.id, "breakwater "+p.u.core.Version, p.org
	p.m.MadeAt, p.m.MadeBy = p.u.core.Now().String(), evidencepack.Person{ID: p.by.Person, Name: p.by.Name, Via: p.by.Via}
	p.m.Reason, p.m.For, p.m.Classification, p.m.Contents = p.r.Reason, p.r.For, p.r.Classification, p.r.Contents
	p.m.Selection = evidencepack.Selection{Everything: p.r.Everything, Assets: p.r.Assets, Findings: p.r.Findings, Evidence: p.r.Evidence, AuditFrom: p.r.AuditFrom.String(), AuditUntil: p.r.AuditUntil.String()}
	p.m.Key, p.m.Tree = key.Fingerprint(), evidencepack.Tree{Size: tree.N, Root: hex.EncodeToString(tree.Hash[:])}
	if err := p.w.Close(p.m, db.SignNote); err != nil {
		return diskError(err)
	}
	return nil
}

// evidence writes the bytes that are given, and the line of each evidence.
func (p *packing) evidence(ctx context.Context, _ store.SignedTree) error {
	var lines []evidencepack.Evidence
	for i, id := range slices.Sorted(maps.Keys(p.cited)) {
		c := p.cited[id]
		p.tell("evidence", int64(i), int64(len(p.cited)))
		v := evidencepack.Evidence{
			ID: id, Name: c.row.Name, Kind: string(c.row.Kind), SHA256: c.row.SHA256, Bytes: c.row.Bytes, State: c.row.State, Given: evidencepack.Nothing, Slices: []evidencepack.Slice{},
		}
		if c.lines != nil {
			var err error
			switch {
			case p.r.Contents == evidencepack.Whole:
				v.Given, err = evidencepack.Whole, p.whole(ctx, c)
			case c.row.Kind == harbour.EvidencePacket:
				v.Slices, err = p.frames(ctx, c)
			default:
				v.Slices, err = p.places(ctx, c)
			}
			if err != nil {
				return err
			}
			if len(v.Slices) > 0 {
				v.Given = evidencepack.Slices
			}
			if c.more > 0 {
				p.leave("%d more places of %s (%s)", c.more, id, c.row.Name)
			}
		}
		lines = append(lines, v)
	}
	p.m.Counts.Evidence = int64(len(lines))
	put, err := p.w.Lines(evidencepack.EvidenceFile)
	for i := range lines {
		if err == nil {
			err = put(lines[i])
		}
	}
	return err
}

func (p *packing) whole(ctx context.Context, c *citation) error {
	r, err := p.u.open(&c.row)
	if err != nil {
		return err
	}
	defer r.Close()
	to, err := p.w.Create(evidencepack.WholeFile(c.row.ID))
	if err == nil {
		_, err = io.Copy(to, &bounded{ctx: ctx, r: r, left: 1 << 62})
	}
	return err
}

func (p *packing) custody(ctx context.Context, _ store.SignedTree) error {
	put, err := p.w.Lines(evidencepack.CustodyFile)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(p.cited)) {
		list, err := p.u.core.DB.In(p.rights.evidence).Custody(ctx, id)
		if err != nil {
			return err
		}
		for _, c := range list {
			p.m.Counts.Custody++
			if err := put(evidencepack.Custody{Evidence: id, At: c.At.String(), Who: c.Who, Act: c.Act, Detail: c.Detail}); err != nil {
				return err
			}
		}
	}
	return nil
}

// entries writes what the audit log says of the objects, of the state they are of, and of the making of the pack.
func (p *packing) entries(ctx context.Context, tree store.SignedTree) error {
	put, err := p.w.Lines(evidencepack.AuditFile)
	if err != nil {
		return err
	}
	f := store.AuditSelect{Objects: p.about, From: p.r.AuditFrom, Until: p.r.AuditUntil}
	if p.r.Everything {
		f.Kinds = []string{"asset", "finding", "evidence", "generation"}
	}
	return p.u.core.DB.ProvedEntries(ctx, p.org, f, tree.N, func(e *store.ProvedEntry) error {
		if p.m.Counts.Entries++; p.m.Counts.Entries > maxPackEntries {
			return &harbour.Error{Kind: harbour.ErrTooLarge, Op: "make evidence pack", Message: fmt.Sprintf("the audit log has more than %d entries about this", maxPackEntries), Hint: "choose fewer objects, or a shorter time"}
		}
		if p.m.Counts.Entries%1000 == 0 {
			p.tell("audit log", p.m.Counts.Entries, 0)
		}
		return put(evidencepack.Entry{Seq: e.Seq, Record: string(e.Record), Proof: digits(e.Proof)})
	})
}

func digits[T ~[]tlog.Hash](proof T) []string {
	list := make([]string, len(proof))
	for i, h := range proof {
		list[i] = hex.EncodeToString(h[:])
	}
	return list
}

// earlier proves that the log goes on from checkpoints that were signed before, and from the one that the recipient holds.
func (p *packing) earlier(ctx context.Context, tree store.SignedTree) error {
	db := p.u.core.DB
	list, err := db.Checkpoints(ctx, tree.N, maxEarlier)
	if err != nil {
		return err
	}
	if p.r.Since != "" {
		since, err := store.ParseCheckpoint([]byte(p.r.Since))
		if err != nil {
			return err
		}
		bad := &harbour.Error{Kind: harbour.ErrConflict, Op: "make evidence pack", Hint: "check which installation it is of, and the audit log with breakwater audit verify --checkpoint"}
		if since.N > tree.N {
			bad.Message = fmt.Sprintf("the recipient's checkpoint is over %d entries, the audit log has %d", since.N, tree.N)
			return bad
		}
		if since.N > 0 && since.N < tree.N {
			proof, err := db.Consistency(ctx, tree.N, since.N)
			if err != nil {
				return err
			}
			if tlog.CheckTree(proof, tree.N, tree.Hash, since.N, since.Hash) != nil {
				bad.Message = "the audit log does not go on from the recipient's checkpoint"
				return bad
			}
			if !slices.ContainsFunc(list, func(s store.SignedTree) bool { return s.N == since.N }) {
				since.Note = "" // the figures are proved; whoever signed them knows it
				list = append(list, since)
			}
		}
	}
	put, err := p.w.Lines(evidencepack.EarlierFile)
	if err != nil {
		return err
	}
	for _, s := range list {
		proof, err := db.Consistency(ctx, tree.N, s.N)
		if err != nil {
			return err
		}
		p.m.Counts.Earlier++
		if err := put(evidencepack.Earlier{Size: s.N, Root: hex.EncodeToString(s.Hash[:]), Note: s.Note, Proof: digits(proof)}); err != nil {
			return err
		}
	}
	if err := p.w.Text(evidencepack.CheckpointFile, tree.Note); err != nil {
		return err
	}
	return p.w.Text(evidencepack.KeyFile, db.AuditKey()+"\n")
}

// people writes what a person reads who opens the zip.
func (p *packing) people(context.Context, store.SignedTree) error {
	warning := ""
	switch p.r.Contents {
	case evidencepack.Whole:
		warning = "\nWARNING: it holds whole files of evidence. Captures of a network and inventories can hold passwords, personal data and\nsecrets of third parties, in clear. Keep it as you would keep those.\n"
	case evidencepack.Slices:
		warning = "\nIt holds the places of the evidence that statements rest on. Passwords that were recognised are replaced by asterisks; a secret\nthat is not recognised, or split between two frames, is not.\n"
	}
	return p.w.Text(evidencepack.ReadmeFile, fmt.Sprintf(`Evidence pack %s

For:            %s
Why:            %s
Classification: %s
%s
Verify it with the program breakwater-verify, which needs nothing else:

    breakwater-verify %s.zip --key FINGERPRINT

Get the fingerprint of the key from the port, on another way than this pack came. The format is described in
docs/formats/evidence-pack.md of Breakwater, so that you can write a verifier of your own.
`, p.id, p.r.For, p.r.Reason, p.r.Classification, warning, p.id))
}
