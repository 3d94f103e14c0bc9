// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"context"
	"fmt"
	"io"
	"slices"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/vault"
)

// Evidence is the use case. See the package comment.
type Evidence struct {
	core  *app.Core
	vault *vault.Vault
	// TempDir is the folder in which large workbooks are unpacked while a row of them is looked for, and evidence packs are
	// put together; "" for the system's. Set it before use.
	TempDir string
	// Jobs take evidence packs that are too large to be made while somebody waits; nil where whoever asks waits however long
	// it takes. Set it before use.
	Jobs Jobs
}

// Jobs is what takes work that outlives a request.
type Jobs interface {
	// Add adds a job within the transaction and gives its id.
	Add(ctx context.Context, tx *store.Tx, org, by, kind, title, input string) (id string, err error)
}

// New makes the use case.
func New(c *app.Core, v *vault.Vault) *Evidence { return &Evidence{core: c, vault: v} }

// List gives a page of evidence.
func (u *Evidence) List(ctx context.Context, by *app.Actor, org string, q store.EvidenceQuery) (p store.Page[store.EvidenceRow], err error) {
	scope, err := by.Scope(app.ReadEvidence, org)
	if err != nil {
		return p, err
	}
	return u.core.DB.In(scope).Evidence(ctx, q)
}

// Held is an evidence under a legal hold.
type Held struct {
	store.EvidenceRow
	By    string          // who placed the hold, by name as it was then
	Since harbour.Instant // when; 0 where the chain of custody does not say
}

// Holds gives a page of the evidence that is under a legal hold, each with who placed it and when.
func (u *Evidence) Holds(ctx context.Context, by *app.Actor, org string, o store.Order) (p store.Page[Held], err error) {
	scope, err := by.Scope(app.ReadEvidence, org)
	if err != nil {
		return p, err
	}
	list, err := u.core.DB.In(scope).Evidence(ctx, store.EvidenceQuery{Order: o, Held: true})
	if err != nil {
		return p, err
	}
	ids := make([]string, len(list.Items))
	for i := range list.Items {
		ids[i] = list.Items[i].ID
	}
	placed, err := u.core.DB.In(scope).LastCustody(ctx, "hold", ids)
	if err != nil {
		return p, err
	}
	p.Next, p.Previous, p.Total, p.More = list.Next, list.Previous, list.Total, list.More
	for _, v := range list.Items {
		c := placed[v.ID]
		p.Items = append(p.Items, Held{v, c.Who, c.At})
	}
	return p, nil
}

// Each gives every evidence that a query finds, in its order.
//
// Errors: as [Evidence.List], and those of fn.
func (u *Evidence) Each(ctx context.Context, by *app.Actor, org string, q store.EvidenceQuery, fn func(*store.EvidenceRow) error) error {
	q.Cursor, q.Limit = "", store.MaxLimit
	for {
		p, err := u.List(ctx, by, org, q)
		if err != nil {
			return err
		}
		for i := range p.Items {
			if err := fn(&p.Items[i]); err != nil {
				return err
			}
		}
		if q.Cursor = p.Next; q.Cursor == "" {
			return nil
		}
	}
}

// Facets gives the counts beside the filters of the list.
func (u *Evidence) Facets(ctx context.Context, by *app.Actor, org string) ([]store.Facet, error) {
	scope, err := by.Scope(app.ReadEvidence, org)
	if err != nil {
		return nil, err
	}
	return u.core.DB.In(scope).EvidenceFacets(ctx)
}

// View is an evidence as its page shows it: record, problems, counters, and who had it in hand.
type View struct {
	store.EvidenceRow
	// Giver is the name of who gave it last.
	Giver   string
	Custody []store.Custody
}

