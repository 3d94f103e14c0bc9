// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"time"

	"breakwater/harbour"
)

// A synthetic port that has something of everything the page can show. It is made by a fixed seed.

var noon = harbour.At(time.Date(2026, 11, 16, 5, 0, 12, 0, time.UTC))

func after(seconds int) harbour.Instant { return noon + harbour.Instant(seconds)*1_000_000 }

type port struct {
	r     *rand.Rand
	zones []harbour.Zone
	list  []*harbour.Asset
	files []harbour.Evidence
}

var exampleZones = []harbour.Zone{
	{ID: "outside", Name: "Outside", Level: "5", Kind: harbour.ZoneExternal},
	{ID: "office", Name: "Corporate office", Level: "4", Kind: harbour.ZoneBusiness},
	{ID: "booking", Name: "Truck booking and customer services", Level: "4", Kind: harbour.ZoneBusiness},
	{ID: "dmz", Name: "Industrial DMZ", Level: "3.5", Kind: harbour.ZoneDMZ},
	{ID: "tos", Name: "Terminal operations", Level: "3", Kind: harbour.ZoneControl},
	{ID: "vts", Name: "Vessel traffic service", Level: "3", Kind: harbour.ZoneControl},
	{ID: "gate", Name: "Gate and weighbridges", Level: "2", Kind: harbour.ZonePhysical},
	{ID: "cctv", Name: "Cameras", Level: "2", Kind: harbour.ZonePhysical},
	{ID: "supervision", Name: "Supervision", Level: "2", Kind: harbour.ZoneControl},
	{ID: "tank-dcs", Name: "Tank terminal control room", Level: "2", Kind: harbour.ZoneControl},
	{ID: "asc", Name: "Automated stacking cranes", Level: "1", Kind: harbour.ZoneControl},
	{ID: "sts", Name: "Ship-to-shore cranes", Level: "1", Kind: harbour.ZoneControl},
	{ID: "reefer", Name: "Reefer racks", Level: "1", Kind: harbour.ZoneControl},
	{ID: "tanks", Name: "Tank farm", Level: "1", Kind: harbour.ZoneControl},
	{ID: "shore-power", Name: "Shore power", Level: "1", Kind: harbour.ZoneControl},
	{ID: "tank-safety", Name: "Tank overfill protection", Level: "1", Kind: harbour.ZoneSafety},
	{ID: "spreader", Name: "Spreader sensors", Level: "0", Kind: harbour.ZoneControl},
}

// examplePort gives an assessment with about n assets.
func examplePort(n int) *harbour.Assessment {
	p := &port{r: rand.New(rand.NewPCG(1, uint64(n))), zones: slices.Clone(exampleZones)}
	p.evidence()
	p.assets(n)
	a := &harbour.Assessment{
		Port:     &harbour.Port{Name: "Port of Skerry", Marking: "RESTRICTED – PORT SECURITY"},
		Zones:    p.zones,
		Evidence: p.files,
		Summary: harbour.Summary{
			Version: "0.1.0", GeneratedAt: after(9 * 86400), Port: "Port of Skerry", Marking: "RESTRICTED – PORT SECURITY",
			From: noon, To: after(5 * 3600), Counts: map[string]int{"assets": n},
			Services: []harbour.ServiceState{
				{ID: "quay", Name: "Quay: loading and discharge", Assets: 48, Findings: 3, Worst: "critical"},
				{ID: "yard", Name: "Yard: automated stacking", Assets: 131, Findings: 2, Worst: "high"},
				{ID: "gate", Name: "Gate", Assets: 77, Findings: 1, Worst: "high"},
				{ID: "vts", Name: "Vessel traffic service", Assets: 21},
			},
		},
	}
	for i := range p.zones {
		a.Port.Zones = append(a.Port.Zones, harbour.DeclaredZone{ID: p.zones[i].ID, TargetLevel: 1 + i%3})
	}
	byID := map[string]*harbour.Asset{}
	for _, v := range p.list {
		byID[v.ID] = v
	}
	a.Assets = func(yield func(*harbour.Asset) bool) {
		for _, v := range p.list {
			if !yield(v) {
				return
			}
		}
	}
	a.AssetName = func(id string) string {
		if v := byID[id]; v != nil {
			return v.Name
		}
		return id
	}
	a.ZoneOf = func(id string) string {
		if v := byID[id]; v != nil {
			return v.Zone
		}
		return ""
	}
	p.findings(a)
	p.traffic(a)
	return a
}

