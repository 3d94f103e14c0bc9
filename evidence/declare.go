// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"net"
	"net/netip"
	"strings"

	"breakwater/harbour"
)

// ParseMAC reads a hardware address in any of the usual notations: colons, dashes, dots, or none.
func ParseMAC(s string) (MAC, bool) {
	s = strings.TrimSpace(s)
	if len(s) == 12 && !strings.ContainsAny(s, ":-.") {
		s = s[0:2] + ":" + s[2:4] + ":" + s[4:6] + ":" + s[6:8] + ":" + s[8:10] + ":" + s[10:12]
	}
	if len(s) == 13 && s[6] == '-' { // aabbcc-ddeeff
		return ParseMAC(s[:6] + s[7:])
	}
	h, err := net.ParseMAC(strings.ReplaceAll(s, " ", ""))
	if err != nil || len(h) != 6 {
		return MAC{}, false
	}
	return MAC(h), true
}

// Declare enters an asset that a person declared: one endpoint for each pair of MAC and address, all of one tag and
// linked, and an observation for each property on the first of them. tag is unique in the evidence, place is the row or
// line. Addresses that cannot be read are passed over; the reader of the format has reported them.
func (l *Ledger) Declare(d *harbour.DeclaredAsset, tag uint32, place Place) EndpointID {
	macs, ips := parsedMACs(d), parsedIPs(d)
	vlan := uint16(d.VLAN)
	var ids []EndpointID
	row := func(mac MAC, ip IP) { ids = append(ids, l.Record(mac, ip, vlan, tag)) }
	switch {
	case len(macs) == 0 && len(ips) == 0:
		row(MAC{}, IP{})
	case len(macs) == len(ips):
		for i := range macs {
			row(macs[i], ips[i])
		}
	case len(macs) == 0:
		for _, ip := range ips {
			row(MAC{}, ip)
		}
	default:
		for i, mac := range macs {
			if i > 0 || len(ips) == 0 {
				row(mac, IP{})
				continue
			}
			for _, ip := range ips {
				row(mac, ip)
			}
		}
	}
	flags := Row
	if d.Silent {
		flags |= Silent
	}
	for _, id := range ids {
		l.Seen(id, flags, 0, 0, 0, place)
		l.Link(ids[0], id, place)
	}
	l.declareProperties(d, macs, ips, ids[0], place)
	return ids[0]
}

func (l *Ledger) declareProperties(d *harbour.DeclaredAsset, macs []MAC, ips []IP, id EndpointID, place Place) {
	say := func(name, value string) {
		if value = strings.TrimSpace(value); value != "" {
			l.Observe(id, l.InternString(name), []byte(value), harbour.Declared, true, 0, place)
		}
	}
	for _, p := range []struct{ name, value string }{
		{harbour.AttrName, d.Name},
		{harbour.AttrTag, d.Tag},
		{harbour.AttrKind, string(d.Kind)},
		{harbour.AttrRole, d.Role},
		{harbour.AttrOrganisation, d.Organisation},
		{harbour.AttrSite, d.Site},
		{harbour.AttrLocation, d.Location},
		{harbour.AttrZone, d.Zone},
		{harbour.AttrLevel, d.Level},
		{harbour.AttrVendor, d.Vendor},
		{harbour.AttrModel, d.Model},
		{harbour.AttrFirmware, d.Firmware},
		{harbour.AttrSerial, d.Serial},
		{harbour.AttrSupplier, d.Supplier},
		{harbour.AttrModule, d.Module},
		{harbour.AttrCriticality, d.Criticality},
	} {
		say(p.name, p.value)
	}
	for _, p := range []struct {
		name   string
		values []string
	}{
		{harbour.AttrHostname, d.Hostnames},
		{harbour.AttrPortService, d.Services},
	} {
		for _, v := range p.values {
			say(p.name, v)
		}
	}
	for _, m := range macs {
		say(harbour.AttrMAC, m.String())
	}
	for _, ip := range ips {
		say(harbour.AttrIP, ip.String())
	}
}

func parsedMACs(d *harbour.DeclaredAsset) (macs []MAC) {
	for _, s := range d.MACs {
		if m, ok := ParseMAC(s); ok && !m.None() {
			macs = append(macs, m)
		}
	}
	return macs
}

func parsedIPs(d *harbour.DeclaredAsset) (ips []IP) {
	for _, s := range d.IPs {
		if a, err := netip.ParseAddr(strings.TrimSpace(s)); err == nil && !FromAddr(a).None() {
			ips = append(ips, FromAddr(a.WithZone("")))
		}
	}
	return ips
}
