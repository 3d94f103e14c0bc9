// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"breakwater/evidence"
	"breakwater/harbour"

	"github.com/google/go-cmp/cmp"
)

// scene builds ledgers and the port file of a test.
type scene struct {
	t       *testing.T
	packets *evidence.Ledger
	list    *evidence.Ledger
	port    *harbour.Port
	row     uint32
	frame   evidence.Place
}

func newScene(t *testing.T) *scene {
	s := &scene{t: t, packets: evidence.NewLedger(evidence.LimitsFor(8 << 20)), list: evidence.NewLedger(evidence.LimitsFor(8 << 20))}
	s.packets.Evidence = harbour.Evidence{ID: "e-packets", Kind: harbour.EvidencePacket}
	s.list.Evidence = harbour.Evidence{ID: "e-list", Kind: harbour.EvidenceSheet}
	return s
}

func ip(s string) evidence.IP {
	if s == "" {
		return evidence.IP{}
	}
	return evidence.FromAddr(netip.MustParseAddr(s))
}

func mac(s string) evidence.MAC {
	m, _ := evidence.ParseMAC(s)
	return m
}

// seen enters an endpoint that sent frames from at to until, in seconds.
func (s *scene) seen(m, addr string, vlan uint16, flags evidence.EndpointFlags, at, until int) evidence.EndpointID {
	s.frame++
	id := s.packets.Endpoint(mac(m), ip(addr), vlan, true)
	s.packets.Seen(id, flags, 5, harbour.Instant(at)*1e6, harbour.Instant(until)*1e6, s.frame)
	return id
}

const host = evidence.Sent | evidence.Answered | evidence.Bound

func (s *scene) attr(id evidence.EndpointID, name, value string) {
	s.packets.Observe(id, s.packets.InternString(name), []byte(value), harbour.Stated, false, 1e6, s.frame)
}

func (s *scene) declare(a harbour.DeclaredAsset) {
	s.row++
	s.list.Declare(&a, s.row, evidence.Place(s.row))
}

func (s *scene) talk(client, server evidence.EndpointID, protocol string, port uint16) {
	s.frame++
	s.packets.AddConversation(evidence.Conversation{
		Client: client, Server: server, Protocol: s.packets.Intern([]byte(protocol)), Port: port, Transport: evidence.TransportTCP,
		Confirmed: true, Packets: [2]uint64{5, 5}, Bytes: [2]uint64{500, 500}, First: 1e6, Last: 9e6, Place: s.frame,
	})
}

func (s *scene) act(client, server evidence.EndpointID, name string, verb harbour.Verb) {
	s.frame++
	in := func(x string) evidence.Text { return s.packets.Intern([]byte(x)) }
	s.packets.AddOperation(evidence.Operation{
		Client: client, Server: server, Protocol: in("s7comm"), Code: in("0x1a"), Name: in(name), Verb: in(string(verb)),
		Result: in("ok"), Count: 1, First: 5e6, Last: 5e6, Place: s.frame,
	})
}

func (s *scene) build() *Inventory {
	s.t.Helper()
	var both [2]*Inventory
	for i := range both { // in both orders: the result must not depend on it
		ledgers := []*evidence.Ledger{s.packets, s.list}
		if i == 1 {
			slices.Reverse(ledgers)
		}
		v, err := Build(context.Background(), Input{Ledgers: ledgers, Port: s.port, Vendor: func(m [6]byte) (string, bool) {
			return map[byte]string{0x1b: "Siemens AG", 0x42: "Teltonika"}[m[2]], m[2] == 0x1b || m[2] == 0x42
		}})
		if err != nil {
			s.t.Fatal(err)
		}
		both[i] = v
	}
	if d := cmp.Diff(assets(both[0]), assets(both[1])); d != "" {
		s.t.Errorf("the order of evidence matters:\n%s", d)
	}
	if d := cmp.Diff(both[0].Findings(), both[1].Findings()); d != "" {
		s.t.Errorf("the order of evidence matters:\n%s", d)
	}
	return both[0]
}

