// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sheet

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"

	"breakwater/evidence"
	"breakwater/wire"
)

// clean makes one line of a cell: valid UTF-8, single spaces, without the apostrophe or the ="…" by which people keep
// Excel from changing a number.
func clean(s string) string {
	if strings.HasPrefix(s, `="`) && strings.HasSuffix(s, `"`) && len(s) >= 3 {
		s = s[2 : len(s)-1]
	}
	s = string(wire.AppendText(nil, []byte(s), maxCell))
	if t, ok := strings.CutPrefix(s, "'"); ok && t != "" && !strings.HasSuffix(t, "'") {
		s = strings.TrimSpace(t)
	}
	return s
}

// placeholder says whether a cell holds one of the usual words for nothing.
func placeholder(s string) bool {
	switch strings.ToLower(strings.Trim(s, " .")) {
	case "", "-", "--", "---", "–", "—", "_", "/", "?", "??", "n/a", "#n/a", "na", "n.a", "none", "null", "nil", "unknown", "not known", "tbd", "tbc", "t.b.d",
		"unbekannt", "k.a", "ka", "keine", "kein", "keine angabe", "nicht bekannt", "entfällt", "inconnu", "inconnue", "aucun", "aucune", "néant", "s.o",
		"onbekend", "geen", "n.v.t", "nvt", "desconocido", "desconocida", "ninguno", "ninguna", "sin datos", "s/d", "no aplica":
		return true
	}
	return false
}

// dynamic says whether an address cell says that there is no fixed address.
func dynamic(s string) bool {
	switch compact(s) {
	case "dhcp", "dynamic", "dynamisch", "dynamique", "dinamica", "dinamico", "auto", "automatic", "automatisch", "unnumbered", "serial", "seriell", "serie":
		return true
	}
	return false
}

// formulaError says whether a cell holds the error of a formula.
func formulaError(s string) bool {
	switch s {
	case "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!":
		return true
	}
	return false
}

var scientific = regexp.MustCompile(`^-?\d([.,]\d+)?[eE]\+\d+$`)

// splitList splits a cell that may hold several values.
func splitList(s string) (list []string) {
	for _, p := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",;|\n\r", r) }) {
		if p = clean(p); p != "" && !placeholder(p) {
			list = append(list, p)
		}
	}
	return list
}

// complaint is what is wrong with a cell.
type complaint struct{ text, hint string }

// addressesIn finds the MAC and IP addresses in a cell, however they are separated. What is neither is in bad.
func addressesIn(cell string) (macs []string, ips []string, bad []complaint) {
	whole := clean(cell)
	if placeholder(whole) || dynamic(whole) {
		return nil, nil, nil
	}
	if m, c, ok := oneMAC(whole); ok {
		return []string{m}, nil, nil
	} else if c.text != "" {
		return nil, nil, []complaint{c}
	}
	for _, part := range strings.FieldsFunc(cell, func(r rune) bool { return r <= ' ' || r == ',' || r == ';' || r == '|' || r == '\u00a0' || r == '&' }) {
		tokens := []string{part}
		if _, after, ok := strings.Cut(part, "/"); ok {
			if n, err := strconv.Atoi(after); err != nil || n > 128 {
				if _, err := netip.ParseAddr(after); err != nil || strings.Count(part, ".") != 6 || !strings.HasPrefix(after, "255.") {
					tokens = strings.Split(part, "/")
				}
			}
		}
		for _, t := range tokens {
			t = strings.Trim(clean(t), "()[]'\".")
			if t == "" || placeholder(t) || filler(t) {
				continue
			}
			if m, c, ok := oneMAC(t); ok {
				macs = append(macs, m)
			} else if c.text != "" {
				bad = append(bad, c)
			} else if ip, c := oneIP(t); ip != "" {
				ips = append(ips, ip)
			} else if c.text != "" {
				bad = append(bad, c)
			}
			if len(macs)+len(ips)+len(bad) > 64 {
				return unique(macs), unique(ips), append(bad, complaint{"more than 64 addresses in one cell; the first are kept", "give each interface a row"})
			}
		}
	}
	return unique(macs), unique(ips), bad
}

