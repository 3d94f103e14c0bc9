// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"breakwater/evidence"
	"breakwater/harbour"
)

// findLogins reports logins that cross the network readable, and vendors' default logins that were accepted.
func (v *Inventory) findLogins() {
	for i, c := range v.carded(hasLogin) {
		a, attrs := &v.assets[i], c.attrs
		isDefault := map[string]bool{}
		for _, t := range attrs {
			if t.Name != harbour.AttrDefaultLogin {
				continue
			}
			isDefault[t.Value] = true
			sev := harbour.SeverityHigh
			if a.ot || a.domain == harbour.OT {
				sev = harbour.SeverityCritical
			}
			v.add(draft{Finding: harbour.Finding{
				Rule: "default-credentials", Severity: sev, Subjects: []string{a.id},
				Title:       a.name + " accepts its vendor's default login",
				Explanation: fmt.Sprintf("%s in %s accepted a login that its vendor publishes (%s). Anyone who reads the manual can log in.", v.calledBy(i, attrs), v.where(a), t.Value),
				Action:      "Set a password of its own today and look through its settings and log for what others may have changed.",
				Evidence:    refsOf(t.Observations), FirstSeen: t.FirstSeen, LastSeen: t.LastSeen,
			}, distinct: t.Value})
		}
		for _, t := range attrs {
			if t.Name != harbour.AttrCleartextLogin || isDefault[t.Value] {
				continue
			}
			sev := harbour.SeverityMedium
			if a.ot || a.domain == harbour.OT {
				sev = harbour.SeverityHigh
			}
			v.add(draft{Finding: harbour.Finding{
				Rule: "cleartext-credentials", Severity: sev, Subjects: []string{a.id},
				Title:       "Login to " + a.name + " is readable on the network",
				Explanation: fmt.Sprintf("%s accepted a login without encryption (%s). Whoever sees the traffic has the password; Breakwater does not keep it.", v.calledBy(i, attrs), t.Value),
				Action:      "Change to the encrypted form of the protocol, then change the password.",
				Evidence:    refsOf(t.Observations), FirstSeen: t.FirstSeen, LastSeen: t.LastSeen,
			}, distinct: t.Value})
		}
	}
}

// obsolete judges a protocol version that a server agreed to.
func obsolete(name, value string) (ruleID string, sev harbour.Severity) {
	switch name {
	case harbour.AttrTLSVersion:
		switch value {
		case "SSL 2.0", "SSL 3.0":
			return "obsolete-tls", harbour.SeverityHigh
		case "TLS 1.0", "TLS 1.1":
			return "obsolete-tls", harbour.SeverityMedium
		}
	case harbour.AttrSSHVersion:
		if strings.HasPrefix(value, "1.") && value != "1.99" {
			return "obsolete-ssh", harbour.SeverityHigh
		}
	case harbour.AttrSMBDialect:
		if strings.HasPrefix(value, "SMB 1") {
			return "obsolete-smb", harbour.SeverityHigh
		}
	}
	return "", ""
}

// findObsolete reports servers that agreed to a version that must no longer be used.
func (v *Inventory) findObsolete() {
	for i, c := range v.carded(hasVersion) {
		a := &v.assets[i]
		if a.remote {
			continue
		}
		for _, t := range c.attrs {
			id, sev := obsolete(t.Name, t.Value)
			if id == "" || t.Declared {
				continue
			}
			what := t.Value
			if id == "obsolete-ssh" {
				what = "SSH " + t.Value
			}
			v.add(draft{Finding: harbour.Finding{
				Rule: id, Severity: sev, Subjects: []string{a.id},
				Title:       a.name + " uses " + what,
				Explanation: fmt.Sprintf("%s agreed to %s, which is broken or withdrawn, so that what passes can be read or altered.", v.calledBy(i, c.attrs), what),
				Action:      "Enable the current version, disable the old one, and ask the supplier if the device cannot.",
				Evidence:    refsOf(t.Observations), FirstSeen: t.FirstSeen, LastSeen: t.LastSeen,
			}, distinct: t.Value})
		}
	}
}

