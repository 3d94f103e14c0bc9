// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"breakwater/app"
	"breakwater/exchange/evidencepack"
	"breakwater/harbour"
	"breakwater/store"
)

// PackRequest says what an evidence pack holds, why it is made, and for whom.
type PackRequest struct {
	Assets     []string        `json:"assets,omitempty"`
	Findings   []string        `json:"findings,omitempty"`
	Evidence   []string        `json:"evidence,omitempty"`
	Everything bool            `json:"everything,omitempty"` // every asset, finding and evidence of the organisation
	AuditFrom  harbour.Instant `json:"audit_from,omitempty"` // a time of the audit log, both ends included
	AuditUntil harbour.Instant `json:"audit_until,omitempty"`
	// Contents is what of the evidence is given: evidencepack.Nothing, Slices (the cited places, secrets masked) or Whole
	// (the bytes as they are, with whatever secrets they hold).
	Contents       string `json:"contents"`
	Reason         string `json:"reason"`
	For            string `json:"for"`
	Classification string `json:"classification"`
	// Since is a checkpoint that the recipient holds, so that the pack proves that the log goes on from it; "" for none.
	Since string `json:"since,omitempty"`
}

// Packed is an evidence pack, or the job that makes it.
type Packed struct {
	*Content        // the zip; nil where a job makes it
	Job      string // "" where it was made at once
}

// Bounds of an evidence pack.
const (
	MaxChosen      = 200       // objects that are named one by one
	packAtOnce     = 64 << 20  // bytes of whole evidence for which somebody waits
	entriesAtOnce  = 31        // days of the audit log for which somebody waits
	maxPackWhole   = 64 << 30  // bytes of whole evidence
	maxPackFrames  = 20_000    // frames of one capture
	maxPackSearch  = 16 << 30  // bytes of one capture that are looked through for them
	maxPackPlaces  = 200       // rows of one spreadsheet, lines of one port file
	maxPackEntries = 2_000_000 // entries of the audit log
	maxEarlier     = 64        // checkpoints that the pack goes on from
)

// JobPack is the kind of job that makes an evidence pack; [Evidence.Work] does it.
const JobPack = "make_pack"

// PackKeep is how long a pack that a job made is kept.
const PackKeep = 7 * 24 * time.Hour

// packRights is what of an organisation may go into a pack.
type packRights struct{ assets, findings, evidence, download store.Scope }

// Pack makes an evidence pack: a zip that a third party verifies offline (docs/formats/evidence-pack.md). That it was made,
// of what, why and for whom is in the audit log, and in the chain of custody of each evidence of which bytes are given. A
// large one is made by a job; [Evidence.PackContent] gives it out.
//
// Errors: those of [app.Actor.Scope] for documents and for each kind of object; ErrInvalid for a request that makes no
// sense; ErrNotFound for an object out of scope; ErrTooLarge for what one whose role reaches a part of the organisation
// would need a job for.
func (u *Evidence) Pack(ctx context.Context, by *app.Actor, org string, r PackRequest) (*Packed, error) {
	rights, err := packRightsOf(by, org, &r)
	if err != nil {
		return nil, err
	}
	if err := r.check(u.core.DB.Now()); err != nil {
		return nil, err
	}
	if u.Jobs != nil && r.large() {
		return u.packLater(ctx, by, org, &r)
	}
	p := &packing{u: u, by: by, org: org, r: r, rights: rights, id: app.NewID("pack-"), waited: u.Jobs != nil}
	c, err := p.make(ctx)
	if errors.Is(err, errLong) {
		return u.packLater(ctx, by, org, &r)
	}
	if err != nil {
		return nil, err
	}
	return &Packed{Content: c}, nil
}

// PackObject is an object that a pack is about.
type PackObject struct{ Kind, ID, Name string }

