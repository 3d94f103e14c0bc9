// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"strings"
	"testing"
)

// smbMessage puts the NetBIOS session header before a message.

func smbMessage(b string) []byte { return []byte("\x00\x00" + be16(len(b)) + b) }

func smb1(flags byte, words, data string) []byte {
	return smbMessage("\xffSMB\x72\x00\x00\x00\x00" + string([]byte{flags}) + strings.Repeat("\x00", 22) +
		string([]byte{byte(len(words) / 2)}) + words + string([]byte{byte(len(data)), 0}) + data)
}

func smb2(command, flags byte, body string) []byte {
	return smbMessage("\xfeSMB\x40\x00\x00\x00\x00\x00\x00\x00" + string([]byte{command, 0, 0, 0, flags, 0, 0, 0}) + strings.Repeat("\x00", 44) + body)
}

const smbDialects = "\x02PC NETWORK PROGRAM 1.0\x00\x02LANMAN1.0\x00\x02NT LM 0.12\x00\x02SMB 2.002\x00\x02SMB 2.???\x00"

func TestSMBRead(t *testing.T) {
	offer := say{ClientSide, smb1(0x18, "", smbDialects)}
	choose := func(words int, index string) say {
		return say{ServerSide, smb1(0x98, index+strings.Repeat("\x00", 2*words-2), "")}
	}
	answer2 := func(dialect string) say {
		return say{ServerSide, smb2(0, 1, "\x41\x00\x01\x00"+dialect+strings.Repeat("\x00", 58))}
	}
	session := "\x81\x00\x00\x44" + nbnsLetters("SRV-QUAY", 0x20) + nbnsLetters("HMI-3", 0)
	for name, tt := range map[string]struct {
		script []say
		facts  string
	}{
		"version 1":                 {[]say{offer, choose(17, "\x02\x00")}, "10.0.0.2 smb_dialect=SMB 1 (NT LM 0.12)\n"},
		"older dialect":             {[]say{offer, choose(13, "\x01\x00")}, "10.0.0.2 smb_dialect=SMB 1 (LANMAN1.0)\n"},
		"offered and refused":       {[]say{offer, choose(1, "\xff\xff")}, ""},
		"offered alone":             {[]say{offer}, ""},
		"answer alone":              {[]say{choose(17, "\x05\x00")}, "10.0.0.2 smb_dialect=SMB 1 (NT LM 0.12)\n"},
		"answered in version 2":     {[]say{offer, answer2("\x02\x02")}, "10.0.0.2 smb_dialect=SMB 2.0.2\n"},
		"answered, then negotiated": {[]say{offer, answer2("\xff\x02"), {ClientSide, smb2(0, 0, "\x24\x00\x05\x00")}, answer2("\x11\x03")}, "10.0.0.2 smb_dialect=SMB 3.1.1\n"},
		"2.1":                       {[]say{answer2("\x10\x02")}, "10.0.0.2 smb_dialect=SMB 2.1\n"},
		"other command":             {[]say{{ServerSide, smb2(1, 1, "\x41\x00\x01\x00\x10\x02")}}, ""},
		"session over port 139":     {[]say{{ClientSide, []byte(session)}, {ServerSide, []byte("\x82\x00\x00\x00")}}, "10.0.0.2 hostname=SRV-QUAY\n10.0.0.1 hostname=HMI-3\n"},
		"session with any server":   {[]say{{ClientSide, []byte(strings.Replace(session, nbnsLetters("SRV-QUAY", 0x20), nbnsLetters("*SMBSERVER", 0x20), 1))}}, "10.0.0.1 hostname=HMI-3\n"},
	} {
		t.Run(name, func(t *testing.T) { wantText(t, "facts", facts(exchange(t, &smbProtocol, tt.script...)), tt.facts) })
	}
	wantProbe(t, &smbProtocol, "offer", offer.b, Good, ClientSide)
	wantProbe(t, &smbProtocol, "choice", choose(17, "\x02\x00").b, Good, ServerSide)
	wantProbe(t, &smbProtocol, "version 2", answer2("\x10\x02").b, Good, ServerSide)
	wantProbe(t, &smbProtocol, "session", []byte(session), Good, ClientSide)
	wantProbe(t, &smbProtocol, "session accepted", []byte("\x82\x00\x00\x00"), Weak, ServerSide)
	wantProbe(t, &smbProtocol, "DNS over TCP", []byte(be16(len(dnsQuery()))+dnsQuery()), No, AnySide)
	wantProbe(t, &smbProtocol, "zeros", make([]byte, 64), No, AnySide)
}

func FuzzSMB(f *testing.F) {
	fuzzProtocol(f, &smbProtocol, smb1(0x18, "", smbDialects), smb1(0x98, "\x02\x00"+strings.Repeat("\x00", 32), ""),
		smb2(0, 1, "\x41\x00\x01\x00\x11\x03"+strings.Repeat("\x00", 58)))
}
