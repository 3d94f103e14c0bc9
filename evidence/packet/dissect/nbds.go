// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"bytes"
	"encoding/binary"
	"strconv"

	"breakwater/evidence"
	"breakwater/harbour"
	"breakwater/wire"
)

var nbdsProtocol = Protocol{
	Name: "netbios_datagram", Title: "NetBIOS Datagram Service", Short: "NetBIOS datagram", Also: []string{"nbds", "netbios_dgm"}, Over: OverUDP, Ports: []uint16{138}, OneSided: true,
	First: []byte{0x10, 0x11, 0x12}, Probe: nbdsProbe, Read: nbdsRead,
}

const (
	nbdsHeader = 14
	nbdsName   = 34 // an encoded name without scope

	nbdsHostAnnouncement   = 0x01
	nbdsDomainAnnouncement = 0x0c
	nbdsLocalMaster        = 0x0f
)

func nbdsProbe(b []byte) (Fit, Side) {
	if len(b) < nbdsHeader+2*nbdsName || b[0] < 0x10 || b[0] > 0x12 || b[nbdsHeader] != 32 {
		return No, AnySide
	}
	if _, _, ok := nbnsName(b[nbdsHeader+1:]); !ok {
		return No, AnySide
	}
	return Good, ClientSide
}

func nbdsRead(m *Message, b []byte) {
	if fit, _ := nbdsProbe(b); fit != Good {
		return
	}
	if evidence.V4(b[4:8]) != m.Packet.Src {
		return // passed on by another host
	}
	if name, suffix, ok := nbnsName(b[nbdsHeader+1:]); ok && (suffix == 0x00 || suffix == 0x20) {
		m.Attr(m.Sender(), harbour.AttrHostname, bytes.TrimRight(name[:], " \x00"), harbour.Stated)
	}
	rest := b[nbdsHeader:]
	for range 2 {
		i := bytes.IndexByte(rest, 0)
		if i < 0 {
			return
		}
		rest = rest[i+1:]
	}
	if data := nbdsMailslot(rest); data != nil {
		nbdsBrowse(m, data)
	}
}

// nbdsMailslot returns the data of an SMB transaction to the mailslot of the computer browser, nil for all else.
func nbdsMailslot(b []byte) []byte {
	const words = 33 // offset of the first parameter word: SMB header and word count
	if len(b) < words+34 || string(b[:5]) != "\xffSMB\x25" || b[32] < 14 {
		return nil
	}
	size := int(binary.LittleEndian.Uint16(b[words+22:]))
	at := int(binary.LittleEndian.Uint16(b[words+24:]))
	if at < words+2*int(b[32]) || at+size > len(b) {
		return nil
	}
	if !bytes.Contains(b[words:at], []byte(`\MAILSLOT\BROWSE`)) {
		return nil
	}
	return b[at : at+size]
}

// nbdsBrowse reads an announcement: a host tells its name, the version of its system and its comment.
func nbdsBrowse(m *Message, b []byte) {
	r := wire.Read(b)
	kind := r.U8()
	r.Skip(5)
	name := wire.CString(r.Bytes(16))
	major, minor := r.U8(), r.U8()
	server := r.U32LE()
	r.Skip(4)
	if !r.OK() {
		return
	}
	id := m.Sender()
	switch kind {
	case nbdsDomainAnnouncement:
		m.Attr(id, harbour.AttrDomainName, name, harbour.Stated)
	case nbdsHostAnnouncement, nbdsLocalMaster:
		m.Attr(id, harbour.AttrHostname, name, harbour.Stated)
		m.Attr(id, harbour.AttrDescription, wire.CString(r.Rest()), harbour.Stated)
		if server&0x800 == 0 && server&0x9000 != 0 { // says NT and not Unix
			var buf [32]byte
			s := append(buf[:0], "Windows NT "...)
			s = strconv.AppendUint(s, uint64(major), 10)
			s = append(s, '.')
			m.Attr(id, harbour.AttrOS, strconv.AppendUint(s, uint64(minor), 10), harbour.Confirmed)
		}
		for _, role := range nbdsRoles {
			if server&role.bit != 0 {
				m.AttrString(id, harbour.AttrServiceName, role.name, harbour.Stated)
			}
		}
	}
}

// nbdsRoles are the bits of an announcement that say what the host serves.
var nbdsRoles = []struct {
	bit  uint32
	name string
}{
	{0x0004, "sql server"},
	{0x0008, "domain controller"},
	{0x0010, "backup domain controller"},
	{0x0200, "print server"},
	{0x0400, "dial-in server"},
	{0x8000, "windows server"},
}
