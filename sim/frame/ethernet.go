// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"encoding/binary"
	"fmt"
)

// MAC is a hardware address.
type MAC [6]byte

// Broadcast is the hardware address of all stations.
var Broadcast = MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}

// String writes the address in lower case with colons.
func (m MAC) String() string {
	return fmt.Sprintf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5])
}

// Addr is an IPv4 address.
type Addr [4]byte

// String writes the address in dotted decimals.
func (a Addr) String() string { return fmt.Sprintf("%d.%d.%d.%d", a[0], a[1], a[2], a[3]) }

// Group says whether the address is multicast or the limited broadcast.
func (a Addr) Group() bool { return a[0] >= 224 }

// GroupMAC is the hardware address of a multicast group (RFC 1112 6.4) or of the limited broadcast.
func GroupMAC(a Addr) MAC {
	if a[0] == 255 {
		return Broadcast
	}
	return MAC{0x01, 0x00, 0x5e, a[1] & 0x7f, a[2], a[3]}
}

// EtherTypes.
const (
	TypeIPv4 = 0x0800
	TypeARP  = 0x0806
	TypeVLAN = 0x8100
	TypeLLDP = 0x88cc
)

// minFrame is the shortest Ethernet frame without its check sequence; shorter ones are padded.
const minFrame = 60

// Ethernet builds a frame, with an 802.1Q tag where vlan is not 0, padded to the least length.
func Ethernet(dst, src MAC, vlan, etherType uint16, payload []byte) []byte {
	b := make([]byte, 0, max(minFrame+4, 18+len(payload)))
	b = append(append(b, dst[:]...), src[:]...)
	least := minFrame
	if vlan != 0 {
		b = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, TypeVLAN), vlan)
		least += 4
	}
	b = append(binary.BigEndian.AppendUint16(b, etherType), payload...)
	return pad(b, least)
}

// SNAP builds an IEEE 802.3 frame with LLC and SNAP headers, as Cisco's discovery protocol uses.
func SNAP(dst, src MAC, org [3]byte, pid uint16, payload []byte) []byte {
	b := append(append(make([]byte, 0, 22+len(payload)), dst[:]...), src[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(8+len(payload)))
	b = append(b, 0xaa, 0xaa, 0x03, org[0], org[1], org[2])
	b = append(binary.BigEndian.AppendUint16(b, pid), payload...)
	return pad(b, minFrame)
}

func pad(b []byte, n int) []byte {
	for len(b) < n {
		b = append(b, 0)
	}
	return b
}

// ARP operations.
const (
	ARPRequest = 1
	ARPReply   = 2
)

// ARP builds an ARP message for Ethernet and IPv4 (RFC 826).
func ARP(op uint16, sha MAC, spa Addr, tha MAC, tpa Addr) []byte {
	b := []byte{0, 1, 8, 0, 6, 4}
	b = binary.BigEndian.AppendUint16(b, op)
	b = append(append(b, sha[:]...), spa[:]...)
	return append(append(b, tha[:]...), tpa[:]...)
}
