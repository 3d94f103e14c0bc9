// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package assets

import (
	"errors"
	"fmt"
	"slices"

	"breakwater/app"
	"breakwater/app/assets"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/view"
	"breakwater/web/shell"
)

// field is a property that people may state.
type field struct {
	Name, Title string
	Choices     []shell.Choice // nil for text
	Long        bool
}

// fields lists them all, with the values that can be chosen.
func (p *pages) fields(r *shell.Request) (list []field, err error) {
	var zones []shell.Choice
	if r.May(app.ReadZones) {
		known, err := p.traffic.Zones(r.Context(), r.By, r.Org.ID)
		if err != nil {
			return nil, err
		}
		for _, z := range known {
			zones = append(zones, shell.Choice{Value: z.ID, Title: view.Plain(z.Name, 60) + " (" + z.ID + ")"})
		}
	}
	for _, name := range harbour.StatementFields {
		f := field{Name: name, Title: view.Name(name), Long: name == harbour.AttrNote}
		switch name {
		case harbour.AttrKind:
			for _, k := range harbour.Kinds {
				f.Choices = append(f.Choices, shell.Choice{Value: string(k.Kind), Title: k.Title})
			}
		case harbour.AttrDomain:
			for _, d := range view.Domains {
				f.Choices = append(f.Choices, shell.Choice{Value: string(d), Title: view.Domain(d).Title})
			}
		case harbour.AttrLevel:
			for _, l := range harbour.Levels {
				f.Choices = append(f.Choices, shell.Choice{Value: l, Title: view.Level(l).Title + ", " + view.Level(l).Means})
			}
		case harbour.AttrZone:
			f.Choices = zones
		case harbour.AttrSite:
			for _, s := range r.Sites {
				f.Choices = append(f.Choices, shell.Choice{Value: s.ID, Title: r.SiteName(s.ID)})
			}
		}
		list = append(list, f)
	}
	return list, nil
}

// single are the fields that differ from asset to asset, so that one value for many makes no sense.
var single = []string{harbour.AttrName, harbour.AttrSerial}

// maxSelected is how many assets can be changed at once.
const maxSelected = 2000

// selected are the assets that a form names: one by one, or all that fit the filters that it carries.
func (p *pages) selected(r *shell.Request) (rows []store.AssetRow, err error) {
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	q := store.AssetQuery{IDs: r.PostForm["id"]}
	if r.PostFormValue("all") != "" {
		if q, err = query(r.WithQuery(r.PostFormValue("query"))); err != nil {
			return nil, err
		}
		q.Cursor = ""
	} else if len(q.IDs) == 0 {
		return nil, &harbour.Error{Kind: harbour.ErrInvalid, Op: "select assets", Message: "no asset is selected", Hint: "tick the rows first"}
	}
	full := errors.New("full")
	err = p.use.Each(r.Context(), r.By, r.Org.ID, q, 0, func(_ *harbour.Asset, row store.AssetRow) error {
		if len(rows) >= maxSelected {
			return full
		}
		rows = append(rows, row)
		return nil
	})
	if errors.Is(err, full) {
		return nil, &harbour.Error{Kind: harbour.ErrTooLarge, Op: "select assets", Message: fmt.Sprintf("more than %d assets are selected", maxSelected), Hint: "filter the list further and change it part by part"}
	}
	if err == nil && len(rows) == 0 {
		err = &harbour.Error{Kind: harbour.ErrNotFound, Op: "select assets", Message: "none of the selected assets is there any more, or you may not see them"}
	}
	return rows, err
}

