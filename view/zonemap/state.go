// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package zonemap

import (
	"slices"

	"breakwater/harbour"
)

// StateOf sums up what is known of a conduit.
func StateOf(c *harbour.ConduitUse) State {
	has := func(v ...harbour.Verdict) bool {
		for _, w := range v {
			if c.Verdicts[w] > 0 || slices.ContainsFunc(c.Services, func(s harbour.ConduitService) bool { return s.Verdict == w }) {
				return true
			}
		}
		return false
	}
	switch {
	case has(harbour.VerdictUndocumented, harbour.VerdictBypass, harbour.VerdictExcessPermission) && c.Declared:
		return Exceeded
	case has(harbour.VerdictUndocumented, harbour.VerdictBypass):
		return Undocumented
	case c.Declared && has(harbour.VerdictApprovedUsed):
		return Approved
	case c.Declared && c.Packets == 0:
		return Unused
	}
	return Unknown
}
