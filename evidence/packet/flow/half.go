// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package flow

// Bounds of one direction's out-of-order store.
const (
	maxSegments = 8
	maxHeld     = 64 << 10
)

// Budget is the number of bytes that all streams together may still hold.
type Budget struct {
	Left    int
	Refused int64 // segments not held for want of budget
}

type segment struct {
	seq uint32
	b   []byte
}

// Half is one direction of a TCP stream. The zero value waits for its first segment, wherever in the stream that is.
type Half struct {
	next    uint32
	acked   uint32 // what the other side has acknowledged, beyond next
	started bool
	ackSeen bool
	held    []segment // by sequence number
	bytes   int
	Gaps    int64 // times that bytes were skipped
}

// Start sets the next expected sequence number, from a SYN.
func (h *Half) Start(seq uint32) {
	if !h.started {
		h.next, h.started = seq, true
	}
}

// Offer takes a segment. It returns the bytes that continue the stream, sharing b's memory, or nil where the segment was
// old or came too early. After the returned bytes are dealt with, call Next until it returns nil. Bytes that arrive a
// second time are dropped: what came first counts.
func (h *Half) Offer(seq uint32, b []byte, budget *Budget) []byte {
	if len(b) == 0 {
		return nil
	}
	if !h.started {
		h.next, h.started = seq, true
	}
	d := int32(seq - h.next)
	switch {
	case d == 0:
		h.next += uint32(len(b))
		return b
	case d < 0:
		if int64(len(b)) <= -int64(d) {
			if d < -(1 << 30) { // nowhere near: the stream was picked up at a stray segment
				h.next = seq + uint32(len(b))
				h.Gaps++
				return b
			}
			return nil
		}
		b = b[-d:]
		h.next += uint32(len(b))
		return b
	}
	if h.ackSeen && int32(h.acked-seq) >= 0 {
		// The receiver has what is missing here: the capture lost it, and it will not come.
		if len(h.held) == 0 {
			h.next = seq + uint32(len(b))
			h.Gaps++
			return b
		}
		h.hold(seq, b, budget)
		h.jump()
		return nil
	}
	if budget.Left < len(b) && len(h.held) == 0 {
		budget.Refused++
		h.next = seq + uint32(len(b))
		h.Gaps++
		return b
	}
	h.hold(seq, b, budget)
	return nil
}

func (h *Half) hold(seq uint32, b []byte, budget *Budget) {
	if len(h.held) >= maxSegments || h.bytes+len(b) > maxHeld || budget.Left < len(b) {
		h.jump() // full: the gap is not going to close, and Next will pass it
		if len(h.held) > maxSegments || len(b) > maxHeld || budget.Left < len(b) {
			budget.Refused++
			return
		}
	}
	i := len(h.held)
	for i > 0 && int32(seq-h.held[i-1].seq) < 0 {
		i--
	}
	if i > 0 && h.held[i-1].seq == seq && len(h.held[i-1].b) >= len(b) {
		return
	}
	h.held = append(h.held, segment{})
	copy(h.held[i+1:], h.held[i:])
	h.held[i] = segment{seq, append([]byte(nil), b...)}
	h.bytes += len(b)
	budget.Left -= len(b)
}

// jump gives up waiting for the missing bytes before the first held segment.
func (h *Half) jump() {
	if len(h.held) > 0 && int32(h.held[0].seq-h.next) > 0 {
		h.next = h.held[0].seq
		h.Gaps++
	}
}

// Next returns the next held bytes that now continue the stream, or nil.
func (h *Half) Next(budget *Budget) []byte {
	for len(h.held) > 0 {
		s := h.held[0]
		d := int32(s.seq - h.next)
		if d > 0 {
			return nil
		}
		copy(h.held, h.held[1:])
		h.held[len(h.held)-1] = segment{}
		h.held = h.held[:len(h.held)-1]
		h.bytes -= len(s.b)
		budget.Left += len(s.b)
		if int64(len(s.b)) > -int64(d) {
			b := s.b[-d:]
			h.next += uint32(len(b))
			return b
		}
	}
	return nil
}

// Skip gives up waiting for missing bytes, at a stream's end or after a long wait, and says whether anything is held.
func (h *Half) Skip() bool {
	h.jump()
	return len(h.held) > 0
}

// Acknowledge notes that the other side has acknowledged the stream up to ack. It says whether held bytes are to be had
// with Next because what is missing before them was acknowledged: the capture lost it.
func (h *Half) Acknowledge(ack uint32) bool {
	if !h.started || int32(ack-h.next) <= 0 {
		return false
	}
	h.acked, h.ackSeen = ack, true
	if len(h.held) == 0 || int32(ack-h.held[0].seq) < 0 {
		return false
	}
	h.jump()
	return true
}

// Lose moves past n bytes that follow in the stream and were not captured.
func (h *Half) Lose(n int) {
	h.next += uint32(n)
	h.Gaps++
}

// Waiting is the number of held segments.
func (h *Half) Waiting() int { return len(h.held) }

// Release gives the held bytes back to the budget and resets the half.
func (h *Half) Release(budget *Budget) {
	budget.Left += h.bytes
	*h = Half{held: h.held[:0]}
}
