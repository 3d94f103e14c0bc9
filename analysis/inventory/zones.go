// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"net/netip"
	"slices"
	"strings"

	"breakwater/evidence"
	"breakwater/harbour"
)

// zones is the port file's zones and conduits, ready for looking up.
type zones struct {
	list     []harbour.DeclaredZone
	byID     map[string]int16
	prefixes []zonePrefix // longest first
	vlans    map[uint16]int16
	members  map[string]int16 // asset name, address or MAC in lower case
	outside  int16            // the external zone without prefixes, -1 none
	conduits map[[2]int16][]*harbour.Conduit
	wanted   map[string]uint16 // names in lists of clients and servers, in lower case, by number
}

type zonePrefix struct {
	prefix netip.Prefix
	vlans  []int
	zone   int16
}

func compileZones(p *harbour.Port) *zones {
	z := &zones{byID: map[string]int16{}, vlans: map[uint16]int16{}, members: map[string]int16{}, outside: -1, conduits: map[[2]int16][]*harbour.Conduit{}, wanted: map[string]uint16{}}
	if p == nil {
		return z
	}
	z.list = p.Zones
	for i := range p.Zones {
		d, n := &p.Zones[i], int16(i)
		z.byID[d.ID] = n
		for _, s := range d.Prefixes {
			if pre, err := netip.ParsePrefix(s); err == nil {
				z.prefixes = append(z.prefixes, zonePrefix{pre, d.VLANs, n})
			}
		}
		for _, vlan := range d.VLANs {
			z.vlans[uint16(vlan)] = n
		}
		for _, m := range d.Assets {
			z.members[strings.ToLower(m)] = n
		}
		if d.Kind == harbour.ZoneExternal && len(d.Prefixes) == 0 && z.outside < 0 {
			z.outside = n
		}
	}
	slices.SortStableFunc(z.prefixes, func(a, b zonePrefix) int { return b.prefix.Bits() - a.prefix.Bits() })
	for i := range p.Conduits {
		c := &p.Conduits[i]
		from, ok1 := z.byID[c.From]
		to, ok2 := z.byID[c.To]
		if ok1 && ok2 {
			z.conduits[[2]int16{from, to}] = append(z.conduits[[2]int16{from, to}], c)
		}
	}
	for i := range p.Conduits {
		for j := range p.Conduits[i].Permits {
			z.want(p.Conduits[i].Permits[j].Clients)
			z.want(p.Conduits[i].Permits[j].Servers)
		}
	}
	for i := range p.Engineering {
		z.want(p.Engineering[i].Clients)
		z.want(p.Engineering[i].Servers)
	}
	return z
}

// want numbers the names of a list, so that each asset is compared with all of them once and not for each conversation.
func (z *zones) want(list []string) {
	for _, s := range list {
		if low := strings.ToLower(s); len(z.wanted) < 1<<16-1 {
			if _, known := z.wanted[low]; !known {
				z.wanted[low] = uint16(len(z.wanted))
			}
		}
	}
}

