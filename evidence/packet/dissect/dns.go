// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"bytes"
	"encoding/binary"
	"strings"

	"breakwater/evidence"
	"breakwater/evidence/packet/decode"
	"breakwater/harbour"
)

var dnsProtocol = Protocol{
	Name: "dns", Title: "Domain Name System", Short: "DNS", Also: []string{"domain"}, Over: OverUDP | OverTCP, Ports: []uint16{53},
	Probe: dnsProbe, Frame: dnsFrame, Read: dnsRead,
}

// dnsProbe judges a datagram, or the start of a stream where a length stands before each message. The form is too plain
// to prove anything alone.
func dnsProbe(b []byte) (Fit, Side) {
	if fit, side := dnsJudge(b, false); fit != No {
		return fit, side
	}
	if len(b) < 2+dnsHeader {
		return No, AnySide
	}
	n := int(binary.BigEndian.Uint16(b))
	if n < dnsHeader+5 {
		return No, AnySide
	}
	return dnsJudge(b[2:min(len(b), 2+n)], n+2 > len(b))
}

// dnsJudge wants one question of a known class and every promised record in place; of a message that is cut (truncated
// by the server, or continued in the next segment) the question is enough.
func dnsJudge(b []byte, cut bool) (Fit, Side) {
	h, ok := dnsReadHead(b)
	if !ok || h.counts[0] != 1 || h.flags&0x0040 != 0 || h.opcode() == 3 || h.opcode() > 5 {
		return No, AnySide
	}
	side := ServerSide
	if !h.response() {
		side = ClientSide
		if h.rcode() != 0 || h.opcode() == 0 && (h.counts[1] != 0 || h.counts[3] > 2) {
			return No, AnySide
		}
	}
	w := dnsEntries(b)
	if !w.next() || w.rec.kind == 0 {
		return No, AnySide
	}
	switch w.rec.class {
	case dnsClassIN, dnsClassChaos, 4, 254, 255:
	default:
		return No, AnySide
	}
	for w.next() {
	}
	if !w.whole() && !cut && h.flags&0x0200 == 0 {
		return No, AnySide
	}
	return Weak, side
}

func dnsFrame(b []byte, _ Side) int {
	if len(b) < 2 {
		return 0
	}
	n := int(binary.BigEndian.Uint16(b))
	if n < dnsHeader {
		return -1
	}
	return n + 2
}

// dnsRead learns names of addresses from answers. Queries are too many to list and say little about who asks.
func dnsRead(m *Message, b []byte) {
	if m.Packet.Transport == decode.ProtoTCP {
		if len(b) < 2 {
			return
		}
		b = b[2:]
	}
	h, ok := dnsReadHead(b)
	if !ok || !h.response() || h.opcode() != 0 || h.rcode() != 0 {
		return
	}
	for w := dnsEntries(b); w.next() && w.rec.section <= 1; {
		if w.rec.section == 1 {
			dnsAnswer(m, b, &w.rec)
		}
	}
}

func dnsAnswer(m *Message, b []byte, rec *dnsRecord) {
	switch {
	case rec.class == dnsClassIN && (rec.kind == dnsTypeA || rec.kind == dnsTypeAAAA):
		if ip := dnsAddress(rec); !ip.None() {
			m.Attr(m.Host(evidence.MAC{}, ip), harbour.AttrHostname, rec.name(), harbour.Likely)
		}
	case rec.class == dnsClassIN && rec.kind == dnsTypePTR:
		if ip := dnsReverse(rec.name()); !ip.None() {
			var text [dnsMaxText]byte
			if name, end := dnsName(b, rec.offset, text[:0]); end >= 0 {
				m.Attr(m.Host(evidence.MAC{}, ip), harbour.AttrHostname, name, harbour.Likely)
			}
		}
	case rec.class == dnsClassChaos && rec.kind == dnsTypeTXT:
		if strings.EqualFold(string(rec.name()), "version.bind") || strings.EqualFold(string(rec.name()), "version.server") {
			if v := dnsFirstText(rec.data); len(v) > 0 {
				m.Attr(m.Sender(), harbour.AttrServerBanner, v, harbour.Stated)
			}
		}
	}
}

// dnsAddress is the address in an A or AAAA record, none where it cannot be a host's.
func dnsAddress(rec *dnsRecord) (ip evidence.IP) {
	switch {
	case rec.kind == dnsTypeA && len(rec.data) == 4:
		ip = evidence.V4(rec.data)
	case rec.kind == dnsTypeAAAA && len(rec.data) == 16:
		ip = evidence.V6(rec.data)
	}
	if ip.Group() || ip.Loopback() {
		return evidence.IP{}
	}
	return ip
}

// dnsReverse is the address that a name below in-addr.arpa or ip6.arpa stands for, none for any other name.
func dnsReverse(name []byte) (ip evidence.IP) {
	var low [dnsMaxText]byte
	if len(name) > len(low) {
		return ip
	}
	for i, c := range name {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		low[i] = c
	}
	name = low[:len(name)]
	if head, ok := bytes.CutSuffix(name, []byte(".in-addr.arpa")); ok {
		var v [4]byte
		for i := 3; i >= 0; i-- {
			digits, rest, more := bytes.Cut(head, []byte("."))
			if more != (i > 0) || len(digits) == 0 || len(digits) > 3 {
				return ip
			}
			n := 0
			for _, c := range digits {
				if c < '0' || c > '9' {
					return ip
				}
				n = n*10 + int(c-'0')
			}
			if n > 255 {
				return ip
			}
			v[i], head = byte(n), rest
		}
		ip = evidence.V4(v[:])
	} else if head, ok := bytes.CutSuffix(name, []byte(".ip6.arpa")); ok && len(head) == 63 {
		for i := range 32 {
			c := head[i*2]
			if i < 31 && head[i*2+1] != '.' || (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return evidence.IP{}
			}
			ip[15-i/2] |= unhex(c) << (4 * (i & 1))
		}
	}
	if ip.Group() || ip.Loopback() {
		return evidence.IP{}
	}
	return ip
}

// dnsFirstText is the first string of a TXT record.
func dnsFirstText(data []byte) []byte {
	if len(data) == 0 || int(data[0]) > len(data)-1 {
		return nil
	}
	return data[1 : 1+data[0]]
}
