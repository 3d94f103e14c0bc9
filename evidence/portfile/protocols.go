// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package portfile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"breakwater/evidence"
	"breakwater/harbour"
)

// unread are protocols of the field that no dissector reads. A permit may name one; what is not recognised and could be it is
// neither approved nor refused then, unless the permit names its ports.
var unread = []string{
	"bacnet", "dnp3", "ftp_data", "goose", "hart_ip", "iec104", "imap", "ipsec", "kerberos", "ldap", "mms", "mqtt", "mssql", "mysql", "nmea", "ntp",
	"omron_fins", "opcua", "openvpn", "oracle", "pop3", "postgresql", "profinet_dcp", "profinet_io", "profinet_io_cm", "ptp", "radius", "rdp", "rtp", "rtsp",
	"sampled_values", "sip", "smtp", "snmp", "syslog", "telnet", "tftp", "vnc", "wireguard",
}

// carrierForm is how people write a port where a protocol is asked for: tcp, udp/161, TCP 102, 502.
var carrierForm = regexp.MustCompile(`^(?i)(tcp|udp|icmp|icmpv6)?[\s:/]*(\d{1,5})?$`)

// protocol checks the protocol that a permit names: one that nothing is ever called permits nothing, without a word.
func (f *file) protocol(path, s string) {
	if s == "" || f.full() || slices.Contains(unread, s) {
		return
	}
	if _, ok := harbour.Protocol(s); ok {
		return
	}
	f.fault(f.where(path), fmt.Sprintf("%q is not the name of a protocol", clip(s)), protocolHint(s))
}

// protocolHint says what was meant, or what there is.
func protocolHint(s string) string {
	if m := carrierForm.FindStringSubmatch(s); m != nil {
		hint := ""
		if m[1] != "" {
			hint = " transport: " + strings.ToLower(m[1])
		}
		if m[2] != "" {
			if hint != "" {
				hint += " and"
			}
			hint += " ports: [" + m[2] + "]"
		}
		return "in place of protocol write" + hint
	}
	if near := nearestProtocol(s); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	names := make([]string, 0, len(harbour.Protocols))
	for i := range harbour.Protocols {
		names = append(names, harbour.Protocols[i].Name)
	}
	return "protocols are " + strings.Join(names, ", ") + "; for another leave it out and name transport and ports"
}

// letters leaves of a name what people agree on: small letters and digits.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(s))
}

// nearestProtocol finds the protocol that is also called so, else the one whose name differs by a letter, in long names by
// a few.
func nearestProtocol(s string) string {
	word := letters(s)
	if word == "" {
		return ""
	}
	best, least := "", 2
	if len(word) > 4 {
		least = max(2, len(word)/3) + 1
	}
	try := func(name, spelling string) {
		if d := evidence.Edits(word, letters(spelling)); d < least && d < len(word) {
			best, least = name, d
		}
	}
	for i := range harbour.Protocols {
		p := &harbour.Protocols[i]
		try(p.Name, p.Name)
		try(p.Name, p.Short)
		for _, also := range p.Also {
			try(p.Name, also)
		}
	}
	for _, name := range unread {
		try(name, name)
	}
	return best
}

// noteUnread names permits of a protocol that is not recognised and of no port.
func (f *file) noteUnread(note func(path, text, hint string)) {
	for i, c := range f.port.Conduits {
		for j, p := range c.Permits {
			if slices.Contains(unread, p.Protocol) && len(p.Ports) == 0 {
				note(fmt.Sprintf("conduits[%d].permits[%d].protocol", i, j), fmt.Sprintf("%s is not recognised by this version: conversations that may be it are neither approved nor refused", p.Protocol), "name its ports as well")
			}
		}
	}
}
