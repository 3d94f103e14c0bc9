// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"strings"
	"testing"

	"breakwater/harbour"
)

// TestAdapterKind wants a CIP communications adapter to be what its name shows, and little more than a guess by its profile alone.
func TestAdapterKind(t *testing.T) {
	for name, tt := range map[string]struct {
		product, device string
		want            harbour.Kind
	}{
		"a rack's network module": {"1756-ENBT/A", "Communications Adapter", harbour.KindPLC},
		"a head of remote I/O":    {"1794-AENT FLEX I/O", "Communications Adapter", harbour.KindIOModule},
		"a name that tells none":  {"XN-GW 17", "Communications Adapter", harbour.KindIOModule},
		"a controller":            {"Logix5561", "Programmable Logic Controller", harbour.KindPLC},
		"an ET 200, not a CPU":    {"6ES7 155-6AU01 ET 200SP", "", harbour.KindIOModule},
		"a Siemens CPU":           {"6ES7 315-2EH14", "", harbour.KindPLC},
	} {
		s := newScene(t)
		s.port = &harbour.Port{Name: "Test", Zones: []harbour.DeclaredZone{{ID: "z", Name: "Z", Kind: harbour.ZoneControl, Prefixes: []string{"10.0.0.0/24"}}}}
		id := s.seen("00:00:bc:00:00:01", "10.0.0.1", 0, host, 1, 9)
		client := s.seen("00:00:bc:00:00:02", "10.0.0.2", 0, host, 1, 9)
		s.attr(id, harbour.AttrProductName, tt.product)
		if tt.device != "" {
			s.attr(id, harbour.AttrDeviceType, tt.device)
			s.talk(client, id, "enip", 44818)
		}
		v := s.build()
		for a := range v.Assets() {
			if a.Name != "10.0.0.1" {
				continue
			}
			if a.Kind != tt.want {
				t.Errorf("%s: %s (%+v), want %s", name, a.Kind, a.Reasons, tt.want)
			}
			if name == "a name that tells none" && (a.Reasons[0].Confidence > harbour.Likely || !strings.Contains(a.Reasons[0].Text, "the head of remote I/O or the network module of a controller's rack")) {
				t.Errorf("%s: reason %+v", name, a.Reasons[0])
			}
			if tt.device != "" && !strings.Contains(text(a.Reasons), "answers EtherNet/IP") {
				t.Errorf("%s: reasons %s", name, text(a.Reasons))
			}
		}
		v.Close()
	}
}

func text(list []harbour.Reason) (s string) {
	for _, r := range list {
		s += r.Text + "\n"
	}
	return s
}

// TestGuessIsSaid wants a finding to say of a kind that is guessed that it is, and how sure, and to state one that is known.
func TestGuessIsSaid(t *testing.T) {
	s := newScene(t)
	plc := s.seen("00:1b:1b:00:00:01", "10.0.0.1", 0, host, 1, 9)
	s.attr(plc, harbour.AttrModel, "SIMATIC S7-1500")
	panel := s.seen("00:0b:ad:00:00:02", "10.0.0.2", 0, host, 1, 9)
	s.talk(panel, plc, "s7comm", 102)
	s.seen("00:0b:ad:00:00:03", "10.0.0.3", 0, host, 1, 9) // nothing is known of it
	s.seen("00:1e:42:00:00:04", "10.0.0.4", 0, host, 1, 9) // by the maker of its hardware alone
	s.declare(harbour.DeclaredAsset{Name: "somebody", IPs: []string{"10.0.0.9"}})
	v := s.build()
	defer v.Close()
	got := map[string]harbour.Finding{}
	for _, f := range v.Findings() {
		if strings.HasPrefix(f.Rule, "undeclared") {
			got[v.Assessment("").AssetName(f.Subjects[0])] = f
		}
	}
	for name, want := range map[string][2]string{
		"10.0.0.1": {"Undeclared programmable logic controller 10.0.0.1", "is on no inventory."},
		"10.0.0.2": {"Undeclared device 10.0.0.2, perhaps an operator panel", " That it is an operator panel is a guess, 40 % sure: client of one controller."},
		"10.0.0.3": {"Undeclared device 10.0.0.3", "is on no inventory."},
		"10.0.0.4": {"Undeclared device 10.0.0.4, perhaps a cellular gateway", "a guess, 45 % sure: hardware address of Teltonika."},
	} {
		f := got[name]
		if f.Title != want[0] || !strings.Contains(f.Explanation, want[1]) || strings.Contains(f.Explanation, "guess") != strings.Contains(want[1], "guess") {
			t.Errorf("%s: %q, %q", name, f.Title, f.Explanation)
		}
	}
	if got["10.0.0.4"].Rule != "undeclared-modem" {
		t.Errorf("the gateway is found by %s", got["10.0.0.4"].Rule)
	}
}
