// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package frame

import "encoding/binary"

// LLDPMulticast is the group of nearest bridges.
var LLDPMulticast = MAC{0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e}

// CDPMulticast is the group of Cisco's discovery protocol.
var CDPMulticast = MAC{0x01, 0x00, 0x0c, 0xcc, 0xcc, 0xcc}

// Announcement is what a switch or router says about itself.
type Announcement struct {
	MAC      MAC
	Name     string
	Port     string
	Text     string // description, version
	Platform string
	Vendor   string
	Firmware string
	Serial   string
	Address  Addr
	VLAN     uint16
	Router   bool
	TTL      uint16
}

// LLDP builds an announcement with the inventory of ANSI/TIA-1057.
func LLDP(a Announcement) []byte {
	var b []byte
	tlv := func(kind byte, val ...byte) {
		b = binary.BigEndian.AppendUint16(b, uint16(kind)<<9|uint16(len(val)))
		b = append(b, val...)
	}
	med := func(kind byte, s string) { tlv(127, append([]byte{0x00, 0x12, 0xbb, kind}, s...)...) }
	tlv(1, append([]byte{4}, a.MAC[:]...)...)
	tlv(2, append([]byte{5}, a.Port...)...)
	tlv(3, byte(a.TTL>>8), byte(a.TTL))
	tlv(4, []byte("Port "+a.Port)...)
	tlv(5, []byte(a.Name)...)
	tlv(6, []byte(a.Text)...)
	caps := byte(0x04)
	if a.Router {
		caps = 0x14
	}
	tlv(7, 0, caps, 0, caps)
	tlv(8, 5, 1, a.Address[0], a.Address[1], a.Address[2], a.Address[3], 2, 0, 0, 0, 1, 0)
	tlv(127, 0x00, 0x80, 0xc2, 1, byte(a.VLAN>>8), byte(a.VLAN))
	tlv(127, 0x00, 0x12, 0xbb, 1, 0x00, 0x21, 4)
	med(6, a.Firmware)
	med(8, a.Serial)
	med(9, a.Vendor)
	med(10, a.Platform)
	tlv(0)
	return b
}

// CDP builds an announcement of Cisco's discovery protocol, with the serial number behind the name.
func CDP(a Announcement) []byte {
	b := []byte{2, byte(min(a.TTL, 255)), 0, 0}
	tlv := func(kind uint16, val ...byte) {
		b = binary.BigEndian.AppendUint16(b, kind)
		b = binary.BigEndian.AppendUint16(b, uint16(4+len(val)))
		b = append(b, val...)
	}
	address := append([]byte{0, 0, 0, 1, 1, 1, 0xcc, 0, 4}, a.Address[:]...)
	tlv(1, []byte(a.Name+"("+a.Serial+")")...)
	tlv(5, []byte(a.Text)...)
	tlv(6, []byte("cisco "+a.Platform)...)
	tlv(2, address...)
	tlv(3, []byte(a.Port)...)
	caps := byte(0x28)
	if a.Router {
		caps = 0x29
	}
	tlv(4, 0, 0, 0, caps)
	tlv(10, byte(a.VLAN>>8), byte(a.VLAN))
	tlv(11, 1)
	tlv(22, address...)
	binary.BigEndian.PutUint16(b[2:], cdpSum(b))
	return b
}

// cdpSum is the internet checksum with the protocol's own rule for an odd last byte: it counts as the low half of a
// word, and one that looks negative is extended.
func cdpSum(b []byte) uint16 {
	if len(b)%2 == 0 {
		return fold(sum(0, b))
	}
	last := b[len(b)-1]
	w := uint32(last)
	if last&0x80 != 0 {
		w = 0xff00 | uint32(last-1)
	}
	return fold(sum(0, b[:len(b)-1]) + w)
}
