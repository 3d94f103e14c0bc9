// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"context"
	"fmt"
	"regexp"
	"sync"
	"time"

	"breakwater/app"
	"breakwater/bus"
	"breakwater/harbour"
	"breakwater/store"
)

// Transport carries messages; [bus.Bus] is the one of the product.
type Transport interface {
	// Publish returns when the message is safe. The same id twice is one message.
	Publish(ctx context.Context, subject, id string, payload []byte) error
	// Consume hands messages to h until ctx ends, and takes each off when h returned nil.
	Consume(ctx context.Context, c bus.Consumer, h bus.Handler) error
}

var _ Transport = (*bus.Bus)(nil)

// Handler does a job. What it returns is told as what came of it, in words. ctx ends when somebody cancels the job and
// when the program stops; the handler then returns soon, with any error. It must bear being run again from the start.
type Handler func(ctx context.Context, r *Running) (result string, err error)

// Kind says how jobs of a kind are done.
type Kind struct {
	// Workers is how many run at once; 0 for two.
	Workers int
	// Attempts after which a job is given up; 0 for [Attempts].
	Attempts int
	// Again is what a person must be allowed to do to have a job of this kind done again that failed or was cancelled;
	// "" where nobody may.
	Again app.Action
}

// Attempts is how often a job is begun before it is given up, where its [Kind] does not say. A machine that goes down
// again and again takes jobs with it that are not to blame, so it is not few.
const Attempts = 10

type kind struct {
	Kind
	handler Handler

	mu   sync.Mutex
	last time.Time // when a message of it last came, or a job ended
}

// Jobs is made by [New].
type Jobs struct {
	core *app.Core
	bus  Transport

	mu    sync.Mutex
	kinds map[string]*kind
	claim map[key]*Running // what runs in this process
	relay relayState

	// Times that tests shorten.
	every, stale, slow time.Duration
}

type key struct{ org, id string }

// New makes the use case.
func New(c *app.Core, t Transport) *Jobs {
	return &Jobs{
		core: c, bus: t, kinds: map[string]*kind{}, claim: map[key]*Running{},
		every: 30 * time.Second, stale: 3 * time.Minute, slow: 300 * time.Millisecond,
	}
}

// Handle has jobs of a kind done by h. It is called before Run.
func (u *Jobs) Handle(name string, h Handler) { u.HandleWith(name, Kind{}, h) }

