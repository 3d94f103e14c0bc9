// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"bytes"
	"encoding/binary"

	"breakwater/evidence"
	"breakwater/harbour"
	"breakwater/wire"
)

var nbnsProtocol = Protocol{
	Name: "nbns", Title: "NetBIOS Name Service", Short: "NBNS", Also: []string{"netbios", "netbios_ns"}, Over: OverUDP, Ports: []uint16{137}, OneSided: true,
	Probe: nbnsProbe, Read: nbnsRead,
}

const (
	nbnsTypeName   = 0x20
	nbnsTypeStatus = 0x21

	nbnsOpQuery   = 0
	nbnsOpRefresh = 8
	nbnsGroup     = 0x8000
)

// nbnsName decodes the 32 letters that carry a NetBIOS name: 15 characters and a suffix that says what has this name.
func nbnsName(letters []byte) (name [15]byte, suffix uint8, ok bool) {
	if len(letters) < 32 {
		return name, 0, false
	}
	var raw [16]byte
	for i := range raw {
		hi, lo := letters[2*i]-'A', letters[2*i+1]-'A'
		if hi > 15 || lo > 15 {
			return name, 0, false
		}
		raw[i] = hi<<4 | lo
	}
	copy(name[:], raw[:15])
	return name, raw[15], true
}

// nbnsProbe knows the messages by the encoding of their first name.
func nbnsProbe(b []byte) (Fit, Side) {
	h, ok := dnsReadHead(b)
	if !ok || len(b) < dnsHeader+34 || b[dnsHeader] != 32 || h.counts[0] > 1 || h.counts[0]+h.counts[1] == 0 {
		return No, AnySide
	}
	if _, _, ok := nbnsName(b[dnsHeader+1:]); !ok {
		return No, AnySide
	}
	if h.response() {
		return Good, ServerSide
	}
	return Good, ClientSide
}

func nbnsRead(m *Message, b []byte) {
	h, ok := dnsReadHead(b)
	if !ok || h.rcode() != 0 {
		return
	}
	op := h.opcode()
	register := !h.response() && (op == 5 || op == nbnsOpRefresh || op == 9)
	answer := h.response() && op == nbnsOpQuery
	if !register && !answer {
		return
	}
	for w := dnsEntries(b); w.next(); {
		rec := &w.rec
		if rec.section == 0 || rec.class != dnsClassIN {
			continue
		}
		switch {
		case rec.kind == nbnsTypeStatus && answer:
			nbnsStatus(m, rec.data)
		case rec.kind == nbnsTypeName:
			name, suffix, ok := nbnsName(rec.name())
			for d := rec.data; ok && len(d) >= 6; d = d[6:] {
				nbnsOwner(m, evidence.V4(d[2:]), name, suffix, binary.BigEndian.Uint16(d)&nbnsGroup != 0, register)
			}
		}
	}
}

// nbnsOwner reports a name of an address: as the host's own statement where it registers for the address it sends from.
func nbnsOwner(m *Message, ip evidence.IP, name [15]byte, suffix uint8, group, register bool) {
	switch {
	case ip.None() || ip.Group() || ip.Loopback():
	case ip == m.Packet.Src:
		nbnsFact(m, m.Sender(), name, suffix, group, harbour.Stated)
	case !register:
		nbnsFact(m, m.Host(evidence.MAC{}, ip), name, suffix, group, harbour.Likely)
	}
}

// nbnsFact turns a name into a fact by its suffix.
func nbnsFact(m *Message, id evidence.EndpointID, name [15]byte, suffix uint8, group bool, c harbour.Confidence) {
	text := bytes.TrimRight(name[:], " \x00")
	if len(text) == 0 || text[0] < ' ' || text[0] == '*' {
		return // the browser's "\x01\x02__MSBROWSE__" and wildcards name no host
	}
	switch {
	case group && (suffix == 0x00 || suffix == 0x1c || suffix == 0x1e), !group && (suffix == 0x1b || suffix == 0x1d):
		m.Attr(id, harbour.AttrDomainName, text, c)
	case !group && (suffix == 0x00 || suffix == 0x20):
		m.Attr(id, harbour.AttrHostname, text, c)
	}
	if s := nbnsService(suffix, group); s != "" {
		m.AttrString(id, harbour.AttrServiceName, s, c)
	}
}

// nbnsService says which service a suffix stands for. Suffix 0x03 can be a person's name and is left out.
func nbnsService(suffix uint8, group bool) string {
	switch {
	case !group && suffix == 0x00:
		return "netbios workstation"
	case !group && suffix == 0x20:
		return "netbios file server"
	case !group && suffix == 0x1b:
		return "netbios domain master browser"
	case !group && suffix == 0x1d:
		return "netbios master browser"
	case group && suffix == 0x1c:
		return "netbios domain controller"
	}
	return ""
}

// nbnsStatus reads the table of names that a host gives of itself, and the adapter's address behind it.
func nbnsStatus(m *Message, data []byte) {
	r := wire.Read(data)
	n := int(r.U8())
	for range n {
		v := r.Bytes(15)
		suffix, flags := r.U8(), r.U16()
		if !r.OK() {
			return
		}
		nbnsFact(m, m.Sender(), [15]byte(v), suffix, flags&nbnsGroup != 0, harbour.Stated)
	}
	if v := r.Bytes(6); r.OK() {
		if mac := evidence.MAC(v); !mac.None() && !mac.Group() {
			m.AttrString(m.Sender(), harbour.AttrMAC, mac.String(), harbour.Stated)
		}
	}
}
