// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"cmp"
	"fmt"
	"iter"
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

// controlProtocols are those whose servers are controllers.
var controlProtocols = map[string]harbour.Kind{
	"modbus": harbour.KindPLC, "s7comm": harbour.KindPLC, "s7comm_plus": harbour.KindPLC, "enip": harbour.KindPLC,
}

// answers says how well a server of a control protocol shows a controller. Whatever has an EtherNet/IP port answers it: drives, remote
// I/O and panels as well as controllers.
var answers = map[string]harbour.Confidence{"modbus": 60, "s7comm": 60, "s7comm_plus": 60, "enip": 48}

// spelled writes a protocol as its field does.
func spelled(protocol string) string {
	if p, ok := harbour.Protocol(protocol); ok {
		return p.Short
	}
	return protocol
}

// describe makes the card of each asset and infers remote hosts, name, kind, domain, zone and level from it.
func (v *Inventory) describe() error {
	rows, stop := iter.Pull(v.obs.Rows())
	defer stop()
	g := gathered{v: v}
	var p packer
	row, more := rows()
	for i := range v.assets {
		g.list, g.arena = g.list[:0], g.arena[:0]
		for more && row.Hi == uint64(i) {
			g.add(row.Bytes)
			row, more = rows()
		}
		a := &v.assets[i]
		keys := v.keysOf(v.nodes(a))
		v.classify(int32(i), keys, g.write(&p, keys))
		if err := v.cards.Append(p.b); err != nil {
			return err
		}
	}
	v.labels = labels{}
	if err := v.obs.Err(); err != nil {
		return err
	}
	if err := v.obs.Close(); err != nil {
		return err
	}
	return v.cards.Done()
}

func (v *Inventory) classify(i int32, keys []string, attrs []harbour.Attribute) {
	a := &v.assets[i]
	f := v.factsOf(a, attrs)
	a.name = cmp.Or(f.declaredName, f.systemName, f.hostname, defaultName(keys))
	a.listed = v.zones.listed(a.name, f.hostname, keys)
	for _, t := range attrs {
		a.has |= traitOf[t.Name]
	}
	a.remote = v.isRemote(a)
	a.kind = v.inferKind(i, &f, attrs, nil)
	var stated []harbour.Statement
	if v.in.Stated != nil {
		stated = v.in.Stated(a.id)
	}
	for _, s := range stated {
		if k := harbour.Kind(s.Value); s.Field == harbour.AttrKind && k.Known() {
			a.kind = k
		}
	}
	a.zone, _ = v.zoneOf(a, &f)
	v.stateZone(a, stated)
	v.inferPlace(a, &f, nil)
	for _, s := range stated {
		switch s.Field {
		case harbour.AttrLevel:
			a.level = s.Value
		case harbour.AttrDomain:
			a.domain = harbour.Domain(s.Value)
		}
	}
	a.level, a.criticality = v.words.keep(a.level), v.words.keep(f.criticality)
}

// stateZone puts an asset into the zone that people state; one that the port file does not know any more changes nothing.
func (v *Inventory) stateZone(a *asset, stated []harbour.Statement) {
	for _, s := range stated {
		if s.Field != harbour.AttrZone {
			continue
		}
		if z, ok := v.zones.byID[s.Value]; ok {
			a.zone = z
		} else if s.Value == "" {
			a.zone = -1
		}
	}
}

// traitOf says which attributes rules look for.
var traitOf = map[string]traits{
	harbour.AttrDefaultLogin: hasLogin, harbour.AttrCleartextLogin: hasLogin,
	harbour.AttrTLSVersion: hasVersion, harbour.AttrSSHVersion: hasVersion, harbour.AttrSMBDialect: hasVersion,
	harbour.AttrPortService: hasService, harbour.AttrModule: hasService,
}

// reasons tells why an asset is what it is taken for. It is worked out again when somebody asks, which is cheaper than
// keeping it for a hundred thousand assets.
func (v *Inventory) reasons(i int32, f *facts, attrs []harbour.Attribute) (list []harbour.Reason) {
	a := &v.assets[i]
	v.inferKind(i, f, attrs, &list)
	if _, why := v.zoneOf(a, f); why != "" {
		list = append(list, harbour.Reason{About: "zone", Text: why, Confidence: harbour.Declared})
	}
	again := *a
	again.level = ""
	v.inferPlace(&again, f, &list)
	for _, n := range v.decided[i] {
		d := &v.decisions[n].Decision
		r := harbour.Reason{About: "identity", Text: d.words(), Confidence: harbour.Declared}
		if d.Source.ID != "" {
			r.Evidence = []harbour.Observation{{Evidence: d.Source.ID, Locator: d.Source.Locator}}
		}
		list = append(list, r)
	}
	return list
}

