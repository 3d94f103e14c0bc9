// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"context"
	"fmt"
	"time"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/app/access/secret"
	"breakwater/harbour"
	"breakwater/store"
)

// User is somebody who asks, with what proves who it is.
type User struct {
	Role    string
	Org     string
	Session string // value of the cookie
	Token   string // of the interface for programs
}

// users are the twenty who ask at once: roles, and the part of the organisation that they see.
var users = []store.Grant{
	{Role: access.ChiefSecurity, Org: Main, Sites: "*"},
	{Role: access.ChiefSecurity, Org: Main, Sites: "*"},
	{Role: access.OTEngineer, Org: Main, Sites: "*"},
	{Role: access.OTEngineer, Org: Main, Sites: "*"},
	{Role: access.OTEngineer, Org: Main, Sites: "north"},
	{Role: access.OTEngineer, Org: Main, Sites: "north south"},
	{Role: access.Analyst, Org: Main, Sites: "*"},
	{Role: access.Analyst, Org: Main, Sites: "*"},
	{Role: access.Analyst, Org: Main, Sites: "*"},
	{Role: access.Analyst, Org: Main, Sites: "*"},
	{Role: access.Analyst, Org: Main, Sites: "oil ferry"},
	{Role: access.FacilitySecurity, Org: Main, Sites: "ferry"},
	{Role: access.FacilitySecurity, Org: Main, Sites: "city south"},
	{Role: access.SupplierContact, Org: Main, Sites: "*", Supplier: "crane-works"},
	{Role: access.Auditor, Org: Main, Sites: "*"},
	{Role: access.Auditor, Org: Main, Sites: "north"},
	{Role: access.BoardReader, Org: Main, Sites: "*"},
	{Role: access.Administrator, Org: "*", Sites: "*"},
	{Role: access.ChiefSecurity, Org: Tenant, Sites: "*"},
	{Role: access.Analyst, Org: Tenant, Sites: "*"},
}

func personID(n int) string { return fmt.Sprintf("p-measure-%02d", n) }

// Users makes the people, where they are not there, and gives each a session and a token for an hour. It opens the
// database, which no other program may have open, and brings it up to date.
func Users(ctx context.Context, url string) (list []User, err error) {
	db, err := store.Open(ctx, store.Options{URL: url})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	until := harbour.At(time.Now().Add(time.Hour))
	err = write(ctx, db, len(users), func(ctx context.Context, tx *store.Tx, i int) error {
		g, id := users[i], personID(i)
		g.Person, g.Source = id, "local"
		if _, _, err := tx.PersonBy(ctx, "", id); harbour.KindOf(err) == harbour.ErrNotFound {
			if err := tx.PutPerson(ctx, store.Person{ID: id, Login: id, Name: fmt.Sprintf("%s %d", access.RoleByCode(g.Role).Name, i), State: access.Active}); err != nil {
				return err
			}
			if err := tx.PutGrants(ctx, id, g.Source, []store.Grant{g}); err != nil {
				return err
			}
		} else if err != nil {
			return err
		}
		u := User{Role: g.Role, Org: g.Org}
		if u.Org == "*" {
			u.Org = Main
		}
		var d secret.Digest
		u.Session, d = secret.NewSession()
		if err := tx.AddSession(ctx, store.Session{ID: app.NewID("s-"), Hash: d[:], Person: id, Method: "measurement", Address: "127.0.0.1", ExpiresAt: until, ProvedAt: tx.At()}); err != nil {
			return err
		}
		err := u.addToken(ctx, tx, id, "*", until)
		list = append(list, u)
		return err
	})
	return list, err
}

// addToken gives the user a token for all that the role may do.
func (u *User) addToken(ctx context.Context, tx *store.Tx, person, org string, until harbour.Instant) error {
	var d secret.Digest
	u.Token, d = secret.NewAPI()
	var actions string
	for _, a := range access.RoleByCode(u.Role).Actions() {
		actions += " " + string(a)
	}
	return tx.AddToken(ctx, store.APIToken{ID: app.NewID("t-"), Hash: d[:], Person: person, Label: "measurement", Actions: actions, Org: org, ExpiresAt: until})
}

// can says whether the role of a user may do something.
func (u *User) can(a app.Action) bool {
	for _, x := range access.RoleByCode(u.Role).Actions() {
		if x == a {
			return true
		}
	}
	return false
}
