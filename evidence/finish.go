// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"fmt"
	"maps"
	"slices"

	"breakwater/harbour"
)

// refusals are the counters that say that the pool was empty.
var refusals = []string{"endpoints_refused", "conversations_refused", "operations_refused", "operation_targets_merged", "observations_refused", "texts_refused"}

// Lost is the number of facts that were not kept because the pool was empty.
func (l *Ledger) Lost() (n int64) {
	for _, name := range refusals {
		n += l.counters[name]
	}
	return n
}

// Finish puts the counters, sorted by name, into the evidence's record, and says so if memory did not suffice. Nothing
// may be entered afterwards: what finds rows that are there already is given up.
func (l *Ledger) Finish() {
	l.endpointIndex, l.convIndex, l.opIndex, l.obsIndex, l.linked = index{}, index{}, index{}, index{}, nil
	if lost := l.Lost(); lost > 0 {
		l.Evidence.Problems = append(l.Evidence.Problems, harbour.Problem{
			Message: fmt.Sprintf("%d facts were not kept because the memory to work in was used up", lost),
			Hint:    "give more memory with --memory; what was kept is right, and not complete",
			Fatal:   true,
		})
	}
	l.Evidence.Counters = l.Evidence.Counters[:0]
	for _, name := range slices.Sorted(maps.Keys(l.counters)) {
		l.Evidence.Counters = append(l.Evidence.Counters, harbour.Counter{Name: name, Value: l.counters[name]})
	}
	if l.Evidence.Problems == nil {
		l.Evidence.Problems = []harbour.Problem{}
	}
}
