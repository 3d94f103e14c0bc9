// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"breakwater/app/health"
)

// TestHealth asks a house how it does, also after its database went.
func TestHealth(t *testing.T) {
	ctx := context.Background()
	h, err := openHouse(ctx, at(filepath.Join(t.TempDir(), "data")), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	open := true
	t.Cleanup(func() {
		if open {
			h.close()
		}
	})
	handler, err := h.handler()
	if err != nil {
		t.Fatal(err)
	}
	ask := func(path string) (int, health.State) {
		t.Helper()
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		var s health.State
		if path == "/readyz" {
			if err := json.Unmarshal(w.Body.Bytes(), &s); err != nil {
				t.Fatalf("%v: %s", err, w.Body)
			}
		}
		return w.Code, s
	}
	if code, _ := ask("/healthz"); code != http.StatusOK {
		t.Errorf("/healthz: %d", code)
	}
	// A test machine may have a full disk: the database is what this is about.
	if _, s := ask("/readyz"); len(s.Parts) != 5 || !s.Parts[0].OK {
		t.Errorf("/readyz: %+v", s)
	}
	open = false
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	if code, s := ask("/readyz"); code != http.StatusServiceUnavailable || s.Ready || s.Parts[0].Hint == "" {
		t.Errorf("/readyz without a database: %d %+v", code, s)
	}
	if code, _ := ask("/healthz"); code != http.StatusOK {
		t.Errorf("/healthz without a database: %d", code)
	}
}