// assets lists each asset by its keys, sorted.
func assets(v *Inventory) (out []string) {
	for a := range v.Assets() {
		out = append(out, strings.Join(a.Keys, " "))
	}
	slices.Sort(out)
	return out
}

func rules(v *Inventory) (out []string) {
	for _, f := range v.Findings() {
		out = append(out, f.Rule)
	}
	slices.Sort(out)
	return out
}

func TestIdentity(t *testing.T) {
	const a, b, gw = "00:1b:1b:00:00:0a", "00:1b:1b:00:00:0b", "00:00:0c:00:00:01"
	for name, tt := range map[string]struct {
		scene func(*scene)
		want  []string
	}{
		"one host, two addresses": {func(s *scene) { s.seen(a, "10.0.0.1", 0, host, 1, 9); s.seen(a, "10.0.0.2", 0, host, 1, 9) }, []string{"mac:" + a + " ip:10.0.0.1 ip:10.0.0.2"}},
		"one host in two VLANs":   {func(s *scene) { s.seen(a, "10.0.0.1", 5, host, 1, 9); s.seen(a, "10.0.6.1", 6, host, 1, 9) }, []string{"mac:" + a + " ip:10.0.0.1@5 ip:10.0.6.1@6"}},
		"same address in two VLANs, two hosts": {
			func(s *scene) { s.seen(a, "192.168.1.1", 5, host, 1, 9); s.seen(b, "192.168.1.1", 6, host, 1, 9) },
			[]string{"mac:" + a + " ip:192.168.1.1@5", "mac:" + b + " ip:192.168.1.1@6"},
		},
		"a router lends its MAC to nobody": {func(s *scene) {
			s.seen(gw, "10.0.0.254", 0, host, 1, 9)
			for _, x := range []string{"10.1.0.1", "10.1.0.2", "192.0.2.1"} {
				s.seen(gw, x, 0, evidence.Sent|evidence.Answered|evidence.Routed, 1, 9)
			}
		}, []string{"ip:10.1.0.1", "ip:10.1.0.2", "ip:192.0.2.1", "mac:" + gw + " ip:10.0.0.254"}},
		"a host seen on both sides of a router is one": {func(s *scene) {
			s.seen(a, "10.1.0.1", 5, host, 1, 9)
			s.seen(gw, "10.1.0.1", 6, evidence.Sent|evidence.Answered|evidence.Routed, 1, 9)
			s.seen(gw, "10.0.6.254", 6, host, 1, 9)
		}, []string{"mac:" + gw + " ip:10.0.6.254@6", "mac:" + a + " ip:10.1.0.1@5 ip:10.1.0.1@6"}},
		"proxy ARP makes no address the router's own": {func(s *scene) {
			s.seen(gw, "10.0.0.254", 5, host, 1, 9)
			for i := range 12 {
				s.seen(gw, fmt.Sprintf("10.0.7.%d", i+1), 6, evidence.Bound, 1, 9)
			}
			s.seen(gw, "10.0.7.254", 6, host, 1, 9)
		}, []string{"mac:" + gw + " ip:10.0.0.254@5 ip:10.0.7.254@6"}},
		"a redundancy group is not the router that announces it": {func(s *scene) {
			s.seen(a, "10.0.0.3", 5, host, 1, 9)
			s.seen("00:00:5e:00:01:07", "10.0.0.1", 5, host, 1, 9)
			s.seen("00:00:5e:00:01:07", "", 5, evidence.Sent|evidence.Answered, 1, 9)
			s.seen(a, "10.0.0.1", 5, 0, 1, 9)
			s.declare(harbour.DeclaredAsset{Name: "gate", MACs: []string{"00:00:5e:00:01:07"}, IPs: []string{"10.0.0.1"}})
		}, []string{"mac:" + a + " ip:10.0.0.3@5", "mac:00:00:5e:00:01:07 ip:10.0.0.1 ip:10.0.0.1@5 name:gate"}},
		"an address that only was called is no asset": {func(s *scene) {
			x := s.seen(a, "10.0.0.1", 0, host, 1, 9)
			_ = x
			s.seen("", "10.0.0.77", 0, evidence.Addressed, 1, 9)
		}, []string{"mac:" + a + " ip:10.0.0.1"}},
		"declared by MAC, with a stale address": {func(s *scene) {
			s.seen(a, "10.0.0.1", 0, host, 1, 9)
			s.declare(harbour.DeclaredAsset{Name: "plc", MACs: []string{a}, IPs: []string{"10.0.0.99"}})
		}, []string{"mac:" + a + " ip:10.0.0.1 ip:10.0.0.99 name:plc"}},
		"declared by address, in the VLAN of an untagged list": {func(s *scene) {
			s.seen(a, "10.0.0.1", 7, host, 1, 9)
			s.declare(harbour.DeclaredAsset{Name: "plc", IPs: []string{"10.0.0.1"}})
		}, []string{"mac:" + a + " ip:10.0.0.1 ip:10.0.0.1@7 name:plc"}},
		"declared by name alone": {func(s *scene) {
			s.attr(s.seen(a, "10.0.0.1", 0, host, 1, 9), harbour.AttrHostname, "PLC-7.port.example")
			s.declare(harbour.DeclaredAsset{Name: "seven", Hostnames: []string{"plc-7"}})
		}, []string{"mac:" + a + " ip:10.0.0.1 name:seven"}},
		"two hosts of one name: the name decides nothing": {func(s *scene) {
			s.attr(s.seen(a, "10.0.0.1", 0, host, 1, 9), harbour.AttrHostname, "plc")
			s.attr(s.seen(b, "10.0.0.2", 0, host, 1, 9), harbour.AttrHostname, "plc")
			s.declare(harbour.DeclaredAsset{Name: "seven", Hostnames: []string{"plc"}})
		}, []string{"mac:" + a + " ip:10.0.0.1", "mac:" + b + " ip:10.0.0.2", "name:seven"}},
		"declared by serial number": {func(s *scene) {
			s.attr(s.seen(a, "10.0.0.1", 0, host, 1, 9), harbour.AttrSerial, "0x00524d8e")
			s.declare(harbour.DeclaredAsset{Name: "eth", Serial: "00524D8E"})
		}, []string{"serial:00524D8E mac:" + a + " ip:10.0.0.1 name:eth"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			tt.scene(s)
			slices.Sort(tt.want)
			if d := cmp.Diff(tt.want, assets(s.build())); d != "" {
				t.Errorf("assets (-want +got):\n%s", d)
			}
		})
	}
}

