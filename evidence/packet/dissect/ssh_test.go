// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"strings"
	"testing"
)

func TestSSHRead(t *testing.T) {
	for name, tt := range map[string]struct {
		s     say
		facts string
	}{
		"server": {
			response("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n\x00\x00\x04\x2c"),
			"10.0.0.2 ssh_version=2.0\n10.0.0.2 server_banner=SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\n10.0.0.2 software=OpenSSH 9.2p1\n10.0.0.2 os=Debian\n",
		},
		"old":              {response("SSH-1.5-Cisco-1.25\n"), "10.0.0.2 ssh_version=1.5\n10.0.0.2 server_banner=SSH-1.5-Cisco-1.25\n10.0.0.2 software=Cisco 1.25\n"},
		"both versions":    {response("SSH-1.99-OpenSSH_3.4p1\r\n"), "10.0.0.2 ssh_version=1.99\n10.0.0.2 server_banner=SSH-1.99-OpenSSH_3.4p1\n10.0.0.2 software=OpenSSH 3.4p1\n"},
		"client":           {request("SSH-2.0-PuTTY_Release_0.78\r\n"), "10.0.0.1 user_agent=SSH-2.0-PuTTY_Release_0.78\n10.0.0.1 software=PuTTY_Release 0.78\n"},
		"lines before":     {response("Keep out\r\nSSH-2.0-dropbear\r\n"), "10.0.0.2 ssh_version=2.0\n10.0.0.2 server_banner=SSH-2.0-dropbear\n10.0.0.2 software=dropbear\n"},
		"line not over":    {response("SSH-2.0-OpenSSH_9"), ""},
		"no version":       {response("SSH-\r\n"), ""},
		"endless line":     {response("SSH-2.0-" + strings.Repeat("a", 600)), ""},
		"not the protocol": {response("220 hello\r\n"), ""},
	} {
		t.Run(name, func(t *testing.T) { wantText(t, "facts", facts(exchange(t, &sshProtocol, tt.s)), tt.facts) })
	}
	wantProbe(t, &sshProtocol, "banner", []byte("SSH-2.0-a\r\n"), Good, AnySide)
	wantProbe(t, &sshProtocol, "start", []byte("SS"), Short, AnySide)
	wantProbe(t, &sshProtocol, "other text", []byte("SSL is not it"), No, AnySide)
}

func FuzzSSH(f *testing.F) {
	fuzzProtocol(f, &sshProtocol, []byte("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), []byte("hello\r\nSSH-1.5-a\n"))
}