func (p *port) evidence() {
	for i, name := range []string{"captures/quay-core.pcapng", "captures/yard-span.pcapng.zst", "captures/gate.pcap", "captures/tank-terminal.pcap.gz", "inventory.xlsx", "port.yaml", "captures/notes.docx"} {
		sum := fmt.Sprintf("%016x%048x", 0x1a2b3c4d5e6f7080+uint64(i)*0x1111, i)
		e := harbour.Evidence{
			ID: harbour.EvidenceID(sum), Path: "evidence/" + name, Kind: harbour.EvidencePacket, SHA256: sum,
			Bytes: int64(1+i) * 183_440_121, Records: int64(1+i) * 1_204_331, From: after(i * 300), To: after(5*3600 - i*60),
			Counters: []harbour.Counter{{Name: "frames_ethernet", Value: 1_204_331}, {Name: "flows_evicted", Value: int64(i)}},
		}
		switch i {
		case 1:
			e.Problems = []harbour.Problem{{Locator: "byte 88231044", Message: "a block claims 4 294 967 295 bytes; skipped to the next whole block", Hint: "the capture was cut while it was written; take it again if the hour matters"}}
		case 4:
			e.Kind, e.Records, e.From, e.To, e.Bytes, e.Counters = harbour.EvidenceSheet, 1188, 0, 0, 211_003, nil
			e.Problems = []harbour.Problem{{Locator: "sheet Gate row 47", Message: `"10.20.300.4" is not an address`, Hint: "write four numbers from 0 to 255"}}
		case 5:
			e.Kind, e.Records, e.From, e.To, e.Bytes, e.Counters = harbour.EvidencePortFile, 96, 0, 0, 18_442, nil
		case 6:
			e.Kind, e.Records, e.From, e.To, e.Bytes, e.Counters = harbour.EvidenceUnknown, 0, 0, 0, 40_991, nil
			e.Problems = []harbour.Problem{{Message: "not a kind of evidence that is read; tried capture, table, port file", Fatal: true}}
		}
		p.files = append(p.files, e)
	}
}

func (p *port) proof(n int) []harbour.Observation {
	var out []harbour.Observation
	for range n {
		out = append(out, harbour.Observation{Evidence: p.files[p.r.IntN(4)].ID, Locator: fmt.Sprintf("frame %d", 1+p.r.IntN(1_000_000))})
	}
	return out
}

func (p *port) refs(n int) []harbour.ProofRef {
	var out []harbour.ProofRef
	for _, o := range p.proof(n) {
		out = append(out, harbour.ProofRef{ID: o.Evidence, Locator: o.Locator})
	}
	return out
}

func (p *port) assets(n int) {
	kinds := []harbour.Kind{harbour.KindCraneController, harbour.KindPLC, harbour.KindHMI, harbour.KindCamera, harbour.KindSwitch, harbour.KindServer, harbour.KindWorkstation, harbour.KindDrive, harbour.KindMeter, harbour.KindBadgeReader, harbour.KindEngineering, harbour.KindUnknown}
	vendors := []string{"Siemens", "Rockwell Automation", "Schneider Electric", "Axis Communications", "Hirschmann", "Dell", "ABB", ""}
	models := []string{"CPU 1516-3 PN/DP", "1756-L83E", "M580 BMEP584040", "P3265-LVE", "RSP35", "PowerEdge R660", "ACS880", ""}
	for i := range n {
		k := kinds[p.r.IntN(len(kinds))]
		z := p.r.IntN(len(p.zones))
		v := p.r.IntN(len(vendors))
		ip := fmt.Sprintf("10.%d.%d.%d", 20+z, i/250%256, 1+i%250)
		mac := fmt.Sprintf("00:1b:1b:%02x:%02x:%02x", z, i>>8&255, i&255)
		a := &harbour.Asset{
			ID: fmt.Sprintf("a-%012x", i*2654435761&0xffffffffffff), Name: fmt.Sprintf("%s-%03d", p.zones[z].ID, i), Organisation: "skerry-terminals", Site: "north-quay",
			Domain: k.Info().Domain, Kind: k, Role: "hoist controller", Vendor: vendors[v], Model: models[v], Firmware: "2.9.4", Serial: fmt.Sprintf("S C-%06d", i),
			Hostnames: []string{fmt.Sprintf("h%d.skerry.example", i)}, Interfaces: []harbour.Interface{{MAC: mac, IPs: []string{ip}, VLAN: 100 + z}},
			Protocols: []harbour.ProtocolUse{{Name: "modbus", Side: "server", Port: 502}, {Name: "s7comm", Side: "client", Port: 102}}, Level: p.zones[z].Level, Zone: p.zones[z].ID,
			Criticality: []string{"", "low", "medium", "high", "critical"}[p.r.IntN(5)], Supplier: "crane-works", Location: "crane-4",
			Software: []harbour.Software{{Name: "OpenSSH", Version: "8.4p1"}}, Declared: p.r.IntN(8) > 0, Observed: p.r.IntN(10) > 0, FirstSeen: after(i), LastSeen: after(i + 7200),
			Keys: []string{"mac:" + mac, "ip:" + ip},
		}
		if i%40 == 7 {
			a.Zone, a.Level = "", ""
		}
		if a.Zone != "" {
			p.zones[z].Members++
		}
		a.Attributes = []harbour.Attribute{
			{Name: harbour.AttrIP, Value: ip, Confidence: harbour.Confirmed, Count: 48_211, FirstSeen: after(i), LastSeen: after(i + 7200), Observations: p.proof(3)},
			{Name: harbour.AttrMAC, Value: mac, Confidence: harbour.Confirmed, Count: 48_211, FirstSeen: after(i), LastSeen: after(i + 7200), Observations: p.proof(1)},
			{Name: harbour.AttrFirmware, Value: "2.9.4", Confidence: harbour.Stated, Count: 2, FirstSeen: after(i), LastSeen: after(i), Observations: p.proof(2)},
			{Name: harbour.AttrFirmware, Value: "2.9.2", Declared: true, Confidence: harbour.Declared, Count: 1, Observations: []harbour.Observation{{Evidence: p.files[4].ID, Locator: fmt.Sprintf("sheet Cranes row %d", i+2)}}},
			{Name: harbour.AttrOrderNumber, Value: "6ES7 516-3AN02-0AB0", Confidence: harbour.Stated, Count: 2, FirstSeen: after(i), LastSeen: after(i), Observations: p.proof(1)},
			{Name: harbour.AttrServerBanner, Value: "SSH-2.0-OpenSSH_8.4p1 Debian-5+deb11u3", Confidence: harbour.Stated, Count: 12, FirstSeen: after(i), LastSeen: after(i + 70), Observations: p.proof(1)},
		}
		a.Reasons = []harbour.Reason{
			{About: "kind", Text: "answered Modbus device identification as a controller", Confidence: harbour.Stated, Evidence: p.proof(1)},
			{About: "zone", Text: "10." + fmt.Sprint(20+z) + ".0.0/16 belongs to " + p.zones[z].Name, Confidence: harbour.Declared},
		}
		p.list = append(p.list, a)
	}
	for i := range p.zones {
		p.zones[i].Evidence = []harbour.ProofRef{{ID: p.files[5].ID, Locator: fmt.Sprintf("line %d", 12+i*6)}}
	}
}