// PackObjects says by name what a pack would be about, for whoever is asked whether that is meant.
//
// Errors: those of [Evidence.Pack] for rights and for objects out of scope.
func (u *Evidence) PackObjects(ctx context.Context, by *app.Actor, org string, r PackRequest) (list []PackObject, err error) {
	rights, err := packRightsOf(by, org, &r)
	if err != nil {
		return nil, err
	}
	if n := len(r.Assets) + len(r.Findings) + len(r.Evidence); n > MaxChosen {
		return nil, &harbour.Error{Kind: harbour.ErrInvalid, Op: "make evidence pack", Message: fmt.Sprintf("%d objects were chosen one by one", n), Hint: fmt.Sprintf("choose at most %d, or everything", MaxChosen)}
	}
	db := u.core.DB
	for _, id := range r.Assets {
		a, _, err := db.In(rights.assets).Asset(ctx, id)
		if err != nil {
			return nil, err
		}
		list = append(list, PackObject{"asset", id, a.Name})
	}
	for _, id := range r.Findings {
		f, err := db.In(rights.findings).Finding(ctx, id)
		if err != nil {
			return nil, err
		}
		list = append(list, PackObject{"finding", id, f.Title})
	}
	for _, id := range r.Evidence {
		e, err := db.In(rights.evidence).EvidenceByID(ctx, id)
		if err != nil {
			return nil, err
		}
		list = append(list, PackObject{"evidence", id, e.Name})
	}
	return list, nil
}

// errLong ends a making for which nobody should wait.
var errLong = errors.New("it takes a job")

// packRightsOf says what the actor may put into a pack.
func packRightsOf(by *app.Actor, org string, r *PackRequest) (p packRights, err error) {
	scope := func(a app.Action) (store.Scope, error) { return by.Scope(a, org) }
	if r.Everything {
		scope = func(a app.Action) (store.Scope, error) { return by.Whole(a, org) }
	}
	if _, err := scope(app.ReadDocuments); err != nil {
		return p, err
	}
	for _, s := range []struct {
		to     *store.Scope
		action app.Action
	}{{&p.assets, app.ReadAssets}, {&p.findings, app.ReadFindings}, {&p.evidence, app.ReadEvidence}} {
		if *s.to, err = scope(s.action); err != nil {
			return p, err
		}
	}
	if r.Contents != evidencepack.Nothing {
		if p.download, err = scope(app.DownloadEvidence); err != nil {
			return p, err
		}
	}
	if r.AuditFrom != 0 || r.AuditUntil != 0 {
		_, err = by.Whole(app.ReadAudit, org)
	}
	return p, err
}

func (r *PackRequest) check(now harbour.Instant) error {
	bad := func(message, hint string) error {
		return &harbour.Error{Kind: harbour.ErrInvalid, Op: "make evidence pack", Message: message, Hint: hint}
	}
	chosen := len(r.Assets) + len(r.Findings) + len(r.Evidence)
	switch {
	case chosen == 0 && !r.Everything && r.AuditFrom == 0 && r.AuditUntil == 0:
		return bad("nothing was chosen", "choose assets, findings, evidence, everything, or a time of the audit log")
	case chosen > MaxChosen:
		return bad(fmt.Sprintf("%d objects were chosen one by one", chosen), fmt.Sprintf("choose at most %d, or everything", MaxChosen))
	case !slices.Contains([]string{evidencepack.Nothing, evidencepack.Slices, evidencepack.Whole}, r.Contents):
		return bad("there are no contents "+r.Contents, "one of: none, slices, whole")
	case (r.AuditFrom == 0) != (r.AuditUntil == 0) || r.AuditFrom > r.AuditUntil:
		return bad("the time of the audit log makes no sense", "give its beginning and its end, in this order")
	}
	r.AuditUntil = min(r.AuditUntil, now)
	for _, list := range []*[]string{&r.Assets, &r.Findings, &r.Evidence} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	for _, t := range []struct {
		name string
		text *string
		most int
	}{{"the reason", &r.Reason, 500}, {"for whom it is", &r.For, 200}, {"the classification", &r.Classification, 100}} {
		*t.text = strings.TrimSpace(*t.text)
		if *t.text == "" && t.name != "the classification" {
			return bad(t.name+" is missing", "it stands in the pack and in the audit log")
		}
		if utf8.RuneCountInString(*t.text) > t.most || !utf8.ValidString(*t.text) || strings.ContainsFunc(*t.text, unicode.IsControl) {
			return bad(fmt.Sprintf("%s is longer than %d characters, or not of one line", t.name, t.most), "shorten it")
		}
	}
	if r.Since != "" {
		if _, err := store.ParseCheckpoint([]byte(r.Since)); err != nil {
			return err
		}
	}
	return nil
}

