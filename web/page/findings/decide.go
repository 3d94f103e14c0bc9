// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package findings

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"breakwater/app/findings"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/view"
	"breakwater/web/shell"
)

// maxMany is how many findings can be decided about at once.
const maxMany = 1000

// acts are what can be decided, by the value of the button.
var acts = map[string]harbour.FindingStatus{
	"accept": harbour.FindingAccepted, "resolve": harbour.FindingResolved, "false_positive": harbour.FindingFalsePositive, "reopen": harbour.FindingOpen,
}

// decision reads a form. Its button says what is decided; the reason stands in the field of that act.
func decision(r *shell.Request) (d findings.Decision, done string, err error) {
	act := r.PostFormValue("act")
	d.Reason = r.PostFormValue("reason-" + act)
	if act == "assign" {
		who := r.PostFormValue("assignee")
		d.Assignee = &who
		if who == "" {
			return d, "Assigned to nobody.", nil
		}
		return d, "Assigned.", nil
	}
	status, ok := acts[act]
	if !ok {
		return d, "", invalid("it is not said what to decide", "use one of the buttons")
	}
	d.Status = &status
	switch act {
	case "accept":
		day, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(r.PostFormValue("until")), time.UTC)
		if err != nil {
			return d, "", harbour.In("until", invalid("an acceptance needs a date on which it ends", "write it as 2027-03-31"))
		}
		d.Until = harbour.At(day.AddDate(0, 0, 1).Add(-time.Second)) // the whole of that day
		done = "Accepted until " + day.Format(time.DateOnly) + "."
	case "resolve":
		done = "Resolved."
	case "false_positive":
		done = "Called a false positive."
	case "reopen":
		done = "Opened again."
	}
	return d, done, nil
}

func (p *pages) decideMany(r *shell.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	d, done, err := decision(r)
	if err != nil {
		return p.listAgain(r, err)
	}
	var targets []findings.Target
	if r.PostFormValue("all") != "" {
		q, _, err := query(r.WithQuery(r.PostFormValue("query")))
		if err != nil {
			return err
		}
		err = p.use.Each(r.Context(), r.By, r.Org.ID, q, 0, maxMany, func(f *store.FindingRow) error {
			targets = append(targets, findings.Target{ID: f.ID, Force: true})
			return nil
		})
		if err != nil {
			return err
		}
	} else {
		for _, id := range r.PostForm["id"] {
			targets = append(targets, findings.Target{ID: id, Force: true})
		}
	}
	if len(targets) == 0 {
		return p.listAgain(r, invalid("no finding is selected", "tick the rows first"))
	}
	undo, err := p.use.Decide(r.Context(), r.By, r.Org.ID, targets, d)
	if err != nil {
		return p.listAgain(r, inForm(r, err))
	}
	return r.Done(r.Back(r.Path("findings")), shell.OK(view.Count(len(targets), "finding", "findings")+": "+done).WithUndo(r.Path("findings", "undo"), undo))
}

// inForm calls the reason as the form does, in which each act has its own.
func inForm(r *shell.Request, err error) error {
	var e *harbour.Error
	if errors.As(err, &e) && e.Field == "reason" {
		return harbour.In("reason-"+r.PostFormValue("act"), err)
	}
	return err
}

// listAgain shows the list again from which a refused decision came, with the same rows selected.
func (p *pages) listAgain(r *shell.Request, err error) error {
	return r.Again(err, func(r *shell.Request) error { return p.list(r.At(r.Back(r.Path("findings")))) })
}

func (p *pages) undo(r *shell.Request) error {
	if err := p.use.Undo(r.Context(), r.By, r.Org.ID, r.PostFormValue("id")); err != nil {
		return err
	}
	return r.Done(r.CameFrom(r.Path("findings")), shell.OK("Taken back."))
}

// sheet is everything that the page of a finding shows.
type sheet struct {
	*findings.View
	at     harbour.Instant
	people []findings.Colleague
	takers []findings.Colleague // who may be given it, and whoever has it
	// changes are the entries of the audit log, with the page of the present state.
	changes []store.Entry
	back    string
}

func (p *pages) finding(r *shell.Request) error {
	at, err := r.AsOf()
	if err != nil {
		return err
	}
	s, err := p.sheet(r, r.PathValue("id"), at)
	if err != nil {
		return err
	}
	if r.Partial("drawer-body") {
		s.back = r.CameFrom(r.Path("findings"))
		return r.Part(drawer(r, s))
	}
	if at == 0 {
		if s.changes, err = p.use.Changes(r.Context(), r.By, r.Org.ID, s.ID); err != nil {
			return err
		}
	}
	return r.Page(shell.Page{
		Title: view.Plain(s.Title, 160), Here: "findings", AsOf: at, Lead: view.Name(s.Rule), Actions: shell.PackButton(r, "finding", s.ID),
		Crumbs: []shell.Crumb{{Title: "Findings", Href: r.Query(r.Path("findings"))}}, Body: findingPage(r, s), About: shell.Object{Kind: "finding", ID: s.ID},
	})
}

func (p *pages) sheet(r *shell.Request, id string, at harbour.Instant) (*sheet, error) {
	v, err := p.use.Get(r.Context(), r.By, r.Org.ID, id, at)
	if err != nil {
		return nil, err
	}
	s := &sheet{View: v, at: at, back: r.Path("findings", id)}
	if s.people, err = p.use.Colleagues(r.Context(), r.By, r.Org.ID); err != nil || at != 0 {
		return s, err
	}
	s.takers, err = p.use.Takers(r.Context(), s.people, id)
	has := func(c findings.Colleague) bool { return c.ID == s.Assignee }
	if i := slices.IndexFunc(s.people, has); i >= 0 && !slices.ContainsFunc(s.takers, has) {
		s.takers = append(s.takers, s.people[i])
	}
	return s, err
}

func (p *pages) decideOne(r *shell.Request) error {
	id := r.PathValue("id")
	d, done, err := decision(r)
	if err != nil {
		return r.Again(err, p.finding)
	}
	version, err := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	if err != nil {
		return invalid("the form is not whole", "open the finding again")
	}
	undo, err := p.use.Decide(r.Context(), r.By, r.Org.ID, []findings.Target{{ID: id, Version: version}}, d)
	if harbour.KindOf(err) == harbour.ErrStale {
		return p.conflict(r, id, d, err)
	}
	if err != nil {
		return r.Again(inForm(r, err), p.finding)
	}
	return r.Done(r.Back(r.Path("findings", id)), shell.OK(done).WithUndo(r.Path("findings", "undo"), undo))
}

// conflict shows what somebody else decided meanwhile, and keeps what was about to be decided in the form.
func (p *pages) conflict(r *shell.Request, id string, d findings.Decision, err error) error {
	s, e := p.sheet(r, id, 0)
	if e != nil {
		return e
	}
	message, _ := shell.Words(err)
	if len(s.Decisions) > 0 {
		message = nameOf(s.people, s.Decisions[0].By) + " has decided about this finding meanwhile."
	}
	return r.Page(shell.Page{
		Title: "Two people decided about one finding", Here: "findings", Status: harbour.ErrStale.HTTPStatus(), Lead: message,
		Crumbs: []shell.Crumb{{Title: "Findings", Href: r.Path("findings")}, {Title: view.Plain(s.Title, 80), Href: r.Path("findings", id)}},
		Body:   conflictPage(r, s, r.PostFormValue("act"), d, r.PostFormValue("until")),
	})
}
