// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"testing"

	"breakwater/evidence"
	"breakwater/evidence/packet/decode"
)

const (
	ndpNS = "87 00 0000 00000000 fe800000000000000000000000000002 01 01 020000000001"
	ndpNA = "88 00 0000 60000000 20010db8000000000000000000000001 02 01 020000000001"
	ndpRA = "86 00 0000 40 00 0708 00000000 00000000 01 01 020000000001" +
		"03 04 40 c0 00278d00 00093a80 00000000 20010db8000000000000000000000000" +
		"19 03 0000 00000e10 20010db8000000000000000000000053"
)

func TestNDPRead(t *testing.T) {
	linkLocal := evidence.V6(unhexed(t, "fe80000000000000 0000000000000001"))
	for name, tt := range map[string]struct {
		hex   string
		src   evidence.IP
		mac   evidence.MAC
		ttl   uint8
		bound string
		facts string
	}{
		"solicitation":            {ndpNS, linkLocal, clientMAC, 255, "02:00:00:00:00:01 fe80::1\n", ""},
		"advertisement":           {ndpNA, linkLocal, clientMAC, 255, "02:00:00:00:00:01 2001:db8::1\n", ""},
		"duplicate address probe": {ndpNS, evidence.IP{}, clientMAC, 255, "", ""},
		"other frame source":      {ndpNA, linkLocal, serverMAC, 255, "", ""},
		"routed":                  {ndpNA, linkLocal, clientMAC, 254, "", ""},
		"no option":               {"88 00 0000 60000000 20010db8000000000000000000000001", linkLocal, clientMAC, 255, "", ""},
		"option of length 0":      {"88 00 0000 60000000 20010db8000000000000000000000001 02 00 020000000001", linkLocal, clientMAC, 255, "", ""},
		"router": {
			ndpRA, linkLocal, clientMAC, 255, "02:00:00:00:00:01 fe80::1\n",
			"fe80::1 capabilities=router\nfe80::1 advertised_prefix=2001:db8::/64\nfe80::1 dns_server=2001:db8::53\n",
		},
		"no default router": {
			"86 00 0000 40 00 0000 00000000 00000000 01 01 020000000001", linkLocal, clientMAC, 255, "02:00:00:00:00:01 fe80::1\n", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := deliver(&ndpProtocol, datagram{ClientSide, decode.Packet{
				IPVersion: 6, Transport: decode.ProtoICMPv6, HasMAC: true, SrcMAC: tt.mac, Src: tt.src, TTL: tt.ttl,
			}, unhexed(t, tt.hex)})
			wantText(t, "bound", bound(l), tt.bound)
			wantText(t, "facts", facts(l), tt.facts)
		})
	}
}

func TestNDPProbe(t *testing.T) {
	wantProbe(t, &ndpProtocol, "solicitation", unhexed(t, ndpNS), Good, AnySide)
	wantProbe(t, &ndpProtocol, "router advertisement", unhexed(t, ndpRA), Good, AnySide)
	wantProbe(t, &ndpProtocol, "echo request", unhexed(t, "80 00 0000 0001 0001 6162636465666768"), No, AnySide)
	wantProbe(t, &ndpProtocol, "option of length 0", unhexed(t, ndpNS[:len(ndpNS)-18]+"01 00 020000000001"), No, AnySide)
}

func FuzzNDP(f *testing.F) {
	fuzzProtocol(f, &ndpProtocol, unhexed(f, ndpNS), unhexed(f, ndpNA), unhexed(f, ndpRA))
}
