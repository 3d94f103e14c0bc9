// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package packet

import (
	"breakwater/evidence/packet/decode"
	"breakwater/evidence/packet/dissect"
	"breakwater/evidence/packet/flow"
)

// maxTries is how many payloads of a flow are judged before it is no longer inspected.
const maxTries = 8

// maxJudged is how many bytes of one side's start are kept for a protocol that wants more to judge.
const maxJudged = 4096

// defaultStream is how much of a stream's start a protocol without Frame sees unless it says otherwise.
const defaultStream = 16 << 10

func (e *engine) tcp(fl *flow.Flow, dir int) {
	p := e.pkt
	if p.Flags&decode.SYN != 0 {
		e.syn(fl, dir)
	} else if p.Flags&(decode.ACK|decode.RST) == decode.ACK {
		fl.State |= flow.Established
	}
	if p.Flags&decode.RST != 0 {
		fl.State |= flow.Closed
	}
	if fl.State&(flow.Ignored|flow.Group) == 0 {
		if p.Flags&(decode.ACK|decode.SYN) == decode.ACK && fl.Stream != 0 {
			e.acknowledge(fl, 1-dir)
		}
		if len(p.Payload) > 0 && !fl.Is(flow.Ignored) {
			e.segment(fl, dir)
		}
	}
	if p.Flags&decode.FIN != 0 {
		fl.State |= uint16(flow.Fins0) << dir
		if fl.Is(flow.Fins0 | flow.Fins1) {
			fl.State |= flow.Closed
		}
	}
	if fl.Is(flow.Closed) && fl.Stream != 0 && p.Flags&(decode.RST|decode.FIN) != 0 {
		e.endStream(fl)
	}
}

// syn settles who the client is and where the stream starts. A SYN on a flow that had ended starts it anew.
func (e *engine) syn(fl *flow.Flow, dir int) {
	p := e.pkt
	if fl.Is(flow.Closed) {
		if fl.Stream != 0 {
			e.endStream(fl)
		}
		fl.State &^= flow.Closed | flow.Fins0 | flow.Fins1 | flow.Ignored
		fl.Tries = 0
	}
	client := dir
	if p.Flags&decode.ACK != 0 {
		client = 1 - dir
	}
	if fl.State&flow.ClientKnown == 0 {
		fl.SetClient(client)
		fl.State |= flow.ClientKnown
	}
	if fl.State&flow.Ignored == 0 {
		st := e.stream(fl)
		st.half[dir].Start(p.Seq + 1)
	}
}

func (e *engine) stream(fl *flow.Flow) *stream {
	if fl.Stream == 0 {
		st := e.streams.take(fl)
		if fl.Protocol != 0 {
			st.state.Reset(e.known.all[fl.Protocol-1])
		}
		return st
	}
	return e.streams.at(fl.Stream)
}

// acknowledge delivers what one side had sent behind a hole that the other side says is none.
func (e *engine) acknowledge(fl *flow.Flow, dir int) {
	st := e.streams.at(fl.Stream)
	if !st.half[dir].Acknowledge(e.pkt.Ack) {
		return
	}
	for b := st.half[dir].Next(&e.streams.budget); b != nil; b = st.half[dir].Next(&e.streams.budget) {
		e.deliver(fl, st, dir, b)
		if fl.Is(flow.Ignored) {
			e.ignore(fl)
			return
		}
	}
}

// segment puts a segment's payload in its place and delivers what has become contiguous.
func (e *engine) segment(fl *flow.Flow, dir int) {
	p := e.pkt
	st := e.stream(fl)
	h := &st.half[dir]
	b := h.Offer(p.Seq, p.Payload, &e.streams.budget)
	for b != nil || h.Waiting() > 0 {
		if b == nil {
			if b = h.Next(&e.streams.budget); b == nil {
				break
			}
		}
		e.deliver(fl, st, dir, b)
		if fl.Is(flow.Ignored) {
			e.ignore(fl)
			return
		}
		b = nil
	}
	if p.Missing > 0 && fl.Stream != 0 { // captured in part: the rest of this segment will never come
		e.streams.drop(st, dir, len(st.buf[dir]))
		h.Lose(p.Missing)
	}
}

