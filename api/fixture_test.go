// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/app/assets"
	"breakwater/app/evidence"
	"breakwater/app/findings"
	"breakwater/app/imports"
	"breakwater/app/jobs"
	"breakwater/app/outlets"
	"breakwater/app/overview"
	"breakwater/app/traffic"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/storetest"
	"breakwater/store/vault"
)

// house is an installation of two organisations: skerry, whose people ask, and holm, of which nothing may show.
type house struct {
	*server
	t     testing.TB
	core  *app.Core
	vault *vault.Vault
	now   time.Time
}

// foreign occurs in everything of the organisation holm.
const foreign = "zzforeign"

// The people of the house, by their tokens.
const (
	northGuard = "north"    // facility security officer of the site north
	contact    = "contact"  // of the supplier konecranes
	root       = "root"     // administrator of the installation
	stranger   = "stranger" // has a role in holm alone
)

func newHouse(t testing.TB) *house {
	t.Helper()
	db := storetest.Open(t)
	h := &house{t: t, now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)}
	v, err := vault.Open(t.TempDir(), vault.KeySource{File: filepath.Join(t.TempDir(), "key")}, vault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	h.vault = v
	h.core = &app.Core{DB: db, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Clock: func() time.Time { return h.now }}
	for _, o := range []struct{ id, mark string }{{"skerry", ""}, {"holm", foreign}} {
		storetest.Organisation(t, db, o.id, strings.TrimSpace("Port "+o.id+" "+o.mark))
		for _, s := range []string{"north", "south"} {
			h.write(func(ctx context.Context, tx *store.Tx) error {
				return tx.PutSite(ctx, store.Site{Org: o.id, ID: s + o.mark, Name: "Quay " + s + o.mark, TimeZone: "Europe/Oslo", Jurisdiction: "NO"})
			})
		}
		h.publish(o.id, o.mark, 12)
		h.give(o.id, o.mark)
		h.write(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.AddJob(ctx, store.Job{Org: o.id, ID: "j" + o.mark + "-002", Kind: "imports.read", Title: "Read " + o.mark, MadeBy: "p-x"}); err != nil {
				return err
			}
			_, _, err := tx.StartJob(ctx, o.id, "j"+o.mark+"-002")
			return err
		})
		h.write(func(ctx context.Context, tx *store.Tx) error {
			return tx.PutOutlet(ctx, store.Outlet{Org: o.id, ID: "o" + o.mark + "-002", Kind: outlets.Webhook, Name: "to " + o.mark, Target: "https://127.0.0.1:1/" + o.mark, Events: "*", Options: "{}", Secret: []byte{}, State: store.OutletPaused})
		})
	}
	h.server = h.build(nil)
	return h
}

