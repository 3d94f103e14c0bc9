// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"strings"
	"testing"

	"breakwater/evidence"
)

// dnsLabels writes a name in wire form.

func dnsLabels(name string) string {
	var b strings.Builder
	for l := range strings.SplitSeq(name, ".") {
		b.WriteString(string([]byte{byte(len(l))}) + l)
	}
	return b.String() + "\x00"
}

func dnsHeadBytes(id, flags, qd, an, ns, ar int) string {
	return be16(id) + be16(flags) + be16(qd) + be16(an) + be16(ns) + be16(ar)
}

func dnsQuestion(name string, kind, class int) string {
	return dnsLabels(name) + be16(kind) + be16(class)
}

// dnsRR writes a record; name is in wire form.

func dnsRR(name string, kind, class int, data string) string {
	return name + be16(kind) + be16(class) + "\x00\x00\x00\x78" + be16(len(data)) + data
}

func dnsQuery() string {
	return dnsHeadBytes(7, 0x0100, 1, 0, 0, 0) + dnsQuestion("www.port.example", 1, 1)
}

func dnsAnswers() string {
	return dnsHeadBytes(7, 0x8180, 1, 5, 0, 0) + dnsQuestion("www.port.example", 1, 1) +
		dnsRR("\xc0\x0c", 5, 1, "\x04quay\xc0\x10") + // quay.port.example, at offset 46
		dnsRR("\xc0\x2e", 1, 1, "\x0a\x00\x00\x05") +
		dnsRR("\xc0\x2e", 28, 1, "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05") +
		dnsRR("\xc0\x2e", 1, 1, "\x7f\x00\x00\x01") + // a block list's answer
		dnsRR(dnsLabels("6.0.0.10.in-addr.arpa"), 12, 1, "\x05crane\xc0\x10")
}

func TestDNSRead(t *testing.T) {
	for name, tt := range map[string]struct{ b, facts string }{
		"query":   {dnsQuery(), ""},
		"answers": {dnsAnswers(), "10.0.0.5 hostname=quay.port.example\n2001:db8::5 hostname=quay.port.example\n10.0.0.6 hostname=crane.port.example\n"},
		"version": {
			dnsHeadBytes(7, 0x8480, 1, 1, 0, 0) + dnsQuestion("version.bind", 16, 3) + dnsRR("\xc0\x0c", 16, 3, "\x069.18.1"),
			"10.0.0.2 server_banner=9.18.1\n",
		},
		"error": {dnsHeadBytes(7, 0x8183, 1, 1, 0, 0) + dnsQuestion("a.example", 1, 1) + dnsRR("\xc0\x0c", 1, 1, "\x0a\x00\x00\x05"), ""},
		"records of other sections": {
			dnsHeadBytes(7, 0x8180, 1, 0, 0, 1) + dnsQuestion("a.example", 1, 1) + dnsRR("\xc0\x0c", 1, 1, "\x0a\x00\x00\x05"), "",
		},
		"reverse name of IPv6": {
			dnsHeadBytes(7, 0x8180, 1, 1, 0, 0) +
				dnsQuestion("5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", 12, 1) +
				dnsRR("\xc0\x0c", 12, 1, dnsLabels("crane.port.example")),
			"2001:db8::5 hostname=crane.port.example\n",
		},
		"delegated reverse zone": {
			dnsHeadBytes(7, 0x8180, 1, 1, 0, 0) + dnsQuestion("0-127.0.0.10.in-addr.arpa", 12, 1) + dnsRR("\xc0\x0c", 12, 1, dnsLabels("x.example")), "",
		},
		"pointer to itself": {dnsHeadBytes(7, 0x8180, 0, 1, 0, 0) + dnsRR("\xc0\x0c", 1, 1, "\x0a\x00\x00\x05"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			wantText(t, "facts", facts(deliver(&dnsProtocol, fromServer([]byte(tt.b)))), tt.facts)
			if l := exchange(t, &dnsProtocol, say{ServerSide, []byte(be16(len(tt.b)) + tt.b)}); len(l.Operations()) != 0 {
				t.Errorf("operations = %s, want none", operations(l))
			}
		})
	}
}

func TestDNSOverTCP(t *testing.T) {
	d := fromServer([]byte(be16(len(dnsAnswers())) + dnsAnswers()))
	d.pkt.Transport = 6
	if got := facts(deliver(&dnsProtocol, d)); !strings.Contains(got, "10.0.0.5 hostname=quay.port.example\n") {
		t.Errorf("facts = %s, want the name of 10.0.0.5", got)
	}
}

