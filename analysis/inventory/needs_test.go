// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"slices"
	"testing"

	"breakwater/harbour"

	"github.com/google/go-cmp/cmp"
)

// TestSearchesAndRules wants each rule to be made by one search, and the rules of a search to need the same.
func TestSearchesAndRules(t *testing.T) {
	made := map[string]int{}
	for _, s := range searches {
		for _, id := range s.rules {
			made[id]++
			if !slices.Equal(rule(id).Needs, rule(s.rules[0]).Needs) {
				t.Errorf("%s and %s are made by one search and need different things", id, s.rules[0])
			}
		}
	}
	for _, r := range Rules {
		if made[r.ID] != 1 || len(r.Needs) == 0 {
			t.Errorf("%s is made by %d searches and needs %d things", r.ID, made[r.ID], len(r.Needs))
		}
		delete(made, r.ID)
	}
	if len(made) > 0 {
		t.Errorf("searches make findings of no rule: %v", made)
	}
}

// TestSilentRules has a list, a capture and a port file come one after the other.
func TestSilentRules(t *testing.T) {
	port := &harbour.Port{Name: "Test"}
	zoned := &harbour.Port{Name: "Test", Zones: []harbour.DeclaredZone{{ID: "z", Name: "Z", Prefixes: []string{"10.0.0.0/24"}}}}
	listed := []string{"undeclared-asset", "undeclared-modem", "declared-never-seen", "identity-changed"}
	for name, tt := range map[string]struct {
		capture, list bool
		port          *harbour.Port
		want          []string
	}{
		"a capture alone":            {true, false, nil, append(slices.Clone(listed), "ot-reached-from-outside", "unapproved-engineering")},
		"a capture and a list":       {true, true, nil, []string{"ot-reached-from-outside", "unapproved-engineering"}},
		"a port file without zones":  {true, true, port, []string{"ot-reached-from-outside"}},
		"a port file without a list": {true, false, zoned, listed},
		"capture, list, zones":       {true, true, zoned, []string{}},
		"a list alone, with port file": {false, true, zoned, func() (all []string) {
			for _, s := range searches {
				all = append(all, s.rules...)
			}
			return all
		}()},
	} {
		s := newScene(t)
		s.port = tt.port
		if tt.capture {
			s.seen("00:1b:1b:00:00:01", "10.0.0.1", 0, host, 1, 9)
		} else {
			s.packets.Evidence.Kind = harbour.EvidenceUnknown
		}
		if tt.list {
			s.declare(harbour.DeclaredAsset{Name: "plc-1", IPs: []string{"10.0.0.1"}})
		}
		v := s.build()
		got := []string{}
		for _, x := range v.Assessment("test").Summary.Silent {
			got = append(got, x.Rule)
			if x.Title == "" || len(x.Why) == 0 || len(x.Why) != len(x.Needs) {
				t.Errorf("%s: %+v", name, x)
			}
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s: rules that did not run (-want +got)\n%s", name, d)
		}
		v.Close()
	}
}
