// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package webtest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"breakwater/harbour"
	"breakwater/store"
)

// Port is a made-up port. Names hold the organisation's id, so that a test can tell whose a row is.
type Port struct {
	Org           string
	Assets        []*harbour.Asset
	Conversations []*harbour.Conversation
	Operations    []*harbour.Operation
	Findings      []*harbour.Finding
	Zones         []harbour.Zone
	Conduits      []harbour.ConduitUse
}

var models = []struct {
	kind          harbour.Kind
	domain        harbour.Domain
	vendor, model string
	level         string
}{
	{harbour.KindPLC, harbour.OT, "Siemens", "S7-1500", "1"},
	{harbour.KindSwitch, harbour.IT, "Hirschmann", "RSP35", "2"},
	{harbour.KindCamera, harbour.Physical, "Axis", "P3265", ""},
	{harbour.KindHMI, harbour.OT, "Siemens", "TP1200", "2"},
	{harbour.KindServer, harbour.IT, "Dell", "R650", "3"},
}

const seen = harbour.Instant(1795000000_000000) // 2026-11-18

// NewPort makes a port of n assets, with a conversation from each to the next and a finding about every second.
func NewPort(org string, n int) *Port {
	p := &Port{
		Org:      org,
		Zones:    []harbour.Zone{{ID: "z-crane", Name: "Cranes of " + org, Level: "1"}, {ID: "z-office", Name: "Office of " + org, Level: "4"}},
		Conduits: []harbour.ConduitUse{{ID: "c-1", From: "z-crane", To: "z-office"}},
	}
	for i := range n {
		m := models[i%len(models)]
		at := harbour.Instant(int64(seen) + int64(i)*60_000000)
		a := &harbour.Asset{
			ID: fmt.Sprintf("a-%s-%03d", org, i), Name: fmt.Sprintf("%s crane %d", org, i), Domain: m.domain, Kind: m.kind, Vendor: m.vendor, Model: m.model, Level: m.level,
			Firmware: fmt.Sprintf("V2.%d", i%4), Site: []string{"north", "south"}[i%2], Supplier: []string{"", "Ironreach"}[i%2], Zone: []string{"z-crane", "z-office"}[i%2],
			Observed: i%7 != 6, Declared: i%5 != 0, FirstSeen: seen, LastSeen: at, Hostnames: []string{fmt.Sprintf("host-%d.%s.example", i, org)},
			Interfaces: []harbour.Interface{{MAC: fmt.Sprintf("00:1b:1b:00:%02x:%02x", i>>8, i&255), IPs: []string{fmt.Sprintf("10.20.%d.%d", i>>8, i&255)}, VLAN: 20}},
			Protocols:  []harbour.ProtocolUse{{Name: "modbus", Side: "server", Port: 502}},
			Keys:       []string{fmt.Sprintf("mac:00:1b:1b:00:%02x:%02x", i>>8, i&255), fmt.Sprintf("serial:%s-%d", org, i)}, Software: []harbour.Software{},
			Reasons: []harbour.Reason{{About: "kind", Text: "answers as a Modbus server", Confidence: harbour.Confirmed}},
		}
		proof := []harbour.Observation{{Evidence: "e-capture-" + org, Locator: fmt.Sprintf("frame %d", i+1)}}
		a.Attributes = []harbour.Attribute{
			{Name: harbour.AttrFirmware, Value: a.Firmware, Confidence: harbour.Stated, Count: 3, FirstSeen: seen, LastSeen: at, Observations: proof},
			{Name: harbour.AttrVendor, Value: m.vendor, Confidence: harbour.Stated, Count: 5, FirstSeen: seen, LastSeen: at, Observations: proof},
			{Name: harbour.AttrVendor, Value: m.vendor + " AG", Declared: true, Confidence: harbour.Declared, Count: 1, FirstSeen: seen, LastSeen: seen, Observations: []harbour.Observation{{Evidence: "e-list-" + org, Locator: fmt.Sprintf("row %d", i+2)}}},
		}
		p.Assets = append(p.Assets, a)
	}
	for i := range n - 1 {
		c, s := p.Assets[i], p.Assets[i+1]
		p.Conversations = append(p.Conversations, &harbour.Conversation{Client: c.ID, Server: s.ID, ClientIP: c.Interfaces[0].IPs[0], ServerIP: s.Interfaces[0].IPs[0], ClientMAC: c.Interfaces[0].MAC, ServerMAC: s.Interfaces[0].MAC, VLAN: 20, Transport: "tcp", Port: 502, Protocol: "modbus", Confirmed: true, Packets: 120, Bytes: int64(9000 + i), FirstSeen: seen, LastSeen: s.LastSeen, Verdict: []harbour.Verdict{harbour.VerdictApprovedUsed, harbour.VerdictUndocumented}[i%2], Evidence: "e-capture-" + org, Locator: fmt.Sprintf("frame %d", i+1)})
		p.Operations = append(p.Operations, &harbour.Operation{Client: c.ID, Server: s.ID, ClientIP: c.Interfaces[0].IPs[0], ServerIP: s.Interfaces[0].IPs[0], Protocol: "modbus", Verb: []harbour.Verb{harbour.VerbRead, harbour.VerbWrite}[i%2], Code: "0x03", Name: "read_holding_registers", Target: "40001", Result: harbour.ResultOK, Count: 12, FirstSeen: seen, LastSeen: s.LastSeen, Evidence: "e-capture-" + org, Locator: fmt.Sprintf("frame %d", i+1)})
	}
	severities := []harbour.Severity{harbour.SeverityCritical, harbour.SeverityHigh, harbour.SeverityMedium, harbour.SeverityLow, harbour.SeverityInfo}
	for i := 0; i < n; i += 2 {
		a := p.Assets[i]
		p.Findings = append(p.Findings, &harbour.Finding{
			ID: fmt.Sprintf("f-%s-%03d", org, i), Rule: []string{"undeclared_asset", "undocumented_conversation", "program_download"}[i%3], Severity: severities[i/2%5],
			Title: a.Name + " is not declared", Explanation: "It was seen in traffic, and no list names it.", Action: "Find out whose it is, then declare it or take it away.",
			Subjects: []string{a.ID}, Evidence: []harbour.ProofRef{{ID: "e-capture-" + org, Locator: fmt.Sprintf("frame %d", i+1)}}, Requirements: []string{"IEC 62443-3-3 SR 2.1"},
			Status: harbour.FindingOpen, FirstSeen: seen, LastSeen: a.LastSeen,
		})
	}
	return p
}