// findReached reports conversations into control and safety zones that no conduit covers, one finding per client and
// zone.
func (v *Inventory) findReached() {
	type key struct {
		client int32
		zone   int16
	}
	found := map[key]*draft{}
	services := map[key]map[string]bool{}
	var order []key
	for r := range v.talks() {
		if r.verdict != harbour.VerdictUndocumented || r.client < 0 || r.server < 0 {
			continue
		}
		client, server := &v.assets[r.client], &v.assets[r.server]
		if !server.ot || server.zone < 0 || client.zone == server.zone || r.Unanswered || r.Transport == evidence.TransportEthernet {
			continue
		}
		k := key{r.client, server.zone}
		d := found[k]
		if d == nil {
			d = &draft{Finding: harbour.Finding{Rule: "ot-reached-from-outside", Severity: harbour.SeverityHigh, Subjects: []string{client.id}}, distinct: v.zoneID(server.zone)}
			found[k], services[k] = d, map[string]bool{}
			order = append(order, k)
		}
		if !slices.Contains(d.Subjects, server.id) && len(d.Subjects) < 50 {
			d.Subjects = append(d.Subjects, server.id)
		}
		protocol := v.protocolOf(r)
		if protocol == "" {
			services[k][fmt.Sprintf("%s port %d", transportName(r.Transport), r.Port)] = true
		} else {
			services[k][spelled(protocol)] = true
		}
		if _, control := controlProtocols[protocol]; control {
			d.Severity = harbour.SeverityCritical
		}
		d.Evidence = append(d.Evidence, v.proofOf(r.ledger, r.Place))
		harbour.Widen(&d.FirstSeen, &d.LastSeen, r.First)
		harbour.Widen(&d.FirstSeen, &d.LastSeen, r.Last)
	}
	for _, k := range order {
		d, client := found[k], &v.assets[k.client]
		zone := v.zones.list[k.zone]
		slices.Sort(d.Subjects[1:])
		d.distinct = strings.Join(d.Subjects[1:], " ") + d.distinct
		d.Subjects = slices.Compact(d.Subjects)
		d.Title = fmt.Sprintf("%s reaches into %s", client.name, zone.Name)
		d.Explanation = fmt.Sprintf("%s in %s spoke with %s in zone %s by %s. No declared conduit permits it.",
			v.called(k.client), v.where(client), count(len(d.Subjects)-1, "asset"), zone.Name, strings.Join(sortedKeys(services[k]), ", "))
		d.Action = "Block the path at the zone's border, or declare a conduit with its purpose and have it approved."
		v.add(*d)
	}
}

// findEngineering reports engineering operations that no approval covers, one finding per client, server and verb.
func (v *Inventory) findEngineering() {
	type key struct {
		client, server int32
		verb           harbour.Verb
	}
	found := map[key]*draft{}
	names := map[key]map[string]bool{}
	var order []key
	for r := range v.acts() {
		if r.client < 0 || r.server < 0 || r.client == r.server {
			continue
		}
		verb := harbour.Verb(r.verb)
		if !verb.Engineering() || v.approved(r, verb) {
			continue
		}
		k := key{r.client, r.server, verb}
		d := found[k]
		if d == nil {
			d = &draft{Finding: harbour.Finding{
				Rule: "unapproved-engineering", Severity: harbour.SeverityHigh,
				Subjects: []string{v.assets[r.client].id, v.assets[r.server].id},
			}, distinct: string(verb)}
			found[k], names[k] = d, map[string]bool{}
			order = append(order, k)
		}
		names[k][r.name] = true
		d.Evidence = append(d.Evidence, v.proofOf(r.ledger, r.place))
		harbour.Widen(&d.FirstSeen, &d.LastSeen, r.first)
		harbour.Widen(&d.FirstSeen, &d.LastSeen, r.last)
	}
	for _, k := range order {
		d, client, server := found[k], &v.assets[k.client], &v.assets[k.server]
		switch k.verb {
		case harbour.VerbProgramDownload, harbour.VerbProgramControl, harbour.VerbFirmware, harbour.VerbModeChange, harbour.VerbForce:
			d.Severity = harbour.SeverityCritical
		case harbour.VerbSetClock:
			d.Severity = harbour.SeverityMedium
		}
		d.Title = fmt.Sprintf("%s performed %s on %s without approval", client.name, strings.ReplaceAll(string(k.verb), "_", " "), server.name)
		d.Explanation = fmt.Sprintf("%s carried out %s on %s. No approval in the port file covers this client, device, operation and time.",
			v.called(k.client), strings.ReplaceAll(strings.Join(sortedKeys(names[k]), ", "), "_", " "), v.called(k.server))
		d.Action = "Ask who did it and on which order. Compare the controller's program with the approved one before the next shift."
		v.add(*d)
	}
}

// approved says whether an approval covers an operation.
func (v *Inventory) approved(r *act, verb harbour.Verb) bool {
	for i := range v.in.Port.Engineering {
		p := &v.in.Port.Engineering[i]
		if len(p.Verbs) > 0 && !slices.Contains(p.Verbs, verb) || !v.oneOf(p.Clients, &v.assets[r.client]) || !v.named(p.Servers, &v.assets[r.server]) {
			continue
		}
		from, until := instantOf(p.From), instantOf(p.Until)
		if (from == 0 || r.first >= from) && (until == 0 || r.last <= until) {
			return true
		}
	}
	return false
}

func instantOf(s string) harbour.Instant {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return 0
	}
	return harbour.At(t)
}
