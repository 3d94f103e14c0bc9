// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"bytes"
	"strconv"

	"breakwater/evidence"
	"breakwater/harbour"
	"breakwater/wire"
)

var lldpProtocol = Protocol{
	Name: "lldp", Title: "Link Layer Discovery Protocol", Short: "LLDP", Over: OverEthernet, EtherTypes: []uint16{0x88cc}, OneSided: true,
	Read: lldpRead,
}

// lldpRead reads one announcement. The frame comes from the port, whose address is seldom that of the chassis; both are
// the same device and are linked.
func lldpRead(m *Message, b []byte) {
	if !lldpValid(b) {
		return
	}
	id := m.Sender()
	var station []byte // a chassis id that is a name
	named, profinet := false, false
	for r := wire.Read(b); r.Len() >= 2; {
		head := r.U16()
		v := r.Bytes(int(head & 0x1ff))
		if !r.OK() || head>>9 == 0 {
			break
		}
		if len(v) == 0 {
			continue
		}
		switch head >> 9 {
		case 1:
			lldpChassis(m, id, v)
			if v[0] == 7 && wire.Printable(v[1:]) {
				station = v[1:]
			}
		case 2:
			lldpPort(m, id, v)
		case 4:
			m.Attr(id, harbour.AttrPortDescription, v, harbour.Stated)
		case 5:
			named = true
			m.Attr(id, harbour.AttrSystemName, v, harbour.Stated)
			m.Attr(id, harbour.AttrHostname, v, harbour.Stated)
		case 6:
			m.Attr(id, harbour.AttrDescription, v, harbour.Stated)
			m.Attr(id, harbour.AttrFirmware, cdpVersion(v), harbour.Stated)
			lldpSiemens(m, id, v)
		case 7:
			lldpCapabilities(m, id, v)
		case 8:
			lldpManagement(m, id, v)
		case 127:
			lldpOrganisation(m, id, v)
			profinet = profinet || bytes.HasPrefix(v, []byte("\x00\x0e\xcf"))
		}
	}
	if profinet && !named { // the chassis id of a PROFINET device is its station name
		m.Attr(id, harbour.AttrSystemName, station, harbour.Stated)
	}
}

// lldpSiemens takes apart the description that this vendor's devices give in a fixed order:
// "Siemens, SIMATIC NET, SCALANCE X212-2, 6GK5 212-2BB00-2AA3, HW: 7, FW: V4.02".
func lldpSiemens(m *Message, id evidence.EndpointID, v []byte) {
	rest, ok := bytes.CutPrefix(v, []byte("Siemens, "))
	if !ok {
		return
	}
	m.AttrString(id, harbour.AttrVendor, "Siemens", harbour.Stated)
	var before []byte
	for len(rest) > 0 {
		var part []byte
		part, rest, _ = bytes.Cut(rest, []byte(","))
		part = bytes.TrimSpace(part)
		switch {
		case bytes.HasPrefix(part, []byte("HW:")):
			m.Attr(id, harbour.AttrHardwareRevision, part[3:], harbour.Stated)
		case bytes.HasPrefix(part, []byte("FW:")):
			m.Attr(id, harbour.AttrFirmware, part[3:], harbour.Stated)
		case lldpOrderNumber(part):
			m.Attr(id, harbour.AttrOrderNumber, part, harbour.Stated)
			m.Attr(id, harbour.AttrModel, before, harbour.Stated)
		}
		before = part
	}
}

// lldpOrderNumber knows numbers such as 6ES7 212-1AE40-0XB0.
func lldpOrderNumber(v []byte) bool {
	return len(v) >= 12 && len(v) <= 24 && v[0] == '6' && v[1] >= 'A' && v[1] <= 'Z' && v[2] >= 'A' && v[2] <= 'Z' &&
		v[3] >= '0' && v[3] <= '9' && bytes.IndexByte(v, '-') > 0
}

// lldpValid wants the three parts that every announcement starts with: chassis, port, lifetime.
func lldpValid(b []byte) bool {
	r := wire.Read(b)
	for kind := uint16(1); kind <= 3; kind++ {
		head := r.U16()
		if v := r.Bytes(int(head & 0x1ff)); head>>9 != kind || len(v) < 2 {
			return false
		}
	}
	return r.OK()
}

func lldpChassis(m *Message, id evidence.EndpointID, v []byte) {
	kind, v := v[0], v[1:]
	switch {
	case kind == 4 && len(v) == 6:
		lldpSame(m, id, evidence.MAC(v))
		m.AttrString(id, harbour.AttrChassisID, evidence.MAC(v).String(), harbour.Stated)
	case kind == 5:
		if ip, ok := lldpAddress(v); ok {
			m.AttrString(id, harbour.AttrChassisID, ip.String(), harbour.Stated)
		}
	case kind <= 7 && wire.Printable(v):
		m.Attr(id, harbour.AttrChassisID, v, harbour.Stated)
	}
}

