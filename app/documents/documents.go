// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package documents makes what people read and sign of the published state: the assessment as a page and as PDF.
//
// A document is of the whole organisation, so that only who sees all of it gets one. It bears the classification that the
// port file gives, and is made of one state: where another is published while it is made, it is made again.
//
// # When full
//
// Documents are made one at a time, into a temporary file, so that what is handed out is whole. The wait for a place ends
// with the context. A disk that is full is said.
//
// A Documents is safe for concurrent use.
package documents

import (
	"bufio"
	"context"
	"errors"
	"io"
	"iter"
	"os"

	"breakwater/app"
	"breakwater/document"
	"breakwater/harbour"
	"breakwater/store"
)

// Form of a document.
type Form string

// The forms.
const (
	HTML Form = "html"
	PDF  Form = "pdf"
)

// Documents is the use case. See the package comment.
type Documents struct {
	core  *app.Core
	place chan struct{}
	// TempDir is the folder for the file that a document is made in; "" for the system's. Set it before use.
	TempDir string
}

// New makes the use case.
func New(c *app.Core) *Documents { return &Documents{core: c, place: make(chan struct{}, 1)} }

// File is a document that was made. Close removes it.
type File struct {
	*os.File
	Size int64
	// Generation is the state that it shows.
	Generation store.Generation
}

// Close removes the file.
func (f *File) Close() error {
	return errors.Join(f.File.Close(), os.Remove(f.Name()))
}

// attempts is how often a document is made anew because another state was published meanwhile.
const attempts = 3

// Assessment makes the assessment of the published state. That it was made is in the audit log before it is handed out.
//
// Errors: those of [app.Actor.Whole]; ErrNotFound where nothing was published yet; ErrConflict where states follow one
// another too fast; ErrFull, ErrCancelled.
func (u *Documents) Assessment(ctx context.Context, by *app.Actor, org string, form Form) (f *File, err error) {
	scope, err := by.Whole(app.ReadDocuments, org)
	if err != nil {
		return nil, err
	}
	select {
	case u.place <- struct{}{}:
		defer func() { <-u.place }()
	case <-ctx.Done():
		return nil, &harbour.Error{Kind: harbour.ErrCancelled, Op: "make document", Message: "stopped", Err: context.Cause(ctx)}
	}
	for range attempts {
		f, err = u.make(ctx, scope, org, form)
		if err != nil {
			return nil, err
		}
		_, now, err := u.core.DB.In(scope).Summary(ctx)
		if err == nil && now.Number == f.Generation.Number {
			return f, u.noted(ctx, by, org, form, f)
		}
		f.Close()
		if err != nil {
			return nil, err
		}
	}
	return nil, &harbour.Error{Kind: harbour.ErrConflict, Op: "make document", Message: "the state changes faster than the document is made", Hint: "wait until the jobs that build the inventory are done"}
}

func (u *Documents) noted(ctx context.Context, by *app.Actor, org string, form Form, f *File) error {
	err := u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		e := by.Entry(org, app.ReadDocuments, "document", "assessment."+string(form), "assessment")
		e.After = app.State(map[string]any{"generation": f.Generation.Number, "bytes": f.Size})
		return tx.Audit(ctx, e)
	})
	if err != nil {
		f.Close()
	}
	return err
}

func (u *Documents) make(ctx context.Context, scope store.Scope, org string, form Form) (*File, error) {
	s := u.core.DB.In(scope)
	a, g, failed, err := state(ctx, s)
	if err != nil {
		return nil, err
	}
	if a.Settlements, err = u.settlements(ctx, s); err != nil {
		return nil, err
	}
	if a.Summary.Port == "" { // no port file says how the port is called
		list, err := u.core.DB.Organisations(ctx, org)
		if err != nil {
			return nil, err
		}
		for _, o := range list {
			a.Summary.Port = o.Name
		}
	}
	t, err := os.CreateTemp(u.TempDir, "document-")
	if err != nil {
		return nil, notWritten(err)
	}
	f := &File{File: t, Generation: g}
	w := bufio.NewWriterSize(t, 1<<20)
	if form == PDF {
		err = document.PDF(ctx, w, a)
	} else {
		err = document.HTML(ctx, w, a)
	}
	if e := failed(); e != nil { // a list that was cut short makes no document
		err = e
	}
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		f.Size, err = t.Seek(0, io.SeekEnd)
	}
	if err == nil {
		_, err = t.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, notWritten(err)
	}
	return f, nil
}

