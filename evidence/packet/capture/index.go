// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"encoding/binary"
	"slices"
	"sort"
)

// Index finds the place in a capture from which a frame is read, without reading what precedes. It is made while the
// capture is read, and kept beside it (docs/formats/marks.md).
type Index struct {
	marks []Mark
	bytes int // that it takes at most when it is kept
}

// MarkEvery is how many bytes of the stream lie between two marks.
const MarkEvery = 1 << 20

// Bounds on an index: what is beyond is found from its last mark.
const (
	maxMarks      = 1 << 20
	maxIndexBytes = 32 << 20
	markBytes     = 24 // at most, when kept
)

const indexMagic = "bwmarks\x01"

// Add adds a mark that lies behind those before.
func (x *Index) Add(m Mark) {
	n := markBytes
	if len(x.marks) == 0 || x.marks[len(x.marks)-1].State != m.State {
		n += 32 + len(m.State.interfaces)*(2*maxText+32)
	}
	if len(x.marks) >= maxMarks || x.bytes+n > maxIndexBytes {
		return
	}
	x.bytes += n
	x.marks = append(x.marks, m)
}

// Len is the number of marks.
func (x *Index) Len() int { return len(x.marks) }

// Before gives the last mark from which the frame of this number can be reached. ok is false where it has to be looked
// for from the start.
func (x *Index) Before(number uint64) (m Mark, ok bool) {
	i := sort.Search(len(x.marks), func(i int) bool { return x.marks[i].Number >= number })
	if i == 0 {
		return Mark{}, false
	}
	return x.marks[i-1], true
}

// AppendBinary appends the index for keeping it.
func (x *Index) AppendBinary(b []byte) []byte {
	b = append(b, indexMagic...)
	var states []*State
	for _, m := range x.marks {
		if len(states) == 0 || states[len(states)-1] != m.State {
			states = append(states, m.State)
		}
	}
	b = binary.AppendUvarint(b, uint64(len(states)))
	for _, s := range states {
		body := s.AppendBinary(nil)
		b = append(binary.AppendUvarint(b, uint64(len(body))), body...)
	}
	b = binary.AppendUvarint(b, uint64(len(x.marks)))
	state := -1
	var last Mark
	for _, m := range x.marks {
		step := uint64(0)
		if state < 0 || states[state] != m.State {
			state++
			step = 1
		}
		b = binary.AppendUvarint(b, (m.Number-last.Number)<<1|step)
		b = binary.AppendUvarint(b, uint64(m.Offset-last.Offset))
		b = binary.AppendUvarint(b, uint64(m.LastSec))
		last = m
	}
	return b
}

// ParseIndex reads what [Index.AppendBinary] wrote. ok is false where b is something else.
func ParseIndex(b []byte) (x *Index, ok bool) {
	if len(b) < len(indexMagic) || string(b[:len(indexMagic)]) != indexMagic {
		return nil, false
	}
	b = b[len(indexMagic):]
	number := func(limit uint64) uint64 {
		v, n := binary.Uvarint(b)
		if n <= 0 || v > limit {
			b, ok = nil, false
			return 0
		}
		b = b[n:]
		return v
	}
	ok = true
	var states []*State
	for range number(maxMarks) {
		n := number(uint64(len(b)))
		if !ok || n > uint64(len(b)) {
			return nil, false
		}
		s, good := ParseState(b[:n])
		if !good {
			return nil, false
		}
		states, b = append(states, s), b[n:]
	}
	x = &Index{}
	count := number(maxMarks)
	if !ok || count > uint64(len(b))/3 {
		return nil, false
	}
	x.marks = slices.Grow(x.marks, int(count))
	var m Mark
	state := -1
	for range count {
		v := number(1 << 62)
		state += int(v & 1)
		at := number(1 << 62)
		sec := number(1<<32 - 1)
		if !ok || state < 0 || state >= len(states) || m.Number+v>>1 < m.Number || m.Offset+int64(at) < m.Offset {
			return nil, false
		}
		m = Mark{Number: m.Number + v>>1, Offset: m.Offset + int64(at), LastSec: uint32(sec), State: states[state]}
		x.marks = append(x.marks, m)
	}
	return x, len(b) == 0
}
