// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"breakwater/harbour"
)

// Rule describes a rule that makes findings.
type Rule struct {
	ID           string
	Title        string
	Requirements []string // clauses that the finding bears on, with their source
	Needs        []*Need  // what has to be there for it to find anything; without it the rule does not run
}

// Rules lists the rules of this analysis.
var Rules = []Rule{
	{"undeclared-asset", "Asset that nobody declared", []string{"IEC 62443-2-1 CM 1", "33 CFR 101.650(b)(3)", "NIST CSF 2.0 ID.AM-01"}, []*Need{needList, needTraffic, needWhole}},
	{"undeclared-modem", "Cellular gateway that nobody declared", []string{"IEC 62443-3-3 SR 1.13", "33 CFR 101.650(b)(3)", "NIST CSF 2.0 ID.AM-01"}, []*Need{needList, needTraffic, needWhole}},
	{"declared-never-seen", "Declared asset never seen", []string{"IEC 62443-2-1 CM 1", "NIST CSF 2.0 ID.AM-01"}, []*Need{needList, needTraffic, needWhole}},
	{"identity-changed", "Device is not the one declared", []string{"IEC 62443-2-1 CM 3", "NIST CSF 2.0 ID.AM-08"}, []*Need{needList, needTraffic, needWhole}},
	{"address-conflict", "Two devices hold one address", []string{"IEC 62443-3-3 SR 7.1"}, []*Need{needTraffic}},
	{"cleartext-credentials", "Login readable on the network", []string{"IEC 62443-3-3 SR 4.1", "NIST CSF 2.0 PR.DS-02"}, []*Need{needTraffic}},
	{"default-credentials", "Vendor's default login accepted", []string{"IEC 62443-3-3 SR 1.5", "33 CFR 101.650(a)(2)"}, []*Need{needTraffic}},
	{"obsolete-tls", "Obsolete TLS version in use", []string{"IEC 62443-3-3 SR 4.3", "RFC 8996"}, []*Need{needTraffic}},
	{"obsolete-ssh", "Obsolete SSH version in use", []string{"IEC 62443-3-3 SR 4.3", "RFC 4253"}, []*Need{needTraffic}},
	{"obsolete-smb", "SMB version 1 in use", []string{"IEC 62443-3-3 SR 4.3"}, []*Need{needTraffic}},
	{"ot-reached-from-outside", "Operational technology reached from outside its zone", []string{"IEC 62443-3-3 SR 5.1", "IEC 62443-3-2 ZCR 3.2", "33 CFR 101.650(h)(1)"}, []*Need{needZones, needTraffic}},
	{"unapproved-engineering", "Engineering operation without approval", []string{"IEC 62443-3-3 SR 2.1", "IEC 62443-2-1 CM 3"}, []*Need{needApprovals, needTraffic}},
}

func rule(id string) *Rule {
	for i := range Rules {
		if Rules[i].ID == id {
			return &Rules[i]
		}
	}
	return &Rule{ID: id}
}

// maxProof is how many places a finding cites.
const maxProof = 12

// draft is a finding in the making.
type draft struct {
	harbour.Finding
	distinct string // what tells two findings of the same rule and subjects apart
}

// add files a finding under an id that derives from its rule, subjects and distinguishing text alone, so that the same
// fact keeps its id from run to run.
func (v *Inventory) add(d draft) {
	f := d.Finding
	r := rule(f.Rule)
	sum := sha256.Sum256([]byte(f.Rule + "\x00" + strings.Join(f.Subjects, "\x00") + "\x00" + d.distinct))
	f.ID = "f-" + hex.EncodeToString(sum[:6])
	f.Requirements = r.Requirements
	f.Status = harbour.FindingOpen
	if f.Evidence == nil {
		f.Evidence = []harbour.ProofRef{}
	}
	slices.SortFunc(f.Evidence, func(a, b harbour.ProofRef) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), cmp.Compare(len(a.Locator), len(b.Locator)), strings.Compare(a.Locator, b.Locator))
	})
	f.Evidence = slices.Compact(f.Evidence)
	if len(f.Evidence) > maxProof {
		f.Evidence = f.Evidence[:maxProof]
	}
	v.findings = append(v.findings, f)
}

// find runs every rule that has what it needs, and notes those that have not.
func (v *Inventory) find() error {
	for _, s := range searches {
		ran := false
		for _, id := range s.rules {
			if silent := v.silence(rule(id)); silent != nil {
				v.silent = append(v.silent, *silent)
			} else if !ran {
				ran = true
				s.run(v)
			}
		}
	}
	slices.SortFunc(v.findings, func(a, b harbour.Finding) int {
		return cmp.Or(cmp.Compare(b.Severity.Rank(), a.Severity.Rank()), strings.Compare(a.Rule, b.Rule), strings.Compare(a.ID, b.ID))
	})
	v.findings = slices.CompactFunc(v.findings, func(a, b harbour.Finding) bool { return a.ID == b.ID })
	return v.Err()
}

// proofs are the places where a set of nodes was first seen.
func (v *Inventory) proofs(a *asset, declared bool) (refs []harbour.ProofRef) {
	for _, n := range v.nodes(a) {
		e := &v.ends[n]
		i := v.home(n)
		isRow := v.ledgers[i].Evidence.Kind != harbour.EvidencePacket
		if isRow == declared && e.Place != 0 {
			refs = append(refs, v.proofOf(uint32(i), e.Place))
		}
	}
	return refs
}

func refsOf(obs []harbour.Observation) (refs []harbour.ProofRef) {
	for _, o := range obs {
		refs = append(refs, harbour.ProofRef{ID: o.Evidence, Locator: o.Locator})
	}
	return refs
}

// count puts a number and a word together.
func count(n int, word string) string {
	if n == 1 {
		return "one " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// where says in words where an asset stands.
func (v *Inventory) where(a *asset) string {
	if z := v.zoneAt(a); z != nil {
		return "zone " + z.Name
	}
	return "no declared zone"
}
