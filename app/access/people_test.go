// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/storetest"
)

// twoPorts is a house with the organisations port-of-westhaven and south, an administrator of everything (ada) and one
// of each organisation (wim, sue).
func twoPorts(t *testing.T) (h *house, ada, wim, sue *app.Actor) {
	t.Helper()
	h, ada = newHouse(t)
	if err := h.AddOrganisation(t.Context(), ada, "south", "South Terminal"); err != nil {
		t.Fatal(err)
	}
	wim = h.join(ada, west, "wim", access.Administrator)
	sue = h.join(ada, "south", "sue", access.Administrator)
	return h, ada, wim, sue
}

const (
	west       = "port-of-westhaven"
	memberWord = "four wet ropes in the bow"
)

// join adds a person with a role and signs the person in.
func (h *house) join(by *app.Actor, org, login, role string) *app.Actor {
	h.t.Helper()
	g := store.Grant{Role: role, Sites: "*"}
	if role == access.SupplierContact {
		g.Supplier = "acme"
	}
	out, err := h.AddPerson(h.t.Context(), by, org, access.NewPerson{Login: login, Name: "Name of " + login, Grants: []store.Grant{g}})
	if err != nil {
		h.t.Fatal(err)
	}
	in, err := h.AcceptInvitation(h.t.Context(), out.Code, memberWord, from("10.0.1.1"))
	if err != nil {
		h.t.Fatal(err)
	}
	return h.actor(in.Cookie)
}

// row finds a person in a list.
func (h *house) row(by *app.Actor, org, login string) access.Person {
	h.t.Helper()
	list, err := h.People(h.t.Context(), by, org)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, p := range list {
		if p.Login == login {
			return p
		}
	}
	h.t.Fatalf("no %s in %s", login, org)
	return access.Person{}
}

func logins(list []access.Person) (s []string) {
	for _, p := range list {
		s = append(s, p.Login)
	}
	return s
}