func (p *port) findings(a *harbour.Assessment) {
	rules := []struct {
		rule  string
		sev   harbour.Severity
		title string
		n     int
	}{
		{"engineering_unapproved", harbour.SeverityCritical, "Program download to %s from a station that is not approved", 2},
		{"default_credential", harbour.SeverityCritical, "%s accepts the maker's default password", 1},
		{"zone_bypass", harbour.SeverityHigh, "Gate cameras reach %s on the crane network", 3},
		{"undeclared_asset", harbour.SeverityHigh, "Undeclared cellular gateway %s beside a crane", 2},
		{"cleartext_credential", harbour.SeverityMedium, "Password in clear text to %s", 4},
		{"obsolete_tls", harbour.SeverityMedium, "%s speaks TLS 1.0", 5},
		{"address_conflict", harbour.SeverityLow, "Two devices use the address of %s", 2},
		{"declared_not_seen", harbour.SeverityInfo, "%s is declared and was never seen", 9},
	}
	i := 3
	for _, r := range rules {
		for range r.n {
			if i >= len(p.list) {
				return
			}
			v := p.list[i]
			f := harbour.Finding{
				ID: fmt.Sprintf("f-%s-%04x", r.rule, i), Rule: r.rule, Severity: r.sev, Title: fmt.Sprintf(r.title, v.Name),
				Explanation: "A station in " + v.Zone + " transferred a program to this controller. The port file approves engineering work on it from two stations only, and this is not one of them. Whoever can do this can make the crane do anything that its motors can.",
				Action:      "Find out who sat at the station at that time. If nobody did, isolate the station, compare the controller's program with the last approved copy and keep both as evidence.",
				Subjects:    []string{v.ID, p.list[(i*7+1)%len(p.list)].ID}, Evidence: p.refs(3), Requirements: []string{"IEC 62443-3-3 SR 2.1", "IEC 62443-3-3 SR 6.1"},
				Status: harbour.FindingOpen, FirstSeen: after(i * 60), LastSeen: after(i*60 + 340),
			}
			if r.sev == harbour.SeverityInfo {
				f.Evidence = nil
			}
			if i%9 == 0 {
				f.Status = harbour.FindingAccepted
			}
			a.Findings = append(a.Findings, f)
			i += 5
		}
	}
	a.Summary.TopFindings = a.Findings[:3]
}

