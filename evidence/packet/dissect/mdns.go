// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"bytes"

	"breakwater/evidence"
	"breakwater/harbour"
)

var mdnsProtocol = Protocol{
	Name: "mdns", Title: "Multicast DNS", Short: "mDNS", Also: []string{"bonjour", "zeroconf"}, Over: OverUDP, Ports: []uint16{5353}, OneSided: true, Probe: mdnsProbe, Read: mdnsRead,
}

// mdnsProbe wants a whole message that asks for no recursion. The signature is a name below local in a message without
// identification: directory services ask an ordinary name server for names below local too.
func mdnsProbe(b []byte) (Fit, Side) {
	h, ok := dnsReadHead(b)
	if !ok || h.flags&^0x8600 != 0 || h.counts == [4]uint16{} {
		return No, AnySide
	}
	local := false
	w := dnsEntries(b)
	for w.next() {
		local = local || mdnsLocal(w.rec.name())
	}
	switch {
	case !w.whole():
		return No, AnySide
	case local && b[0]|b[1] == 0:
		return Good, AnySide
	}
	return Weak, AnySide
}

func mdnsLocal(name []byte) bool {
	return len(name) > 6 && bytes.EqualFold(name[len(name)-6:], []byte(".local"))
}

// mdnsRead reads what the sender announces. Queries carry other hosts' records as known answers and are left alone.
func mdnsRead(m *Message, b []byte) {
	h, ok := dnsReadHead(b)
	if !ok || !h.response() || h.opcode() != 0 {
		return
	}
	for w := dnsEntries(b); w.next(); {
		if w.rec.section == 1 || w.rec.section == 3 {
			mdnsRecord(m, b, &w.rec)
		}
	}
}

func mdnsRecord(m *Message, b []byte, rec *dnsRecord) {
	if rec.class&0x7fff != dnsClassIN || rec.ttl == 0 {
		return // lifetime 0 takes a record back
	}
	switch rec.kind {
	case dnsTypeA, dnsTypeAAAA:
		// Only the address that the packet came from is surely the sender's: a proxy answers for sleeping hosts.
		if ip := dnsAddress(rec); !ip.None() && mdnsLocal(rec.name()) {
			if ip == m.Packet.Src {
				m.Attr(m.Sender(), harbour.AttrHostname, rec.name(), harbour.Stated)
			} else {
				m.Attr(m.Host(evidence.MAC{}, ip), harbour.AttrHostname, rec.name(), harbour.Likely)
			}
		}
	case dnsTypePTR:
		service := rec.name()
		var text [dnsMaxText]byte
		if bytes.EqualFold(rec.name(), []byte("_services._dns-sd._udp.local")) {
			if service, _ = dnsName(b, rec.offset, text[:0]); !mdnsLocal(service) {
				return
			}
		}
		if s := mdnsService(service); s != nil {
			m.Attr(m.Sender(), harbour.AttrServiceName, s, harbour.Stated)
		}
	case dnsTypeHINFO:
		mdnsHost(m, rec.data)
	case dnsTypeTXT:
		if mdnsLocal(rec.name()) {
			mdnsText(m, rec.data)
		}
	}
}

// mdnsService cuts a service type "_http._tcp" out of "_http._tcp.local" or "_sub._printer._http._tcp.local".
func mdnsService(name []byte) []byte {
	if !mdnsLocal(name) || name[0] != '_' {
		return nil
	}
	name = name[:len(name)-6]
	if n := len(name); n < 6 || !bytes.EqualFold(name[n-5:], []byte("._tcp")) && !bytes.EqualFold(name[n-5:], []byte("._udp")) {
		return nil
	}
	if i := bytes.LastIndexByte(name[:len(name)-5], '.'); i >= 0 {
		name = name[i+1:]
	}
	if name[0] != '_' {
		return nil
	}
	return name
}

func mdnsHost(m *Message, data []byte) {
	cpu := dnsFirstText(data)
	m.Attr(m.Sender(), harbour.AttrPlatform, cpu, harbour.Stated)
	if len(data) > 0 && len(cpu) == int(data[0]) {
		m.Attr(m.Sender(), harbour.AttrOS, dnsFirstText(data[1+len(cpu):]), harbour.Stated)
	}
}

// mdnsKeys says what the usual keys of service descriptions mean. They come from device-info, printers, cameras, media
// and building devices.
var mdnsKeys = []struct{ key, attribute string }{
	{"model", harbour.AttrModel},
	{"md", harbour.AttrModel},
	{"ty", harbour.AttrModel},
	{"usb_mdl", harbour.AttrModel},
	{"modelname", harbour.AttrModel},
	{"usb_mfg", harbour.AttrVendor},
	{"mfg", harbour.AttrVendor},
	{"manufacturer", harbour.AttrVendor},
	{"vendor", harbour.AttrVendor},
	{"product", harbour.AttrProductName},
	{"fn", harbour.AttrSystemName},
	{"fw", harbour.AttrFirmware},
	{"fv", harbour.AttrFirmware},
	{"firmware", harbour.AttrFirmware},
	{"fw_version", harbour.AttrFirmware},
	{"serialnumber", harbour.AttrSerial},
	{"serial", harbour.AttrSerial},
	{"sn", harbour.AttrSerial},
	{"note", harbour.AttrLocation},
}

func mdnsText(m *Message, data []byte) {
	for len(data) > 0 && int(data[0]) < len(data) {
		s := data[1 : 1+data[0]]
		data = data[1+data[0]:]
		key, value, ok := bytes.Cut(s, []byte("="))
		if !ok || len(value) == 0 {
			continue
		}
		for _, k := range mdnsKeys {
			if !bytes.EqualFold(key, []byte(k.key)) {
				continue
			}
			if k.attribute == harbour.AttrProductName {
				value = bytes.TrimSuffix(bytes.TrimPrefix(value, []byte("(")), []byte(")"))
			}
			m.Attr(m.Sender(), k.attribute, value, harbour.Stated)
		}
	}
}
