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

// Assessment gives the inventory in the form that documents and lists are written from.
func (v *Inventory) Assessment(version string) *harbour.Assessment {
	a := &harbour.Assessment{
		Port: v.in.Port, Findings: v.findings, Assets: v.Assets(), Heads: v.heads(), Chosen: v.chosen, Conversations: v.Conversations(), Operations: v.Operations(),
		AssetName: func(id string) string {
			if i := v.assetByID(id); i >= 0 {
				return v.assets[i].name
			}
			return ""
		},
		ZoneOf: func(id string) string {
			if i := v.assetByID(id); i >= 0 {
				return v.zoneID(v.assets[i].zone)
			}
			return ""
		},
	}
	for i, l := range v.ledgers {
		e := l.Evidence
		e.Problems = append(slices.Clip(e.Problems), v.doubts[i]...)
		a.Evidence = append(a.Evidence, e)
	}
	a.Zones, a.Conduits = v.zoneList(), v.conduitList()
	a.Summary = v.summary(a, version)
	return a
}

// Findings in order of severity, then rule, then id.
func (v *Inventory) Findings() []harbour.Finding { return v.findings }

// Assets walks all assets in order of id. The element is reused.
func (v *Inventory) Assets() iter.Seq[*harbour.Asset] {
	return v.chosen(func(string) bool { return true })
}

// heads walks all assets without looking at their cards. The element is reused.
func (v *Inventory) heads() iter.Seq[*harbour.Asset] {
	return func(yield func(*harbour.Asset) bool) {
		var x harbour.Asset
		for i := range v.assets {
			a := &v.assets[i]
			x = harbour.Asset{
				ID: a.id, Name: a.name, Domain: a.domain, Kind: a.kind, Level: a.level, Zone: v.zoneID(a.zone),
				Criticality: a.criticality, Declared: a.declared, Observed: a.observed,
			}
			if !yield(&x) {
				return
			}
		}
	}
}

// chosen walks the assets that are wanted, in order of id. The element is reused.
func (v *Inventory) chosen(want func(id string) bool) iter.Seq[*harbour.Asset] {
	return func(yield func(*harbour.Asset) bool) {
		r := cardReader{v, v.cards.Reader(ahead)}
		var x harbour.Asset
		for i := range v.assets {
			if !want(v.assets[i].id) {
				continue
			}
			x = v.assetFor(int32(i), r.read(int32(i)))
			if !yield(&x) {
				return
			}
		}
	}
}

func (v *Inventory) assetFor(i int32, c card) harbour.Asset {
	a, attrs := &v.assets[i], c.attrs
	f := v.factsOf(a, attrs)
	x := harbour.Asset{
		ID: a.id, Name: a.name, Organisation: f.organisation, Domain: a.domain, Kind: a.kind, Role: f.role,
		Vendor: f.vendor, Model: f.model, Firmware: f.firmware, Serial: f.serial, Level: a.level, Zone: v.zoneID(a.zone),
		Criticality: f.criticality, Supplier: f.supplier, Location: f.location, Declared: a.declared, Observed: a.observed,
		FirstSeen: a.first, LastSeen: a.last, Keys: c.keys, Reasons: v.reasons(i, &f, attrs),
		Interfaces: v.interfaces(a), Attributes: attrs, Hostnames: []string{}, Protocols: []harbour.ProtocolUse{}, Software: []harbour.Software{},
	}
	var why string
	if x.Site, why = v.siteOf(a, &f); why != "" {
		x.Reasons = append(x.Reasons, harbour.Reason{About: "site", Text: why, Confidence: harbour.Likely})
	}
	for _, t := range x.Attributes {
		switch t.Name {
		case harbour.AttrHostname, harbour.AttrSystemName:
			if !slices.Contains(x.Hostnames, t.Value) {
				x.Hostnames = append(x.Hostnames, t.Value)
			}
		case harbour.AttrSoftware, harbour.AttrOS:
			name, version := splitSoftware(t.Value)
			x.Software = append(x.Software, harbour.Software{Name: name, Version: version})
		}
	}
	slices.Sort(x.Hostnames)
	for _, u := range a.uses {
		x.Protocols = append(x.Protocols, harbour.ProtocolUse{Name: v.vocab.list[u.protocol], Side: [...]string{"client", "server", "group"}[u.side], Port: int(u.port)})
	}
	if len(c.keys) > 1 {
		x.Aliases = c.keys[1:]
	}
	return x
}