// large says whether nobody should wait for it, as far as that shows from the request.
func (r *PackRequest) large() bool {
	return r.Everything || r.AuditUntil-r.AuditFrom > harbour.Instant((entriesAtOnce*24*time.Hour).Microseconds())
}

// packJob is the input of a job.
type packJob struct {
	Request PackRequest `json:"request"`
	Person  string      `json:"person"`
	Name    string      `json:"name"`
	Via     string      `json:"via"`
	Address string      `json:"address"`
	ID      string      `json:"id"`
}

// packLater has a job make it. The job acts in the whole organisation, so whoever asks for it must reach all of it.
func (u *Evidence) packLater(ctx context.Context, by *app.Actor, org string, r *PackRequest) (*Packed, error) {
	actions := []app.Action{app.ReadDocuments, app.ReadAssets, app.ReadFindings, app.ReadEvidence}
	if r.Contents != evidencepack.Nothing {
		actions = append(actions, app.DownloadEvidence)
	}
	for _, a := range actions {
		if _, err := by.Whole(a, org); err != nil {
			return nil, &harbour.Error{Kind: harbour.ErrTooLarge, Op: "make evidence pack", Message: "this pack is too large to be made for a role that reaches a part of the organisation", Hint: "choose fewer objects, or slices in place of whole evidence", Err: err}
		}
	}
	j := packJob{*r, by.Person, by.Name, by.Via, by.Address, app.NewID("pack-")}
	p := &Packed{}
	return p, u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) (err error) {
		if p.Job, err = u.Jobs.Add(ctx, tx, org, by.Person, JobPack, "Evidence pack for "+r.For, string(app.State(j))); err != nil {
			return err
		}
		e := by.Entry(org, app.ReadDocuments, "pack", j.ID, "evidence pack for "+r.For)
		e.Reason, e.After = "asked for: "+r.Reason, app.State(r)
		return tx.Audit(ctx, e)
	})
}

// Work makes the pack that a job asks for, and gives in words what came of it.
func (u *Evidence) Work(ctx context.Context, j store.Job, tell func(step string, done, total int64)) (result string, err error) {
	var in packJob
	if err := json.Unmarshal([]byte(j.Input), &in); err != nil || j.Kind != JobPack {
		return "", &harbour.Error{Kind: harbour.ErrInternal, Op: "make evidence pack", Message: "the job cannot be understood", Err: err}
	}
	all := store.WholeOrganisation(j.Org)
	p := &packing{
		u: u, org: j.Org, r: in.Request, id: in.ID, rights: packRights{all, all, all, all}, tell: tell,
		by: &app.Actor{Person: in.Person, Name: in.Name, Via: in.Via, Address: in.Address, Request: j.ID},
	}
	c, err := p.make(ctx)
	if err != nil {
		return "", err
	}
	defer c.Close()
	put, err := u.vault.Put(ctx, c, putOptions(c.Size))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s, %d bytes%s%s", c.Name, put.Bytes, packHash, put.SHA256), nil
}

// packHash stands before the hash in the result of a job.
const packHash = ", sha256 "

