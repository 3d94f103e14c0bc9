// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"bytes"
	"net/netip"
	"strconv"

	"breakwater/evidence"
	"breakwater/harbour"
	"breakwater/wire"
)

var cdpProtocol = Protocol{
	Name: "cdp", Title: "Cisco Discovery Protocol", Short: "CDP", Over: OverEthernet, SNAPs: []uint64{0x00000c2000}, OneSided: true,
	Read: cdpRead,
}

const (
	cdpDeviceID     = 0x01
	cdpAddresses    = 0x02
	cdpPortID       = 0x03
	cdpCapabilities = 0x04
	cdpSoftware     = 0x05
	cdpPlatform     = 0x06
	cdpHello        = 0x08
	cdpVTPDomain    = 0x09
	cdpNativeVLAN   = 0x0a
	cdpDuplex       = 0x0b
	cdpMTU          = 0x11
	cdpSystemName   = 0x14
	cdpManagement   = 0x16
	cdpLocation     = 0x17
)

// cdpRead reads one announcement. The checksum is not looked at: some devices get it wrong, and the frame check sequence
// has guarded the bytes already.
func cdpRead(m *Message, b []byte) {
	r := wire.Read(b)
	if version := r.U8(); version < 1 || version > 2 {
		return
	}
	r.Skip(3)
	id := m.Sender()
	for r.Len() >= 4 {
		kind, n := r.U16(), int(r.U16())
		v := r.Bytes(n - 4)
		if !r.OK() {
			return
		}
		cdpField(m, id, kind, v)
	}
}

func cdpField(m *Message, id evidence.EndpointID, kind uint16, v []byte) {
	var buf [16]byte
	switch kind {
	case cdpDeviceID:
		cdpDevice(m, id, v)
	case cdpAddresses, cdpManagement:
		cdpAddressList(m, id, v, kind == cdpManagement)
	case cdpPortID:
		m.Attr(id, harbour.AttrPortID, v, harbour.Stated)
	case cdpCapabilities:
		if len(v) == 4 {
			r := wire.Read(v)
			m.Attr(id, harbour.AttrCapabilities, lldpBits(nil, r.U32(), cdpWords), harbour.Stated)
		}
	case cdpSoftware:
		m.Attr(id, harbour.AttrDescription, v, harbour.Stated)
		m.Attr(id, harbour.AttrFirmware, cdpVersion(v), harbour.Stated)
		m.AttrString(id, harbour.AttrOS, cdpSystem(v), harbour.Stated)
	case cdpPlatform:
		m.Attr(id, harbour.AttrPlatform, v, harbour.Stated)
		if model, ok := cdpCutPrefix(v, "cisco "); ok {
			m.AttrString(id, harbour.AttrVendor, "Cisco", harbour.Stated)
			v = model
		}
		m.Attr(id, harbour.AttrModel, v, harbour.Stated)
	case cdpHello:
		cdpCluster(m, id, v)
	case cdpVTPDomain:
		m.Attr(id, harbour.AttrVTPDomain, v, harbour.Stated)
	case cdpNativeVLAN, cdpMTU:
		var n uint64
		for _, c := range v[:min(len(v), 4)] {
			n = n<<8 | uint64(c)
		}
		if n != 0 {
			name := harbour.AttrNativeVLAN
			if kind == cdpMTU {
				name = harbour.AttrMTU
			}
			m.Attr(id, name, strconv.AppendUint(buf[:0], n, 10), harbour.Stated)
		}
	case cdpDuplex:
		if len(v) == 1 && v[0] <= 1 {
			m.AttrString(id, harbour.AttrDuplex, [...]string{"half", "full"}[v[0]], harbour.Stated)
		}
	case cdpSystemName:
		m.Attr(id, harbour.AttrSystemName, v, harbour.Stated)
	case cdpLocation:
		if len(v) > 1 {
			m.Attr(id, harbour.AttrLocation, v[1:], harbour.Stated)
		}
	}
}

