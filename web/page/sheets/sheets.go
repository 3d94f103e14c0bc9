// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package sheets leads people through the import of a spreadsheet: give it, say what its columns hold, see what each row
// would do, and have it done. What was said so far stands in the address, so that going back, turning pages and exporting
// need neither script nor a memory of the server.
//
// # When something is missing
//
// A file that is no spreadsheet is kept as evidence all the same; the page says so and offers to read it as what it is, or
// to take it back.
//
// Its handlers are safe for concurrent use.
package sheets

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"breakwater/app"
	"breakwater/app/imports"
	"breakwater/evidence/sheet"
	"breakwater/harbour"
	"breakwater/view"
	"breakwater/web/shell"
)

type pages struct{ use *imports.Imports }

// bodyLimit bounds an upload; the file has the organisation's own limit.
const bodyLimit = 1 << 40

// New makes the pages of the use case.
func New(use *imports.Imports) shell.Pack {
	p := &pages{use}
	return shell.Pack{Register: func(s *shell.Shell) {
		s.In("GET evidence/sheet", p.start)
		s.InLarge("POST evidence/sheet", bodyLimit, p.give)
		s.In("GET evidence/{id}/columns", p.columns)
		s.In("GET evidence/{id}/trial", p.trial)
		s.In("GET evidence/{id}/trial.csv", func(r *shell.Request) error { return p.export(r, "csv") })
		s.In("GET evidence/{id}/trial.xlsx", func(r *shell.Request) error { return p.export(r, "xlsx") })
		s.In("POST evidence/{id}/import", p.run)
	}}
}

func crumbs(r *shell.Request, name string) []shell.Crumb {
	list := []shell.Crumb{{Title: "Evidence", Href: r.Path("evidence")}}
	if name != "" {
		list = append(list, shell.Crumb{Title: name, Href: r.Path("evidence", r.PathValue("id"))})
	}
	return list
}

func (p *pages) start(r *shell.Request) error {
	if _, err := r.By.Scope(app.ImportEvidence, r.Org.ID); err != nil {
		return err
	}
	limit, err := p.use.Limit(r.Context(), r.Org.ID)
	if err != nil {
		return err
	}
	return r.Page(shell.Page{Title: "Import a spreadsheet", Lead: "Step 1 of 3: give the file", Here: "evidence", Crumbs: crumbs(r, ""), Body: startForm(r, limit)})
}

// give takes the file and leads on to its columns.
func (p *pages) give(r *shell.Request) error {
	_ = http.NewResponseController(r.W).SetReadDeadline(time.Time{})
	if _, err := r.By.Scope(app.ImportEvidence, r.Org.ID); err != nil {
		return err
	}
	none := &harbour.Error{Kind: harbour.ErrInvalid, Op: "import spreadsheet", Message: "no file was sent", Hint: "choose a file first"}
	parts, err := r.MultipartReader()
	if err != nil {
		none.Err = err
		return none
	}
	site := ""
	for {
		part, err := parts.NextPart()
		if err != nil {
			if err != io.EOF {
				none.Message, none.Hint, none.Err = "the upload broke off", "send it again", err
			}
			return none
		}
		switch {
		case part.FormName() == "site":
			b, _ := io.ReadAll(io.LimitReader(part, 300))
			site = string(b)
		case part.FormName() == "file" && part.FileName() != "":
			g, err := p.use.GiveSheet(r.Context(), r.By, r.Org.ID, site, part.FileName(), part)
			if err != nil {
				return err
			}
			m := shell.OK("Received. Nothing counts before you import it.")
			if g.Known {
				m = shell.OK("The same content was given before: it is one evidence.")
			}
			return r.Done(r.Path("evidence", g.ID, "columns"), m)
		}
	}
}

// asked is what the address says of how a file is read.
type asked struct {
	*imports.Proposal
	existing imports.Existing
	said     bool // the address says it; else it is as proposed
}

