// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package harbour

// Severity of a finding.
type Severity string

// Severities, lowest first.
const (
	SeverityInfo     Severity = "info"
	SeverityLow      Severity = "low"
	SeverityMedium   Severity = "medium"
	SeverityHigh     Severity = "high"
	SeverityCritical Severity = "critical"
)

// Rank orders severities: 0 info to 4 critical; -1 for a word outside the list.
func (s Severity) Rank() int {
	switch s {
	case SeverityInfo:
		return 0
	case SeverityLow:
		return 1
	case SeverityMedium:
		return 2
	case SeverityHigh:
		return 3
	case SeverityCritical:
		return 4
	}
	return -1
}

// FindingStatus is where a finding stands.
type FindingStatus string

// The states of a finding.
const (
	FindingOpen          FindingStatus = "open"
	FindingAccepted      FindingStatus = "accepted"
	FindingResolved      FindingStatus = "resolved"
	FindingFalsePositive FindingStatus = "false_positive"
)

// Finding is something wrong, unproven or changed, made by a named rule.
type Finding struct {
	ID           string        `json:"id"` // stable: derives from rule, subjects and what distinguishes two of them
	Rule         string        `json:"rule"`
	Severity     Severity      `json:"severity"`
	Title        string        `json:"title"`
	Explanation  string        `json:"explanation"`
	Action       string        `json:"action"` // what to do next
	Subjects     []string      `json:"subjects"`
	Evidence     []ProofRef    `json:"evidence"`
	Requirements []string      `json:"requirements"`
	Status       FindingStatus `json:"status"`
	FirstSeen    Instant       `json:"first_seen"`
	LastSeen     Instant       `json:"last_seen"`
}

// Settlement is the decision by which a finding is no longer open: who accepted it until when, resolved it or called it a
// false positive, and why.
type Settlement struct {
	Status FindingStatus
	By     string  // the person's name
	At     Instant // when it was decided
	Until  Instant // an acceptance ends here; 0 for the others
	Reason string  // may be empty
}

// ProofRef points at the place in an evidence that a finding rests on.
type ProofRef struct {
	ID      string `json:"id"`
	Locator string `json:"locator"`
}