func TestDNSName(t *testing.T) {
	long := strings.Repeat("\x3f"+strings.Repeat("a", 63), 3)
	for name, tt := range map[string]struct {
		b    string
		off  int
		text string
		next int
	}{
		"root":                  {"\x00", 0, "", 1},
		"plain":                 {"\x01a\x02bc\x00x", 0, "a.bc", 6},
		"pointer":               {"\x01a\x00\x01b\xc0\x00", 3, "b.a", 7},
		"pointer forward":       {"\xc0\x02\x01a\x00", 0, "", -1},
		"pointer to itself":     {"\xc0\x00", 0, "", -1},
		"loop of two":           {"\x01a\xc0\x04\x01b\xc0\x00", 4, "b.a", -1},
		"label past the end":    {"\x05ab", 0, "", -1},
		"no end":                {"\x01a", 0, "a", -1},
		"reserved label type":   {"\x41a\x00", 0, "", -1},
		"254 characters":        {long + "\x3d" + strings.Repeat("b", 61) + "\x00", 0, strings.Repeat(strings.Repeat("a", 63)+".", 3) + strings.Repeat("b", 61), 255},
		"longer than 255 bytes": {long + "\x3f" + strings.Repeat("b", 63) + "\x01c\x00", 0, strings.Repeat(strings.Repeat("a", 63)+".", 3)[:191], -1},
	} {
		t.Run(name, func(t *testing.T) {
			text, next := dnsName([]byte(tt.b), tt.off, nil)
			if next != tt.next || next >= 0 && string(text) != tt.text {
				t.Errorf("dnsName(%q, %d) = %q, %d, want %q, %d", tt.b, tt.off, text, next, tt.text, tt.next)
			}
		})
	}
}

func TestDNSProbe(t *testing.T) {
	wantProbe(t, &dnsProtocol, "query", []byte(dnsQuery()), Weak, ClientSide)
	wantProbe(t, &dnsProtocol, "answer", []byte(dnsAnswers()), Weak, ServerSide)
	wantProbe(t, &dnsProtocol, "query over TCP", []byte(be16(len(dnsQuery()))+dnsQuery()), Weak, ClientSide)
	wantProbe(t, &dnsProtocol, "first segment of an answer over TCP", []byte(be16(len(dnsAnswers()))+dnsAnswers()[:60]), Weak, ServerSide)
	wantProbe(t, &dnsProtocol, "cut datagram", []byte(dnsAnswers()[:60]), No, AnySide)
	wantProbe(t, &dnsProtocol, "no question", []byte(dnsHeadBytes(7, 0x0100, 0, 0, 0, 0)), No, AnySide)
	wantProbe(t, &dnsProtocol, "question of no class", []byte(dnsHeadBytes(7, 0x0100, 1, 0, 0, 0)+dnsQuestion("a", 1, 77)), No, AnySide)
	wantProbe(t, &dnsProtocol, "text on the port", []byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), No, AnySide)
	wantProbe(t, &dnsProtocol, "NTP on the port", []byte("\x23\x00\x06\xec"+strings.Repeat("\x00", 44)), No, AnySide)
	wantProbe(t, &dnsProtocol, "zeros", make([]byte, 64), No, AnySide)
}

func FuzzDNS(f *testing.F) {
	fuzzProtocol(f, &dnsProtocol, []byte(dnsQuery()), []byte(dnsAnswers()), []byte(be16(len(dnsAnswers()))+dnsAnswers()))
}

// nbnsLetters writes a NetBIOS name in its wire form.

// nbdsAnnouncement is a browser announcement in a datagram.

func TestDNSReverse(t *testing.T) {
	for in, want := range map[string]evidence.IP{
		"5.0.0.10.in-addr.arpa":   evidence.V4([]byte{10, 0, 0, 5}),
		"5.0.0.10.IN-ADDR.ARPA":   evidence.V4([]byte{10, 0, 0, 5}),
		"0.0.10.in-addr.arpa":     {},
		"1.5.0.0.10.in-addr.arpa": {},
		"256.0.0.10.in-addr.arpa": {},
		"1.0.0.127.in-addr.arpa":  {},
		"in-addr.arpa":            {},
		"port.example":            {},
	} {
		if got := dnsReverse([]byte(in)); got != want {
			t.Errorf("dnsReverse(%q) = %v, want %v", in, got, want)
		}
	}
}
