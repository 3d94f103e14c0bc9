// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package settings shows how the installation is run: its people and their roles, tokens of programs, organisation and
// sites, outlets, retention, backups, the audit log, and what the program is made of. Each subject is a small page with
// its own address and shows to those alone who may see it.
//
// What a page changes goes through the use case that it shows. Secrets (codes, passwords, tokens) are answered once, by
// the request that made them, and never stored by the pages.
//
// Its handlers are safe for concurrent use.
package settings

import (
	"context"
	"slices"
	"strings"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/app/audit"
	"breakwater/app/backup"
	"breakwater/app/evidence"
	"breakwater/app/health"
	"breakwater/app/imports"
	"breakwater/app/outlets"
	"breakwater/harbour"
	"breakwater/web/shell"
)

// Uses are the use cases that the pages show. Where one is nil its pages are not there.
type Uses struct {
	Access *access.Access
	Audit  *audit.Audit
	// Outlets and Imports need the vault.
	Outlets *outlets.Outlets
	Imports *imports.Imports
	// Evidence needs the vault, too; it lists what is under a legal hold.
	Evidence *evidence.Evidence
	// Health says how the installation does.
	Health func(context.Context) health.State
	// Backups makes those of the server; nil where its settings name no folder for them.
	Backups *backup.Routine
	// LastBackup is what is known of the last one, however it was made; nil for nothing.
	LastBackup func() (health.Backup, error)
}

type pages struct{ Uses }

// New makes the pages of the use cases.
func New(u Uses) shell.Pack {
	p := &pages{u}
	return shell.Pack{
		Entries: []shell.Entry{{Name: "Settings", Path: "settings", Icon: "settings"}},
		Register: func(s *shell.Shell) {
			s.In("GET settings", p.index)
			p.registerPeople(s)
			p.registerTokens(s)
			p.registerAudit(s)
			p.registerSites(s)
			p.registerBackup(s)
			p.registerAbout(s)
			if u.Outlets != nil {
				p.registerOutlets(s)
			}
			if u.Imports != nil && u.Evidence != nil {
				p.registerRetention(s)
			}
		},
	}
}

// place is a page of the settings.
type place struct {
	name, path, icon, about string
	may                     func(*shell.Request) bool
}

func needs(actions ...app.Action) func(*shell.Request) bool {
	return func(r *shell.Request) bool { return slices.ContainsFunc(actions, r.May) }
}

// wholeInstallation is for who reads the log of the whole installation.
func wholeInstallation(r *shell.Request) bool { return r.By.Everywhere(app.ReadAudit) == nil }

func everybody(*shell.Request) bool { return true }

// all lists the pages, in the order of the side list.
func (p *pages) all() (list []place) {
	list = []place{
		{"Your account", "/account", "user-cog", "Password, second factors, where you are signed in", everybody},
		{"API tokens", "tokens", "key-round", "What programs sign in with in your name", everybody},
		{"People", "people", "users", "Who may sign in, with which roles and where", needs(app.ReadPeople)},
		{"Roles", "roles", "list-checks", "What each role may do", everybody},
		{"Organisation and sites", "sites", "building-2", "Sites, their country and time zone; second factors", needs(app.ReadPeople)},
	}
	if p.Outlets != nil {
		list = append(list, place{"Outlets", "outlets", "webhook", "Where events go by themselves: programs, log servers, people", needs(app.ManageWebhooks)})
	}
	if p.Imports != nil && p.Evidence != nil {
		list = append(list, place{"Retention", "retention", "archive", "How long evidence is kept, and what that would let go", needs(app.ReadEvidence)})
	}
	return append(list,
		place{"Backup", "backup", "hard-drive", "Copies of the whole installation, and how one is brought back", wholeInstallation},
		place{"Audit log", "audit", "history", "Who did what, to what, when, with proof", needs(app.ReadAudit)},
		place{"About", "about", "info", "Version, health, and what the program is made of", needs(app.ReadOverview)},
	)
}

// places are those that the person may see.
func (p *pages) places(r *shell.Request) []place {
	return slices.DeleteFunc(p.all(), func(x place) bool { return !x.may(r) })
}

func (p *pages) index(r *shell.Request) error {
	return r.Page(shell.Page{Title: "Settings", Lead: "How this installation is run", Here: "settings", Body: indexPage(r, p.places(r))})
}

// show answers with a page of the settings, in the frame with the side list. here is the path of its place; on says
// what leads from there to it.
func (p *pages) show(r *shell.Request, here string, page shell.Page, on ...shell.Crumb) error {
	page.Here, page.Body = "settings", frame(r, p.places(r), here, page.Body)
	page.Crumbs = append([]shell.Crumb{{Title: "Settings", Href: r.Path("settings")}}, on...)
	return r.Page(page)
}

// fresh says whether the person has proved presence so lately that a dangerous act goes through.
func fresh(r *shell.Request) bool {
	return r.Now()-r.By.ProvedAt <= harbour.Instant(app.StepUpFor.Microseconds())
}

// text is a field of a form without the spaces around it.
func text(r *shell.Request, name string) string { return strings.TrimSpace(r.PostFormValue(name)) }

func invalid(op, message, hint string) error {
	return &harbour.Error{Kind: harbour.ErrInvalid, Op: op, Message: message, Hint: hint}
}
