// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package packet

import (
	"breakwater/evidence/packet/dissect"
	"breakwater/evidence/packet/flow"
)

// piece gives a protocol without Frame all that has come of a side's stream.
func (e *engine) piece(fl *flow.Flow, st *stream, dir int, p *dissect.Protocol, b []byte) {
	limit := p.StreamBytes
	if limit == 0 {
		limit = defaultStream
	}
	if room := limit - len(st.buf[dir]); len(b) > room {
		b = b[:max(room, 0)]
	}
	if len(b) == 0 || !e.streams.keep(st, dir, b) {
		return
	}
	m := e.message(fl, dir, p, &st.state, fl.Is(flow.Confirmed))
	m.Gap = st.lost[dir]
	m.Closed = len(st.buf[dir]) >= limit
	e.read(p, m, st.buf[dir])
	e.side(fl, st, dir)
	if st.state.Done(sideOf(fl, dir)) || m.Closed {
		e.streams.drop(st, dir, len(st.buf[dir]))
		if m.Closed {
			m.Done()
		}
	}
}

// side takes over what the dissector found out about who the client is.
func (e *engine) side(fl *flow.Flow, st *stream, dir int) {
	if s := st.state.TakeSide(); s != dissect.AnySide {
		e.settle(fl, dir, s)
	}
}

// frames cuts a side's stream into messages and reads them.
func (e *engine) frames(fl *flow.Flow, st *stream, dir int, p *dissect.Protocol, b []byte) {
	if n := st.skip[dir]; n > 0 {
		k := min(n, len(b))
		st.skip[dir] -= k
		b = b[k:]
	}
	buffered := len(st.buf[dir]) > 0
	if buffered {
		if !e.streams.keep(st, dir, b) {
			st.lost[dir] = true
			e.streams.drop(st, dir, len(st.buf[dir]))
			return
		}
		b = st.buf[dir]
	}
	used := e.cut(fl, st, dir, p, b)
	if fl.Is(flow.Ignored) {
		return
	}
	if buffered {
		e.streams.drop(st, dir, used)
	} else if used < len(b) {
		e.streams.keep(st, dir, b[used:])
	}
}

// cut reads the complete messages at the start of b and returns how many bytes are dealt with.
func (e *engine) cut(fl *flow.Flow, st *stream, dir int, p *dissect.Protocol, b []byte) (used int) {
	for used < len(b) {
		from := sideOf(fl, dir)
		if st.state.Done(from) || st.state.Rejected() {
			return len(b)
		}
		rest := b[used:]
		if st.lost[dir] {
			k := resume(p, rest, from)
			if k < 0 {
				return len(b)
			}
			used += k
			rest = rest[k:]
		}
		n := p.Frame(rest, from)
		switch {
		case n < 0:
			if !fl.Is(flow.Confirmed) {
				st.state.Reject()
				return len(b)
			}
			st.lost[dir] = true
			used++
			continue
		case n == 0:
			if len(rest) > dissect.MaxMessage {
				return len(b)
			}
			return used
		case n > dissect.MaxMessage:
			st.skip[dir] = max(n-len(rest), 0)
			used += min(n, len(rest))
			continue
		case n > len(rest):
			return used
		}
		m := e.message(fl, dir, p, &st.state, fl.Is(flow.Confirmed))
		m.Gap = st.lost[dir]
		st.lost[dir] = false
		e.read(p, m, rest[:n:n])
		e.side(fl, st, dir)
		used += n
	}
	return used
}

// resume finds the next place in b at which a message starts, or -1.
func resume(p *dissect.Protocol, b []byte, from dissect.Side) int {
	for i := range b {
		if n := p.Frame(b[i:], from); n > 0 {
			if fit, _ := p.Probe(b[i:]); fit != dissect.No {
				return i
			}
		}
	}
	return -1
}