// splitSoftware takes "name/1.2" or "name 1.2" apart.
func splitSoftware(s string) (name, version string) {
	for _, sep := range []string{"/", " ", "_"} {
		if n, v, ok := strings.Cut(s, sep); ok && v != "" && strings.ContainsAny(v[:1], "0123456789vV") {
			return n, v
		}
	}
	return s, ""
}

// Conversations walks all conversations by client, server, transport and port. The element is reused.
func (v *Inventory) Conversations() iter.Seq[*harbour.Conversation] {
	return func(yield func(*harbour.Conversation) bool) {
		var x harbour.Conversation
		spelt := addresses{ends: v.ends}
		for c := range v.talks() {
			l, client, server := v.ledgers[c.ledger], spelt.of(c.from), spelt.of(c.to)
			x = harbour.Conversation{
				Client: v.idOf(c.client), Server: v.idOf(c.server), ClientIP: client.ip, ClientMAC: client.mac,
				VLAN: int(v.ends[c.from].VLAN), Transport: transportName(c.Transport), Port: int(c.Port), Protocol: v.protocolOf(c),
				Confirmed: c.Confirmed, Packets: int64(c.Packets[0] + c.Packets[1]), Bytes: int64(c.Bytes[0] + c.Bytes[1]),
				FirstSeen: c.First, LastSeen: c.Last, Verdict: c.verdict, Evidence: l.Evidence.ID, Locator: l.Locator(c.Place),
			}
			if c.Transport == evidence.TransportEthernet {
				x.EtherType, x.Port = fmt.Sprintf("0x%04x", c.Port), 0
			}
			if c.Group {
				x.Group = cmp.Or(server.ip, server.mac)
			} else {
				x.ServerIP, x.ServerMAC = server.ip, server.mac
			}
			if !yield(&x) {
				return
			}
		}
	}
}

// addresses spells the addresses of endpoints. Conversations come by client and server, so that the same few are asked for
// again and again.
type addresses struct {
	ends []evidence.Endpoint
	last [256]spelling
}

// spelling is one endpoint's addresses as text.
type spelling struct {
	ip, mac string
	end     uint32
	known   bool
}

func (a *addresses) of(i uint32) spelling {
	s := &a.last[i%uint32(len(a.last))]
	if !s.known || s.end != i {
		e := &a.ends[i]
		*s = spelling{e.IP.String(), e.MAC.String(), i, true}
	}
	return *s
}

func (v *Inventory) idOf(i int32) string {
	if i < 0 {
		return ""
	}
	return v.assets[i].id
}

// Operations walks all operations by client, server and first appearance. The element is reused.
func (v *Inventory) Operations() iter.Seq[*harbour.Operation] {
	return func(yield func(*harbour.Operation) bool) {
		var x harbour.Operation
		spelt := addresses{ends: v.ends}
		for o := range v.acts() {
			l, client, server := v.ledgers[o.ledger], spelt.of(o.from), spelt.of(o.to)
			x = harbour.Operation{
				Client: v.idOf(o.client), Server: v.idOf(o.server), ClientIP: client.ip, Protocol: o.protocol,
				Verb: harbour.Verb(o.verb), Code: o.code, Name: o.name, Target: string(o.target), Result: o.result,
				Count: int64(o.count), FirstSeen: o.first, LastSeen: o.last, Evidence: l.Evidence.ID, Locator: l.Locator(o.place),
			}
			if o.group {
				x.Group = cmp.Or(server.ip, server.mac)
			} else {
				x.ServerIP = server.ip
			}
			if !yield(&x) {
				return
			}
		}
	}
}

