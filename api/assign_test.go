// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"strings"
	"testing"

	"breakwater/app/access"
	"breakwater/store"
)

// A finding is given to those alone who may act on it: their role does so, and holds where the finding is.
func TestAssignee(t *testing.T) {
	h := newHouse(t)
	for id, g := range map[string]store.Grant{
		"p-board":    {Role: access.BoardReader, Org: "skerry", Sites: "*"},
		"p-supplier": {Role: access.SupplierContact, Org: "skerry", Sites: "*", Supplier: "konecranes"},
		"p-south":    {Role: access.FacilitySecurity, Org: "skerry", Sites: "south"},
		"p-north":    {Role: access.FacilitySecurity, Org: "skerry", Sites: "north"},
		"p-both":     {Role: access.FacilitySecurity, Org: "skerry", Sites: "north south"},
		"p-whole":    {Role: access.Analyst, Org: "skerry", Sites: "*"},
		"p-every":    {Role: access.Analyst, Org: "*", Sites: "*"},
		"p-holm":     {Role: access.Analyst, Org: "holm", Sites: "*"},
	} {
		h.write(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.PutPerson(ctx, store.Person{ID: id, Login: id, Name: id, State: "active"}); err != nil {
				return err
			}
			return tx.PutGrants(ctx, id, "local", []store.Grant{g})
		})
	}
	// Of the findings, 000 is in the north and 001 in the south.
	one := func(id string) string { return Prefix + "skerry/findings/" + id + "/decisions" }
	many := Prefix + "skerry/findings/decisions"
	for _, x := range []struct {
		path, who string
		want      int
	}{
		{one("f-000"), "p-board", 422},
		{one("f-000"), "p-supplier", 422},
		{one("f-000"), "p-south", 422},
		{one("f-001"), "p-north", 422},
		{one("f-000"), "p-holm", 422},
		{many, "p-north", 422}, // one of the two is elsewhere
		{one("f-000"), "p-north", 200},
		{one("f-001"), "p-south", 200},
		{one("f-000"), "p-whole", 200},
		{one("f-000"), "p-every", 200},
		{many, "p-both", 200},
		{one("f-000"), "", 200},
	} {
		body := `{"assignee":"` + x.who + `"}`
		if x.path == many {
			body = `{"assignee":"` + x.who + `","findings":[{"id":"f-000","force":true},{"id":"f-001","force":true}]}`
		}
		w := h.ask(engineer, "POST", x.path, body, "If-Match", "*")
		if w.Code != x.want {
			t.Errorf("%s for %q = %d, want %d: %s", x.path, x.who, w.Code, x.want, w.Body)
		}
		if w.Code == 422 && x.who != "p-holm" && (!strings.Contains(w.Body.String(), "may not act on findings there") || !strings.Contains(w.Body.String(), "Facility security officer")) {
			t.Errorf("%q is refused without who may: %s", x.who, w.Body)
		}
	}

	// Whoever has one and lost the role keeps it where a decision names them again, and is not given another.
	if w := h.ask(engineer, "POST", one("f-000"), `{"assignee":"p-north"}`, "If-Match", "*"); w.Code != 200 {
		t.Fatal(w.Body)
	}
	h.write(func(ctx context.Context, tx *store.Tx) error {
		return tx.PutGrants(ctx, "p-north", "local", []store.Grant{{Role: access.BoardReader, Org: "skerry", Sites: "*"}})
	})
	if w := h.ask(engineer, "POST", one("f-000"), `{"assignee":"p-north","status":"resolved","reason":"mended"}`, "If-Match", "*"); w.Code != 200 {
		t.Errorf("the one who has it = %d: %s", w.Code, w.Body)
	}
	if w := h.ask(engineer, "POST", one("f-002"), `{"assignee":"p-north"}`, "If-Match", "*"); w.Code != 422 {
		t.Errorf("another one = %d: %s", w.Code, w.Body)
	}
}
