// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package jobs shows work that outlives a request: what waits, runs and has ended, how far it is, why something is stuck
// and what to do about it. Jobs are cancelled here, and those that failed are asked for again.
//
// # When something is missing
//
// With the broker gone the pages go on and say so. Progress comes by itself where there is script, and by loading the page
// again where there is none.
//
// Its handlers are safe for concurrent use.
package jobs

import (
	"strconv"

	"breakwater/app"
	"breakwater/app/evidence"
	"breakwater/app/jobs"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/view"
	"breakwater/web/shell"
)

type pages struct {
	use      *jobs.Jobs
	evidence *evidence.Evidence // nil for none: their problems are then not counted
}

// New makes the pages of the use case. e tells how many problems the evidence has that a job read; nil for nothing of that.
func New(use *jobs.Jobs, e *evidence.Evidence) shell.Pack {
	p := &pages{use, e}
	return shell.Pack{
		Entries: []shell.Entry{{Name: "Jobs", Path: "jobs", Icon: "list-checks", Action: app.ReadJobs}},
		Register: func(s *shell.Shell) {
			s.In("GET jobs", p.list)
			s.In("GET jobs.csv", func(r *shell.Request) error { return p.export(r, "csv") })
			s.In("GET jobs.xlsx", func(r *shell.Request) error { return p.export(r, "xlsx") })
			s.In("GET jobs/{id}", p.show)
			s.In("POST jobs/{id}/cancel", p.cancel)
			s.In("POST jobs/{id}/again", p.again)
		},
	}
}

// listing is the list as its page shows it.
type listing struct {
	query    store.JobQuery
	page     store.Page[store.Job]
	filters  []shell.Filter
	problems map[string]int // of the evidence that jobs read, by its id
	open     bool           // something on the page is not at its end
	stuck    *stuck
	idle     []shell.Idle // values of filters that fit nothing by themselves
}

// states are those of a job.
var states = []string{store.JobWaiting, store.JobRunning, store.JobDone, store.JobFailed, store.JobCancelled}

func query(r *shell.Request) (q store.JobQuery, err error) {
	text, err := r.Text()
	if err != nil {
		return q, err
	}
	q = store.JobQuery{Text: text, Order: r.OrderOf("made_at", true), Kind: r.Values("kind")}
	if err := r.Closed(shell.ClosedFilter{Name: "state", Known: states, To: &q.State}, shell.ClosedFilter{Name: "by", Known: []string{"me"}}); err != nil {
		return q, err
	}
	if r.URL.Query().Get("by") == "me" {
		q.MadeBy = r.By.Person
	}
	return q, err
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
	l.filters = []shell.Filter{
		r.Facets(facets, "state", "State", func(v string) string { return stateWord(v).Title }),
		r.Facets(facets, "kind", "Kind", kindWord),
		{Name: "by", Title: "Asked for by", One: true, Choices: []shell.Choice{{Value: "me", Title: "you", Count: -1}}},
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
	for i := range l.page.Items {
		l.open = l.open || !l.page.Items[i].Ended()
	}
	if l.open {
		if l.stuck, err = p.stuck(r); err != nil {
			return l, err
		}
	}
	l.problems, err = p.problems(r, l.page.Items)
	return l, err
}

// problems counts those of the evidence that jobs have read, as far as the person may see it.
func (p *pages) problems(r *shell.Request, list []store.Job) (map[string]int, error) {
	var ids []string
	for i := range list {
		if list[i].Kind == readEvidence && list[i].State == store.JobDone {
			ids = append(ids, list[i].Input)
		}
	}
	if p.evidence == nil || len(ids) == 0 || !r.May(app.ReadEvidence) {
		return nil, nil
	}
	page, err := p.evidence.List(r.Context(), r.By, r.Org.ID, store.EvidenceQuery{IDs: ids, Order: store.Order{Limit: len(ids)}})
	if err != nil {
		return nil, err
	}
	n := map[string]int{}
	for i := range page.Items {
		n[page.Items[i].ID] = len(page.Items[i].Problems)
	}
	return n, nil
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
		Title: "Jobs", Lead: "Work that goes on by itself: what waits, what runs, what came of it", Here: "jobs", Body: body(r, l),
		Keys: []shell.Key{{Press: "j k", Does: "Next and previous row"}, {Press: "Enter", Does: "Open the row"}},
	})
}

func (p *pages) export(r *shell.Request, form string) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	q.Cursor, q.Limit = "", store.MaxLimit
	head := []string{"State", "Kind", "Title", "Asked for by", "Step", "Done", "Total", "Attempts", "Made at", "Began at", "Ended at", "Message", "Hint", "Id"}
	return r.Table("jobs", form, head, func(add func(...string) error) error {
		for {
			page, err := p.use.List(r.Context(), r.By, r.Org.ID, q)
			if err != nil {
				return err
			}
			for i := range page.Items {
				j := &page.Items[i]
				n := func(v int64) string { return strconv.FormatInt(v, 10) }
				if err := add(j.State, kindWord(j.Kind), j.Title, who(j), j.Step, n(j.Done), n(j.Total), strconv.Itoa(j.Attempts), view.Instant(j.MadeAt), known(j.BeganAt), known(j.EndedAt), j.Message, j.Hint, j.ID); err != nil {
					return err
				}
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return nil
			}
		}
	})
}

func known(i harbour.Instant) string {
	if !i.Known() {
		return ""
	}
	return view.Instant(i)
}

// show is the page of a job.
func (p *pages) show(r *shell.Request) error {
	id := r.PathValue("id")
	j, err := p.use.Get(r.Context(), r.By, r.Org.ID, id)
	if err != nil {
		return err
	}
	var why *stuck
	if !j.Ended() {
		if why, err = p.stuck(r); err != nil {
			return err
		}
	}
	if r.Partial("job") {
		if j.Ended() { // all of the page is new
			return r.Redirect(r.Path("jobs", id))
		}
		return r.Part(state(r, &j, why))
	}
	n, err := p.problems(r, []store.Job{j})
	if err != nil {
		return err
	}
	return r.Page(shell.Page{
		Title: j.Title, Lead: kindWord(j.Kind), Here: "jobs", Crumbs: []shell.Crumb{{Title: "Jobs", Href: r.Path("jobs")}},
		Actions: p.actions(r, &j), Body: one(r, &j, why, n[j.Input]),
	})
}

func (p *pages) cancel(r *shell.Request) error {
	id := r.PathValue("id")
	if err := p.use.Cancel(r.Context(), r.By, r.Org.ID, id); err != nil {
		return err
	}
	return r.Done(r.Path("jobs", id), shell.OK("Cancelled. What runs ends as soon as it can."))
}

func (p *pages) again(r *shell.Request) error {
	id, err := p.use.Again(r.Context(), r.By, r.Org.ID, r.PathValue("id"))
	if err != nil {
		return err
	}
	return r.Done(r.Path("jobs", id), shell.OK("It is done again, as this job."))
}
