// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"cmp"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"

	"breakwater/evidence"
	"breakwater/evidence/spool"
	"breakwater/harbour"
)

// talk is a conversation with the assets that hold it.
type talk struct {
	evidence.Conversation // its client, server and protocol are those of the ledger's numbering and not set
	client, server        int32
	from, to              uint32 // nodes
	ledger                uint32
	protocol              uint32 // in the vocabulary
	verdict               harbour.Verdict
}

// act is an operation with the assets that took part.
type act struct {
	client, server                     int32
	from, to                           uint32 // nodes
	ledger                             uint32
	protocol, code, name, verb, result string
	target                             []byte
	group                              bool
	count                              uint64
	first, last                        harbour.Instant
	place                              evidence.Place
}

func pair(client, server int32) uint64 { return uint64(client+1)<<32 | uint64(server+1) }

func unpair(k uint64) (client, server int32) { return int32(k>>32) - 1, int32(uint32(k)) - 1 }

// conversation enters a conversation; they are sorted by client, server, transport, port and first place.
func (g *gatherer) conversation(c *evidence.Conversation) error {
	from, client := g.asset(c.Client)
	to, server := g.asset(c.Server)
	if c.Group {
		server = -1
	}
	p := &g.p
	p.b = p.b[:0]
	p.byte(byte(b2i(c.Group) | b2i(c.Confirmed)<<1 | b2i(c.Unanswered)<<2))
	p.uint(uint64(from))
	p.uint(uint64(to))
	p.uint(g.ledger)
	p.uint(uint64(g.names.id(c.Protocol)))
	for i := range c.Packets {
		p.uint(c.Packets[i])
		p.uint(c.Bytes[i])
	}
	p.span(c.First, c.Last)
	p.uint(uint64(c.Place))
	return g.v.convs.Add(spool.Key{Hi: pair(client, server), Lo: uint64(c.Transport)<<56 | uint64(c.Port)<<40 | uint64(c.Place)&(1<<40-1)}, p.b)
}

// operation enters an operation; they are sorted by client, server and first place.
func (g *gatherer) operation(view *evidence.View, o *evidence.Operation) error {
	from, client := g.asset(o.Client)
	to, server := g.asset(o.Server)
	if o.Group {
		server = -1
	}
	p := &g.p
	p.b = p.b[:0]
	p.bool(o.Group)
	p.uint(uint64(from))
	p.uint(uint64(to))
	p.uint(g.ledger)
	for _, t := range [...]evidence.Text{o.Protocol, o.Code, o.Name, o.Verb, o.Result} {
		p.uint(uint64(g.names.id(t)))
	}
	p.bytes(view.TextBytes(o.Target))
	p.uint(o.Count)
	p.span(o.First, o.Last)
	p.uint(uint64(o.Place))
	return g.v.ops.Add(spool.Key{Hi: pair(client, server), Lo: uint64(o.Place)}, p.b)
}

// talks walks the conversations by client, server, transport, port and first place. The element is reused.
func (v *Inventory) talks() iter.Seq[*talk] {
	return func(yield func(*talk) bool) {
		i := 0
		for row := range v.convs.Rows() {
			p := unpacker{row.Bytes}
			flags := p.byte()
			t := talk{from: uint32(p.uint()), to: uint32(p.uint()), ledger: uint32(p.uint()), protocol: uint32(p.uint())}
			t.client, t.server = unpair(row.Hi)
			t.Transport, t.Port = evidence.Transport(row.Lo>>56), uint16(row.Lo>>40)
			t.Group, t.Confirmed, t.Unanswered = flags&1 != 0, flags&2 != 0, flags&4 != 0
			for k := range t.Packets {
				t.Packets[k], t.Bytes[k] = p.uint(), p.uint()
			}
			t.First, t.Last = p.span()
			t.Place = evidence.Place(p.uint())
			if i < len(v.verdicts) {
				t.verdict = verdictList[v.verdicts[i]]
			}
			i++
			if !yield(&t) {
				return
			}
		}
	}
}

// acts walks the operations by client, server and first appearance. The element is reused.
func (v *Inventory) acts() iter.Seq[*act] {
	return func(yield func(*act) bool) {
		for row := range v.ops.Rows() {
			p := unpacker{row.Bytes}
			a := act{group: p.bool(), from: uint32(p.uint()), to: uint32(p.uint()), ledger: uint32(p.uint())}
			a.client, a.server = unpair(row.Hi)
			for _, s := range [...]*string{&a.protocol, &a.code, &a.name, &a.verb, &a.result} {
				*s = v.vocab.list[p.uint()]
			}
			a.target, a.count = p.bytes(), p.uint()
			a.first, a.last = p.span()
			a.place = evidence.Place(p.uint())
			if !yield(&a) {
				return
			}
		}
	}
}

// protocolOf names a conversation's protocol, "" where it was not recognised.
func (v *Inventory) protocolOf(t *talk) string { return v.vocab.list[t.protocol] }

func (v *Inventory) proofOf(ledger uint32, at evidence.Place) harbour.ProofRef {
	l := v.ledgers[ledger]
	return harbour.ProofRef{ID: l.Evidence.ID, Locator: l.Locator(at)}
}

