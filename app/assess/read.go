// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"context"
	"os"
	"sync"
	"sync/atomic"

	"breakwater/evidence"
	"breakwater/harbour"
	"breakwater/pipeline"
)

// readAll recognises and reads all files. What was read goes to temporary files as soon as it is more than a little. As
// long as the pool suffices nothing depends on which file is read first.
func readAll(ctx context.Context, files []*file, kinds []evidence.Kind, temp string, o *Options) error {
	total := int64(0)
	for _, f := range files {
		f.recognise(kinds)
		total += f.size
	}
	budget := pipeline.BudgetOf(o.Memory)
	pool := evidence.NewPool(budget.Tables)
	shelves := &shelves{dir: temp, pool: pool}
	var done atomic.Int64
	progress := func(n int64) {
		o.Progress(Progress{Step: "reading evidence", Done: done.Add(n), Total: total})
	}
	// What people declared comes first: should memory run out, it is the captures that are not complete.
	declared, observed := divide(files)
	for _, part := range [][]*file{declared, observed} {
		err := each(ctx, part, o.Workers, func(f *file) error {
			if err := f.read(ctx, pool, budget.Reader, progress); err != nil {
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
	f.ledger = evidence.NewLedger(evidence.LimitsIn(pool))
	var r *os.File
	if f.err == nil {
		r, f.err = os.Open(f.path)
	}
	if f.err != nil {
		pipeline.Unopened(f.path, f.size, f.err, f.ledger)
		return nil
	}
	defer r.Close()
	return pipeline.Read(ctx, &pipeline.File{Path: f.path, Size: f.size, Content: r, Kind: f.kind, Memory: working, Progress: progress}, f.ledger)
}
