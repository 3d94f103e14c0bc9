// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package view

import "testing"

func TestProtocol(t *testing.T) {
	for name, want := range map[string]string{
		"cip": "CIP", "enip": "EtherNet/IP", "lldp": "LLDP", "s7comm": "S7comm", "s7comm_plus": "S7comm-plus", "modbus": "Modbus/TCP", "mdns": "mDNS", "tls": "TLS",
		"tcp": "TCP", "udp": "UDP", "icmp": "ICMP", "icmpv6": "ICMPv6", "ethernet": "Ethernet", "": "", "something_new": "Something new", "<b>": "<b>",
	} {
		if got := Protocol(name); got != want {
			t.Errorf("Protocol(%q) = %q, want %q", name, got, want)
		}
	}
}
