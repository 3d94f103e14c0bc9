// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"breakwater/evidence"
	"breakwater/harbour"
)

// vote is one reason for a kind.
type vote struct {
	kind harbour.Kind
	c    harbour.Confidence
	why  string
	from []harbour.Observation
}

// behaviour is what an asset's conversations and operations show about its part in the port.
type behaviour struct {
	controllers map[int32]bool // servers of control protocols that it is a client of
	clients     int            // different clients that it serves
	engineering opRef
	engineered  bool
}

// controlProtocols are those whose servers are controllers.
var controlProtocols = map[string]harbour.Kind{
	"modbus": harbour.KindPLC, "s7comm": harbour.KindPLC, "s7comm_plus": harbour.KindPLC, "enip": harbour.KindPLC,
}

// classify infers remote hosts, kind, domain, zone and level of every asset.
func (v *Inventory) classify() {
	v.acts = v.behaviours()
	for i := range v.assets {
		a := &v.assets[i]
		a.remote = v.isRemote(a)
		a.kind = v.inferKind(a, v.acts[int32(i)], v.attributes(a), nil)
	}
	for i := range v.assets {
		a := &v.assets[i]
		a.zone, _ = v.zoneOf(a)
		v.inferPlace(a, nil)
	}
}

// reasons tells why an asset is what it is taken for. It is worked out again when somebody asks, which is cheaper than
// keeping it for a hundred thousand assets.
func (v *Inventory) reasons(i int32, attrs []harbour.Attribute) (list []harbour.Reason) {
	a := &v.assets[i]
	v.inferKind(a, v.acts[i], attrs, &list)
	if _, why := v.zoneOf(a); why != "" {
		list = append(list, harbour.Reason{About: "zone", Text: why, Confidence: harbour.Declared})
	}
	again := *a
	again.level = ""
	v.inferPlace(&again, &list)
	return list
}

func (v *Inventory) behaviours() map[int32]*behaviour {
	acts := map[int32]*behaviour{}
	get := func(i int32) *behaviour {
		if acts[i] == nil {
			acts[i] = &behaviour{controllers: map[int32]bool{}}
		}
		return acts[i]
	}
	lastServer, lastClient := int32(-1), int32(-1)
	for _, r := range v.convs { // sorted by client, then server
		c := v.conversation(r)
		if r.client < 0 || r.server < 0 || !c.Confirmed {
			continue
		}
		if _, ok := controlProtocols[v.ledgers[r.ledger].Text(c.Protocol)]; ok && c.Packets[1] > 0 {
			get(r.client).controllers[r.server] = true
		}
		if r.server != lastServer || r.client != lastClient {
			get(r.server).clients++
			lastServer, lastClient = r.server, r.client
		}
	}
	for _, r := range v.ops {
		o := v.operation(r)
		if r.client < 0 || r.server < 0 {
			continue
		}
		switch harbour.Verb(v.ledgers[r.ledger].Text(o.Verb)) {
		case harbour.VerbProgramDownload, harbour.VerbProgramUpload, harbour.VerbProgramControl, harbour.VerbFirmware, harbour.VerbForce:
			if b := get(r.client); !b.engineered {
				b.engineering, b.engineered = r, true
			}
		}
	}
	return acts
}

// isRemote says whether an asset is a host outside the port: a public address that no hardware of the port holds.
func (v *Inventory) isRemote(a *asset) bool {
	if a.declared {
		return false
	}
	public := false
	for _, n := range a.nodes {
		e := v.ends[n]
		switch {
		case e.IP.None():
			if !e.MAC.None() && e.Flags&observedFlags != 0 {
				return false
			}
		case e.IP.Private():
			return false
		case e.Flags&evidence.Bound != 0 || v.local(e):
			return false
		case v.zones.ofAddress(e.IP, e.VLAN) >= 0 && v.zones.list[v.zones.ofAddress(e.IP, e.VLAN)].Kind != harbour.ZoneExternal:
			return false
		default:
			public = true
		}
	}
	return public
}

