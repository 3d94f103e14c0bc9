// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"context"

	"breakwater/app"
	"breakwater/app/imports"
	"breakwater/store"
	"breakwater/web/shell"
)

// act is something that is done to an evidence, with a reason, after presence was proved.
type act struct {
	name   string
	action app.Action
	title  string // of the button that leads there, and of the page
	says   string // what it does
	button string
	done   string
	danger bool
	do     func(u *imports.Imports, ctx context.Context, by *app.Actor, org, id, reason string) error
	fits   func(v *store.EvidenceRow) bool
}

var acts = []act{
	{
		name: "hold", action: app.HoldEvidence, title: "Place legal hold", button: "Place the hold", done: "The legal hold is placed.",
		says: "Nobody withdraws or deletes it and no rule of retention touches it until the hold is released.",
		do:   (*imports.Imports).Hold, fits: func(v *store.EvidenceRow) bool { return v.Hold == "" && v.State != store.EvidenceDeleted },
	},
	{
		name: "release", action: app.HoldEvidence, title: "Release legal hold", button: "Release the hold", done: "The legal hold is released.",
		says: "From then on it may be withdrawn and deleted, and the rules of retention apply to it again.",
		do:   (*imports.Imports).Release, fits: func(v *store.EvidenceRow) bool { return v.Hold != "" },
	},
	{
		name: "withdraw", action: app.DeleteEvidence, title: "Withdraw", button: "Withdraw it", done: "Withdrawn: the inventory is built anew without it.", danger: true,
		says: "It no longer counts: the inventory is built anew without it, and what only it showed goes. Its bytes are kept, and it can be restored.",
		do:   (*imports.Imports).Withdraw, fits: func(v *store.EvidenceRow) bool {
			return v.Hold == "" && v.State != store.EvidenceWithdrawn && v.State != store.EvidenceDeleted
		},
	},
	{
		name: "restore", action: app.DeleteEvidence, title: "Restore", button: "Restore it", done: "Restored: the inventory is built anew with it.",
		says: "It counts again: the inventory is built anew with it.",
		do:   (*imports.Imports).Restore, fits: func(v *store.EvidenceRow) bool { return v.State == store.EvidenceWithdrawn },
	},
	{
		name: "delete", action: app.DeleteEvidence, title: "Delete for good", button: "Delete its bytes for good", done: "Deleted: its record and its chain of custody stay.", danger: true,
		says: "Its bytes are removed for good, and nobody can bring them back from here. Its record, its hash and its chain of custody stay.",
		do:   (*imports.Imports).Delete, fits: func(v *store.EvidenceRow) bool { return v.State == store.EvidenceWithdrawn && v.Hold == "" },
	},
}

func actNamed(name string) (act, bool) {
	for _, a := range acts {
		if a.name == name {
			return a, true
		}
	}
	return act{}, false
}

// offered are the acts that fit an evidence and that the person may do.
func (p *pages) offered(r *shell.Request, v *store.EvidenceRow) (list []act) {
	for _, a := range acts {
		if p.in != nil && r.May(a.action) && a.fits(v) {
			list = append(list, a)
		}
	}
	return list
}

// confirm asks for the reason. Presence is proved before, so that nothing typed is lost by it.
func (p *pages) confirm(r *shell.Request) error {
	a, ok := actNamed(r.PathValue("act"))
	if !ok {
		return shell.NoPage()
	}
	v, err := p.use.Get(r.Context(), r.By, r.Org.ID, r.PathValue("id"))
	if err != nil {
		return err
	}
	if _, err := r.By.Scope(a.action, r.Org.ID); err != nil {
		return err
	}
	return r.Page(shell.Page{
		Title: a.title, Lead: v.Name, Here: "evidence",
		Crumbs: []shell.Crumb{{Title: "Evidence", Href: r.Path("evidence")}, {Title: v.Name, Href: r.Path("evidence", v.ID)}}, Body: confirmForm(r, v, a),
	})
}

func (p *pages) change(r *shell.Request) error {
	a, ok := actNamed(r.PathValue("act"))
	if !ok {
		return shell.NoPage()
	}
	id := r.PathValue("id")
	if err := a.do(p.in, r.Context(), r.By, r.Org.ID, id, r.PostFormValue("reason")); err != nil {
		return r.Again(err, p.confirm)
	}
	return r.Done(r.Path("evidence", id), shell.OK(a.done))
}
