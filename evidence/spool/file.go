// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"bufio"
	"errors"
	"os"
	"sync"

	"breakwater/harbour"
)

// temporary is a file that is written once, from the front, and read at any place.
type temporary struct {
	f *os.File
	w *bufio.Writer
	n int64
}

func newTemporary(dir string) (*temporary, error) {
	f, err := os.CreateTemp(dir, "spool-")
	if err != nil {
		return nil, failure(err)
	}
	return &temporary{f: f, w: bufio.NewWriterSize(f, 64<<10)}, nil
}

func (t *temporary) write(b []byte) error {
	if _, err := t.w.Write(b); err != nil {
		return failure(err)
	}
	t.n += int64(len(b))
	return nil
}

func (t *temporary) flush() error {
	if err := t.w.Flush(); err != nil {
		return failure(err)
	}
	return nil
}

func (t *temporary) close() error {
	if t == nil {
		return nil
	}
	return errors.Join(t.f.Close(), os.Remove(t.f.Name()))
}

func failure(err error) error {
	e := &harbour.Error{Kind: harbour.ErrInternal, Op: "keep rows", Message: "a temporary file could not be written or read", Hint: "check the output folder and your right to write there", Err: err}
	if harbour.DiskFull(err) {
		e.Kind, e.Message, e.Hint = harbour.ErrFull, "the disk is full", "free some space, or choose another folder"
	}
	return e
}

// fault is the first error that any reader met.
type fault struct {
	mu  sync.Mutex
	err error
}

func (f *fault) set(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
}

// Err is the first error of all reading so far.
func (f *fault) Err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}
