// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package packet

import (
	"breakwater/evidence"
	"breakwater/evidence/packet/dissect"
)

// protocols is the registry arranged by carrier.
type protocols struct {
	all       []*dissect.Protocol
	text      []evidence.Text // names in the ledger
	tcp, udp  byFirst
	tcpPort   map[uint16][]uint8
	udpPort   map[uint16][]uint8
	icmp      []uint8
	etherType map[uint16]uint8
	snap      map[uint64]uint8
	llc       map[uint16]uint8
}

// byFirst lists, for each value of a message's first byte, the protocols whose Probe is worth asking.
type byFirst [256][]uint8

func loadProtocols(l *evidence.Ledger) *protocols {
	k := &protocols{
		all: dissect.All(), tcpPort: map[uint16][]uint8{}, udpPort: map[uint16][]uint8{},
		etherType: map[uint16]uint8{}, snap: map[uint64]uint8{}, llc: map[uint16]uint8{},
	}
	for i, p := range k.all {
		n := uint8(i)
		k.text = append(k.text, l.Intern([]byte(p.Name)))
		if p.Over&dissect.OverTCP != 0 && p.Probe != nil {
			k.tcp.add(p, n)
			for _, port := range p.Ports {
				k.tcpPort[port] = append(k.tcpPort[port], n)
			}
		}
		if p.Over&dissect.OverUDP != 0 && p.Probe != nil {
			k.udp.add(p, n)
			for _, port := range p.Ports {
				k.udpPort[port] = append(k.udpPort[port], n)
			}
		}
		if p.Over&dissect.OverICMP != 0 && p.Probe != nil {
			k.icmp = append(k.icmp, n)
		}
		if p.Over&dissect.OverEthernet != 0 {
			for _, t := range p.EtherTypes {
				k.etherType[t] = n
			}
			for _, s := range p.SNAPs {
				k.snap[s] = n
			}
			for _, s := range p.LLC {
				k.llc[s] = n
			}
		}
	}
	return k
}

func (t *byFirst) add(p *dissect.Protocol, n uint8) {
	if len(p.First) == 0 {
		for i := range t {
			t[i] = append(t[i], n)
		}
		return
	}
	for _, b := range p.First {
		t[b] = append(t[b], n)
	}
}

// choice is a protocol that fits some bytes.
type choice struct {
	n    uint8
	fit  dissect.Fit
	side dissect.Side
	hint bool
}

// score orders choices: a signature with the usual port, a signature, a weak fit with the usual port, a weak fit.
func (c choice) score() int {
	s := int(c.fit) * 2
	if c.hint {
		s++
	}
	return s
}

// judge finds the protocol that fits b best. short says that some protocol wants more bytes. except is a protocol
// number plus one that is out of the question.
func (k *protocols) judge(t *byFirst, b []byte, srcPort, dstPort uint16, except uint8) (best choice, ok, short bool) {
	for _, n := range t[b[0]] {
		if n+1 == except {
			continue
		}
		p := k.all[n]
		fit, side := p.Probe(b)
		if fit == dissect.No {
			continue
		}
		src, dst := p.Hinted(srcPort, dstPort)
		c := choice{n, fit, side, src || dst}
		if c.side == dissect.AnySide && src != dst {
			c.side = dissect.ClientSide
			if src {
				c.side = dissect.ServerSide
			}
		}
		if fit == dissect.Short {
			short = short || c.hint || len(b) < 16
			continue
		}
		if !ok || c.score() > best.score() {
			best, ok = c, true
		}
	}
	return
}
