// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package frame

import "encoding/binary"

// IP protocol numbers.
const (
	ProtoICMP = 1
	ProtoTCP  = 6
	ProtoUDP  = 17
	ProtoVRRP = 112
)

// IP is what varies in an IPv4 header.
type IP struct {
	Src, Dst Addr
	Proto    uint8
	TTL      uint8
	ID       uint16
}

// IPv4 builds a packet; don't-fragment is set but for group destinations.
func IPv4(h IP, payload []byte) []byte {
	b := make([]byte, 20, 20+len(payload))
	b[0] = 0x45
	binary.BigEndian.PutUint16(b[2:], uint16(20+len(payload)))
	binary.BigEndian.PutUint16(b[4:], h.ID)
	if !h.Dst.Group() {
		b[6] = 0x40
	}
	b[8], b[9] = h.TTL, h.Proto
	copy(b[12:], h.Src[:])
	copy(b[16:], h.Dst[:])
	binary.BigEndian.PutUint16(b[10:], fold(sum(0, b)))
	return append(b, payload...)
}

// Forward returns a copy of an IPv4 packet as a router sends it on after the given number of hops.
func Forward(packet []byte, hops uint8) []byte {
	b := append([]byte(nil), packet...)
	b[8] -= hops
	b[10], b[11] = 0, 0
	binary.BigEndian.PutUint16(b[10:], fold(sum(0, b[:20])))
	return b
}

// sum adds bytes as 16-bit words in network order (RFC 1071).
func sum(s uint32, b []byte) uint32 {
	for len(b) > 1 {
		s += uint32(b[0])<<8 | uint32(b[1])
		b = b[2:]
	}
	if len(b) == 1 {
		s += uint32(b[0]) << 8
	}
	return s
}

func fold(s uint32) uint16 {
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return ^uint16(s)
}

func pseudo(src, dst Addr, proto uint8, n int) uint32 {
	return sum(sum(0, src[:]), dst[:]) + uint32(proto) + uint32(n)
}

// UDP builds a datagram.
func UDP(src, dst Addr, sport, dport uint16, payload []byte) []byte {
	b := make([]byte, 8, 8+len(payload))
	binary.BigEndian.PutUint16(b, sport)
	binary.BigEndian.PutUint16(b[2:], dport)
	binary.BigEndian.PutUint16(b[4:], uint16(8+len(payload)))
	b = append(b, payload...)
	c := fold(sum(pseudo(src, dst, ProtoUDP, len(b)), b))
	if c == 0 {
		c = 0xffff
	}
	binary.BigEndian.PutUint16(b[6:], c)
	return b
}

// TCP flags.
const (
	FIN = 1
	SYN = 2
	RST = 4
	PSH = 8
	ACK = 16
)

// TCP is what varies in a TCP header. A SYN carries the maximum segment size, window scale and selective
// acknowledgement options.
type TCP struct {
	Sport, Dport uint16
	Seq, Ack     uint32
	Flags        uint8
	Window       uint16
}

// Segment builds a TCP segment.
func Segment(src, dst Addr, h TCP, payload []byte) []byte {
	b := make([]byte, 20, 32+len(payload))
	binary.BigEndian.PutUint16(b, h.Sport)
	binary.BigEndian.PutUint16(b[2:], h.Dport)
	binary.BigEndian.PutUint32(b[4:], h.Seq)
	binary.BigEndian.PutUint32(b[8:], h.Ack)
	b[13] = h.Flags
	binary.BigEndian.PutUint16(b[14:], h.Window)
	if h.Flags&SYN != 0 {
		b = append(b, 2, 4, 0x05, 0xb4, 1, 3, 3, 7, 4, 2, 1, 1)
	}
	b[12] = uint8(len(b)/4) << 4
	b = append(b, payload...)
	binary.BigEndian.PutUint16(b[16:], fold(sum(pseudo(src, dst, ProtoTCP, len(b)), b)))
	return b
}

// Echo builds an ICMP echo request or answer with 32 bytes of data.
func Echo(answer bool, id, seq uint16) []byte {
	b := []byte{8, 0, 0, 0}
	if answer {
		b[0] = 0
	}
	b = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, id), seq)
	for i := range 32 {
		b = append(b, 'a'+byte(i%23))
	}
	binary.BigEndian.PutUint16(b[2:], fold(sum(0, b)))
	return b
}

// VRRP builds a VRRP version 3 advertisement (RFC 5798 5.1) for one address, every 40 s.
func VRRP(src Addr, vrid, priority uint8, address Addr) []byte {
	b := []byte{0x31, vrid, priority, 1, 0x0f, 0xa0, 0, 0}
	b = append(b, address[:]...)
	binary.BigEndian.PutUint16(b[6:], fold(sum(pseudo(src, Addr{224, 0, 0, 18}, ProtoVRRP, len(b)), b)))
	return b
}
