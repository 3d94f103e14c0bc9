// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"cmp"
	"encoding/binary"
	"net/netip"

	"breakwater/wire"
)

// MAC is a hardware address; all zero means none.
type MAC [6]byte

// None says whether there is no address.
func (m MAC) None() bool { return m == MAC{} }

// Group says whether the address is multicast or broadcast.
func (m MAC) Group() bool { return m[0]&1 != 0 }

// String gives the lower-case colon form, "" for none.
func (m MAC) String() string {
	var b [17]byte // does not allocate where the caller does not keep the string
	return string(m.appendTo(b[:0]))
}

func (m MAC) appendTo(dst []byte) []byte {
	if m.None() {
		return dst
	}
	return wire.AppendMAC(dst, m)
}

// IP is an address in its 16-byte form, IPv4 as ::ffff:a.b.c.d; all zero means none. It has no pointer, so that tables
// of millions cost the garbage collector nothing.
type IP [16]byte

// Compare orders addresses as bytes. It looks at whole words, which is several times faster than bytes.Compare for 16 bytes.
func (a *IP) Compare(b *IP) int {
	if c := cmp.Compare(binary.BigEndian.Uint64(a[:8]), binary.BigEndian.Uint64(b[:8])); c != 0 {
		return c
	}
	return cmp.Compare(binary.BigEndian.Uint64(a[8:]), binary.BigEndian.Uint64(b[8:]))
}

// V4 makes an IP of four bytes.
func V4(b []byte) (ip IP) {
	if len(b) < 4 {
		return
	}
	ip[10], ip[11] = 0xff, 0xff
	copy(ip[12:], b[:4])
	return
}

// V6 makes an IP of sixteen bytes.
func V6(b []byte) (ip IP) {
	if len(b) >= 16 {
		copy(ip[:], b)
	}
	return
}

// FromAddr converts from the standard type; an invalid address gives none.
func FromAddr(a netip.Addr) IP {
	if !a.IsValid() {
		return IP{}
	}
	return IP(a.As16())
}

// None says whether there is no address. The unspecified addresses 0.0.0.0 and :: count as none.
func (ip IP) None() bool { return ip == IP{} || ip == IP{10: 0xff, 11: 0xff} }

// Is4 says whether this is an IPv4 address.
func (ip IP) Is4() bool {
	for _, b := range ip[:10] {
		if b != 0 {
			return false
		}
	}
	return ip[10] == 0xff && ip[11] == 0xff
}

// Addr converts to the standard type, IPv4 unmapped; none gives the invalid address.
func (ip IP) Addr() netip.Addr {
	if ip.None() {
		return netip.Addr{}
	}
	return netip.AddrFrom16(ip).Unmap()
}

// String gives the usual text form, "" for none.
func (ip IP) String() string {
	var b [46]byte // does not allocate for IPv4 where the caller does not keep the string
	return string(ip.appendTo(b[:0]))
}

func (ip IP) appendTo(dst []byte) []byte {
	if ip.None() {
		return dst
	}
	return ip.Addr().AppendTo(dst)
}

// Group says whether the address is multicast, or the limited broadcast address of IPv4.
func (ip IP) Group() bool {
	if ip.Is4() {
		return ip[12]&0xf0 == 0xe0 || ip == IP{10: 0xff, 11: 0xff, 12: 0xff, 13: 0xff, 14: 0xff, 15: 0xff}
	}
	return ip[0] == 0xff
}

// Loopback says whether the address is of the host itself.
func (ip IP) Loopback() bool {
	if ip.Is4() {
		return ip[12] == 127
	}
	return ip == IP{15: 1}
}

// LinkLocal says whether the address is valid on one link alone.
func (ip IP) LinkLocal() bool {
	if ip.Is4() {
		return ip[12] == 169 && ip[13] == 254
	}
	return ip[0] == 0xfe && ip[1]&0xc0 == 0x80
}

// Private says whether the address is not routed on the internet: RFC 1918, RFC 6598, RFC 4193, link-local, loopback.
func (ip IP) Private() bool {
	if ip.Is4() {
		a, b := ip[12], ip[13]
		return a == 10 || a == 172 && b&0xf0 == 16 || a == 192 && b == 168 || a == 100 && b&0xc0 == 64 ||
			a == 127 || a == 169 && b == 254
	}
	return ip[0]&0xfe == 0xfc || ip.LinkLocal() || ip.Loopback()
}
