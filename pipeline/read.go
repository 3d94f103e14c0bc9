// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"

	"breakwater/evidence"
	"breakwater/harbour"
)

// MinMemory is the least that a run can work in.
const MinMemory = 64 << 20

// DefaultMemory is what a run works in unless told otherwise.
const DefaultMemory = 256 << 20

// Budget is how the memory of a run is divided.
type Budget struct {
	// Tables is for all ledgers that are being read, together.
	Tables int64
	// Reader is for the reading of one file.
	Reader int64
}

// BudgetOf divides the memory of a run: two fifths for tables, three sixteenths for each of at most two readers.
func BudgetOf(memory int64) Budget { return Budget{Tables: memory / 5 * 2, Reader: memory / 16 * 3} }

// File is one file to read.
type File struct {
	// Path, or the name under which it was given, for the record and for messages.
	Path string
	Size int64
	// Content of the file.
	Content interface {
		io.Reader
		io.ReaderAt
	}
	// Kind that reads it; nil where none recognised it.
	Kind evidence.Kind
	// Memory that the reader may hold.
	Memory int64
	// Progress is told each number of bytes that were read.
	Progress func(n int64)
}

// Read reads one file into an empty ledger and finishes the ledger, with id and hash of the content. What cannot be
// read is a problem of the evidence and no error.
//
// Errors: ErrInvalid for a port file that breaks its rules, ErrCancelled.
func Read(ctx context.Context, f *File, l *evidence.Ledger) error {
	l.Evidence = harbour.Evidence{Path: f.Path, Kind: harbour.EvidenceUnknown, Bytes: f.Size}
	defer l.Finish()
	fail := func(message, hint string) { l.Problem(harbour.Problem{Message: message, Hint: hint, Fatal: true}) }
	src := &counted{r: f.Content, h: sha256.New(), progress: f.Progress}
	var err error
	switch {
	case f.Kind != nil:
		l.Evidence.Kind = f.Kind.Kind()
		err = f.Kind.Read(ctx, &evidence.Source{Path: f.Path, Size: f.Size, Reader: src, ReaderAt: f.Content, Memory: f.Memory}, l)
	case f.Size == 0:
		fail("the file is empty", "")
	default:
		fail("not recognised; tried: "+Tried(), "the content decides, not the name")
	}
	if _, e := io.Copy(io.Discard, bufio.NewReaderSize(&stoppable{ctx, src}, 1<<20)); e != nil && err == nil {
		if ctx.Err() != nil {
			return &harbour.Error{Kind: harbour.ErrCancelled, Op: "read evidence", Message: "stopped", Err: ctx.Err()}
		}
		fail("reading stopped: "+e.Error(), "what precedes was read")
	}
	l.Evidence.SHA256 = hex.EncodeToString(src.h.Sum(nil))
	l.Evidence.ID = harbour.EvidenceID(l.Evidence.SHA256)
	var e *harbour.Error
	switch {
	case err == nil:
	case errors.As(err, &e) && (e.Kind == harbour.ErrInvalid || e.Kind == harbour.ErrCancelled):
		return err
	case errors.As(err, &e):
		fail(e.Message, e.Hint)
	default:
		fail("cannot be read: "+err.Error(), "")
	}
	return nil
}

// Unopened fills the ledger of a file that cannot be opened at all. Its id comes from its path: nobody knows its content.
func Unopened(path string, size int64, err error, l *evidence.Ledger) {
	l.Evidence = harbour.Evidence{Path: path, Kind: harbour.EvidenceUnknown, Bytes: size}
	defer l.Finish()
	l.Problem(harbour.Problem{Message: "cannot be opened: " + err.Error(), Hint: "check the file and your right to read it", Fatal: true})
	sum := sha256.Sum256([]byte(path))
	l.Evidence.ID = harbour.EvidenceID(hex.EncodeToString(sum[:]))
}

// counted hashes and counts what is read through it.
type counted struct {
	r        io.Reader
	h        hash.Hash
	progress func(int64)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if n > 0 {
		c.h.Write(p[:n])
		if c.progress != nil {
			c.progress(int64(n))
		}
	}
	return n, err
}

// stoppable ends when its context does: the rest of a file that nobody reads may be long.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s *stoppable) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}
