// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"strconv"

	"breakwater/evidence"
	"breakwater/harbour"
	"breakwater/wire"
)

var dhcpProtocol = Protocol{
	Name: "dhcp", Title: "Dynamic Host Configuration Protocol", Short: "DHCP", Also: []string{"bootp", "dhcpv4"}, Over: OverUDP, Ports: []uint16{67, 68}, OneSided: true,
	First: []byte{1, 2}, Probe: dhcpProbe, Read: dhcpRead, Codes: dhcpCodes,
}

// dhcpCodes lists the message types (option 53).
var dhcpCodes = []Code{
	{Code: "0x01", Name: "dhcp_discover", Verb: harbour.VerbDiscover, Also: []string{"DISCOVER"}},
	{Code: "0x02", Name: "dhcp_offer", Verb: harbour.VerbDiscover, Also: []string{"OFFER"}},
	{Code: "0x03", Name: "dhcp_request", Verb: harbour.VerbDiscover, Also: []string{"REQUEST"}},
	{Code: "0x04", Name: "dhcp_decline", Verb: harbour.VerbDiscover, Also: []string{"DECLINE"}},
	{Code: "0x05", Name: "dhcp_ack", Verb: harbour.VerbDiscover, Also: []string{"ACK"}},
	{Code: "0x06", Name: "dhcp_nak", Verb: harbour.VerbDiscover, Also: []string{"NAK"}},
	{Code: "0x07", Name: "dhcp_release", Verb: harbour.VerbDiscover, Also: []string{"RELEASE"}},
	{Code: "0x08", Name: "dhcp_inform", Verb: harbour.VerbDiscover, Also: []string{"INFORM"}},
}

const (
	dhcpFixed     = 236
	dhcpMaxOption = 1024

	dhcpOptRouter     = 3
	dhcpOptDNS        = 6
	dhcpOptHostname   = 12
	dhcpOptDomain     = 15
	dhcpOptOverload   = 52
	dhcpOptType       = 53
	dhcpOptServer     = 54
	dhcpOptParameters = 55
	dhcpOptClass      = 60
	dhcpOptFQDN       = 81

	dhcpTypeOffer = 2
	dhcpTypeAck   = 5
)

func dhcpProbe(b []byte) (Fit, Side) {
	if len(b) < dhcpFixed+4 || b[0] != 1 && b[0] != 2 || b[2] > 16 || string(b[dhcpFixed:dhcpFixed+4]) != "\x63\x82\x53\x63" {
		return No, AnySide
	}
	if b[0] == 1 {
		return Good, ClientSide
	}
	return Good, ServerSide
}

func dhcpRead(m *Message, b []byte) {
	if fit, _ := dhcpProbe(b); fit != Good {
		return
	}
	var buf [dhcpMaxOption]byte
	kind := dhcpOption(b, dhcpOptType, buf[:0])
	if len(kind) != 1 || kind[0] == 0 {
		return // BOOTP, which no client of today speaks
	}
	t := kind[0]
	if int(t) <= len(dhcpCodes) {
		m.Do(dhcpCodes[t-1].Op(nil), harbour.ResultNone)
	}
	var mac evidence.MAC
	if b[1] == 1 && b[2] == 6 {
		mac = evidence.MAC(b[28:34])
	}
	if mac.Group() {
		mac = evidence.MAC{}
	}
	if b[0] == 1 {
		dhcpClient(m, mac, b)
		return
	}
	if t == dhcpTypeAck && !mac.None() {
		if ip := evidence.V4(b[16:20]); !ip.None() && !ip.Group() && !ip.Loopback() {
			m.Bind(mac, ip)
		}
		m.Attr(m.Host(mac, evidence.IP{}), harbour.AttrHostname, dhcpOption(b, dhcpOptHostname, buf[:0]), harbour.Likely)
	}
	if t == dhcpTypeAck || t == dhcpTypeOffer {
		dhcpServer(m, mac, b)
	}
}

