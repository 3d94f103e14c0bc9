// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"testing"

	"breakwater/app"
	"breakwater/store"
)

// TestEntries wants the address from which somebody acted to be for those who read the audit log.
func TestEntries(t *testing.T) {
	for name, tt := range map[string]struct {
		action app.Action
		want   string
	}{"who reads the log": {app.ReadAudit, "192.0.2.1"}, "who sees the object": {app.ReadAssets, ""}} {
		by := app.NewActor(app.Actor{Person: "p"}, []app.Grant{{Org: "skerry", Actions: map[app.Action]bool{tt.action: true}}}, nil)
		list := by.Entries("skerry", []store.Entry{{Actor: "ada", Address: "192.0.2.1", Request: tt.want}})
		if list[0].Address != tt.want || list[0].Request != tt.want || list[0].Actor != "ada" {
			t.Errorf("%s sees %+v", name, list[0])
		}
	}
}
