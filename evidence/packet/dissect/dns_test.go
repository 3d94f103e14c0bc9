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

func llmnrAnswer() string {
	return dnsHeadBytes(9, 0x8000, 1, 2, 0, 0) + dnsQuestion("crane", 1, 1) +
		dnsRR("\xc0\x0c", 1, 1, "\x0a\x00\x00\x02") + dnsRR("\xc0\x0c", 1, 1, "\x0a\x00\x00\x07")
}

func TestLLMNR(t *testing.T) {
	wantText(t, "facts", facts(deliver(&llmnrProtocol, fromServer([]byte(llmnrAnswer())))), "10.0.0.2 hostname=crane\n10.0.0.7 hostname=crane\n")
	query := []byte(dnsHeadBytes(9, 0, 1, 0, 0, 0) + dnsQuestion("wpad", 1, 1))
	wantText(t, "facts of a query", facts(deliver(&llmnrProtocol, fromClient(query))), "")
	wantProbe(t, &llmnrProtocol, "answer", []byte(llmnrAnswer()), Good, ServerSide)
	wantProbe(t, &llmnrProtocol, "query", query, Good, ClientSide)
	wantProbe(t, &llmnrProtocol, "DNS query", []byte(dnsQuery()), Weak, ClientSide)
	wantProbe(t, &llmnrProtocol, "DNS answer", []byte(dnsAnswers()), No, AnySide)
	wantProbe(t, &llmnrProtocol, "two questions", []byte(dnsHeadBytes(9, 0, 2, 0, 0, 0)+dnsQuestion("a", 1, 1)+dnsQuestion("b", 1, 1)), No, AnySide)
}

func FuzzLLMNR(f *testing.F) { fuzzProtocol(f, &llmnrProtocol, []byte(llmnrAnswer())) }

// nbnsLetters writes a NetBIOS name in its wire form.
func nbnsLetters(name string, suffix byte) string {
	raw := (name + strings.Repeat(" ", 15))[:15] + string([]byte{suffix})
	b := []byte{32}
	for i := range len(raw) {
		b = append(b, 'A'+raw[i]>>4, 'A'+raw[i]&15)
	}
	return string(b) + "\x00"
}

func nbnsRegistration(name string, suffix byte, flags int, ip string) []byte {
	n := nbnsLetters(name, suffix)
	return []byte(dnsHeadBytes(1, 0x2910, 1, 0, 0, 1) + n + be16(0x20) + be16(1) + dnsRR("\xc0\x0c", 0x20, 1, be16(flags)+ip))
}

func nbnsStatusAnswer() []byte {
	raw := func(name string, suffix byte, flags int) string {
		return (name + strings.Repeat(" ", 15))[:15] + string([]byte{suffix}) + be16(flags)
	}
	return []byte(dnsHeadBytes(1, 0x8400, 0, 1, 0, 0) + dnsRR(nbnsLetters("*", 0), 0x21, 1, "\x05"+
		raw("CRANE-HMI", 0, 0x0400)+raw("PORTNET", 0, 0x8400)+raw("CRANE-HMI", 0x20, 0x0400)+raw("OPERATOR", 3, 0x0400)+
		raw("\x01\x02__MSBROWSE__\x02", 1, 0x8400)+"\x02\x00\x00\x00\x00\x77"+strings.Repeat("\x00", 40)))
}

func TestNBNSRead(t *testing.T) {
	for name, tt := range map[string]struct {
		d     datagram
		facts string
	}{
		"registration":        {fromClient(nbnsRegistration("CRANE-HMI", 0, 0, "\x0a\x00\x00\x01")), "10.0.0.1 hostname=CRANE-HMI\n10.0.0.1 service=netbios workstation\n"},
		"file server":         {fromClient(nbnsRegistration("CRANE-HMI", 0x20, 0, "\x0a\x00\x00\x01")), "10.0.0.1 hostname=CRANE-HMI\n10.0.0.1 service=netbios file server\n"},
		"group":               {fromClient(nbnsRegistration("PORTNET", 0, 0x8000, "\x0a\x00\x00\x01")), "10.0.0.1 domain_name=PORTNET\n"},
		"domain controller":   {fromClient(nbnsRegistration("PORTNET", 0x1c, 0x8000, "\x0a\x00\x00\x01")), "10.0.0.1 domain_name=PORTNET\n10.0.0.1 service=netbios domain controller\n"},
		"domain master":       {fromClient(nbnsRegistration("PORTNET", 0x1b, 0, "\x0a\x00\x00\x01")), "10.0.0.1 domain_name=PORTNET\n10.0.0.1 service=netbios domain master browser\n"},
		"messenger, a person": {fromClient(nbnsRegistration("JANSEN", 3, 0, "\x0a\x00\x00\x01")), ""},
		"for another host":    {fromClient(nbnsRegistration("CRANE-HMI", 0, 0, "\x0a\x00\x00\x63")), ""},
		"query":               {fromClient([]byte(dnsHeadBytes(1, 0x0110, 1, 0, 0, 0) + nbnsLetters("CRANE-HMI", 0) + be16(0x20) + be16(1))), ""},
		"answer": {
			fromServer([]byte(dnsHeadBytes(1, 0x8500, 0, 1, 0, 0) + dnsRR(nbnsLetters("CRANE-HMI", 0), 0x20, 1, "\x00\x00\x0a\x00\x00\x02\x00\x00\x0a\x00\x00\x63"))),
			"10.0.0.2 hostname=CRANE-HMI\n10.0.0.2 service=netbios workstation\n10.0.0.99 hostname=CRANE-HMI\n10.0.0.99 service=netbios workstation\n",
		},
		"negative answer": {
			fromServer([]byte(dnsHeadBytes(1, 0x8503, 0, 1, 0, 0) + dnsRR(nbnsLetters("CRANE-HMI", 0), 0x20, 1, "\x00\x00\x0a\x00\x00\x02"))), "",
		},
		"node status": {
			fromServer(nbnsStatusAnswer()),
			"10.0.0.2 hostname=CRANE-HMI\n10.0.0.2 service=netbios workstation\n10.0.0.2 domain_name=PORTNET\n" +
				"10.0.0.2 service=netbios file server\n10.0.0.2 mac=02:00:00:00:00:77\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			wantText(t, "facts", facts(deliver(&nbnsProtocol, tt.d)), tt.facts)
		})
	}
}

