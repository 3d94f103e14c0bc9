// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/app/audit"
	"breakwater/harbour"
	"breakwater/internal/testpostgres"
	"breakwater/store"
	"breakwater/store/storetest"
)

func TestMain(m *testing.M) { testpostgres.Main(m) }

var ctx = context.Background()

func actor(role, org string, limit *store.Limit, actions ...app.Action) *app.Actor {
	may := map[app.Action]bool{}
	for _, a := range actions {
		may[a] = true
	}
	return app.NewActor(app.Actor{Person: role, Name: role, Via: "command"}, []app.Grant{{Role: role, Org: org, Limit: limit, Actions: may}}, nil)
}

func TestAudit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		storetest.Organisation(t, db, "skerry", "Skerry")
		storetest.Organisation(t, db, "north", "North Terminal")
		u := audit.New(&app.Core{DB: db, Log: slog.New(slog.DiscardHandler), Clock: time.Now})
		for _, e := range []store.Entry{
			{Org: "skerry", Actor: "ada", Action: "assets.edit", ObjectKind: "asset", Object: "a-1", Before: app.State("old"), After: app.State("new")},
			{Org: "north", Actor: "bob", Action: "assets.edit", ObjectKind: "asset", Object: "a-1"},
			{Org: "skerry", Actor: "ada", Action: "findings.decide", ObjectKind: "finding", Object: "f-1"},
		} {
			if err := db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error { return tx.Audit(ctx, e) }); err != nil {
				t.Fatal(err)
			}
		}
		auditor := actor("auditor", "skerry", nil, app.ReadAudit)
		list, err := u.List(ctx, auditor, "skerry", store.AuditFilter{})
		if err != nil || len(list) != 2 || list[0].Object != "f-1" {
			t.Errorf("List = %+v, %v", list, err)
		}
		list, err = u.History(ctx, auditor, "skerry", "asset", "a-1")
		if err != nil || len(list) != 1 || string(list[0].Before) != `"old"` || string(list[0].After) != `"new"` {
			t.Errorf("History = %+v, %v", list, err)
		}
		text, err := u.Checkpoint(ctx, auditor, "skerry")
		if err != nil || !strings.Contains(text, "Entries: 3\n") || strings.Contains(text, "north") {
			t.Errorf("Checkpoint = %s, %v", text, err)
		}
		for name, tt := range map[string]struct {
			by   *app.Actor
			org  string
			want harbour.ErrorKind
		}{
			"nobody":        {nil, "skerry", harbour.ErrUnauthenticated},
			"foreign":       {auditor, "north", harbour.ErrNotFound},
			"analyst":       {actor("analyst", "skerry", nil, app.ReadAssets), "skerry", harbour.ErrDenied},
			"of a site":     {actor("auditor", "skerry", &store.Limit{Sites: []string{"quay"}}, app.ReadAudit), "skerry", harbour.ErrDenied},
			"no such place": {auditor, "", harbour.ErrNotFound},
		} {
			_, listed := u.List(ctx, tt.by, tt.org, store.AuditFilter{})
			_, signed := u.Checkpoint(ctx, tt.by, tt.org)
			if harbour.KindOf(listed) != tt.want || harbour.KindOf(signed) != tt.want || listed == nil {
				t.Errorf("%s: %v, %v", name, listed, signed)
			}
		}
		if _, err := u.Verify(ctx, auditor, nil); harbour.KindOf(err) != harbour.ErrDenied || err == nil {
			t.Errorf("an auditor of one organisation checks all: %v", err)
		}
		all := actor("administrator", "*", nil, app.ReadAudit)
		if _, err := u.Verify(ctx, all, []byte("a shopping list")); harbour.KindOf(err) != harbour.ErrInvalid || err == nil {
			t.Errorf("a witness of nothing: %v", err)
		}
		r, err := u.Verify(ctx, all, []byte(text))
		if err != nil || !r.Whole() || r.Witnessed != 3 {
			t.Errorf("Verify = %+v, %v", r, err)
		}
	})
}
