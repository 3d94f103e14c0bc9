// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/vault"
)

// Given says what became of a file that was given.
type Given struct {
	ID     string // of the evidence
	SHA256 string
	Bytes  int64
	// Known is set where the organisation has this content already: it is one evidence, and stays as it is.
	Known bool
	// State and Name of the evidence as it is kept.
	State, Name string
	// Job that reads it; "" where nothing is to be read.
	Job string
}

// SettingLimit is the setting that bounds the bytes of one file: of the organisation, else of the installation.
const SettingLimit = "evidence.limit"

// DefaultLimit is the bound where nobody set one.
const DefaultLimit = 64 << 30

// Limit is the most bytes that a file of the organisation may have.
func (u *Imports) Limit(ctx context.Context, org string) (int64, error) {
	for _, o := range []string{org, ""} {
		s, err := u.core.DB.Setting(ctx, o, SettingLimit)
		if err != nil {
			return 0, err
		}
		if n, err := strconv.ParseInt(s, 10, 64); err == nil && n > 0 {
			return n, nil
		}
	}
	return DefaultLimit, nil
}

// SetLimit sets the most bytes that a file of the organisation may have; 0 takes the limit of the installation again.
//
// Errors: those of [app.Actor.Whole]; ErrInvalid for a negative number.
func (u *Imports) SetLimit(ctx context.Context, by *app.Actor, org string, bytes int64) error {
	if _, err := by.Whole(app.ManageSettings, org); err != nil {
		return err
	}
	if bytes < 0 {
		return &harbour.Error{Kind: harbour.ErrInvalid, Op: "set limit", Message: fmt.Sprintf("%d bytes", bytes), Hint: "give a number of bytes, or 0"}
	}
	return u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		before, err := tx.Setting(ctx, org, SettingLimit)
		if err != nil {
			return err
		}
		if err := tx.Set(ctx, org, SettingLimit, strconv.FormatInt(bytes, 10)); err != nil {
			return err
		}
		e := by.Entry(org, app.ManageSettings, "setting", SettingLimit, "largest file of evidence")
		e.Before, e.After = app.State(before), app.State(bytes)
		return tx.Audit(ctx, e)
	})
}

// Give takes a file as evidence: it streams r into the vault in bounded memory, and records it with its custody. name is
// what the giver calls it; site is where it belongs, "" for no one site. A job reads it then. Content that the
// organisation has already is one evidence, and the answer says so. When Give returns without error the content is on
// disk; otherwise nothing of it counts.
//
// Where r has a method Size() int64, a disk that is too full for it is seen before the first byte is read.
//
// Errors: those of [app.Actor.Scope]; ErrInvalid for a site that the actor may not give to; ErrTooLarge beyond [Imports.Limit];
// ErrFull; ErrCancelled; an error of r as it is.
func (u *Imports) Give(ctx context.Context, by *app.Actor, org, site, name string, r io.Reader) (Given, error) {
	return u.give(ctx, by, org, site, name, r, false)
}

// give is Give; with wait the file is read when somebody says how.
func (u *Imports) give(ctx context.Context, by *app.Actor, org, site, name string, r io.Reader, wait bool) (Given, error) {
	scope, err := by.Scope(app.ImportEvidence, org)
	if err != nil {
		return Given{}, err
	}
	if err := u.checkSite(ctx, scope, site); err != nil {
		return Given{}, err
	}
	limit, err := u.Limit(ctx, org)
	if err != nil {
		return Given{}, err
	}
	o := vault.PutOptions{Limit: limit}
	if s, ok := r.(interface{ Size() int64 }); ok {
		if o.Size = s.Size(); o.Size > limit {
			return Given{}, &harbour.Error{Kind: harbour.ErrTooLarge, Op: "give evidence", Message: fmt.Sprintf("the file has %d bytes, at most %d are taken", o.Size, limit), Hint: "split it, or have an administrator raise the limit"}
		}
	}
	from := &source{Reader: r}
	put, err := u.vault.Put(ctx, from, o)
	if from.broke != nil {
		return Given{}, &harbour.Error{Kind: harbour.ErrInvalid, Op: "add evidence", Message: "the file broke off before its end", Hint: "send it again: nothing of it was kept", Err: from.broke}
	}
	if err != nil {
		return Given{}, err
	}
	g, err := u.record(ctx, by, scope, site, cleanName(name), put, wait)
	if err != nil {
		u.forget(put.SHA256)
	}
	return g, err
}

