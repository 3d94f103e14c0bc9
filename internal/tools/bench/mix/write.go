// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package mix

import (
	"io"
	"math/rand/v2"
	"time"

	"breakwater/sim/frame"
	"breakwater/sim/record"
)

// Options of a mix.
type Options struct {
	// Seed chooses addresses, sizes and order.
	Seed uint64
	// Packets is the length of the capture; the last exchange may add a few.
	Packets int64
	// Hosts is the size of the networks in steps of about 1,000 hosts; 0 is one for each 1.2 million packets.
	Hosts int
	// Steady leaves out what ends: conversations last for the whole capture, and no new one begins.
	Steady bool
}

// Count is what a mix holds.
type Count struct {
	Packets, Bytes, Flows int64
	// PerShare is the number of packets of each row of [Shares].
	PerShare []int64
}

// start is the instant of the first packet.
var start = time.Date(2026, 11, 2, 6, 0, 0, 0, time.UTC)

// step is the mean time between packets.
const step = 500 * time.Microsecond

// maker writes one mix.
type maker struct {
	rng    *rand.Rand
	out    *record.Writer
	now    time.Time
	net    network
	count  Count
	share  int // row of Shares that is speaking
	random []byte
	certs  [][]byte
	err    error
}

// Write writes a classic pcap file to w.
func Write(w io.Writer, o Options) (Count, error) {
	shares := Shares()
	m := &maker{rng: rand.New(rand.NewPCG(o.Seed, 0x6d6978)), out: record.New(w, "mix.pcap", record.Micro, ""), now: start}
	m.count.PerShare = make([]int64, len(shares))
	m.random = make([]byte, 1<<14)
	for i := range m.random {
		m.random[i] = byte(m.rng.Uint32())
	}
	m.net = newNetwork(m.rng, max(o.Hosts, int((o.Packets+600_000)/1_200_000), 1))
	m.certs = certificates(m.random)
	open := make([][]*talk, len(shares))
	for i, s := range shares {
		for range s.Open {
			open[i] = append(open[i], m.begin(&s))
		}
	}
	for m.count.Packets < o.Packets && m.err == nil {
		i := m.behind(shares)
		m.share = i
		at := m.rng.IntN(len(open[i]))
		c := open[i][at]
		shares[i].talk(m, c)
		c.step++
		if n := shares[i].Exchanges; n > 0 && c.step >= n && !o.Steady {
			m.bye(c)
			open[i][at] = m.begin(&shares[i])
		}
	}
	if err := m.out.Close(); m.err == nil {
		m.err = err
	}
	return m.count, m.err
}

func (m *maker) begin(s *Share) *talk {
	c := s.ends(m)
	c.seq = [2]uint32{m.rng.Uint32(), m.rng.Uint32()}
	c.id = m.rng.Uint32()
	return c
}

// behind is the share that lacks most.
func (m *maker) behind(shares []Share) (worst int) {
	most := -1e300
	for i := range shares {
		if lack := shares[i].Percent/100*float64(m.count.Packets+1) - float64(m.count.PerShare[i]); lack > most {
			most, worst = lack, i
		}
	}
	return worst
}

// bytes returns n bytes that look random.
func (m *maker) bytes(n int) []byte {
	at := m.rng.IntN(len(m.random) - n)
	return m.random[at : at+n]
}

// between returns a number in [lo, hi].
func (m *maker) between(lo, hi int) int { return lo + m.rng.IntN(hi-lo+1) }

// emit writes one frame.
func (m *maker) emit(b []byte) {
	m.now = m.now.Add(step/2 + time.Duration(m.rng.Int64N(int64(step))))
	if err := m.out.Write(m.now, b); err != nil {
		m.err = err
	}
	m.count.Packets++
	m.count.Bytes += int64(len(b))
	m.count.PerShare[m.share]++
}

// talk is one conversation. Side 0 is the client, 1 the server.
type talk struct {
	host  [2]*host
	port  [2]uint16
	seq   [2]uint32
	step  int
	id    uint32
	ip    [2]uint16
	tcp   bool // opened
	group frame.Addr
}

// link sends an IP packet of one side. Between networks the other side's frames carry the router's address.
func (m *maker) link(c *talk, side int, proto uint8, payload []byte) {
	if c.ip == [2]uint16{} {
		m.count.Flows++
	}
	from, to := c.host[side], c.host[1-side]
	vlan := c.host[0].vlan
	src, ttl := from.mac, from.ttl
	if from.vlan != vlan {
		src, ttl = c.host[0].router, ttl-1
	}
	dst, addr := frame.MAC{}, c.group
	switch {
	case c.group != frame.Addr{}:
		dst = frame.GroupMAC(c.group)
	case to.vlan != vlan:
		dst, addr = c.host[0].router, to.addr
	default:
		dst, addr = to.mac, to.addr
	}
	c.ip[side]++
	p := frame.IPv4(frame.IP{Src: from.addr, Dst: addr, Proto: proto, TTL: ttl, ID: c.ip[side]}, payload)
	m.emit(frame.Ethernet(dst, src, vlan, frame.TypeIPv4, p))
}

// udp sends a datagram of one side.
func (m *maker) udp(c *talk, side int, payload []byte) {
	to := c.group
	if to == (frame.Addr{}) {
		to = c.host[1-side].addr
	}
	m.link(c, side, frame.ProtoUDP, frame.UDP(c.host[side].addr, to, c.port[side], c.port[1-side], payload))
}

// segment sends a TCP segment of one side.
func (m *maker) segment(c *talk, side int, flags uint8, payload []byte) {
	h := frame.TCP{Sport: c.port[side], Dport: c.port[1-side], Seq: c.seq[side], Flags: flags, Window: 0xfaf0}
	if flags&frame.ACK != 0 {
		h.Ack = c.seq[1-side]
	}
	m.link(c, side, frame.ProtoTCP, frame.Segment(c.host[side].addr, c.host[1-side].addr, h, payload))
	c.seq[side] += uint32(len(payload))
	if flags&(frame.SYN|frame.FIN) != 0 {
		c.seq[side]++
	}
}

// hello opens a TCP connection.
func (m *maker) hello(c *talk) {
	m.segment(c, 0, frame.SYN, nil)
	m.segment(c, 1, frame.SYN|frame.ACK, nil)
	m.segment(c, 0, frame.ACK, nil)
	c.tcp = true
}

// bye closes it.
func (m *maker) bye(c *talk) {
	if c.tcp {
		m.segment(c, 0, frame.FIN|frame.ACK, nil)
		m.segment(c, 1, frame.FIN|frame.ACK, nil)
		m.segment(c, 0, frame.ACK, nil)
	}
}

// mss is the largest payload of a segment.
const mss = 1448

// send sends bytes of one side, in segments; the other side acknowledges every second one of several.
func (m *maker) send(c *talk, side int, b []byte) {
	for n := 1; len(b) > 0; n++ {
		k := min(len(b), mss)
		flags := uint8(frame.ACK)
		if k == len(b) {
			flags |= frame.PSH
		}
		m.segment(c, side, flags, b[:k])
		if n%2 == 0 {
			m.ack(c, 1-side)
		}
		b = b[k:]
	}
}

// ack sends an empty segment of one side.
func (m *maker) ack(c *talk, side int) { m.segment(c, side, frame.ACK, nil) }
