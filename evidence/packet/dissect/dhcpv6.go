// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"breakwater/evidence"
	"breakwater/harbour"
	"breakwater/wire"
)

var dhcpv6Protocol = Protocol{
	Name: "dhcpv6", Title: "Dynamic Host Configuration Protocol for IPv6", Short: "DHCPv6", Also: []string{"dhcp6"}, Over: OverUDP, Ports: []uint16{547, 546},
	OneSided: true, First: []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}, Probe: dhcpv6Probe, Read: dhcpv6Read,
	Codes: dhcpv6Codes,
}

// dhcpv6Codes lists the message types.
var dhcpv6Codes = []Code{
	{Code: "0x01", Name: "dhcpv6_solicit", Verb: harbour.VerbDiscover, Also: []string{"SOLICIT"}},
	{Code: "0x02", Name: "dhcpv6_advertise", Verb: harbour.VerbDiscover, Also: []string{"ADVERTISE"}},
	{Code: "0x03", Name: "dhcpv6_request", Verb: harbour.VerbDiscover, Also: []string{"REQUEST"}},
	{Code: "0x04", Name: "dhcpv6_confirm", Verb: harbour.VerbDiscover, Also: []string{"CONFIRM"}},
	{Code: "0x05", Name: "dhcpv6_renew", Verb: harbour.VerbDiscover, Also: []string{"RENEW"}},
	{Code: "0x06", Name: "dhcpv6_rebind", Verb: harbour.VerbDiscover, Also: []string{"REBIND"}},
	{Code: "0x07", Name: "dhcpv6_reply", Verb: harbour.VerbDiscover, Also: []string{"REPLY"}},
	{Code: "0x08", Name: "dhcpv6_release", Verb: harbour.VerbDiscover, Also: []string{"RELEASE"}},
	{Code: "0x09", Name: "dhcpv6_decline", Verb: harbour.VerbDiscover, Also: []string{"DECLINE"}},
	{Code: "0x0a", Name: "dhcpv6_reconfigure", Verb: harbour.VerbDiscover, Also: []string{"RECONFIGURE"}},
	{Code: "0x0b", Name: "dhcpv6_information_request", Verb: harbour.VerbDiscover, Also: []string{"INFORMATION-REQUEST"}},
	{Code: "0x0c", Name: "dhcpv6_relay_forward", Verb: harbour.VerbDiscover, Also: []string{"RELAY-FORW"}},
	{Code: "0x0d", Name: "dhcpv6_relay_reply", Verb: harbour.VerbDiscover, Also: []string{"RELAY-REPL"}},
}

const (
	dhcpv6Reply      = 7
	dhcpv6Advertise  = 2
	dhcpv6RelayFirst = 12
	dhcpv6RelayLast  = 13
	dhcpv6MaxRelays  = 8

	dhcpv6OptClientID = 1
	dhcpv6OptServerID = 2
	dhcpv6OptIANA     = 3
	dhcpv6OptIAAddr   = 5
	dhcpv6OptRelayMsg = 9
	dhcpv6OptClass    = 16
	dhcpv6OptDNS      = 23
	dhcpv6OptFQDN     = 39
)

// dhcpv6Options returns the options of a message: behind the transaction id, or behind a relay's two addresses.
func dhcpv6Options(b []byte) ([]byte, bool) {
	if len(b) < 4 || b[0] == 0 || b[0] > dhcpv6RelayLast {
		return nil, false
	}
	n := 4
	if b[0] >= dhcpv6RelayFirst {
		n = 34
	}
	if len(b) < n {
		return nil, false
	}
	return b[n:], true
}

// dhcpv6Probe asks for options that fill the message exactly and among them a DUID of a known form, or a relayed message.
func dhcpv6Probe(b []byte) (Fit, Side) {
	options, ok := dhcpv6Options(b)
	if !ok {
		return No, AnySide
	}
	fit := Weak
	for r := wire.Read(options); r.Len() > 0; {
		code := r.U16()
		v := r.Bytes(int(r.U16()))
		if !r.OK() || code == 0 {
			return No, AnySide
		}
		switch code {
		case dhcpv6OptClientID, dhcpv6OptServerID:
			if len(v) >= 3 && v[0] == 0 && v[1] >= 1 && v[1] <= 4 {
				fit = Good
			}
		case dhcpv6OptRelayMsg:
			if _, ok := dhcpv6Options(v); ok {
				fit = Good
			}
		}
	}
	switch b[0] {
	case dhcpv6Advertise, dhcpv6Reply, 10, dhcpv6RelayLast:
		return fit, ServerSide
	}
	return fit, ClientSide
}

