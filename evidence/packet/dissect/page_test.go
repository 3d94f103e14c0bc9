// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"breakwater/harbour"
)

var updatePage = flag.Bool("update", false, "write docs/protocols.md")

// TestProtocols holds every protocol to the rules of the closed lists.
func TestProtocols(t *testing.T) {
	word := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	seen := map[string]bool{}
	for _, p := range All() {
		if !word.MatchString(p.Name) || seen[p.Name] || p.Title == "" {
			t.Errorf("protocol %q: name not in lower snake case, not unique, or without title", p.Name)
		}
		seen[p.Name] = true
		if p.Refines == "" && p.Read == nil {
			t.Errorf("%s: no Read", p.Name)
		}
		if p.Over&(OverTCP|OverUDP|OverICMP) != 0 && p.Probe == nil {
			t.Errorf("%s: no Probe", p.Name)
		}
		codes := map[string]bool{}
		for _, c := range p.Codes {
			if !word.MatchString(c.Name) || !slices.Contains(harbour.Verbs, c.Verb) || codes[c.Code+c.Name] {
				t.Errorf("%s: code %s %q %q: name, verb or code with this name breaks the rules", p.Name, c.Code, c.Name, c.Verb)
			}
			codes[c.Code+c.Name] = true
		}
	}
	for _, p := range All() {
		if p.Refines != "" && !seen[p.Refines] {
			t.Errorf("%s refines %q, which does not exist", p.Name, p.Refines)
		}
	}
}

// TestProtocolsPage keeps docs/protocols.md equal to the code.
func TestProtocolsPage(t *testing.T) {
	const path = "../../../docs/protocols.md"
	want := protocolsPage()
	if *updatePage {
		if err := os.MkdirAll("../../../docs", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is out of date (%v): run go test ./evidence/packet/dissect -run Page -update", path, err)
	}
}

func protocolsPage() []byte {
	var b bytes.Buffer
	b.WriteString("# Protocols\n\nGenerated from `evidence/packet/dissect`. A port is a hint for order, never proof: a protocol is recognised by content.\n")
	all := slices.Clone(All())
	slices.SortFunc(all, func(a, b *Protocol) int { return cmp.Compare(a.Name, b.Name) })
	b.WriteString("\n| protocol | name | carrier | usual ports or types |\n|---|---|---|---|\n")
	for _, p := range all {
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s |\n", p.Title, p.Name, carriers(p), places(p))
	}
	b.WriteString("\n## Operations\n\nVerbs are a closed list. Program upload is device to tool, download tool to device.\n")
	for _, p := range all {
		if len(p.Codes) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n### %s (`%s`)\n", p.Title, p.Name)
		if p.Notes != "" {
			fmt.Fprintf(&b, "\n%s\n", p.Notes)
		}
		fmt.Fprint(&b, "\n| code | name | verb | names elsewhere |\n|---|---|---|---|\n")
		for _, c := range p.Codes {
			fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", c.Code, c.Name, c.Verb, strings.Join(c.Also, ", "))
		}
	}
	return b.Bytes()
}

func carriers(p *Protocol) string {
	if p.Refines != "" {
		return "in " + p.Refines
	}
	var s []string
	for _, c := range []struct {
		bit  Carrier
		name string
	}{{OverTCP, "TCP"}, {OverUDP, "UDP"}, {OverEthernet, "Ethernet"}, {OverICMP, "ICMP"}} {
		if p.Over&c.bit != 0 {
			s = append(s, c.name)
		}
	}
	return strings.Join(s, ", ")
}

func places(p *Protocol) string {
	var s []string
	for _, n := range p.Ports {
		s = append(s, fmt.Sprint(n))
	}
	for _, n := range p.EtherTypes {
		s = append(s, fmt.Sprintf("0x%04x", n))
	}
	for _, n := range p.SNAPs {
		s = append(s, fmt.Sprintf("SNAP %06x:%04x", n>>16, n&0xffff))
	}
	for _, n := range p.LLC {
		s = append(s, fmt.Sprintf("LLC %02x/%02x", n>>8, n&0xff))
	}
	return strings.Join(s, ", ")
}