// engineering is the first engineering operation of a client.
type engineering struct {
	name, verb string
	ledger     uint32
	place      evidence.Place
}

// relate lists what conversations and operations say of each asset: protocols that it uses, how many controllers it
// commands, how many clients it serves, whether it does engineering.
func (v *Inventory) relate() error {
	lastServer, lastClient, lastController := int32(-1), int32(-1), int32(-1)
	for t := range v.talks() {
		name := v.protocolOf(t)
		if name != "" && !t.Unanswered {
			v.addUses(t)
		}
		if t.client < 0 || t.server < 0 || !t.Confirmed {
			continue
		}
		if t.server != lastServer || t.client != lastClient {
			v.assets[t.server].clients++
			lastServer, lastClient, lastController = t.server, t.client, -1
		}
		if _, ok := controlProtocols[name]; ok && t.Packets[1] > 0 && lastController != t.server {
			v.assets[t.client].controllers++
			lastController = t.server
		}
	}
	v.engineers = map[int32]engineering{}
	for a := range v.acts() {
		if a.client < 0 || a.server < 0 {
			continue
		}
		switch harbour.Verb(a.verb) {
		case harbour.VerbProgramDownload, harbour.VerbProgramUpload, harbour.VerbProgramControl, harbour.VerbFirmware, harbour.VerbForce:
			if _, known := v.engineers[a.client]; !known {
				v.engineers[a.client] = engineering{a.name, a.verb, a.ledger, a.place}
			}
		}
	}
	for i := range v.assets {
		slices.SortFunc(v.assets[i].uses, func(a, b use) int {
			return cmp.Or(strings.Compare(v.vocab.list[a.protocol], v.vocab.list[b.protocol]), cmp.Compare(a.side, b.side), cmp.Compare(a.port, b.port))
		})
	}
	return errors.Join(v.convs.Err(), v.ops.Err())
}

func (v *Inventory) addUses(t *talk) {
	port := t.Port
	if t.Transport == evidence.TransportEthernet {
		port = 0
	}
	if t.client >= 0 {
		v.assets[t.client].addUse(use{t.protocol, 0, 0})
	}
	switch {
	case t.Group && t.client >= 0:
		v.assets[t.client].addUse(use{t.protocol, port, 2})
	case t.server >= 0 && t.Packets[1] > 0:
		v.assets[t.server].addUse(use{t.protocol, port, 1})
	}
}

// maxUses bounds the protocols listed for one asset, for hosts that answer on thousands of ports.
const maxUses = 64

func (a *asset) addUse(u use) {
	if len(a.uses) < maxUses && !slices.Contains(a.uses, u) {
		a.uses = append(a.uses, u)
	}
}

func transportName(t evidence.Transport) string {
	switch t {
	case evidence.TransportEthernet:
		return "ethernet"
	case evidence.TransportICMP:
		return "icmp"
	case evidence.TransportTCP:
		return "tcp"
	case evidence.TransportUDP:
		return "udp"
	case 58:
		return "icmpv6"
	}
	return "ip/" + strconv.Itoa(int(t))
}

// verdictList numbers the verdicts that a build gives.
var verdictList = []harbour.Verdict{harbour.VerdictUnknown, harbour.VerdictApprovedUsed, harbour.VerdictUndocumented}

// judge gives each conversation its verdict against the declared conduits.
func (v *Inventory) judge() error {
	verdicts := make([]uint8, 0, v.convs.Len())
	for t := range v.talks() {
		verdicts = append(verdicts, uint8(slices.Index(verdictList, v.verdict(t))))
	}
	v.verdicts = verdicts
	return v.convs.Err()
}

// neighbourly protocols find out who is on the same link. They are neither traffic between zones nor a breach of one.
func neighbourly(protocol string) bool { return protocol == "arp" || protocol == "ndp" }

func (v *Inventory) verdict(t *talk) harbour.Verdict {
	if len(v.zones.list) == 0 || t.client < 0 {
		return harbour.VerdictUnknown
	}
	client := &v.assets[t.client]
	if t.Group {
		if client.zone >= 0 {
			return harbour.VerdictApprovedUsed
		}
		return harbour.VerdictUnknown
	}
	if t.server < 0 {
		return harbour.VerdictUnknown
	}
	server := &v.assets[t.server]
	if neighbourly(v.protocolOf(t)) {
		return harbour.VerdictUnknown
	}
	if client.zone < 0 || server.zone < 0 {
		if client.zone != server.zone {
			return harbour.VerdictUndocumented // one side is in a zone, the other in none: no conduit can cover it
		}
		return harbour.VerdictUnknown
	}
	if client.zone == server.zone {
		return harbour.VerdictApprovedUsed
	}
	unsure := false
	for _, conduit := range v.zones.conduits[[2]int16{client.zone, server.zone}] {
		yes, maybe := v.permits(conduit, t, client, server)
		if yes {
			return harbour.VerdictApprovedUsed
		}
		unsure = unsure || maybe
	}
	if unsure {
		return harbour.VerdictUnknown
	}
	return harbour.VerdictUndocumented
}