// lldpSame links the sender with its other address.
func lldpSame(m *Message, id evidence.EndpointID, mac evidence.MAC) {
	if mac.None() || mac.Group() || m.Packet.HasMAC && m.Packet.SrcMAC == mac {
		return
	}
	m.Ledger.Link(id, m.Host(mac, evidence.IP{}), m.Place)
}

func lldpPort(m *Message, id evidence.EndpointID, v []byte) {
	kind, v := v[0], v[1:]
	switch {
	case kind == 3 && len(v) == 6:
		lldpSame(m, id, evidence.MAC(v))
		m.AttrString(id, harbour.AttrPortID, evidence.MAC(v).String(), harbour.Stated)
	case kind == 4:
		if ip, ok := lldpAddress(v); ok {
			m.AttrString(id, harbour.AttrPortID, ip.String(), harbour.Stated)
		}
	case kind <= 7:
		m.Attr(id, harbour.AttrPortID, v, harbour.Stated)
	}
}

// lldpAddress reads an address behind its family number.
func lldpAddress(v []byte) (ip evidence.IP, ok bool) {
	switch {
	case len(v) == 5 && v[0] == 1:
		ip = evidence.V4(v[1:])
	case len(v) == 17 && v[0] == 2:
		ip = evidence.V6(v[1:])
	}
	return ip, !ip.None() && !ip.Group() && !ip.Loopback()
}

// The words for capabilities; CDP uses the same.
var lldpWords = []string{
	"other", "repeater", "bridge", "wireless access point", "router", "telephone", "cable modem", "station",
	"customer vlan bridge", "service vlan bridge", "two-port relay",
}

// lldpCapabilities reports what is enabled, not what the device could do.
func lldpCapabilities(m *Message, id evidence.EndpointID, v []byte) {
	r := wire.Read(v)
	r.U16()
	var buf [256]byte
	if enabled := r.U16(); r.OK() {
		m.Attr(id, harbour.AttrCapabilities, lldpBits(buf[:0], uint32(enabled), lldpWords), harbour.Stated)
	}
}

// lldpBits lists the words of the set bits, lowest first.
func lldpBits(dst []byte, bits uint32, words []string) []byte {
	for i, w := range words {
		if bits&(1<<i) == 0 || w == "" {
			continue
		}
		if len(dst) > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(dst, w...)
	}
	return dst
}

func lldpManagement(m *Message, id evidence.EndpointID, v []byte) {
	r := wire.Read(v)
	a := r.Bytes(int(r.U8()))
	if len(a) == 7 && a[0] == 6 {
		lldpSame(m, id, evidence.MAC(a[1:]))
		return
	}
	if ip, ok := lldpAddress(a); ok {
		lldpManagedAt(m, id, ip)
	}
}

// lldpManagedAt reports the address at which the device is managed and ties it to the device.
func lldpManagedAt(m *Message, id evidence.EndpointID, ip evidence.IP) {
	m.AttrString(id, harbour.AttrManagementIP, ip.String(), harbour.Stated)
	if m.Packet.HasMAC {
		m.Ledger.Link(id, m.Host(m.Packet.SrcMAC, ip), m.Place)
	}
}

// lldpMED are the inventory parts of LLDP for media endpoints by subtype.
var lldpMED = [...]string{
	5: harbour.AttrHardwareRevision, 6: harbour.AttrFirmware, 7: harbour.AttrSoftware, 8: harbour.AttrSerial,
	9: harbour.AttrVendor, 10: harbour.AttrModel, 11: harbour.AttrTag,
}

func lldpOrganisation(m *Message, id evidence.EndpointID, v []byte) {
	r := wire.Read(v)
	oui, kind := r.U24(), r.U8()
	if !r.OK() {
		return
	}
	var buf [64]byte
	switch {
	case oui == 0x0080c2 && kind == 1: // IEEE 802.1: VLAN of untagged frames
		if vlan := r.U16(); r.OK() && vlan != 0 {
			m.Attr(id, harbour.AttrNativeVLAN, strconv.AppendUint(buf[:0], uint64(vlan), 10), harbour.Stated)
		}
	case oui == 0x0080c2 && kind == 3: // VLAN with name
		vlan := r.U16()
		if name := r.Bytes(int(r.U8())); r.OK() && len(name) <= 32 {
			s := append(strconv.AppendUint(buf[:0], uint64(vlan), 10), ' ')
			m.Attr(id, harbour.AttrVLAN, append(s, name...), harbour.Stated)
		}
	case oui == 0x00120f && kind == 4: // IEEE 802.3: largest frame
		if size := r.U16(); r.OK() && size != 0 {
			m.Attr(id, harbour.AttrMTU, strconv.AppendUint(buf[:0], uint64(size), 10), harbour.Stated)
		}
	case oui == 0x0012bb && int(kind) < len(lldpMED) && lldpMED[kind] != "":
		m.Attr(id, lldpMED[kind], r.Rest(), harbour.Stated)
	case oui == 0x000ecf && kind == 5 && r.Len() == 6: // PROFINET: the device's own address
		lldpSame(m, id, evidence.MAC(r.Rest()))
	}
}
