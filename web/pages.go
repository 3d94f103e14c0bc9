// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"log/slog"
	"net/http"

	"breakwater/app"
	"breakwater/app/overview"
	"breakwater/store"
	overviewpage "breakwater/web/page/overview"

	"breakwater/web/browser"
	"breakwater/web/shell"
)

// Options are what the pages show and how they are served.
type Options struct {
	Core *app.Core
	// Secure is set where the pages are served by TLS.
	Secure bool
	// Authenticate turns the secret of a session into an actor; see [shell.Options].
	Authenticate func(ctx context.Context, secret string, from shell.Visit) (*app.Actor, error)

	Overview *overview.Overview
}

// packs lists the pages, in the order of the rail.
func packs(o *Options) []shell.Pack {
	return []shell.Pack{
		overviewpage.New(o.Overview),
	}
}

// Fill makes the use cases that need nothing but the core. rebuild asks for the inventory to be built anew within a
// transaction; nil for none.
func Fill(c *app.Core, rebuild func(ctx context.Context, tx *store.Tx, org, by, why string) error) Options {
	return Options{Core: c, Overview: overview.New(c)}
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
	s := shell.New(shell.Options{Core: o.Core, Files: files, Authenticate: o.Authenticate, Secure: o.Secure})
	for _, p := range packs(&o) {
		s.Add(p)
	}
	return s, nil
}