// edit asks what to change of the selected assets.
func (p *pages) edit(r *shell.Request) error {
	if _, err := r.By.Scope(app.EditAssets, r.Org.ID); err != nil {
		return err
	}
	rows, err := p.selected(r)
	if err != nil {
		return err
	}
	all, err := p.fields(r)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(f field) bool { return slices.Contains(single, f.Name) })
	return r.Page(shell.Page{
		Title: "Change " + view.Count(len(rows), "asset", "assets"), Here: "assets", Crumbs: crumbs(r),
		Lead: "What you state is shown over what the evidence says, under your name. What you leave empty stays as it is.",
		Body: editPage(r, rows, all, r.Back(r.Path("assets"))),
	})
}

func crumbs(r *shell.Request) []shell.Crumb {
	return []shell.Crumb{{Title: "Assets", Href: r.Query(r.Path("assets"))}}
}

// state records what is stated of the selected assets.
func (p *pages) state(r *shell.Request) error {
	rows, err := p.selected(r)
	if err != nil {
		return err
	}
	var changes []assets.Change
	for _, name := range harbour.StatementFields {
		value := r.PostFormValue("field-" + name)
		if value == "" {
			continue
		}
		for _, row := range rows {
			changes = append(changes, assets.Change{Asset: row.ID, Field: name, Value: value, Force: true})
		}
	}
	back := r.Back(r.Path("assets"))
	if len(changes) == 0 {
		return r.Done(back, shell.Message{Kind: "warn", Text: "Nothing was filled in, so nothing was changed."})
	}
	undo, err := p.use.State(r.Context(), r.By, r.Org.ID, changes, r.PostFormValue("reason"))
	if err != nil {
		return r.Again(err, p.edit)
	}
	return r.Done(back, shell.OK("Changed "+view.Count(len(rows), "asset", "assets")+".").WithUndo(r.Path("assets", "undo"), undo))
}

// undo takes a change back.
func (p *pages) undo(r *shell.Request) error {
	if err := p.use.Undo(r.Context(), r.By, r.Org.ID, r.PostFormValue("id")); err != nil {
		return err
	}
	return r.Done(r.CameFrom(r.Path("assets")), shell.OK("Taken back."))
}

// join asks whether the selected assets are one.
func (p *pages) join(r *shell.Request) error {
	if _, err := r.By.Scope(app.JoinAssets, r.Org.ID); err != nil {
		return err
	}
	rows, err := p.selected(r)
	if err != nil {
		return err
	}
	if len(rows) < 2 {
		return &harbour.Error{Kind: harbour.ErrInvalid, Op: "join assets", Message: "joining needs two assets or more", Hint: "tick those that are the same thing"}
	}
	return r.Page(shell.Page{
		Title: "Join " + view.Count(len(rows), "asset", "assets"), Here: "assets", Crumbs: crumbs(r),
		Lead: "They are one thing that the evidence shows as several. The inventory is built anew with that; the decision is kept and can be taken back.",
		Body: joinPage(r, rows, r.Back(r.Path("assets"))),
	})
}

func (p *pages) doJoin(r *shell.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	if err := p.use.Join(r.Context(), r.By, r.Org.ID, r.PostForm["id"], r.PostFormValue("reason")); err != nil {
		return r.Again(err, p.join)
	}
	return r.Done(r.Back(r.Path("assets")), shell.OK("The decision is kept. The inventory shows it with its next build."))
}

// part states that a key is not of the asset.
func (p *pages) part(r *shell.Request) error {
	id := r.PathValue("id")
	if err := p.use.Part(r.Context(), r.By, r.Org.ID, id, r.PostFormValue("key"), r.PostFormValue("reason")); err != nil {
		return r.Again(err, p.asset)
	}
	return r.Done(r.Path("assets", id), shell.OK("The decision is kept. The inventory shows it with its next build."))
}

// forget takes a decision about identity back.
func (p *pages) forget(r *shell.Request) error {
	if err := p.use.Forget(r.Context(), r.By, r.Org.ID, r.PostFormValue("rule")); err != nil {
		return err
	}
	return r.Done(r.CameFrom(r.Path("assets")), shell.OK("The decision was taken back. The inventory shows it with its next build."))
}
