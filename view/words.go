// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"breakwater/harbour"
)

// Word is how one member of a closed list is shown: what people read, what it means, and the class that colours it.
type Word struct {
	Title string
	Means string
	Class string
}

// Severities from worst to least.
var Severities = []harbour.Severity{
	harbour.SeverityCritical, harbour.SeverityHigh, harbour.SeverityMedium, harbour.SeverityLow, harbour.SeverityInfo,
}

// Severity gives the word for s; one outside the list is shown as it is, without colour.
func Severity(s harbour.Severity) Word {
	switch s {
	case harbour.SeverityCritical:
		return Word{"Critical", "Act now: someone can, or did, take control of something that the port runs on.", "critical"}
	case harbour.SeverityHigh:
		return Word{"High", "Act within days: a barrier that the port relies on is missing or was passed.", "high"}
	case harbour.SeverityMedium:
		return Word{"Medium", "Plan it: a weakness that needs another one to do harm.", "medium"}
	case harbour.SeverityLow:
		return Word{"Low", "Mend it with the next change.", "low"}
	case harbour.SeverityInfo:
		return Word{"Info", "To know, or to write down; nothing has to be mended.", "info"}
	}
	return Word{Title: Plain(string(s), 40)}
}

// Verdicts in the order in which they are shown, what needs attention first.
var Verdicts = []harbour.Verdict{
	harbour.VerdictBypass, harbour.VerdictUndocumented, harbour.VerdictExcessPermission, harbour.VerdictBrokenConduit,
	harbour.VerdictUnknown, harbour.VerdictApprovedUnused, harbour.VerdictApprovedUsed,
}

// Verdict gives the word for v.
func Verdict(v harbour.Verdict) Word {
	switch v {
	case harbour.VerdictApprovedUsed:
		return Word{"Approved", "A conduit permits it, and it was seen.", "ok"}
	case harbour.VerdictApprovedUnused:
		return Word{"Approved, not seen", "A conduit permits it, and nothing of it was seen in the evidence.", "unused"}
	case harbour.VerdictUndocumented:
		return Word{"Undocumented", "It was seen, and no conduit permits it.", "bad"}
	case harbour.VerdictBypass:
		return Word{"Bypass", "It was seen, and a firewall on the way denies it: there is another way.", "bad"}
	case harbour.VerdictExcessPermission:
		return Word{"Excess permission", "A firewall permits it, and no conduit does.", "warn"}
	case harbour.VerdictBrokenConduit:
		return Word{"Broken conduit", "A conduit permits it, and a firewall on the way denies it.", "warn"}
	case harbour.VerdictUnknown, "":
		return Word{"Not known", "One side is in no zone, or nothing is declared to compare with.", "unknown"}
	}
	return Word{Title: Plain(string(v), 40), Class: "unknown"}
}

// Confidence gives the word for the step that c reaches.
func Confidence(c harbour.Confidence) Word {
	switch {
	case c >= harbour.Declared:
		return Word{Title: "Declared", Means: "A person said so, in the port file or in a list."}
	case c >= harbour.Stated:
		return Word{Title: "Stated", Means: "The device said so about itself in an identity message."}
	case c >= harbour.Confirmed:
		return Word{Title: "Confirmed", Means: "Content seen in both directions, or a device that announces itself."}
	case c >= harbour.Likely:
		return Word{Title: "Likely", Means: "Several hints, or one side of a conversation."}
	}
	return Word{Title: "Guess", Means: "One weak hint, such as a port number or the maker of a network card."}
}

// ConfidenceSteps lists the steps from strongest to weakest.
var ConfidenceSteps = []harbour.Confidence{
	harbour.Declared, harbour.Stated, harbour.Confirmed, harbour.Likely, harbour.Guess,
}

// Verb gives the word for v.
func Verb(v harbour.Verb) Word {
	class := "read"
	switch {
	case v.Engineering():
		class = "engineering"
	case v.Acts():
		class = "acts"
	case v == harbour.VerbLogin:
		class = "login"
	}
	switch v {
	case harbour.VerbProgramDownload:
		return Word{"Program download", "A program was sent from a tool to a device.", class}
	case harbour.VerbProgramUpload:
		return Word{"Program upload", "A program was read from a device by a tool.", class}
	case harbour.VerbProgramControl:
		return Word{"Program control", "A program was started, stopped, deleted or made active.", class}
	case harbour.VerbModeChange:
		return Word{"Mode change", "A controller was started, stopped or switched to another mode.", class}
	case harbour.VerbForce:
		return Word{"Force", "A value was forced against what the process says.", class}
	case harbour.VerbFirmware:
		return Word{"Firmware", "Firmware was transferred or activated.", class}
	case harbour.VerbConfiguration:
		return Word{"Configuration", "Settings of a device, such as its address or name, were changed.", class}
	case harbour.VerbSetClock:
		return Word{"Set clock", "The clock of a device was set.", class}
	case harbour.VerbControl:
		return Word{"Control", "A command to the process: open, close, start, stop.", class}
	case harbour.VerbWrite:
		return Word{"Write", "A value in a device was written.", class}
	case harbour.VerbFile:
		return Word{"File", "A file was transferred, changed or deleted.", class}
	case harbour.VerbLogin:
		return Word{"Login", "Somebody logged in, or tried to.", class}
	case harbour.VerbRead:
		return Word{"Read", "A value was read.", class}
	case harbour.VerbDiscover:
		return Word{"Discover", "A device was asked what it is, or announced it.", class}
	case harbour.VerbDiagnose:
		return Word{"Diagnose", "Diagnostic data was read.", class}
	case harbour.VerbMessage:
		return Word{"Message", "Process data was sent without being asked for.", class}
	}
	return Word{Title: Plain(string(v), 40), Class: class}
}

