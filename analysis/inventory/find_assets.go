// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"breakwater/evidence"
	"breakwater/harbour"
)

// findUndeclared reports assets of the port that no list names.
func (v *Inventory) findUndeclared() {
	for i := range v.assets {
		a := &v.assets[i]
		if a.declared || !a.observed || a.remote || a.virtual || v.isGhostAddress(a) {
			continue
		}
		attrs := v.card(int32(i)).attrs
		what, how := v.taken(int32(i), attrs)
		d := draft{Finding: harbour.Finding{
			Rule: "undeclared-asset", Severity: harbour.SeverityMedium, Subjects: []string{a.id},
			Title:     fmt.Sprintf("Undeclared %s %s", what, a.name),
			Evidence:  v.proofs(a, false),
			FirstSeen: a.first, LastSeen: a.last,
			Action: "Find out what it is and who brought it. Declare it with an owner, or disconnect it.",
		}}
		if how != "" {
			d.Title = fmt.Sprintf("Undeclared device %s, perhaps %s", a.name, withArticle(what))
		}
		d.Explanation = fmt.Sprintf("%s was seen in %s and is on no inventory.%s", v.calledBy(int32(i), attrs), v.where(a), how)
		if a.ot || a.domain == harbour.OT {
			d.Severity = harbour.SeverityHigh
		}
		if a.kind == harbour.KindCellularGateway {
			d.Rule, d.Severity = "undeclared-modem", harbour.SeverityHigh
			d.Explanation += " A cellular gateway is a way into the network that passes every firewall of the port."
			if a.ot {
				d.Severity = harbour.SeverityCritical
			}
		}
		v.add(d)
	}
}

// taken says what an asset is taken for, in words within a sentence. Where that is no more than a guess, how says so, by what, and
// how sure it is.
func (v *Inventory) taken(i int32, attrs []harbour.Attribute) (what, how string) {
	a := &v.assets[i]
	if a.kind == harbour.KindUnknown {
		return "device", ""
	}
	what = a.kind.Info().Title
	if len(what) < 2 || what[1] < 'A' || what[1] > 'Z' { // not AIS, SCADA, I/O
		what = strings.ToLower(what[:1]) + what[1:]
	}
	if strings.HasPrefix(what, "i/O") {
		what = "I/O" + what[len("i/O"):]
	}
	f := v.factsOf(a, attrs)
	var why []harbour.Reason
	if v.inferKind(i, &f, attrs, &why) != a.kind || len(why) == 0 || why[0].Confidence >= sureOfKind {
		return what, "" // stated by a person, or well founded
	}
	_, text, _ := strings.Cut(why[0].Text, ": ")
	return what, fmt.Sprintf(" That it is %s is a guess, %d %% sure: %s.", withArticle(what), why[0].Confidence, text)
}

// sureOfKind is from when on a finding states a kind as it is.
const sureOfKind = 60

func withArticle(what string) string {
	if strings.ContainsRune("aeiouAEIO", rune(what[0])) {
		return "an " + what
	}
	return "a " + what
}

// isGhostAddress says whether an asset is no more than an address of another network that a router or an ARP probe spoke
// of, with nothing of its own ever seen.
func (v *Inventory) isGhostAddress(a *asset) bool {
	for _, n := range v.nodes(a) {
		if v.ends[n].Flags&(evidence.Sent|evidence.Bound) != 0 {
			return false
		}
	}
	return true
}

// called names an asset with what is known of its make.
func (v *Inventory) called(i int32) string { return v.calledBy(i, v.card(i).attrs) }

func (v *Inventory) calledBy(i int32, attrs []harbour.Attribute) string {
	a := &v.assets[i]
	f := v.factsOf(a, attrs)
	s := a.name
	if f.vendor != "" {
		s += " (" + f.vendor
		if f.model != "" {
			s += " " + f.model
		}
		s += ")"
	}
	return s
}

