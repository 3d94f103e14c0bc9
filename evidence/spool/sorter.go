// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"io"
	"slices"
)

// Key orders rows: by Hi, then by Lo.
type Key struct{ Hi, Lo uint64 }

// Compare orders keys.
func (k Key) Compare(o Key) int { return cmp.Or(cmp.Compare(k.Hi, o.Hi), cmp.Compare(k.Lo, o.Lo)) }

// Row is a row with its key. Bytes belong to the iterator and hold until its next step.
type Row struct {
	Key
	Bytes []byte
}

type entry struct {
	Key
	off, n uint32
}

const entrySize = 24

// Sorter sorts rows by key.
type Sorter struct {
	fault
	dir    string
	memory int
	arena  []byte
	rows   []entry
	runs   []run
	file   *temporary
	count  int
}

// run is a sorted stretch of the file.
type run struct{ from, to int64 }

// NewSorter returns a sorter that holds at most memory bytes of rows and puts the rest into a file in dir; "" keeps
// everything in memory.
func NewSorter(dir string, memory int64) *Sorter {
	return &Sorter{dir: dir, memory: int(min(max(memory, 64<<10), 1<<30))}
}

// Len is the number of rows.
func (s *Sorter) Len() int { return s.count }

// Add enters a row; its bytes are copied.
func (s *Sorter) Add(k Key, row []byte) error {
	if held := len(s.arena) + len(s.rows)*entrySize; s.dir != "" && held > 0 && held+len(row)+entrySize > s.memory || len(s.arena)+len(row) > 1<<32-1 {
		if err := s.spill(); err != nil {
			return err
		}
	}
	s.rows = append(s.rows, entry{k, uint32(len(s.arena)), uint32(len(row))})
	s.arena = append(s.arena, row...)
	s.count++
	return nil
}

func (s *Sorter) order() {
	slices.SortFunc(s.rows, func(a, b entry) int { // offsets grow in the order of coming: that keeps equal keys in order
		if a.Hi != b.Hi {
			return cmp.Compare(a.Hi, b.Hi)
		}
		return cmp.Or(cmp.Compare(a.Lo, b.Lo), cmp.Compare(a.off, b.off))
	})
}

// spill writes what is held as a run.
func (s *Sorter) spill() error {
	if s.file == nil {
		var err error
		if s.file, err = newTemporary(s.dir); err != nil {
			return err
		}
	}
	s.order()
	from := s.file.n
	var head []byte
	last := uint64(0)
	for _, e := range s.rows {
		head = binary.AppendUvarint(head[:0], e.Hi-last)
		last = e.Hi
		head = binary.AppendUvarint(head, e.Lo)
		head = binary.AppendUvarint(head, uint64(e.n))
		if err := s.file.write(head); err != nil {
			return err
		}
		if err := s.file.write(s.arena[e.off : e.off+e.n]); err != nil {
			return err
		}
	}
	s.runs = append(s.runs, run{from, s.file.n})
	s.rows, s.arena = s.rows[:0], s.arena[:0]
	return nil
}

// Sort ends adding.
func (s *Sorter) Sort() error {
	if s.file == nil {
		s.order()
		return nil
	}
	if len(s.rows) > 0 {
		if err := s.spill(); err != nil {
			return err
		}
	}
	s.rows, s.arena = nil, nil
	if err := s.file.flush(); err != nil {
		return err
	}
	s.file.w = nil
	return nil
}

// Rows walks all rows in order. It may be repeated, nested, and used from several goroutines.
func (s *Sorter) Rows() func(yield func(*Row) bool) {
	if s.file == nil {
		return func(yield func(*Row) bool) {
			var row Row
			for i := range s.rows {
				e := &s.rows[i]
				row.Key, row.Bytes = e.Key, s.arena[e.off:e.off+e.n]
				if !yield(&row) {
					return
				}
			}
		}
	}
	return s.merge
}

// Close removes the file.
func (s *Sorter) Close() error {
	s.rows, s.arena = nil, nil
	f := s.file
	s.file, s.runs = nil, nil
	return f.close()
}

// cursor stands at a row of a run.
type cursor struct {
	r     *bufio.Reader
	left  int64
	row   Row
	order int // of the run: of equal keys the earlier run's come first
}

func (c *cursor) less(o *cursor) bool {
	if c.row.Hi != o.row.Hi {
		return c.row.Hi < o.row.Hi
	}
	if c.row.Lo != o.row.Lo {
		return c.row.Lo < o.row.Lo
	}
	return c.order < o.order
}

// next moves to the next row; false at the end of the run.
func (c *cursor) next() (bool, error) {
	hi, err := binary.ReadUvarint(c.r)
	if err == io.EOF {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	lo, err := binary.ReadUvarint(c.r)
	if err != nil {
		return false, err
	}
	n, err := binary.ReadUvarint(c.r)
	if err != nil {
		return false, err
	}
	if n > uint64(c.left) {
		return false, io.ErrUnexpectedEOF // not what was written
	}
	if cap(c.row.Bytes) < int(n) {
		c.row.Bytes = make([]byte, n, 2*n)
	}
	c.row.Bytes = c.row.Bytes[:n]
	if _, err := io.ReadFull(c.r, c.row.Bytes); err != nil {
		return false, err
	}
	c.row.Hi += hi
	c.row.Lo = lo
	return true, nil
}

// merge walks the runs with a heap of cursors.
func (s *Sorter) merge(yield func(*Row) bool) {
	buffer := min(max(s.memory/2/len(s.runs), 4<<10), 64<<10)
	var heap []*cursor
	for i, r := range s.runs {
		c := &cursor{r: bufio.NewReaderSize(io.NewSectionReader(s.file.f, r.from, r.to-r.from), buffer), left: r.to - r.from, order: i}
		ok, err := c.next()
		if err != nil {
			s.set(failure(err))
			return
		}
		if ok {
			heap = append(heap, c)
		}
	}
	for i := len(heap)/2 - 1; i >= 0; i-- {
		sift(heap, i)
	}
	for len(heap) > 0 {
		c := heap[0]
		if !yield(&c.row) {
			return
		}
		ok, err := c.next()
		if err != nil {
			s.set(failure(err))
			return
		}
		if !ok {
			heap[0] = heap[len(heap)-1]
			heap = heap[:len(heap)-1]
		}
		sift(heap, 0)
	}
}

func sift(heap []*cursor, i int) {
	for {
		small := i
		for _, k := range [2]int{2*i + 1, 2*i + 2} {
			if k < len(heap) && heap[k].less(heap[small]) {
				small = k
			}
		}
		if small == i {
			return
		}
		heap[i], heap[small] = heap[small], heap[i]
		i = small
	}
}
