// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"testing"

	"breakwater/evidence"
	"breakwater/evidence/packet/decode"
)

const (
	dhcpv6DUIDLL  = "\x00\x03\x00\x01\x02\x00\x00\x00\x00\x09"
	dhcpv6Address = "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x09"
)

func dhcpv6Opt(code int, v string) string { return be16(code) + be16(len(v)) + v }

func dhcpv6Packet(src evidence.MAC, dst evidence.MAC) decode.Packet {
	return decode.Packet{
		IPVersion: 6, Transport: decode.ProtoUDP, HasMAC: true, SrcMAC: src, DstMAC: dst,
		Src: evidence.V6([]byte("\xfe\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02")),
	}
}

func dhcpv6Solicit() string {
	return "\x01\x12\x34\x56" + dhcpv6Opt(1, dhcpv6DUIDLL) + dhcpv6Opt(39, "\x01\x05crane\x04quay\x00") +
		dhcpv6Opt(16, "\x00\x00\x01\x37\x00\x08MSFT 5.0")
}

func dhcpv6Assigned(lifetime string) string {
	return "\x07\x12\x34\x56" + dhcpv6Opt(1, dhcpv6DUIDLL) + dhcpv6Opt(2, dhcpv6DUIDLL[:9]+"\x02") +
		dhcpv6Opt(3, "\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00"+dhcpv6Opt(5, dhcpv6Address+"\x00\x00\x0e\x10"+lifetime)) +
		dhcpv6Opt(23, "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x53")
}

func dhcpv6Relayed(kind string, inner string) string {
	return kind + "\x00" + dhcpv6Address + dhcpv6Address + dhcpv6Opt(9, inner)
}

func TestDHCPv6Read(t *testing.T) {
	nine := evidence.MAC{2, 0, 0, 0, 0, 9}
	relay := evidence.MAC{2, 0, 0, 0, 0, 0xee}
	for name, tt := range map[string]struct {
		d                        datagram
		facts, bound, operations string
	}{
		"solicit": {
			datagram{ClientSide, dhcpv6Packet(clientMAC, evidence.MAC{0x33, 0x33, 0, 1, 0, 2}), []byte(dhcpv6Solicit())},
			"10.0.0.1 hostname=crane.quay\n10.0.0.1 dhcp_vendor_class=MSFT 5.0\n", "", "0x01 dhcpv6_solicit discover []  ×1\n",
		},
		"reply": {
			datagram{ServerSide, dhcpv6Packet(serverMAC, nine), []byte(dhcpv6Assigned("\x00\x00\x0e\x10"))},
			"10.0.0.2 dhcp_server=fe80::2\n10.0.0.2 dns_server=2001:db8::53\n", "02:00:00:00:00:09 2001:db8::9\n",
			"0x07 dhcpv6_reply discover []  ×1\n",
		},
		"reply to a host whose identifier names another adapter": {
			datagram{ServerSide, dhcpv6Packet(serverMAC, clientMAC), []byte(dhcpv6Assigned("\x00\x00\x0e\x10"))},
			"10.0.0.2 dhcp_server=fe80::2\n10.0.0.2 dns_server=2001:db8::53\n", "02:00:00:00:00:01 2001:db8::9\n",
			"0x07 dhcpv6_reply discover []  ×1\n",
		},
		"address withdrawn": {
			datagram{ServerSide, dhcpv6Packet(serverMAC, nine), []byte(dhcpv6Assigned("\x00\x00\x00\x00"))},
			"10.0.0.2 dhcp_server=fe80::2\n10.0.0.2 dns_server=2001:db8::53\n", "", "0x07 dhcpv6_reply discover []  ×1\n",
		},
		"relayed solicit": {
			datagram{ClientSide, dhcpv6Packet(relay, serverMAC), []byte(dhcpv6Relayed("\x0c", dhcpv6Solicit()))},
			"02:00:00:00:00:09 hostname=crane.quay\n02:00:00:00:00:09 dhcp_vendor_class=MSFT 5.0\n", "",
			"0x0c dhcpv6_relay_forward discover []  ×1\n",
		},
		"relayed reply": {
			datagram{ServerSide, dhcpv6Packet(serverMAC, relay), []byte(dhcpv6Relayed("\x0d", dhcpv6Assigned("\x00\x00\x0e\x10")))},
			"", "02:00:00:00:00:09 2001:db8::9\n", "0x0d dhcpv6_relay_reply discover []  ×1\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := deliver(&dhcpv6Protocol, tt.d)
			wantText(t, "facts", facts(l), tt.facts)
			wantText(t, "bound", bound(l), tt.bound)
			wantText(t, "operations", operations(l), tt.operations)
		})
	}
}

func TestDHCPv6Probe(t *testing.T) {
	wantProbe(t, &dhcpv6Protocol, "solicit", []byte(dhcpv6Solicit()), Good, ClientSide)
	wantProbe(t, &dhcpv6Protocol, "reply", []byte(dhcpv6Assigned("\x00\x00\x0e\x10")), Good, ServerSide)
	wantProbe(t, &dhcpv6Protocol, "relayed", []byte(dhcpv6Relayed("\x0c", dhcpv6Solicit())), Good, ClientSide)
	wantProbe(t, &dhcpv6Protocol, "information request without identifier", []byte("\x0b\x12\x34\x56"+dhcpv6Opt(6, "\x00\x17")), Weak, ClientSide)
	wantProbe(t, &dhcpv6Protocol, "trailing byte", []byte(dhcpv6Solicit()+"\x00"), No, AnySide)
	wantProbe(t, &dhcpv6Protocol, "text", []byte("\x01hello, this is not it"), No, AnySide)
}

func FuzzDHCPv6(f *testing.F) {
	fuzzProtocol(f, &dhcpv6Protocol, []byte(dhcpv6Solicit()), []byte(dhcpv6Assigned("\x00\x00\x0e\x10")),
		[]byte(dhcpv6Relayed("\x0c", dhcpv6Relayed("\x0c", dhcpv6Solicit()))))
}
