// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package evidence shows the evidence: what was given and how it was read, its chain of custody, and the place in it that
// a statement rests on, as layers, fields and bytes of a frame, as a row, or as lines. Files come in here, several at once.
//
// # When something is missing
//
// Without the pipeline of imports nothing can be given or changed, and nothing of that is offered. Bytes that were deleted
// are said to be: record and custody stay.
//
// Its handlers are safe for concurrent use.
package evidence

import (
	"cmp"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"breakwater/app"
	"breakwater/app/evidence"
	"breakwater/app/imports"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/view"
	"breakwater/web/shell"
)

type pages struct {
	use *evidence.Evidence
	in  *imports.Imports
}

// bodyLimit bounds one upload of several files. Each file has the organisation's own limit.
const bodyLimit = 1 << 40

// New makes the pages of the use cases; in is nil where nothing can be given.
func New(use *evidence.Evidence, in *imports.Imports) shell.Pack {
	p := &pages{use, in}
	return shell.Pack{
		Entries: []shell.Entry{{Name: "Evidence", Path: "evidence", Icon: "file-check", Action: app.ReadEvidence}},
		Finder:  p.find,
		Register: func(s *shell.Shell) {
			s.In("GET evidence", p.list)
			s.In("GET evidence.csv", func(r *shell.Request) error { return p.export(r, "csv") })
			s.In("GET evidence.xlsx", func(r *shell.Request) error { return p.export(r, "xlsx") })
			s.In("GET evidence/{id}", p.show)
			s.In("GET evidence/{id}/download", p.download)
			s.In("GET evidence/{id}/slice.pcap", p.slice)
			s.In("GET pack", p.askPack)
			s.In("POST pack", p.makePack)
			s.In("GET pack/{job}", p.packJob)
			s.In("GET pack/{job}/download", p.downloadPack)
			if in == nil {
				return
			}
			s.InLarge("POST evidence", bodyLimit, p.give)
			s.In("POST evidence/{id}/undo", p.undo)
			s.In("POST evidence/{id}/reread", p.reread)
			s.In("GET evidence/{id}/change/{act}", p.confirm)
			s.In("POST evidence/{id}/change/{act}", p.change)
		},
	}
}

// listing is the list as its page shows it.
type listing struct {
	query   store.EvidenceQuery
	page    store.Page[store.EvidenceRow]
	filters []shell.Filter
	give    bool         // the person may add evidence
	limit   int64        // bytes of one file
	idle    []shell.Idle // values of filters that fit nothing by themselves
}

// received are the values of the filter of that name.
var received = []struct {
	value, title string
	span         time.Duration
}{{"day", "in the last 24 hours", 24 * time.Hour}, {"week", "in the last 7 days", 7 * 24 * time.Hour}, {"month", "in the last 30 days", 30 * 24 * time.Hour}, {"year", "in the last 365 days", 365 * 24 * time.Hour}}

// states are those of an evidence.
var states = []string{store.EvidenceReceived, store.EvidenceRead, store.EvidenceUnreadable, store.EvidenceWithdrawn, store.EvidenceDeleted}

func query(r *shell.Request) (q store.EvidenceQuery, err error) {
	if q.Text, err = r.Text(); err != nil {
		return q, err
	}
	q.Order = r.OrderOf("received_at", true)
	spans := make([]string, len(received))
	for i, x := range received {
		spans[i] = x.value
	}
	if err := r.Closed(
		shell.ClosedFilter{Name: "kind", Known: shell.Names(harbour.EvidenceKinds), To: &q.Kind}, shell.ClosedFilter{Name: "state", Known: states, To: &q.State},
		shell.ClosedFilter{Name: "hold", Known: []string{"yes"}}, shell.ClosedFilter{Name: "received", Known: spans},
	); err != nil {
		return q, err
	}
	q.Site = r.Values("site")
	q.Held = r.URL.Query().Get("hold") == "yes"
	v := r.URL.Query().Get("received")
	for _, x := range received {
		if x.value == v {
			q.From = r.Now() - harbour.Instant(x.span.Microseconds())
		}
	}
	return q, nil
}

func (p *pages) read(r *shell.Request) (l listing, err error) {
	if l.query, err = query(r); err != nil {
		return l, err
	}
	if l.page, err = p.use.List(r.Context(), r.By, r.Org.ID, l.query); err != nil {
		return l, err
	}
	facets, err := p.use.Facets(r.Context(), r.By, r.Org.ID)
	if err != nil {
		return l, err
	}
	site := r.Facets(facets, "site", "Site", r.SiteName)
	for i, c := range site.Choices {
		if c.Value == "" {
			site.Choices[i].Title = "no one site"
		}
	}
	spans := shell.Filter{Name: "received", Title: "Received", One: true}
	for _, x := range received {
		spans.Choices = append(spans.Choices, shell.Choice{Value: x.value, Title: x.title, Count: -1})
	}
	l.filters = []shell.Filter{
		r.Facets(facets, "kind", "Kind", func(v string) string { return kindWord(harbour.EvidenceKind(v)) }),
		r.Facets(facets, "state", "State", func(v string) string { return stateWord(v).Title }),
		site, spans,
		{Name: "hold", Title: "Legal hold", One: true, Choices: []shell.Choice{{Value: "yes", Title: "under one", Count: -1}}},
	}
	if l.idle, err = r.Idle(l.filters, len(l.page.Items), func(one *shell.Request) (bool, error) {
		q, err := query(one)
		if err != nil {
			return false, err
		}
		q.Limit = 1
		page, err := p.use.List(r.Context(), r.By, r.Org.ID, q)
		return len(page.Items) > 0, err
	}); err != nil {
		return l, err
	}
	if l.give = p.in != nil && r.May(app.ImportEvidence); l.give {
		l.limit, err = p.in.Limit(r.Context(), r.Org.ID)
	}
	return l, err
}

