// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"breakwater/harbour"
)

// Names of the files, as other programs look for them.
const (
	SummaryFile       = "summary.json"
	EvidenceFile      = "evidence.jsonl"
	AssetsFile        = "assets.jsonl"
	ConversationsFile = "conversations.jsonl"
	OperationsFile    = "operations.jsonl"
	FindingsFile      = "findings.jsonl"
	ZonesFile         = "zones.jsonl"
	ConduitsFile      = "conduits.jsonl"
)

const (
	op         = "write lists"
	bufferSize = 256 << 10
	checkEvery = 2048 // lines between two looks at the context and two reports of progress
)

// Write writes the lists of a into dir, which is made where it does not exist. Lists of capabilities that the
// assessment does not have (no zones declared) are not written, and one that an earlier run left is removed. The
// function progress, where given, is told how many lines of the named file are written; it is called from the same
// goroutine.
//
// Errors are [harbour.Error]: ErrFull where the disk or a quota is full, ErrCancelled where ctx ended, ErrUsage where
// dir cannot be made or written to, ErrInternal otherwise.
func Write(ctx context.Context, dir string, a *harbour.Assessment, progress func(done int64, what string)) error {
	if progress == nil {
		progress = func(int64, string) {}
	}
	return write(&writer{ctx: ctx, dir: dir, progress: progress, create: create}, a)
}

func write(w *writer, a *harbour.Assessment) error {
	if err := os.MkdirAll(w.dir, 0o750); err != nil {
		return failure(w.dir, 0, err)
	}
	err := w.all(a)
	if err == nil {
		err = w.commit()
	}
	if err != nil {
		w.discard()
		return failure(w.dir, w.bytes, err)
	}
	return nil
}

// file is a list and how to write it; a nil body means that the list is absent in this assessment.
type file struct {
	name string
	body func(*writer) error
}

// files lists everything in the order in which it is written. The summary is last because its presence seals the set.
func files(a *harbour.Assessment) []file {
	zones := zoned(a)
	list := []file{
		{EvidenceFile, func(w *writer) error { return each(w, all(a.Evidence), evidenceLine) }},
		{AssetsFile, func(w *writer) error { return appendEach(w, a.Assets, appendAsset) }},
		{ConversationsFile, func(w *writer) error { return appendEach(w, a.Conversations, appendConversation) }},
		{OperationsFile, func(w *writer) error { return appendEach(w, a.Operations, appendOperation) }},
		{FindingsFile, func(w *writer) error { return each(w, all(a.Findings), findingLine) }},
		{ZonesFile, nil},
		{ConduitsFile, nil},
		{SummaryFile, func(w *writer) error { return w.line(summaryObject(&a.Summary)) }},
	}
	if zones {
		list[5].body = func(w *writer) error { return each(w, all(a.Zones), zoneLine) }
		list[6].body = func(w *writer) error { return each(w, all(a.Conduits), conduitLine) }
	}
	return list
}

// zoned says whether the assessment knows of zones: found populated, or at least declared.
func zoned(a *harbour.Assessment) bool {
	return len(a.Zones) > 0 || len(a.Conduits) > 0 || a.Port != nil && len(a.Port.Zones) > 0
}

// output is what is needed of a file that is written.
type output interface {
	io.WriteCloser
	Sync() error
}

// create makes a file that must not exist. A killed run may have left one: removing it first and creating exclusively
// also means that a link somebody put there is never followed.
func create(path string) (output, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
}

// writer holds what one run has written and not yet renamed.
type writer struct {
	ctx      context.Context
	dir      string
	progress func(int64, string)
	create   func(path string) (output, error)

	out   *bufio.Writer // to the file that is being written
	enc   *json.Encoder // to out
	name  string
	lines int64

	bytes   int64    // over all files
	written []string // whole under their temporary names
	absent  []string // to be removed, should an earlier run have left them
}

func (w *writer) temporary(name string) string { return filepath.Join(w.dir, "."+name+".partial") }

func (w *writer) all(a *harbour.Assessment) error {
	for _, f := range files(a) {
		if f.body == nil {
			w.absent = append(w.absent, f.name)
			continue
		}
		if err := w.file(f); err != nil {
			return err
		}
	}
	return nil
}

// file writes one list under its temporary name and syncs it.
func (w *writer) file(f file) (err error) {
	out, err := w.create(w.temporary(f.name))
	if err != nil {
		return err
	}
	w.written = append(w.written, f.name)
	defer func() {
		if closing := out.Close(); err == nil {
			err = closing
		}
	}()
	w.out = bufio.NewWriterSize(&counting{w: out, n: &w.bytes}, bufferSize)
	w.enc, w.name, w.lines = json.NewEncoder(w.out), f.name, 0
	w.enc.SetEscapeHTML(false)
	if f.name == SummaryFile {
		w.enc.SetIndent("", "  ")
	}
	if err := f.body(w); err != nil {
		return err
	}
	w.progress(w.lines, w.name)
	if err := w.out.Flush(); err != nil {
		return err
	}
	return out.Sync()
}

// next counts a line, looks at the context now and then, and tells of progress.
func (w *writer) next() error {
	if w.lines%checkEvery == 0 {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		w.progress(w.lines, w.name)
	}
	w.lines++
	return nil
}

// line encodes one object.
func (w *writer) line(v any) error {
	if err := w.next(); err != nil {
		return err
	}
	return w.enc.Encode(v)
}

// commit renames all files to their own names. The old summary goes first and the new one comes last, so that at no
// instant a summary lies beside lists of another run.
func (w *writer) commit() error {
	for _, name := range append([]string{SummaryFile}, w.absent...) {
		if err := os.Remove(filepath.Join(w.dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := syncDir(w.dir); err != nil {
		return err
	}
	for _, name := range w.written {
		if name == SummaryFile {
			// What the summary seals has to be on the disk before it.
			if err := syncDir(w.dir); err != nil {
				return err
			}
		}
		if err := os.Rename(w.temporary(name), filepath.Join(w.dir, name)); err != nil {
			return err
		}
	}
	return syncDir(w.dir)
}

// discard removes temporary files; errors do not matter beside the one that led here.
func (w *writer) discard() {
	for _, name := range w.written {
		_ = os.Remove(w.temporary(name))
	}
}

// syncDir makes renames durable. Some systems cannot sync a folder; there the rename is as durable as they make it.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) &&
		!errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}

type counting struct {
	w io.Writer
	n *int64
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	*c.n += int64(n)
	return n, err
}

// failure turns err into what the user is shown.
func failure(dir string, bytes int64, err error) error {
	e := &harbour.Error{Kind: harbour.ErrInternal, Op: op, Message: "the lists could not be written", Err: err}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e.Kind, e.Message = harbour.ErrCancelled, "stopped before the lists were complete; nothing was left behind"
	case harbour.DiskFull(err):
		e.Kind = harbour.ErrFull
		e.Message = fmt.Sprintf("no space left after %d bytes; nothing was left behind", bytes)
		e.Hint = "free space where " + dir + " lies, or choose another folder with --out; the lists of a large port take some gigabytes"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS), errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		e.Kind, e.Message = harbour.ErrUsage, "the folder "+dir+" cannot be written to"
		e.Hint = "choose another folder with --out"
	}
	return e
}
