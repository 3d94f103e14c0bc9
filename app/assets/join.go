// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package assets

import (
	"context"
	"fmt"
	"slices"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// Join states that assets are one. The inventory follows at its next build, which is asked for.
//
// Errors: ErrInvalid for fewer than two, ErrNotFound for one out of scope.
func (u *Assets) Join(ctx context.Context, by *app.Actor, org string, ids []string, reason string) error {
	list, scope, err := u.whole(ctx, by, org, ids)
	if err != nil {
		return err
	}
	if len(list) < 2 {
		return invalid("joining needs two assets or more", "choose another that is the same thing")
	}
	return u.decide(ctx, by, scope, reason, list, func(i int) (store.IdentityRule, bool) {
		return store.IdentityRule{Kind: "must_link", A: list[0].Keys[0], B: list[i].Keys[0]}, i > 0
	})
}

// Part states that a key (a hardware address, an address, a serial number, a name) is not of the asset that it was
// joined to.
//
// Errors: ErrInvalid where the asset does not have the key or no other, ErrNotFound.
func (u *Assets) Part(ctx context.Context, by *app.Actor, org, id, key, reason string) error {
	list, scope, err := u.whole(ctx, by, org, []string{id})
	if err != nil {
		return err
	}
	keys := list[0].Keys
	other := slices.IndexFunc(keys, func(k string) bool { return k != key })
	if !slices.Contains(keys, key) || other < 0 {
		return invalid("the asset is not known by "+key+" and by something else", "choose one of several keys that it is known by")
	}
	return u.decide(ctx, by, scope, reason, list, func(int) (store.IdentityRule, bool) {
		return store.IdentityRule{Kind: "cannot_link", A: keys[other], B: key}, true
	})
}

// whole reads the assets, which must have keys.
func (u *Assets) whole(ctx context.Context, by *app.Actor, org string, ids []string) (list []*harbour.Asset, scope store.Scope, err error) {
	if scope, err = by.Scope(app.JoinAssets, org); err != nil {
		return nil, scope, err
	}
	if len(ids) > 50 {
		return nil, scope, invalid(fmt.Sprintf("%d assets at once", len(ids)), "join at most 50")
	}
	for i, id := range ids {
		a, _, err := u.core.DB.In(scope).Asset(ctx, id)
		if err != nil {
			return nil, scope, harbour.InItem(i, err)
		}
		if len(a.Keys) == 0 {
			return nil, scope, harbour.InItem(i, invalid(a.Name+" is not known by anything that tells it from others", "give it a serial number or a hardware address in a spreadsheet first"))
		}
		list = append(list, a)
	}
	return list, scope, nil
}

func (u *Assets) decide(ctx context.Context, by *app.Actor, scope store.Scope, reason string, list []*harbour.Asset, rule func(i int) (store.IdentityRule, bool)) error {
	reason, err := text(reason, 500)
	if err != nil {
		return harbour.In("reason", err)
	}
	return u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		for i, a := range list {
			r, use := rule(i)
			if !use {
				continue
			}
			r.ID, r.Reason, r.By = app.NewID("i-"), reason, by.Person
			if err := tx.AddIdentityRule(ctx, scope, r); err != nil {
				return err
			}
			e := by.Entry(scope.Organisation(), app.JoinAssets, "asset", a.ID, a.Name)
			e.Reason, e.After = reason, app.State(r)
			if err := tx.Audit(ctx, e); err != nil {
				return err
			}
		}
		if u.rebuild == nil {
			return nil
		}
		return u.rebuild(ctx, tx, scope.Organisation(), by.Person, "assets were joined or parted by hand")
	})
}

// Rules lists what was decided by hand about identity.
func (u *Assets) Rules(ctx context.Context, by *app.Actor, org string) ([]store.IdentityRule, error) {
	scope, err := by.Scope(app.ReadAssets, org)
	if err != nil {
		return nil, err
	}
	return u.core.DB.In(scope).IdentityRules(ctx)
}

// Forget takes a decision about identity back.
func (u *Assets) Forget(ctx context.Context, by *app.Actor, org, rule string) error {
	scope, err := by.Whole(app.JoinAssets, org)
	if err != nil {
		return err
	}
	return u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		r, err := tx.RemoveIdentityRule(ctx, scope, rule)
		if err != nil {
			return err
		}
		e := by.Entry(org, app.JoinAssets, "identity_rule", rule, "")
		e.Before = app.State(r)
		if err := tx.Audit(ctx, e); err != nil || u.rebuild == nil {
			return err
		}
		return u.rebuild(ctx, tx, org, by.Person, "a decision about identity was taken back")
	})
}
