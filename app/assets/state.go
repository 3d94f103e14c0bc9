// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package assets

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// Change is what a person states of one field of one asset.
type Change struct {
	Asset, Field, Value string
	// Version of the statement that the person saw, 0 for none. With Force any will do: for one value given to many
	// assets at once.
	Version int64
	Force   bool
	// Withdraw takes the statement back; Value is not looked at.
	Withdraw bool
}

// maxChanges bounds one call.
const maxChanges = 5000

// undoKind marks undo data of this use case.
const undoKind = "assets.state"

// State records statements about assets, all or none, and gives the id by which they can be taken back ([Assets.Undo]).
//
// Errors: ErrInvalid for a value that the field does not allow, ErrNotFound for an asset out of scope, ErrStale where
// somebody stated the same field meanwhile.
func (u *Assets) State(ctx context.Context, by *app.Actor, org string, changes []Change, reason string) (undo string, err error) {
	scope, err := by.Scope(app.EditAssets, org)
	if err != nil {
		return "", err
	}
	if len(changes) == 0 || len(changes) > maxChanges {
		return "", invalid(fmt.Sprintf("%d changes at once", len(changes)), fmt.Sprintf("change 1 to %d at once", maxChanges))
	}
	if reason, err = text(reason, 500); err != nil {
		return "", harbour.In("reason", err)
	}
	for i := range changes {
		if err := u.check(ctx, scope, &changes[i]); err != nil {
			return "", harbour.InItem(i, err)
		}
	}
	undo = app.NewID("u-")
	err = u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		back, err := u.apply(ctx, tx, by, scope, changes, reason)
		if err != nil {
			return err
		}
		data, err := json.Marshal(back)
		if err != nil {
			return err
		}
		return tx.AddUndo(ctx, org, store.Undo{ID: undo, Person: by.Person, Kind: undoKind, Title: title(changes), Data: data})
	})
	return undo, err
}

func title(changes []Change) string {
	if len(changes) == 1 {
		return changes[0].Field + " of one asset"
	}
	return fmt.Sprintf("%d changes of assets", len(changes))
}

// apply records changes and gives those that take them back.
func (u *Assets) apply(ctx context.Context, tx *store.Tx, by *app.Actor, scope store.Scope, changes []Change, reason string) (back []Change, err error) {
	again := false
	for i, c := range changes {
		st := harbour.Statement{Asset: c.Asset, Field: c.Field, Value: c.Value, Reason: reason, By: by.Person, ByName: by.Name, Version: c.Version}
		version, gone, err := tx.StatementVersion(ctx, scope, c.Asset, c.Field)
		if err != nil {
			return nil, harbour.InItem(i, err)
		}
		if c.Force || gone && c.Version == 0 { // what was taken back is seen as nothing
			st.Version = version
		}
		before, err := tx.PutStatement(ctx, scope, st, c.Withdraw)
		if err != nil {
			return nil, harbour.InItem(i, err)
		}
		undo := Change{Asset: c.Asset, Field: c.Field, Version: st.Version + 1, Withdraw: before == nil}
		e := by.Entry(scope.Organisation(), app.EditAssets, "asset", c.Asset, "")
		e.Reason = reason
		e.After = app.State(map[string]string{c.Field: c.Value})
		if c.Withdraw {
			e.After = app.State(map[string]any{c.Field: nil})
		}
		if before != nil {
			undo.Value = before.Value
			e.Before = app.State(map[string]string{c.Field: before.Value})
		}
		if err := tx.Audit(ctx, e); err != nil {
			return nil, err
		}
		back = append(back, undo)
		again = again || slices.Contains(bearing, c.Field)
	}
	if again && u.rebuild != nil {
		if err := u.rebuild(ctx, tx, scope.Organisation(), by.Person, "zone, kind, level or site of an asset was stated"); err != nil {
			return nil, err
		}
	}
	return back, nil
}

// bearing are the fields that findings and verdicts rest on.
var bearing = []string{harbour.AttrZone, harbour.AttrKind, harbour.AttrLevel, harbour.AttrDomain, harbour.AttrSite, harbour.AttrSupplier}