func dhcpv6Read(m *Message, b []byte) {
	if len(b) > 0 && b[0] >= 1 && int(b[0]) <= len(dhcpv6Codes) {
		m.Do(dhcpv6Codes[b[0]-1].Op(nil), harbour.ResultNone)
	}
	relayed := false
	for range dhcpv6MaxRelays {
		options, ok := dhcpv6Options(b)
		if !ok {
			return
		}
		if b[0] < dhcpv6RelayFirst {
			dhcpv6Message(m, b[0], options, relayed)
			return
		}
		relayed = true
		b = dhcpv6Option(options, dhcpv6OptRelayMsg)
	}
}

func dhcpv6Message(m *Message, kind uint8, options []byte, relayed bool) {
	mac := dhcpv6DUID(dhcpv6Option(options, dhcpv6OptClientID))
	fromServer := kind == dhcpv6Advertise || kind == dhcpv6Reply
	if !relayed && m.Packet.HasMAC {
		// On the client's own link the frame says better than the DUID, which names whatever adapter the host had first.
		mac = m.Packet.SrcMAC
		if fromServer {
			mac = m.Packet.DstMAC
		}
	}
	if mac.Group() {
		mac = evidence.MAC{}
	}
	if !fromServer {
		dhcpv6Client(m, mac, options, relayed)
		return
	}
	if kind == dhcpv6Reply && !mac.None() {
		dhcpv6Bind(m, mac, options)
	}
	if relayed {
		return // the sender may be a relay
	}
	m.AttrString(m.Sender(), harbour.AttrDHCPServer, m.Packet.Src.String(), harbour.Stated)
	for v := dhcpv6Option(options, dhcpv6OptDNS); len(v) >= 16; v = v[16:] {
		m.AttrString(m.Sender(), harbour.AttrDNSServer, evidence.V6(v).String(), harbour.Stated)
	}
}

func dhcpv6Client(m *Message, mac evidence.MAC, options []byte, relayed bool) {
	id := m.Sender()
	if relayed {
		if mac.None() {
			return
		}
		id = m.Host(mac, evidence.IP{})
	}
	if v := dhcpv6Option(options, dhcpv6OptFQDN); len(v) > 1 {
		var name [dnsMaxText]byte
		r := wire.Read(v[1:])
		m.Attr(id, harbour.AttrHostname, dnsPlainName(&r, name[:0]), harbour.Stated)
	}
	if v := dhcpv6Option(options, dhcpv6OptClass); len(v) > 6 {
		r := wire.Read(v[4:])
		m.Attr(id, harbour.AttrDHCPVendorClass, r.Bytes(int(r.U16())), harbour.Stated)
	}
}

// dhcpv6Bind binds the addresses that a reply assigns with a valid lifetime.
func dhcpv6Bind(m *Message, mac evidence.MAC, options []byte) {
	for r := wire.Read(options); r.Len() >= 4; {
		code := r.U16()
		v := r.Bytes(int(r.U16()))
		if !r.OK() {
			return
		}
		if code != dhcpv6OptIANA || len(v) < 12 {
			continue
		}
		for s := wire.Read(v[12:]); s.Len() >= 4; {
			code := s.U16()
			a := s.Bytes(int(s.U16()))
			if !s.OK() {
				return
			}
			if code != dhcpv6OptIAAddr || len(a) < 24 || a[20]|a[21]|a[22]|a[23] == 0 {
				continue
			}
			if ip := evidence.V6(a); !ip.None() && !ip.Group() && !ip.Loopback() {
				m.Bind(mac, ip)
			}
		}
	}
}

// dhcpv6DUID returns the Ethernet address in a DUID that is made of one.
func dhcpv6DUID(v []byte) (mac evidence.MAC) {
	switch {
	case len(v) == 14 && v[0] == 0 && v[1] == 1 && v[2] == 0 && v[3] == 1:
		copy(mac[:], v[8:])
	case len(v) == 10 && v[0] == 0 && v[1] == 3 && v[2] == 0 && v[3] == 1:
		copy(mac[:], v[4:])
	}
	return mac
}

func dhcpv6Option(options []byte, want uint16) []byte {
	for r := wire.Read(options); r.Len() >= 4; {
		code := r.U16()
		v := r.Bytes(int(r.U16()))
		if r.OK() && code == want {
			return v
		}
	}
	return nil
}
