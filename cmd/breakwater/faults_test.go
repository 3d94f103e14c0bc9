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
	"strings"
	"testing"
	"time"

	"breakwater/app/access/authority"
	"breakwater/app/health"
	"breakwater/cmd/breakwater/config"
)

// TestReadyzCertificate wants a certificate that is about to end, and one that has ended, to be said at /readyz.
func TestReadyzCertificate(t *testing.T) {
	for name, tt := range map[string]struct {
		left      time.Duration
		attention bool
	}{"a year": {365 * 24 * time.Hour, false}, "a week": {7 * 24 * time.Hour, true}, "over": {-time.Minute, true}} {
		cert, key := pairOf(t, "localhost", time.Now().Add(tt.left))
		h, err := openHouse(context.Background(), at(filepath.Join(t.TempDir(), "data")), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if h.authority, err = authority.Open(authority.Options{Cert: cert, Key: key, Log: slog.New(slog.DiscardHandler)}); err != nil {
			t.Fatal(err)
		}
		handler, err := h.handler()
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		var s health.State
		if err := json.Unmarshal(w.Body.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		found := false
		for _, p := range s.Parts {
			if p.Name == "certificate" {
				found = p.OK && p.Attention == tt.attention && (p.Hint != "") == tt.attention
			}
		}
		if !found {
			t.Errorf("%s left: %+v", name, s.Parts)
		}
		if err := h.close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCheckDisk asks a prober whose disk is nearly full, and one whose disk is not.
func TestCheckDisk(t *testing.T) {
	for free, want := range map[int64]string{1 << 20: "it is nearly full", 5 << 30: "that is little for captures", 1 << 40: ""} {
		p := &prober{config: config.Config{Place: config.Place{Data: t.TempDir()}}, now: time.Now, free: func(string) (int64, error) { return free, nil }}
		p.folder()
		said := ""
		for _, x := range p.problems {
			if strings.Contains(x.Message, "are free on the disk") {
				said = x.Message + x.Hint
			}
		}
		if want == "" && said != "" || !strings.Contains(said, want) {
			t.Errorf("%d bytes free: %q, want %q", free, said, want)
		}
	}
}
