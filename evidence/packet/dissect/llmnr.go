// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"bytes"

	"breakwater/evidence"
	"breakwater/harbour"
)

var llmnrProtocol = Protocol{
	Name: "llmnr", Title: "Link-Local Multicast Name Resolution", Short: "LLMNR", Over: OverUDP, Ports: []uint16{5355}, OneSided: true,
	Probe: llmnrProbe, Read: llmnrRead,
}

// llmnrProbe wants exactly one question and a whole message. That is also the form of DNS; what name servers do not send
// is an answer without any flag for a name of one label.
func llmnrProbe(b []byte) (Fit, Side) {
	h, ok := dnsReadHead(b)
	if !ok || h.counts[0] != 1 || h.opcode() != 0 || h.flags&0x00f0 != 0 {
		return No, AnySide
	}
	if !h.response() && (h.counts[1] != 0 || h.counts[2] != 0 || h.rcode() != 0) {
		return No, AnySide
	}
	w := dnsEntries(b)
	if !w.next() || w.rec.class != dnsClassIN || w.rec.kind == 0 || len(w.rec.name()) == 0 {
		return No, AnySide
	}
	plain := bytes.IndexByte(w.rec.name(), '.') < 0
	for w.next() {
	}
	switch {
	case !w.whole():
		return No, AnySide
	case plain && h.flags == 0x8000 && h.counts[1] > 0 && h.counts[2]+h.counts[3] == 0:
		return Good, ServerSide
	case plain && h.flags == 0 && h.counts[3] == 0:
		return Good, ClientSide
	case h.response():
		return Weak, ServerSide
	}
	return Weak, ClientSide
}

// llmnrRead learns names from responses: with this protocol a host answers for its own name.
func llmnrRead(m *Message, b []byte) {
	h, ok := dnsReadHead(b)
	if !ok || !h.response() || h.opcode() != 0 || h.rcode() != 0 {
		return
	}
	for w := dnsEntries(b); w.next() && w.rec.section <= 1; {
		rec := &w.rec
		if rec.section == 0 || rec.class != dnsClassIN {
			continue
		}
		switch rec.kind {
		case dnsTypeA, dnsTypeAAAA:
			if ip := dnsAddress(rec); !ip.None() {
				llmnrName(m, ip, rec.name())
			}
		case dnsTypePTR:
			var text [dnsMaxText]byte
			if ip := dnsReverse(rec.name()); !ip.None() {
				if name, end := dnsName(b, rec.offset, text[:0]); end >= 0 {
					llmnrName(m, ip, name)
				}
			}
		}
	}
}

func llmnrName(m *Message, ip evidence.IP, name []byte) {
	if ip == m.Packet.Src {
		m.Attr(m.Sender(), harbour.AttrHostname, name, harbour.Stated)
		return
	}
	m.Attr(m.Host(evidence.MAC{}, ip), harbour.AttrHostname, name, harbour.Likely)
}