// findNeverSeen reports declared assets that were not seen although their network was watched.
func (v *Inventory) findNeverSeen() {
	watched := map[string]bool{}
	for i := range v.assets {
		a := &v.assets[i]
		if a.observed {
			for _, n := range v.networks(a) {
				watched[n] = true
			}
		}
	}
	for i := range v.assets {
		a := &v.assets[i]
		if !a.declared || a.observed || a.silent {
			continue
		}
		if nets := v.networks(a); !slices.ContainsFunc(nets, func(n string) bool { return watched[n] }) {
			continue // nobody looked where it stands: its absence says nothing
		}
		sev := harbour.SeverityLow
		attrs := v.card(int32(i)).attrs
		if c := v.factsOf(a, attrs).criticality; c == "high" || c == "critical" {
			sev = harbour.SeverityMedium
		}
		v.add(draft{Finding: harbour.Finding{
			Rule: "declared-never-seen", Severity: sev, Subjects: []string{a.id},
			Title:       "Declared asset never seen: " + a.name,
			Explanation: v.calledBy(int32(i), attrs) + " is declared, and nothing was seen of it, though other assets of its network were. It may be switched off, removed, replaced, or listed with a wrong address.",
			Action:      "Look for it on site. Correct the list, or mark it as silent if it is right that it does not speak.",
			Evidence:    v.proofs(a, true),
		}})
	}
}

// networks names the networks that an asset's addresses are in: IPv4 /24 and IPv6 /64, and its zone.
func (v *Inventory) networks(a *asset) (nets []string) {
	for _, n := range v.nodes(a) {
		e := &v.ends[n]
		switch {
		case e.IP.None():
		case e.IP.Is4():
			nets = append(nets, string(e.IP[:15]))
		default:
			nets = append(nets, string(e.IP[:8]))
		}
	}
	if len(nets) == 0 && a.zone >= 0 {
		nets = append(nets, "zone "+v.zoneID(a.zone))
	}
	if a.observed && a.zone >= 0 {
		nets = append(nets, "zone "+v.zoneID(a.zone))
	}
	return nets
}

// sameDevice says whether two MACs are ports of one device: makers number the ports of a device in one run.
func sameDevice(a, b evidence.MAC) bool {
	if a[0] != b[0] || a[1] != b[1] || a[2] != b[2] {
		return false
	}
	x := int(a[3])<<16 | int(a[4])<<8 | int(a[5])
	y := int(b[3])<<16 | int(b[4])<<8 | int(b[5])
	return max(x-y, y-x) <= 64
}

// findIdentity reports assets whose hardware is not the one that was declared.
func (v *Inventory) findIdentity() {
	for i := range v.assets {
		a := &v.assets[i]
		if !a.declared || !a.observed {
			continue
		}
		declared, seen := v.ownMACs(a)
		if len(declared) > 0 && len(seen) > 0 && !slices.ContainsFunc(seen, func(s evidence.MAC) bool {
			return slices.ContainsFunc(declared, func(d evidence.MAC) bool { return d == s || sameDevice(d, s) })
		}) {
			v.swapped(int32(i), declared, seen)
			continue
		}
		v.serialDiffers(int32(i))
	}
}

// ownMACs lists an asset's declared and observed own MACs. Virtual and locally administered ones prove nothing.
func (v *Inventory) ownMACs(a *asset) (declared, seen []evidence.MAC) {
	for _, n := range v.nodes(a) {
		e := &v.ends[n]
		switch {
		case !strong(e.MAC) || e.MAC[0]&2 != 0:
		case e.Flags&evidence.Row != 0:
			declared = append(declared, e.MAC)
		case e.Flags&observedFlags != 0 && (e.IP.None() || v.local[n]):
			seen = append(seen, e.MAC)
		}
	}
	order := func(a, b evidence.MAC) int { return bytes.Compare(a[:], b[:]) }
	slices.SortFunc(declared, order)
	slices.SortFunc(seen, order)
	return slices.Compact(declared), slices.Compact(seen)
}