// Publish makes it what is known of the organisation.
func (p *Port) Publish(t testing.TB, db *store.DB, cause string) {
	t.Helper()
	ctx := context.Background()
	st, err := db.Stage(ctx, p.Org)
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]*harbour.Asset{}
	for _, a := range p.Assets {
		byID[a.ID] = a
	}
	at := func(id string) *harbour.Asset {
		if a := byID[id]; a != nil {
			return a
		}
		return &harbour.Asset{}
	}
	place := func(id string) (string, string) { return at(id).Site, at(id).Supplier }
	zone := func(id string) (string, string) { return at(id).Site, at(id).Zone }
	for _, step := range []func() error{
		func() error { return st.Findings(ctx, slices.Values(p.Findings), place) },
		func() error { return st.Assets(ctx, slices.Values(p.Assets)) },
		func() error { return st.Conversations(ctx, slices.Values(p.Conversations), zone) },
		func() error { return st.Operations(ctx, slices.Values(p.Operations), zone) },
		func() error { return st.Zones(ctx, p.Zones, p.Conduits) },
		func() error {
			_, err := st.Publish(ctx, cause, &harbour.Summary{Port: p.Org}, store.Entry{Actor: "system", Action: "publish", ObjectKind: "generation", Object: fmt.Sprint(st.Generation())})
			return err
		},
		func() error { return st.Tidy(ctx) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
}
