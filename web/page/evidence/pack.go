// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"net/http"
	"net/url"
	"time"

	"breakwater/app"
	"breakwater/app/evidence"
	"breakwater/exchange/evidencepack"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/web/shell"
)

// packForm is what the form of an evidence pack shows.
type packForm struct {
	evidence.PackRequest
	about []evidence.PackObject
	full  bool // evidence may be given
	all   bool // the person reaches the whole organisation
	log   bool // the person reads the audit log of all of it
	// from and until are days of the audit log as they were typed.
	from, until string
	problem     error
}

// contents are the choices of what of the evidence is given.
var contents = []struct{ value, title, says string }{
	{evidencepack.Slices, "The places that are cited", "Frames as pcap, rows and lines; passwords that are recognised are replaced by asterisks."},
	{evidencepack.Nothing, "Its hashes alone", "Enough for somebody who gets the evidence on another way."},
	{evidencepack.Whole, "Whole files", "As they were given, with whatever passwords, personal data and secrets of others they hold in clear. Give them only to who may have those."},
}

func (p *pages) packForm(r *shell.Request, v url.Values) packForm {
	f := packForm{full: r.May(app.DownloadEvidence)}
	_, err := r.By.Whole(app.ReadDocuments, r.Org.ID)
	f.all = err == nil
	_, err = r.By.Whole(app.ReadAudit, r.Org.ID)
	f.log = err == nil
	f.from, f.until = v.Get("from"), v.Get("until")
	f.Assets, f.Findings, f.Evidence, f.Everything = v["asset"], v["finding"], v["evidence"], v.Get("everything") == "1"
	f.Contents, f.Reason, f.For, f.Classification, f.Since = v.Get("contents"), v.Get("reason"), v.Get("for"), v.Get("classification"), v.Get("since")
	if f.Contents == "" {
		f.Contents = evidencepack.Nothing
		if f.full {
			f.Contents = evidencepack.Slices
		}
	}
	return f
}

// askPack is the form.
func (p *pages) askPack(r *shell.Request) error {
	return p.showPackForm(r, p.packForm(r, r.URL.Query()))
}

func (p *pages) showPackForm(r *shell.Request, f packForm) (err error) {
	ask := f.PackRequest
	ask.Contents = evidencepack.Nothing
	if f.about, err = p.use.PackObjects(r.Context(), r.By, r.Org.ID, ask); err != nil {
		return err
	}
	page := shell.Page{
		Title: "Evidence pack", Lead: "What a third party verifies without this server", Here: "evidence",
		Crumbs: []shell.Crumb{{Title: "Evidence", Href: r.Path("evidence")}}, Body: packFormPart(r, &f),
	}
	if f.problem != nil {
		page.Status = harbour.KindOf(f.problem).HTTPStatus()
	}
	return r.Page(page)
}

// makePack answers with the zip, or with the page of the job that makes it.
func (p *pages) makePack(r *shell.Request) error {
	if err := r.ParseForm(); err != nil {
		return &harbour.Error{Kind: harbour.ErrInvalid, Op: "make evidence pack", Message: "the form cannot be read", Err: err}
	}
	f := p.packForm(r, r.PostForm)
	if f.problem = f.days(); f.problem != nil {
		return p.showPackForm(r, f)
	}
	c, err := p.use.Pack(r.Context(), r.By, r.Org.ID, f.PackRequest)
	if kind := harbour.KindOf(err); err != nil && (kind == harbour.ErrInvalid || kind == harbour.ErrConflict || kind == harbour.ErrTooLarge) {
		f.problem = err
		return p.showPackForm(r, f)
	}
	if err != nil {
		return err
	}
	if c.Content == nil {
		return r.Redirect(r.Path("pack", c.Job))
	}
	return send(r, c.Content)
}

// days reads the days of the audit log, in UTC; the last one is included.
func (f *packForm) days() error {
	for _, d := range []struct {
		text string
		to   *harbour.Instant
		add  time.Duration
	}{{f.from, &f.AuditFrom, 0}, {f.until, &f.AuditUntil, 24*time.Hour - time.Microsecond}} {
		if d.text == "" {
			continue
		}
		at, err := time.Parse(time.DateOnly, d.text)
		if err != nil || at.Year() < 1970 {
			return &harbour.Error{Kind: harbour.ErrInvalid, Op: "make evidence pack", Message: "the day of the audit log is none", Hint: "write it as 2026-11-24", Err: err}
		}
		*d.to = harbour.At(at.Add(d.add))
	}
	return nil
}

func send(r *shell.Request, c *evidence.Content) error {
	defer c.Close()
	attach(r, c.Name, "application/zip")
	http.ServeContent(r.W, r.Request, "", time.Time{}, c)
	return nil
}

// packJob is the page of a pack that a job makes.
func (p *pages) packJob(r *shell.Request) error {
	id := r.PathValue("job")
	j, err := p.use.PackJob(r.Context(), r.By, r.Org.ID, id)
	if err != nil {
		return err
	}
	if r.Partial("making") && j.Ended() {
		return r.Redirect(r.Path("pack", id))
	}
	if r.Partial("making") {
		return r.Part(making(r, &j))
	}
	return r.Page(shell.Page{
		Title: "Evidence pack", Lead: j.Title, Here: "evidence", Crumbs: []shell.Crumb{{Title: "Evidence", Href: r.Path("evidence")}}, Body: packJobPart(r, &j),
	})
}

func (p *pages) downloadPack(r *shell.Request) error {
	c, err := p.use.PackContent(r.Context(), r.By, r.Org.ID, r.PathValue("job"))
	if err != nil {
		return err
	}
	return send(r, c)
}

// progress of a job in words.
func progress(j *store.Job) string {
	if j.State == store.JobWaiting {
		return "It waits its turn."
	}
	return "It is being made: " + j.Step + "."
}