// PackJob reads the job that makes a pack for the actor.
//
// Errors: ErrNotFound for a job of another kind or person.
func (u *Evidence) PackJob(ctx context.Context, by *app.Actor, org, job string) (store.Job, error) {
	scope, err := by.Whole(app.ReadDocuments, org)
	if err != nil {
		return store.Job{}, err
	}
	j, err := u.core.DB.In(scope).Job(ctx, job)
	if err != nil && harbour.KindOf(err) != harbour.ErrNotFound {
		return j, err
	}
	if err != nil || j.Kind != JobPack || j.MadeBy != by.Person {
		return store.Job{}, &harbour.Error{Kind: harbour.ErrNotFound, Op: "get evidence pack", Message: "there is no job " + job + " that made a pack for you"}
	}
	return j, nil
}

// PackContent gives a pack that a job made to who asked for it, and notes it in the audit log.
//
// Errors: ErrNotFound for a job of another kind or person; ErrConflict where it is not made, or gone again.
func (u *Evidence) PackContent(ctx context.Context, by *app.Actor, org, job string) (*Content, error) {
	j, err := u.PackJob(ctx, by, org, job)
	if err != nil {
		return nil, err
	}
	name, rest, _ := strings.Cut(j.Result, ", ")
	_, sha, _ := strings.Cut(rest, packHash)
	if j.State != store.JobDone || sha == "" {
		return nil, &harbour.Error{Kind: harbour.ErrConflict, Op: "get evidence pack", Message: "the pack is not there: its job is " + j.State, Hint: "wait until the job is done; a pack is kept for a week"}
	}
	r, err := u.vault.Open(sha)
	if err != nil {
		return nil, err
	}
	err = u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		e := by.Entry(org, app.ReadDocuments, "pack", strings.TrimSuffix(name, ".zip"), j.Title)
		e.Reason = "downloaded"
		return tx.Audit(ctx, e)
	})
	if err != nil {
		r.Close()
		return nil, err
	}
	return &Content{ReadSeekCloser: r, Name: name, SHA256: sha, Size: r.Size()}, nil
}

// SweepPacks removes packs that jobs made and that were kept long enough. shred is the kind of job that removes an object
// of the vault that no record names.
func (u *Evidence) SweepPacks(ctx context.Context, shred string) error {
	before := u.core.Now() - harbour.Instant(PackKeep.Microseconds())
	list, err := u.core.DB.JobsEnded(ctx, JobPack, before, 100)
	for _, j := range list {
		_, sha, _ := strings.Cut(j.Result, packHash)
		err = errors.Join(err, u.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
			tx.Unaudited("a copy goes; that it was made stays in the log")
			if err := tx.ForgetResult(ctx, j.Org, j.ID, "it was kept for a week, and is gone"); err != nil {
				return err
			}
			_, err := u.Jobs.Add(ctx, tx, j.Org, j.MadeBy, shred, "Remove an evidence pack", sha)
			return err
		}))
	}
	return err
}

// temporary makes a file that goes with its last use.
func (u *Evidence) temporary() (*temporary, error) {
	f, err := os.CreateTemp(u.TempDir, "pack-*")
	if err != nil {
		return nil, diskError(err)
	}
	return &temporary{f}, nil
}

// temporary is a file that is removed when it is closed.
type temporary struct{ *os.File }

// Close implements [io.Closer].
func (t *temporary) Close() error { return errors.Join(t.File.Close(), os.Remove(t.Name())) }

var _ io.ReadSeekCloser = (*temporary)(nil)

func diskError(err error) error {
	e := &harbour.Error{Kind: harbour.ErrInternal, Op: "make evidence pack", Message: "a temporary file cannot be written", Hint: "check the disk and the right to write there", Err: err}
	if harbour.DiskFull(err) {
		e.Kind, e.Message = harbour.ErrFull, "the disk is full"
	}
	return e
}
