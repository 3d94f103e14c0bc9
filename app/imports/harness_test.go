// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package imports_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/app/imports"
	"breakwater/harbour"
	"breakwater/internal/testpostgres"
	"breakwater/store"
	"breakwater/store/storetest"
	"breakwater/store/vault"
)

// queue is a queue of work that does jobs when it is told to, one after the other.
type queue struct {
	db   *store.DB
	work func(ctx context.Context, j store.Job, tell imports.Progress) (string, error)
	tell imports.Progress
}

func (q *queue) Add(ctx context.Context, tx *store.Tx, org, by, kind, title, input string) (string, error) {
	id := app.NewID("j-")
	return id, tx.AddJob(ctx, store.Job{Org: org, ID: id, Kind: kind, Title: title, MadeBy: by, Input: input})
}

func (q *queue) write(fn func(ctx context.Context, tx *store.Tx) error) error {
	return q.db.Write(context.Background(), store.Machine, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("the queue of a test")
		return fn(ctx, tx)
	})
}

// one does a job.
func (q *queue) one(ctx context.Context, j store.Job) error {
	var taken bool
	err := q.write(func(ctx context.Context, tx *store.Tx) (err error) {
		j, taken, err = tx.StartJob(ctx, j.Org, j.ID)
		return err
	})
	if err != nil || !taken {
		return err
	}
	result, failure := q.work(ctx, j, q.tell)
	j.State, j.Result = store.JobDone, result
	if failure != nil {
		j.State, j.Message = store.JobFailed, failure.Error()
	}
	if err := q.write(func(ctx context.Context, tx *store.Tx) error { return tx.EndJob(ctx, &j) }); err != nil {
		return err
	}
	return failure
}

// all does jobs until none is open, and gives the first failure.
func (q *queue) all(ctx context.Context) (failure error) {
	for {
		list, err := q.db.OpenJobs(ctx)
		if err != nil || len(list) == 0 {
			if failure == nil {
				failure = err
			}
			return failure
		}
		if err := q.one(ctx, list[0]); err != nil && failure == nil {
			failure = err
		}
	}
}

// port is a running pipeline with one organisation, skerry, that has the sites north and south.
type port struct {
	t     testing.TB
	db    *store.DB
	vault *vault.Vault
	core  *app.Core
	queue *queue
	u     *imports.Imports
}

func open(t testing.TB, dir, url string, o imports.Options) *port {
	t.Helper()
	v, err := vault.Open(filepath.Join(dir, "vault"), vault.KeySource{}, vault.Options{Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	db := storetest.OpenURL(t, url)
	return on(t, dir, db, v, o)
}

// on puts a pipeline on a database and a vault.
func on(t testing.TB, dir string, db *store.DB, v *vault.Vault, o imports.Options) *port {
	t.Helper()
	p := &port{t: t, db: db, vault: v, queue: &queue{db: db}}
	p.core = &app.Core{DB: db, Log: slog.New(slog.DiscardHandler), Clock: time.Now, Version: "test"}
	o.TempDir = dir
	var err error
	if p.u, err = imports.New(p.core, v, p.queue, o); err != nil {
		t.Fatal(err)
	}
	p.queue.work = p.u.Work
	return p
}

// each runs a test on each engine.
func each(t *testing.T, fn func(t *testing.T, p *port)) {
	t.Run("sqlite", func(t *testing.T) {
		dir := t.TempDir()
		p := open(t, dir, filepath.Join(dir, "test.db"), imports.Options{})
		p.organisation("skerry")
		fn(t, p)
	})
	t.Run("postgres", func(t *testing.T) {
		p := open(t, t.TempDir(), testpostgres.URL(t), imports.Options{})
		p.organisation("skerry")
		fn(t, p)
	})
}

func (p *port) organisation(id string) {
	p.t.Helper()
	storetest.Organisation(p.t, p.db, id, id)
	err := p.queue.write(func(ctx context.Context, tx *store.Tx) error {
		for _, s := range []string{"north", "south"} {
			if err := tx.PutSite(ctx, store.Site{Org: id, ID: s, Name: s, TimeZone: "UTC", Jurisdiction: "EU"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// actor has a role in an organisation, in a part of it where a limit is given.
func actor(role, org string, limit *store.Limit) *app.Actor {
	actions := map[app.Action]bool{}
	for _, a := range access.RoleByCode(role).Actions() {
		actions[a] = true
	}
	return app.NewActor(app.Actor{Person: "p-" + role, Name: "Jane of " + role, Via: "session", ProvedAt: harbour.At(time.Now())},
		[]app.Grant{{Role: role, Actions: actions, Org: org, Limit: limit}}, func() harbour.Instant { return harbour.At(time.Now()) })
}

func (p *port) give(by *app.Actor, org, name, content string) imports.Given {
	p.t.Helper()
	g, err := p.u.Give(context.Background(), by, org, "", name, strings.NewReader(content))
	if err != nil {
		p.t.Fatalf("give %s: %v", name, err)
	}
	return g
}

func (p *port) run() {
	p.t.Helper()
	if err := p.queue.all(context.Background()); err != nil {
		p.t.Fatalf("a job failed: %v", err)
	}
}

func (p *port) evidence(org, id string) store.EvidenceRow {
	p.t.Helper()
	row, err := p.db.In(store.WholeOrganisation(org)).EvidenceByID(context.Background(), id)
	if err != nil {
		p.t.Fatal(err)
	}
	return row
}

// assets gives the names of an organisation's assets.
func (p *port) assets(org string) (names []string) {
	p.t.Helper()
	list, err := p.db.In(store.WholeOrganisation(org)).Assets(context.Background(), store.AssetQuery{Order: store.Order{Limit: 1000, Sort: "name"}})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, a := range list.Items {
		names = append(names, a.Name)
	}
	return names
}

func (p *port) jobs(org string) (kinds []string) {
	p.t.Helper()
	list, err := p.db.In(store.WholeOrganisation(org)).Jobs(context.Background(), store.JobQuery{Order: store.Order{Limit: 1000}})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, j := range list.Items {
		kinds = append(kinds, j.Kind+" "+j.State)
	}
	return kinds
}

func sha(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
