// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"breakwater/evidence"
)

// shelves hold the ledgers that were read: in memory while they are few, in files of the working folder beyond, so that
// the memory for tables is there for the files that are still to be read.
type shelves struct {
	dir  string
	pool *evidence.Pool

	mu    sync.Mutex
	held  []*evidence.Ledger
	bytes int64 // held in memory
	files int
}

// keepShare is the part of the pool that finished ledgers may hold.
const keepShare = 8

// put takes a ledger that is finished. Once finished ledgers hold more than their share, all of them go to files.
func (s *shelves) put(l *evidence.Ledger) error {
	s.mu.Lock()
	s.held = append(s.held, l)
	s.bytes += l.Held()
	var full []*evidence.Ledger
	first := s.files
	if s.bytes > s.pool.Size()/keepShare {
		full, s.held, s.bytes = s.held, nil, 0
		s.files += len(full)
	}
	s.mu.Unlock()
	for i, l := range full {
		path := filepath.Join(s.dir, strconv.Itoa(first+i)+".ledger")
		create := func() (io.WriteCloser, error) { return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) }
		if err := l.Shelve(create, evidence.File(path)); err != nil {
			return err
		}
	}
	return nil
}