// read reads proposal and address together: what the address says of a sheet counts, as long as it is about the same row
// of headings.
func (p *pages) read(r *shell.Request) (a *asked, err error) {
	if err := r.ParseForm(); err != nil {
		return nil, &harbour.Error{Kind: harbour.ErrInvalid, Op: "map columns", Message: "the form cannot be read", Err: err}
	}
	id, headers := r.PathValue("id"), map[string]int{}
	a = &asked{said: r.Form.Has("said")}
	if a.Proposal, err = p.use.ProposeSheet(r.Context(), r.By, r.Org.ID, id, nil); err != nil {
		return nil, err
	}
	if a.said {
		for i := range a.Sheets {
			if n, err := strconv.Atoi(r.Form.Get(fmt.Sprintf("h%d", i))); err == nil && n > 0 {
				headers[a.Sheets[i].Name] = n
			}
		}
		if len(headers) > 0 {
			if a.Proposal, err = p.use.ProposeSheet(r.Context(), r.By, r.Org.ID, id, headers); err != nil {
				return nil, err
			}
		}
		for i := range a.Sheets {
			s := &a.Sheets[i]
			s.Read = slices.Contains(r.Form["read"], strconv.Itoa(i))
			if r.Form.Get(fmt.Sprintf("was%d", i)) != strconv.Itoa(s.Header) {
				continue
			}
			for c := range s.Map {
				if name := fmt.Sprintf("c%d.%d", i, c); r.Form.Has(name) {
					s.Map[c] = r.Form.Get(name)
				}
			}
		}
	}
	a.existing = imports.Existing(cmp.Or(r.Form.Get("existing"), string(a.Existing), string(imports.UpdateFromSheet)))
	switch a.existing {
	case imports.UpdateFromSheet, imports.SkipExisting, imports.StopAtExisting:
	default:
		return nil, &harbour.Error{Kind: harbour.ErrInvalid, Op: "import spreadsheet", Message: "there is no such choice", Hint: "one of: update, skip, stop"}
	}
	return a, nil
}

// mapping is what was said, as the use case takes it.
func (a *asked) mapping() *sheet.Mapping {
	m := &sheet.Mapping{}
	for i := range a.Sheets {
		if s := &a.Sheets[i]; s.Read {
			m.Sheets = append(m.Sheets, sheet.SheetMapping{Sheet: s.Name, Header: s.Header, Columns: s.Map})
		}
	}
	return m
}

func (p *pages) columns(r *shell.Request) error {
	a, err := p.read(r)
	if harbour.KindOf(err) == harbour.ErrUnreadable {
		return r.Page(shell.Page{Title: "No spreadsheet", Here: "evidence", Crumbs: crumbs(r, "The file"), Status: http.StatusUnprocessableEntity, Body: noSheet(r, err)})
	}
	if err != nil {
		return err
	}
	return p.columnPage(r, a, nil)
}

// columnPage shows the columns, with what is wrong with what was said of them.
func (p *pages) columnPage(r *shell.Request, a *asked, wrong error) error {
	status := http.StatusOK
	if wrong != nil {
		status = http.StatusUnprocessableEntity
	}
	return r.Page(shell.Page{
		Title: "What the columns hold", Lead: "Step 2 of 3: " + a.Name, Here: "evidence", Crumbs: crumbs(r, a.Name), Status: status, Body: columnForm(r, a, wrong),
	})
}

// trialRows is how many rows a page of a trial shows.
const trialRows = 100

// tried is a part of a trial as its page shows it.
type tried struct {
	*imports.Trial
	rows           []int // places in Trial.Rows
	total          int   // rows that fit the filters
	previous, next string
	what, outcome  []string
	outcomes       map[string]int
	filters        []shell.Filter
}

func (p *pages) try(r *shell.Request) (*asked, *tried, error) {
	a, err := p.read(r)
	if err != nil {
		return nil, nil, err
	}
	t := &tried{}
	if err := r.Closed(
		shell.ClosedFilter{Name: "what", Known: []string{imports.RowNew, imports.RowChanged, imports.RowSame, imports.RowWrong}, To: &t.what},
		shell.ClosedFilter{Name: "outcome", Known: []string{imports.OutcomeCreated, imports.OutcomeUpdated, imports.OutcomeSame, imports.OutcomeLeft, imports.OutcomeRefused}, To: &t.outcome},
	); err != nil {
		return a, nil, err
	}
	if t.Trial, err = p.use.TrySheet(r.Context(), r.By, r.Org.ID, r.PathValue("id"), a.mapping()); err != nil {
		return a, nil, err
	}
	t.outcomes = t.Outcomes(a.existing)
	what := shell.Filter{Name: "what", Title: "The row"}
	for _, w := range []string{imports.RowNew, imports.RowChanged, imports.RowSame, imports.RowWrong} {
		what.Choices = append(what.Choices, shell.Choice{Value: w, Title: whatWord(w).Title, Count: t.Counts[w]})
	}
	outcome := shell.Filter{Name: "outcome", Title: "What is done"}
	for _, w := range []string{imports.OutcomeCreated, imports.OutcomeUpdated, imports.OutcomeSame, imports.OutcomeLeft, imports.OutcomeRefused} {
		outcome.Choices = append(outcome.Choices, shell.Choice{Value: w, Title: view.Name(w), Count: t.outcomes[w]})
	}
	t.filters = []shell.Filter{what, outcome}
	return a, t, nil
}