// listed finds the names by which lists of the port file mean an asset: its name, host name, or the value of a key.
func (z *zones) listed(name, hostname string, keys []string) (list []uint16) {
	if len(z.wanted) == 0 {
		return nil
	}
	note := func(s string) {
		if n, ok := z.wanted[strings.ToLower(s)]; ok && s != "" && !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	note(name)
	note(hostname)
	for _, k := range keys {
		_, val, _ := strings.Cut(k, ":")
		addr, _, _ := strings.Cut(val, "@")
		note(val)
		note(addr)
	}
	return list
}

// ofAddress finds the zone of an address in a VLAN: the longest prefix whose VLANs, if it names any, include this one.
// An untagged capture fits any VLAN.
func (z *zones) ofAddress(ip evidence.IP, vlan uint16) int16 {
	a := ip.Addr()
	if !a.IsValid() {
		return -1
	}
	fallback := int16(-1)
	for i := range z.prefixes {
		p := &z.prefixes[i]
		if !p.prefix.Contains(a) {
			continue
		}
		if vlan == 0 || len(p.vlans) == 0 || slices.Contains(p.vlans, int(vlan)) {
			return p.zone
		}
		if fallback < 0 {
			fallback = p.zone
		}
	}
	return fallback
}

// zoneOf places an asset: by name, then selector, then the prefix of its own addresses, then its VLAN.
func (v *Inventory) zoneOf(a *asset, f *facts) (int16, string) {
	z := v.zones
	if len(z.list) == 0 {
		return -1, ""
	}
	if n, ok := z.byID[f.declaredZone]; ok {
		return n, "declared for the asset"
	}
	if n, ok := z.members[strings.ToLower(a.name)]; ok {
		return n, "named in the zone"
	}
	ifaces := v.interfaces(a)
	for _, i := range ifaces {
		for _, s := range append([]string{i.MAC}, i.IPs...) {
			if n, ok := z.members[s]; ok && s != "" {
				return n, "address named in the zone"
			}
		}
	}
	for n := range z.list {
		if s := z.list[n].Selector; s != nil && selects(s, a, f) {
			return int16(n), "fits the zone's selector"
		}
	}
	for _, i := range ifaces {
		for _, s := range i.IPs {
			ip, err := netip.ParseAddr(s)
			if err != nil {
				continue
			}
			if n := z.ofAddress(evidence.FromAddr(ip), uint16(i.VLAN)); n >= 0 {
				return n, "address " + s + " lies in the zone's prefix"
			}
		}
	}
	for _, i := range ifaces {
		if n, ok := z.vlans[uint16(i.VLAN)]; ok && i.VLAN != 0 && i.MAC != "" {
			return n, "seen in the zone's VLAN"
		}
	}
	if a.remote && z.outside >= 0 {
		return z.outside, "outside the port's address space"
	}
	return -1, ""
}

func selects(s *harbour.Selector, a *asset, f *facts) bool {
	fits := func(list []string, val string) bool {
		return len(list) == 0 || val != "" && slices.ContainsFunc(list, func(x string) bool { return strings.EqualFold(x, val) })
	}
	some := len(s.Kinds)+len(s.Vendors)+len(s.Locations)+len(s.Suppliers) > 0
	return some && (len(s.Kinds) == 0 || slices.Contains(s.Kinds, a.kind)) && fits(s.Vendors, f.vendor) &&
		fits(s.Locations, f.location) && fits(s.Suppliers, f.supplier)
}

// zoneID names a zone by number, "" for none.
func (v *Inventory) zoneID(n int16) string {
	if n < 0 {
		return ""
	}
	return v.zones.list[n].ID
}

// zoneAt returns the declared zone of an asset, or nil.
func (v *Inventory) zoneAt(a *asset) *harbour.DeclaredZone {
	if a.zone < 0 {
		return nil
	}
	return &v.zones.list[a.zone]
}

// permits says whether a conduit lets a conversation through; maybe, where it would if what was not recognised is the protocol
// that it names.
func (v *Inventory) permits(c *harbour.Conduit, conv *talk, client, server *asset) (yes, maybe bool) {
	protocol := v.protocolOf(conv)
	for i := range c.Permits {
		p := &c.Permits[i]
		if p.Protocol != "" && protocol != "" && p.Protocol != protocol {
			continue
		}
		unsure := p.Protocol != "" && protocol == "" && len(p.Ports) == 0 // it may be that protocol or any other
		if unsure && conv.Confirmed {
			continue
		}
		if p.Transport != "" && p.Transport != transportName(conv.Transport) {
			continue
		}
		if len(p.Ports) > 0 && !slices.Contains(p.Ports, int(conv.Port)) {
			continue
		}
		if v.named(p.Clients, client) && v.named(p.Servers, server) {
			if !unsure {
				return true, false
			}
			maybe = true
		}
	}
	return false, maybe
}

// named says whether a list of names, addresses, MACs or zone ids is empty or names the asset.
func (v *Inventory) named(list []string, a *asset) bool {
	return len(list) == 0 || v.oneOf(list, a)
}

func (v *Inventory) oneOf(list []string, a *asset) bool {
	for _, s := range list {
		if a.zone >= 0 && s == v.zoneID(a.zone) {
			return true
		}
		if len(a.listed) == 0 {
			continue
		}
		if n, ok := v.zones.wanted[strings.ToLower(s)]; ok && slices.Contains(a.listed, n) {
			return true
		}
	}
	return false
}
