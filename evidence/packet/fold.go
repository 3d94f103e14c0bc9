// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package packet

import (
	"breakwater/evidence"
	"breakwater/evidence/packet/decode"
	"breakwater/evidence/packet/dissect"
	"breakwater/evidence/packet/flow"
)

// fold writes a flow that ends or is evicted to the ledger as part of a conversation.
func (e *engine) fold(fl *flow.Flow) {
	if fl.Stream != 0 {
		e.foldStream(fl)
	}
	c := fl.Client()
	answered := fl.Packets[0] > 0 && fl.Packets[1] > 0 && (fl.Key.Proto != decode.ProtoTCP || fl.Is(flow.Established))
	group := fl.Is(flow.Group)
	firm := answered || fl.Protocol != 0 || !fl.Key.IP
	client, server := e.endpoint(fl, c, firm), e.endpoint(fl, 1-c, firm || group)
	for _, side := range [2]int{c, 1 - c} {
		id := fl.Endpoint[side]
		flags := evidence.EndpointFlags(0)
		if fl.Packets[side] > 0 {
			flags |= evidence.Sent
			if routed(fl.TTL[side]) {
				flags |= evidence.Routed
			}
		}
		if fl.Packets[1-side] > 0 {
			flags |= evidence.Addressed
		}
		if answered || group && side == c && fl.Protocol != 0 {
			flags |= evidence.Answered
		}
		e.ledger.Seen(id, flags, uint32(min(fl.Packets[side], 1<<31)), fl.First, fl.Last, fl.Place)
	}
	conv := evidence.Conversation{
		Client: client, Server: server, Group: group, Confirmed: fl.Is(flow.Confirmed),
		Unanswered: !group && !answered,
		Packets:    [2]uint64{fl.Packets[c], fl.Packets[1-c]}, Bytes: [2]uint64{fl.Bytes[c], fl.Bytes[1-c]},
		First: fl.First, Last: fl.Last, Place: fl.Place,
	}
	switch {
	case !fl.Key.IP:
		conv.Transport, conv.Port = evidence.TransportEthernet, fl.Key.PA
	case fl.Key.Proto == decode.ProtoTCP || fl.Key.Proto == decode.ProtoUDP:
		conv.Transport = evidence.Transport(fl.Key.Proto)
		conv.Port = fl.Key.PB
		if c == 1 {
			conv.Port = fl.Key.PA
		}
	default:
		conv.Transport = evidence.Transport(fl.Key.Proto)
	}
	if fl.Protocol != 0 {
		conv.Protocol = e.known.text[fl.Protocol-1]
	}
	e.ledger.AddConversation(conv)
}

// foldStream ends a stream while another packet is being dealt with: what the dissectors still say belongs to the flow's
// own place and time.
func (e *engine) foldStream(fl *flow.Flow) {
	at, place, seen := e.at, e.place, e.seen
	src, dst := e.ports(fl, fl.Client())
	e.past = decode.Packet{
		VLAN: fl.Key.VLAN, Proto: fl.Key.Proto, SrcPort: src, DstPort: dst,
		Src: ipOf(fl, fl.Client()), Dst: ipOf(fl, 1-fl.Client()),
	}
	e.at, e.place, e.seen = fl.Last, fl.Place, &e.past
	e.endStream(fl)
	e.at, e.place, e.seen = at, place, seen
}

// endStream delivers what a stream still holds and gives up its waiting requests.
func (e *engine) endStream(fl *flow.Flow) {
	if fl.Stream == 0 {
		return
	}
	st := e.streams.at(fl.Stream)
	if fl.Key.Proto == decode.ProtoTCP {
		for dir := range 2 {
			e.drain(fl, st, dir)
		}
	}
	if st.state.Protocol != nil && !fl.Is(flow.Ignored) {
		m := e.message(fl, fl.Client(), st.state.Protocol, &st.state, fl.Is(flow.Confirmed))
		m.End()
	}
	e.streams.release(fl)
}

// sides turns a dissector's word for a side into the flow's.
func sideOf(fl *flow.Flow, dir int) dissect.Side {
	if dir == fl.Client() {
		return dissect.ClientSide
	}
	return dissect.ServerSide
}