// Undo takes back what State did. What somebody changed since stays, and is said.
//
// Errors: ErrNotFound where it was taken back already or is another person's; ErrStale where a field was changed since.
func (u *Assets) Undo(ctx context.Context, by *app.Actor, org, id string) error {
	scope, err := by.Scope(app.EditAssets, org)
	if err != nil {
		return err
	}
	return u.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		undo, err := tx.TakeUndo(ctx, org, id, by.Person)
		if err != nil {
			return err
		}
		var back []Change
		if undo.Kind != undoKind || json.Unmarshal(undo.Data, &back) != nil {
			return &harbour.Error{Kind: harbour.ErrNotFound, Op: "take back", Message: "there is nothing to take back"}
		}
		_, err = u.apply(ctx, tx, by, scope, back, "taken back: "+undo.Title)
		return err
	})
}

// check says whether a field can have a value, and cleans the value.
func (u *Assets) check(ctx context.Context, scope store.Scope, c *Change) (err error) {
	if !slices.Contains(harbour.StatementFields, c.Field) {
		return harbour.In("field", invalid("there is no field "+c.Field+" that can be stated", "one of: "+strings.Join(harbour.StatementFields, ", ")))
	}
	if c.Withdraw {
		c.Value = ""
		return nil
	}
	limit := 200
	if c.Field == harbour.AttrNote {
		limit = 4000
	}
	if c.Value, err = text(c.Value, limit); err != nil {
		return harbour.In("value", err)
	}
	switch c.Field {
	case harbour.AttrName:
		if c.Value == "" {
			return harbour.In("value", invalid("an asset needs a name", "to show the name from the evidence again, take the statement back"))
		}
	case harbour.AttrKind:
		if !harbour.Kind(c.Value).Known() {
			return harbour.In("value", invalid("there is no kind "+c.Value, "choose one of the list"))
		}
	case harbour.AttrDomain:
		if !slices.Contains([]harbour.Domain{harbour.IT, harbour.OT, harbour.Physical}, harbour.Domain(c.Value)) {
			return harbour.In("value", invalid("there is no domain "+c.Value, "one of: it, ot, physical"))
		}
	case harbour.AttrLevel:
		if c.Value != "" && !slices.Contains(harbour.Levels, c.Value) {
			return harbour.In("value", invalid("there is no Purdue level "+c.Value, "one of: 0, 1, 2, 3, 3.5, 4, 5"))
		}
	case harbour.AttrZone:
		return u.checkZone(ctx, scope, c.Value)
	case harbour.AttrSite:
		return u.checkSite(ctx, scope, c.Value)
	}
	return nil
}

func (u *Assets) checkZone(ctx context.Context, scope store.Scope, id string) error {
	zones, err := u.core.DB.In(store.WholeOrganisation(scope.Organisation())).Zones(ctx)
	if err != nil || id == "" || slices.ContainsFunc(zones, func(z harbour.Zone) bool { return z.ID == id }) {
		return err
	}
	return harbour.In("value", invalid("there is no zone "+id, "choose one of the zones of the port file"))
}

func (u *Assets) checkSite(ctx context.Context, scope store.Scope, id string) error {
	sites, err := u.core.DB.In(scope).Sites(ctx)
	if err != nil || id == "" || slices.ContainsFunc(sites, func(s store.Site) bool { return s.ID == id }) {
		return err
	}
	return harbour.In("value", invalid("there is no site "+id+" that you may give", "choose one of your sites"))
}

func text(s string, limit int) (string, error) {
	s = strings.TrimSpace(s)
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
		return "", invalid("the text holds characters that cannot be shown", "type it again")
	}
	if n := utf8.RuneCountInString(s); n > limit {
		return "", invalid(fmt.Sprintf("the text has %d characters, at most %d are kept", n, limit), "shorten it")
	}
	return s, nil
}

func invalid(message, hint string) error {
	return &harbour.Error{Kind: harbour.ErrInvalid, Op: "state", Message: message, Hint: hint}
}