// zoneList counts the members of the declared zones.
func (v *Inventory) zoneList() []harbour.Zone {
	members := make([]int, len(v.zones.list))
	for i := range v.assets {
		if z := v.assets[i].zone; z >= 0 {
			members[z]++
		}
	}
	var out []harbour.Zone
	for i, z := range v.zones.list {
		out = append(out, harbour.Zone{ID: z.ID, Name: z.Name, Level: z.Level, Kind: z.Kind, Members: members[i], Evidence: v.portProof(fmt.Sprintf("zones[%d]", i))})
	}
	slices.SortFunc(out, func(a, b harbour.Zone) int {
		return cmp.Or(strings.Compare(b.Level, a.Level), strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	return out
}

// portProof cites the line of the port file at which an entry stands.
func (v *Inventory) portProof(entry string) []harbour.ProofRef {
	for _, l := range v.ledgers {
		if l.Port != nil {
			return []harbour.ProofRef{{ID: l.Evidence.ID, Locator: l.Locator(l.Entries[entry])}}
		}
	}
	return []harbour.ProofRef{}
}

// conduitList sums the conversations between zones, and adds declared conduits that nobody used.
func (v *Inventory) conduitList() []harbour.ConduitUse {
	type key struct{ from, to int16 }
	type service struct {
		protocol  string
		transport evidence.Transport
		port      uint16
		verdict   harbour.Verdict
	}
	uses := map[key]*harbour.ConduitUse{}
	services := map[key]map[service]*harbour.ConduitService{}
	get := func(k key) *harbour.ConduitUse {
		if uses[k] == nil {
			from, to := v.zoneID(k.from), v.zoneID(k.to)
			uses[k] = &harbour.ConduitUse{ID: from + "→" + to, From: from, To: to, Services: []harbour.ConduitService{}, Verdicts: map[harbour.Verdict]int{}, Evidence: []harbour.ProofRef{}}
			services[k] = map[service]*harbour.ConduitService{}
			if list := v.zones.conduits[[2]int16{k.from, k.to}]; len(list) > 0 {
				uses[k].ID, uses[k].Name, uses[k].Declared = list[0].ID, list[0].Name, true
				for i := range v.in.Port.Conduits {
					if &v.in.Port.Conduits[i] == list[0] {
						uses[k].Evidence = v.portProof(fmt.Sprintf("conduits[%d]", i))
					}
				}
			}
		}
		return uses[k]
	}
	for k := range v.zones.conduits {
		get(key{k[0], k[1]})
	}
	for c := range v.talks() {
		if c.client < 0 || c.server < 0 {
			continue
		}
		k := key{v.assets[c.client].zone, v.assets[c.server].zone}
		if k.from == k.to || k.from < 0 || k.to < 0 {
			continue
		}
		if neighbourly(v.protocolOf(c)) {
			continue
		}
		u := get(k)
		u.Verdicts[c.verdict]++
		n := int64(c.Packets[0] + c.Packets[1])
		u.Packets += n
		u.Bytes += int64(c.Bytes[0] + c.Bytes[1])
		harbour.Widen(&u.FirstSeen, &u.LastSeen, c.First)
		harbour.Widen(&u.FirstSeen, &u.LastSeen, c.Last)
		if len(u.Evidence) < maxProof {
			u.Evidence = append(u.Evidence, v.proofOf(c.ledger, c.Place))
		}
		sk := service{v.protocolOf(c), c.Transport, c.Port, c.verdict}
		s := services[k][sk]
		if s == nil {
			s = &harbour.ConduitService{Protocol: sk.protocol, Transport: transportName(sk.transport), Port: int(sk.port), Verdict: sk.verdict}
			services[k][sk] = s
		}
		s.Conversations++
		s.Packets += n
		if len(s.Evidence) < 3 {
			s.Evidence = append(s.Evidence, v.proofOf(c.ledger, c.Place))
		}
	}
	var out []harbour.ConduitUse
	for k, u := range uses {
		for _, s := range services[k] {
			u.Services = append(u.Services, *s)
		}
		slices.SortFunc(u.Services, func(a, b harbour.ConduitService) int {
			return cmp.Or(strings.Compare(a.Protocol, b.Protocol), strings.Compare(a.Transport, b.Transport), cmp.Compare(a.Port, b.Port), strings.Compare(string(a.Verdict), string(b.Verdict)))
		})
		if u.Declared && len(u.Services) == 0 {
			u.Verdicts[harbour.VerdictApprovedUnused] = 1
		}
		out = append(out, *u)
	}
	slices.SortFunc(out, func(a, b harbour.ConduitUse) int {
		return cmp.Or(strings.Compare(a.From, b.From), strings.Compare(a.To, b.To))
	})
	return out
}

// topFindings is how many findings the summary repeats.
const topFindings = 10

func (v *Inventory) summary(a *harbour.Assessment, version string) harbour.Summary {
	s := harbour.Summary{Version: version, GeneratedAt: v.in.At, Counts: map[string]int{}, Services: []harbour.ServiceState{}, TopFindings: []harbour.Finding{}, Problems: []harbour.Problem{}, Silent: append([]harbour.SilentRule{}, v.silent...)}
	if p := v.in.Port; p != nil {
		s.Port, s.Marking = p.Name, p.Marking
	}
	n := s.Counts
	n["assets"], n["conversations"], n["operations"] = len(v.assets), v.convs.Len(), v.ops.Len()
	n["findings"], n["evidence"], n["zones"], n["conduits"] = len(v.findings), len(a.Evidence), len(a.Zones), len(a.Conduits)
	for i := range v.assets {
		x := &v.assets[i]
		n["assets_"+string(x.domain)]++
		n["assets_declared"] += b2i(x.declared)
		n["assets_observed"] += b2i(x.observed)
		n["assets_remote"] += b2i(x.remote)
	}
	for _, f := range v.findings {
		n["findings_"+string(f.Severity)]++
	}
	for _, e := range a.Evidence {
		harbour.Widen(&s.From, &s.To, e.From)
		harbour.Widen(&s.From, &s.To, e.To)
		for _, p := range e.Problems {
			n["problems"]++
			if len(s.Problems) < 100 {
				p.Evidence, p.Path = e.ID, e.Path
				s.Problems = append(s.Problems, p)
			}
		}
	}
	s.TopFindings = append(s.TopFindings, v.findings[:min(topFindings, len(v.findings))]...)
	s.Services = v.services()
	return s
}

// services says for each declared service which assets it needs and what was found on them.
func (v *Inventory) services() []harbour.ServiceState {
	out := []harbour.ServiceState{}
	if v.in.Port == nil {
		return out
	}
	needs := map[string]map[string]bool{} // service → asset ids
	need := func(service, asset string) {
		if needs[service] == nil {
			needs[service] = map[string]bool{}
		}
		needs[service][asset] = true
	}
	ofModule := map[string][]string{}
	for _, m := range v.in.Port.Modules {
		ofModule[m.ID] = m.Services
		ofModule[m.Name] = m.Services
	}
	for i, c := range v.carded(hasService) {
		for _, t := range c.attrs {
			switch {
			case t.Declared && t.Name == harbour.AttrPortService:
				need(t.Value, v.assets[i].id)
			case t.Declared && t.Name == harbour.AttrModule:
				for _, s := range ofModule[t.Value] {
					need(s, v.assets[i].id)
				}
			}
		}
	}
	for _, s := range v.in.Port.Services {
		st := harbour.ServiceState{ID: s.ID, Name: s.Name, Assets: len(needs[s.ID])}
		worst := harbour.Severity("")
		for _, f := range v.findings {
			if slices.ContainsFunc(f.Subjects, func(id string) bool { return needs[s.ID][id] }) {
				st.Findings++
				worst = severest(worst, f.Severity)
			}
		}
		st.Worst = string(worst)
		out = append(out, st)
	}
	return out
}