// HandleWith is Handle for a kind that needs more or less than usual.
func (u *Jobs) HandleWith(name string, k Kind, h Handler) {
	if k.Workers <= 0 {
		k.Workers = 2
	}
	if k.Attempts <= 0 {
		k.Attempts = Attempts
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.kinds[name] = &kind{Kind: k, handler: h}
}

var kindPattern = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,23}$`)

// Add adds a job within the transaction and gives its id. by is the person for whom it is done; input is of the kind's own
// form. The caller records in the audit log what it was asked.
//
// Errors: ErrInternal for a kind whose name does not do.
func (u *Jobs) Add(ctx context.Context, tx *store.Tx, org, by, kind, title, input string) (id string, err error) {
	if !kindPattern.MatchString(kind) || org == "" {
		return "", &harbour.Error{Kind: harbour.ErrInternal, Op: "add a job", Message: fmt.Sprintf("%q is no kind of job", kind)}
	}
	id = app.NewID("j-")
	return id, tx.AddJob(ctx, store.Job{Org: org, ID: id, Kind: kind, Title: clean(title, maxTitle), MadeBy: by, Input: input, Request: app.WorkOf(ctx).Request})
}

// scope is what the actor may see or do of an organisation's jobs. own is set where it is limited to the actor's own:
// titles tell of evidence of other sites.
func scope(by *app.Actor, action app.Action, org string) (s store.Scope, own bool, err error) {
	s, err = by.Scope(action, org)
	return s, err == nil && !s.Whole(), err
}

// List gives a page of jobs, newest first unless asked otherwise. Who sees a part of the organisation sees the jobs that
// they asked for.
func (u *Jobs) List(ctx context.Context, by *app.Actor, org string, q store.JobQuery) (p store.Page[store.Job], err error) {
	s, own, err := scope(by, app.ReadJobs, org)
	if err != nil {
		return p, err
	}
	if own {
		if q.MadeBy != "" && q.MadeBy != by.Person {
			return p, nil
		}
		q.MadeBy = by.Person
	}
	return u.core.DB.In(s).Jobs(ctx, q)
}

// Facets gives the counts beside the filters of the list.
func (u *Jobs) Facets(ctx context.Context, by *app.Actor, org string) ([]store.Facet, error) {
	s, own, err := scope(by, app.ReadJobs, org)
	if err != nil {
		return nil, err
	}
	person := ""
	if own {
		person = by.Person
	}
	return u.core.DB.In(s).JobFacets(ctx, person)
}

// Get reads a job.
//
// Errors: ErrNotFound where it is not in the actor's scope.
func (u *Jobs) Get(ctx context.Context, by *app.Actor, org, id string) (store.Job, error) {
	s, own, err := scope(by, app.ReadJobs, org)
	if err != nil {
		return store.Job{}, err
	}
	j, err := u.core.DB.In(s).Job(ctx, id)
	if err != nil || own && j.MadeBy != by.Person {
		return store.Job{}, absent(id, err)
	}
	return j, nil
}

func absent(id string, err error) error {
	if err != nil {
		return err
	}
	return &harbour.Error{Kind: harbour.ErrNotFound, Op: "find job", Message: "there is no job " + id + ", or you may not see it"}
}

// Cancel asks a job to end. One that waits ends at once, one that runs as soon as its handler sees it.
//
// Errors: ErrNotFound, ErrConflict where it has ended.
func (u *Jobs) Cancel(ctx context.Context, by *app.Actor, org, id string) error {
	s, own, err := scope(by, app.CancelJobs, org)
	if err != nil {
		return err
	}
	return u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		j, err := tx.CancelJob(ctx, s, id)
		if err != nil {
			return err
		}
		if own && j.MadeBy != by.Person {
			return absent(id, nil)
		}
		tx.After(func() { u.cancelRunning(key{org, id}) })
		return tx.Audit(ctx, by.Entry(org, app.CancelJobs, "job", id, j.Title))
	})
}

// MayAgain says whether [Jobs.Again] takes a job from the actor, for what a page offers.
func (u *Jobs) MayAgain(by *app.Actor, j *store.Job) bool {
	action := u.againBy(j.Kind)
	return action != "" && (j.State == store.JobFailed || j.State == store.JobCancelled) && by.May(app.ReadJobs, j.Org) && by.May(action, j.Org)
}

func (u *Jobs) againBy(kind string) app.Action {
	u.mu.Lock()
	defer u.mu.Unlock()
	if k := u.kinds[kind]; k != nil {
		return k.Again
	}
	return ""
}

// Again has done what a job was to do that failed or was cancelled, as a new job, and gives its id. Where one waits already
// that would do the same, it is that one.
//
// Errors: ErrNotFound; ErrConflict where the job has not failed, or is of a kind that nobody asks for again; those of
// [app.Actor.Scope] for what its kind asks for.
func (u *Jobs) Again(ctx context.Context, by *app.Actor, org, id string) (again string, err error) {
	j, err := u.Get(ctx, by, org, id)
	if err != nil {
		return "", err
	}
	action := u.againBy(j.Kind)
	if action == "" {
		return "", &harbour.Error{Kind: harbour.ErrConflict, Op: "do again", Message: "jobs of this kind are not asked for again", Hint: "ask for it where it was asked for first"}
	}
	if _, err := by.Scope(action, org); err != nil {
		return "", err
	}
	if j.State != store.JobFailed && j.State != store.JobCancelled {
		return "", &harbour.Error{Kind: harbour.ErrConflict, Op: "do again", Message: "the job has neither failed nor was it cancelled", Hint: "load the page again to see how it stands"}
	}
	err = u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		if again, err = tx.WaitingJob(ctx, org, j.Kind, j.Input); err != nil {
			return err
		}
		if again == "" {
			if again, err = u.Add(ctx, tx, org, by.Person, j.Kind, j.Title, j.Input); err != nil {
				return err
			}
		}
		e := by.Entry(org, action, "job", again, j.Title)
		e.Reason = "asked for again, after " + j.ID
		return tx.Audit(ctx, e)
	})
	return again, err
}

func (u *Jobs) cancelRunning(k key) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if r := u.claim[k]; r != nil {
		r.cancelByPerson()
	}
}