func (p *pages) list(r *shell.Request) error {
	l, err := p.read(r)
	if err != nil {
		return err
	}
	if r.Partial("list") {
		return r.Part(list(r, l))
	}
	return r.Page(shell.Page{
		Title: "Evidence", Lead: "What was given, how it was read, and who had it in hand", Here: "evidence", Actions: shell.PackButton(r, "", ""), Body: body(r, l),
		Keys: []shell.Key{{Press: "j k", Does: "Next and previous row"}, {Press: "Enter", Does: "Open the row"}},
	})
}

// export gives the list with its filters and its order as a file.
func (p *pages) export(r *shell.Request, form string) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	head := []string{"Name", "Kind", "State", "Problems", "Site", "Bytes", "Records", "From", "To", "Received at", "Received by", "Legal hold", "Keep until", "SHA-256", "Id"}
	return r.Table("evidence", form, head, func(add func(...string) error) error {
		return p.use.Each(r.Context(), r.By, r.Org.ID, q, func(e *store.EvidenceRow) error {
			site := ""
			if e.Site != "" {
				site = r.SiteName(e.Site)
			}
			return add(e.Name, kindWord(e.Kind), stateWord(e.State).Title, strconv.Itoa(len(e.Problems)), site, strconv.FormatInt(e.Bytes, 10), strconv.FormatInt(e.Records, 10),
				known(e.From), known(e.To), known(e.ReceivedAt), e.ReceivedBy, e.Hold, known(e.KeepUntil), e.SHA256, e.ID)
		})
	})
}

// known is an instant, "" where it is not.
func known(i harbour.Instant) string {
	if !i.Known() {
		return ""
	}
	return view.Instant(i)
}

// find is the search's way to evidence.
func (p *pages) find(r *shell.Request, text string, n int) (hits []shell.Hit, err error) {
	if !r.May(app.ReadEvidence) {
		return nil, nil
	}
	page, err := p.use.List(r.Context(), r.By, r.Org.ID, store.EvidenceQuery{Text: text, Order: store.Order{Limit: n}})
	if err != nil {
		return nil, err
	}
	for _, e := range page.Items {
		hits = append(hits, shell.Hit{Group: "Evidence", Title: e.Name, About: kindWord(e.Kind) + ", " + view.Bytes(e.Bytes), Icon: "file-check", Href: r.Path("evidence", e.ID)})
	}
	return hits, nil
}

// show is the page of an evidence, or, with a place, of what stands there.
func (p *pages) show(r *shell.Request) error {
	id := r.PathValue("id")
	if place := r.URL.Query().Get("place"); place != "" {
		return p.proof(r, id, place)
	}
	v, err := p.use.Get(r.Context(), r.By, r.Org.ID, id)
	if err != nil {
		return err
	}
	if r.Partial("reading") {
		if v.State != store.EvidenceReceived { // what was waited for is there: all of the page is new
			return r.Redirect(r.Path("evidence", id))
		}
		return r.Part(reading(r))
	}
	changes, err := p.use.Changes(r.Context(), r.By, r.Org.ID, id)
	if err != nil {
		return err
	}
	return r.Page(shell.Page{
		Title: v.Name, Lead: kindWord(v.Kind) + ", " + view.Bytes(v.Bytes), Here: "evidence", Crumbs: []shell.Crumb{{Title: "Evidence", Href: r.Path("evidence")}},
		Actions: p.actions(r, v), Body: p.one(r, v, changes), About: shell.Object{Kind: "evidence", ID: v.ID},
	})
}

func (p *pages) download(r *shell.Request) error {
	c, err := p.use.Download(r.Context(), r.By, r.Org.ID, r.PathValue("id"))
	if err != nil {
		return err
	}
	defer c.Close()
	attach(r, c.Name, "application/octet-stream")
	r.W.Header().Set("ETag", `"`+c.SHA256+`"`)
	http.ServeContent(r.W, r.Request, "", time.Time{}, c)
	return nil
}

