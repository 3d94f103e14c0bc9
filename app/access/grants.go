// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package access

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// reach is whom an administrator may act upon: everybody, or those of one organisation.
type reach struct {
	every bool
	org   string // "*" where the act is about the whole installation
}

// reach asks the actor. org is an organisation, or "*" for the whole installation.
func (u *Access) reach(by *app.Actor, action app.Action, org string) (reach, error) {
	if org == "*" {
		return reach{true, "*"}, by.Everywhere(action)
	}
	if _, err := by.Whole(action, org); err != nil {
		return reach{}, err
	}
	return reach{by.Everywhere(action) == nil, org}, nil
}

// log is the organisation in whose audit log acts of this reach are written.
func (r reach) log() string {
	if r.org == "*" {
		return ""
	}
	return r.org
}

func noPerson() error {
	return &harbour.Error{Kind: harbour.ErrNotFound, Op: "find person", Message: "there is no such person, or you may not see them"}
}

// person reads one whom the reach covers. One of another organisation is answered as one who is not there.
func (r reach) person(ctx context.Context, tx *store.Tx, id string) (store.Person, []store.Grant, error) {
	none := noPerson()
	p, grants, err := tx.PersonBy(ctx, "", id)
	if isKind(err, harbour.ErrNotFound) {
		return p, nil, none
	}
	if err != nil {
		return p, nil, err
	}
	if !r.every && !slices.ContainsFunc(grants, func(g store.Grant) bool { return g.Org == r.org }) {
		return store.Person{}, nil, none
	}
	return p, grants, nil
}

// wholly wants all of a person's roles within the reach. Whoever could set the password of somebody with a role beyond
// it would have that role too.
func (r reach) wholly(grants []store.Grant) error {
	if !r.every && slices.ContainsFunc(grants, func(g store.Grant) bool { return g.Org != r.org }) {
		return &harbour.Error{
			Kind: harbour.ErrDenied, Op: "manage person", Message: "this person's roles reach beyond your organisation",
			Hint: "Ask an administrator of the installation. You may still give and take roles in your own organisation.",
		}
	}
	return nil
}

// known is a version that a caller has read: 0 would add the person once more, so it becomes one that nothing has.
func known(version int64) int64 {
	if version == 0 {
		return -1
	}
	return version
}

// notOneself keeps administrators from changing what they themselves may do: it takes two.
func notOneself(by *app.Actor, person string) error {
	if by.Person != person {
		return nil
	}
	return &harbour.Error{
		Kind: harbour.ErrDenied, Op: "manage person", Message: "nobody changes their own roles or state",
		Hint: "Ask another administrator. For work other than running the system, have another sign-in name with its own role.",
	}
}

// stillRun refuses a change after which nobody could run the installation.
func stillRun(ctx context.Context, tx *store.Tx) error {
	left, err := tx.Holders(ctx, Administrator, "*")
	if err == nil && len(left) == 0 {
		err = &harbour.Error{
			Kind: harbour.ErrConflict, Op: "manage person", Message: "nobody would be left to administrate the installation",
			Hint: "Make somebody else an administrator of all organisations first.",
		}
	}
	return err
}

