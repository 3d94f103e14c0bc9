// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"slices"
	"strconv"
	"strings"

	"breakwater/harbour"
	"breakwater/view"
)

// Lengths at which text from evidence is cut.
const (
	nameLimit  = 120
	valueLimit = 400
	proseLimit = 4000
)

func short(s string) string { return view.Plain(s, nameLimit) }
func value(s string) string { return view.Plain(s, valueLimit) }
func prose(s string) string { return view.Plain(s, proseLimit) }

// service writes a protocol with its transport and port: Modbus/TCP · tcp 502.
func service(protocol, transport string, port int, ether string) string {
	s := "not recognised"
	if protocol != "" {
		s = view.Protocol(protocol)
	}
	where := transport
	if ether != "" && (transport == "ethernet" || transport == "") {
		where = "ethertype " + ether
	}
	if port > 0 {
		where = strings.TrimSpace(where + " " + strconv.Itoa(port))
	}
	if where != "" && where != protocol {
		s += " · " + where
	}
	return view.Plain(s, 80)
}

// interfaceText writes an interface on one line.
func interfaceText(i harbour.Interface) string {
	parts := append([]string(nil), i.IPs[:min(len(i.IPs), maxSmallList)]...)
	if n := len(i.IPs) - maxSmallList; n > 0 {
		parts = append(parts, "and "+view.Number(n)+" more")
	}
	if i.MAC != "" {
		parts = append(parts, i.MAC)
	}
	if i.VLAN > 0 {
		parts = append(parts, "VLAN "+strconv.Itoa(i.VLAN))
	}
	return view.Plain(strings.Join(parts, " · "), valueLimit)
}

// addresses gives the first address of an asset and how many more there are; the MAC where there is none.
func addresses(a *harbour.Asset) string {
	first, n := "", 0
	for _, i := range a.Interfaces {
		for _, ip := range i.IPs {
			if first == "" {
				first = ip
			}
			n++
		}
	}
	if first == "" {
		for _, i := range a.Interfaces {
			if i.MAC != "" {
				return short(i.MAC)
			}
		}
		return ""
	}
	if n > 1 {
		return short(first) + " +" + view.Number(n-1)
	}
	return short(first)
}

// product joins vendor and model.
func product(a *harbour.Asset) string {
	model := a.Model
	if a.Vendor != "" && strings.HasPrefix(strings.ToLower(model), strings.ToLower(a.Vendor)) {
		return short(model)
	}
	return short(strings.TrimSpace(a.Vendor + " " + model))
}

// protocolText writes the use of a protocol.
func protocolText(p harbour.ProtocolUse) string {
	s := view.Protocol(p.Name)
	if p.Port > 0 {
		s += " " + strconv.Itoa(p.Port)
	}
	if p.Side != "" {
		s += " (" + p.Side + ")"
	}
	return short(s)
}

// softwareText writes a program with its version.
func softwareText(w harbour.Software) string {
	s := strings.TrimSpace(w.Name + " " + w.Version)
	switch {
	case w.PURL != "":
		s += " · " + w.PURL
	case w.CPE != "":
		s += " · " + w.CPE
	}
	return value(s)
}

// texts maps a list to text, at most maxSmallList of it, and says how many are left out.
func texts[T any](list []T, f func(T) string) []string {
	var out []string
	for i, v := range list {
		if i == maxSmallList {
			out = append(out, "and "+view.Number(len(list)-i)+" more")
			break
		}
		if t := f(v); t != "" {
			out = append(out, t)
		}
	}
	return out
}

// without gives the entries of list that are not in other.
func without(list, other []string) []string {
	var out []string
	for _, v := range list {
		if !slices.Contains(other, v) {
			out = append(out, v)
		}
	}
	return out
}

// presence says how an asset is known. That one is on no list is worth a colour only where there are lists.
func (s *survey) presence(a *harbour.Asset) view.Word {
	switch {
	case a.Declared && a.Observed:
		return view.Word{Title: "Declared and observed", Class: "ok"}
	case a.Declared:
		return view.Word{Title: "Declared only", Class: "unused"}
	}
	if !s.assets.listed() {
		return view.Word{Title: "Observed", Class: "unknown"}
	}
	return view.Word{Title: "Observed only", Class: "warn"}
}

func origin(declared bool) string {
	if declared {
		return "declared"
	}
	return "observed"
}

// ruleTitle writes the name of a rule as words.
func ruleTitle(rule string) string {
	if i := strings.LastIndexAny(rule, "/."); i >= 0 && i < len(rule)-1 {
		rule = rule[i+1:]
	}
	return view.Name(rule)
}

// evidenceKind names a kind of evidence.
func evidenceKind(k harbour.EvidenceKind) string {
	switch k {
	case harbour.EvidencePacket:
		return "Packet capture"
	case harbour.EvidenceSheet:
		return "Table"
	case harbour.EvidencePortFile:
		return "Port file"
	case harbour.EvidenceUnknown, "":
		return "Not recognised"
	}
	return view.Name(string(k))
}

// recordNoun is what one record of a kind of evidence is.
func recordNoun(k harbour.EvidenceKind, n int64) string {
	switch k {
	case harbour.EvidencePacket:
		return view.Count(n, "frame", "frames")
	case harbour.EvidenceSheet:
		return view.Count(n, "row", "rows")
	case harbour.EvidencePortFile:
		return view.Count(n, "entry", "entries")
	}
	return view.Count(n, "record", "records")
}