// dhcpClient reports what the client says of itself. The subject is the client's hardware address and never the frame's
// source, which for a relayed message is the relay.
func dhcpClient(m *Message, mac evidence.MAC, b []byte) {
	if mac.None() {
		return
	}
	id := m.Host(mac, evidence.IP{})
	if ip := evidence.V4(b[12:16]); !ip.None() && !ip.Group() && !ip.Loopback() {
		id = m.Host(mac, ip)
	}
	var buf [dhcpMaxOption]byte
	m.Attr(id, harbour.AttrHostname, dhcpOption(b, dhcpOptHostname, buf[:0]), harbour.Stated)
	if v := dhcpOption(b, dhcpOptFQDN, buf[:0]); len(v) > 3 {
		if v[0]&4 != 0 {
			var name [dnsMaxText]byte
			r := wire.Read(v[3:])
			v = dnsPlainName(&r, name[:0])
		} else {
			v = v[3:]
		}
		m.Attr(id, harbour.AttrHostname, v, harbour.Stated)
	}
	m.Attr(id, harbour.AttrDHCPVendorClass, dhcpOption(b, dhcpOptClass, buf[:0]), harbour.Stated)
	var list [evidence.MaxValue]byte
	s := list[:0]
	for i, p := range dhcpOption(b, dhcpOptParameters, buf[:0]) {
		if len(s) > len(list)-8 {
			break
		}
		if i > 0 {
			s = append(s, ',')
		}
		s = strconv.AppendUint(s, uint64(p), 10)
	}
	m.Attr(id, harbour.AttrDHCPParameters, s, harbour.Stated)
}

// dhcpServer reports what a server hands out as facts about the server, so that two servers of one network that disagree
// stand out, and the domain as a likely fact about the client.
func dhcpServer(m *Message, client evidence.MAC, b []byte) {
	var buf [dhcpMaxOption]byte
	v := dhcpOption(b, dhcpOptServer, buf[:0])
	if len(v) != 4 {
		return
	}
	server := evidence.V4(v)
	if server.None() || server.Group() || server.Loopback() {
		return
	}
	id := m.Sender()
	if m.Packet.Src != server {
		id = m.Host(evidence.MAC{}, server)
	}
	m.AttrString(id, harbour.AttrDHCPServer, server.String(), harbour.Stated)
	for v = dhcpOption(b, dhcpOptRouter, buf[:0]); len(v) >= 4; v = v[4:] {
		m.AttrString(id, harbour.AttrGateway, evidence.V4(v).String(), harbour.Stated)
	}
	for v = dhcpOption(b, dhcpOptDNS, buf[:0]); len(v) >= 4; v = v[4:] {
		m.AttrString(id, harbour.AttrDNSServer, evidence.V4(v).String(), harbour.Stated)
	}
	if !client.None() {
		m.Attr(m.Host(client, evidence.IP{}), harbour.AttrDomainName, dhcpOption(b, dhcpOptDomain, buf[:0]), harbour.Likely)
	}
}

// dhcpOption appends the value of an option to dst. A value that is split over several options of one code, and over the
// file and server name fields when those hold options too (option 52), is joined in the order of RFC 3396.
func dhcpOption(b []byte, code uint8, dst []byte) []byte {
	dst, overload := dhcpScan(b[dhcpFixed+4:], code, dst, 0)
	if code == dhcpOptOverload {
		return dst
	}
	if overload&1 != 0 {
		dst, _ = dhcpScan(b[108:dhcpFixed], code, dst, 0)
	}
	if overload&2 != 0 {
		dst, _ = dhcpScan(b[44:108], code, dst, 0)
	}
	return dst
}

func dhcpScan(b []byte, code uint8, dst []byte, overload uint8) ([]byte, uint8) {
	for r := wire.Read(b); r.Len() > 0; {
		c := r.U8()
		if c == 0 {
			continue
		}
		if c == 255 {
			break
		}
		v := r.Bytes(int(r.U8()))
		if !r.OK() {
			break
		}
		if c == dhcpOptOverload && len(v) == 1 {
			overload = v[0]
		}
		if c == code && len(dst)+len(v) <= dhcpMaxOption {
			dst = append(dst, v...)
		}
	}
	return dst, overload
}
