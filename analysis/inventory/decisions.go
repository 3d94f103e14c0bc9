// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"breakwater/evidence"
	"breakwater/harbour"
)

// Decision is what a person decided on identity: that keys belong to one asset, or never to one. Decisions win over
// inference and are replayed on every build. "Never" wins over "one", and of two that join, the earlier.
type Decision struct {
	// Same: the keys are one asset; else the first is never one with any of the others.
	Same bool
	// Keys are two or more identity keys as assets list them: mac:…, ip:… with @VLAN or without, serial:…, name:…, tag:…
	Keys []string
	// By names who decided, At says when.
	By string
	At harbour.Instant
	// Reason in a sentence.
	Reason string
	// Source is where the decision is recorded.
	Source harbour.ProofRef
}

// decision is one with the nodes that its keys name.
type decision struct {
	Decision
	nodes [][]uint32 // by key
}

// words tells a decision as a reason.
func (d *Decision) words() string {
	s := "held to be one asset by decision"
	if !d.Same {
		s = "kept apart by decision"
	}
	if d.By != "" {
		s += " of " + d.By
	}
	if d.At.Known() {
		s += " on " + d.At.Time().Format("2006-01-02")
	}
	s += ": " + strings.Join(d.Keys, ", ")
	if d.Reason != "" {
		s += " (" + d.Reason + ")"
	}
	return s
}

// loadDecisions lists the decisions of the port file and those handed in, and finds the nodes that they speak of.
func (v *Inventory) loadDecisions() {
	add := func(d Decision) {
		if len(d.Keys) >= 2 {
			v.decisions = append(v.decisions, decision{d, make([][]uint32, len(d.Keys))})
		}
	}
	if p := v.in.Port; p != nil {
		for i, keys := range p.Identity.Distinct {
			add(Decision{Keys: keys, Source: v.portLine(fmt.Sprintf("identity.distinct[%d]", i))})
		}
		for i, keys := range p.Identity.Same {
			add(Decision{Same: true, Keys: keys, Source: v.portLine(fmt.Sprintf("identity.same[%d]", i))})
		}
	}
	for _, d := range v.in.Decisions {
		add(d)
	}
	if len(v.decisions) == 0 {
		return
	}
	byKey := v.nodesByKey()
	for i := range v.decisions {
		for j, k := range v.decisions[i].Keys {
			v.decisions[i].nodes[j] = *byKey[decisionKey(k)]
		}
	}
}

// nodesByKey finds the nodes of every key that a decision names.
func (v *Inventory) nodesByKey() map[string]*[]uint32 {
	byKey := map[string]*[]uint32{}
	for _, d := range v.decisions {
		for _, k := range d.Keys {
			byKey[decisionKey(k)] = &[]uint32{}
		}
	}
	note := func(k string, n uint32) {
		if list := byKey[k]; list != nil {
			*list = append(*list, n)
		}
	}
	for i := range v.ends {
		n, e := uint32(i), &v.ends[i]
		if strong(e.MAC) && (e.Flags&evidence.Row != 0 || e.IP.None() || v.local[n]) {
			note("mac:"+e.MAC.String(), n)
		}
		if !e.IP.None() {
			k := "ip:" + e.IP.String()
			note(k, n)
			if e.VLAN != 0 {
				note(k+"@"+strconv.Itoa(int(e.VLAN)), n)
			}
		}
	}
	for _, r := range v.labels.rows {
		switch s := v.labels.text(r); r.what {
		case labelSerial:
			note("serial:"+serialKey(s), r.node)
		case labelName, labelHostname:
			note("name:"+hostKey(s), r.node)
		case labelTag:
			note("tag:"+strings.ToLower(s), r.node)
		}
	}
	return byKey
}

// decisionKey brings a key as people write it into the form that is compared.
func decisionKey(s string) string {
	kind, val, _ := strings.Cut(s, ":")
	switch kind = strings.ToLower(kind); kind {
	case "serial":
		return "serial:" + serialKey(val)
	case "name":
		return "name:" + hostKey(val)
	case "mac":
		if m, ok := evidence.ParseMAC(val); ok {
			return "mac:" + m.String()
		}
	case "ip":
		addr, vlan, tagged := strings.Cut(val, "@")
		if a, err := netip.ParseAddr(addr); err == nil {
			addr = a.Unmap().String()
		}
		if tagged {
			return "ip:" + addr + "@" + vlan
		}
		return "ip:" + addr
	}
	return kind + ":" + strings.ToLower(val)
}

// decide replays the decisions that join, or those that keep apart.
func (v *Inventory) decide(same bool) {
	for _, d := range v.decisions {
		if d.Same != same {
			continue
		}
		for _, others := range d.nodes[1:] {
			for _, x := range d.nodes[0] {
				for _, y := range others {
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

// noteDecisions lists for each asset the decisions that speak of it, in their order.
func (v *Inventory) noteDecisions() {
	v.decided = map[int32][]int{}
	for i, d := range v.decisions {
		for _, nodes := range d.nodes {
			for _, n := range nodes {
				a := v.assetOf[n]
				if list := v.decided[a]; a >= 0 && (len(list) == 0 || list[len(list)-1] != i) {
					v.decided[a] = append(list, i)
				}
			}
		}
		v.decisions[i].nodes = nil
	}
}

// portLine cites the line of the port file at which an entry stands.
func (v *Inventory) portLine(entry string) harbour.ProofRef {
	for _, l := range v.ledgers {
		if l.Port != nil {
			return harbour.ProofRef{ID: l.Evidence.ID, Locator: l.Locator(l.Entries[entry])}
		}
	}
	return harbour.ProofRef{}
}

// ComparableKey brings an identity key, as assets list it or people write it, into the form in which two keys of one
// thing are equal: mac:…, ip:… with @VLAN or without, serial:…, name:…, tag:….
func ComparableKey(s string) string { return decisionKey(s) }

// DeclaredKeys lists the identity keys of a declared asset in that form, strongest first.
func DeclaredKeys(a *harbour.DeclaredAsset) (keys []string) {
	add := func(kind, value string) {
		if k := decisionKey(kind + ":" + value); value != "" && k != kind+":" {
			keys = append(keys, k)
		}
	}
	add("serial", a.Serial)
	for _, m := range a.MACs {
		add("mac", m)
	}
	add("name", a.Name)
	add("tag", a.Tag)
	for _, ip := range a.IPs {
		if a.VLAN != 0 {
			add("ip", ip+"@"+strconv.Itoa(a.VLAN))
		}
		add("ip", ip)
	}
	return keys
}
