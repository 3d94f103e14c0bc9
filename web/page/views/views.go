// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package views is the menu of saved views that stands above a list, with the forms behind it. A list shows [Menu] with
// what [app/views] lists for it.
//
// Its handlers are safe for concurrent use.
package views

import (
	"breakwater/app/views"
	"breakwater/store"
	"breakwater/web/shell"
)

type pages struct{ use *views.Views }

// New makes the forms of the use case.
func New(use *views.Views) shell.Pack {
	p := &pages{use}
	return shell.Pack{Register: func(s *shell.Shell) {
		s.In("POST views", p.save)
		s.In("POST views/remove", p.remove)
	}}
}

func (p *pages) save(r *shell.Request) error {
	v := store.SavedView{Page: r.PostFormValue("page"), Name: r.PostFormValue("name"), Query: r.PostFormValue("query"), Shared: r.PostFormValue("everybody") != ""}
	if _, err := p.use.Save(r.Context(), r.By, r.Org.ID, v); err != nil {
		return err
	}
	return r.Done(Open(r, v), shell.OK("The view “"+v.Name+"” is kept."))
}

func (p *pages) remove(r *shell.Request) error {
	page, err := p.use.Remove(r.Context(), r.By, r.Org.ID, r.PostFormValue("id"))
	if err != nil {
		return err
	}
	return r.Done(r.Path(page), shell.OK("The view was removed."))
}

// Open is the address of the list as a view shows it.
func Open(r *shell.Request, v store.SavedView) string {
	if v.Query == "" {
		return r.Path(v.Page)
	}
	return r.Path(v.Page) + "?" + v.Query
}