// cdpDevice reads the device id: a host name, often with the serial number behind it, or the serial number alone.
func cdpDevice(m *Message, id evidence.EndpointID, v []byte) {
	v = bytes.TrimSpace(wire.CString(v))
	m.Attr(id, harbour.AttrChassisID, v, harbour.Stated)
	if name, rest, ok := bytes.Cut(v, []byte("(")); ok && len(name) > 0 {
		if serial, ok := bytes.CutSuffix(rest, []byte(")")); ok {
			m.Attr(id, harbour.AttrSerial, serial, harbour.Stated)
			v = name
		}
	}
	m.Attr(id, harbour.AttrSystemName, v, harbour.Stated)
	m.Attr(id, harbour.AttrHostname, v, harbour.Stated)
}

var cdpWords = []string{
	"router", "bridge", "source-route bridge", "switch", "host", "", "repeater", "telephone", "remotely managed",
}

func cdpAddressList(m *Message, id evidence.EndpointID, v []byte, management bool) {
	r := wire.Read(v)
	for n := r.U32(); n > 0 && r.Len() > 0; n-- {
		kind := r.U8()
		proto := r.Bytes(int(r.U8()))
		a := r.Bytes(int(r.U16()))
		if !r.OK() {
			return
		}
		var ip evidence.IP
		switch {
		case kind == 1 && len(proto) == 1 && proto[0] == 0xcc && len(a) == 4:
			ip = evidence.V4(a)
		case kind == 2 && len(proto) == 8 && string(proto[6:]) == "\x86\xdd" && len(a) == 16:
			ip = evidence.V6(a)
		default:
			continue
		}
		if !management {
			m.AttrString(id, harbour.AttrAnnouncedIP, netip.AddrFrom16(ip).Unmap().String(), harbour.Stated)
		}
		if !ip.None() && !ip.Group() && !ip.Loopback() {
			lldpManagedAt(m, id, ip)
		}
	}
}

// cdpCluster reads the switch's own address from the hello of the cluster protocol, and links it with the port's.
func cdpCluster(m *Message, id evidence.EndpointID, v []byte) {
	r := wire.Read(v)
	oui, kind := r.U24(), r.U16()
	r.Skip(4 + 4 + 4 + 6)
	if mac := r.Bytes(6); r.OK() && oui == 0x00000c && kind == 0x0112 {
		lldpSame(m, id, evidence.MAC(mac))
	}
}

// cdpVersion cuts "12.2(44)SE" out of a description such as "... , Version 12.2(44)SE, RELEASE SOFTWARE (fc1) ...".
func cdpVersion(v []byte) []byte {
	for _, mark := range []string{"Version: ", "Version "} {
		_, rest, ok := bytes.Cut(v, []byte(mark))
		if !ok {
			continue
		}
		if i := bytes.IndexAny(rest, ", \r\n\t;"); i >= 0 {
			rest = rest[:i]
		}
		if len(rest) > 0 && len(rest) <= 64 && rest[0] >= '0' && rest[0] <= '9' {
			return rest
		}
	}
	return nil
}

// cdpSystem names the operating system that a software description is of.
func cdpSystem(v []byte) string {
	for _, s := range []struct{ mark, name string }{
		{"NX-OS", "Cisco NX-OS"},
		{"IOS XR", "Cisco IOS XR"},
		{"IOS-XE", "Cisco IOS XE"},
		{"IOS XE", "Cisco IOS XE"},
		{"IOS", "Cisco IOS"},
		{"VMware ESX", "VMware ESX"},
	} {
		if bytes.Contains(v, []byte(s.mark)) {
			return s.name
		}
	}
	return ""
}

func cdpCutPrefix(v []byte, prefix string) ([]byte, bool) {
	if len(v) > len(prefix) && bytes.EqualFold(v[:len(prefix)], []byte(prefix)) {
		return v[len(prefix):], true
	}
	return v, false
}