func TestDecisionsByHand(t *testing.T) {
	const a, b = "00:1b:1b:00:00:0a", "00:1b:1b:00:00:0b"
	s := newScene(t)
	s.seen(a, "10.0.0.1", 0, host, 1, 9)
	s.seen(b, "10.0.0.2", 0, host, 1, 9)
	s.declare(harbour.DeclaredAsset{Name: "x", IPs: []string{"10.0.0.1"}})
	s.port = &harbour.Port{Identity: harbour.Identity{Same: [][]string{{"mac:" + a, "mac:" + b}}}}
	if got := assets(s.build()); len(got) != 1 {
		t.Errorf("joined by hand: %q, want one asset", got)
	}
	s.port = &harbour.Port{Identity: harbour.Identity{Distinct: [][]string{{"mac:" + a, "name:x"}}}}
	if got := assets(s.build()); len(got) != 3 {
		t.Errorf("kept apart by hand: %q, want three assets", got)
	}
}

func TestVendorStopsAtTheRouter(t *testing.T) {
	s := newScene(t)
	s.seen("00:1b:1b:00:00:01", "10.0.0.254", 0, host, 1, 9)
	for _, x := range []string{"10.1.0.1", "10.1.0.2"} {
		s.seen("00:1b:1b:00:00:01", x, 0, evidence.Sent|evidence.Answered|evidence.Routed, 1, 9)
	}
	for a := range s.build().Assets() {
		if own := a.Interfaces[0].MAC != ""; (a.Vendor != "") != own {
			t.Errorf("%s has vendor %q, own hardware seen: %v", a.Name, a.Vendor, own)
		}
	}
}

