// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package frame

import "encoding/binary"

// DHCP message types.
const (
	DHCPDiscover = 1
	DHCPOffer    = 2
	DHCPRequest  = 3
	DHCPAck      = 5
	DHCPRelease  = 7
)

// DHCP is a message between a client and a server. Empty fields are left out.
type DHCP struct {
	Type                 byte
	ID                   uint32
	Client               MAC
	Current, Your        Addr // the client's address: in use, given
	Wanted               Addr
	Server, Gateway, DNS Addr
	Host, Class          string
	Parameters           []byte
}

// Bytes builds the message (RFC 2131).
func (d DHCP) Bytes() []byte {
	answer := d.Type == DHCPOffer || d.Type == DHCPAck
	b := make([]byte, 236, 320)
	b[0], b[1], b[2] = 1, 1, 6
	if answer {
		b[0] = 2
	}
	binary.BigEndian.PutUint32(b[4:], d.ID)
	copy(b[12:], d.Current[:])
	copy(b[16:], d.Your[:])
	copy(b[28:], d.Client[:])
	b = append(b, 0x63, 0x82, 0x53, 0x63, 53, 1, d.Type)
	opt := func(code byte, val []byte) {
		if len(val) > 0 {
			b = append(append(b, code, byte(len(val))), val...)
		}
	}
	addr := func(code byte, a Addr) {
		if a != (Addr{}) {
			opt(code, a[:])
		}
	}
	if !answer {
		opt(61, append([]byte{1}, d.Client[:]...))
	}
	addr(50, d.Wanted)
	addr(54, d.Server)
	if answer {
		opt(51, []byte{0, 0, 0x70, 0x80})
		opt(1, []byte{255, 255, 255, 0})
		addr(3, d.Gateway)
		addr(6, d.DNS)
	}
	opt(12, []byte(d.Host))
	opt(60, []byte(d.Class))
	opt(55, d.Parameters)
	b = append(b, 255)
	return pad(b, 300)
}
