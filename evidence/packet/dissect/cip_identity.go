// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"breakwater/evidence"
	"breakwater/harbour"
	"breakwater/tables/cip"
	"breakwater/wire"
)

// cipAllAttributes are the attributes of the identity object in the order in which a whole answer has them.
var cipAllAttributes = []uint16{1, 2, 3, 4, 5, 6, 7, 8}

// cipTells says whether replies about a class hold facts about the device.
func cipTells(class uint32) bool {
	return class == cipIdentityClass || class == cipTCPIP || class == cipEthernetLink || class == cipProgramName
}

// told takes what a reply says about the device. What was asked of a module behind it is told as such and never as a
// property of the device itself; where the way is not known the facts are likely at best.
func (st *cipState) told(m *Message, a *cipAsked, data []byte) {
	if a.instance == 0 || a.instance > 1 && a.class == cipIdentityClass {
		return // attributes of the class, not of the device
	}
	id := m.Server
	if a.unsure {
		defer func(c bool) { m.Confirmed = c }(m.Confirmed)
		m.Confirmed = false
	}
	r := wire.Read(data)
	if a.class == cipProgramName && a.service == cipGetAttributesAll {
		cipProgramOf(m, id, &r, &a.route)
		return
	}
	if a.route.n > 0 {
		if a.class == cipIdentityClass && a.service == cipGetAttributesAll {
			cipModule(m, id, &r, &a.route)
		}
		return
	}
	switch a.service {
	case cipGetAttributesAll:
		if a.class == cipIdentityClass {
			cipIdentity(m, id, &r, cipAllAttributes)
		}
	case cipGetAttributeSingle:
		cipAttribute(m, id, &r, a.class, uint16(a.attribute))
	case cipGetAttributeList:
		for range r.U16LE() {
			number, status := r.U16LE(), r.U16LE()
			if !r.OK() {
				return
			}
			if status == 0 && !cipAttribute(m, id, &r, a.class, number) {
				return
			}
		}
	}
}

// cipIdentity reads attributes of the identity object that follow one another.
func cipIdentity(m *Message, id evidence.EndpointID, r *wire.Reader, attributes []uint16) {
	for _, n := range attributes {
		if r.Len() == 0 || !cipAttribute(m, id, r, cipIdentityClass, n) {
			return
		}
	}
}

// cipAttribute reads one attribute and returns false where its length is not known.
func cipAttribute(m *Message, id evidence.EndpointID, r *wire.Reader, class uint32, number uint16) bool {
	var buf [64]byte
	say := func(name string, v []byte) {
		if r.OK() {
			m.Attr(id, name, v, harbour.Stated)
		}
	}
	switch class<<16 | uint32(number) {
	case cipIdentityClass<<16 | 1:
		v := r.U16LE()
		say(harbour.AttrVendorID, appendNumber(buf[:0], uint64(v)))
		say(harbour.AttrVendorID, wire.AppendHex(buf[:0], uint64(v), 4)) // lists and tools use one or the other
		say(harbour.AttrVendor, append(buf[:0], cip.Vendor(v)...))
	case cipIdentityClass<<16 | 2:
		v := r.U16LE()
		say(harbour.AttrDeviceTypeID, appendNumber(buf[:0], uint64(v)))
		say(harbour.AttrDeviceType, append(buf[:0], cip.DeviceType(v)...))
	case cipIdentityClass<<16 | 3:
		say(harbour.AttrProductCode, appendNumber(buf[:0], uint64(r.U16LE())))
	case cipIdentityClass<<16 | 4:
		major, minor := r.U8()&0x7f, r.U8()
		v := appendNumber(append(appendNumber(buf[:0], uint64(major)), '.'), uint64(minor))
		say(harbour.AttrRevision, v)
		say(harbour.AttrFirmware, v)
	case cipIdentityClass<<16 | 5:
		say(harbour.AttrDeviceStatus, wire.AppendHex(buf[:0], uint64(r.U16LE()), 4))
	case cipIdentityClass<<16 | 6:
		if v := r.U32LE(); v != 0 {
			say(harbour.AttrSerial, wire.AppendHex(buf[:0], uint64(v), 8))
		}
	case cipIdentityClass<<16 | 7:
		v := r.Bytes(int(r.U8()))
		say(harbour.AttrProductName, v)
		say(harbour.AttrModel, v)
	case cipIdentityClass<<16 | 8:
		say(harbour.AttrDeviceState, append(buf[:0], cipDeviceState(r.U8())...))
	case cipTCPIP<<16 | 5: // interface configuration: address, mask, gateway, two name servers, domain
		r.Skip(8)
		cipAddress(m, id, harbour.AttrGateway, r.U32LE())
		cipAddress(m, id, harbour.AttrDNSServer, r.U32LE())
		cipAddress(m, id, harbour.AttrDNSServer, r.U32LE())
		n := int(r.U16LE())
		say(harbour.AttrDomainName, r.Bytes(n))
		r.Skip(min(n&1, r.Len()))
	case cipTCPIP<<16 | 6:
		n := int(r.U16LE())
		say(harbour.AttrHostname, r.Bytes(n))
		r.Skip(min(n&1, r.Len()))
	case cipEthernetLink<<16 | 3:
		if v := r.Bytes(6); v != nil {
			say(harbour.AttrMAC, wire.AppendMAC(buf[:0], [6]byte(v)))
		}
	default:
		return false
	}
	return r.OK()
}

func cipAddress(m *Message, id evidence.EndpointID, name string, v uint32) {
	if v == 0 {
		return
	}
	var buf [16]byte
	m.Attr(id, name, appendIPv4(buf[:0], []byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}), harbour.Stated)
}

// cipModule tells of a module behind the device: "1756-L61/B revision 16.4 serial 0x001fb0a1 at port 1 link 0".
func cipModule(m *Message, id evidence.EndpointID, r *wire.Reader, route *cipRoute) {
	r.Skip(6)
	major, minor := r.U8()&0x7f, r.U8()
	r.Skip(2)
	serial := r.U32LE()
	name := r.Bytes(int(r.U8()))
	if !r.OK() || !wire.Printable(name) {
		return
	}
	var buf [160]byte
	b := append(buf[:0], name[:min(len(name), 64)]...)
	b = appendNumber(append(b, " revision "...), uint64(major))
	b = appendNumber(append(b, '.'), uint64(minor))
	b = wire.AppendHex(append(b, " serial "...), uint64(serial), 8)
	m.Attr(id, harbour.AttrModuleName, route.render(b), harbour.Stated)
}

// cipProgramOf tells of the program that a Logix controller runs: "Quay_Crane_3 at port 1 link 0".
func cipProgramOf(m *Message, id evidence.EndpointID, r *wire.Reader, route *cipRoute) {
	n := int(r.U16LE())
	name := r.Bytes(n)
	if !r.OK() || !wire.Printable(name) {
		return
	}
	var buf [160]byte
	b := append(buf[:0], name[:min(len(name), 64)]...)
	m.Attr(id, harbour.AttrApplicationName, route.render(b), harbour.Stated)
}

func cipDeviceState(s uint8) string {
	switch s {
	case 0:
		return "nonexistent"
	case 1:
		return "self-testing"
	case 2:
		return "standby"
	case 3:
		return "operational"
	case 4:
		return "major recoverable fault"
	case 5:
		return "major unrecoverable fault"
	}
	return ""
}
