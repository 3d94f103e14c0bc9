// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package harbour

// Domain says which of the three worlds of a port an asset belongs to.
type Domain string

// The domains.
const (
	IT       Domain = "it"
	OT       Domain = "ot"
	Physical Domain = "physical"
)

// Confidence in a statement, 0 to 100. The named steps are those the inference uses; see the constants.
type Confidence uint8

// Steps of confidence.
const (
	Guess     Confidence = 20  // one weak hint: a port number, an OUI
	Likely    Confidence = 50  // several hints, or one side of a conversation
	Confirmed Confidence = 80  // content in both directions, or a self-describing announcement
	Stated    Confidence = 95  // the device said so about itself in an identity message
	Declared  Confidence = 100 // a person said so
)

// Observation is where an attribute's value was seen: one evidence and up to three places in it.
type Observation struct {
	Evidence string `json:"evidence"`
	Locator  string `json:"locator"`
}

// Attribute is one value of one named property of an asset, with what supports it. Declared and observed values are
// separate entries on purpose: their difference is the undocumented change.
type Attribute struct {
	Name         string        `json:"name"`
	Value        string        `json:"value"`
	Declared     bool          `json:"declared"`
	Confidence   Confidence    `json:"confidence"`
	Count        int64         `json:"count"`
	FirstSeen    Instant       `json:"first_seen"`
	LastSeen     Instant       `json:"last_seen"`
	Observations []Observation `json:"observations"`
}

// Interface is where an asset touches a network.
type Interface struct {
	MAC  string   `json:"mac,omitempty"` // lower-case, colon-separated
	IPs  []string `json:"ips"`
	VLAN int      `json:"vlan,omitempty"` // 0: untagged or not known
}

// ProtocolUse is one protocol that an asset speaks, and as what.
type ProtocolUse struct {
	Name string `json:"name"`
	Side string `json:"side"` // client, server, group
	Port int    `json:"port,omitempty"`
}

// Software is a program or firmware on an asset.
type Software struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	PURL    string `json:"purl,omitempty"`
	CPE     string `json:"cpe,omitempty"`
}

// Reason is one item of evidence behind an inferred kind, role or level.
type Reason struct {
	About      string        `json:"about"` // kind, role, level, domain, zone, vendor
	Text       string        `json:"text"`
	Confidence Confidence    `json:"confidence"`
	Evidence   []Observation `json:"evidence,omitempty"`
}

// Asset is a thing worth protecting, as a reader sees it: the best value of each property, and all values with their
// provenance in Attributes.
type Asset struct {
	ID           string        `json:"id"`
	Name         string        `json:"name"`
	Organisation string        `json:"organisation,omitempty"`
	Site         string        `json:"site,omitempty"`
	Domain       Domain        `json:"domain"`
	Kind         Kind          `json:"kind"`
	Role         string        `json:"role,omitempty"`
	Vendor       string        `json:"vendor,omitempty"`
	Model        string        `json:"model,omitempty"`
	Firmware     string        `json:"firmware,omitempty"`
	Serial       string        `json:"serial,omitempty"`
	Hostnames    []string      `json:"hostnames"`
	Interfaces   []Interface   `json:"interfaces"`
	Protocols    []ProtocolUse `json:"protocols"`
	Level        string        `json:"level,omitempty"` // Purdue level "0" … "5", "3.5"
	Zone         string        `json:"zone,omitempty"`
	Criticality  string        `json:"criticality,omitempty"`
	Supplier     string        `json:"supplier,omitempty"`
	Location     string        `json:"location,omitempty"`
	Software     []Software    `json:"software"`
	Declared     bool          `json:"declared"` // a person listed it
	Observed     bool          `json:"observed"` // seen in traffic
	FirstSeen    Instant       `json:"first_seen"`
	LastSeen     Instant       `json:"last_seen"`
	Keys         []string      `json:"keys"` // identity keys, the first is what ID derives from
	Aliases      []string      `json:"aliases,omitempty"`
	Reasons      []Reason      `json:"reasons,omitempty"`
	Attributes   []Attribute   `json:"attributes"`
}