func (p *port) traffic(a *harbour.Assessment) {
	type pair struct {
		from, to string
		v        harbour.Verdict
		declared bool
	}
	ok, bad, unused := harbour.VerdictApprovedUsed, harbour.VerdictUndocumented, harbour.VerdictApprovedUnused
	pairs := []pair{
		{"office", "dmz", ok, true},
		{"booking", "dmz", ok, true},
		{"outside", "booking", ok, true},
		{"dmz", "tos", ok, true},
		{"tos", "supervision", ok, true},
		{"supervision", "asc", ok, true},
		{"supervision", "sts", ok, true},
		{"supervision", "reefer", ok, true},
		{"tos", "gate", ok, true},
		{"gate", "cctv", ok, true},
		{"gate", "sts", bad, false},
		{"office", "sts", bad, false},
		{"tank-dcs", "tanks", ok, true},
		{"tank-dcs", "tank-safety", bad, true},
		{"vts", "dmz", unused, true},
		{"sts", "spreader", ok, true},
		{"supervision", "shore-power", unused, true},
		{"outside", "sts", bad, false},
		{"cctv", "asc", bad, false},
		{"tos", "vts", ok, true},
		{"office", "cctv", ok, true},
	}
	var talks []harbour.Conversation
	var ops []harbour.Operation
	byZone := map[string][]*harbour.Asset{}
	for _, v := range p.list {
		byZone[v.Zone] = append(byZone[v.Zone], v)
	}
	for i, c := range pairs {
		u := harbour.ConduitUse{ID: c.from + "-to-" + c.to, From: c.from, To: c.to, Declared: c.declared, Verdicts: map[harbour.Verdict]int{c.v: 3}, FirstSeen: after(i), LastSeen: after(i + 900), Evidence: p.refs(2), Packets: 30}
		if c.declared {
			u.Name = "Conduit " + c.from
			u.Verdicts[ok] = 2
		}
		u.Services = []harbour.ConduitService{{Protocol: "modbus", Transport: "tcp", Port: 502, Verdict: c.v, Conversations: 3, Packets: 9_321, Evidence: p.refs(3)}}
		if c.declared && c.v != unused {
			u.Services = append(u.Services, harbour.ConduitService{Protocol: "tls", Transport: "tcp", Port: 443, Verdict: ok, Conversations: 2, Packets: 120_331, Evidence: p.refs(1)})
		}
		if c.v == unused {
			u.Packets, u.Verdicts, u.FirstSeen, u.LastSeen = 0, map[harbour.Verdict]int{unused: 1}, 0, 0
		}
		a.Conduits = append(a.Conduits, u)
		if c.v == unused {
			continue
		}
		from, to := byZone[c.from], byZone[c.to]
		if len(from) == 0 || len(to) == 0 {
			continue
		}
		for j := range 14 {
			x, y := from[j%len(from)], to[j*3%len(to)]
			talks = append(talks, harbour.Conversation{Client: x.ID, Server: y.ID, ClientIP: x.Interfaces[0].IPs[0], ServerIP: y.Interfaces[0].IPs[0], VLAN: 100, Transport: "tcp", Port: []int{502, 443, 22}[j%3], Protocol: []string{"modbus", "tls", ""}[j%3], Confirmed: true, Packets: 400, Bytes: 60_000, FirstSeen: after(j), LastSeen: after(j + 90), Verdict: c.v, Evidence: p.files[0].ID, Locator: fmt.Sprintf("frame %d", j)})
			ops = append(ops, harbour.Operation{Client: x.ID, Server: y.ID, ClientIP: x.Interfaces[0].IPs[0], ServerIP: y.Interfaces[0].IPs[0], Protocol: "modbus", Verb: []harbour.Verb{harbour.VerbRead, harbour.VerbWrite, harbour.VerbProgramDownload, harbour.VerbLogin, harbour.VerbModeChange}[j%5], Code: "0x10", Name: "write_multiple_registers", Target: "unit 1 holding 40001-40012", Result: []string{"ok", "unanswered", "illegal_data_address"}[j%3], Count: int64(j * 17), FirstSeen: after(j * 10), LastSeen: after(j*10 + 60), Evidence: p.files[0].ID, Locator: fmt.Sprintf("frame %d", 118+j)})
		}
		talks = append(talks, harbour.Conversation{Client: from[0].ID, Server: from[len(from)-1].ID, Transport: "tcp", Port: 102, Protocol: "s7comm", Packets: 10, Bytes: 900, Verdict: ok, Evidence: p.files[1].ID, Locator: "frame 9"},
			harbour.Conversation{Client: from[0].ID, Group: "224.0.0.251", Transport: "udp", Port: 5353, Protocol: "mdns", Packets: 10, Bytes: 900, Verdict: harbour.VerdictUnknown, Evidence: p.files[1].ID, Locator: "frame 10"})
	}
	a.Conversations, a.Operations = each(talks), each(ops)
}

// each walks a slice as the assessment does.
func each[T any](s []T) iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for i := range s {
			if !yield(&s[i]) {
				return
			}
		}
	}
}
