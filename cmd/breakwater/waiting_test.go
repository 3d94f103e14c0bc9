// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"breakwater/app/health"
	"breakwater/harbour"
	"breakwater/internal/testpostgres"
)

// TestServeWaits starts a server whose database is away. It says so at every address, with what to do, goes on by itself when the
// database is there, and again after the database was cut off or did not say a word.
func TestServeWaits(t *testing.T) {
	way := testpostgres.WayTo(t, testpostgres.URL(t))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	ctx, cancel := context.WithCancel(context.Background())
	log := &lockedBuffer{}
	status := make(chan int, 1)
	go func() {
		status <- run(ctx, []string{"serve", "--listen", address, "--data", filepath.Join(t.TempDir(), "data"), "--database", way.URL}, streams{io.Discard, log, false})
	}()
	stopped := false
	defer func() {
		if cancel(); !stopped {
			<-status
		}
	}()
	client := &http.Client{Timeout: 8 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	get := func(path string) (int, string, http.Header) {
		r, err := http.NewRequest(http.MethodGet, "http://"+address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(path, "/api/") {
			r.Header.Set("Authorization", "Bearer bwt_nobody")
		}
		a, err := client.Do(r)
		if err != nil {
			return 0, err.Error(), nil
		}
		defer a.Body.Close()
		b, err := io.ReadAll(a.Body)
		if err != nil {
			t.Error(err)
		}
		return a.StatusCode, string(b), a.Header
	}
	until := func(path string, code int, says string) {
		t.Helper()
		var got int
		var body string
		for limit := time.Now().Add(time.Minute); time.Now().Before(limit); time.Sleep(50 * time.Millisecond) {
			if got, body, _ = get(path); got == code && strings.Contains(body, says) {
				return
			}
		}
		t.Fatalf("%s: %d, want %d and %q\n%s\n%s", path, got, code, says, body, log)
	}
	away := func() {
		t.Helper()
		until("/set-up", http.StatusServiceUnavailable, "The database does not answer.")
		until("/api/v1/skerry/assets", http.StatusServiceUnavailable, "")
		until("/healthz", http.StatusOK, "ok")
		until("/readyz", http.StatusServiceUnavailable, "the database does not answer")
	}
	away()
	code, body, h := get("/o/skerry/assets?q=crane")
	if code != http.StatusServiceUnavailable || h.Get("Retry-After") == "" || !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") ||
		!strings.Contains(body, "Check that it runs and can be reached") || !strings.Contains(body, `href="/o/skerry/assets?q=crane"`) || strings.Contains(body, way.URL) {
		t.Errorf("%d %v\n%s", code, h, body)
	}
	if _, body, h := get("/api/v1/skerry/assets"); h.Get("Content-Type") != "application/problem+json" || !strings.Contains(body, "does not answer") {
		t.Errorf("a program is answered %v %s", h, body)
	}
	_, body, _ = get("/readyz")
	var s health.State
	if err := json.Unmarshal([]byte(body), &s); err != nil || s.Ready || len(s.Parts) != 1 || s.Parts[0].OK || s.Parts[0].Hint == "" {
		t.Errorf("%s: %+v, %v", body, s, err)
	}
	if n := strings.Count(log.String(), "waiting for the database"); n != 1 {
		t.Errorf("the log says %d times that it waits\n%s", n, log)
	}
	there := func() {
		t.Helper()
		until("/set-up", http.StatusOK, "One-time token")
		until("/api/v1/skerry/assets", http.StatusUnauthorized, "")
		until("/readyz", http.StatusOK, "")
	}
	way.Open(t)
	there()
	way.Cut()
	away()
	way.Open(t)
	there()
	way.Block()
	away()
	way.Open(t)
	there()
	cancel()
	if n := <-status; n != 0 {
		t.Errorf("stopped with %d: %s", n, log)
	}
	stopped = true
}

// TestGateWaits wants a server to wait for a database that is away, or whose disk is full, for as long as it takes, for one that another program holds for a
// while, and for nothing else.
func TestGateWaits(t *testing.T) {
	g, err := newGate(slog.New(slog.DiscardHandler), false)
	if err != nil {
		t.Fatal(err)
	}
	g.again, g.letGo = time.Millisecond, 20*time.Millisecond
	const server, file = "postgres://localhost/bw", "data/breakwater.db"
	fault := func(kind harbour.ErrorKind, op string) error {
		return &harbour.Error{Kind: kind, Op: op, Message: "no", Hint: "do"}
	}
	for name, tt := range map[string]struct {
		database string
		first    error // of the first thirty tries
		opens    bool
	}{
		"away":                    {server, fault(harbour.ErrUnavailable, "open database"), true},
		"held by another":         {server, fault(harbour.ErrConflict, "open database"), false},
		"made by a newer program": {server, fault(harbour.ErrConflict, "bring the database up to date"), false},
		"a wrong password":        {server, fault(harbour.ErrInternal, "open database"), false},
		"the vault is away":       {server, fault(harbour.ErrUnavailable, "open the vault"), false},
		"a full disk":             {file, fault(harbour.ErrFull, "open database"), true},
		"a file":                  {file, fault(harbour.ErrUnavailable, "open database"), false},
	} {
		n := 0
		h, err := g.wait(context.Background(), tt.database, func(context.Context) (*house, error) {
			if n++; n <= 30 {
				return nil, tt.first
			}
			return &house{}, nil
		})
		if (h != nil) != tt.opens || (err == nil) != tt.opens {
			t.Errorf("%s: %v, %v after %d tries", name, h, err, n)
		}
		if harbour.KindOf(tt.first) != harbour.ErrConflict && !tt.opens && n != 1 {
			t.Errorf("%s: tried %d times", name, n)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	h, err := g.wait(ctx, server, func(context.Context) (*house, error) {
		cancel()
		return nil, fault(harbour.ErrUnavailable, "open database")
	})
	if h != nil || err != nil {
		t.Errorf("stopped while it waits: %v, %v", h, err)
	}
}