// isRemote says whether an asset is a host outside the port: a public address that no hardware of the port holds.
func (v *Inventory) isRemote(a *asset) bool {
	if a.declared {
		return false
	}
	public := false
	for _, n := range v.nodes(a) {
		e := &v.ends[n]
		switch {
		case e.IP.None():
			if !e.MAC.None() && e.Flags&observedFlags != 0 {
				return false
			}
		case e.IP.Private():
			return false
		case e.Flags&evidence.Bound != 0 || v.local[n]:
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
func (v *Inventory) inferKind(i int32, f *facts, attrs []harbour.Attribute, reasons *[]harbour.Reason) harbour.Kind {
	a := &v.assets[i]
	votes := make([]vote, 0, 8)
	add := func(k harbour.Kind, c harbour.Confidence, why string, from []harbour.Observation) {
		votes = append(votes, vote{k, c, why, from})
	}
	for k := range attrs {
		t := &attrs[k]
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
				add(rule.kind, min(rule.confidence, t.Confidence), strings.ReplaceAll(t.Name, "_", " ")+" is "+quote(t.Value)+rule.note, t.Observations)
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
		protocol := v.vocab.list[u.protocol]
		if k, ok := controlProtocols[protocol]; ok && u.side == 1 {
			add(k, answers[protocol], "answers "+spelled(protocol), nil)
		}
		for _, r := range serviceRules {
			if r.protocol == protocol && r.side == u.side {
				add(r.kind, r.confidence, r.why, nil)
			}
		}
	}
	e, engineered := v.engineers[i]
	if engineered {
		add(harbour.KindEngineering, 70, "performed "+e.name+" ("+e.verb+")", []harbour.Observation{{Evidence: v.ledgers[e.ledger].Evidence.ID, Locator: v.ledgers[e.ledger].Locator(e.place)}})
	}
	if n := int(a.controllers); n >= 3 {
		add(harbour.KindSCADA, 55, "client of "+count(n, "controller"), nil)
	} else if n > 0 && !engineered {
		add(harbour.KindHMI, 40, "client of "+count(n, "controller"), nil)
	}
	if a.clients >= 5 {
		add(harbour.KindServer, 35, fmt.Sprintf("serves %d clients", a.clients), nil)
	}
	if why := v.forwards(a); why != "" {
		add(harbour.KindRouter, 65, why, nil)
	}
	for _, r := range v.rulesOf(f.ouiVendor, reasons == nil) {
		add(r.kind, r.confidence, "hardware address of "+f.ouiVendor, nil)
	}
	slices.SortStableFunc(votes, func(x, y vote) int {
		return cmp.Or(cmp.Compare(y.c, x.c), strings.Compare(string(x.kind), string(y.kind)), strings.Compare(x.why, y.why))
	})
	if reasons != nil {
		for _, x := range votes[:min(len(votes), maxReasons)] {
			*reasons = append(*reasons, harbour.Reason{About: "kind", Text: x.kind.Info().Title + ": " + x.why, Confidence: x.c, Evidence: x.from})
		}
	}
	if len(votes) == 0 {
		return harbour.KindUnknown
	}
	return votes[0].kind
}

// rulesOf lists the rules about a maker. They are kept while assets are classified, and looked up afterwards.
func (v *Inventory) rulesOf(maker string, keep bool) (list []makerRule) {
	if maker == "" {
		return nil
	}
	if list, ok := v.makers[maker]; ok {
		return list
	}
	low := strings.ToLower(maker)
	for _, r := range makerRules {
		if strings.Contains(low, r.maker) {
			list = append(list, r)
		}
	}
	if keep {
		v.makers[maker] = list
	}
	return list
}

// maxReasons is how many votes for a kind are told.
const maxReasons = 6

// forwards says why an asset is taken for a router: many addresses arrive with its MAC and a spent hop count.
func (v *Inventory) forwards(a *asset) string {
	for _, n := range v.nodes(a) {
		e := &v.ends[n]
		if f := v.macs[e.MAC]; f.routed >= 2 && (e.IP.None() || v.local[n]) {
			return fmt.Sprintf("forwards for %d addresses", f.routed)
		}
	}
	return ""
}

// inferPlace settles domain and Purdue level.
func (v *Inventory) inferPlace(a *asset, f *facts, reasons *[]harbour.Reason) {
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
	reason(f.declaredLevel, "declared", harbour.Declared)
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
