// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"maps"
	"slices"

	"breakwater/harbour"
)

// Finish puts the counters, sorted by name, and the span of what was seen into the evidence's record.
func (l *Ledger) Finish() {
	l.Evidence.Counters = l.Evidence.Counters[:0]
	for _, name := range slices.Sorted(maps.Keys(l.counters)) {
		l.Evidence.Counters = append(l.Evidence.Counters, harbour.Counter{Name: name, Value: l.counters[name]})
	}
	if l.Evidence.Problems == nil {
		l.Evidence.Problems = []harbour.Problem{}
	}
}