func TestNBNSProbe(t *testing.T) {
	wantProbe(t, &nbnsProtocol, "registration", nbnsRegistration("A", 0, 0, "\x0a\x00\x00\x01"), Good, ClientSide)
	wantProbe(t, &nbnsProtocol, "status", nbnsStatusAnswer(), Good, ServerSide)
	wantProbe(t, &nbnsProtocol, "DNS", []byte(dnsQuery()), No, AnySide)
	wantProbe(t, &nbnsProtocol, "DNS name of 32 letters", []byte(dnsHeadBytes(7, 0x0100, 1, 0, 0, 0)+dnsQuestion(strings.Repeat("ab", 16), 1, 1)), No, AnySide)
}

func FuzzNBNS(f *testing.F) {
	fuzzProtocol(f, &nbnsProtocol, nbnsRegistration("A", 0, 0, "\x0a\x00\x00\x01"), nbnsStatusAnswer())
}

// nbdsAnnouncement is a browser announcement in a datagram.
func nbdsAnnouncement(src string, kind byte, name string, version string, server string, comment string) []byte {
	data := string([]byte{kind, 0}) + "\x80\xfc\x0a\x00" + (name + strings.Repeat("\x00", 16))[:16] + version + server + "\x0f\x01\x55\xaa" + comment + "\x00"
	slot := "\\MAILSLOT\\BROWSE\x00"
	at := 32 + 1 + 34 + 2 + len(slot)
	le := func(n int) string { return string([]byte{byte(n), byte(n >> 8)}) }
	smb := "\xffSMB\x25" + strings.Repeat("\x00", 27) + "\x11" +
		"\x00\x00" + le(len(data)) + strings.Repeat("\x00", 18) + le(len(data)) + le(at) + "\x03\x00" + "\x01\x00\x01\x00\x02\x00" +
		le(len(slot)+len(data)) + slot + data
	return []byte("\x11\x0a\x00\x01" + src + "\x00\x8a" + "\x00\xbb\x00\x00" + nbnsLetters("CRANE-HMI", 0) + nbnsLetters("PORTNET", 0x1d) + smb)
}

func TestNBDSRead(t *testing.T) {
	for name, tt := range map[string]struct {
		b     []byte
		facts string
	}{
		"host": {
			nbdsAnnouncement("\x0a\x00\x00\x01", 1, "CRANE-HMI", "\x06\x01", "\x03\x90\x00\x00", "Crane 3"),
			"10.0.0.1 hostname=CRANE-HMI\n10.0.0.1 description=Crane 3\n10.0.0.1 os=Windows NT 6.1\n10.0.0.1 service=windows server\n",
		},
		"Unix host": {
			nbdsAnnouncement("\x0a\x00\x00\x01", 0x0f, "CRANE-HMI", "\x04\x09", "\x03\x9a\x00\x00", "Samba"),
			"10.0.0.1 hostname=CRANE-HMI\n10.0.0.1 description=Samba\n10.0.0.1 service=print server\n10.0.0.1 service=windows server\n",
		},
		"domain": {
			nbdsAnnouncement("\x0a\x00\x00\x01", 0x0c, "PORTNET", "\x06\x01", "\x00\x10\x00\x80", "CRANE-HMI"),
			"10.0.0.1 hostname=CRANE-HMI\n10.0.0.1 domain_name=PORTNET\n",
		},
		"passed on by another host": {nbdsAnnouncement("\x0a\x00\x00\x63", 1, "CRANE-HMI", "\x06\x01", "\x03\x90\x00\x00", ""), ""},
		"cut":                       {nbdsAnnouncement("\x0a\x00\x00\x01", 1, "CRANE-HMI", "\x06\x01", "\x03\x90\x00\x00", "")[:160], "10.0.0.1 hostname=CRANE-HMI\n"},
	} {
		t.Run(name, func(t *testing.T) {
			wantText(t, "facts", facts(deliver(&nbdsProtocol, fromClient(tt.b))), tt.facts)
		})
	}
	wantProbe(t, &nbdsProtocol, "announcement", nbdsAnnouncement("\x0a\x00\x00\x01", 1, "A", "\x06\x01", "\x03\x90\x00\x00", ""), Good, ClientSide)
	wantProbe(t, &nbdsProtocol, "zeros", append([]byte{0x11}, make([]byte, 200)...), No, AnySide)
}

func FuzzNBDS(f *testing.F) {
	fuzzProtocol(f, &nbdsProtocol, nbdsAnnouncement("\x00\x00\x00\x00", 1, "CRANE-HMI", "\x06\x01", "\x03\x90\x00\x00", "Crane 3"))
}

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
