// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/app/assets"
	"breakwater/app/audit"
	"breakwater/app/backup"
	"breakwater/app/documents"
	"breakwater/app/evidence"
	"breakwater/app/findings"
	"breakwater/app/health"
	"breakwater/app/imports"
	"breakwater/app/jobs"
	"breakwater/app/outlets"
	"breakwater/app/overview"
	"breakwater/app/traffic"
	"breakwater/app/views"
	"breakwater/harbour"
	"breakwater/store"
	assetspage "breakwater/web/page/assets"
	documentspage "breakwater/web/page/documents"
	"breakwater/web/page/entrance"
	evidencepage "breakwater/web/page/evidence"
	findingspage "breakwater/web/page/findings"
	jobspage "breakwater/web/page/jobs"
	overviewpage "breakwater/web/page/overview"
	"breakwater/web/page/search"
	"breakwater/web/page/settings"
	"breakwater/web/page/sheets"
	trafficpage "breakwater/web/page/traffic"
	viewspage "breakwater/web/page/views"

	"breakwater/web/browser"
	"breakwater/web/shell"
)

// Options are what the pages show and how they are served.
type Options struct {
	Core *app.Core
	// Secure is set where the pages are served by TLS.
	Secure bool
	// Authenticate turns the secret of a session into an actor, instead of Access; nil but in tests.
	Authenticate func(ctx context.Context, secret string, from shell.Visit) (*app.Actor, error)

	Access   *access.Access
	Assets   *assets.Assets
	Findings *findings.Findings
	Overview *overview.Overview
	Traffic  *traffic.Traffic
	Views    *views.Views
	Audit    *audit.Audit
	// Documents makes the assessment as PDF and as a page.
	Documents *documents.Documents
	// Outlets needs the vault, for the secrets of receivers. Without it there are no pages of outlets.
	Outlets *outlets.Outlets
	// Evidence and Imports need the vault. Without them there are no pages of evidence, or none that take any.
	Evidence *evidence.Evidence
	Imports  *imports.Imports
	// Jobs needs the broker. Without it there are no pages of jobs.
	Jobs *jobs.Jobs
	// Backups makes those of the server; nil where its settings name no folder for them.
	Backups *backup.Routine
	// LastBackup is what is known of the last one, however it was made; nil for nothing.
	LastBackup func() (health.Backup, error)
	// Rate and Burst bound the requests of one person; 0 for what is usual.
	Rate  float64
	Burst int
	// Health says how the installation does, so that every page names what is wrong; nil for nothing of that.
	Health func(context.Context) health.State
}

// packs lists the pages, in the order of the rail.
func packs(o *Options) []shell.Pack {
	list := []shell.Pack{
		entrance.New(o.Access),
		overviewpage.New(o.Overview),
		documentspage.New(o.Documents),
		assetspage.New(o.Assets, o.Findings, o.Traffic, o.Views),
		findingspage.New(o.Findings, o.Views),
		trafficpage.New(o.Traffic, o.Assets),
		viewspage.New(o.Views),
		search.New(),
	}
	if o.Evidence != nil {
		list = append(list, evidencepage.New(o.Evidence, o.Imports))
		if o.Imports != nil {
			list = append(list, sheets.New(o.Imports))
		}
	}
	if o.Jobs != nil {
		list = append(list, jobspage.New(o.Jobs, o.Evidence))
	}
	return append(list, settings.New(settings.Uses{Access: o.Access, Audit: o.Audit, Outlets: o.Outlets, Imports: o.Imports, Evidence: o.Evidence, Health: o.Health, Backups: o.Backups, LastBackup: o.LastBackup}))
}

// Fill makes the use cases that need nothing but the core. rebuild asks for the inventory to be built anew within a
// transaction; nil for none.
func Fill(c *app.Core, rebuild func(ctx context.Context, tx *store.Tx, org, by, why string) error) Options {
	return Options{Core: c, Assets: assets.New(c, rebuild), Findings: findings.New(c, access.Table{}), Overview: overview.New(c), Traffic: traffic.New(c), Views: views.New(c), Audit: audit.New(c), Documents: documents.New(c)}
}

// New puts the pages together.
//
// Errors: where the embedded bundle is damaged.
func New(o Options) (http.Handler, error) {
	files, err := browser.Open()
	if err != nil {
		return nil, err
	}
	if !files.Built() {
		o.Core.Log.Warn("the pages come without scripts and icons: the program was built without the bundle", slog.String("hint", "build it with: go run ./internal/tools/assets"))
	}
	if o.Authenticate == nil {
		o.Authenticate = func(ctx context.Context, secret string, from shell.Visit) (*app.Actor, error) {
			return entrance.Authenticate(ctx, o.Access, secret, from)
		}
	}
	look := shell.Options{Core: o.Core, Files: files, Authenticate: o.Authenticate, Secure: o.Secure, Rate: o.Rate, Burst: o.Burst}
	if o.Health != nil {
		look.Troubles = (&watch{state: o.Health, fresh: freshFor}).troubles
	}
	s := shell.New(look)
	for _, p := range packs(&o) {
		s.Add(p)
	}
	return s, nil
}

// Token turns the secret of a program's token into an actor. Sessions are refused: they are for pages.
func Token(ctx context.Context, use *access.Access, secret, address, request string) (*app.Actor, error) {
	a, _ := netip.ParseAddr(address)
	by, err := use.Authenticate(ctx, secret, access.RequestInfo{Address: a, Request: request})
	if err == nil && by.Via != "token" {
		return nil, &harbour.Error{Kind: harbour.ErrUnauthenticated, Op: "authenticate", Message: "this is no token of a program", Hint: "make a token in the settings"}
	}
	return by, err
}