func (v *Inventory) swapped(i int32, declared, seen []evidence.MAC) {
	a, attrs := &v.assets[i], v.card(i).attrs
	text := fmt.Sprintf("The inventory gives hardware address %s for %s; its address is held by %s.", declared[0], v.calledBy(i, attrs), seen[0])
	var refs []harbour.ProofRef
	for _, name := range []string{harbour.AttrSerial, harbour.AttrModel, harbour.AttrFirmware} {
		var want, got string
		for _, t := range attrs {
			if t.Name != name {
				continue
			}
			if t.Declared {
				want = t.Value
			} else {
				got = t.Value
				refs = append(refs, refsOf(t.Observations)...)
			}
		}
		if want != "" && got != "" && !strings.EqualFold(want, got) {
			text += fmt.Sprintf(" Declared %s %s, observed %s.", name, want, got)
		}
	}
	sev := harbour.SeverityMedium
	if a.ot || a.kind.Info().Group == "Network" || a.domain == harbour.OT {
		sev = harbour.SeverityHigh
	}
	v.add(draft{Finding: harbour.Finding{
		Rule: "identity-changed", Severity: sev, Subjects: []string{a.id},
		Title:       "Another device answers as " + a.name,
		Explanation: text + " The device was exchanged without an announced change, or another one took its address.",
		Action:      "Ask the supplier for the change record. If there is one, correct the inventory; if not, treat it as an incident.",
		Evidence:    append(append(v.proofs(a, false), v.proofs(a, true)...), refs...), FirstSeen: a.first, LastSeen: a.last,
	}})
}

// serialDiffers reports a device that tells another serial number than its row on the inventory.
func (v *Inventory) serialDiffers(i int32) {
	a, attrs := &v.assets[i], v.card(i).attrs
	var want, got []harbour.Attribute
	for _, t := range attrs {
		if t.Name != harbour.AttrSerial || serialKey(t.Value) == "" {
			continue
		}
		if t.Declared {
			want = append(want, t)
		} else if t.Confidence >= harbour.Confirmed {
			got = append(got, t)
		}
	}
	if len(want) == 0 || len(got) == 0 {
		return
	}
	for _, w := range want {
		for _, g := range got {
			if serialForms(w.Value, g.Value) {
				return
			}
		}
	}
	v.add(draft{Finding: harbour.Finding{
		Rule: "identity-changed", Severity: harbour.SeverityMedium, Subjects: []string{a.id},
		Title:       a.name + " tells another serial number than declared",
		Explanation: fmt.Sprintf("The inventory gives serial number %s for %s; the device says %s.", want[0].Value, v.calledBy(i, attrs), got[0].Value),
		Action:      "Compare with the type plate. Correct the inventory, or find out who exchanged the device or its module.",
		Evidence:    append(refsOf(want[0].Observations), refsOf(got[0].Observations)...), FirstSeen: got[0].FirstSeen, LastSeen: got[0].LastSeen,
	}, distinct: "serial"})
}

// serialForms says whether two serial numbers may be one: equal, the same number in hexadecimal and decimal, or one with
// a prefix that the other lacks.
func serialForms(a, b string) bool {
	x, y := serialKey(a), serialKey(b)
	if x == y || len(x) >= 6 && strings.HasSuffix(y, x) || len(y) >= 6 && strings.HasSuffix(x, y) {
		return true
	}
	return hexEqualsDecimal(x, y) || hexEqualsDecimal(y, x)
}

func hexEqualsDecimal(h, d string) bool {
	var n uint64
	for _, c := range h {
		switch {
		case c >= '0' && c <= '9':
			n = n<<4 | uint64(c-'0')
		case c >= 'A' && c <= 'F':
			n = n<<4 | uint64(c-'A'+10)
		default:
			return false
		}
	}
	return len(h) <= 16 && fmt.Sprint(n) == d
}

