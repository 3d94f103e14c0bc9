// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"breakwater/evidence"
	"breakwater/harbour"
)

// convRef is a conversation of a ledger with the assets that hold it.
type convRef struct {
	ledger, row    uint32
	client, server int32
	verdict        harbour.Verdict
}

// opRef is an operation of a ledger with the assets that took part.
type opRef struct {
	ledger, row    uint32
	client, server int32
}

// assetAt finds the asset of a ledger's endpoint; -1 is none.
func (v *Inventory) assetAt(ledger uint32, id evidence.EndpointID) int32 {
	n, ok := v.node(int(ledger), id)
	if !ok {
		return -1
	}
	return v.assetOf[n]
}

func (v *Inventory) conversation(r convRef) *evidence.Conversation {
	return &v.ledgers[r.ledger].Conversations()[r.row]
}

func (v *Inventory) operation(r opRef) *evidence.Operation {
	return &v.ledgers[r.ledger].Operations()[r.row]
}

// relate ties conversations and operations to assets, in a fixed order, and lists the protocols that each asset uses.
func (v *Inventory) relate() {
	for i, l := range v.ledgers {
		for j := range l.Conversations() {
			c := &l.Conversations()[j]
			r := convRef{ledger: uint32(i), row: uint32(j), client: v.assetAt(uint32(i), c.Client), server: -1}
			if !c.Group {
				r.server = v.assetAt(uint32(i), c.Server)
			}
			v.convs = append(v.convs, r)
		}
		for j := range l.Operations() {
			o := &l.Operations()[j]
			r := opRef{ledger: uint32(i), row: uint32(j), client: v.assetAt(uint32(i), o.Client), server: -1}
			if !o.Group {
				r.server = v.assetAt(uint32(i), o.Server)
			}
			v.ops = append(v.ops, r)
		}
	}
	slices.SortFunc(v.convs, func(a, b convRef) int {
		if x := cmp.Or(cmp.Compare(a.client, b.client), cmp.Compare(a.server, b.server)); x != 0 {
			return x
		}
		x, y := v.conversation(a), v.conversation(b)
		return cmp.Or(cmp.Compare(x.Transport, y.Transport), cmp.Compare(x.Port, y.Port), cmp.Compare(a.ledger, b.ledger), cmp.Compare(a.row, b.row))
	})
	slices.SortFunc(v.ops, func(a, b opRef) int {
		return cmp.Or(cmp.Compare(a.client, b.client), cmp.Compare(a.server, b.server), cmp.Compare(a.ledger, b.ledger), cmp.Compare(a.row, b.row))
	})
	for _, r := range v.convs {
		c := v.conversation(r)
		name := v.ledgers[r.ledger].Text(c.Protocol)
		if name == "" || c.Unanswered {
			continue
		}
		port := c.Port
		if c.Transport == evidence.TransportEthernet {
			port = 0
		}
		if r.client >= 0 {
			v.assets[r.client].addUse(use{name, 0, 0})
		}
		switch {
		case c.Group && r.client >= 0:
			v.assets[r.client].addUse(use{name, 2, port})
		case r.server >= 0 && c.Packets[1] > 0:
			v.assets[r.server].addUse(use{name, 1, port})
		}
	}
	for i := range v.assets {
		slices.SortFunc(v.assets[i].uses, func(a, b use) int {
			return cmp.Or(strings.Compare(a.protocol, b.protocol), cmp.Compare(a.side, b.side), cmp.Compare(a.port, b.port))
		})
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

// judge gives each conversation its verdict against the declared conduits.
func (v *Inventory) judge() {
	for i := range v.convs {
		v.convs[i].verdict = v.verdict(&v.convs[i])
	}
}

// neighbourly protocols find out who is on the same link. They are neither traffic between zones nor a breach of one.
func neighbourly(protocol string) bool { return protocol == "arp" || protocol == "ndp" }

func (v *Inventory) verdict(r *convRef) harbour.Verdict {
	if len(v.zones.list) == 0 || r.client < 0 {
		return harbour.VerdictUnknown
	}
	c := v.conversation(*r)
	client := &v.assets[r.client]
	if c.Group {
		if client.zone >= 0 {
			return harbour.VerdictApprovedUsed
		}
		return harbour.VerdictUnknown
	}
	if r.server < 0 {
		return harbour.VerdictUnknown
	}
	server := &v.assets[r.server]
	if neighbourly(v.ledgers[r.ledger].Text(c.Protocol)) {
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
	protocol := v.ledgers[r.ledger].Text(c.Protocol)
	for _, conduit := range v.zones.conduits[[2]int16{client.zone, server.zone}] {
		if v.permits(conduit, c, protocol, client, server) {
			return harbour.VerdictApprovedUsed
		}
	}
	return harbour.VerdictUndocumented
}