// Get reads one evidence.
//
// Errors: ErrNotFound where it is not in the actor's scope.
func (u *Evidence) Get(ctx context.Context, by *app.Actor, org, id string) (*View, error) {
	scope, err := by.Scope(app.ReadEvidence, org)
	if err != nil {
		return nil, err
	}
	s := u.core.DB.In(scope)
	v := &View{}
	if v.EvidenceRow, err = s.EvidenceByID(ctx, id); err != nil {
		return nil, err
	}
	if v.Custody, err = s.Custody(ctx, id); err != nil {
		return nil, err
	}
	v.Giver = v.ReceivedBy
	if v.Giver == "command" {
		v.Giver = "the command line"
	}
	p, _, err := u.core.DB.PersonBy(ctx, "", v.ReceivedBy)
	switch {
	case err == nil:
		v.Giver = p.Name
	case harbour.KindOf(err) != harbour.ErrNotFound:
		return nil, err
	}
	return v, nil
}

// Changes gives the entries of the audit log about an evidence, newest first, each with its state before and after. It needs
// no right beyond seeing the evidence: who had it in hand is part of what is known of it.
//
// Errors: ErrNotFound where it is not in the actor's scope.
func (u *Evidence) Changes(ctx context.Context, by *app.Actor, org, id string) ([]store.Entry, error) {
	scope, err := by.Scope(app.ReadEvidence, org)
	if err != nil {
		return nil, err
	}
	if _, err := u.core.DB.In(scope).EvidenceByID(ctx, id); err != nil {
		return nil, err
	}
	list, err := u.core.DB.In(store.WholeOrganisation(org)).Audit(ctx, store.AuditFilter{ObjectKind: "evidence", Object: id})
	return by.Entries(org, list), err
}

// Content is an evidence's bytes, read from any place.
type Content struct {
	io.ReadSeekCloser
	Name   string
	SHA256 string
	Size   int64
	Kind   harbour.EvidenceKind
}

// Download hands out the bytes of an evidence as they were given. That it does is in the chain of custody and in the
// audit log first.
//
// Errors: those of [app.Actor.Scope]; ErrNotFound; ErrConflict where the bytes were deleted; ErrUnreadable where what is
// kept is damaged.
func (u *Evidence) Download(ctx context.Context, by *app.Actor, org, id string) (*Content, error) {
	row, r, err := u.handOut(ctx, by, org, id, "as a whole")
	if err != nil {
		return nil, err
	}
	return &Content{r, row.Name, row.SHA256, r.Size(), row.Kind}, nil
}

// handOut opens an evidence whose bytes leave the system, and notes it. Where a kind is given it must be of that.
func (u *Evidence) handOut(ctx context.Context, by *app.Actor, org, id, what string, kind ...harbour.EvidenceKind) (row store.EvidenceRow, r *vault.Reader, err error) {
	scope, err := by.Scope(app.DownloadEvidence, org)
	if err != nil {
		return row, nil, err
	}
	if row, err = u.core.DB.In(scope).EvidenceByID(ctx, id); err != nil {
		return row, nil, err
	}
	if len(kind) > 0 && !slices.Contains(kind, row.Kind) {
		return row, nil, &harbour.Error{Kind: harbour.ErrInvalid, Op: "open evidence", Message: fmt.Sprintf("%s is of kind %s, not %s", row.Name, row.Kind, kind[0])}
	}
	if r, err = u.open(&row); err != nil {
		return row, nil, err
	}
	err = u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.AddCustody(ctx, org, id, store.Custody{Who: by.Name, Act: "downloaded", Detail: what}); err != nil {
			return err
		}
		e := by.Entry(org, app.DownloadEvidence, "evidence", id, row.Name)
		e.Reason = what
		return tx.Audit(ctx, e)
	})
	if err != nil {
		r.Close()
		return row, nil, err
	}
	return row, r, nil
}

// open opens the bytes of an evidence.
func (u *Evidence) open(row *store.EvidenceRow) (*vault.Reader, error) {
	if row.State == store.EvidenceDeleted {
		return nil, &harbour.Error{Kind: harbour.ErrConflict, Op: "open evidence", Message: "the bytes of " + row.Name + " were deleted; its record and its chain of custody stay", Hint: "give the same file again"}
	}
	return u.vault.Open(row.SHA256)
}
