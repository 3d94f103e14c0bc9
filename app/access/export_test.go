// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

// What tests of the package's outside look at.
var (
	RequiredFor = requiredFor
	GroupsOf    = groupsOf
)
