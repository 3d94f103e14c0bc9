// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package harbour

// EvidenceKind is the closed list of what Breakwater reads.
type EvidenceKind string

// The evidence kinds that this version reads, and the one for what it does not.
const (
	EvidencePacket   EvidenceKind = "packet"
	EvidenceSheet    EvidenceKind = "sheet"
	EvidencePortFile EvidenceKind = "portfile"
	EvidenceUnknown  EvidenceKind = "unknown"
)

// EvidenceKinds are all kinds of evidence.
var EvidenceKinds = []EvidenceKind{EvidencePacket, EvidenceSheet, EvidencePortFile, EvidenceUnknown}

// Evidence is a file given to Breakwater, addressed by its content.
type Evidence struct {
	ID      string       `json:"id"` // "e-" and the first 16 hex digits of SHA256
	Path    string       `json:"path"`
	Kind    EvidenceKind `json:"kind"`
	SHA256  string       `json:"sha256"`
	Bytes   int64        `json:"bytes"`
	Records int64        `json:"records"` // frames, rows or entries read
	From    Instant      `json:"from"`
	To      Instant      `json:"to"`
	// Problems are the parts that could not be read, and the bounds that were reached, in order of place.
	Problems []Problem `json:"problems"`
	// Counters are figures about the reading itself (frames by link type, evicted flows, …), sorted by name.
	Counters []Counter `json:"counters,omitempty"`
}

// Problem is a damaged or doubtful part of an evidence. It costs that part and nothing else.
type Problem struct {
	Evidence string `json:"evidence,omitempty"` // id; empty inside the evidence's own record
	Path     string `json:"path,omitempty"`
	Locator  string `json:"locator,omitempty"`
	Message  string `json:"message"`
	Hint     string `json:"hint,omitempty"`
	// Fatal is set where nothing, or nothing after this place, could be read. Others are notes on what was lost.
	Fatal bool `json:"fatal,omitempty"`
}

// Counter is one named figure about a reading.
type Counter struct {
	Name  string `json:"name"`
	Value int64  `json:"value"`
}

// EvidenceID derives an evidence id from the lower-case hex SHA-256 of its bytes.
func EvidenceID(sha256hex string) string {
	if len(sha256hex) > 16 {
		sha256hex = sha256hex[:16]
	}
	return "e-" + sha256hex
}