// fits says whether a row fits the filters and the text.
func (t *tried) fits(row *imports.TrialRow, e imports.Existing, text string) bool {
	return (len(t.what) == 0 || slices.Contains(t.what, row.What)) && (len(t.outcome) == 0 || slices.Contains(t.outcome, row.Outcome(e))) &&
		(text == "" || strings.Contains(strings.ToLower(row.Name), strings.ToLower(text)))
}

// page picks the rows of a page. Its cursor is the place of its first row: a trial does not change while it is looked at.
func (t *tried) page(cursor, text string, e imports.Existing) {
	from, err := strconv.Atoi(cursor)
	if err != nil || from < 0 {
		from = 0
	}
	var before []int
	for i := range t.Rows {
		if !t.fits(&t.Rows[i], e, text) {
			continue
		}
		t.total++
		switch {
		case i < from:
			before = append(before, i)
		case len(t.rows) < trialRows:
			t.rows = append(t.rows, i)
		case t.next == "":
			t.next = strconv.Itoa(i)
		}
	}
	if n := len(before); n > 0 {
		t.previous = strconv.Itoa(before[max(0, n-trialRows)])
	}
}

func (p *pages) trial(r *shell.Request) error {
	a, t, err := p.try(r)
	if harbour.KindOf(err) == harbour.ErrInvalid && a != nil {
		return p.columnPage(r, a, err)
	}
	if err != nil {
		return err
	}
	text, err := r.Text()
	if err != nil {
		return err
	}
	t.page(r.URL.Query().Get("cursor"), text, a.existing)
	if r.Partial("list") {
		return r.Part(trialList(r, a, t))
	}
	return r.Page(shell.Page{
		Title: "What would be done", Lead: "Step 3 of 3: " + a.Name, Here: "evidence", Crumbs: crumbs(r, a.Name), Body: trialBody(r, a, t),
	})
}

// export gives the trial as a file: the rows that fit the filters.
func (p *pages) export(r *shell.Request, form string) error {
	a, t, err := p.try(r)
	if err != nil {
		return err
	}
	text, err := r.Text()
	if err != nil {
		return err
	}
	head := []string{"Sheet", "Row", "Name", "The row is", "What is done", "Asset", "Differences", "Faults"}
	return r.Table("trial", form, head, func(add func(...string) error) error {
		for i := range t.Rows {
			row := &t.Rows[i]
			if !t.fits(row, a.existing, text) {
				continue
			}
			var list []string
			for _, d := range row.Differences {
				list = append(list, meaningWord(d.Field)+": "+cmp.Or(d.Was, "–")+" → "+d.Is)
			}
			if err := add(row.Sheet, strconv.Itoa(row.Number), row.Name, whatWord(row.What).Title, row.Outcome(a.existing), row.Asset, strings.Join(list, "; "), strings.Join(row.Faults, "; ")); err != nil {
				return err
			}
		}
		return nil
	})
}

// run has the file read as was said, and leads to the job.
func (p *pages) run(r *shell.Request) error {
	a, err := p.read(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	job, err := p.use.MapSheet(r.Context(), r.By, r.Org.ID, id, a.mapping(), a.existing)
	if err != nil {
		return err
	}
	to := r.Path("evidence", id)
	if r.May(app.ReadJobs) {
		to = r.Path("jobs", job)
	}
	return r.Done(to, shell.OK("It is being imported.").WithUndo(r.Path("evidence", id, "undo"), id))
}
