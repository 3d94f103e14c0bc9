// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"breakwater/evidence"
	"breakwater/harbour"
	"breakwater/wire"
)

var ndpProtocol = Protocol{
	Name: "ndp", Title: "IPv6 Neighbour Discovery", Short: "NDP", Over: OverICMP, OneSided: true,
	First: []byte{ndpRouterSolicit, ndpRouterAdvert, ndpSolicit, ndpAdvert}, Probe: ndpProbe, Read: ndpRead,
}

const (
	ndpRouterSolicit = 133
	ndpRouterAdvert  = 134
	ndpSolicit       = 135
	ndpAdvert        = 136
)

// ndpHeader is the length of the fixed part by message type, up to the options.
func ndpHeader(kind uint8) int {
	switch kind {
	case ndpRouterSolicit:
		return 8
	case ndpRouterAdvert:
		return 16
	case ndpSolicit, ndpAdvert:
		return 24
	}
	return 0
}

func ndpProbe(b []byte) (Fit, Side) {
	if len(b) < 8 {
		return No, AnySide
	}
	n := ndpHeader(b[0])
	if n == 0 || b[1] != 0 || len(b) < n {
		return No, AnySide
	}
	for r := wire.Read(b[n:]); r.Len() > 0; {
		r.U8()
		if r.Skip(int(r.U8())*8 - 2); !r.OK() {
			return No, AnySide
		}
	}
	return Good, AnySide
}

// ndpRead reads the messages that stay on one link: a hop limit below 255 means that a router passed it on, which no
// router does, so it was made to deceive.
func ndpRead(m *Message, b []byte) {
	if m.Packet.IPVersion != 6 || len(b) == 0 {
		return
	}
	if m.Packet.TTL != 255 {
		m.Ledger.Count("ndp_hop_limit", 1)
		return
	}
	r := wire.Read(b)
	kind := r.U8()
	r.Skip(ndpHeader(kind) - 1)
	if !r.OK() || ndpHeader(kind) == 0 {
		return
	}
	switch kind {
	case ndpAdvert:
		if mac, ok := ndpOption(r, 2); ok {
			ndpBind(m, mac, evidence.V6(b[8:24]))
		}
	case ndpRouterSolicit, ndpSolicit:
		if mac, ok := ndpOption(r, 1); ok {
			ndpBind(m, mac, m.Packet.Src)
		}
	case ndpRouterAdvert:
		router := m.Sender()
		if mac, ok := ndpOption(r, 1); ok {
			if id := ndpBind(m, mac, m.Packet.Src); id != 0 {
				router = id
			}
		}
		ndpRouter(m, router, b, r)
	}
}

// ndpOption returns the link-layer address in the option of this type: 1 the sender's, 2 the target's.
func ndpOption(r wire.Reader, want uint8) (mac evidence.MAC, ok bool) {
	for r.Len() >= 8 {
		kind, n := r.U8(), int(r.U8())
		v := r.Bytes(n*8 - 2)
		if !r.OK() {
			return mac, false
		}
		if kind == want && n == 1 {
			return evidence.MAC(v), true
		}
	}
	return mac, false
}

func ndpBind(m *Message, mac evidence.MAC, ip evidence.IP) evidence.EndpointID {
	if mac.None() || mac.Group() || ip.None() || ip.Group() || ip.Loopback() {
		return 0
	}
	if m.Packet.HasMAC && m.Packet.SrcMAC != mac {
		m.Ledger.Count("ndp_mac_mismatch", 1)
		return 0
	}
	return m.Bind(mac, ip)
}

// ndpRouter reports what a router advertisement says: that its sender forwards (lifetime above 0), the prefixes of the
// link and the name servers handed out.
func ndpRouter(m *Message, router evidence.EndpointID, b []byte, r wire.Reader) {
	if b[6] != 0 || b[7] != 0 {
		m.AttrString(router, harbour.AttrCapabilities, "router", harbour.Confirmed)
	}
	for r.Len() >= 8 {
		kind, n := r.U8(), int(r.U8())
		v := r.Bytes(n*8 - 2)
		if !r.OK() {
			return
		}
		switch {
		case kind == 3 && n == 4 && v[0] <= 128:
			var buf [64]byte
			s := evidence.V6(v[14:30]).Addr().AppendTo(buf[:0])
			s = append(s, '/')
			m.Attr(router, harbour.AttrPrefix, ndpUint(s, v[0]), harbour.Stated)
		case kind == 25 && n >= 3:
			for v = v[6:]; len(v) >= 16; v = v[16:] {
				m.AttrString(router, harbour.AttrDNSServer, evidence.V6(v).String(), harbour.Stated)
			}
		}
	}
}

func ndpUint(dst []byte, v uint8) []byte {
	if v >= 100 {
		dst = append(dst, '0'+v/100)
	}
	if v >= 10 {
		dst = append(dst, '0'+v/10%10)
	}
	return append(dst, '0'+v%10)
}
