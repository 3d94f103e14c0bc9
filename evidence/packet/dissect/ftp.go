// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"bytes"

	"breakwater/harbour"
)

var ftpProtocol = Protocol{
	Name: "ftp", Title: "File Transfer Protocol (control)", Short: "FTP", Also: []string{"ftp_control"}, Over: OverTCP, Ports: []uint16{21},
	Probe: ftpProbe, Frame: ftpFrame, Read: ftpRead, Cleartext: true,
}

const ftpMaxLine = 2048

// ftpState follows a login.
type ftpState struct {
	user      loginUser
	password  bool // a password was sent for this user
	isDefault bool
	over      bool // logged in, or the channel is encrypted now
}

// ftpFrame cuts lines.
func ftpFrame(b []byte, _ Side) int {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return i + 1
	}
	if len(b) >= ftpMaxLine {
		return len(b)
	}
	return 0
}

// ftpProbe knows a server by its greeting and a client by the commands that a session begins with. Mail servers greet
// with the same number.
func ftpProbe(b []byte) (Fit, Side) {
	line := b[:min(len(b), ftpMaxLine)]
	if len(line) < 4 {
		return Short, AnySide
	}
	if line[0] == '2' || line[0] == '1' || line[0] == '4' {
		return ftpProbeReply(b, line)
	}
	word, _, _ := bytes.Cut(line, []byte(" "))
	word = bytes.TrimRight(word, "\r\n")
	if i := bytes.IndexByte(word, '\n'); i >= 0 {
		word = bytes.TrimRight(word[:i], "\r")
	}
	for _, c := range []string{"USER", "AUTH", "FEAT", "SYST", "PASS", "OPTS", "HOST", "CLNT"} {
		if bytes.EqualFold(word, []byte(c)) {
			return Weak, ClientSide
		}
	}
	return No, AnySide
}

func ftpProbeReply(b, line []byte) (Fit, Side) {
	switch string(line[:3]) {
	case "220", "120", "421":
	default:
		return No, AnySide
	}
	if line[3] != ' ' && line[3] != '-' || bytes.Contains(line, []byte("SMTP")) {
		return No, AnySide
	}
	for i := 0; i+3 <= len(line); i++ {
		if bytes.EqualFold(line[i:i+3], []byte("ftp")) {
			return Good, ServerSide
		}
	}
	if bytes.IndexByte(b, '\n') < 0 && len(b) < ftpMaxLine {
		return Short, AnySide
	}
	return Weak, ServerSide
}

func ftpRead(m *Message, b []byte) {
	st, ok := m.Flow.State.(*ftpState)
	if !ok {
		st = new(ftpState)
		m.Flow.State = st
	}
	if m.Gap {
		st.user.set(nil)
		st.password = false
	}
	b = bytes.TrimRight(b, "\r\n")
	switch {
	case st.over:
		m.Done()
	case m.From == ServerSide:
		st.reply(m, b)
	default:
		st.command(b)
	}
}

func (st *ftpState) command(b []byte) {
	verb, argument, _ := bytes.Cut(b, []byte(" "))
	switch {
	case bytes.EqualFold(verb, []byte("USER")):
		st.user.set(argument)
		st.password, st.isDefault = false, false
	case bytes.EqualFold(verb, []byte("PASS")):
		st.password = true
		st.isDefault = loginIsDefault(st.user.name(), argument)
	}
}

func (st *ftpState) reply(m *Message, b []byte) {
	if len(b) < 4 || b[3] != ' ' && b[3] != '-' {
		return
	}
	switch string(b[:3]) {
	case "220":
		m.Attr(m.Sender(), harbour.AttrServerBanner, b[4:], harbour.Stated)
	case "234": // the rest is encrypted
		st.end(m)
	case "230":
		if st.password && st.user.n > 0 && !ftpAnonymous(st.user.name()) {
			var buf [96]byte
			v := append(append(buf[:0], "ftp user "...), st.user.name()...)
			m.Attr(m.Sender(), harbour.AttrCleartextLogin, v, harbour.Confirmed)
			if st.isDefault {
				m.Attr(m.Sender(), harbour.AttrDefaultLogin, v, harbour.Confirmed)
			}
		}
		st.end(m)
	case "430", "530":
		st.user.set(nil)
		st.password, st.isDefault = false, false
	}
}

func (st *ftpState) end(m *Message) {
	*st = ftpState{over: true}
	m.Done()
}

func ftpAnonymous(user []byte) bool {
	return bytes.EqualFold(user, []byte("anonymous")) || bytes.EqualFold(user, []byte("ftp"))
}