// TestVerdicts holds conversations against what a conduit permits. What was not recognised is not approved by a permit for a
// protocol that it may or may not be.
func TestVerdicts(t *testing.T) {
	port := func(p harbour.Permit) *harbour.Port {
		return &harbour.Port{
			Zones: []harbour.DeclaredZone{
				{ID: "panel", Name: "Panel", Kind: harbour.ZoneControl, Level: "2", Prefixes: []string{"10.2.0.0/16"}},
				{ID: "crane", Name: "Crane", Kind: harbour.ZoneControl, Level: "1", Prefixes: []string{"10.1.0.0/16"}},
			},
			Conduits: []harbour.Conduit{{ID: "c", From: "panel", To: "crane", Permits: []harbour.Permit{p}}},
		}
	}
	for name, tt := range map[string]struct {
		permit    harbour.Permit
		protocol  string
		confirmed bool
		want      harbour.Verdict
	}{
		"the protocol":                       {harbour.Permit{Protocol: "http"}, "http", true, harbour.VerdictApprovedUsed},
		"another protocol":                   {harbour.Permit{Protocol: "http"}, "s7comm", true, harbour.VerdictUndocumented},
		"not recognised":                     {harbour.Permit{Protocol: "http"}, "", false, harbour.VerdictUnknown},
		"looked at, and not the protocol":    {harbour.Permit{Protocol: "http"}, "", true, harbour.VerdictUndocumented},
		"not recognised, at the port":        {harbour.Permit{Protocol: "http", Ports: []int{102}}, "", false, harbour.VerdictApprovedUsed},
		"not recognised, at another port":    {harbour.Permit{Protocol: "http", Ports: []int{80}}, "", false, harbour.VerdictUndocumented},
		"any protocol":                       {harbour.Permit{}, "", false, harbour.VerdictApprovedUsed},
		"not recognised, by another carrier": {harbour.Permit{Protocol: "http", Transport: "udp"}, "", false, harbour.VerdictUndocumented},
	} {
		s := newScene(t)
		client, server := s.seen("00:1b:1b:00:00:0a", "10.2.0.1", 0, host, 1, 9), s.seen("00:1b:1b:00:00:0b", "10.1.0.1", 0, host, 1, 9)
		s.frame++
		s.packets.AddConversation(evidence.Conversation{
			Client: client, Server: server, Protocol: s.packets.Intern([]byte(tt.protocol)), Port: 102, Transport: evidence.TransportTCP,
			Confirmed: tt.confirmed, Packets: [2]uint64{5, 5}, Bytes: [2]uint64{500, 500}, First: 1e6, Last: 9e6, Place: s.frame,
		})
		s.port = port(tt.permit)
		for c := range s.build().Conversations() {
			if c.Verdict != tt.want {
				t.Errorf("%s: %s, want %s", name, c.Verdict, tt.want)
			}
		}
	}
}

