// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import "breakwater/harbour"

// Need is something without which a rule cannot find anything, so that its silence says nothing.
type Need struct {
	// Why the rule is silent where it is missing, as a clause.
	Why string
	// Give is what would let the rule run.
	Give string
	met  func(*Inventory) bool
}

// What rules need.
var (
	needList = &Need{
		"no list says which assets there should be", "an inventory (CSV, XLSX), or a port file with assets",
		func(v *Inventory) bool { return v.listed },
	}
	needTraffic = &Need{"no network traffic was given", "a capture (pcap, pcapng)", func(v *Inventory) bool { return v.traffic }}
	needZones   = &Need{
		"no zones are declared", "a port file with zones and conduits",
		func(v *Inventory) bool { return len(v.zones.list) > 0 },
	}
	needApprovals = &Need{
		"nobody has said who may do engineering work", "a port file, with who may do engineering work and where (engineering)",
		func(v *Inventory) bool { return v.in.Port != nil },
	}
	needWhole = &Need{
		"part of the evidence had no room: what seems to be missing may stand in the rest", "more memory, or fewer captures at once",
		func(v *Inventory) bool { return !v.incomplete },
	}
)

// searches say what makes the findings of which rules, in the order in which they are made.
var searches = []struct {
	rules []string
	run   func(*Inventory)
}{
	{[]string{"undeclared-asset", "undeclared-modem"}, (*Inventory).findUndeclared},
	{[]string{"declared-never-seen"}, (*Inventory).findNeverSeen},
	{[]string{"identity-changed"}, (*Inventory).findIdentity},
	{[]string{"address-conflict"}, (*Inventory).findConflicts},
	{[]string{"cleartext-credentials", "default-credentials"}, (*Inventory).findLogins},
	{[]string{"obsolete-tls", "obsolete-ssh", "obsolete-smb"}, (*Inventory).findObsolete},
	{[]string{"ot-reached-from-outside"}, (*Inventory).findReached},
	{[]string{"unapproved-engineering"}, (*Inventory).findEngineering},
}

// silence says why a rule does not run, nil for one that does.
func (v *Inventory) silence(r *Rule) (s *harbour.SilentRule) {
	for _, n := range r.Needs {
		if n.met(v) {
			continue
		}
		if s == nil {
			s = &harbour.SilentRule{Rule: r.ID, Title: r.Title}
		}
		s.Why, s.Needs = append(s.Why, n.Why), append(s.Needs, n.Give)
	}
	return s
}
