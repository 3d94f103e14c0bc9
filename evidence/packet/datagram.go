// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package packet

import (
	"breakwater/evidence/packet/decode"
	"breakwater/evidence/packet/dissect"
	"breakwater/evidence/packet/flow"
)

// udp judges and reads one datagram. Every datagram has to fit, not just the first.
func (e *engine) udp(fl *flow.Flow, dir int) {
	p := e.pkt
	b := p.Payload
	if len(b) == 0 || fl.Is(flow.Ignored) {
		return
	}
	src, dst := p.SrcPort, p.DstPort
	if fl.Protocol == 0 {
		c, ok, _ := e.known.judge(&e.known.udp, b, src, dst, 0)
		if !ok || c.fit == dissect.Weak && !c.hint {
			if fl.Tries++; fl.Tries > maxTries {
				fl.State |= flow.Ignored
			}
			return
		}
		fl.Protocol = c.n + 1
		if fl.State&flow.Group == 0 {
			e.settle(fl, dir, c.side)
		}
		e.fits(fl, dir, e.known.all[c.n], c.fit)
	} else {
		proto := e.known.all[fl.Protocol-1]
		fit, side := proto.Probe(b)
		if fit < dissect.Weak {
			if fl.Fit[dir] == 0 && fl.State&flow.Confirmed == 0 {
				fl.Protocol = 0
				fl.Tries++
			}
			return
		}
		if fl.Fit[0]|fl.Fit[1] == 0 && fl.State&flow.Group == 0 {
			e.settle(fl, dir, side)
		}
		e.fits(fl, dir, proto, fit)
	}
	e.datagram(fl, dir, b)
}

// fits notes a side's fit and confirms the flow when both sides fit, or when the protocol announces.
func (e *engine) fits(fl *flow.Flow, dir int, p *dissect.Protocol, fit dissect.Fit) {
	fl.Fit[dir] = max(fl.Fit[dir], uint8(fit))
	a, b := fl.Fit[0], fl.Fit[1]
	good := max(a, b) == uint8(dissect.Good)
	h1, h2 := p.Hinted(fl.Key.PA, fl.Key.PB)
	if p.OneSided && good || a > 0 && b > 0 && (good || h1 || h2) {
		fl.State |= flow.Confirmed
	}
}

// datagram reads one message of a flow whose protocol is chosen. State is kept only where the dissector keeps some.
func (e *engine) datagram(fl *flow.Flow, dir int, b []byte) {
	proto := e.known.all[fl.Protocol-1]
	state := &e.scratch
	if fl.Stream != 0 {
		state = &e.streams.at(fl.Stream).state
	} else {
		state.Reset(proto)
	}
	m := e.message(fl, dir, proto, state, fl.Is(flow.Confirmed))
	e.read(proto, m, b)
	if state.Rejected() {
		fl.Protocol, fl.Fit = 0, [2]uint8{}
		fl.State = fl.State&^flow.Confirmed | flow.Ignored
		if fl.Stream != 0 {
			e.streams.release(fl)
		}
		return
	}
	if s := state.TakeSide(); s != dissect.AnySide && fl.State&flow.Group == 0 {
		e.settle(fl, dir, s)
	}
	switch {
	case fl.Stream == 0 && !state.Idle():
		st := e.streams.take(fl)
		st.state, e.scratch = e.scratch, st.state
	case fl.Stream != 0 && state.Idle():
		e.streams.release(fl)
	}
}

// icmp reads the ICMP messages that a protocol claims.
func (e *engine) icmp(fl *flow.Flow, dir int) {
	b := e.pkt.Payload
	if len(b) == 0 {
		return
	}
	for _, n := range e.known.icmp {
		p := e.known.all[n]
		if fit, _ := p.Probe(b); fit >= dissect.Weak {
			e.always(fl, dir, n)
			return
		}
	}
	if fl.Protocol == 0 && e.pkt.Transport == decode.ProtoICMP {
		fl.State |= flow.Confirmed
	}
}

// linkMessage reads a frame without IP by its EtherType, SNAP or LLC address.
func (e *engine) linkMessage(fl *flow.Flow, dir int) {
	p := e.pkt
	var n uint8
	var ok bool
	switch {
	case p.SNAP != 0:
		n, ok = e.known.snap[p.SNAP]
	case p.LLC:
		n, ok = e.known.llc[uint16(p.DSAP)<<8|uint16(p.SSAP)]
	default:
		n, ok = e.known.etherType[p.EtherType]
	}
	if ok {
		e.always(fl, dir, n)
	}
}

// always reads a message whose carrier leaves no doubt about the protocol.
func (e *engine) always(fl *flow.Flow, dir int, n uint8) {
	fl.Protocol = n + 1
	fl.State |= flow.Confirmed
	fl.Fit[dir] = uint8(dissect.Good)
	e.datagram(fl, dir, e.pkt.Payload)
}