// TestFindings plays each thing that must be found beside the thing that looks like it and is right.
func TestFindings(t *testing.T) {
	const a, b, c = "00:1b:1b:00:00:0a", "00:1b:1b:00:01:0b", "00:1e:42:00:00:0c"
	zones := func() *harbour.Port {
		return &harbour.Port{
			Zones: []harbour.DeclaredZone{
				{ID: "crane", Name: "Cranes", Kind: harbour.ZoneControl, Level: "1", Prefixes: []string{"10.2.0.0/16"}},
				{ID: "office", Name: "Office", Kind: harbour.ZoneBusiness, Level: "4", Prefixes: []string{"10.1.0.0/16"}},
				{ID: "dmz", Name: "DMZ", Kind: harbour.ZoneDMZ, Level: "3.5", Prefixes: []string{"10.3.0.0/16"}},
			},
			Conduits: []harbour.Conduit{{ID: "hist", From: "dmz", To: "crane", Permits: []harbour.Permit{{Protocol: "modbus"}}}},
		}
	}
	declareBoth := func(s *scene) {
		s.declare(harbour.DeclaredAsset{Name: "one", MACs: []string{a}})
		s.declare(harbour.DeclaredAsset{Name: "two", MACs: []string{b}})
	}
	for name, tt := range map[string]struct {
		scene func(*scene)
		want  []string
	}{
		"undeclared": {func(s *scene) {
			s.seen(a, "10.2.0.1", 0, host, 1, 9)
			s.seen(b, "10.2.0.2", 0, host, 1, 9)
			s.declare(harbour.DeclaredAsset{Name: "one", MACs: []string{a}})
		}, []string{"undeclared-asset"}},
		"no list to compare with": {func(s *scene) { s.seen(a, "10.2.0.1", 0, host, 1, 9) }, nil},
		"a host on the internet is not ours": {func(s *scene) {
			s.seen(a, "10.2.0.1", 0, host, 1, 9)
			s.seen(a, "198.51.100.7", 0, evidence.Sent|evidence.Answered|evidence.Routed, 1, 9)
			s.declare(harbour.DeclaredAsset{Name: "one", MACs: []string{a}})
		}, nil},
		"undeclared modem": {func(s *scene) {
			s.seen(a, "10.2.0.1", 0, host, 1, 9)
			s.seen(c, "10.2.0.2", 0, host, 1, 9)
			s.declare(harbour.DeclaredAsset{Name: "one", MACs: []string{a}})
		}, []string{"undeclared-modem"}},
		"never seen": {func(s *scene) {
			s.seen(a, "10.2.0.1", 0, host, 1, 9)
			declareBoth(s)
			s.declare(harbour.DeclaredAsset{Name: "three", IPs: []string{"10.2.0.3"}})
		}, []string{"declared-never-seen"}},
		"silent by declaration": {func(s *scene) {
			s.seen(a, "10.2.0.1", 0, host, 1, 9)
			s.declare(harbour.DeclaredAsset{Name: "one", MACs: []string{a}})
			s.declare(harbour.DeclaredAsset{Name: "three", IPs: []string{"10.2.0.3"}, Silent: true})
		}, nil},
		"never seen where nobody looked": {func(s *scene) {
			s.seen(a, "10.2.0.1", 0, host, 1, 9)
			s.declare(harbour.DeclaredAsset{Name: "one", MACs: []string{a}})
			s.declare(harbour.DeclaredAsset{Name: "three", IPs: []string{"10.77.0.3"}})
		}, nil},
		"exchanged device": {func(s *scene) {
			s.seen(c, "10.2.0.1", 0, host, 1, 9)
			s.declare(harbour.DeclaredAsset{Name: "sw", MACs: []string{a}, IPs: []string{"10.2.0.1"}})
		}, []string{"identity-changed"}},
		"another port of the same device": {func(s *scene) {
			s.seen("00:1b:1b:00:00:0f", "10.2.0.1", 0, host, 1, 9)
			s.declare(harbour.DeclaredAsset{Name: "sw", MACs: []string{a}, IPs: []string{"10.2.0.1"}})
		}, nil},
		"other serial": {func(s *scene) {
			s.attr(s.seen(a, "10.2.0.1", 0, host, 1, 9), harbour.AttrSerial, "ABC999")
			s.declare(harbour.DeclaredAsset{Name: "sw", MACs: []string{a}, Serial: "ABC123"})
		}, []string{"identity-changed"}},
		"same serial, other spelling": {func(s *scene) {
			s.attr(s.seen(a, "10.2.0.1", 0, host, 1, 9), harbour.AttrSerial, "S ABC-123")
			s.declare(harbour.DeclaredAsset{Name: "sw", MACs: []string{a}, Serial: "abc123"})
		}, nil},
		"conflict": {func(s *scene) {
			declareBoth(s)
			s.seen(a, "10.2.0.1", 0, host, 1, 9)
			s.seen(b, "10.2.0.1", 0, host, 2, 8)
		}, []string{"address-conflict"}},
		"lease given on": {func(s *scene) {
			declareBoth(s)
			s.seen(a, "10.2.0.1", 0, host, 1, 4)
			s.seen(b, "10.2.0.1", 0, host, 5, 9)
		}, nil},
		"virtual router": {func(s *scene) {
			declareBoth(s)
			s.seen("00:00:5e:00:01:07", "10.2.0.1", 0, host, 1, 9)
			s.seen(a, "10.2.0.1", 0, evidence.Sent|evidence.Answered, 2, 8)
			s.seen(b, "10.2.0.3", 0, host, 2, 8)
		}, nil},
		"obsolete": {func(s *scene) {
			declareBoth(s)
			s.attr(s.seen(a, "10.2.0.1", 0, host, 1, 9), harbour.AttrTLSVersion, "TLS 1.0")
			s.attr(s.seen(b, "10.2.0.2", 0, host, 1, 9), harbour.AttrSMBDialect, "SMB 1 (NT LM 0.12)")
		}, []string{"obsolete-smb", "obsolete-tls"}},
		"current": {func(s *scene) {
			declareBoth(s)
			s.attr(s.seen(a, "10.2.0.1", 0, host, 1, 9), harbour.AttrTLSVersion, "TLS 1.2")
			s.attr(s.seen(b, "10.2.0.2", 0, host, 1, 9), harbour.AttrSSHVersion, "2.0")
		}, nil},
		"default login": {func(s *scene) {
			declareBoth(s)
			x := s.seen(a, "10.2.0.1", 0, host, 1, 9)
			s.attr(x, harbour.AttrDefaultLogin, "http basic user admin")
			s.attr(x, harbour.AttrCleartextLogin, "http basic user admin")
			s.seen(b, "10.2.0.2", 0, host, 1, 9)
		}, []string{"default-credentials"}},
		"reached from outside": {func(s *scene) {
			declareBoth(s)
			s.port = zones()
			s.talk(s.seen(a, "10.1.0.1", 0, host, 1, 9), s.seen(b, "10.2.0.2", 0, host, 1, 9), "modbus", 502)
		}, []string{"ot-reached-from-outside"}},
		"reached through a conduit": {func(s *scene) {
			declareBoth(s)
			s.port = zones()
			s.talk(s.seen(a, "10.3.0.1", 0, host, 1, 9), s.seen(b, "10.2.0.2", 0, host, 1, 9), "modbus", 502)
		}, nil},
		"another protocol through that conduit": {func(s *scene) {
			declareBoth(s)
			s.port = zones()
			s.talk(s.seen(a, "10.3.0.1", 0, host, 1, 9), s.seen(b, "10.2.0.2", 0, host, 1, 9), "s7comm", 102)
		}, []string{"ot-reached-from-outside"}},
		"engineering": {func(s *scene) {
			declareBoth(s)
			s.port = zones()
			x, y := s.seen(a, "10.2.0.1", 0, host, 1, 9), s.seen(b, "10.2.0.2", 0, host, 1, 9)
			s.act(x, y, "request_download", harbour.VerbProgramDownload)
		}, []string{"unapproved-engineering"}},
		"approved engineering": {func(s *scene) {
			declareBoth(s)
			s.port = zones()
			s.port.Engineering = []harbour.EngineeringApproval{{Clients: []string{"one"}, Servers: []string{"crane"}}}
			x, y := s.seen(a, "10.2.0.1", 0, host, 1, 9), s.seen(b, "10.2.0.2", 0, host, 1, 9)
			s.act(x, y, "request_download", harbour.VerbProgramDownload)
		}, nil},
		"approval that has run out": {func(s *scene) {
			declareBoth(s)
			s.port = zones()
			s.port.Engineering = []harbour.EngineeringApproval{{Clients: []string{"one"}, Until: "1970-01-01T00:00:02Z"}}
			x, y := s.seen(a, "10.2.0.1", 0, host, 1, 9), s.seen(b, "10.2.0.2", 0, host, 1, 9)
			s.act(x, y, "request_download", harbour.VerbProgramDownload)
		}, []string{"unapproved-engineering"}},
		"a write is not engineering": {func(s *scene) {
			declareBoth(s)
			s.port = zones()
			x, y := s.seen(a, "10.2.0.1", 0, host, 1, 9), s.seen(b, "10.2.0.2", 0, host, 1, 9)
			s.act(x, y, "write_variable", harbour.VerbWrite)
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			tt.scene(s)
			v := s.build()
			if d := cmp.Diff(tt.want, rules(v)); d != "" {
				t.Errorf("findings (-want +got):\n%s", d)
				for _, f := range v.Findings() {
					t.Logf("%s: %s", f.Rule, f.Explanation)
				}
			}
			for _, f := range v.Findings() {
				if len(f.Evidence) == 0 || len(f.Subjects) == 0 {
					t.Errorf("finding %q has no evidence or no subject: %+v", f.Title, f)
				}
			}
		})
	}
}

