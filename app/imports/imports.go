// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/pipeline"
	"breakwater/store"
	"breakwater/store/vault"
	"breakwater/tables/oui"
)

// Jobs is what takes work that outlives a request.
type Jobs interface {
	// Add adds a job within the transaction and gives its id.
	Add(ctx context.Context, tx *store.Tx, org, by, kind, title, input string) (id string, err error)
}

// The kinds of job that [Imports.Work] does.
const (
	JobRead  = "read_evidence"   // input: id of the evidence
	JobBuild = "build_inventory" // no input
	JobShred = "shred_object"    // input: SHA-256 of an object of the vault
)

// Kinds lists the kinds of job that [Imports.Work] does.
func Kinds() []string { return []string{JobRead, JobBuild, JobShred} }

// Again is what a person must be allowed to do to have a job of a kind done again that failed; "" where nobody may: what was
// to be shredded and was not is found by the rules of retention.
func Again(kind string) app.Action {
	switch kind {
	case JobRead, JobBuild:
		return app.ImportEvidence
	}
	return ""
}

// Progress is told how far a job is: the step in words, and how much of how much; total 0 where it is not known.
type Progress func(step string, done, total int64)

// Options of the pipeline.
type Options struct {
	// Memory that one reading or one build works in; 0 for pipeline.DefaultMemory.
	Memory int64
	// TempDir is the folder for temporary files. A folder in it, named imports, is the pipeline's own: what is found
	// there at the start was left by a program that was killed, and is removed.
	TempDir string
	// Readers is how many files are read at once; 0 for one.
	Readers int
	// Vendors replaces the built-in table of hardware address holders.
	Vendors *oui.Table
	// Observe is told of each evidence that was read or could not be, for metrics; nil for nobody.
	Observe func(e *harbour.Evidence, readable bool)
}

// Imports is the pipeline. See the package comment.
type Imports struct {
	core  *app.Core
	vault *vault.Vault
	jobs  Jobs
	opt   Options
	temp  string

	reading  chan struct{} // a place for each reading
	building chan struct{} // one place
	// objects is held for reading while an object that was put becomes known to a record, for writing while one that no
	// record names is removed.
	objects sync.RWMutex
	trials  trials
}

// New makes the pipeline.
//
// Errors: ErrFull, ErrInternal where the folder for temporary files cannot be made.
func New(c *app.Core, v *vault.Vault, jobs Jobs, o Options) (*Imports, error) {
	o.Memory = max(cmp.Or(o.Memory, pipeline.DefaultMemory), pipeline.MinMemory)
	o.Readers = max(o.Readers, 1)
	u := &Imports{
		core: c, vault: v, jobs: jobs, opt: o, temp: filepath.Join(cmp.Or(o.TempDir, os.TempDir()), "imports"),
		reading: make(chan struct{}, o.Readers), building: make(chan struct{}, 1),
	}
	err := os.RemoveAll(u.temp)
	if err == nil {
		err = os.MkdirAll(u.temp, 0o700)
	}
	if err != nil {
		e := &harbour.Error{Kind: harbour.ErrInternal, Op: "prepare imports", Message: "the folder for temporary files cannot be made", Hint: "check " + u.temp + " and the right to write there", Err: err}
		if harbour.DiskFull(err) {
			e.Kind, e.Message = harbour.ErrFull, "the disk is full"
		}
		return nil, e
	}
	return u, nil
}

// Work does a job of one of [Kinds]. What it returns is the job's result, in words.
//
// Errors: those of the kinds; ErrInternal for a kind that is none of them.
func (u *Imports) Work(ctx context.Context, j store.Job, tell Progress) (result string, err error) {
	if tell == nil {
		tell = func(string, int64, int64) {}
	}
	switch j.Kind {
	case JobRead:
		return u.read(ctx, j.Org, j.Input, j.MadeBy, tell)
	case JobBuild:
		return u.build(ctx, j.Org, strings.TrimPrefix(j.Title, buildTitle), tell)
	case JobShred:
		return u.shred(ctx, j.Input)
	}
	return "", &harbour.Error{Kind: harbour.ErrInternal, Op: "work", Message: "there is no work of kind " + j.Kind}
}

// buildTitle begins the title of a build; what follows is why.
const buildTitle = "Build the inventory: "

// take waits for a place; free gives it back.
func take(ctx context.Context, places chan struct{}) (free func(), err error) {
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	case <-ctx.Done():
		return nil, stopped(ctx)
	}
}

func stopped(ctx context.Context) error {
	return &harbour.Error{Kind: harbour.ErrCancelled, Op: "import", Message: "stopped", Err: context.Cause(ctx)}
}

// Rebuild asks for the inventory to be built, within the transaction of the change that only a new build can show. Where
// a build waits already, that one will do.
func (u *Imports) Rebuild(ctx context.Context, tx *store.Tx, org, by, why string) error {
	waiting, err := tx.WaitingJob(ctx, org, JobBuild, "")
	if err != nil || waiting != "" {
		return err
	}
	_, err = u.jobs.Add(ctx, tx, org, by, JobBuild, buildTitle+why, "")
	return err
}

// system acts where the program does by itself what follows from what a person did.
func system() *app.Actor { return app.System("imports") }