// Domains in the order in which they are shown.
var Domains = []harbour.Domain{harbour.OT, harbour.IT, harbour.Physical}

// Domain gives the word for d.
func Domain(d harbour.Domain) Word {
	switch d {
	case harbour.OT:
		return Word{"OT", "Operational technology: what moves, lifts, opens, measures.", "ot"}
	case harbour.IT:
		return Word{"IT", "Information technology: what computes, stores and connects.", "it"}
	case harbour.Physical:
		return Word{"Physical security", "Cameras, doors, badges and what records them.", "physical"}
	}
	return Word{Title: Plain(string(d), 40)}
}

// Level gives the name of a Purdue level.
func Level(level string) Word {
	switch level {
	case "5":
		return Word{Title: "Level 5", Means: "Outside and internet"}
	case "4":
		return Word{Title: "Level 4", Means: "Business"}
	case "3.5":
		return Word{Title: "Level 3.5", Means: "Demilitarised zone"}
	case "3":
		return Word{Title: "Level 3", Means: "Operations"}
	case "2":
		return Word{Title: "Level 2", Means: "Supervision"}
	case "1":
		return Word{Title: "Level 1", Means: "Control"}
	case "0":
		return Word{Title: "Level 0", Means: "Field devices"}
	case "":
		return Word{Title: "No level", Means: "Not stated"}
	}
	return Word{Title: "Level " + Plain(level, 12)}
}

// ZoneKind gives the word for k.
func ZoneKind(k harbour.ZoneKind) Word {
	if k == harbour.ZoneDMZ {
		return Word{Title: "DMZ"}
	}
	return Word{Title: Name(string(k))}
}

// Result gives the word for the result of an operation.
func Result(r string) Word {
	switch r {
	case harbour.ResultOK:
		return Word{Title: "Done", Means: "The device answered that it was done.", Class: "done"}
	case harbour.ResultUnanswered:
		return Word{Title: "No answer seen", Means: "The request was seen and no answer to it.", Class: "unanswered"}
	case harbour.ResultNone:
		return Word{Title: "Needs no answer", Means: "The protocol has no answer to it.", Class: "none"}
	}
	return Word{Title: Name(r), Means: "The device refused.", Class: "refused"}
}

// abbreviations that Name writes in capitals.
var abbreviations = map[string]string{
	"id": "ID", "ip": "IP", "mac": "MAC", "vlan": "VLAN", "vtp": "VTP", "os": "OS", "mtu": "MTU", "tls": "TLS",
	"ssh": "SSH", "smb": "SMB", "dhcp": "DHCP", "dns": "DNS", "ja4": "JA4", "s7": "S7", "pi": "PI", "plc": "PLC",
	"rtu": "RTU", "hmi": "HMI", "sha256": "SHA-256", "ot": "OT", "it": "IT", "tcp": "TCP", "udp": "UDP",
	"arp": "ARP", "ipv4": "IPv4", "ipv6": "IPv6", "http": "HTTP", "https": "HTTPS", "ups": "UPS", "gnss": "GNSS", "ais": "AIS",
	"modbus": "Modbus", "pcap": "pcap", "icmp": "ICMP", "icmpv6": "ICMPv6", "pcapng": "pcapng",
}

// Name writes a lower snake case name as words: order_number as "Order number".
func Name(s string) string {
	s = Plain(s, 80)
	words := strings.FieldsFunc(s, func(r rune) bool { return r == '_' || r == '-' || r == ' ' })
	for i, w := range words {
		if a, ok := abbreviations[w]; ok {
			words[i] = a
		} else if i == 0 {
			r, size := utf8.DecodeRuneInString(w)
			words[i] = string(unicode.ToUpper(r)) + w[size:]
		}
	}
	return strings.Join(words, " ")
}