func notWritten(err error) error {
	var e *harbour.Error
	if errors.As(err, &e) {
		return err
	}
	e = &harbour.Error{Kind: harbour.ErrInternal, Op: "make document", Message: "the document could not be written", Err: err}
	if harbour.DiskFull(err) {
		e.Kind, e.Message, e.Hint = harbour.ErrFull, "the disk is full", "free some space; nothing was left half-written"
	}
	return e
}

// state is the published state as documents take it. failed gives the first error of walking a list.
func state(ctx context.Context, s *store.Scoped) (a *harbour.Assessment, g store.Generation, failed func() error, err error) {
	sum, g, err := s.Summary(ctx)
	if err != nil {
		return nil, g, nil, err
	}
	if sum == nil {
		return nil, g, nil, &harbour.Error{Kind: harbour.ErrNotFound, Op: "make document", Message: "there is nothing to make a document of yet", Hint: "add evidence first"}
	}
	a = &harbour.Assessment{Summary: *sum}
	a.Summary.GeneratedAt = g.At // when the state was published, as the pages say it
	if a.Zones, err = s.Zones(ctx); err != nil {
		return nil, g, nil, err
	}
	if a.Conduits, err = s.Conduits(ctx); err != nil {
		return nil, g, nil, err
	}
	if err := evidenceAndFindings(ctx, s, a); err != nil {
		return nil, g, nil, err
	}
	type known struct{ name, zone string }
	assets := map[string]known{}
	var first error
	a.Assets = func(yield func(*harbour.Asset) bool) {
		keep(&first, s.EachAsset(ctx, store.AssetQuery{}, func(x *harbour.Asset, _ store.AssetRow) error {
			if !yield(x) {
				return errEnough
			}
			return ctx.Err()
		}))
	}
	for x := range a.Assets {
		assets[x.ID] = known{x.Name, x.Zone}
	}
	a.AssetName = func(id string) string { return assets[id].name }
	a.ZoneOf = func(id string) string { return assets[id].zone }
	a.Conversations = walk(ctx, &first, s.Conversations, func(r *store.ConversationRow) *harbour.Conversation { return &r.Conversation })
	a.Operations = walk(ctx, &first, s.Operations, func(r *store.OperationRow) *harbour.Operation { return &r.Operation })
	return a, g, func() error { return first }, first
}

// errEnough ends a walk whose caller has enough.
var errEnough = errors.New("enough")

func keep(first *error, err error) {
	if *first == nil && err != nil && !errors.Is(err, errEnough) {
		*first = err
	}
}

// walk reads a list page after page.
func walk[R, T any](ctx context.Context, first *error, read func(context.Context, store.Traffic) (store.Page[R], error), of func(*R) *T) iter.Seq[*T] {
	return func(yield func(*T) bool) {
		q := store.Traffic{Order: store.Order{Limit: store.MaxLimit}}
		for {
			p, err := read(ctx, q)
			if err != nil {
				keep(first, err)
				return
			}
			for i := range p.Items {
				if !yield(of(&p.Items[i])) {
					return
				}
			}
			if q.Cursor = p.Next; q.Cursor == "" {
				return
			}
		}
	}
}

// evidenceAndFindings reads the lists that documents hold whole. Evidence that does not count is left out.
func evidenceAndFindings(ctx context.Context, s *store.Scoped, a *harbour.Assessment) error {
	e := store.EvidenceQuery{Order: store.Order{Limit: store.MaxLimit}, State: []string{store.EvidenceRead, store.EvidenceUnreadable}}
	for {
		p, err := s.Evidence(ctx, e)
		if err != nil {
			return err
		}
		for i := range p.Items {
			v := p.Items[i].Evidence
			v.Path = p.Items[i].Name // where it lay on a disk is nobody's business
			a.Evidence = append(a.Evidence, v)
			if v.Kind == harbour.EvidencePortFile && a.Port == nil {
				a.Port = &harbour.Port{Name: a.Summary.Port, Marking: a.Summary.Marking}
			}
		}
		if e.Cursor = p.Next; e.Cursor == "" {
			break
		}
	}
	f := store.FindingQuery{Order: store.Order{Limit: store.MaxLimit, Sort: "severity", Desc: true}}
	for {
		p, err := s.Findings(ctx, f)
		if err != nil {
			return err
		}
		for i := range p.Items {
			a.Findings = append(a.Findings, p.Items[i].Finding)
		}
		if f.Cursor = p.Next; f.Cursor == "" {
			return nil
		}
	}
}
