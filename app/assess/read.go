// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"breakwater/evidence"
	"breakwater/harbour"
)

// readAll recognises and reads all files. The ledgers that are being read share two fifths of the memory, each reader
// works in three sixteenths; what was read goes to temporary files as soon as it is more than a little. As long as the pool
// suffices nothing depends on which file is read first.
func readAll(ctx context.Context, files []*file, kinds []evidence.Kind, temp string, o *Options) error {
	total := int64(0)
	for _, f := range files {
		f.recognise(kinds)
		total += f.size
	}
	pool := evidence.NewPool(o.Memory / 5 * 2)
	shelves := &shelves{dir: temp, pool: pool}
	var done atomic.Int64
	progress := func(n int64) {
		o.Progress(Progress{Step: "reading evidence", Done: done.Add(n), Total: total})
	}
	// What people declared comes first: should memory run out, it is the captures that are not complete.
	declared, observed := divide(files)
	for _, part := range [][]*file{declared, observed} {
		err := each(ctx, part, o.Workers, func(f *file) error {
			if err := f.read(ctx, pool, o.Memory/16*3, progress); err != nil {
				return err
			}
			return shelves.put(f.ledger)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// divide separates the files that hold declarations from the others.
func divide(files []*file) (declared, others []*file) {
	for _, f := range files {
		if f.kind != nil && f.kind.Kind() != harbour.EvidencePacket {
			declared = append(declared, f)
		} else {
			others = append(others, f)
		}
	}
	return declared, others
}

// each reads files with several workers. Of several errors that of the first path is returned, so that every run tells
// the same.
func each(ctx context.Context, files []*file, workers int, read func(*file) error) error {
	work := make(chan *file)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var first *file
	var failure error
	for range min(workers, maxReaders, len(files)) {
		wg.Go(func() {
			for f := range work {
				if err := read(f); err != nil {
					mu.Lock()
					if first == nil || f.path < first.path {
						first, failure = f, err
					}
					mu.Unlock()
				}
			}
		})
	}
	for _, f := range files {
		if ctx.Err() != nil {
			break
		}
		work <- f
	}
	close(work)
	wg.Wait()
	if ctx.Err() != nil {
		return &harbour.Error{Kind: harbour.ErrCancelled, Op: "assess", Message: "stopped", Err: ctx.Err()}
	}
	return failure
}

// maxReaders is how many files are read at once at most: each reader has a fixed share of the memory.
const maxReaders = 2

// read reads one file into a ledger. Only an invalid port file is an error: everything else leans on it.
func (f *file) read(ctx context.Context, pool *evidence.Pool, working int64, progress func(int64)) error {
	l := evidence.NewLedger(evidence.LimitsIn(pool))
	f.ledger = l
	l.Evidence = harbour.Evidence{Path: f.path, Kind: harbour.EvidenceUnknown, Bytes: f.size}
	defer l.Finish()
	fail := func(message, hint string) { l.Problem(harbour.Problem{Message: message, Hint: hint, Fatal: true}) }
	if f.err != nil {
		fail("cannot be opened: "+f.err.Error(), "check the file and your right to read it")
		f.identify(nil)
		return nil
	}
	r, err := os.Open(f.path)
	if err != nil {
		fail("cannot be opened: "+err.Error(), "check the file and your right to read it")
		f.identify(nil)
		return nil
	}
	defer r.Close()
	src := &counted{r: r, h: sha256.New(), progress: progress}
	if f.kind == nil {
		if f.size == 0 {
			fail("the file is empty", "")
		} else {
			fail("not recognised; tried: "+tried(), "the content decides, not the name")
		}
	} else {
		l.Evidence.Kind = f.kind.Kind()
		err = f.kind.Read(ctx, &evidence.Source{Path: f.path, Size: f.size, Reader: src, ReaderAt: r, Memory: working}, l)
	}
	if _, e := io.Copy(io.Discard, bufio.NewReaderSize(src, 1<<20)); e != nil && err == nil {
		fail("reading stopped: "+e.Error(), "what precedes was read")
	}
	f.identify(src.h)
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

// identify gives the evidence its id, from its content; a file that could not be read at all has the hash of its path.
func (f *file) identify(h hash.Hash) {
	e := &f.ledger.Evidence
	if h != nil {
		e.SHA256 = hex.EncodeToString(h.Sum(nil))
		e.ID = harbour.EvidenceID(e.SHA256)
		return
	}
	sum := sha256.Sum256([]byte(f.path))
	e.ID = harbour.EvidenceID(hex.EncodeToString(sum[:]))
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
		c.progress(int64(n))
	}
	return n, err
}
