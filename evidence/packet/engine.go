// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package packet

import (
	"breakwater/evidence"
	"breakwater/evidence/packet/capture"
	"breakwater/evidence/packet/decode"
	"breakwater/evidence/packet/dissect"
	"breakwater/evidence/packet/flow"
	"breakwater/harbour"
)

// maxTunnels is how deep tunnels are entered.
const maxTunnels = 4

// engine reads the frames of one capture.
type engine struct {
	ledger  *evidence.Ledger
	decoder *decode.Decoder
	flows   *flow.Table
	streams streams
	known   *protocols
	pkt     *decode.Packet // the one at hand
	inner   ahead          // a packet within another
	past    decode.Packet  // stands for a flow that is folded later
	seen    *decode.Packet // the one that messages refer to
	msg     dissect.Message
	at      harbour.Instant
	place   evidence.Place
	damaged [4]int64
	crashes int64
	ahead   [lookahead]ahead
	touched uint64 // keeps the compiler from leaving out what only warms the cache
	// scratch holds the state of flows that keep none between messages.
	scratch dissect.FlowState
}

// newEngine divides memory in bytes: a third for flows, an eighth for streams, the ledger has its own limits.
func newEngine(l *evidence.Ledger, memory int64) *engine {
	e := &engine{ledger: l, decoder: decode.New(int(memory / 64)), known: loadProtocols(l)}
	e.pkt, e.seen = &e.inner.pkt, &e.inner.pkt
	e.flows = flow.NewTable(int(memory/3/256), e.fold)
	e.streams.budget.Left = int(memory / 8)
	return e
}

// lookahead is how many frames are decoded before the first of them is worked on.
const lookahead = 16

// ahead is a frame that was decoded ahead of its turn.
type ahead struct {
	pkt  decode.Packet
	key  flow.Key
	hash uint64
	dir  int // sender's side, -1 where there is nothing to account for
}

// take works on up to lookahead frames in their order.
func (e *engine) take(list []capture.Frame) {
	from := 0
	for i := range list {
		f, x := &list[i], &e.ahead[i]
		e.decoder.Decode(&x.pkt, f.Link, f.Data, int64(f.At))
		e.damaged[x.pkt.Damage]++
		e.find(x)
		// A datagram put together of fragments lies in the decoder, until it decodes the next frame.
		if x.pkt.Fragmented {
			e.run(list, from, i+1)
			from = i + 1
		}
	}
	e.run(list, from, len(list))
}

// find makes out the flow's key.
func (e *engine) find(x *ahead) {
	switch {
	case x.pkt.IPVersion != 0:
		x.dir = ipKey(&x.pkt, &x.key)
	case x.pkt.HasMAC:
		x.dir = linkKey(&x.pkt, &x.key)
	default:
		x.dir = -1
		return
	}
	x.hash = x.key.Hash()
}

// run works on decoded frames. Before, it asks for all their slots in the table of flows and then for all their flows, with
// nothing else between: so the processor fetches them side by side.
func (e *engine) run(list []capture.Frame, from, to int) {
	var slots [lookahead]uint64
	for i := from; i < to; i++ {
		slots[i] = e.flows.Slot(e.ahead[i].hash)
	}
	for i := from; i < to; i++ {
		if x := &e.ahead[i]; x.dir >= 0 {
			if fl := e.flows.Near(slots[i]); fl != nil {
				e.touched += uint64(fl.State) + uint64(fl.Key.VLAN)
			}
		}
	}
	for i := from; i < to; i++ {
		f := &list[i]
		e.at, e.place = f.At, evidence.Place(f.Number)
		e.packet(&e.ahead[i], uint64(f.OrigLen))
		if inner := e.ahead[i].pkt.Inner; inner != nil {
			e.tunnel(inner, e.ahead[i].pkt.InnerLink, f)
		}
	}
}

// tunnel takes the packets within a packet.
func (e *engine) tunnel(data []byte, link decode.LinkType, f *capture.Frame) {
	for depth := 1; data != nil && depth <= maxTunnels; depth++ {
		x, length := &e.inner, uint64(len(data))
		e.decoder.Decode(&x.pkt, link, data, int64(f.At))
		e.damaged[x.pkt.Damage]++
		e.find(x)
		data, link = x.pkt.Inner, x.pkt.InnerLink
		e.packet(x, length)
	}
}

