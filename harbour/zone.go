// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package harbour

// Zone is a set of assets with common security requirements (IEC 62443-3-2), as the assessment found it populated.
type Zone struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"`
	Level    string     `json:"level"`
	Kind     ZoneKind   `json:"kind"`
	Members  int        `json:"members"` // number of assets
	Evidence []ProofRef `json:"evidence"`
}

// ConduitUse is the communication between two zones, declared, seen or both.
type ConduitUse struct {
	ID        string           `json:"id"`
	Name      string           `json:"name"`
	From      string           `json:"from"`
	To        string           `json:"to"`
	Declared  bool             `json:"declared"`
	Services  []ConduitService `json:"services"`
	Verdicts  map[Verdict]int  `json:"verdicts"`
	Packets   int64            `json:"packets"`
	Bytes     int64            `json:"bytes"`
	FirstSeen Instant          `json:"first_seen"`
	LastSeen  Instant          `json:"last_seen"`
	Evidence  []ProofRef       `json:"evidence"`
}

// ConduitService is one protocol through a conduit with its verdict.
type ConduitService struct {
	Protocol      string     `json:"protocol"`
	Transport     string     `json:"transport"`
	Port          int        `json:"port"`
	Verdict       Verdict    `json:"verdict"`
	Conversations int        `json:"conversations"`
	Packets       int64      `json:"packets"`
	Evidence      []ProofRef `json:"evidence,omitempty"`
}

// Summary is the assessment at a glance.
type Summary struct {
	Version     string         `json:"version"`
	GeneratedAt Instant        `json:"generated_at"`
	Port        string         `json:"port"`
	Marking     string         `json:"marking"`
	From        Instant        `json:"from"` // span of the evidence
	To          Instant        `json:"to"`
	Counts      map[string]int `json:"counts"`
	Services    []ServiceState `json:"services"`
	TopFindings []Finding      `json:"top_findings"`
	Problems    []Problem      `json:"problems"`
	// Silent lists the rules that could not run: their silence is no all-clear.
	Silent []SilentRule `json:"rules_not_run"`
}

// SilentRule is a rule that did not run, because what it needs was not given.
type SilentRule struct {
	Rule  string   `json:"rule"`
	Title string   `json:"title"`
	Why   []string `json:"why"`   // what is missing, each in a clause
	Needs []string `json:"needs"` // what would let it run, each as one would ask for it
}

// ServiceState is a declared service of the port with the assets and open findings that bear on it.
type ServiceState struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Assets   int    `json:"assets"`
	Findings int    `json:"findings"`
	Worst    string `json:"worst_severity,omitempty"`
}
