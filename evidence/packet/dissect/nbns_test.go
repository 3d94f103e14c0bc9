// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"strings"
	"testing"
)

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
