// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"breakwater/app"
	"breakwater/evidence"
	"breakwater/evidence/packet/capture"
	"breakwater/harbour"
	"breakwater/pipeline"
	"breakwater/store"
	"breakwater/store/vault"
)

// read reads an evidence into a ledger, keeps the ledger, and asks for a build.
func (u *Imports) read(ctx context.Context, org, id, person string, tell Progress) (string, error) {
	row, err := u.core.DB.In(store.WholeOrganisation(org)).EvidenceByID(ctx, id)
	if err != nil {
		return "", err
	}
	if row.State == store.EvidenceWithdrawn || row.State == store.EvidenceDeleted {
		return "not read: it was " + row.State, nil
	}
	done, err := u.readInto(ctx, org, &row, tell)
	if err != nil {
		return "", err
	}
	if err := u.keep(ctx, org, person, &row, done, true); err != nil {
		return "", err
	}
	if u.opt.Observe != nil {
		u.opt.Observe(&done.evidence, done.readable)
	}
	if !done.readable {
		return "unreadable: " + fatal(&done.evidence), nil
	}
	return fmt.Sprintf("%s, %d records, %d problems", done.what, done.evidence.Records, len(done.evidence.Problems)), nil
}

// reading is what came of reading an evidence.
type reading struct {
	evidence harbour.Evidence
	readable bool
	what     string // was recognised
	ledger   string // hash in the vault
	marks    string // of the index of a capture, "" where it needs none
}

// readInto reads an evidence from the vault and puts its ledger there.
func (u *Imports) readInto(ctx context.Context, org string, row *store.EvidenceRow, tell Progress) (*reading, error) {
	free, err := take(ctx, u.reading)
	if err != nil {
		return nil, err
	}
	defer free()
	r, err := u.vault.Open(row.SHA256)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	review, err := reviewOf(row)
	if err != nil {
		return nil, err
	}
	var index capture.Index
	kind, what, err := pipeline.Recognise(pipeline.Kinds(pipeline.Options{TempDir: u.temp, Marks: index.Add, Mapping: review.Mapping}), io.NewSectionReader(r, 0, r.Size()))
	if err != nil {
		return nil, err
	}
	budget := pipeline.BudgetOf(u.opt.Memory)
	l := evidence.NewLedger(evidence.LimitsFor(budget.Tables))
	seen := int64(0)
	f := &pipeline.File{
		Path: row.Name, Size: r.Size(), Content: r, Kind: kind, Memory: budget.Reader,
		Progress: func(n int64) { seen += n; tell("reading", seen, r.Size()) },
	}
	damage := &watched{Reader: r}
	f.Content = damage
	err = pipeline.Read(ctx, f, l)
	if e := damage.err; e != nil { // what is kept here is damaged, which is not the evidence's fault
		return nil, e
	}
	done := &reading{what: what}
	var invalid *harbour.Error
	switch {
	case errors.As(err, &invalid) && invalid.Kind == harbour.ErrInvalid:
		l.Evidence.Problems = append([]harbour.Problem{{Message: invalid.Message, Hint: invalid.Hint, Fatal: true}}, l.Evidence.Problems...)
	case err != nil:
		return nil, err
	default:
		done.readable = kind != nil && (l.Evidence.Records > 0 || fatal(&l.Evidence) == "")
	}
	if l.Evidence.SHA256 != row.SHA256 {
		return nil, &harbour.Error{Kind: harbour.ErrUnreadable, Op: "read evidence", Message: "the kept content is not that of the evidence", Hint: "give the same file again, which mends it"}
	}
	done.evidence = l.Evidence
	if done.readable {
		doubts, err := u.siteProblems(ctx, org, l, row)
		if err != nil {
			return nil, err
		}
		done.evidence.Problems = append(slices.Clip(done.evidence.Problems), doubts...)
	}
	if !done.readable {
		return done, nil
	}
	tell("keeping what was read", r.Size(), r.Size())
	if done.ledger, err = u.putLedger(ctx, l); err != nil || index.Len() == 0 {
		return done, err
	}
	o, err := u.vault.Put(ctx, bytes.NewReader(index.AppendBinary(nil)), vault.PutOptions{})
	done.marks = o.SHA256
	return done, err
}

// watched notes the vault's error, so that damage of what is kept is not taken for damage of the evidence.
type watched struct {
	*vault.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	return n, w.note(err)
}

// ReadAt as io.ReaderAt says.
func (w *watched) ReadAt(p []byte, off int64) (int, error) {
	n, err := w.Reader.ReadAt(p, off)
	return n, w.note(err)
}