// TestAbsenceNeedsAllFacts wants no finding that argues from absence when memory did not hold all facts.
func TestAbsenceNeedsAllFacts(t *testing.T) {
	s := newScene(t)
	s.list = evidence.NewLedger(evidence.LimitsFor(1 << 10))
	s.list.Evidence = harbour.Evidence{ID: "e-list", Kind: harbour.EvidenceSheet}
	for i := range 2000 {
		s.declare(harbour.DeclaredAsset{Name: fmt.Sprintf("plc-%d", i), IPs: []string{fmt.Sprintf("10.2.%d.%d", i/200, i%200+1)}})
	}
	s.seen("00:1b:1b:00:00:0a", "10.2.9.199", 0, host, 1, 9)
	if s.list.Lost() == 0 {
		t.Fatal("nothing was lost: the test proves nothing")
	}
	if got := rules(s.build()); len(got) > 0 {
		t.Errorf("findings %q from an incomplete list", got)
	}
}

// TestFloodIsNoInventory enters thousands of hosts that nobody ever answered.
func TestFloodIsNoInventory(t *testing.T) {
	s := newScene(t)
	s.seen("00:1b:1b:00:00:0a", "10.0.0.1", 0, host, 1, 9)
	for i := range 3000 {
		id := s.packets.Endpoint(evidence.MAC{2, 0, 0, 0, byte(i >> 8), byte(i)}, evidence.V4([]byte{11, 0, byte(i >> 8), byte(i)}), 0, true)
		s.packets.Seen(id, evidence.Sent, 1, 1e6, 1e6, 1)
	}
	if got := assets(s.build()); len(got) != 1 {
		t.Errorf("%d assets, want the one that really talks", len(got))
	}
}

