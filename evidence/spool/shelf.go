// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package spool

// Shelf keeps rows by number.
type Shelf struct {
	fault
	dir    string
	memory int
	data   []byte
	ends   []uint64
	file   *temporary
}

// NewShelf returns a shelf that holds at most memory bytes of rows, and all of them in a file in dir beyond that; ""
// keeps everything in memory.
func NewShelf(dir string, memory int64) *Shelf {
	return &Shelf{dir: dir, memory: int(min(max(memory, 64<<10), 1<<40))}
}

// Len is the number of rows.
func (s *Shelf) Len() int { return len(s.ends) }

func (s *Shelf) size() uint64 {
	if len(s.ends) == 0 {
		return 0
	}
	return s.ends[len(s.ends)-1]
}

// Append adds a row; its bytes are copied.
func (s *Shelf) Append(row []byte) error {
	if s.file == nil && s.dir != "" && len(s.data)+len(row) > s.memory {
		var err error
		if s.file, err = newTemporary(s.dir); err != nil {
			return err
		}
		if err := s.file.write(s.data); err != nil {
			return err
		}
		s.data = nil
	}
	if s.file == nil {
		s.data = append(s.data, row...)
	} else if err := s.file.write(row); err != nil {
		return err
	}
	s.ends = append(s.ends, s.size()+uint64(len(row)))
	return nil
}

// Done ends adding.
func (s *Shelf) Done() error {
	if s.file == nil {
		return nil
	}
	if err := s.file.flush(); err != nil {
		return err
	}
	s.file.w = nil
	return nil
}

// Close removes the file.
func (s *Shelf) Close() error {
	f := s.file
	s.file, s.data, s.ends = nil, nil, nil
	return f.close()
}

// Reader reads rows. It belongs to one goroutine.
type Reader struct {
	s      *Shelf
	ahead  int
	window []byte
	from   uint64
}

// Reader returns a reader that reads ahead bytes at a time, which suits walks in order; 0 suits single rows.
func (s *Shelf) Reader(ahead int) *Reader { return &Reader{s: s, ahead: ahead} }

// At returns row i, counted from 0, or nil where the disk fails. The bytes hold until the next call.
func (r *Reader) At(i int) []byte {
	s := r.s
	if i < 0 || i >= len(s.ends) {
		return nil
	}
	from, to := uint64(0), s.ends[i]
	if i > 0 {
		from = s.ends[i-1]
	}
	if s.file == nil {
		return s.data[from:to:to]
	}
	if from < r.from || to > r.from+uint64(len(r.window)) {
		n := int(max(to-from, min(uint64(r.ahead), s.size()-from)))
		if cap(r.window) < n {
			r.window = make([]byte, n)
		}
		r.window, r.from = r.window[:n], from
		if _, err := s.file.f.ReadAt(r.window, int64(from)); err != nil {
			r.window = r.window[:0]
			s.set(failure(err))
			return nil
		}
	}
	return r.window[from-r.from : to-r.from : to-r.from]
}
