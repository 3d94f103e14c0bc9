// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"breakwater/evidence"
	"breakwater/harbour"
)

// join makes sets of nodes: first what is observed, then declarations onto it, then what is only addressed.
func (v *Inventory) join() {
	v.constraints(false)
	v.joinMACs()
	for i, l := range v.ledgers {
		for _, k := range l.Links() {
			a, _ := v.node(i, k.A)
			b, _ := v.node(i, k.B)
			v.sets.join(a, b)
		}
	}
	v.joinOwned()
	v.constraints(true)
	v.joinDeclared()
	v.joinRest()
}

// joinMACs joins all nodes that carry the same MAC as their own. A virtual MAC stands for one redundancy group in its
// VLAN: it joins what it claims there, and not the routers that send with it in turn.
func (v *Inventory) joinMACs() {
	groups := map[hardware]uint32{}
	for n, e := range v.ends {
		if virtualMAC(e.MAC) && (e.IP.None() || e.Flags&evidence.Bound != 0) && e.Flags&(observedFlags|evidence.Addressed) != 0 {
			if first, ok := groups[hardware{e.MAC, e.VLAN}]; ok {
				v.sets.join(first, uint32(n))
			} else {
				groups[hardware{e.MAC, e.VLAN}] = uint32(n)
			}
		}
		if !strong(e.MAC) {
			continue
		}
		own := e.IP.None() && e.Flags&observedFlags != 0 || v.local(e) || e.Flags&evidence.Row != 0
		if !own {
			continue
		}
		f := v.macs[e.MAC]
		if f == nil {
			f = &macFacts{}
			v.macs[e.MAC] = f
		}
		if !f.hasNode {
			f.node, f.hasNode = uint32(n), true
			continue
		}
		v.sets.join(f.node, uint32(n))
	}
}

// joinOwned joins endpoints without MAC of their own, and those behind routers, with the owner of their address.
func (v *Inventory) joinOwned() {
	for n, e := range v.ends {
		if e.Flags&evidence.Row != 0 || e.IP.None() || v.local(e) || e.IP.Group() {
			continue
		}
		o, ok := v.ownerOf(e.IP, e.VLAN)
		if !ok {
			continue
		}
		// What a device merely says of its addresses (discovery protocols) does not make it one with their owner.
		claim := strong(e.MAC) && e.Flags&(evidence.Sent|evidence.Addressed) == 0
		if owner := v.ends[o].MAC; !claim || owner == e.MAC || owner.None() {
			v.sets.join(o, uint32(n))
		}
	}
}

// joinDeclared ties declared rows to what was observed: by serial number, by MAC (done before), by address where the
// declared MAC was not seen anywhere, by name where nothing stronger is declared. Rows of several lists that share a key
// are one asset.
func (v *Inventory) joinDeclared() {
	serial, name := v.namedKeys()
	rowIP := map[place]uint32{}
	rowSeen := map[uint32]bool{} // root → one of its declared MACs was observed
	for n, e := range v.ends {
		if e.Flags&evidence.Row != 0 && strong(e.MAC) && v.macs[e.MAC] != nil && v.macs[e.MAC].observed {
			rowSeen[v.sets.root(uint32(n))] = true
		}
	}
	for n, e := range v.ends {
		if e.Flags&evidence.Row == 0 || e.IP.None() {
			continue
		}
		p := place{e.IP, e.VLAN}
		if first, ok := rowIP[p]; ok {
			if !v.differentMACs(first, uint32(n)) {
				v.sets.join(first, uint32(n))
			}
		} else {
			rowIP[p] = uint32(n)
		}
		if rowSeen[v.sets.root(uint32(n))] {
			continue
		}
		if o, ok := v.ownerOf(e.IP, e.VLAN); ok {
			v.sets.join(o, uint32(n))
		}
	}
	for _, keys := range []map[string][]uint32{serial, name} {
		for _, k := range sortedKeys(keys) {
			nodes := keys[k]
			for _, n := range nodes[1:] {
				v.sets.join(nodes[0], n)
			}
		}
	}
}

// differentMACs says whether two declared rows name different hardware.
func (v *Inventory) differentMACs(a, b uint32) bool {
	x, y := v.ends[a].MAC, v.ends[b].MAC
	return !x.None() && !y.None() && x != y && v.sets.root(a) != v.sets.root(b)
}