// TestHeads compares the short walks with the long one.
func TestHeads(t *testing.T) {
	s := newScene(t)
	plc := s.seen("00:1b:1b:00:00:01", "10.1.0.5", 10, host, 1, 9)
	s.attr(plc, harbour.AttrModel, "S7-1500")
	s.talk(s.seen("b8:ca:3a:00:00:02", "10.1.0.9", 10, host, 2, 8), plc, "s7comm", 102)
	s.declare(harbour.DeclaredAsset{Name: "Pump 7", Kind: harbour.KindPLC, Criticality: "high"})
	a := s.build().Assessment("test")
	heads := map[string]harbour.Asset{}
	for h := range a.Heads {
		heads[h.ID] = *h
	}
	n := 0
	for x := range a.Assets {
		n++
		want := harbour.Asset{
			ID: x.ID, Name: x.Name, Domain: x.Domain, Kind: x.Kind, Level: x.Level, Zone: x.Zone, Criticality: x.Criticality,
			Declared: x.Declared, Observed: x.Observed,
		}
		if d := cmp.Diff(want, heads[x.ID]); d != "" {
			t.Errorf("head of %s (-asset +head):\n%s", x.Name, d)
		}
		for y := range a.ChosenAssets(func(id string) bool { return id == x.ID }) {
			if y.ID != x.ID || len(y.Attributes) != len(x.Attributes) {
				t.Errorf("chosen = %s with %d attributes, want %s with %d", y.ID, len(y.Attributes), x.ID, len(x.Attributes))
			}
		}
	}
	if n != 3 || len(heads) != 3 {
		t.Errorf("%d assets, %d heads, want 3 of each", n, len(heads))
	}
}