// claim is a MAC that claims an address.
type claim struct {
	mac         evidence.MAC
	first, last harbour.Instant
	refs        []harbour.ProofRef
	asset       int32
}

// findConflicts reports addresses that two devices claimed at the same time. Taking over one after the other is how
// leases, failover and replacement work; a virtual MAC is shared by design; a router answers for others.
func (v *Inventory) findConflicts() {
	order := v.sortedNodes(func(e *evidence.Endpoint) bool {
		return e.Flags&evidence.Bound != 0 && strong(e.MAC) && !e.IP.None() && !e.IP.LinkLocal() && v.proxies[hardware{e.MAC, e.VLAN}] == 0
	}, func(a, b *evidence.Endpoint) int {
		if c := placeOf(a).compare(placeOf(b)); c != 0 {
			return c
		}
		return bytes.Compare(a.MAC[:], b.MAC[:])
	})
	for i := 0; i < len(order); {
		p, j := placeOf(&v.ends[order[i]]), i
		for j < len(order) && placeOf(&v.ends[order[j]]) == p {
			j++
		}
		if v.ends[order[i]].MAC != v.ends[order[j-1]].MAC {
			v.conflict(p, v.claims(order[i:j]))
		}
		i = j
	}
}

// claims puts the nodes of one address together by MAC; they are in that order.
func (v *Inventory) claims(nodes []uint32) (list []*claim) {
	for _, n := range nodes {
		e := &v.ends[n]
		if len(list) == 0 || list[len(list)-1].mac != e.MAC {
			list = append(list, &claim{mac: e.MAC, asset: v.assetOf[n]})
		}
		c := list[len(list)-1]
		harbour.Widen(&c.first, &c.last, e.First)
		harbour.Widen(&c.first, &c.last, e.Last)
		c.refs = append(c.refs, v.proofOf(uint32(v.home(n)), e.Place))
	}
	return list
}

func (v *Inventory) conflict(p place, list []*claim) {
	var both []*claim
	for i, a := range list {
		for _, b := range list[i+1:] {
			if a.first < b.last && b.first < a.last && a.asset != b.asset {
				both = append(both, a, b)
			}
		}
	}
	if len(both) == 0 {
		return
	}
	slices.SortFunc(both, func(a, b *claim) int { return bytes.Compare(a.mac[:], b.mac[:]) })
	both = slices.Compact(both)
	d := draft{Finding: harbour.Finding{
		Rule: "address-conflict", Severity: harbour.SeverityMedium,
		Title:  "Address " + p.ip.String() + " is held by two devices at once",
		Action: "Find both devices by their switch ports. Give one another address; if one is not known, treat it as an intruder that impersonates the other.",
	}, distinct: p.ip.String()}
	var macs []string
	for _, c := range both {
		macs = append(macs, c.mac.String())
		d.Evidence = append(d.Evidence, c.refs...)
		harbour.Widen(&d.FirstSeen, &d.LastSeen, c.first)
		harbour.Widen(&d.FirstSeen, &d.LastSeen, c.last)
		if c.asset >= 0 {
			d.Subjects = append(d.Subjects, v.assets[c.asset].id)
			if v.assets[c.asset].ot {
				d.Severity = harbour.SeverityHigh
			}
		}
	}
	slices.Sort(d.Subjects)
	d.Explanation = fmt.Sprintf("The hardware addresses %s claimed %s in turn. Traffic for one may reach the other.", strings.Join(macs, " and "), p.ip)
	if p.vlan != 0 {
		d.Explanation = fmt.Sprintf("In VLAN %d: ", p.vlan) + d.Explanation
	}
	v.add(d)
}

// severest returns the higher of two severities.
func severest(a, b harbour.Severity) harbour.Severity {
	if cmp.Compare(a.Rank(), b.Rank()) >= 0 {
		return a
	}
	return b
}
