// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package shell

import (
	"cmp"
	"maps"
	"slices"

	"breakwater/app"
	"breakwater/view"
)

// ownActs are the words of acts in the audit log that no role gives; those of the others are [app.Action.Done].
var ownActs = map[string]string{
	"access.set_up": "set up the installation", "access.sign_in": "signed in", "access.sign_in_failed": "failed to sign in", "access.sign_out": "signed out",
	"access.end_session": "ended sessions", "access.prove": "proved presence", "access.prove_failed": "failed to prove presence", "access.password": "changed the own password",
	"access.add_factor": "added a second factor", "access.remove_factor": "removed a second factor", "access.recovery_codes": "made new recovery codes",
	"access.break_glass": "broke the glass", "access.add_token": "made a token", "access.revoke_token": "revoked the own token", "access.alarm": "alarm", "health.alarm": "alarm about the installation",
	"access.accept_invitation": "accepted an invitation", "access.directory_person": "came from the directory", "access.directory_roles": "got roles from the directory",
	"access.link_directory": "tied the account to the directory", "views.keep": "kept a view",
}

// Did completes "somebody …" for an entry of the audit log about an object of a kind; "" for any. The log and the history of
// each object use the same words. An act that it does not know is given as it stands.
func Did(action, kind string) string {
	if action == string(app.ImportEvidence) && kind == "inventory" {
		return "built the inventory anew"
	}
	return cmp.Or(ownActs[action], app.Action(action).Done(), view.Plain(action, 60))
}

// Acts lists the acts of which the audit log tells, those that a role gives first.
func Acts() (list []string) {
	for _, a := range app.Actions {
		if a.Action.Done() != "" {
			list = append(list, string(a.Action))
		}
	}
	return append(list, slices.Sorted(maps.Keys(ownActs))...)
}
