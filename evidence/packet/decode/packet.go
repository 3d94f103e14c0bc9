// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package decode takes frames apart down to the transport layer without allocating.
//
// [Decoder.Decode] fills a [Packet] from one frame. Tunnels are not entered at once: a packet that carries another one
// has it in Inner, and the caller decodes that in a second step, so that both the outer and the inner conversation are
// accounted for. IP fragments are put together in a table of fixed size.
//
// A Decoder belongs to one goroutine. It never fails: what cannot be decoded is left as payload of the layer above and
// marked in Packet.Damage.
package decode

import "breakwater/evidence"

// EtherTypes that the decoder itself knows.
const (
	EtherIPv4    = 0x0800
	EtherARP     = 0x0806
	EtherVLAN    = 0x8100
	EtherIPv6    = 0x86dd
	EtherMPLS    = 0x8847
	EtherMPLSMul = 0x8848
	EtherPPPoED  = 0x8863
	EtherPPPoE   = 0x8864
	EtherQinQ    = 0x88a8
	EtherTEB     = 0x6558 // transparent Ethernet bridging, in GRE
	EtherERSPAN2 = 0x88be
	EtherERSPAN3 = 0x22eb
)

// IP protocol numbers that the decoder itself knows.
const (
	ProtoICMP   = 1
	ProtoIPv4   = 4
	ProtoTCP    = 6
	ProtoUDP    = 17
	ProtoIPv6   = 41
	ProtoGRE    = 47
	ProtoICMPv6 = 58
)

// TCP flags.
const (
	FIN = 1 << iota
	SYN
	RST
	PSH
	ACK
)

// Damage says what of a frame could not be decoded.
type Damage uint8

// The kinds of damage.
const (
	Intact      Damage = iota
	ShortHeader        // a header runs past the captured bytes
	BadHeader          // a header contradicts itself
	Cut                // the frame was captured in part (snap length), payload incomplete
)

// Packet is one frame, decoded. Slices point into the frame and are valid as long as it is.
type Packet struct {
	SrcMAC, DstMAC evidence.MAC
	HasMAC         bool
	VLAN           uint16 // innermost 802.1Q id, 0 untagged
	OuterVLAN      uint16 // service tag where there are two
	EtherType      uint16 // 0 for 802.3 with LLC
	LLC            bool
	DSAP, SSAP     uint8
	SNAP           uint64 // OUI<<16 | protocol id, for LLC with SNAP

	IPVersion  uint8 // 0, 4 or 6
	Src, Dst   evidence.IP
	Proto      uint8 // IP protocol after extension headers
	TTL        uint8
	Fragmented bool // was put together from fragments
	Partial    bool // a fragment whose datagram is not complete yet: has no transport

	Transport        uint8 // 0, ProtoTCP, ProtoUDP, ProtoICMP or ProtoICMPv6: header decoded
	SrcPort, DstPort uint16
	Seq, Ack         uint32
	Flags            uint8
	Window           uint16

	// Payload is what follows the last decoded header, cut to the lengths that the headers state.
	Payload []byte
	// Missing is the number of payload bytes that the headers promise and the capture lacks.
	Missing int
	// Inner is an encapsulated frame, InnerLink its link type; nil where there is none.
	Inner     []byte
	InnerLink LinkType
	Damage    Damage
}

// LinkType is a link-layer header type as capture files number them (LINKTYPE_…).
type LinkType uint16

// The link types that are decoded.
const (
	LinkNull     LinkType = 0
	LinkEthernet LinkType = 1
	LinkRawOld   LinkType = 12 // DLT_RAW of most systems
	LinkRawBSD   LinkType = 14 // DLT_RAW of OpenBSD
	LinkRaw      LinkType = 101
	LinkLoop     LinkType = 108
	LinkSLL      LinkType = 113
	LinkIPv4     LinkType = 228
	LinkIPv6     LinkType = 229
	LinkSLL2     LinkType = 276
)

// Supported says whether frames of this link type can be decoded.
func (t LinkType) Supported() bool {
	switch t {
	case LinkNull, LinkEthernet, LinkRawOld, LinkRawBSD, LinkRaw, LinkLoop, LinkSLL, LinkIPv4, LinkIPv6, LinkSLL2:
		return true
	}
	return false
}
