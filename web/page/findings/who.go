// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package findings

import (
	"breakwater/app"
	"breakwater/app/access"
	"breakwater/app/findings"
)

// acting are those who may act on findings somewhere in the organisation.
func acting(people []findings.Colleague) (list []findings.Colleague) {
	for _, c := range people {
		if c.Acts() {
			list = append(list, c)
		}
	}
	return list
}

// deciders names the roles of the table that may decide about findings, and those that may accept them.
func deciders() (decide, accept string) {
	return access.Table{}.Names(app.DecideFindings), access.Table{}.Names(app.AcceptFindings)
}
