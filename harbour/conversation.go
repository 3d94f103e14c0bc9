// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package harbour

// Verdict is what is known of a conversation against the declared zones and conduits.
type Verdict string

// The verdicts. Without a firewall configuration as witness the inventory gives only
// approved_used, undocumented and unknown.
const (
	VerdictApprovedUsed     Verdict = "approved_used"
	VerdictApprovedUnused   Verdict = "approved_unused"
	VerdictExcessPermission Verdict = "excess_permission"
	VerdictBypass           Verdict = "bypass"
	VerdictBrokenConduit    Verdict = "broken_conduit"
	VerdictUndocumented     Verdict = "undocumented"
	VerdictUnknown          Verdict = "unknown"
)

// Conversation is who talked to whom by which protocol. Client and Server are asset ids; one-to-many traffic has a
// Group (the multicast or broadcast address) instead of a server.
type Conversation struct {
	Client    string  `json:"client"`
	Server    string  `json:"server,omitempty"`
	Group     string  `json:"group,omitempty"`
	ClientIP  string  `json:"client_ip"`
	ServerIP  string  `json:"server_ip"`
	ClientMAC string  `json:"client_mac"`
	ServerMAC string  `json:"server_mac"`
	VLAN      int     `json:"vlan"`
	Transport string  `json:"transport"` // tcp, udp, icmp, ethernet, ip/NUMBER
	EtherType string  `json:"ethertype,omitempty"`
	Port      int     `json:"port"`     // server's port
	Protocol  string  `json:"protocol"` // closed list, "" where not recognised
	Confirmed bool    `json:"confirmed"`
	Packets   int64   `json:"packets"`
	Bytes     int64   `json:"bytes"`
	FirstSeen Instant `json:"first_seen"`
	LastSeen  Instant `json:"last_seen"`
	Verdict   Verdict `json:"verdict"`
	Evidence  string  `json:"evidence"`
	Locator   string  `json:"locator"`
}