// inferKind takes the votes for a kind and returns the one with the most weight; into reasons, where given, go the first
// few.
func (v *Inventory) inferKind(a *asset, b *behaviour, attrs []harbour.Attribute, reasons *[]harbour.Reason) harbour.Kind {
	var votes []vote
	add := func(k harbour.Kind, c harbour.Confidence, why string, from []harbour.Observation) {
		votes = append(votes, vote{k, c, why, from})
	}
	for i := range attrs {
		t := &attrs[i]
		if t.Declared && t.Name == harbour.AttrKind && harbour.Kind(t.Value).Known() {
			add(harbour.Kind(t.Value), harbour.Declared, "declared as "+harbour.Kind(t.Value).Info().Title, t.Observations)
		}
		rules := rulesFor[t.Name]
		if len(rules) == 0 {
			continue
		}
		low := strings.ToLower(t.Value)
		for _, rule := range rules {
			if rule.matches(low) {
				add(rule.kind, min(rule.confidence, t.Confidence), t.Name+" is "+quote(t.Value), t.Observations)
			}
		}
	}
	if a.remote {
		add(harbour.KindRemoteHost, harbour.Confirmed, "a public address behind a router", nil)
	}
	if a.virtual {
		add(harbour.KindRouter, harbour.Confirmed, "the address of a router redundancy group", nil)
	}
	for _, u := range a.uses {
		if k, ok := controlProtocols[u.protocol]; ok && u.side == 1 {
			add(k, 60, "answers "+u.protocol, nil)
		}
		for _, r := range serviceRules {
			if r.protocol == u.protocol && r.side == u.side {
				add(r.kind, r.confidence, r.why, nil)
			}
		}
	}
	if b != nil {
		if b.engineered {
			o := v.operation(b.engineering)
			l := v.ledgers[b.engineering.ledger]
			add(harbour.KindEngineering, 70, "performed "+l.Text(o.Name)+" ("+l.Text(o.Verb)+")",
				[]harbour.Observation{{Evidence: l.Evidence.ID, Locator: l.Locator(o.Place)}})
		}
		if n := len(b.controllers); n >= 3 {
			add(harbour.KindSCADA, 55, "client of "+count(n, "controller"), nil)
		} else if n > 0 && !b.engineered {
			add(harbour.KindHMI, 40, "client of "+count(n, "controller"), nil)
		}
		if b.clients >= 5 {
			add(harbour.KindServer, 35, fmt.Sprintf("serves %d clients", b.clients), nil)
		}
	}
	if f := v.forwards(a); f != "" {
		add(harbour.KindRouter, 65, f, nil)
	}
	for _, r := range makerRules {
		if strings.Contains(strings.ToLower(a.facts.ouiVendor), r.maker) {
			add(r.kind, r.confidence, "hardware address of "+a.facts.ouiVendor, nil)
		}
	}
	slices.SortStableFunc(votes, func(x, y vote) int {
		return cmp.Or(cmp.Compare(y.c, x.c), strings.Compare(string(x.kind), string(y.kind)), strings.Compare(x.why, y.why))
	})
	if reasons != nil {
		for _, x := range votes[:min(len(votes), maxReasons)] {
			*reasons = append(*reasons, harbour.Reason{About: "kind", Text: string(x.kind) + ": " + x.why, Confidence: x.c, Evidence: x.from})
		}
	}
	if len(votes) == 0 {
		return harbour.KindUnknown
	}
	return votes[0].kind
}

// maxReasons is how many votes for a kind are told.
const maxReasons = 6

// forwards says why an asset is taken for a router: many addresses arrive with its MAC and a spent hop count.
func (v *Inventory) forwards(a *asset) string {
	for _, n := range a.nodes {
		e := v.ends[n]
		if f := v.macs[e.MAC]; f != nil && f.routed >= 2 && (e.IP.None() || v.local(e)) {
			return fmt.Sprintf("forwards for %d addresses", f.routed)
		}
	}
	return ""
}

// inferPlace settles domain and Purdue level.
func (v *Inventory) inferPlace(a *asset, reasons *[]harbour.Reason) {
	info := a.kind.Info()
	a.domain = info.Domain
	zone := v.zoneAt(a)
	if zone != nil {
		switch {
		case zone.Kind.OT() && info.Domain == harbour.IT:
			a.domain = harbour.OT
		case zone.Kind == harbour.ZonePhysical && a.kind == harbour.KindUnknown:
			a.domain = harbour.Physical
		}
		a.ot = zone.Kind.OT()
	} else {
		a.ot = info.Domain == harbour.OT
	}
	reason := func(level, why string, c harbour.Confidence) {
		if a.level == "" && level != "" {
			a.level = level
			if reasons != nil {
				*reasons = append(*reasons, harbour.Reason{About: "level", Text: "level " + level + ": " + why, Confidence: c})
			}
		}
	}
	reason(a.facts.declaredLevel, "declared", harbour.Declared)
	if info.Group == "Controllers" || info.Group == "Field devices" {
		reason(info.Level, "usual for "+strings.ToLower(info.Title), harbour.Confirmed)
	}
	if zone != nil {
		reason(zone.Level, "level of zone "+zone.Name, harbour.Declared)
	}
	if a.remote {
		reason("5", "outside the port", harbour.Confirmed)
	}
	reason(info.Level, "usual for "+strings.ToLower(info.Title), harbour.Likely)
	if a.observed {
		reason("4", "no conversation with a controller seen", harbour.Guess)
	}
}