// forget removes an object that could not be recorded, unless a record names it.
func (u *Imports) forget(sha256 string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := u.shred(ctx, sha256); err != nil {
		u.core.Log.WarnContext(ctx, "bytes that could not be recorded as evidence could not be removed either", "sha256", sha256, "error", err)
	}
}

// checkSite wants a site of the scope; without one the scope must be more than some sites.
func (u *Imports) checkSite(ctx context.Context, scope store.Scope, site string) error {
	if site == "" && scope.Whole() {
		return nil
	}
	sites, err := u.core.DB.In(scope).Sites(ctx)
	if err != nil || slices.ContainsFunc(sites, func(s store.Site) bool { return s.ID == site }) {
		return err
	}
	if site == "" {
		return &harbour.Error{Kind: harbour.ErrInvalid, Op: "give evidence", Message: "say to which of your sites it belongs", Hint: "choose one of your sites"}
	}
	return &harbour.Error{Kind: harbour.ErrInvalid, Op: "give evidence", Message: "there is no site " + site + " that you may give evidence to", Hint: "choose one of your sites"}
}

// record makes an object of the vault known as evidence.
func (u *Imports) record(ctx context.Context, by *app.Actor, scope store.Scope, site, name string, put vault.Object, wait bool) (g Given, err error) {
	org := scope.Organisation()
	u.objects.RLock()
	defer u.objects.RUnlock()
	if _, err := u.vault.Stat(put.SHA256); err != nil {
		if harbour.KindOf(err) == harbour.ErrNotFound { // the same content was deleted at this very moment
			return g, &harbour.Error{Kind: harbour.ErrConflict, Op: "give evidence", Message: "the same content was being deleted while it was given", Hint: "give it again", Err: err}
		}
		return g, err
	}
	id := harbour.EvidenceID(put.SHA256)
	err = u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		g = Given{ID: id, SHA256: put.SHA256, Bytes: put.Bytes, Name: name}
		row, err := tx.EvidenceByID(ctx, store.WholeOrganisation(org), id)
		switch {
		case harbour.KindOf(err) == harbour.ErrNotFound:
			row = store.EvidenceRow{Evidence: harbour.Evidence{ID: id, Path: name, Kind: harbour.EvidenceUnknown, SHA256: put.SHA256, Bytes: put.Bytes, Problems: []harbour.Problem{}}}
		case err != nil:
			return err
		case row.SHA256 != put.SHA256:
			return &harbour.Error{Kind: harbour.ErrConflict, Op: "give evidence", Message: "another evidence has the same number " + id, Hint: "this does not happen by chance: somebody made two files for it; ask for help"}
		case row.State != store.EvidenceDeleted:
			return u.again(ctx, tx, by, scope, &row, name, &g)
		}
		row.Site, row.Name, row.Path, row.State = site, name, name, store.EvidenceReceived
		row.ReceivedAt, row.ReceivedBy, row.KeepUntil, row.Mapping = tx.At(), by.Person, 0, ""
		if wait {
			row.Mapping = string(app.State(reviewed{Waiting: true}))
		}
		if err := tx.PutEvidence(ctx, org, row); err != nil {
			return err
		}
		if _, err := tx.EvidenceByID(ctx, scope, id); err != nil { // nobody gives what they could not see afterwards
			return &harbour.Error{Kind: harbour.ErrDenied, Op: "give evidence", Message: "your role does not let you see evidence", Hint: "ask an administrator of your organisation"}
		}
		if wait {
			g.State = row.State
			return u.note(ctx, tx, by, org, app.ImportEvidence, &row, "received", "as "+name+", to be looked at before it is read")
		}
		return u.received(ctx, tx, by, org, &row, "received", "as "+name, &g)
	})
	return g, err
}