// drain delivers what a half still holds, skipping what never came.
func (e *engine) drain(fl *flow.Flow, st *stream, dir int) {
	h := &st.half[dir]
	for h.Skip() && !fl.Is(flow.Ignored) {
		b := h.Next(&e.streams.budget)
		if b == nil {
			return
		}
		e.deliver(fl, st, dir, b)
	}
	p := st.state.Protocol
	if p != nil && p.Frame == nil && len(st.buf[dir]) > 0 && !fl.Is(flow.Ignored) && !st.state.Done(sideOf(fl, dir)) {
		m := e.message(fl, dir, p, &st.state, fl.Is(flow.Confirmed))
		m.Closed = true
		e.read(p, m, st.buf[dir])
	}
}

// ignore ends a flow's inspection.
func (e *engine) ignore(fl *flow.Flow) {
	fl.State |= flow.Ignored
	if fl.Stream != 0 {
		e.streams.release(fl)
	}
}

// deliver takes contiguous bytes of one side.
func (e *engine) deliver(fl *flow.Flow, st *stream, dir int, b []byte) {
	gap := st.half[dir].Gaps != st.gaps[dir]
	st.gaps[dir] = st.half[dir].Gaps
	if gap {
		e.streams.drop(st, dir, len(st.buf[dir]))
		st.skip[dir], st.lost[dir] = 0, true
	}
	if st.state.Protocol == nil || fl.Fit[dir] == 0 {
		b = e.classify(fl, st, dir, b)
		if b == nil {
			return
		}
	}
	if st.state.Done(sideOf(fl, dir)) {
		if st.state.Done(dissect.ClientSide) && st.state.Done(dissect.ServerSide) {
			e.finishInspection(fl, st)
		}
		return
	}
	p := st.state.Protocol
	if p.Frame == nil {
		e.piece(fl, st, dir, p, b)
	} else {
		e.frames(fl, st, dir, p, b)
	}
	if st.state.Rejected() {
		e.reject(fl, st)
	}
}

// finishInspection ends the inspection of a flow that has shown all it has to show; its protocol stands.
func (e *engine) finishInspection(fl *flow.Flow, st *stream) {
	m := e.message(fl, fl.Client(), st.state.Protocol, &st.state, fl.Is(flow.Confirmed))
	m.End()
	fl.State |= flow.Ignored
}

// reject gives up a protocol that turned out wrong. Unless it was confirmed, others may try, once: what was read by then
// is lost to them.
func (e *engine) reject(fl *flow.Flow, st *stream) {
	wrong, confirmed := fl.Protocol, fl.Is(flow.Confirmed)
	fl.Fit, fl.Protocol = [2]uint8{}, 0
	fl.State &^= flow.Confirmed
	if confirmed || st.except != 0 || fl.Tries > maxTries {
		fl.State |= flow.Ignored
		return
	}
	st.except = wrong
	st.state.Reset(nil)
	for dir := range 2 {
		e.streams.drop(st, dir, len(st.buf[dir]))
		st.skip[dir], st.lost[dir] = 0, false
	}
}

// classify judges a side's first bytes. It returns the bytes to read, nil where more are needed or nothing fits.
func (e *engine) classify(fl *flow.Flow, st *stream, dir int, b []byte) []byte {
	if st.state.Protocol != nil {
		return e.second(fl, st, dir, b)
	}
	if fl.Tries > maxTries {
		fl.State |= flow.Ignored
		return nil
	}
	if len(st.buf[dir]) > 0 {
		if !e.streams.keep(st, dir, b) {
			fl.State |= flow.Ignored
			return nil
		}
		b = st.buf[dir]
	}
	src, dst := e.ports(fl, dir)
	c, ok, short := e.known.judge(&e.known.tcp, b, src, dst, st.except)
	switch {
	case ok && c.fit == dissect.Weak && !c.hint:
		// Fits, but so might chance: wait for what the other side says. The bytes are kept until then.
		if len(st.buf[1-dir]) == 0 || !e.bothWeak(fl, st, dir, c) {
			fl.Tries++
			return e.wait(st, dir, b)
		}
	case ok:
		e.choose(fl, st, dir, c)
	case short && len(b) < maxJudged:
		return e.wait(st, dir, b)
	default:
		fl.Tries++
		e.streams.drop(st, dir, len(st.buf[dir]))
		return nil
	}
	return e.unbuffer(st, dir, b)
}