// build makes the API with changed options.
func (h *house) build(change func(*Options)) *server {
	h.t.Helper()
	o := Options{
		Evidence: evidence.New(h.core, h.vault), Outlets: outlets.New(h.core, h.vault, outlets.Options{}),
		Core: h.core, Token: h.token, Rate: 1e6, Burst: 1e6,
		Assets: assets.New(h.core, nil), Findings: findings.New(h.core, access.Table{}), Overview: overview.New(h.core), Traffic: traffic.New(h.core),
	}
	if change != nil {
		change(&o)
	}
	o.Jobs = jobs.New(h.core, nil) // nothing runs them here
	o.Jobs.HandleWith("imports.read", jobs.Kind{Again: app.ImportEvidence}, nil)
	for _, kind := range imports.Kinds() {
		o.Jobs.Handle(kind, func(context.Context, *jobs.Running) (string, error) { return "", nil })
	}
	var err error
	if o.Imports, err = imports.New(h.core, h.vault, o.Jobs, imports.Options{TempDir: h.t.TempDir()}); err != nil {
		h.t.Fatal(err)
	}
	s, err := build(o)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

func (h *house) write(fn func(ctx context.Context, tx *store.Tx) error) {
	h.t.Helper()
	err := h.core.DB.Write(context.Background(), store.People, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("test")
		return fn(ctx, tx)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// token takes the name of a role, or of a person above, for a token.
func (h *house) token(_ context.Context, secret, address, request string) (*app.Actor, error) {
	grant := app.Grant{Role: secret, Org: "skerry"}
	switch secret {
	case northGuard:
		grant.Role, grant.Limit = access.FacilitySecurity, &store.Limit{Sites: []string{"north"}}
	case contact, access.SupplierContact:
		grant.Role, grant.Limit = access.SupplierContact, &store.Limit{Supplier: "konecranes"}
	case root:
		grant.Role, grant.Org = access.Administrator, "*"
	case stranger:
		grant.Role, grant.Org = access.ChiefSecurity, "holm"
	}
	role := access.RoleByCode(grant.Role)
	if role == nil {
		return nil, &harbour.Error{Kind: harbour.ErrUnauthenticated, Op: "sign in", Message: "there is no such token"}
	}
	grant.Actions = map[app.Action]bool{}
	for _, a := range role.Actions() {
		grant.Actions[a] = true
	}
	return app.NewActor(app.Actor{Person: "p-" + secret, Name: "Person " + secret, Login: secret, Via: "token", Address: address, Request: request}, []app.Grant{grant}, h.core.Now), nil
}

// publish makes a small port the present state.
func (h *house) publish(org, mark string, n int) {
	h.t.Helper()
	ctx := context.Background()
	var list []*harbour.Asset
	var talks []*harbour.Conversation
	var acts []*harbour.Operation
	var found []*harbour.Finding
	kinds := []harbour.Kind{harbour.KindPLC, harbour.KindSwitch, harbour.KindCamera}
	for i := range n {
		list = append(list, &harbour.Asset{
			ID: fmt.Sprintf("a%s-%03d", mark, i), Name: fmt.Sprintf("Crane %d%s", i, mark), Domain: harbour.OT, Kind: kinds[i%3], Vendor: []string{"Siemens", "Hirschmann", "Axis, Inc."}[i%3],
			Site: []string{"north", "south"}[i%2] + mark, Supplier: []string{"", "konecranes"}[i/2%2], Zone: "z-crane" + mark, Observed: true, Declared: i%5 != 0,
			Interfaces: []harbour.Interface{{MAC: fmt.Sprintf("00:00:00:00:00:%02x", i), IPs: []string{fmt.Sprintf("10.0.0.%d", i)}}}, Keys: []string{fmt.Sprintf("mac:00:00:00:00:00:%02x", i), fmt.Sprintf("serial:%d", i)},
			FirstSeen: 1, LastSeen: harbour.Instant(100 + i), Hostnames: []string{}, Attributes: []harbour.Attribute{{Name: "vendor", Value: "x", Count: 1}},
		})
	}
	for i := range n - 1 {
		talks = append(talks, &harbour.Conversation{Client: list[i].ID, Server: list[i+1].ID, ClientIP: "10.0.0.1", ServerIP: "10.0.0.2", Protocol: "modbus" + mark, Transport: "tcp", Port: 502, Packets: 5, Bytes: int64(i), LastSeen: harbour.Instant(i + 1), Verdict: harbour.VerdictUndocumented})
		acts = append(acts, &harbour.Operation{Client: list[i].ID, Server: list[i+1].ID, Protocol: "modbus" + mark, Verb: harbour.VerbRead, Name: "read_holding_registers", Count: 3, LastSeen: harbour.Instant(i + 1)})
	}
	for i := range n / 2 {
		found = append(found, &harbour.Finding{ID: fmt.Sprintf("f%s-%03d", mark, i), Rule: "undeclared_asset" + mark, Severity: []harbour.Severity{harbour.SeverityHigh, harbour.SeverityLow}[i%2], Title: fmt.Sprintf("=Asset %d%s is not declared", i, mark), Subjects: []string{list[i].ID}, Status: harbour.FindingOpen})
	}
	at := func(id string) *harbour.Asset {
		i := slices.IndexFunc(list, func(a *harbour.Asset) bool { return a.ID == id })
		return list[i]
	}
	st, err := h.core.DB.Stage(ctx, org)
	if err != nil {
		h.t.Fatal(err)
	}
	zone := func(id string) (string, string) { return at(id).Site, at(id).Zone }
	for _, step := range []func() error{
		func() error {
			return st.Findings(ctx, slices.Values(found), func(id string) (string, string) { return at(id).Site, at(id).Supplier })
		},
		func() error { return st.Assets(ctx, slices.Values(list)) },
		func() error { return st.Conversations(ctx, slices.Values(talks), zone) },
		func() error { return st.Operations(ctx, slices.Values(acts), zone) },
		func() error {
			return st.Zones(ctx, []harbour.Zone{{ID: "z-crane" + mark, Name: "Cranes" + mark}}, []harbour.ConduitUse{{ID: "c-1" + mark, From: "z-crane" + mark, To: "z-it" + mark}})
		},
		func() error {
			_, err := st.Publish(ctx, "test "+mark, &harbour.Summary{Port: org}, store.Entry{Actor: "system", Action: "publish", ObjectKind: "generation", Object: fmt.Sprint(st.Generation())})
			return err
		},
	} {
		if err := step(); err != nil {
			h.t.Fatal(err)
		}
	}
}

// give puts an evidence of the north into the vault.
func (h *house) give(org, mark string) {
	h.t.Helper()
	text := "a capture of " + org + mark
	info, err := h.vault.Put(h.t.Context(), strings.NewReader(text), vault.PutOptions{})
	if err != nil {
		h.t.Fatal(err)
	}
	h.write(func(ctx context.Context, tx *store.Tx) error {
		v := store.EvidenceRow{Site: "north" + mark, Name: "ship`s \"côte\"\r\n.pcap" + mark, State: store.EvidenceRead, ReceivedBy: "p-x"}
		v.ID, v.Kind, v.SHA256, v.Bytes, v.Path = "e"+mark+"-002", harbour.EvidencePacket, info.SHA256, int64(len(text)), "/secret/place"
		if err := tx.PutEvidence(ctx, org, v); err != nil {
			return err
		}
		return tx.AddCustody(ctx, org, v.ID, store.Custody{Who: "Anna", Act: "received"})
	})
}

// ask sends a request with a token; pairs of header follow.
func (h *house) ask(token, method, path, body string, header ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	return h.askOf(h.server, token, method, path, body, header...)
}

func (h *house) askOf(to http.Handler, token, method, path, body string, header ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	var b io.Reader
	if body != "" {
		b = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, path, b)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	to.ServeHTTP(w, r)
	return w
}

// get reads into v and fails the test where the answer is not 200.
func (h *house) get(token, path string, v any) *httptest.ResponseRecorder {
	h.t.Helper()
	w := h.ask(token, "GET", path, "")
	if w.Code != 200 {
		h.t.Fatalf("GET %s = %d, want 200: %s", path, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), v); err != nil {
		h.t.Fatalf("GET %s: %v", path, err)
	}
	return w
}

func problemIn(t testing.TB, w *httptest.ResponseRecorder) (p Problem) {
	t.Helper()
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("Content-Type = %q, want application/problem+json: %s", got, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if p.Status != w.Code {
		t.Errorf("status in the problem = %d, want %d", p.Status, w.Code)
	}
	return p
}
