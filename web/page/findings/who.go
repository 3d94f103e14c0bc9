// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package findings

import (
	"slices"
	"strings"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/app/findings"
)

// acting are what people do about a finding that they were given.
var acting = []app.Action{app.AssignFindings, app.DecideFindings, app.AcceptFindings}

// actsOn says whether a role lets people do something about findings.
func actsOn(role *access.Role) bool { return role != nil && slices.ContainsFunc(acting, role.Allows) }

// assignable are those who may do something about findings, and whoever has the finding already.
func assignable(people []findings.Colleague, has string) (list []findings.Colleague) {
	for _, c := range people {
		if c.ID == has && has != "" || slices.ContainsFunc(c.Roles, func(code string) bool { return actsOn(access.RoleByCode(code)) }) {
			list = append(list, c)
		}
	}
	return list
}

// deciders names the roles of the table that may decide about findings, and those that may accept them.
func deciders() (decide, accept string) {
	var d, a []string
	for i := range access.Roles {
		if r := &access.Roles[i]; r.Allows(app.AcceptFindings) {
			a = append(a, r.Name)
		}
		if r := &access.Roles[i]; r.Allows(app.DecideFindings) {
			d = append(d, r.Name)
		}
	}
	return strings.Join(d, ", "), strings.Join(a, ", ")
}
