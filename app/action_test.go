// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package app

import "testing"

func TestEveryChangeIsTold(t *testing.T) {
	for _, i := range Actions {
		if i.Changes && i.Action.Done() == "" {
			t.Errorf("the audit log has no words for %s", i.Action)
		}
	}
	if w := Action("access.sign_in").Done(); w != "" {
		t.Errorf("an act that is no action is told as %q", w)
	}
}
