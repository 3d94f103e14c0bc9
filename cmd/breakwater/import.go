// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"

	"breakwater/app"
	"breakwater/app/assess"
	"breakwater/app/imports"
	"breakwater/harbour"
	"breakwater/store"
)

type importCommand struct {
	Paths []string `arg:"" name:"path" help:"Files and folders of evidence: captures, inventories, a port file." type:"path"`
	place
	Organisation string   `help:"Organisation that the evidence is given to; may be left out where there is one." placeholder:"ID"`
	Site         string   `help:"Site that the evidence belongs to." placeholder:"ID"`
	Memory       byteSize `help:"Memory to work in." default:"256MiB" placeholder:"SIZE"`
	Quiet        bool     `short:"q" help:"No progress and no summary."`
}

// Run gives the evidence to a data folder that no server holds, reads it and builds the inventory.
func (c *importCommand) Run(ctx context.Context, s streams) (err error) {
	files, err := filesUnder(c.Paths)
	if err != nil {
		return err
	}
	if err := c.there("import"); err != nil {
		return err
	}
	h, err := openHouse(ctx, places{place: c.place}, newLog(s.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	org, err := c.organisation(ctx, h)
	if err != nil {
		return err
	}
	limitMemory(2 * int64(c.Memory))
	work := &hereAndNow{db: h.core.DB}
	u, err := imports.New(h.core, h.vault, work, imports.Options{Memory: int64(c.Memory), TempDir: filepath.Join(c.Data, "temp")})
	if err != nil {
		return err
	}
	r := &importRun{u: u, by: atCommandLine(), org: org, site: c.Site, s: s, quiet: c.Quiet}
	if !c.Quiet {
		r.bar = newProgress(s)
		work.tell = func(step string, done, total int64) {
			if step != "reading" { // counts of rows are no bytes
				total = 0
			}
			r.bar.update(assess.Progress{Step: step, Done: done, Total: total})
		}
	}
	if err := r.give(ctx, files); err != nil {
		return err
	}
	err = work.run(ctx, org, u.Work)
	if r.bar != nil {
		r.bar.clear()
	}
	if err != nil {
		return err
	}
	return r.report(ctx, h)
}

// organisation finds the one that is named, or the only one.
func (c *importCommand) organisation(ctx context.Context, h *house) (string, error) {
	list, err := h.core.DB.Organisations(ctx, "*")
	if err != nil {
		return "", err
	}
	var ids []string
	for _, o := range list {
		ids = append(ids, o.ID)
	}
	e := &harbour.Error{Kind: harbour.ErrUsage, Op: "import"}
	switch {
	case len(ids) == 0:
		e.Message, e.Hint = "there is no organisation yet", "run breakwater serve and set it up first"
	case c.Organisation == "" && len(ids) == 1:
		return ids[0], nil
	case c.Organisation == "":
		e.Message, e.Hint = "there are several organisations", fmt.Sprintf("name one with --organisation: %v", ids)
	case slices.Contains(ids, c.Organisation):
		return c.Organisation, nil
	default:
		e.Message, e.Hint = "there is no organisation "+c.Organisation, fmt.Sprintf("one of %v", ids)
	}
	return "", e
}

// atCommandLine is who works on a data folder itself: whoever may, may do everything in it. The log names the account.
func atCommandLine() *app.Actor {
	by := *app.System("command line")
	by.Via, by.Person = "command", "command"
	if a, err := user.Current(); err == nil {
		by.Name = a.Username + " at the command line"
	}
	return &by
}

// filesUnder lists the regular files under paths, each once, in order.
func filesUnder(paths []string) (files []string, err error) {
	for _, root := range paths {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return &harbour.Error{Kind: harbour.ErrUsage, Op: "import", Message: path + " cannot be opened", Hint: "name files or folders that exist and that you may read", Err: err}
			}
			if i, err := os.Stat(path); err == nil && i.Mode().IsRegular() {
				files = append(files, path)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(files)
	if files = slices.Compact(files); len(files) == 0 {
		return nil, &harbour.Error{Kind: harbour.ErrUsage, Op: "import", Message: "there is no file in the paths", Hint: "give captures (pcap, pcapng), inventories (CSV, XLSX) and a port.yaml"}
	}
	return files, nil
}

// importRun is one run of the command.
type importRun struct {
	u         *imports.Imports
	by        *app.Actor
	org, site string
	s         streams
	bar       *progressBar
	quiet     bool
	given     []string // ids
	known     int
}

// give gives all files.
func (r *importRun) give(ctx context.Context, files []string) error {
	for _, path := range files {
		f, err := os.Open(path)
		if err != nil {
			return &harbour.Error{Kind: harbour.ErrUsage, Op: "import", Message: path + " cannot be opened", Hint: "check your right to read it", Err: err}
		}
		if r.bar != nil {
			r.bar.update(assess.Progress{Step: "storing " + filepath.Base(path)})
		}
		g, err := r.u.Give(ctx, r.by, r.org, r.site, path, sizedFile{f})
		f.Close()
		if err != nil {
			return err
		}
		if r.given = append(r.given, g.ID); g.Known {
			r.known++
			if !r.quiet {
				if r.bar != nil {
					r.bar.clear()
				}
				fmt.Fprintf(r.s.out, "%s is known already as %s (%s)\n", path, g.Name, g.State)
			}
		}
	}
	return nil
}

// sizedFile tells its length beforehand.
type sizedFile struct{ *os.File }

// Size in bytes, 0 where it cannot be told.
func (f sizedFile) Size() int64 {
	i, err := f.Stat()
	if err != nil {
		return 0
	}
	return i.Size()
}

// report says what came of it. Evidence that could not be read is named.
func (r *importRun) report(ctx context.Context, h *house) error {
	in := h.core.DB.In(store.WholeOrganisation(r.org))
	unread := 0
	for _, id := range r.given {
		row, err := in.EvidenceByID(ctx, id)
		if err != nil {
			return err
		}
		if row.State != store.EvidenceUnreadable {
			continue
		}
		unread++
		reason := "cannot be read"
		for _, p := range row.Problems {
			if p.Fatal {
				reason = p.Message
				break
			}
		}
		fmt.Fprintf(r.s.err, "breakwater: %s: %s\n", row.Name, reason)
	}
	if !r.quiet {
		fmt.Fprintf(r.s.out, "%d files given, %d known before\n", len(r.given), r.known)
		if sum, g, err := in.Summary(ctx); err == nil && sum != nil {
			fmt.Fprintf(r.s.out, "generation %d: %d assets, %d conversations, %d operations, %d findings\n", g.Number, sum.Counts["assets"], sum.Counts["conversations"], sum.Counts["operations"], sum.Counts["findings"])
		}
	}
	if unread > 0 {
		return &unreadError{unread}
	}
	return nil
}

// hereAndNow does jobs in this process, one after the other. What a run that was stopped leaves, the server does.
type hereAndNow struct {
	db   *store.DB
	tell imports.Progress
}

var _ imports.Jobs = (*hereAndNow)(nil)

// Add implements imports.Jobs.
func (q *hereAndNow) Add(ctx context.Context, tx *store.Tx, org, by, kind, title, input string) (string, error) {
	id := app.NewID("j-")
	return id, tx.AddJob(ctx, store.Job{Org: org, ID: id, Kind: kind, Title: title, MadeBy: by, Input: input})
}

// run does the open jobs of the pipeline in an organisation until there are none.
func (q *hereAndNow) run(ctx context.Context, org string, work func(context.Context, store.Job, imports.Progress) (string, error)) error {
	for {
		list, err := q.db.OpenJobs(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(j store.Job) bool { return j.Org == org && slices.Contains(imports.Kinds(), j.Kind) })
		if i < 0 {
			return nil
		}
		if err := q.one(ctx, list[i], work); err != nil {
			return err
		}
	}
}

func (q *hereAndNow) one(ctx context.Context, j store.Job, work func(context.Context, store.Job, imports.Progress) (string, error)) error {
	write := func(ctx context.Context, fn func(ctx context.Context, tx *store.Tx) error) error {
		return q.db.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
			tx.Unaudited("how a job is, which says itself what it changes")
			return fn(ctx, tx)
		})
	}
	taken := false
	err := write(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		j, taken, err = tx.StartJob(ctx, j.Org, j.ID)
		return err
	})
	if err != nil || !taken {
		return err
	}
	result, failure := work(ctx, j, q.tell)
	if ctx.Err() != nil { // the server goes on with it
		return failure
	}
	j.State, j.Result = store.JobDone, result
	if failure != nil {
		j.State, j.Message, j.Hint = store.JobFailed, failure.Error(), harbour.HintOf(failure)
	}
	if err := write(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.EndJob(ctx, &j) }); err != nil {
		return err
	}
	return failure
}