// filler are words that stand between addresses.
func filler(s string) bool {
	switch strings.ToLower(strings.Trim(s, ":")) {
	case "and", "or", "und", "oder", "et", "ou", "en", "y", "o", "ip", "mac", "ipv4", "ipv6", "/", "+", "eth0", "eth1", "lan", "lan1", "lan2", "wlan", "mgmt", "static", "fix", "fixed", "fest", "statisch", "vip":
		return true
	}
	return false
}

func unique(list []string) (out []string) {
	for _, s := range list {
		found := false
		for _, o := range out {
			found = found || o == s
		}
		if !found {
			out = append(out, s)
		}
	}
	return out
}

// oneMAC reads a hardware address. An address that cannot be a device's is not ok and comes with a complaint.
func oneMAC(s string) (mac string, c complaint, ok bool) {
	t := strings.ReplaceAll(strings.ReplaceAll(s, " ", ""), "–", "-")
	if len(t) > 17 || len(t) < 11 {
		return "", complaint{}, false
	}
	if scientific.MatchString(t) {
		return "", complaint{fmt.Sprintf("%q is not what was typed: the spreadsheet program has taken the MAC address for a number", s), "format the column as text and enter the address again, with colons"}, false
	}
	m, good := evidence.ParseMAC(t)
	if !good {
		m, good = shortMAC(t)
	}
	switch {
	case !good:
		return "", complaint{}, false
	case m.None() || m == evidence.MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}:
		return "", complaint{s + " is no device's MAC address", ""}, false
	case m.Group():
		return "", complaint{s + " is a multicast address, not a device's", "take the MAC address from the type plate"}, false
	}
	return m.String(), complaint{}, true
}

// shortMAC reads an address whose parts lack leading zeros, as Solaris and some controllers write it: 0:1b:1b:c:d:e.
func shortMAC(s string) (m evidence.MAC, ok bool) {
	parts := strings.Split(strings.ReplaceAll(s, "-", ":"), ":")
	if len(parts) != 6 {
		return m, false
	}
	for i, p := range parts {
		v, err := strconv.ParseUint(p, 16, 8)
		if err != nil || len(p) > 2 {
			return m, false
		}
		m[i] = byte(v)
	}
	return m, true
}

// oneIP reads an IP address, with or without prefix length, mask, port or interface.
func oneIP(s string) (ip string, c complaint) {
	if scientific.MatchString(s) {
		return "", complaint{fmt.Sprintf("%q is a number, not an address", s), "format the column as text and enter the address again"}
	}
	host, suffix, prefixed := strings.Cut(s, "/")
	host, _, _ = strings.Cut(host, "%")
	a, err := netip.ParseAddr(host)
	if err != nil {
		if ap, e := netip.ParseAddrPort(host); e == nil {
			a, err = ap.Addr(), nil
		} else if a, err = netip.ParseAddr(withoutZeros(host)); err != nil {
			return "", complaint{fmt.Sprintf("%q is not an IP address", s), addressHint(host)}
		}
	}
	a = a.Unmap()
	if bits, e := strconv.Atoi(suffix); prefixed && e == nil {
		p, e := a.Prefix(bits)
		if e != nil {
			return "", complaint{fmt.Sprintf("%q has a prefix length that its address cannot have", s), "an IPv4 address has 32 bits"}
		}
		if p.Addr() == a && bits < a.BitLen()-1 {
			return "", complaint{fmt.Sprintf("%s is a network, not a device's address", s), "give the address of the device; networks belong into the zones of the port file"}
		}
	}
	e := evidence.FromAddr(a)
	if e.None() || e.Group() || e.Loopback() {
		return "", complaint{fmt.Sprintf("%s is not an address that one device has", s), ""}
	}
	return a.String(), complaint{}
}

// withoutZeros removes the leading zeros by which people align addresses in columns: 010.001.002.003.
func withoutZeros(s string) string {
	parts := strings.Split(s, ".")
	if len(parts) != 4 {
		return s
	}
	for i, p := range parts {
		if len(p) > 3 {
			return s
		}
		if parts[i] = strings.TrimLeft(p, "0"); parts[i] == "" && p != "" {
			parts[i] = "0"
		}
	}
	return strings.Join(parts, ".")
}

