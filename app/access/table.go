// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"slices"
	"strings"

	"breakwater/app"
	"breakwater/store"
)

// Table answers what [Roles] gives to use cases, which do not know this package.
type Table struct{}

// Scope is what of an organisation somebody with these grants may do any of the actions to; a scope that sees nothing
// where they give none of them.
func (Table) Scope(grants []store.Grant, org string, actions ...app.Action) store.Scope {
	var limits []store.Limit
	for _, g := range grantsOf(grants) {
		if g.Org != org && g.Org != "*" || !slices.ContainsFunc(actions, func(a app.Action) bool { return g.Actions[a] }) {
			continue
		}
		if g.Limit == nil {
			return store.WholeOrganisation(org)
		}
		limits = append(limits, *g.Limit)
	}
	return store.PartOf(org, limits...)
}

// Names lists the roles that give any of the actions, as people read them.
func (Table) Names(actions ...app.Action) string {
	var list []string
	for i := range Roles {
		if slices.ContainsFunc(actions, Roles[i].Allows) {
			list = append(list, Roles[i].Name)
		}
	}
	return strings.Join(list, ", ")
}
