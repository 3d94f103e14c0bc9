// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/harbour"
	"breakwater/store"
)

// Newcomer adds an organisation that has nothing yet, and somebody who may give it evidence. As [Users], it opens the database,
// which no other program may have open.
func Newcomer(ctx context.Context, url string) (u User, err error) {
	db, err := store.Open(ctx, store.Options{URL: url})
	if err != nil {
		return u, err
	}
	defer db.Close()
	id := app.NewID("p-")
	u = User{Role: access.ChiefSecurity, Org: app.NewID("new-")}
	err = write(ctx, db, 1, func(ctx context.Context, tx *store.Tx, _ int) error {
		if err := tx.AddOrganisation(ctx, store.Organisation{ID: u.Org, Name: "Newcomer " + u.Org}); err != nil {
			return err
		}
		if err := tx.PutPerson(ctx, store.Person{ID: id, Login: id, Name: "Newcomer", State: access.Active}); err != nil {
			return err
		}
		if err := tx.PutGrants(ctx, id, "local", []store.Grant{{Person: id, Source: "local", Role: u.Role, Org: u.Org, Sites: "*"}}); err != nil {
			return err
		}
		return u.addToken(ctx, tx, id, u.Org, harbour.At(time.Now().Add(12*time.Hour)))
	})
	return u, err
}

// Import gives all files of a folder as evidence, waits until what they say is in the inventory, and says how many assets that
// makes.
func Import(ctx context.Context, base string, u User, dir string) (assets int, err error) {
	err = filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		return u.ask(ctx, http.MethodPost, base, "evidence?name="+url.QueryEscape(e.Name()), f, nil)
	})
	if err != nil {
		return 0, err
	}
	var jobs struct {
		Items []struct{ Kind, State, Problem string }
	}
	for idle := 0; idle < 3; { // one job may ask for the next
		if err := u.ask(ctx, http.MethodGet, base, "jobs?limit=200&state=waiting&state=running", nil, &jobs); err != nil {
			return 0, err
		}
		if idle++; len(jobs.Items) > 0 {
			idle = 0
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
	if err := u.ask(ctx, http.MethodGet, base, "jobs?limit=10&state=failed", nil, &jobs); err != nil {
		return 0, err
	}
	if len(jobs.Items) > 0 {
		return 0, fmt.Errorf("a job failed: %+v", jobs.Items[0])
	}
	var list struct{ Total int }
	err = u.ask(ctx, http.MethodGet, base, "assets?limit=1", nil, &list)
	return list.Total, err
}

func (u *User) ask(ctx context.Context, method, base, path string, body io.Reader, answer any) error {
	r, err := http.NewRequestWithContext(ctx, method, base+"/api/v1/"+u.Org+"/"+path, body)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+u.Token)
	if body != nil {
		r.Header.Set("Content-Type", "application/octet-stream")
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		return err
	}
	if a.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: %s: %.300s", method, path, a.Status, b)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(b, answer)
}
