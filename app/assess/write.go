// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"bufio"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"breakwater/document"
	"breakwater/exchange/lists"
	"breakwater/harbour"
)

// work is the folder in which a run's results are made.
type work struct{ out, dir string }

// workPrefix marks working folders; those of runs that were killed are removed by the next run.
const workPrefix = ".breakwater-work-"

// results are the files that a run may leave. The summary is the last to appear and the first to go.
var results = []string{
	"evidence.jsonl", "assets.jsonl", "conversations.jsonl", "operations.jsonl", "findings.jsonl", "zones.jsonl",
	"conduits.jsonl", "assessment.html", "assessment.pdf", "summary.json",
}

func openWork(out string) (*work, error) {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, writeError("make the output folder", err)
	}
	old, _ := filepath.Glob(filepath.Join(out, workPrefix+"*"))
	for _, dir := range old {
		os.RemoveAll(dir)
	}
	dir, err := os.MkdirTemp(out, workPrefix)
	if err != nil {
		return nil, writeError("make a working folder in "+out, err)
	}
	return &work{out, dir}, nil
}

func (w *work) discard() { os.RemoveAll(w.dir) }

// write makes all results in the working folder and returns their names.
func (w *work) write(ctx context.Context, a *harbour.Assessment, o *Options) ([]string, error) {
	draft, err := document.NewDraft(ctx, a)
	if err != nil {
		return nil, writeError("write the assessment", err)
	}
	err = lists.Write(ctx, w.dir, draft.Listening(), func(done int64, what string) { o.Progress(Progress{Step: "writing " + what, Done: done}) })
	if err != nil {
		return nil, err
	}
	o.Progress(Progress{Step: "writing the page"})
	if err := w.document(ctx, draft, o.PDF); err != nil {
		return nil, writeError("write the assessment", err)
	}
	var names []string
	for _, name := range results {
		if _, err := os.Stat(filepath.Join(w.dir, name)); err == nil {
			names = append(names, name)
		}
	}
	return names, nil
}

// document writes the page, and the PDF where it is asked for.
func (w *work) document(ctx context.Context, draft *document.Draft, paper bool) error {
	page, err := w.create("assessment.html")
	if err != nil {
		return err
	}
	if !paper {
		return errors.Join(draft.HTML(ctx, page), page.close())
	}
	sheets, err := w.create("assessment.pdf")
	if err != nil {
		return errors.Join(err, page.close())
	}
	return errors.Join(draft.Both(ctx, page, sheets), page.close(), sheets.close())
}

// result is a file that is being written.
type result struct {
	*bufio.Writer
	f *os.File
}

func (w *work) create(name string) (*result, error) {
	f, err := os.OpenFile(filepath.Join(w.dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err != nil {
		return nil, err
	}
	return &result{bufio.NewWriterSize(f, 1<<20), f}, nil
}

func (r *result) close() error { return errors.Join(r.Flush(), r.f.Sync(), r.f.Close()) }

// publish moves the results into place. What an earlier run left is taken away first, its summary before all.
func (w *work) publish(names []string) error {
	for _, name := range slices.Backward(results) {
		if err := os.Remove(filepath.Join(w.out, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return writeError("replace "+name, err)
		}
	}
	for _, name := range names {
		if err := os.Rename(filepath.Join(w.dir, name), filepath.Join(w.out, name)); err != nil {
			return writeError("move "+name+" into place", err)
		}
	}
	if d, err := os.Open(w.out); err == nil {
		_ = d.Sync() // not every file system can sync a folder; the renames are ordered all the same
		d.Close()
	}
	return nil
}

func writeError(op string, err error) error {
	var e *harbour.Error
	if errors.As(err, &e) {
		return err
	}
	e = &harbour.Error{Kind: harbour.ErrInternal, Op: op, Message: "the result could not be written", Hint: "check the output folder and your right to write there", Err: err}
	if harbour.DiskFull(err) {
		e.Kind, e.Message, e.Hint = harbour.ErrFull, "the disk is full", "free some space or choose another folder with --out; nothing was left half-written"
	}
	return e
}