// attach says that the answer is a file to keep. A long one takes its time.
func attach(r *shell.Request, name, kind string) {
	h := r.W.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", cmp.Or(mime.FormatMediaType("attachment", map[string]string{"filename": name}), "attachment"))
	h.Set("Cache-Control", "no-store")
	_ = http.NewResponseController(r.W).SetWriteDeadline(time.Time{})
}

// slice gives a part of a capture as a file.
func (p *pages) slice(r *shell.Request) error {
	q := r.URL.Query()
	c := evidence.Cut{A: q.Get("a"), B: q.Get("b"), Transport: q.Get("transport")}
	for name, to := range map[string]*uint64{"from": &c.From, "to": &c.To} {
		if v := q.Get(name); v != "" {
			n, err := strconv.ParseUint(v, 10, 63)
			if err != nil || n == 0 {
				return &harbour.Error{Kind: harbour.ErrInvalid, Op: "slice capture", Message: "the number of a frame is not one", Hint: "frames are numbered from 1"}
			}
			*to = n
		}
	}
	if v := q.Get("port"); v != "" {
		n, err := strconv.ParseUint(v, 10, 16)
		if err != nil {
			return &harbour.Error{Kind: harbour.ErrInvalid, Op: "slice capture", Message: "the port is not one", Hint: "ports are numbered up to 65535"}
		}
		c.Port = int(n)
	}
	w := &lazy{r: r, name: r.PathValue("id") + ".pcap"}
	if _, err := p.use.Slice(r.Context(), r.By, r.Org.ID, r.PathValue("id"), c, w); err != nil {
		if !w.begun {
			return err
		}
		panic(http.ErrAbortHandler) // a slice that is not whole must not be taken for one that is
	}
	return nil
}

// lazy sends its headers with the first byte, so that what fails before is a page.
type lazy struct {
	r     *shell.Request
	name  string
	begun bool
}

func (w *lazy) Write(b []byte) (int, error) {
	if !w.begun {
		w.begun = true
		attach(w.r, w.name, "application/vnd.tcpdump.pcap")
	}
	return w.r.W.Write(b)
}

// result is what became of one file of an upload.
type result struct {
	Name          string
	Given         imports.Given
	Message, Hint string // why it was not taken
}

// maxFiles bounds the files of one upload.
const maxFiles = 200

// give takes the files of an upload, one after the other as they come. The site stands before them in the form.
func (p *pages) give(r *shell.Request) error {
	_ = http.NewResponseController(r.W).SetReadDeadline(time.Time{})
	if _, err := r.By.Scope(app.ImportEvidence, r.Org.ID); err != nil {
		return err
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return &harbour.Error{Kind: harbour.ErrInvalid, Op: "add evidence", Message: "no file was sent", Hint: "choose one or more files first", Err: err}
	}
	site, results := "", []result{}
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			if len(results) == 0 {
				return &harbour.Error{Kind: harbour.ErrInvalid, Op: "add evidence", Message: "the upload broke off", Hint: "send it again", Err: err}
			}
			results = append(results, result{Name: "What followed", Message: "The upload broke off.", Hint: "Send the rest again."})
			break
		}
		if part.FormName() == "site" {
			b, _ := io.ReadAll(io.LimitReader(part, 300))
			site = string(b)
		}
		if part.FormName() != "file" || part.FileName() == "" {
			continue
		}
		if len(results) == maxFiles {
			results = append(results, result{Name: "What followed", Message: "More files were sent than are taken at once.", Hint: "Send the rest again."})
			break
		}
		g, err := p.in.Give(r.Context(), r.By, r.Org.ID, site, part.FileName(), part)
		if err != nil {
			switch k := harbour.KindOf(err); {
			case r.Partial("files"), k == harbour.ErrInternal, k == harbour.ErrUnavailable, k == harbour.ErrDenied, k == harbour.ErrStepUp:
				return err
			}
			x := result{Name: part.FileName()}
			x.Message, x.Hint = shell.Words(err)
			results = append(results, x)
			continue
		}
		results = append(results, result{Name: part.FileName(), Given: g})
	}
	if len(results) == 0 {
		return &harbour.Error{Kind: harbour.ErrInvalid, Op: "add evidence", Message: "no file was sent", Hint: "choose one or more files first"}
	}
	if r.Partial("files") {
		return r.Part(resultRows(r, results))
	}
	return r.Page(shell.Page{Title: "Added", Here: "evidence", Crumbs: []shell.Crumb{{Title: "Evidence", Href: r.Path("evidence")}}, Body: resultPage(r, results)})
}

func (p *pages) undo(r *shell.Request) error {
	id := r.PathValue("id")
	if err := p.in.Undo(r.Context(), r.By, r.Org.ID, id); err != nil {
		return err
	}
	return r.Done(r.Path("evidence", id), shell.OK("Withdrawn: it no longer counts."))
}

func (p *pages) reread(r *shell.Request) error {
	id := r.PathValue("id")
	if _, err := p.in.Reread(r.Context(), r.By, r.Org.ID, id); err != nil {
		return err
	}
	return r.Done(r.Path("evidence", id), shell.OK("It is being read again."))
}