func addressHint(s string) string {
	switch {
	case strings.Trim(s, "0123456789") == "" && s != "":
		return "a spreadsheet program may have taken the dots for thousands; format the column as text"
	case strings.Count(s, ".") == 3 && strings.Contains(s, "-"):
		return "give each address of a range a row"
	case strings.ContainsAny(s, "xX*"):
		return "write the address out"
	}
	return "write for example 10.20.0.5"
}

// yes understands a cell that says yes or no.
func yes(s string) (value, ok bool) {
	switch s {
	case "✓", "✔", "☑", "x", "X":
		return true, true
	case "✗", "✘", "☐":
		return false, true
	}
	switch compact(s) {
	case "yes", "y", "true", "1", "ja", "j", "oui", "o", "si", "s", "wahr", "vrai", "waar", "verdadero", "verdad":
		return true, true
	case "no", "n", "false", "0", "nein", "nee", "non", "falsch", "faux", "onwaar", "falso":
		return false, true
	}
	return false, false
}

// criticalities are the words for the four grades.
var criticalities = map[string]string{
	"low": "low", "minor": "low", "niedrig": "low", "gering": "low", "faible": "low", "bas": "low", "basse": "low", "laag": "low", "bajo": "low", "baja": "low",
	"medium": "medium", "moderate": "medium", "normal": "medium", "mittel": "medium", "moyen": "medium", "moyenne": "medium", "gemiddeld": "medium", "middel": "medium", "midden": "medium", "medio": "medium", "media": "medium",
	"high": "high", "major": "high", "hoch": "high", "eleve": "high", "elevee": "high", "haut": "high", "haute": "high", "fort": "high", "forte": "high", "hoog": "high", "alto": "high", "alta": "high",
	"critical": "critical", "veryhigh": "critical", "kritisch": "critical", "sehrhoch": "critical", "critique": "critical", "treseleve": "critical", "treselevee": "critical", "kritiek": "critical", "zeerhoog": "critical", "critico": "critical", "critica": "critical", "muyalto": "critical", "muyalta": "critical", "vital": "critical",
}

var levelForm = regexp.MustCompile(`(?i)^(?:purdue)?[ -]*(?:level|l|ebene|niveau|nivel|stufe|laag|layer)?[ -]*([0-5])(?:[.,]([05])0*)?$`)

// levelOf understands a Purdue level.
func levelOf(s string) (string, bool) {
	if strings.EqualFold(s, "dmz") {
		return "3.5", true
	}
	m := levelForm.FindStringSubmatch(s)
	switch {
	case m == nil || m[2] == "5" && m[1] != "3":
		return "", false
	case m[2] == "5":
		return "3.5", true
	}
	return m[1], true
}

var digits = regexp.MustCompile(`\d+`)

// vlanOf understands a VLAN id; 0 stands for none.
func vlanOf(s string) (vlan int, c complaint) {
	switch compact(s) {
	case "untagged", "native", "default", "none", "ungetagged":
		return 0, complaint{}
	}
	found := digits.FindAllString(strings.TrimSuffix(strings.TrimSuffix(s, ".0"), ",0"), 3)
	if len(found) == 0 {
		return 0, complaint{fmt.Sprintf("%q is not a VLAN id", s), "a number from 1 to 4094"}
	}
	n, err := strconv.Atoi(found[0])
	if err != nil || n > 4094 {
		return 0, complaint{found[0] + " is not a VLAN id", "1 to 4094"}
	}
	if len(found) > 1 && strings.ContainsAny(s, ",;/&+-\n") {
		c = complaint{fmt.Sprintf("%q names several VLANs; %d is taken", s, n), "give each interface a row"}
	}
	return n, c
}

// dateOf gives a date in the form 2026-11-24 where the cell's form leaves no doubt; else the cell as it is.
func dateOf(shown string) string {
	for _, layout := range []string{"2006-01-02", "2006-01-02 15:04:05", "2006/01/02", "02.01.2006", "2.1.2006", "2 January 2006", "2 Jan 2006", "02-Jan-2006", "20060102"} {
		if t, err := time.Parse(layout, shown); err == nil {
			return t.Format(time.DateOnly)
		}
	}
	return shown
}
