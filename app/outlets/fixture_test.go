// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package outlets

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/vault"
)

// port is an installation with two organisations and a clock that the test moves.
type port struct {
	*Outlets
	t     *testing.T
	core  *app.Core
	vault *vault.Vault
	roots *x509.CertPool
	cert  tls.Certificate

	mu  sync.Mutex
	now time.Time
}

func newPort(t *testing.T) *port {
	t.Helper()
	p := &port{t: t, now: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)}
	db, err := store.Open(t.Context(), store.Options{URL: filepath.Join(t.TempDir(), "test.db"), Clock: p.clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if p.vault, err = vault.Open(filepath.Join(t.TempDir(), "vault"), vault.KeySource{File: filepath.Join(t.TempDir(), "key")}, vault.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.vault.Close() })
	p.core = &app.Core{DB: db, Clock: p.clock, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Version: "1.2.3"}
	for _, org := range []string{"skerry", "holm"} {
		p.write(func(ctx context.Context, tx *store.Tx) error {
			return tx.AddOrganisation(ctx, store.Organisation{ID: org, Name: org})
		})
	}
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS()
	p.cert, p.roots = s.TLS.Certificates[0], x509.NewCertPool()
	p.roots.AddCert(s.Certificate())
	s.Close()
	p.restart()
	if err := p.Allow(t.Context(), app.System("test"), []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}); err != nil {
		t.Fatal(err)
	}
	p.follow() // from here on
	return p
}

// restart is what the program knows after it was stopped and started again.
func (p *port) restart() {
	p.Outlets = New(p.core, p.vault, Options{Roots: p.roots, Host: "bridge", Every: 10 * time.Millisecond})
}

func (p *port) clock() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

func (p *port) later(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = p.now.Add(d)
}

func (p *port) write(fn func(ctx context.Context, tx *store.Tx) error) {
	p.t.Helper()
	err := p.core.DB.Write(context.Background(), store.People, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("test")
		return fn(ctx, tx)
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// admin manages one organisation.
func (p *port) admin(org string) *app.Actor {
	g := app.Grant{Role: "administrator", Org: org, Actions: map[app.Action]bool{app.ManageWebhooks: true}}
	return app.NewActor(app.Actor{Person: "p-" + org, Name: "Anna", Via: "token"}, []app.Grant{g}, p.core.Now)
}

func (p *port) add(s Settings, password string) (id, secret string) {
	p.t.Helper()
	id, secret, err := p.Add(p.t.Context(), p.admin("skerry"), "skerry", s, password)
	if err != nil {
		p.t.Fatal(err)
	}
	return id, secret
}

func (p *port) outlet(id string) View {
	p.t.Helper()
	v, err := p.Get(p.t.Context(), p.admin("skerry"), "skerry", id)
	if err != nil {
		p.t.Fatal(err)
	}
	return v
}

func (p *port) follow() {
	p.t.Helper()
	for {
		n, err := p.Follow(p.t.Context())
		if err != nil {
			p.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

func (p *port) deliver() {
	p.t.Helper()
	if err := p.Deliver(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

// publish makes findings the present state.
func (p *port) publish(org string, findings ...*harbour.Finding) {
	p.t.Helper()
	ctx := p.t.Context()
	st, err := p.core.DB.Stage(ctx, org)
	if err != nil {
		p.t.Fatal(err)
	}
	e := store.Entry{Actor: "system", Action: string(app.ImportEvidence), ObjectKind: "inventory", Object: fmt.Sprint(st.Generation()), Reason: "a capture was read"}
	for _, step := range []func() error{
		func() error {
			return st.Findings(ctx, slices.Values(findings), func(string) (string, string) { return "", "" })
		},
		func() error {
			return st.Assets(ctx, slices.Values([]*harbour.Asset{{ID: "a-1", Name: "Crane 1", Domain: harbour.OT, Kind: harbour.KindPLC}}))
		},
		func() error { _, err := st.Publish(ctx, "test", &harbour.Summary{}, e); return err },
	} {
		if err := step(); err != nil {
			p.t.Fatal(err)
		}
	}
}

func finding(id string, s harbour.Severity, title string) *harbour.Finding {
	return &harbour.Finding{ID: id, Rule: "cleartext_login", Severity: s, Title: title, Explanation: "why", Action: "Do it.", Subjects: []string{"a-1"}, Status: harbour.FindingOpen}
}

// hook is a receiver of webhooks.
type hook struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	header http.Header // sent with the status
	fail   int         // from this request on the answer is 500; 0 for never
	got    []*http.Request
	bodies [][]byte
}

func (p *port) hook(secure bool) *hook {
	h := &hook{status: 204, header: http.Header{}}
	h.Server = httptest.NewUnstartedServer(h)
	if secure {
		h.TLS = &tls.Config{Certificates: []tls.Certificate{p.cert}}
		h.StartTLS()
	} else {
		h.Start()
	}
	p.t.Cleanup(h.Close)
	return h
}

func (h *hook) answer(status int, header ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status, h.header = status, http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.header.Set(header[i], header[i+1])
	}
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	h.got, h.bodies = append(h.got, r), append(h.bodies, body)
	for name, v := range h.header {
		w.Header()[name] = v
	}
	if h.fail > 0 && len(h.got) >= h.fail {
		w.WriteHeader(500)
		return
	}
	w.WriteHeader(h.status)
}

func (h *hook) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.got)
}
