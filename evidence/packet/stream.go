// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package packet

import (
	"breakwater/evidence/packet/dissect"
	"breakwater/evidence/packet/flow"
)

// stream is what an inspected flow holds between packets.
type stream struct {
	state dissect.FlowState
	half  [2]flow.Half
	buf   [2][]byte // bytes of an incomplete message, or the growing start of the stream
	skip  [2]int    // bytes of an oversized message still to be passed over
	gaps  [2]int64  // gaps of the half that have been told to the dissector
	lost  [2]bool   // the stream is out of step: look for the next message
	// except is the protocol, plus one, that was chosen first and turned out wrong.
	except uint8
}

// streams is a pool of streams; numbers are one-based.
type streams struct {
	all    []*stream
	free   []uint32
	budget flow.Budget
	gaps   int64
}

func (s *streams) at(n uint32) *stream { return s.all[n-1] }

func (s *streams) take(fl *flow.Flow) *stream {
	if n := len(s.free); n > 0 {
		fl.Stream = s.free[n-1]
		s.free = s.free[:n-1]
		return s.at(fl.Stream)
	}
	s.all = append(s.all, &stream{})
	fl.Stream = uint32(len(s.all))
	return s.at(fl.Stream)
}

// keptBuffer is the largest buffer that a released stream keeps for its next use.
const keptBuffer = 2048

func (s *streams) release(fl *flow.Flow) {
	st := s.at(fl.Stream)
	s.free = append(s.free, fl.Stream)
	fl.Stream = 0
	st.state.Reset(nil)
	st.except = 0
	for i := range 2 {
		s.gaps += st.half[i].Gaps
		st.half[i].Release(&s.budget)
		s.budget.Left += len(st.buf[i])
		if cap(st.buf[i]) > keptBuffer {
			st.buf[i] = nil
		}
		st.buf[i] = st.buf[i][:0]
		st.skip[i], st.gaps[i], st.lost[i] = 0, 0, false
	}
}

// keep appends b to a side's buffer within the budget and says whether it did.
func (s *streams) keep(st *stream, dir int, b []byte) bool {
	if s.budget.Left < len(b) {
		s.budget.Refused++
		return false
	}
	s.budget.Left -= len(b)
	st.buf[dir] = append(st.buf[dir], b...)
	return true
}

// drop removes the first n bytes of a side's buffer.
func (s *streams) drop(st *stream, dir, n int) {
	b := st.buf[dir]
	copy(b, b[n:])
	st.buf[dir] = b[:len(b)-n]
	s.budget.Left += n
}
