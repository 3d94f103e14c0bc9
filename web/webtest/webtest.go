// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package webtest is a house for tests of pages: a fresh database with two organisations that hold made-up ports, people
// in every role who are signed in already, and a client that reads what it gets as HTML. Only tests import it.
//
// A House is used by one test; its clients may be used at the same time.
package webtest

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/storetest"
	"breakwater/web"
	"breakwater/web/page/entrance"
	"breakwater/web/shell"
)

// House is a server with data, without a network.
type House struct {
	T       testing.TB
	Core    *app.Core
	Options web.Options
	Handler http.Handler
	Broker  Broker
	// Now stops the clock of the pages; zero for the time of the system, as the database has it.
	Now time.Time
	// Proved is when people proved presence last; zero for just now.
	Proved harbour.Instant
}

// Skerry and Hallow are the ids of the organisations. People of one know nothing of the other.
const (
	Skerry = "skerry"
	Hallow = "hallow"
)

// Everywhere is the name of an administrator of the whole installation, for [House.As].
const Everywhere = "everywhere"

// Role is a role of the table, with what limits it in Skerry.
type Role struct {
	Name  string // the role's code, with a word for a limit
	Code  string
	Limit *store.Limit
}

// Roles are all roles as people hold them, some of them limited.
func Roles() (list []Role) {
	for _, r := range access.Roles {
		v := Role{Name: r.Code, Code: r.Code}
		if r.OfSupplier {
			v.Limit = &store.Limit{Supplier: "Ironreach"}
		}
		list = append(list, v)
	}
	return append(list, Role{Name: access.FacilitySecurity + "-north", Code: access.FacilitySecurity, Limit: &store.Limit{Sites: []string{"north"}}})
}

// New opens a house with n assets in each organisation; 0 for organisations without anything.
func New(t testing.TB, n int) *House { return NewOn(t, storetest.Open(t), n) }

// Bare opens a house in which nobody and nothing is known yet.
func Bare(t testing.TB) *House {
	t.Helper()
	h := bare(t, storetest.Open(t))
	h.Open()
	return h
}

func bare(t testing.TB, db *store.DB) *House {
	t.Helper()
	h := &House{T: t}
	h.Core = &app.Core{DB: db, Log: slog.New(slog.DiscardHandler), Clock: h.clock, Version: "test"}
	h.Options = web.Fill(h.Core, nil)
	h.Options.Authenticate = h.authenticate
	h.pipeline()
	var err error
	if h.Options.Access, err = access.New(h.Core, access.Options{Sealer: open{}, Passkeys: access.PasskeyOptions{ID: "localhost", Name: "Breakwater", Origins: []string{"http://localhost"}}}); err != nil {
		t.Fatal(err)
	}
	return h
}

// NewOn is New on a database.
func NewOn(t testing.TB, db *store.DB, n int) *House {
	t.Helper()
	h := bare(t, db)
	for _, o := range []struct{ id, name string }{{Skerry, "Port of Skerry"}, {Hallow, "Hallow Haven"}} { // the first entry of the audit log is of Skerry
		id := o.id
		storetest.Organisation(t, db, id, o.name)
		h.write(func(ctx context.Context, tx *store.Tx) error {
			for _, s := range []store.Site{{Org: id, ID: "north", Name: "North quay", TimeZone: "Europe/Oslo", Jurisdiction: "NO"}, {Org: id, ID: "south", Name: "South quay", TimeZone: "Europe/London", Jurisdiction: "GB"}} {
				if err := tx.PutSite(ctx, s); err != nil {
					return err
				}
			}
			return nil
		})
		if n > 0 {
			NewPort(id, n).Publish(t, db, "evidence was read")
		}
	}
	h.write(func(ctx context.Context, tx *store.Tx) error {
		if err := tx.PutPerson(ctx, store.Person{ID: "p-" + Everywhere, Login: Everywhere, Name: "Ines Everywhere", State: "active"}); err != nil {
			return err
		}
		return tx.PutGrants(ctx, "p-"+Everywhere, "local", []store.Grant{{Role: access.Administrator, Org: "*", Sites: "*"}})
	})
	for _, r := range Roles() {
		for _, org := range []string{Skerry, Hallow} {
			p := store.Person{ID: "p-" + r.Name + "-" + org, Login: r.Name + "-" + org, Name: strings.ToUpper(r.Name[:1]) + strings.ReplaceAll(r.Name[1:], "-", " "), State: "active"}
			h.write(func(ctx context.Context, tx *store.Tx) error {
				if err := tx.PutPerson(ctx, p); err != nil {
					return err
				}
				return tx.PutGrants(ctx, p.ID, "local", []store.Grant{{Role: r.Code, Org: org, Sites: "*"}})
			})
		}
	}
	h.Open()
	return h
}

