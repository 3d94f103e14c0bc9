// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/app/access"
)

// TestPrograms goes the way of a program through the whole house: a token that a person made, evidence given by it, the
// job that reads it, the inventory built of it, and a webhook that tells of it.
func TestPrograms(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	h, err := openHouse(ctx, at(dir), slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err == nil {
		err = h.openWork(ctx, dir, brokerPlace{})
	}
	if err != nil {
		t.Fatal(err)
	}
	handler, err := h.handler()
	if err != nil {
		t.Fatal(err)
	}
	h.start(ctx)
	t.Cleanup(func() {
		if err := h.close(); err != nil {
			t.Error(err)
		}
	})
	from := access.RequestInfo{Address: netip.MustParseAddr("127.0.0.1")}
	once, _, err := h.access.OfferSetUp(ctx)
	if err != nil {
		t.Fatal(err)
	}
	in, err := h.access.SetUp(ctx, once, access.FirstRun{
		Organisation: "Skerry", OrganisationID: "skerry", Site: "North quay", SiteID: "north", TimeZone: "Europe/Oslo", Jurisdiction: "NO",
		Login: "anna", Name: "Anna", Email: "anna@skerry.example", Password: "nine lighthouses at dawn",
	}, from)
	if err != nil {
		t.Fatal(err)
	}
	by, err := h.access.Authenticate(ctx, in.Cookie, from)
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := h.access.AddToken(ctx, by, access.NewToken{
		Label: "inventory", Org: "*", Expires: time.Now().Add(time.Hour),
		Actions: []app.Action{app.ReadAssets, app.ReadFindings, app.ImportEvidence, app.ReadJobs, app.ManageWebhooks, app.ManageSystem},
	})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(method, path, body string, want int, v any) {
		t.Helper()
		r := httptest.NewRequestWithContext(ctx, method, "http://127.0.0.1:8440/api/v1/"+path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != want {
			t.Fatalf("%s %s = %d, want %d: %s", method, path, w.Code, want, w.Body)
		}
		if v != nil {
			if err := json.Unmarshal(w.Body.Bytes(), v); err != nil {
				t.Fatal(err)
			}
		}
	}
	events := make(chan string, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var e struct{ Type string }
		if json.NewDecoder(r.Body).Decode(&e) == nil {
			events <- e.Type
		}
	}))
	t.Cleanup(receiver.Close)
	ask("PUT", "outlet-networks", `{"prefixes":["127.0.0.0/8"]}`, 204, nil)
	ask("POST", "skerry/outlets", `{"kind":"webhook","name":"here","target":"`+receiver.URL+`","events":["generation.published"]}`, 201, nil)

	var given struct{ Job string }
	ask("POST", "skerry/evidence?name=assets.csv&site=north", "name,ip,mac,vendor,model\nCrane PLC,10.1.2.3,00:1b:1b:00:00:01,Siemens,S7-1500\n", 201, &given)
	deadline, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	select {
	case e := <-events:
		if e != "generation.published" {
			t.Errorf("the first event is %s", e)
		}
	case <-deadline.Done():
		t.Fatal("no event came")
	}
	var job struct{ State, Message string }
	if ask("GET", "skerry/jobs/"+given.Job, "", 200, &job); job.State != "done" {
		t.Errorf("the job that reads it is %+v", job)
	}
	var list struct {
		Items []struct{ Name, Vendor string }
	}
	if ask("GET", "skerry/assets?text=crane", "", 200, &list); len(list.Items) != 1 || list.Items[0].Vendor != "Siemens" {
		t.Errorf("the assets are %+v", list.Items)
	}
	// The token does what it was made for and nothing else.
	ask("GET", "skerry/overview", "", 403, nil)
	ask("GET", "holm/assets", "", 404, nil)
	if err := h.access.RevokeToken(ctx, by, mustToken(t, h, by)); err != nil {
		t.Fatal(err)
	}
	ask("GET", "skerry/assets", "", 401, nil)
}

func mustToken(t *testing.T, h *house, by *app.Actor) string {
	t.Helper()
	list, err := h.access.Tokens(context.Background(), by)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d tokens, %v", len(list), err)
	}
	return list[0].ID
}
