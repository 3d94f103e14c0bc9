// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

// Full says how often a bounded table of this package had no room and let something go, by the table's name: attempts to
// sign in that were forgotten early, failures that are in the program's log alone, challenges given up.
func (u *Access) Full() map[string]uint64 {
	return map[string]uint64{
		"sign_in_attempts":  u.guard.Evicted(),
		"failures_in_audit": u.spared.Load(),
		"challenges":        u.asking.Evicted(),
	}
}