// checkGrants looks at roles that are to be given in one organisation, or in all of them with "*".
func checkGrants(ctx context.Context, tx *store.Tx, org string, grants []store.Grant) ([]store.Grant, error) {
	const op = "give roles"
	if len(grants) > 50 {
		return nil, invalid(op, "a person has at most 50 roles in an organisation", "")
	}
	var sites []string
	if org != "*" {
		var n int
		if err := tx.NewRaw("SELECT COUNT(*) FROM organisation WHERE id = ?", org).Scan(ctx, &n); err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, &harbour.Error{Kind: harbour.ErrNotFound, Op: op, Message: "there is no such organisation, or you may not see it"}
		}
		if err := tx.NewRaw("SELECT id FROM site WHERE org = ?", org).Scan(ctx, &sites); err != nil {
			return nil, err
		}
	}
	list := slices.Clone(grants)
	for i := range list {
		g := &list[i]
		g.Org, g.Source, g.Supplier = org, sourceLocal, strings.TrimSpace(g.Supplier)
		role := RoleByCode(g.Role)
		switch {
		case role == nil:
			return nil, harbour.In("role", invalid(op, fmt.Sprintf("there is no role %q", clip(g.Role, 40)), "Choose one of the table."))
		case role.OfSupplier && (g.Supplier == "" || len(g.Supplier) > 100 || clip(g.Supplier, 100) != g.Supplier):
			return nil, harbour.In("supplier", invalid(op, "the role "+role.Name+" needs a supplier", "Choose the supplier whose equipment the person looks after."))
		case !role.OfSupplier && g.Supplier != "":
			return nil, harbour.In("supplier", invalid(op, "the role "+role.Name+" is not bound to a supplier", "Leave the supplier empty, or choose the role Supplier contact."))
		case role.OfSupplier && org == "*":
			return nil, harbour.In("role", invalid(op, "a supplier contact belongs to one organisation", "Give the role in each organisation that should be seen."))
		}
		if g.Sites = strings.Join(app.Words(g.Sites), " "); g.Sites == "*" {
			continue
		}
		if g.Sites == "" || org == "*" {
			return nil, harbour.In("site", invalid(op, "the role reaches no site", "Choose all sites, or some sites of one organisation."))
		}
		for _, s := range app.Words(g.Sites) {
			if !slices.Contains(sites, s) {
				return nil, harbour.In("site", invalid(op, fmt.Sprintf("there is no site %q in this organisation", clip(s, 60)), "Choose sites of the list."))
			}
		}
	}
	return list, nil
}

// SetGrants replaces the roles that a person was given here in one organisation, or in all of them at once with "*".
// Roles from groups of the directory stay. version is that of the person as last read.
//
// Errors: ErrDenied for one's own roles, ErrInvalid, ErrNotFound, ErrStale, ErrConflict where no administrator would be
// left.
func (u *Access) SetGrants(ctx context.Context, by *app.Actor, org, person string, version int64, grants []store.Grant, reason string) error {
	r, err := u.reach(by, app.ManagePeople, org)
	if err != nil {
		return err
	}
	if err := notOneself(by, person); err != nil {
		return err
	}
	return u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		p, had, err := r.person(ctx, tx, person)
		if err != nil {
			return err
		}
		fresh, err := checkGrants(ctx, tx, org, grants)
		if err != nil {
			return err
		}
		if p.State == "left" && len(fresh) > 0 {
			return invalid("give roles", "this person has left", "Take the person back first.")
		}
		p.Version = known(version)
		if err := tx.PutPerson(ctx, p); err != nil { // the next change has to know of this one
			return err
		}
		all := fresh
		for _, g := range had {
			if g.Source == sourceLocal && g.Org != org {
				all = append(all, g)
			}
		}
		if err := tx.PutGrants(ctx, person, sourceLocal, all); err != nil {
			return err
		}
		if err := stillRun(ctx, tx); err != nil {
			return err
		}
		e := by.Entry(r.log(), app.ManagePeople, "person", p.ID, p.Name)
		e.Before, e.After, e.Reason = app.State(grantsIn(had, org)), app.State(grantsIn(fresh, org)), clip(reason, 2000)
		return tx.Audit(ctx, e)
	})
}

// grantsIn is what the audit log of an organisation may know of somebody's roles.
func grantsIn(list []store.Grant, org string) map[string]any {
	rows := []map[string]string{}
	for _, g := range list {
		if g.Org == org || org == "*" {
			rows = append(rows, map[string]string{"role": g.Role, "organisation": g.Org, "sites": g.Sites, "supplier": g.Supplier, "source": g.Source})
		}
	}
	return map[string]any{"roles": rows}
}
