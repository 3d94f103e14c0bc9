// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"breakwater/cmd/breakwater/config"
)

// TestHeaders asks every part of a server, for what there is and for what there is not.
func TestHeaders(t *testing.T) {
	ctx := context.Background()
	for _, secure := range []bool{true, false} {
		data := filepath.Join(t.TempDir(), "data")
		h, err := openHouse(ctx, places{place: place{config.Place{Data: data}}, Secure: secure}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if err := h.openWork(ctx, data, brokerPlace{}); err != nil {
			t.Fatal(err)
		}
		handler, err := h.handler()
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []string{"GET /", "GET /sign-in", "GET /none", "GET /api/v1/self", "GET /api/v1/none", "GET /api/v1/reference", "GET /healthz", "GET /readyz", "TRACE /", "TRACE /api/v1/self", "GET /.git/config", "GET /static/"} {
			method, path, _ := strings.Cut(at, " ")
			r := httptest.NewRequest(method, path, nil)
			r.Header.Set("X-Marked", "come back to me")
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			hsts := w.Header().Get("Strict-Transport-Security")
			if want := "max-age=63072000; includeSubDomains"; secure && hsts != want || !secure && hsts != "" {
				t.Errorf("%s, TLS %v: HSTS %q", at, secure, hsts)
			}
			policy := w.Header().Get("Content-Security-Policy")
			for _, want := range []string{"default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} {
				if !strings.Contains(policy, want) {
					t.Errorf("%s: the policy %q lacks %s", at, policy, want)
				}
			}
			if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Referrer-Policy") == "" {
				t.Errorf("%s: headers %v", at, w.Header())
			}
			if strings.Contains(w.Body.String(), "come back to me") || method == "TRACE" && w.Code < 400 {
				t.Errorf("%s is answered %d with what was asked", at, w.Code)
			}
			if strings.Contains(path, ".git") && w.Code != 404 || path == "/static/" && w.Code == 200 {
				t.Errorf("%s is answered %d", at, w.Code)
			}
		}
		if err := h.close(); err != nil {
			t.Fatal(err)
		}
	}
}
