// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"bytes"
	"encoding/binary"

	"breakwater/harbour"
	"breakwater/wire"
)

var smbProtocol = Protocol{
	Name: "smb", Title: "Server Message Block", Short: "SMB", Also: []string{"cifs", "smb2", "smb3", "samba", "microsoft_ds"}, Over: OverTCP, Ports: []uint16{445, 139},
	First: []byte{0x00, 0x81, 0x82, 0x83, 0x84, 0x85}, Probe: smbProbe, Frame: smbFrame, Read: smbRead,
}

const (
	smbHead1       = 32 // header of version 1
	smbHead2       = 64 // header of versions 2 and 3
	smbMaxDialects = 32
)

// smbState is what is kept of the negotiation.
type smbState struct {
	dialects []string // offered in the last request of version 1
	done     bool
}

func smbFrame(b []byte, _ Side) int {
	if len(b) < 4 {
		return 0
	}
	switch {
	case b[0] == 0:
		return 4 + (int(b[1])<<16 | int(b[2])<<8 | int(b[3]))
	case b[0] >= 0x81 && b[0] <= 0x85 && b[1] <= 1:
		return 4 + int(binary.BigEndian.Uint16(b[2:]))
	}
	return -1
}

func smbProbe(b []byte) (Fit, Side) {
	if len(b) < 4 {
		return Short, AnySide
	}
	n := smbFrame(b, AnySide)
	if n < 0 {
		return No, AnySide
	}
	switch b[0] {
	case 0x00:
		return smbProbeMessage(b[4:], n-4)
	case 0x81:
		if n < 4+2*nbdsName {
			return No, AnySide
		}
		if len(b) < 4+nbdsName {
			return Short, AnySide
		}
		if _, _, ok := nbnsName(b[5:]); ok && b[4] == 32 {
			return Good, ClientSide
		}
	case 0x82:
		if n == 4 {
			return Weak, ServerSide
		}
	case 0x83:
		if n == 5 {
			return Weak, ServerSide
		}
	case 0x85:
		if n == 4 {
			return Weak, AnySide
		}
	}
	return No, AnySide
}

func smbProbeMessage(b []byte, n int) (Fit, Side) {
	if n < smbHead1 {
		return No, AnySide
	}
	if len(b) < 20 {
		return Short, AnySide
	}
	if string(b[1:4]) != "SMB" {
		return No, AnySide
	}
	answer := false
	switch b[0] {
	case 0xff:
		answer = b[9]&0x80 != 0
	case 0xfe:
		answer = b[16]&1 != 0
	case 0xfc, 0xfd: // compressed, encrypted
		return Good, AnySide
	default:
		return No, AnySide
	}
	if answer {
		return Good, ServerSide
	}
	return Good, ClientSide
}

// smbRead follows the negotiation up to the server's choice and nothing after it.
func smbRead(m *Message, b []byte) {
	st, ok := m.Flow.State.(*smbState)
	if ok && st.done || len(b) < 4 {
		return
	}
	if b[0] == 0x81 {
		smbSession(m, b[4:])
		return
	}
	b = b[4:]
	if len(b) < smbHead1+3 || string(b[1:4]) != "SMB" {
		return
	}
	if !ok {
		st = new(smbState)
		m.Flow.State = st
	}
	switch {
	case b[0] == 0xff && b[4] == 0x72 && b[9]&0x80 == 0:
		st.offer(b[smbHead1:])
	case b[0] == 0xff && b[4] == 0x72:
		st.choice(m, b[smbHead1:])
	case b[0] == 0xfe && len(b) >= smbHead2+6 && binary.LittleEndian.Uint16(b[12:]) == 0 && b[16]&1 != 0:
		st.choice2(m, b[smbHead2:])
	case b[0] == 0xff || b[0] == 0xfe && len(b) >= smbHead2 && binary.LittleEndian.Uint16(b[12:]) != 0:
		st.done = true // the negotiation is over, or was not captured
		st.dialects = nil
	}
}

// offer keeps the dialects of a request of version 1, of which the answer names one by number.
func (st *smbState) offer(b []byte) {
	r := wire.Read(b)
	r.Skip(2 * int(r.U8()))
	list := r.Bytes(min(int(r.U16LE()), r.Len()))
	st.dialects = st.dialects[:0]
	for len(list) > 1 && list[0] == 2 && len(st.dialects) < smbMaxDialects {
		name, rest, ok := bytes.Cut(list[1:], []byte{0})
		if !ok || len(name) > 64 {
			return
		}
		st.dialects = append(st.dialects, string(name))
		list = rest
	}
}

// choice reads an answer of version 1. The server uses version 1 only if it names a dialect of it: one that supports
// none of the offered dialects says ffff, and one that prefers version 2 answers in version 2.
func (st *smbState) choice(m *Message, b []byte) {
	r := wire.Read(b)
	words, index := r.U8(), r.U16LE()
	if !r.OK() || words == 0 || index == 0xffff {
		return
	}
	st.done = true
	name := "SMB 1"
	switch {
	case int(index) < len(st.dialects):
		name += " (" + st.dialects[index] + ")"
	case words == 17:
		name += " (NT LM 0.12)"
	}
	st.dialects = nil
	m.AttrString(m.Sender(), harbour.AttrSMBDialect, name, harbour.Confirmed)
}

func (st *smbState) choice2(m *Message, b []byte) {
	r := wire.Read(b)
	size := r.U16LE()
	r.U16LE()
	dialect := r.U16LE()
	if !r.OK() || size != 65 {
		return
	}
	name := ""
	switch dialect {
	case 0x0202:
		name = "SMB 2.0.2"
	case 0x0210:
		name = "SMB 2.1"
	case 0x0300:
		name = "SMB 3.0"
	case 0x0302:
		name = "SMB 3.0.2"
	case 0x0311:
		name = "SMB 3.1.1"
	default:
		return // 02ff: version 2, and the two negotiate once more which
	}
	st.done = true
	st.dialects = nil
	m.AttrString(m.Sender(), harbour.AttrSMBDialect, name, harbour.Confirmed)
}

// smbSession reads the NetBIOS names with which a session over port 139 begins.
func smbSession(m *Message, b []byte) {
	if len(b) < 2*nbdsName || b[0] != 32 || b[nbdsName] != 32 {
		return
	}
	called, _, ok := nbnsName(b[1:])
	if text := bytes.TrimRight(called[:], " \x00"); ok && len(text) > 0 && text[0] != '*' {
		m.Attr(m.Receiver(), harbour.AttrHostname, text, harbour.Likely)
	}
	if calling, _, ok := nbnsName(b[nbdsName+1:]); ok {
		m.Attr(m.Sender(), harbour.AttrHostname, bytes.TrimRight(calling[:], " \x00"), harbour.Stated)
	}
}