func (w *watched) note(err error) error {
	if err != nil && harbour.KindOf(err) == harbour.ErrUnreadable {
		w.err = err
	}
	return err
}

// fatal is the first problem that cost the evidence or the rest of it, "" for none.
func fatal(e *harbour.Evidence) string {
	for _, p := range e.Problems {
		if p.Fatal {
			return p.Message
		}
	}
	return ""
}

// putLedger streams a ledger file into the vault and gives its hash.
func (u *Imports) putLedger(ctx context.Context, l *evidence.Ledger) (string, error) {
	pr, pw := io.Pipe()
	go func() {
		_, err := l.WriteTo(pw)
		pw.CloseWithError(err)
	}()
	o, err := u.vault.Put(ctx, pr, vault.PutOptions{})
	pr.CloseWithError(io.ErrClosedPipe) // ends the writer where Put stopped early
	return o.SHA256, err
}

// openLedger opens a ledger file that is in the vault.
func (u *Imports) openLedger(sha256 string) (*evidence.Ledger, error) {
	return evidence.OpenLedger(func() (evidence.Blob, error) {
		r, err := u.vault.Open(sha256)
		if err != nil {
			return nil, err // not the nil *Reader, which would be a Blob
		}
		return r, nil
	})
}

// keep records what came of a reading. What people did to the evidence meanwhile stands.
func (u *Imports) keep(ctx context.Context, org, person string, row *store.EvidenceRow, done *reading, rebuild bool) error {
	u.objects.RLock()
	defer u.objects.RUnlock()
	for _, object := range []string{done.ledger, done.marks} {
		if object == "" {
			continue
		}
		if _, err := u.vault.Stat(object); harbour.KindOf(err) == harbour.ErrNotFound {
			return &harbour.Error{Kind: harbour.ErrUnavailable, Op: "read evidence", Message: "what was read was removed at this very moment", Hint: "it is read again", Err: err}
		} else if err != nil {
			return err
		}
	}
	// The work is done: whether somebody cancels now no longer matters.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	return u.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
		now, err := tx.EvidenceByID(ctx, store.WholeOrganisation(org), row.ID)
		if err != nil {
			return err
		}
		if now.State == store.EvidenceDeleted {
			tx.Unaudited("it was deleted while it was read: nothing is kept")
			return u.dropObjects(ctx, tx, org, person, done.ledger, done.marks)
		}
		was, marks, counted := now.Ledger, now.Marks, now.State == store.EvidenceRead
		now.Evidence, now.Ledger, now.Marks = done.evidence, done.ledger, done.marks
		if v, err := reviewOf(&now); err == nil && v.Waiting { // somebody had it read without looking
			now.Mapping = ""
		}
		state := store.EvidenceUnreadable
		if done.readable {
			state = store.EvidenceRead
		}
		if now.State != store.EvidenceWithdrawn {
			now.State = state
		}
		if err := tx.PutEvidence(ctx, org, now); err != nil {
			return err
		}
		detail := done.what
		if !done.readable {
			detail = fatal(&done.evidence)
		}
		if err := u.note(ctx, tx, system(), org, app.ImportEvidence, &now, "read", detail); err != nil {
			return err
		}
		if err := u.dropObjects(ctx, tx, org, person, was, marks); err != nil { // what is still named stays
			return err
		}
		if !rebuild || now.State == store.EvidenceWithdrawn || !done.readable && !counted {
			return nil
		}
		return u.Rebuild(ctx, tx, org, person, now.Name+" was read")
	})
}

// dropObjects has objects of the vault removed that no record names any more.
func (u *Imports) dropObjects(ctx context.Context, tx *store.Tx, org, person string, objects ...string) error {
	for _, sha256 := range objects {
		if sha256 == "" {
			continue
		}
		n, err := tx.EvidenceUses(ctx, sha256)
		if err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		if _, err := u.jobs.Add(ctx, tx, org, person, JobShred, "Remove bytes that nothing refers to", sha256); err != nil {
			return err
		}
	}
	return nil
}

// shred makes an object of the vault unreadable for good, unless a record names it by now.
func (u *Imports) shred(ctx context.Context, sha256 string) (string, error) {
	u.objects.Lock()
	defer u.objects.Unlock()
	uses := 0
	err := u.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) (err error) {
		tx.Unaudited("looks whether an object is still used")
		uses, err = tx.EvidenceUses(ctx, sha256)
		return err
	})
	switch {
	case err != nil:
		return "", err
	case uses > 0:
		return "kept: it is used again", nil
	}
	if err := u.vault.Delete(sha256); err != nil && harbour.KindOf(err) != harbour.ErrNotFound {
		return "", err
	}
	return "removed for good", nil
}