func TestPeople(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		h, ctx := openHouse(t, url), t.Context()
		ada := h.actor(h.setUp().Cookie)
		out, err := h.AddPerson(ctx, ada, west, access.NewPerson{
			Login: " Olga ", Name: "Olga Reef", Email: "olga@westhaven.example", Grants: []store.Grant{{Role: access.OTEngineer, Sites: "north-quay"}},
		})
		if err != nil || out.Code == "" || out.Until != h.clock().Add(access.InvitationFor) {
			t.Fatalf("AddPerson = %+v, %v", out, err)
		}
		olga := h.row(ada, west, "olga")
		if !olga.Invited || len(olga.Ways) != 0 || olga.State != access.Active {
			t.Errorf("before the first sign-in: %+v", olga)
		}
		_, err = h.AcceptInvitation(ctx, out.Code, "olga", from("10.0.0.5"))
		wantKind(t, "AcceptInvitation with a bad password", err, harbour.ErrInvalid)
		in, err := h.AcceptInvitation(ctx, strings.ToLower(out.Code), memberWord, from("10.0.0.5"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.AcceptInvitation(ctx, out.Code, memberWord, from("10.0.0.5"))
		wantKind(t, "AcceptInvitation once more", err, harbour.ErrUnauthenticated)
		a := h.actor(in.Cookie)
		scope, err := a.Scope(app.EditAssets, west)
		if err != nil || scope.Whole() {
			t.Errorf("Scope = %v, %v, want one site", scope, err)
		}
		_, err = a.Scope(app.ReadPeople, west)
		wantKind(t, "engineer reads people", err, harbour.ErrDenied)
		olga = h.row(ada, west, "olga")
		if olga.Invited || !slices.Equal(olga.Ways, []string{"password"}) {
			t.Errorf("after the first sign-in: %+v", olga)
		}
		if err := h.SetState(ctx, ada, west, olga.ID, olga.Version, access.Suspended, "on leave"); err != nil {
			t.Fatal(err)
		}
		_, err = h.Authenticate(ctx, in.Cookie, from("10.0.0.5"))
		wantKind(t, "Authenticate of a suspended person", err, harbour.ErrUnauthenticated)
		_, err = h.SignIn(ctx, "olga", memberWord, from("10.0.0.5"))
		wantKind(t, "SignIn of a suspended person", err, harbour.ErrUnauthenticated)
		wantKind(t, "SetState with an old version", h.SetState(ctx, ada, west, olga.ID, olga.Version, access.Active, ""), harbour.ErrStale)
		wantKind(t, "SetState with no version", h.SetState(ctx, ada, west, olga.ID, 0, access.Active, ""), harbour.ErrStale)
		olga = h.row(ada, west, "olga")
		if err := h.SetState(ctx, ada, west, olga.ID, olga.Version, access.Active, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := h.SignIn(ctx, "olga", memberWord, from("10.0.0.5")); err != nil {
			t.Error(err)
		}
		olga = h.row(ada, west, "olga")
		if err := h.EditPerson(ctx, ada, west, olga.ID, olga.Version, "o.reef", "Olga Reef-Marsh", ""); err != nil {
			t.Fatal(err)
		}
		olga = h.row(ada, west, "o.reef")
		if err := h.SetState(ctx, ada, west, olga.ID, olga.Version, access.Left, "moved on"); err != nil {
			t.Fatal(err)
		}
		if list, err := h.People(ctx, ada, west); err != nil || slices.Contains(logins(list), "o.reef") {
			t.Errorf("People after leaving = %v, %v", logins(list), err)
		}
		if c, err := h.core.DB.Credentials(ctx, olga.ID, ""); err != nil || len(c) > 0 {
			t.Errorf("credentials after leaving = %v, %v", c, err)
		}
		var reasons []string
		for _, e := range h.entries() {
			if e.Org == west && e.Action == string(app.ManagePeople) && e.Reason != "" {
				reasons = append(reasons, e.Reason)
			}
		}
		if want := []string{"on leave", "moved on"}; !slices.Equal(reasons, want) {
			t.Errorf("reasons in the audit log = %q, want %q", reasons, want)
		}
	})
}

// TestReach walks what an administrator of one organisation may do to people of it, of another, of both and of all.
func TestReach(t *testing.T) {
	h, ada, wim, sue := twoPorts(t)
	ctx := t.Context()
	both := h.join(ada, west, "both", access.Analyst)
	p := h.row(ada, west, "both")
	if err := h.SetGrants(ctx, ada, "south", p.ID, p.Version, []store.Grant{{Role: access.Analyst, Sites: "*"}}, ""); err != nil {
		t.Fatal(err)
	}
	own := h.join(wim, west, "own", access.Analyst)

	version := func(id string) int64 {
		p, _, err := h.core.DB.PersonBy(ctx, "", id)
		if err != nil {
			t.Fatal(err)
		}
		return p.Version
	}
	acts := map[string]func(by *app.Actor, org, id string) error{
		"edit": func(by *app.Actor, org, id string) error {
			return h.EditPerson(ctx, by, org, id, version(id), id, "New Name", "")
		},
		"state": func(by *app.Actor, org, id string) error {
			return h.SetState(ctx, by, org, id, version(id), access.Active, "")
		},
		"end session": func(by *app.Actor, org, id string) error { return h.EndSessionsOf(ctx, by, org, id, "") },
		"sessions":    func(by *app.Actor, org, id string) error { _, err := h.SessionsOf(ctx, by, org, id); return err },
		"invite": func(by *app.Actor, org, id string) error {
			_, _, err := h.Invite(ctx, by, org, id, true, "")
			return err
		},
		"grants": func(by *app.Actor, org, id string) error {
			return h.SetGrants(ctx, by, org, id, version(id), []store.Grant{{Role: access.Analyst, Sites: "*"}}, "")
		},
	}
	const none = harbour.ErrorKind(255)
	for _, tt := range []struct {
		name   string
		by     *app.Actor
		org    string
		target string
		whole  harbour.ErrorKind // of acts upon the whole person
		grants harbour.ErrorKind
	}{
		{"own person", wim, west, own.Person, none, none},
		{"person of both", wim, west, both.Person, harbour.ErrDenied, none},
		{"administrator of all", wim, west, ada.Person, harbour.ErrNotFound, harbour.ErrNotFound},
		{"person of the other", wim, west, sue.Person, harbour.ErrNotFound, harbour.ErrNotFound},
		{"nobody", wim, west, "p-nobody", harbour.ErrNotFound, harbour.ErrNotFound},
		{"in the other's name", wim, "south", sue.Person, harbour.ErrNotFound, harbour.ErrNotFound},
		{"in everybody's name", wim, "*", own.Person, harbour.ErrDenied, harbour.ErrDenied},
		{"without a right", own, west, wim.Person, harbour.ErrDenied, harbour.ErrDenied},
		{"signed out", nil, west, wim.Person, harbour.ErrUnauthenticated, harbour.ErrUnauthenticated},
		{"administrator of all acts", ada, west, both.Person, none, none},
	} {
		for act, fn := range acts {
			if tt.target == "p-nobody" && (act == "edit" || act == "state" || act == "grants") {
				continue // have no version; below
			}
			want := tt.whole
			if act == "grants" {
				want = tt.grants
			}
			err := fn(tt.by, tt.org, tt.target)
			if want == none && err != nil || want != none && harbour.KindOf(err) != want || want != none && err == nil {
				t.Errorf("%s: %s = %v, want kind %v", tt.name, act, err, want)
			}
			if err != nil {
				for _, secret := range []string{"sue", "Sue", "South", "Name of", tt.target} {
					if strings.Contains(err.Error()+harbour.HintOf(err), secret) {
						t.Errorf("%s: %s = %v, which names %q", tt.name, act, err, secret)
					}
				}
			}
		}
	}
	wantKind(t, "EditPerson of nobody", h.EditPerson(ctx, wim, west, "p-nobody", 1, "x", "X", ""), harbour.ErrNotFound)

	list, err := h.People(ctx, wim, west)
	if want := []string{"both", "own", "wim"}; err != nil || len(list) != 3 {
		t.Errorf("People = %v, %v, want %v", logins(list), err, want)
	}
	for _, p := range list {
		for _, g := range p.Grants {
			if g.Org != west {
				t.Errorf("the list shows %s's role in %s", p.Login, g.Org)
			}
		}
	}
	_, err = h.People(ctx, wim, "south")
	wantKind(t, "People of the other organisation", err, harbour.ErrNotFound)
	_, err = h.People(ctx, wim, "*")
	wantKind(t, "People of all", err, harbour.ErrDenied)
	_, err = h.AddPerson(ctx, wim, "*", access.NewPerson{Login: "x", Name: "X", Grants: []store.Grant{{Role: access.Auditor, Sites: "*"}}})
	wantKind(t, "AddPerson for all", err, harbour.ErrDenied)
	_, err = h.AddPerson(ctx, wim, west, access.NewPerson{Login: "x", Name: "X", Grants: []store.Grant{{Role: access.Auditor, Sites: "*", Org: "*", Source: "group"}}})
	if err != nil {
		t.Fatal(err)
	}
	if g := h.row(ada, "*", "x").Grants; len(g) != 1 || g[0].Org != west || g[0].Source != "local" {
		t.Errorf("a role that named every organisation became %+v", g)
	}
}

func TestGrantRules(t *testing.T) {
	h, ada, wim, _ := twoPorts(t)
	ctx := t.Context()
	own := h.join(wim, west, "own", access.Analyst)
	set := func(by *app.Actor, org, id string, g ...store.Grant) error {
		p, _, err := h.core.DB.PersonBy(ctx, "", id)
		if err != nil {
			t.Fatal(err)
		}
		return h.SetGrants(ctx, by, org, id, p.Version, g, "")
	}
	for name, g := range map[string]store.Grant{
		"no role": {Role: "harbour-master", Sites: "*"}, "no sites": {Role: access.Analyst}, "foreign site": {Role: access.Analyst, Sites: "south-quay"},
		"supplier missing": {Role: access.SupplierContact, Sites: "*"}, "supplier too many": {Role: access.Analyst, Sites: "*", Supplier: "acme"},
	} {
		wantKind(t, name, set(wim, west, own.Person, g), harbour.ErrInvalid)
	}
	wantKind(t, "one's own roles", set(wim, west, wim.Person, store.Grant{Role: access.ChiefSecurity, Sites: "*"}), harbour.ErrDenied)
	wantKind(t, "one's own state", h.SetState(ctx, ada, "*", ada.Person, 1, access.Left, ""), harbour.ErrDenied)
	wantKind(t, "supplier contact of all", set(ada, "*", own.Person, store.Grant{Role: access.SupplierContact, Sites: "*", Supplier: "acme"}), harbour.ErrInvalid)
	wantKind(t, "no such organisation", set(ada, "east", own.Person, store.Grant{Role: access.Analyst, Sites: "*"}), harbour.ErrNotFound)
	if err := set(wim, west, own.Person, store.Grant{Role: access.SupplierContact, Sites: " north-quay ", Supplier: "acme"}); err != nil {
		t.Fatal(err)
	}
	own = h.actor(h.signIn("own", memberWord))
	if scope, err := own.Scope(app.ReadAssets, west); err != nil || scope.String() != "in organisation "+west+": sites north-quay of supplier acme" {
		t.Errorf("Scope = %v, %v", scope, err)
	}

	// The last administrator stays, whoever asks.
	bea := h.join(ada, "*", "bea", access.Administrator)
	if err := set(bea, "*", ada.Person); err != nil {
		t.Fatalf("taking the role from one of two administrators: %v", err)
	}
	wantKind(t, "People by one who is administrator no longer", second(h.People(ctx, h.actor(h.signIn("ada", adminPassword)), "*")), harbour.ErrDenied)
	if err := set(bea, "*", ada.Person, store.Grant{Role: access.Administrator, Sites: "*"}); err != nil {
		t.Fatal(err)
	}
	sys := app.System("test")
	if err := set(sys, "*", ada.Person); err != nil {
		t.Fatal(err)
	}
	wantKind(t, "taking the role from the last", set(sys, "*", bea.Person), harbour.ErrConflict)
	p, _, _ := h.core.DB.PersonBy(ctx, "", bea.Person)
	wantKind(t, "suspending the last", h.SetState(ctx, sys, "*", bea.Person, p.Version, access.Suspended, ""), harbour.ErrConflict)
	if _, grants, _ := h.core.DB.PersonBy(ctx, "", bea.Person); len(grants) != 1 {
		t.Errorf("a refused change left %+v", grants)
	}
}

func second[T any](_ T, err error) error { return err }

func (h *house) signIn(login, pw string) string {
	h.t.Helper()
	in, err := h.SignIn(h.t.Context(), login, pw, from("10.0.0.1"))
	if err != nil {
		h.t.Fatal(err)
	}
	return in.Cookie
}

func TestInvite(t *testing.T) {
	h, ada, wim, _ := twoPorts(t)
	ctx := t.Context()
	own := h.join(wim, west, "own", access.Analyst)
	cookie := h.signIn("own", memberWord)
	code, _, err := h.Invite(ctx, wim, west, own.Person, false, "forgot it")
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Authenticate(ctx, cookie, from("10.0.0.1"))
	wantKind(t, "Authenticate after the invitation", err, harbour.ErrUnauthenticated)
	newer, _, err := h.Invite(ctx, wim, west, own.Person, false, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.AcceptInvitation(ctx, code, memberWord, from("10.0.0.1"))
	wantKind(t, "AcceptInvitation with the code before", err, harbour.ErrUnauthenticated)
	h.pass(access.InvitationFor)
	_, err = h.AcceptInvitation(ctx, newer, memberWord, from("10.0.0.1"))
	wantKind(t, "AcceptInvitation with an expired code", err, harbour.ErrUnauthenticated)
	wim = h.actor(h.signIn("wim", memberWord))
	newer, _, err = h.Invite(ctx, wim, west, own.Person, false, "")
	if err != nil {
		t.Fatal(err)
	}
	p := h.row(ada, west, "own")
	if err := h.SetState(ctx, h.reread(ada), west, p.ID, p.Version, access.Suspended, ""); err != nil {
		t.Fatal(err)
	}
	_, err = h.AcceptInvitation(ctx, newer, memberWord, from("10.0.0.1"))
	wantKind(t, "AcceptInvitation of a suspended person", err, harbour.ErrUnauthenticated)
	_, _, err = h.Invite(ctx, h.reread(ada), west, own.Person, false, "")
	wantKind(t, "Invite of a suspended person", err, harbour.ErrInvalid)
}

func TestBreakGlass(t *testing.T) {
	h, ada, wim, _ := twoPorts(t)
	ctx := t.Context()
	glass := access.NewPerson{Login: "glass", Name: "Emergency", BreakGlass: true, Grants: []store.Grant{{Role: access.Administrator, Sites: "*"}}}
	_, err := h.AddPerson(ctx, wim, west, glass)
	wantKind(t, "AddPerson of an emergency account in one organisation", err, harbour.ErrInvalid)
	out, err := h.AddPerson(ctx, ada, "*", glass)
	if err != nil || out.Code != "" || len(out.Password) != 29 {
		t.Fatalf("AddPerson = %+v, %v", out, err)
	}
	_, err = h.SignIn(ctx, "glass", out.Password, from("10.0.0.1"))
	wantKind(t, "ordinary sign-in with an emergency account", err, harbour.ErrUnauthenticated)
	_, err = h.SignInBreakGlass(ctx, "glass", out.Password, " ", from("10.0.0.1"))
	wantKind(t, "emergency sign-in without a reason", err, harbour.ErrInvalid)
	_, err = h.SignInBreakGlass(ctx, "ada", adminPassword, "just so", from("10.0.0.1"))
	wantKind(t, "emergency sign-in with an ordinary account", err, harbour.ErrUnauthenticated)
	_, err = h.SignInBreakGlass(ctx, "glass", "ABCDE-ABCDE-ABCDE-ABCDE-ABCDE", "just so", from("10.0.0.1"))
	wantKind(t, "emergency sign-in with a wrong password", err, harbour.ErrUnauthenticated)
	if len(h.raised()) != 0 {
		t.Errorf("alarms = %v before the glass was broken", h.raised())
	}
	in, err := h.SignInBreakGlass(ctx, "glass", strings.ToLower(strings.ReplaceAll(out.Password, "-", " ")), "the directory is down", from("10.0.0.1"))
	if err != nil || in.Until != h.clock().Add(4*time.Hour) {
		t.Fatalf("SignInBreakGlass = %+v, %v", in, err)
	}
	a := h.actor(in.Cookie)
	if !a.BreakGlass || a.Everywhere(app.ManagePeople) != nil {
		t.Errorf("actor = %+v", a)
	}
	if got := h.raised(); !slices.Equal(got, []string{"break_glass"}) || !strings.Contains(h.alerts[0].Message, "the directory is down") {
		t.Errorf("alarms = %+v", h.alerts)
	}
	if !strings.Contains(h.log.String(), "kind=break_glass") {
		t.Error("the program's log does not say that glass was broken")
	}
	i := slices.IndexFunc(h.entries(), func(e store.Entry) bool {
		return e.Action == "access.break_glass" && e.Reason == "the directory is down"
	})
	if i < 0 {
		t.Error("the audit log does not say that glass was broken")
	}
	wantKind(t, "changing an emergency password by hand", h.ChangePassword(ctx, a, out.Password, memberWord, from("10.0.0.1")), harbour.ErrDenied)
	_, _, err = h.Invite(ctx, ada, "*", out.ID, false, "")
	wantKind(t, "inviting an emergency account", err, harbour.ErrInvalid)
	for range 5 {
		h.pass(50 * time.Minute)
		_, err = h.Authenticate(ctx, in.Cookie, from("10.0.0.1"))
	}
	wantKind(t, "an emergency session after four hours", err, harbour.ErrUnauthenticated)

	ada = h.actor(h.signIn("ada", adminPassword))
	_, err = h.RenewBreakGlass(ctx, ada, ada.Person, "")
	wantKind(t, "RenewBreakGlass of an ordinary account", err, harbour.ErrInvalid)
	_, err = h.RenewBreakGlass(ctx, wim, out.ID, "")
	wantKind(t, "RenewBreakGlass by an administrator of one organisation", err, harbour.ErrDenied)
	fresh, err := h.RenewBreakGlass(ctx, ada, out.ID, "was used")
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.SignInBreakGlass(ctx, "glass", out.Password, "old envelope", from("10.0.0.1"))
	wantKind(t, "emergency sign-in with the old password", err, harbour.ErrUnauthenticated)
	if _, err := h.SignInBreakGlass(ctx, "glass", fresh, "new envelope", from("10.0.0.1")); err != nil {
		t.Error(err)
	}
}

func TestTokens(t *testing.T) {
	h, ada, wim, sue := twoPorts(t)
	ctx := t.Context()
	own := h.join(wim, west, "own", access.Analyst)
	year := h.clock().Add(access.TokenFor)
	good := access.NewToken{Label: "export", Actions: []app.Action{app.ReadAssets, app.ReadFindings}, Org: west, Expires: year}
	for name, tt := range map[string]struct {
		change func(*access.NewToken)
		want   harbour.ErrorKind
	}{
		"no label":        {func(n *access.NewToken) { n.Label = " " }, harbour.ErrInvalid},
		"no end":          {func(n *access.NewToken) { n.Expires = time.Time{} }, harbour.ErrInvalid},
		"too long":        {func(n *access.NewToken) { n.Expires = year.Add(1) }, harbour.ErrInvalid},
		"past":            {func(n *access.NewToken) { n.Expires = h.clock() }, harbour.ErrInvalid},
		"no actions":      {func(n *access.NewToken) { n.Actions = nil }, harbour.ErrInvalid},
		"unknown action":  {func(n *access.NewToken) { n.Actions = []app.Action{"all"} }, harbour.ErrInvalid},
		"more than one":   {func(n *access.NewToken) { n.Actions = []app.Action{app.ReadAssets, app.AcceptFindings} }, harbour.ErrDenied},
		"foreign":         {func(n *access.NewToken) { n.Org = "south" }, harbour.ErrNotFound},
		"everywhere":      {func(n *access.NewToken) { n.Org = "*" }, harbour.ErrNotFound},
		"no organisation": {func(n *access.NewToken) { n.Org = "" }, harbour.ErrNotFound},
	} {
		n := good
		tt.change(&n)
		_, _, err := h.AddToken(ctx, own, n)
		wantKind(t, name, err, tt.want)
	}
	token, k, err := h.AddToken(ctx, own, good)
	if err != nil {
		t.Fatal(err)
	}
	a, err := h.Authenticate(ctx, token, from("10.0.0.6"))
	if err != nil {
		t.Fatal(err)
	}
	if a.Via != "token" || a.Session != "" || !a.May(app.ReadAssets, west) || a.May(app.ReadEvidence, west) || a.May(app.ReadAssets, "south") {
		t.Errorf("actor = %+v", a)
	}
	wantKind(t, "AddToken by a token", second3(h.AddToken(ctx, a, good)), harbour.ErrDenied)
	wantKind(t, "Sessions by a token", second(h.Sessions(ctx, a)), harbour.ErrDenied)
	h.pass(2 * time.Minute)
	h.Authenticate(ctx, token, from("10.0.0.6"))
	h.Settle()
	list, err := h.Tokens(ctx, own)
	if err != nil || len(list) != 1 || list[0].ID != k.ID || list[0].Used != h.core.Now() {
		t.Errorf("Tokens = %+v, %v", list, err)
	}
	if strings.Contains(fmt.Sprint(h.entries())+h.log.String(), token) {
		t.Error("a token stands in a log")
	}
	wantKind(t, "RevokeToken of another", h.RevokeToken(ctx, sue, k.ID), harbour.ErrNotFound)
	wantKind(t, "RevokeTokenOf in the other's name", h.RevokeTokenOf(ctx, wim, "south", k.ID), harbour.ErrNotFound)
	wantKind(t, "RevokeTokenOf by another organisation", h.RevokeTokenOf(ctx, sue, "south", k.ID), harbour.ErrNotFound)
	if list, err := h.TokensOf(ctx, wim, west); err != nil || len(list) != 1 {
		t.Errorf("TokensOf = %+v, %v", list, err)
	}
	if list, err := h.TokensOf(ctx, sue, "south"); err != nil || len(list) != 0 {
		t.Errorf("TokensOf another organisation = %+v, %v", list, err)
	}

	// A role that is taken away is taken from the token.
	p := h.row(ada, west, "own")
	if err := h.SetGrants(ctx, ada, west, p.ID, p.Version, []store.Grant{{Role: access.BoardReader, Sites: "*"}}, ""); err != nil {
		t.Fatal(err)
	}
	if a, err = h.Authenticate(ctx, token, from("10.0.0.6")); err != nil || a.May(app.ReadAssets, west) || !a.May(app.ReadFindings, west) {
		t.Errorf("after the role changed: %+v, %v", a, err)
	}
	if err := h.RevokeTokenOf(ctx, wim, west, k.ID); err != nil {
		t.Fatal(err)
	}
	_, err = h.Authenticate(ctx, token, from("10.0.0.6"))
	wantKind(t, "Authenticate with a revoked token", err, harbour.ErrUnauthenticated)

	good.Actions = []app.Action{app.ReadFindings}
	token, _, err = h.AddToken(ctx, h.actor(h.signIn("own", memberWord)), good)
	if err != nil {
		t.Fatal(err)
	}
	h.pass(11 * time.Minute)
	wantKind(t, "AddToken without a fresh proof", second3(h.AddToken(ctx, own, good)), harbour.ErrStepUp)
	h.pass(access.TokenFor)
	_, err = h.Authenticate(ctx, token, from("10.0.0.6"))
	wantKind(t, "Authenticate with an expired token", err, harbour.ErrUnauthenticated)
}

func second3[A, B any](_ A, _ B, err error) error { return err }

func TestManyTokens(t *testing.T) {
	h, ada := newHouse(t)
	n := access.NewToken{Label: "x", Actions: []app.Action{app.ReadAssets}, Org: "*", Expires: h.clock().Add(time.Hour)}
	var err error
	for range 101 {
		_, _, err = h.AddToken(t.Context(), ada, n)
	}
	wantKind(t, "AddToken for the 101st time", err, harbour.ErrFull)
}

func TestDemo(t *testing.T) {
	h, _ := newHouse(t)
	ctx := t.Context()
	_, err := h.SignInDemo(ctx, "ada", from("127.0.0.1"))
	wantKind(t, "SignInDemo at a real port", err, harbour.ErrNotFound)
	h.core.Demo = true
	_, err = h.SignInDemo(ctx, "ada", from("10.0.0.1"))
	wantKind(t, "SignInDemo from another machine", err, harbour.ErrNotFound)
	_, err = h.SignInDemo(ctx, "nobody", from("127.0.0.1"))
	wantKind(t, "SignInDemo of nobody", err, harbour.ErrNotFound)
	for _, address := range []string{"127.0.0.1", "::1", "::ffff:127.0.0.1"} {
		if in, err := h.SignInDemo(ctx, "ada", from(address)); err != nil || h.actor(in.Cookie).Login != "ada" {
			t.Errorf("SignInDemo from %s: %v", address, err)
		}
	}
}

// TestSiteRebuilds wants the inventory built anew where a site comes or is renamed, and only then.
func TestSiteRebuilds(t *testing.T) {
	var asked []string
	h := openHouse(t, filepath.Join(t.TempDir(), "test.db"), func(o *access.Options) {
		o.Rebuild = func(_ context.Context, _ *store.Tx, org, _, why string) error {
			asked = append(asked, org+": "+why)
			return nil
		}
	})
	ctx, by := t.Context(), app.System("test")
	storetest.Organisation(t, h.core.DB, west, "West")
	put := func(name, zone string) {
		t.Helper()
		if err := h.PutSite(ctx, by, store.Site{Org: west, ID: "pier", Name: name, TimeZone: zone, Jurisdiction: "NL"}); err != nil {
			t.Fatal(err)
		}
	}
	put("Pier", "UTC")
	if len(asked) != 0 {
		t.Errorf("an organisation without any evidence is built: %v", asked)
	}
	st, err := h.core.DB.Stage(ctx, west)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Publish(ctx, "a test", &harbour.Summary{}, by.Entry(west, app.ImportEvidence, "inventory", "1", "")); err != nil {
		t.Fatal(err)
	}
	put("Pier", "Europe/Oslo")
	if len(asked) != 0 {
		t.Errorf("a change of the time zone alone asks for a build: %v", asked)
	}
	put("Long pier", "Europe/Oslo")
	if want := []string{west + ": site Long pier was added or renamed"}; !slices.Equal(asked, want) {
		t.Errorf("asked %v, want %v", asked, want)
	}
}

func TestOrganisations(t *testing.T) {
	h, ada, wim, _ := twoPorts(t)
	ctx := t.Context()
	wantKind(t, "AddOrganisation twice", h.AddOrganisation(ctx, ada, "south", "South"), harbour.ErrConflict)
	wantKind(t, "AddOrganisation by one of one", h.AddOrganisation(ctx, wim, "east", "East"), harbour.ErrDenied)
	wantKind(t, "AddOrganisation without a name", h.AddOrganisation(ctx, ada, "", " "), harbour.ErrInvalid)
	orgs, err := h.Organisations(ctx, wim)
	if err != nil || len(orgs) != 1 || orgs[0].ID != west {
		t.Errorf("Organisations = %+v, %v", orgs, err)
	}
	if orgs, err = h.Organisations(ctx, ada); err != nil || len(orgs) != 2 {
		t.Errorf("Organisations of all = %+v, %v", orgs, err)
	}
	s := store.Site{Org: "south", Name: "South Basin", TimeZone: "Asia/Singapore", Jurisdiction: "SG"}
	wantKind(t, "PutSite of another organisation", h.PutSite(ctx, wim, s), harbour.ErrNotFound)
	if err := h.PutSite(ctx, ada, s); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*store.Site){
		"zone": func(s *store.Site) { s.TimeZone = "Mars" }, "name": func(s *store.Site) { s.Name = "" }, "id": func(s *store.Site) { s.ID = "A b" }, "law": func(s *store.Site) { s.Jurisdiction = "xx" },
	} {
		bad := s
		change(&bad)
		wantKind(t, name, h.PutSite(ctx, ada, bad), harbour.ErrInvalid)
	}
	s.Org = "nowhere"
	wantKind(t, "PutSite of no organisation", h.PutSite(ctx, ada, s), harbour.ErrNotFound)
	sites, err := h.Sites(ctx, ada, "south")
	if err != nil || len(sites) != 1 || sites[0].ID != "south-basin" {
		t.Errorf("Sites = %+v, %v", sites, err)
	}
	_, err = h.Sites(ctx, wim, "south")
	wantKind(t, "Sites of another organisation", err, harbour.ErrNotFound)
	_, err = h.Sites(ctx, nil, "south")
	wantKind(t, "Sites of nobody", err, harbour.ErrUnauthenticated)
	_, err = h.Organisations(context.Background(), nil)
	wantKind(t, "Organisations of nobody", err, harbour.ErrUnauthenticated)
}