// namedKeys lists the nodes that share a serial number of which at least one is declared, and the declared records
// without address with the one observed host of their name.
func (v *Inventory) namedKeys() (serial, name map[string][]uint32) {
	serial, name = map[string][]uint32{}, map[string][]uint32{}
	declaredSerial, bare := map[string]bool{}, map[string]bool{}
	seen := map[string][]uint32{}
	for i, l := range v.ledgers {
		names := newAttrNames(l)
		for _, o := range l.Observations() {
			n, _ := v.node(i, o.Subject)
			e := v.ends[n]
			switch o.Name {
			case names.serial:
				if k := serialKey(l.Text(o.Value)); k != "" {
					serial[k] = append(serial[k], n)
					declaredSerial[k] = declaredSerial[k] || o.Declared
				}
			case names.hostname, names.name:
				k := hostKey(l.Text(o.Value))
				if k == "" || o.Name == names.name && !o.Declared {
					continue
				}
				if o.Declared && e.MAC.None() && e.IP.None() {
					bare[k] = true
					name[k] = append(name[k], n)
				} else {
					seen[k] = append(seen[k], n)
				}
			}
		}
	}
	for k := range serial {
		if !declaredSerial[k] {
			delete(serial, k)
		}
	}
	for k := range name {
		roots := map[uint32]uint32{}
		for _, n := range seen[k] {
			roots[v.sets.root(n)] = n
		}
		if len(roots) == 1 { // two hosts of one name: the name decides nothing
			for _, n := range roots {
				name[k] = append(name[k], n)
			}
		}
	}
	return serial, name
}

// serialKey makes serial numbers comparable: letters and digits alone, upper case, no leading zeros, a hexadecimal form
// as its digits. Short ones are too common to identify anything.
func serialKey(s string) string {
	s = strings.ToUpper(strings.TrimPrefix(strings.TrimPrefix(s, "0x"), "0X"))
	var b strings.Builder
	for _, r := range s {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' {
			b.WriteRune(r)
		}
	}
	k := strings.TrimLeft(b.String(), "0")
	if len(k) < 4 {
		return ""
	}
	return k
}

// hostKey makes host names comparable: the first label in lower case.
func hostKey(s string) string {
	s, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(s)), ".")
	return s
}

// joinRest ties endpoints that share an address without owner: routed hosts seen in several evidences.
func (v *Inventory) joinRest() {
	first := map[place]uint32{}
	for n, e := range v.ends {
		if e.IP.None() || e.IP.Group() || v.local(e) {
			continue
		}
		if _, ok := v.ownerOf(e.IP, e.VLAN); ok {
			continue
		}
		p := place{ip: e.IP}
		if f, ok := first[p]; ok {
			if !v.differentMACs(f, uint32(n)) || v.ends[n].Flags&evidence.Row == 0 {
				v.sets.join(f, uint32(n))
			}
		} else {
			first[p] = uint32(n)
		}
	}
}

// constraints replays the decisions by hand of the port file.
func (v *Inventory) constraints(same bool) {
	if v.in.Port == nil {
		return
	}
	groups := v.in.Port.Identity.Distinct
	if same {
		groups = v.in.Port.Identity.Same
	}
	if len(groups) == 0 {
		return
	}
	byKey := map[string][]uint32{}
	for n, e := range v.ends {
		if strong(e.MAC) && (e.Flags&evidence.Row != 0 || e.IP.None() || v.local(e)) {
			k := "mac:" + e.MAC.String()
			byKey[k] = append(byKey[k], uint32(n))
		}
		if !e.IP.None() {
			k := "ip:" + e.IP.String()
			byKey[k] = append(byKey[k], uint32(n))
			if e.VLAN != 0 {
				k += "@" + strconv.Itoa(int(e.VLAN))
				byKey[k] = append(byKey[k], uint32(n))
			}
		}
	}
	for i, l := range v.ledgers {
		names := newAttrNames(l)
		for _, o := range l.Observations() {
			n, _ := v.node(i, o.Subject)
			switch o.Name {
			case names.serial:
				byKey["serial:"+serialKey(l.Text(o.Value))] = append(byKey["serial:"+serialKey(l.Text(o.Value))], n)
			case names.name, names.hostname:
				k := "name:" + hostKey(l.Text(o.Value))
				byKey[k] = append(byKey[k], n)
			}
		}
	}
	for _, g := range groups {
		for _, b := range g[1:] {
			for _, x := range byKey[constraintKey(g[0])] {
				for _, y := range byKey[constraintKey(b)] {
					if same {
						v.sets.join(x, y)
					} else {
						v.sets.separate(x, y)
					}
				}
			}
		}
	}
}

// constraintKey brings a key of the port file into the form of the index.
func constraintKey(s string) string {
	kind, val, _ := strings.Cut(s, ":")
	switch kind {
	case "serial":
		return "serial:" + serialKey(val)
	case "name":
		return "name:" + hostKey(val)
	case "ip":
		addr, vlan, tagged := strings.Cut(val, "@")
		if a, err := netip.ParseAddr(addr); err == nil {
			addr = a.String()
		}
		if tagged {
			return "ip:" + addr + "@" + vlan
		}
		return "ip:" + addr
	}
	return strings.ToLower(s)
}

// attrNames are the numbers of the attribute names that identity looks at, in one ledger.
type attrNames struct{ serial, hostname, name evidence.Text }

func newAttrNames(l *evidence.Ledger) attrNames {
	return attrNames{l.Lookup(harbour.AttrSerial), l.Lookup(harbour.AttrHostname), l.Lookup(harbour.AttrName)}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
