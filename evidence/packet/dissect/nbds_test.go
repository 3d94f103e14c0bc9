// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"strings"
	"testing"
)

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
