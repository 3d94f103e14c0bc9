// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"bytes"

	"breakwater/harbour"
)

var sshProtocol = Protocol{
	Name: "ssh", Title: "Secure Shell", Short: "SSH", Also: []string{"sftp", "scp"}, Over: OverTCP, Ports: []uint16{22}, Probe: sshProbe, Read: sshRead, StreamBytes: 4 << 10,
}

func sshProbe(b []byte) (Fit, Side) {
	const mark = "SSH-"
	switch {
	case len(b) < len(mark):
		if string(b) == mark[:len(b)] {
			return Short, AnySide
		}
		return No, AnySide
	case string(b[:len(mark)]) == mark:
		return Good, AnySide
	}
	return No, AnySide
}

// sshRead reads the line that each side starts with; the key exchange behind it is left alone. A server may send other
// lines first.
func sshRead(m *Message, b []byte) {
	for len(b) > 0 {
		line, rest, whole := bytes.Cut(b, []byte("\n"))
		if !whole && !m.Closed && len(line) < 512 {
			return
		}
		if bytes.HasPrefix(line, []byte("SSH-")) {
			if whole || len(line) < 512 {
				sshBanner(m, bytes.TrimRight(line, "\r"))
			}
			m.Done()
			return
		}
		if !whole {
			m.Done()
			return
		}
		b = rest
	}
}

func sshBanner(m *Message, line []byte) {
	version, software, ok := bytes.Cut(line[len("SSH-"):], []byte("-"))
	if !ok || len(version) == 0 || len(version) > 8 {
		return
	}
	id := m.Sender()
	if m.From == ServerSide { // a client speaks what its server does
		m.Attr(id, harbour.AttrSSHVersion, version, harbour.Stated)
	}
	name := harbour.AttrUserAgent
	if m.From == ServerSide {
		name = harbour.AttrServerBanner
	}
	m.Attr(id, name, line, harbour.Stated)
	software, comment, _ := bytes.Cut(software, []byte(" "))
	m.Attr(id, harbour.AttrSoftware, sshSoftware(software), harbour.Stated)
	for _, system := range []string{"Ubuntu", "Debian", "Raspbian", "FreeBSD", "NetBSD"} {
		if bytes.HasPrefix(comment, []byte(system)) {
			m.AttrString(id, harbour.AttrOS, system, harbour.Confirmed)
		}
	}
}

// sshSoftware puts a space between name and version: OpenSSH_9.6p1 is OpenSSH 9.6p1.
func sshSoftware(v []byte) []byte {
	for i := 1; i+1 < len(v); i++ {
		if (v[i] == '_' || v[i] == '-') && (v[i+1] >= '0' && v[i+1] <= '9') {
			return append(append(append([]byte(nil), v[:i]...), ' '), v[i+1:]...)
		}
	}
	return v
}
