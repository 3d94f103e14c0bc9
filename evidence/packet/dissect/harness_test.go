// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"fmt"
	"strings"
	"testing"

	"breakwater/evidence"
	"breakwater/evidence/packet/decode"
	"breakwater/harbour"
)

// say is one message of a scripted conversation.
type say struct {
	from Side
	b    []byte
}

// exchange plays messages through p as one confirmed flow between 10.0.0.1 (client) and 10.0.0.2 (server) and returns
// the ledger. Frames are numbered from 1. Stream framing is checked: Frame must return the message's length.
func exchange(tb testing.TB, p *Protocol, script ...say) *evidence.Ledger {
	tb.Helper()
	l := evidence.NewLedger(evidence.LimitsFor(8 << 20))
	client := l.Endpoint(evidence.MAC{2, 0, 0, 0, 0, 1}, evidence.V4([]byte{10, 0, 0, 1}), 0, true)
	server := l.Endpoint(evidence.MAC{2, 0, 0, 0, 0, 2}, evidence.V4([]byte{10, 0, 0, 2}), 0, true)
	f := &FlowState{Protocol: p}
	pkt := &decode.Packet{IPVersion: 4}
	if len(p.Ports) > 0 {
		pkt.DstPort = p.Ports[0]
	}
	m := &Message{Packet: pkt, Client: client, Server: server, Confirmed: true, Ledger: l, Flow: f}
	for i, s := range script {
		m.At, m.Place, m.From = harbour.Instant(1_000_000*(i+1)), evidence.Place(i+1), s.from
		pkt.Payload = s.b
		if p.Frame != nil && p.Over&OverTCP != 0 {
			if n := p.Frame(s.b, s.from); n != len(s.b) {
				tb.Errorf("Frame(message %d) = %d, want %d", i, n, len(s.b))
			}
		}
		m.Begin(p)
		p.Read(m, s.b)
	}
	m.End()
	return l
}

// operations lists a ledger's operations one per line: code name verb [target] result ×count.
func operations(l *evidence.Ledger) string {
	var b strings.Builder
	for _, o := range l.Operations() {
		fmt.Fprintf(&b, "%s %s %s [%s] %s ×%d\n", l.Text(o.Code), l.Text(o.Name), l.Text(o.Verb), l.Text(o.Target), l.Text(o.Result), o.Count)
	}
	return b.String()
}

// facts lists a ledger's observations one per line: subject name=value.
func facts(l *evidence.Ledger) string {
	var b strings.Builder
	for _, o := range l.Observations() {
		e := l.At(o.Subject)
		who := e.IP.String()
		if who == "" {
			who = e.MAC.String()
		}
		fmt.Fprintf(&b, "%s %s=%s\n", who, l.Text(o.Name), l.Text(o.Value))
	}
	return b.String()
}

// fuzzProtocol is the body of every dissector's fuzz test: whatever the bytes, from whichever side, in one message or
// two, nothing may panic, Frame must make progress, and Probe must not depend on what follows the slice.
func fuzzProtocol(f *testing.F, p *Protocol, seeds ...[]byte) {
	for _, s := range seeds {
		f.Add(s, uint16(0))
		f.Add(s, uint16(len(s)/2))
	}
	packets := []decode.Packet{
		{IPVersion: 4, Transport: decode.ProtoUDP, HasMAC: true, SrcMAC: evidence.MAC{2, 1}, TTL: 64},
		{IPVersion: 6, Transport: decode.ProtoTCP, HasMAC: true, SrcMAC: evidence.MAC{2, 0, 0, 0, 0, 1}, TTL: 255},
	}
	f.Fuzz(func(_ *testing.T, b []byte, cut uint16) {
		for _, pkt := range packets {
			fuzzMessages(p, pkt, b, int(cut))
		}
	})
}

// fuzzMessages plays b from both sides: cut by Frame, in two parts, and after a gap.
func fuzzMessages(p *Protocol, pkt decode.Packet, b []byte, cut int) {
	pkt.Payload = b
	l := evidence.NewLedger(evidence.LimitsFor(1 << 20))
	m := &Message{
		At: 1, Place: 1, Packet: &pkt, Ledger: l, Flow: &FlowState{Protocol: p}, Confirmed: true,
		Client: l.Endpoint(evidence.MAC{2, 1}, evidence.IP{}, 0, true), Server: l.Endpoint(evidence.MAC{2, 2}, evidence.IP{}, 0, true),
	}
	m.Begin(p)
	for _, from := range []Side{ClientSide, ServerSide} {
		m.From = from
		if p.Probe != nil {
			p.Probe(b)
		}
		rest := b
		for range 100 {
			n := len(rest)
			if p.Frame != nil && p.Over&OverTCP != 0 {
				n = p.Frame(rest, from)
			}
			if n <= 0 || n > len(rest) {
				break
			}
			p.Read(m, rest[:n:n])
			rest = rest[n:]
		}
		k := min(cut, len(b))
		p.Read(m, b[:k:k])
		p.Read(m, b[k:])
		m.Gap = true
		p.Read(m, b[k:])
		m.Gap = false
	}
	m.End()
}
