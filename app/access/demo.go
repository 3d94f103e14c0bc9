// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"slices"

	"breakwater/app"
	"breakwater/app/access/throttle"
	"breakwater/harbour"
	"breakwater/store"
)

// DemoPerson is somebody as whom to look around in the reference port: one for each role.
type DemoPerson struct {
	Login string // the code of the role
	Name  string
	Role  *Role
}

// demoNames are of people who do not exist.
var demoNames = map[string]string{
	Administrator: "Ada Nygaard", ChiefSecurity: "Carl Steen", OTEngineer: "Olga Tidemand", FacilitySecurity: "Freya Solberg",
	Analyst: "Anders Lund", SupplierContact: "Sven Krantz", Auditor: "Aud Ringstad", BoardReader: "Britt Aasen",
}

// AddDemo makes one person for each role in an organisation, where the reference port is shown. The contact of a supplier
// is that of the one named.
//
// Errors: ErrNotFound elsewhere.
func (u *Access) AddDemo(ctx context.Context, org, supplier string) error {
	if !u.core.Demo {
		return &harbour.Error{Kind: harbour.ErrNotFound, Op: "add demonstration", Message: "this is not a demonstration"}
	}
	return u.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
		for _, r := range Roles {
			p := store.Person{ID: app.NewID("p-"), Login: r.Code, Name: demoNames[r.Code], State: Active}
			g := store.Grant{Person: p.ID, Role: r.Code, Org: org, Sites: "*", Source: sourceLocal}
			switch {
			case r.OfSupplier:
				g.Supplier = supplier
			case r.Code == Administrator:
				g.Org = "*"
			}
			if err := tx.PutPerson(ctx, p); err != nil {
				return err
			}
			if err := tx.PutGrants(ctx, p.ID, sourceLocal, []store.Grant{g}); err != nil {
				return err
			}
			e := app.System("demonstration").Entry(org, app.ManagePeople, "person", p.ID, p.Name)
			e.After = app.State(map[string]string{"login": p.Login, "role": g.Role})
			if err := tx.Audit(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// DemoPeople lists those as whom the caller may sign in with [Access.SignInDemo], in the order of [Roles]; none but where
// the reference port is shown to somebody at this machine.
func (u *Access) DemoPeople(ctx context.Context, r RequestInfo) (list []DemoPerson, err error) {
	if !u.core.Demo || !r.Address.Unmap().IsLoopback() {
		return nil, nil
	}
	people, err := u.core.DB.People(ctx, "*")
	if err != nil {
		return nil, err
	}
	for i := range Roles {
		role := &Roles[i]
		at := slices.IndexFunc(people, func(p store.PersonRow) bool { return p.Login == role.Code && p.State == Active })
		if at >= 0 {
			list = append(list, DemoPerson{Login: role.Code, Name: people[at].Name, Role: role})
		}
	}
	return list, nil
}

// SignInDemo signs in without a password, where the reference port is shown: on this machine alone, to those who stand
// before it.
//
// Errors: ErrNotFound everywhere else.
func (u *Access) SignInDemo(ctx context.Context, login string, r RequestInfo) (*SignedIn, error) {
	none := &harbour.Error{Kind: harbour.ErrNotFound, Op: "sign in", Message: "there is nothing to look around in here"}
	if !u.core.Demo || !r.Address.Unmap().IsLoopback() {
		return nil, none
	}
	p, _, err := u.core.DB.PersonBy(ctx, fold(login), "")
	if isKind(err, harbour.ErrNotFound) || err == nil && p.State != Active {
		return nil, none
	}
	if err != nil {
		return nil, err
	}
	return u.finish(ctx, p.ID, "demo", throttle.Attempt{Account: p.Login, Address: r.Address}, r, nil)
}
