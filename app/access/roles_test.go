// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"breakwater/app"
	"breakwater/app/access"
)

const (
	docs       = "../../docs/access.md"
	tableBegin = "<!-- roles: begin, made by go generate ./app/access -->\n"
	tableEnd   = "<!-- roles: end -->\n"
)

// rolesTable is the table of roles as a page shows it.
func rolesTable() string {
	var b strings.Builder
	b.WriteString("| may … |")
	for _, r := range access.Roles {
		b.WriteString(" " + r.Name + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat(":-:|", len(access.Roles)) + "\n")
	for _, i := range app.Actions {
		words := i.Words
		if i.StepUp {
			words += " *"
		}
		fmt.Fprintf(&b, "| %s (`%s`) |", words, i.Action)
		for _, r := range access.Roles {
			mark := " "
			if r.Allows(i.Action) {
				mark = " ● "
			}
			b.WriteString(mark + "|")
		}
		b.WriteString("\n")
	}
	b.WriteString("\n\\* asks for a proof of presence that is ten minutes old at most.\n\n| role | code | |\n|---|---|---|\n")
	for _, r := range access.Roles {
		fmt.Fprintf(&b, "| %s | `%s` | %s |\n", r.Name, r.Code, r.About)
	}
	return b.String()
}

// TestRolesTable keeps the table in the documentation.
func TestRolesTable(t *testing.T) {
	b, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(b), tableBegin)
	_, tail, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table of roles", docs)
	}
	want := head + tableBegin + "\n" + rolesTable() + "\n" + tableEnd + tail
	if *update {
		if err := os.WriteFile(docs, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(b) {
		t.Errorf("%s does not have the table of roles as it is: run go generate ./app/access", docs)
	}
}

// TestRoles holds the table to what the roles are for.
func TestRoles(t *testing.T) {
	for _, r := range access.Roles {
		for _, a := range r.Actions() {
			i, ok := a.Info()
			if !ok {
				t.Errorf("%s may %s, which is no action", r.Code, a)
			}
			if i.Changes && (r.Code == access.Auditor || r.Code == access.BoardReader || r.Code == access.SupplierContact) {
				t.Errorf("%s changes something: %s", r.Code, a)
			}
		}
	}
	for _, a := range []app.Action{app.AcceptFindings, app.DecideFindings, app.DeleteEvidence, app.HoldEvidence, app.EditAssets} {
		if access.RoleByCode(access.Administrator).Allows(a) {
			t.Errorf("an administrator decides about the port's risk: %s", a)
		}
	}
	for _, i := range app.Actions {
		some := false
		for _, r := range access.Roles {
			some = some || r.Allows(i.Action)
		}
		if !some {
			t.Errorf("nobody may %s", i.Action)
		}
		if i.StepUp && !i.Changes {
			t.Errorf("%s asks for a proof of presence and changes nothing", i.Action)
		}
	}
	if access.RoleByCode("harbour-master") != nil {
		t.Error("there is a role that is not in the table")
	}
}