// wait keeps bytes for a later judgement.
func (e *engine) wait(st *stream, dir int, b []byte) []byte {
	if len(st.buf[dir]) == 0 && len(b) <= maxJudged {
		e.streams.keep(st, dir, b)
	}
	return nil
}

// unbuffer moves a side's kept bytes out of its buffer for reading.
func (e *engine) unbuffer(st *stream, dir int, b []byte) []byte {
	if len(st.buf[dir]) == 0 {
		return b
	}
	whole := append([]byte(nil), b...)
	e.streams.drop(st, dir, len(st.buf[dir]))
	return whole
}

// bothWeak accepts a weak fit without port hint if the other side's kept bytes fit the same protocol with a signature.
func (e *engine) bothWeak(fl *flow.Flow, st *stream, dir int, c choice) bool {
	p := e.known.all[c.n]
	fit, _ := p.Probe(st.buf[1-dir])
	if fit != dissect.Good {
		return false
	}
	e.choose(fl, st, dir, c)
	other := e.unbuffer(st, 1-dir, st.buf[1-dir])
	fl.Fit[1-dir] = uint8(fit)
	fl.State |= flow.Confirmed
	if p.Frame == nil {
		e.piece(fl, st, 1-dir, p, other)
	} else {
		e.frames(fl, st, 1-dir, p, other)
	}
	return true
}

// choose makes c the flow's protocol.
func (e *engine) choose(fl *flow.Flow, st *stream, dir int, c choice) {
	p := e.known.all[c.n]
	fl.Protocol = c.n + 1
	fl.Fit[dir] = uint8(c.fit)
	st.state.Reset(p)
	if p.OneSided {
		fl.State |= flow.Confirmed
	}
	e.settle(fl, dir, c.side)
}

// settle uses a hint about the sender's side where no SYN was seen.
func (e *engine) settle(fl *flow.Flow, dir int, side dissect.Side) {
	if fl.State&flow.ClientKnown != 0 || side == dissect.AnySide {
		return
	}
	fl.SetClient(dir)
	if side == dissect.ServerSide {
		fl.SetClient(1 - dir)
	}
}

// second judges the other side's first bytes against the protocol that the first side chose.
func (e *engine) second(fl *flow.Flow, st *stream, dir int, b []byte) []byte {
	p := st.state.Protocol
	if len(st.buf[dir]) > 0 {
		if !e.streams.keep(st, dir, b) {
			fl.State |= flow.Ignored
			return nil
		}
		b = st.buf[dir]
	}
	fit, side := p.Probe(b)
	src, dst := e.ports(fl, dir)
	h1, h2 := p.Hinted(src, dst)
	switch {
	case fit == dissect.Short && len(b) < maxJudged:
		return e.wait(st, dir, b)
	case fit == dissect.No || fit == dissect.Short:
		// From a stream's very start there is no excuse; picked up in the middle, a few segments may not start a message.
		start := fl.Is(flow.ClientKnown) && st.half[dir].Gaps == 0
		if fl.Tries++; start || fl.Tries > maxTries || fl.Fit[1-dir] != uint8(dissect.Good) {
			e.reject(fl, st)
			if !fl.Is(flow.Ignored) {
				return e.classify(fl, st, dir, b)
			}
		}
		e.streams.drop(st, dir, len(st.buf[dir]))
		return nil
	case fit == dissect.Good || fl.Fit[1-dir] == uint8(dissect.Good) || h1 || h2:
		fl.State |= flow.Confirmed
	}
	fl.Fit[dir] = uint8(fit)
	e.settle(fl, dir, side)
	return e.unbuffer(st, dir, b)
}

// ports are the sender's and the receiver's.
func (e *engine) ports(fl *flow.Flow, dir int) (src, dst uint16) {
	if dir == 0 {
		return fl.Key.PA, fl.Key.PB
	}
	return fl.Key.PB, fl.Key.PA
}