// open keeps secrets as they are.
type open struct{}

func (open) Seal(_ string, secret []byte) ([]byte, error)   { return secret, nil }
func (open) Unseal(_ string, sealed []byte) ([]byte, error) { return sealed, nil }

func (h *House) clock() time.Time {
	if h.Now.IsZero() {
		return time.Now()
	}
	return h.Now
}

// Open makes the handler of the options, after a test changed them.
func (h *House) Open() {
	h.T.Helper()
	var err error
	if h.Handler, err = web.New(h.Options); err != nil {
		h.T.Fatal(err)
	}
}

func (h *House) write(fn func(ctx context.Context, tx *store.Tx) error) {
	h.T.Helper()
	err := h.Core.DB.Write(context.Background(), store.People, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("test")
		return fn(ctx, tx)
	})
	if err != nil {
		h.T.Fatal(err)
	}
}

// Actor is somebody in a role of an organisation.
func (h *House) Actor(role Role, org string) *app.Actor {
	r := access.RoleByCode(role.Code)
	actions := map[app.Action]bool{}
	for _, a := range r.Actions() {
		actions[a] = true
	}
	id := "p-" + role.Name + "-" + org
	return app.NewActor(app.Actor{Person: id, Name: strings.ToUpper(role.Name[:1]) + strings.ReplaceAll(role.Name[1:], "-", " "), Login: role.Name + "-" + org, Session: "s-" + role.Name, Via: "session", ProvedAt: cmp.Or(h.Proved, h.Core.Now())},
		[]app.Grant{{Role: role.Code, Actions: actions, Org: org, Limit: role.Limit}}, h.Core.Now)
}

// authenticate knows secrets of the form ROLE@ORGANISATION, and real sessions.
func (h *House) authenticate(ctx context.Context, secret string, from shell.Visit) (*app.Actor, error) {
	name, org, _ := strings.Cut(secret, "@")
	if name == Everywhere {
		r, actions := access.RoleByCode(access.Administrator), map[app.Action]bool{}
		for _, a := range r.Actions() {
			actions[a] = true
		}
		return app.NewActor(app.Actor{
			Person: "p-" + Everywhere, Name: "Ines Everywhere", Login: Everywhere, Session: "s-" + Everywhere, Via: "session", Address: from.Address, Request: from.Request,
			ProvedAt: cmp.Or(h.Proved, h.Core.Now()),
		}, []app.Grant{{Role: r.Code, Actions: actions, Org: "*"}}, h.Core.Now), nil
	}
	for _, r := range Roles() {
		if r.Name == name && (org == Skerry || org == Hallow) {
			a := *h.Actor(r, org)
			a.Address, a.Request = from.Address, from.Request
			return &a, nil
		}
	}
	return entrance.Authenticate(ctx, h.Options.Access, secret, from)
}

// PersonID finds a person by sign-in name.
func (h *House) PersonID(login string) string {
	h.T.Helper()
	p, _, err := h.Core.DB.PersonBy(context.Background(), login, "")
	if err != nil {
		h.T.Fatal(err)
	}
	return p.ID
}

// Rights is how many rights the roles give together.
func Rights() (n int) {
	for i := range access.Roles {
		n += len(access.Roles[i].Actions())
	}
	return n
}

// Setting is a setting of the installation, "" for none.
func (h *House) Setting(name string) string {
	h.T.Helper()
	v, err := h.Core.DB.Setting(context.Background(), "", name)
	if err != nil {
		h.T.Fatal(err)
	}
	return v
}

// Age has an evidence of Skerry be received so many days ago.
func (h *House) Age(id string, days int) {
	h.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Raw(ctx, "UPDATE evidence SET received_at = received_at - ? WHERE org = ? AND id = ?", int64(days)*24*3600*1_000_000, Skerry, id)
		return err
	})
}
