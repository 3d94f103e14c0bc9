// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access_test

import (
	"context"
	"testing"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/harbour"
	"breakwater/store"
)

func TestRecover(t *testing.T) {
	h, ada := newHouse(t, sealed)
	ctx := t.Context()
	h.enrol(ada)
	command := *app.System("command line")
	command.Via = "command"
	for name, by := range map[string]*app.Actor{"nobody": nil, "an administrator at a page": h.reread(ada), "the system": app.System("clock")} {
		_, err := h.Recover(ctx, by, "ada")
		wantKind(t, "Recover by "+name, err, harbour.ErrDenied)
	}
	_, err := h.Recover(ctx, &command, "nobody")
	wantKind(t, "Recover of nobody", err, harbour.ErrNotFound)
	_, err = h.AddPerson(ctx, h.reread(ada), "*", access.NewPerson{Login: "glass", Name: "Emergency", BreakGlass: true, Grants: []store.Grant{{Role: access.Administrator, Sites: "*"}}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Recover(ctx, &command, "glass")
	wantKind(t, "Recover of an emergency account", err, harbour.ErrInvalid)

	out, err := h.Recover(ctx, &command, " Ada ")
	if err != nil || out.Administrator || out.Until != h.clock().Add(access.InvitationFor) {
		t.Fatalf("Recover = %+v, %v", out, err)
	}
	in, err := h.AcceptInvitation(ctx, out.Code, memberWord, from("10.0.0.1"))
	if err != nil || in.Next != nil {
		t.Fatalf("AcceptInvitation = %+v, %v", in, err)
	}
	if err := h.actor(in.Cookie).Everywhere(app.ManagePeople); err != nil {
		t.Error(err)
	}

	// Somebody who may read only, where the administrator has gone.
	bob := h.join(h.actor(in.Cookie), west, "bob", access.BoardReader)
	err = h.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("test")
		p, _, err := tx.PersonBy(ctx, "ada", "")
		if err != nil {
			return err
		}
		p.State = access.Left
		return tx.PutPerson(ctx, p)
	})
	if err != nil {
		t.Fatal(err)
	}
	if out, err = h.Recover(ctx, &command, "bob"); err != nil || !out.Administrator {
		t.Fatalf("Recover = %+v, %v", out, err)
	}
	if in, err = h.AcceptInvitation(ctx, out.Code, memberWord, from("10.0.0.1")); err != nil {
		t.Fatal(err)
	}
	if a := h.actor(in.Cookie); a.Person != bob.Person || a.Everywhere(app.ManageSystem) != nil || len(a.Roles(west)) != 2 {
		t.Errorf("actor = %+v, roles %v", a, a.Roles(west))
	}
}
