// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package portfile

import (
	"fmt"
	"strings"
	"testing"

	"breakwater/harbour"
)

const oneConduit = "name: x\nzones:\n  - {id: a, vlans: [1]}\n  - {id: b, vlans: [2]}\nconduits:\n  - id: c\n    from: a\n    to: b\n    permits:\n      - protocol: %s\n"

// TestProtocolOfPermit wants a name that no conversation ever has to be a fault with its place and what was meant.
func TestProtocolOfPermit(t *testing.T) {
	for written, want := range map[string]string{
		"s7": `did you mean "s7comm"?`, "S7Comm": `did you mean "s7comm"?`, "s7com": `did you mean "s7comm"?`, "s7comm-plus": `did you mean "s7comm_plus"?`, "S7commPlus": `did you mean "s7comm_plus"?`,
		"modbus_tcp": `did you mean "modbus"?`, "Modbus/TCP": `did you mean "modbus"?`, "modbus tcp": `did you mean "modbus"?`, "modubs": `did you mean "modbus"?`, "MODBUS": `did you mean "modbus"?`,
		"https": `did you mean "tls"?`, "EtherNet/IP": `did you mean "enip"?`, "ethernet-ip": `did you mean "enip"?`, "htpp": `did you mean "http"?`, "hhttp": `did you mean "http"?`, "OPC-UA": `did you mean "opcua"?`, "iec-104": `did you mean "iec104"?`,
		"tcp/102": "in place of protocol write transport: tcp and ports: [102]", "UDP 161": "in place of protocol write transport: udp and ports: [161]", "tcp": "in place of protocol write transport: tcp",
		"\"502\"": "in place of protocol write ports: [502]", "icmp": "in place of protocol write transport: icmp",
		"frobnicate": "protocols are arp, cdp, cip,", "ß": "protocols are arp",
	} {
		_, _, err := Parse(fmt.Appendf(nil, oneConduit, written))
		if err == nil {
			t.Errorf("%s passes", written)
			continue
		}
		text, hint := err.Error(), err.(*harbour.Error).Hint
		if !strings.Contains(text, "port file:10:19: ") || !strings.Contains(text, "is not the name of a protocol") || !strings.Contains(hint, want) {
			t.Errorf("%s: %s; hint %q, want %q", written, text, hint, want)
		}
	}
}

func TestProtocolThatIsRight(t *testing.T) {
	for i := range harbour.Protocols {
		name := harbour.Protocols[i].Name
		if _, notes, err := Parse(fmt.Appendf(nil, oneConduit, name)); err != nil || len(notes) > 0 {
			t.Errorf("%s: %v, notes %+v", name, err, notes)
		}
	}
	for text, notes := range map[string]int{
		"opcua":                           1, // not read by this version, and no port to know it by
		"opcua\n        ports: [4840]":    0,
		"\"\"\n        ports: [102]":      0,
		"\"\"\n        transport: tcp":    0,
		"ntp\n        transport: udp":     1,
		"modbus\n        transport: tcp":  0,
		"modbus\n        ports: [10502]":  0,
		"s7comm\n        verbs: [read]":   0,
		"# whatever\n        ports: [80]": 0,
	} {
		_, got, err := Parse(fmt.Appendf(nil, oneConduit, text))
		if err != nil || len(got) != notes {
			t.Errorf("%q: %v, notes %+v, want %d", text, err, got, notes)
		}
		if len(got) == 1 && (got[0].Locator != "line 10" || got[0].Fatal || got[0].Hint != "name its ports as well") {
			t.Errorf("%q: note %+v", text, got[0])
		}
	}
	for _, name := range unread {
		if _, known := harbour.Protocol(name); known {
			t.Errorf("%s is read and listed as not read", name)
		}
	}
}
