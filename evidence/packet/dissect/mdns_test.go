// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"testing"
)

func mdnsAnnouncement() string {
	return dnsHeadBytes(0, 0x8400, 0, 6, 0, 2) +
		dnsRR(dnsLabels("_services._dns-sd._udp.local"), 12, 1, dnsLabels("_rtsp._tcp.local")) +
		dnsRR(dnsLabels("_http._tcp.local"), 12, 1, dnsLabels("Gate 1._http._tcp.local")) +
		dnsRR(dnsLabels("_axis-video._sub._http._tcp.local"), 12, 1, dnsLabels("Gate 1._http._tcp.local")) +
		dnsRR(dnsLabels("Gate 1._http._tcp.local"), 16, 0x8001, "\x09txtvers=1\x0bmd=Dome 500\x05sn=42\x05model\x0bproduct=(X)") +
		dnsRR(dnsLabels("other.local"), 1, 0x8001, "\x0a\x00\x00\x63") +
		dnsRR(dnsLabels("gate-1.local"), 13, 0x8001, "\x03ARM\x05LINUX") +
		dnsRR(dnsLabels("gate-1.local"), 1, 0x8001, "\x0a\x00\x00\x01") +
		dnsRR(dnsLabels("gate-1.local"), 28, 0x8001, "\xfe\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01")
}

func TestMDNSRead(t *testing.T) {
	goodbye := []byte(mdnsAnnouncement())
	for i := range goodbye {
		if i > 3 && string(goodbye[i-3:i+1]) == "\x00\x00\x00\x78" {
			goodbye[i] = 0
		}
	}
	known := []byte(mdnsAnnouncement())
	known[2] = 0
	for name, tt := range map[string]struct {
		b     []byte
		facts string
	}{
		"announcement": {[]byte(mdnsAnnouncement()), `
10.0.0.1 service=_rtsp._tcp
10.0.0.1 service=_http._tcp
10.0.0.1 model=Dome 500
10.0.0.1 serial=42
10.0.0.1 product_name=X
10.0.0.99 hostname=other.local
10.0.0.1 platform=ARM
10.0.0.1 os=LINUX
10.0.0.1 hostname=gate-1.local
fe80::1 hostname=gate-1.local
`},
		"goodbye":                       {goodbye, ""},
		"known answers are of others":   {known, ""},
		"names outside the local link":  {[]byte(dnsHeadBytes(0, 0x8400, 0, 1, 0, 0) + dnsRR(dnsLabels("a.example"), 1, 1, "\x0a\x00\x00\x01")), ""},
		"service list with other words": {[]byte(dnsHeadBytes(0, 0x8400, 0, 1, 0, 0) + dnsRR(dnsLabels("_services._dns-sd._udp.local"), 12, 1, dnsLabels("local"))), ""},
	} {
		t.Run(name, func(t *testing.T) {
			wantText(t, "facts", facts(deliver(&mdnsProtocol, fromClient(tt.b))), tt.facts)
		})
	}
}

func TestMDNSProbe(t *testing.T) {
	wantProbe(t, &mdnsProtocol, "announcement", []byte(mdnsAnnouncement()), Good, AnySide)
	wantProbe(t, &mdnsProtocol, "query", []byte(dnsHeadBytes(0, 0, 1, 0, 0, 0)+dnsQuestion("_http._tcp.local", 12, 0x8001)), Good, AnySide)
	wantProbe(t, &mdnsProtocol, "reverse name", []byte(dnsHeadBytes(0, 0, 1, 0, 0, 0)+dnsQuestion("1.0.0.10.in-addr.arpa", 12, 1)), Weak, AnySide)
	wantProbe(t, &mdnsProtocol, "answer to a plain resolver", []byte(dnsHeadBytes(7, 0x8400, 1, 0, 0, 0)+dnsQuestion("a.local", 1, 1)), Weak, AnySide)
	wantProbe(t, &mdnsProtocol, "name server asked for a local domain", []byte(dnsHeadBytes(7, 0x0100, 1, 0, 0, 0)+dnsQuestion("dc.port.local", 1, 1)), No, AnySide)
	wantProbe(t, &mdnsProtocol, "cut", []byte(mdnsAnnouncement()[:100]), No, AnySide)
}

func FuzzMDNS(f *testing.F) { fuzzProtocol(f, &mdnsProtocol, []byte(mdnsAnnouncement())) }
