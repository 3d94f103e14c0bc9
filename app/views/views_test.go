// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package views_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/app/views"
	"breakwater/harbour"
	"breakwater/internal/testpostgres"
	"breakwater/store"
	"breakwater/store/storetest"
)

func TestMain(m *testing.M) { testpostgres.Main(m) }

func somebody(id, org string, actions ...app.Action) *app.Actor {
	may := map[app.Action]bool{}
	for _, a := range actions {
		may[a] = true
	}
	return app.NewActor(app.Actor{Person: id, Name: id, Via: "session"}, []app.Grant{{Role: "test", Actions: may, Org: org}}, nil)
}

func TestViews(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		storetest.Organisation(t, db, "skerry", "Skerry")
		storetest.Organisation(t, db, "hallow", "Hallow")
		u := views.New(&app.Core{DB: db, Log: slog.New(slog.DiscardHandler), Clock: time.Now})
		ada := somebody("ada", "skerry", app.ReadAssets, app.ShareViews)
		bo := somebody("bo", "skerry", app.ReadAssets)
		cy := somebody("cy", "hallow", app.ReadAssets, app.ShareViews)
		board := somebody("board", "skerry", app.ReadFindings)

		own, err := u.Save(ctx, ada, "skerry", store.SavedView{Page: "assets", Name: " My cranes ", Query: "kind=plc"})
		if err != nil {
			t.Fatal(err)
		}
		shared, err := u.Save(ctx, ada, "skerry", store.SavedView{Page: "assets", Name: "Undeclared", Query: "known=undeclared", Shared: true})
		if err != nil {
			t.Fatal(err)
		}
		names := func(by *app.Actor) (s string) {
			list, err := u.List(ctx, by, "skerry", "assets")
			if err != nil {
				return harbour.KindOf(err).String()
			}
			for _, v := range list {
				s += v.Name + ";"
			}
			return s
		}
		for _, tt := range []struct {
			by   *app.Actor
			want string
		}{{ada, "My cranes;Undeclared;"}, {bo, "Undeclared;"}, {cy, "not_found"}, {board, "denied"}, {nil, "unauthenticated"}} {
			if got := names(tt.by); got != tt.want {
				t.Errorf("views of %v: %q, want %q", tt.by, got, tt.want)
			}
		}
		for name, tt := range map[string]struct {
			by   *app.Actor
			view store.SavedView
			want harbour.ErrorKind
		}{
			"no name":         {bo, store.SavedView{Page: "assets", Name: " "}, harbour.ErrInvalid},
			"a long name":     {bo, store.SavedView{Page: "assets", Name: strings.Repeat("x", 81)}, harbour.ErrInvalid},
			"no such list":    {bo, store.SavedView{Page: "people", Name: "x"}, harbour.ErrInvalid},
			"no query":        {bo, store.SavedView{Page: "assets", Name: "x", Query: "a=%zz"}, harbour.ErrInvalid},
			"sharing":         {bo, store.SavedView{Page: "assets", Name: "x", Shared: true}, harbour.ErrDenied},
			"a list not seen": {bo, store.SavedView{Page: "findings", Name: "x"}, harbour.ErrDenied},
			"a foreign one":   {cy, store.SavedView{Page: "assets", Name: "x"}, harbour.ErrNotFound},
		} {
			if _, err := u.Save(ctx, tt.by, "skerry", tt.view); err == nil || harbour.KindOf(err) != tt.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, by := range []*app.Actor{bo, cy, nil} {
			for _, id := range []string{own, shared} {
				if _, err := u.Remove(ctx, by, "skerry", id); harbour.KindOf(err) != harbour.ErrNotFound {
					t.Errorf("%v removes %s: %v", by, id, err)
				}
			}
		}
		if page, err := u.Remove(ctx, ada, "skerry", own); err != nil || page != "assets" || names(ada) != "Undeclared;" {
			t.Errorf("removed: %q, %v, %s", page, err, names(ada))
		}
		log, err := db.In(store.WholeOrganisation("skerry")).Audit(ctx, store.AuditFilter{ObjectKind: "view"})
		if err != nil || len(log) != 3 || log[0].Before == nil || log[2].Action != "views.keep" || log[1].Action != string(app.ShareViews) {
			t.Errorf("audit: %+v, %v", log, err)
		}
	})
}