// packet accounts for one decoded packet and hands it to the dissectors.
func (e *engine) packet(x *ahead, length uint64) {
	if x.dir < 0 {
		return
	}
	e.pkt, e.seen = &x.pkt, &x.pkt
	p, dir := e.pkt, x.dir
	fl, fresh := e.flows.Get(&x.key, x.hash)
	if fresh {
		e.begin(fl, dir)
	}
	fl.Packets[dir]++
	fl.Bytes[dir] += length
	if e.at > fl.Last {
		fl.Last = e.at
	}
	if e.at != 0 && e.at < fl.First {
		fl.First = e.at
	}
	if p.HasMAC {
		e.macs(fl, dir)
	}
	if fl.TTL[dir] == 0 {
		fl.TTL[dir] = p.TTL
	}
	switch {
	case p.IPVersion == 0:
		e.linkMessage(fl, dir)
	case p.Transport == decode.ProtoTCP:
		e.tcp(fl, dir)
	case p.Transport == decode.ProtoUDP:
		e.udp(fl, dir)
	case p.Transport != 0:
		e.icmp(fl, dir)
	}
}

// ipKey fills the flow key of an IP packet and returns the sender's side.
func ipKey(p *decode.Packet, k *flow.Key) int {
	k.VLAN, k.Proto, k.IP = p.VLAN, p.Proto, true
	c := p.Src.Compare(&p.Dst)
	if c > 0 || c == 0 && p.SrcPort > p.DstPort {
		k.A, k.B, k.PA, k.PB = p.Dst, p.Src, p.DstPort, p.SrcPort
		return 1
	}
	k.A, k.B, k.PA, k.PB = p.Src, p.Dst, p.SrcPort, p.DstPort
	return 0
}

// linkKey fills the flow key of a frame without IP.
func linkKey(p *decode.Packet, k *flow.Key) int {
	var a, b evidence.IP
	copy(a[:], p.SrcMAC[:])
	copy(b[:], p.DstMAC[:])
	k.VLAN, k.Proto, k.IP, k.PB = p.VLAN, 0, false, 0
	switch {
	case p.SNAP != 0:
		k.PA, k.PB = uint16(p.SNAP), uint16(p.SNAP>>16)
	case p.LLC:
		k.PA, k.PB = uint16(p.DSAP)<<8|uint16(p.SSAP), 1
	default:
		k.PA = p.EtherType
	}
	if a.Compare(&b) > 0 {
		k.A, k.B = b, a
		return 1
	}
	k.A, k.B = a, b
	return 0
}

// begin sets up a new flow. Until something better is known its client is the sender of the first packet, or the side
// with the higher port where only one is below 1024.
func (e *engine) begin(fl *flow.Flow, dir int) {
	p := e.pkt
	fl.First, fl.Last, fl.Place = e.at, e.at, e.place
	fl.SetClient(dir)
	if p.HasMAC && p.DstMAC.Group() || p.IPVersion != 0 && p.Dst.Group() {
		fl.State |= flow.Group
		return
	}
	if p.Transport == decode.ProtoTCP || p.Transport == decode.ProtoUDP {
		switch {
		case p.Flags&(decode.SYN|decode.ACK) == decode.SYN && p.Transport == decode.ProtoTCP:
		case p.Flags&(decode.SYN|decode.ACK) == decode.SYN|decode.ACK && p.Transport == decode.ProtoTCP:
			fl.SetClient(1 - dir)
		case p.SrcPort < 1024 && p.DstPort >= 1024:
			fl.SetClient(1 - dir)
		}
	}
}

