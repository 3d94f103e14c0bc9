// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package document

import (
	"strings"
	"time"

	"breakwater/harbour"
	"breakwater/view"
)

// settled names the state of a finding that is not open; "" where it is.
func settled(f *harbour.Finding) string {
	switch f.Status {
	case harbour.FindingAccepted:
		return "accepted"
	case harbour.FindingResolved:
		return "resolved"
	case harbour.FindingFalsePositive:
		return "false positive"
	}
	return ""
}

// settledTag is the same with the day on which an acceptance ends.
func (s *survey) settledTag(f *harbour.Finding) string {
	w := settled(f)
	if d, ok := s.settlement(f); ok {
		w += until(&d)
	}
	return w
}

// settlement gives the decision by which a finding is not open. One that speaks of another status than the finding has was
// made while the lists were read, and does not count.
func (s *survey) settlement(f *harbour.Finding) (harbour.Settlement, bool) {
	d, ok := s.a.Settlements[f.ID]
	return d, ok && d.Status == f.Status
}

// until is the end of an acceptance as the pages name it, by its day in UTC.
func until(d *harbour.Settlement) string {
	if d.Status != harbour.FindingAccepted || !d.Until.Known() {
		return ""
	}
	return " until " + d.Until.Time().UTC().Format(time.DateOnly)
}

// settlementFact is how the fact of a settled finding is called: Accepted.
func settlementFact(f *harbour.Finding) string {
	w := settled(f)
	return strings.ToUpper(w[:1]) + w[1:]
}

// settlementWhen follows the name of who decided.
func settlementWhen(d *harbour.Settlement) string {
	s := ", " + view.Instant(d.At)
	if w := until(d); w != "" {
		s += "," + w
	}
	return s
}