// again notes that evidence was given once more. An older port file that is given again is the port file that stands.
func (u *Imports) again(ctx context.Context, tx *store.Tx, by *app.Actor, scope store.Scope, row *store.EvidenceRow, name string, g *Given) error {
	org := scope.Organisation()
	g.Known, g.State, g.Name = true, row.State, row.Name
	if _, err := tx.EvidenceByID(ctx, scope, row.ID); err != nil { // at a site that the actor does not see
		g.Name = name
	}
	switch row.State {
	case store.EvidenceRead:
		if row.Kind == harbour.EvidencePortFile {
			row.ReceivedAt, row.ReceivedBy = tx.At(), by.Person
			if err := tx.PutEvidence(ctx, org, *row); err != nil {
				return err
			}
			if err := u.Rebuild(ctx, tx, org, by.Person, "port file "+row.Name+" was given again"); err != nil {
				return err
			}
		}
	case store.EvidenceReceived, store.EvidenceUnreadable: // a newer program may read what an older one did not
		if v, err := reviewOf(row); err != nil || v.Waiting {
			break // somebody is about to say how it is read
		}
		return u.received(ctx, tx, by, org, row, "given again", "as "+name, g)
	}
	return u.note(ctx, tx, by, org, app.ImportEvidence, row, "given again", "as "+name)
}

// received notes that evidence came in and has it read.
func (u *Imports) received(ctx context.Context, tx *store.Tx, by *app.Actor, org string, row *store.EvidenceRow, act, detail string, g *Given) error {
	if err := u.note(ctx, tx, by, org, app.ImportEvidence, row, act, detail); err != nil {
		return err
	}
	var err error
	g.State = row.State
	if g.Job, err = tx.WaitingJob(ctx, org, JobRead, row.ID); err != nil || g.Job != "" {
		return err
	}
	g.Job, err = u.jobs.Add(ctx, tx, org, by.Person, JobRead, "Read "+row.Name, row.ID)
	return err
}

// note writes what happened to an evidence into its chain of custody and the audit log.
func (u *Imports) note(ctx context.Context, tx *store.Tx, by *app.Actor, org string, action app.Action, row *store.EvidenceRow, act, detail string) error {
	if err := tx.AddCustody(ctx, org, row.ID, store.Custody{Who: by.Name, Act: act, Detail: detail}); err != nil {
		return err
	}
	e := by.Entry(org, action, "evidence", row.ID, row.Name)
	e.Reason = act
	e.After = app.State(map[string]any{"sha256": row.SHA256, "bytes": row.Bytes, "state": row.State, "site": row.Site, "detail": detail})
	return tx.Audit(ctx, e)
}

// maxName is how many characters of a file's name are kept.
const maxName = 200

// cleanName gives the last part of a path as the giver's system writes it, without what cannot be shown.
func cleanName(s string) string {
	s = path.Base(strings.ReplaceAll(strings.ToValidUTF8(s, "�"), `\`, "/"))
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, s))
	if s == "" || s == "." || s == ".." || s == "/" {
		return "unnamed"
	}
	if utf8.RuneCountInString(s) > maxName { // the end tells more about a file than the middle
		r := []rune(s)
		s = string(r[:maxName-21]) + "…" + string(r[len(r)-20:])
	}
	return s
}

// source notes that what is read broke off, which is nobody's fault here. An error that says what it is stays that.
type source struct {
	io.Reader
	broke error
}

// Read reads.
func (s *source) Read(b []byte) (int, error) {
	n, err := s.Reader.Read(b)
	var known *harbour.Error
	var large *http.MaxBytesError
	if err != nil && err != io.EOF && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &known) && !errors.As(err, &large) {
		s.broke = err
	}
	return n, err
}