// macs keeps the MAC of each side. Where another MAC appears for a side, as behind two routers or when the mirror shows a
// packet before and after routing, it is entered at once.
func (e *engine) macs(fl *flow.Flow, dir int) {
	p := e.pkt
	for side, mac := range [2]evidence.MAC{p.SrcMAC, p.DstMAC} {
		i := dir ^ side
		if fl.MAC[i] == mac || mac.None() {
			continue
		}
		if fl.MAC[i].None() || fl.Packets[i] == 0 || fl.Packets[i] == 1 && side == 0 {
			fl.MAC[i], fl.Endpoint[i] = mac, 0
			continue
		}
		if side == 0 && fl.Key.IP {
			flags := evidence.Sent
			if routed(p.TTL) {
				flags |= evidence.Routed
			}
			id := e.ledger.Endpoint(mac, ipOf(fl, i), fl.Key.VLAN, false)
			e.ledger.Seen(id, flags, 1, e.at, e.at, e.place)
		}
	}
}

func ipOf(fl *flow.Flow, side int) evidence.IP {
	if !fl.Key.IP {
		return evidence.IP{}
	}
	if side == 0 {
		return fl.Key.A
	}
	return fl.Key.B
}

// routed says whether a hop count shows that a router has handled the packet: senders start at one of a few values.
func routed(ttl uint8) bool {
	switch ttl {
	case 0, 1, 2, 4, 8, 16, 30, 32, 50, 60, 64, 100, 128, 150, 200, 254, 255:
		return false
	}
	return true
}

// endpoint returns the ledger's endpoint of one side.
func (e *engine) endpoint(fl *flow.Flow, side int, firm bool) evidence.EndpointID {
	if fl.Endpoint[side] != 0 {
		return fl.Endpoint[side]
	}
	mac, ip := fl.MAC[side], ipOf(fl, side)
	if fl.Is(flow.Group) && side != fl.Client() && !ip.None() {
		mac = evidence.MAC{} // a group is its address
	}
	fl.Endpoint[side] = e.ledger.Endpoint(mac, ip, fl.Key.VLAN, firm)
	return fl.Endpoint[side]
}

// message prepares the message for a dissector.
func (e *engine) message(fl *flow.Flow, dir int, p *dissect.Protocol, state *dissect.FlowState, confirmed bool) *dissect.Message {
	m := &e.msg
	m.At, m.Place, m.Packet, m.Ledger, m.Flow = e.at, e.place, e.seen, e.ledger, state
	m.Confirmed, m.Gap, m.Closed = confirmed, false, false
	c := fl.Client()
	m.Client, m.Server = e.endpoint(fl, c, true), e.endpoint(fl, 1-c, true)
	m.Group = fl.Is(flow.Group)
	m.From = dissect.ClientSide
	if dir != c {
		m.From = dissect.ServerSide
	}
	if n := fl.Protocol; n != 0 && e.known.all[n-1] == p {
		m.BeginAs(e.known.text[n-1])
	} else {
		m.Begin(p)
	}
	return m
}

// read calls a dissector behind the last fence: should it panic in spite of all, the flow is rejected and counted.
func (e *engine) read(p *dissect.Protocol, m *dissect.Message, b []byte) {
	defer e.fence(m)
	p.Read(m, b)
}

func (e *engine) fence(m *dissect.Message) {
	if r := recover(); r != nil {
		e.crashes++
		m.Reject()
		if e.crashes <= 3 {
			e.ledger.Problem(harbour.Problem{
				Locator: e.ledger.Locator(e.place), Message: "a dissector gave up on a message", Hint: "please report this capture",
			})
		}
	}
}

// finish folds what is left and reports on the reading.
func (e *engine) finish() {
	e.flows.Drain()
	for kind, name := range map[decode.Damage]string{decode.ShortHeader: "frames_with_cut_header", decode.BadHeader: "frames_with_bad_header", decode.Cut: "frames_captured_in_part"} {
		if n := e.damaged[kind]; n > 0 {
			e.ledger.Count(name, n)
		}
	}
	for name, n := range map[string]int64{
		"flows_evicted": e.flows.Evicted, "datagrams_not_reassembled": e.decoder.Dropped(),
		"segments_not_held": e.streams.budget.Refused, "dissector_failures": e.crashes, "stream_gaps": e.streams.gaps,
	} {
		if n > 0 {
			e.ledger.Count(name, n)
		}
	}
}
