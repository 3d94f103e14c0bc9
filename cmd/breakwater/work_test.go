// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/cmd/breakwater/config"
	"breakwater/cmd/breakwater/logging"
	"breakwater/harbour"
	"breakwater/store"
)

// working opens a server's parts without its pages.
func working(t *testing.T, dir string) *house {
	t.Helper()
	return workingWith(t, dir, slog.New(slog.DiscardHandler))
}

// logTo is a server's log, in full.
func logTo(w io.Writer, data string) *slog.Logger {
	return logging.New(w, logging.Options{Log: config.Log{Format: "json", Level: "debug", Keep: 1}, Dir: filepath.Join(data, "log")}).Logger
}

// settled waits until no job is open.
func settled(t *testing.T, h *house) {
	t.Helper()
	for limit := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		list, err := h.core.DB.OpenJobs(context.Background())
		if err != nil || time.Now().After(limit) {
			t.Fatalf("%d jobs are open, %v", len(list), err)
		}
		if len(list) == 0 {
			return
		}
	}
}

func workingWith(t *testing.T, dir string, log *slog.Logger) *house {
	t.Helper()
	ctx := context.Background()
	h, err := openHouse(ctx, at(dir), log)
	if err == nil {
		err = h.openWork(ctx, dir, brokerPlace{})
	}
	if err != nil {
		t.Fatal(err)
	}
	h.start(ctx)
	t.Cleanup(func() {
		if err := h.close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// TestWork gives evidence to a running server, and wants it read and the inventory built by jobs over the broker.
func TestWork(t *testing.T) {
	ctx := context.Background()
	dir := newData(t, "")
	h := working(t, dir)
	by := app.System("test")
	given, err := h.imports.Give(ctx, by, "skerry", "", "assets.csv", strings.NewReader("name,ip,mac,vendor,model\nCrane PLC,10.1.2.3,00:1b:1b:00:00:01,Siemens,S7-1500\n"))
	if err != nil {
		t.Fatal(err)
	}
	wait := func() (list []store.Job) {
		for {
			page, err := h.jobs.List(ctx, by, "skerry", store.JobQuery{})
			if err != nil {
				t.Fatal(err)
			}
			list = page.Items
			open := len(list) < 2 // reading it, and building
			for _, j := range list {
				open = open || !j.Ended()
			}
			if !open {
				return list
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	for _, j := range wait() {
		if j.State != store.JobDone {
			t.Errorf("%s: %s %s", j.Title, j.State, j.Message)
		}
	}
	row, err := h.core.DB.In(store.WholeOrganisation("skerry")).EvidenceByID(ctx, given.ID)
	if err != nil || row.State != store.EvidenceRead {
		t.Errorf("evidence %+v, %v", row, err)
	}
	sum, _, err := h.core.DB.In(store.WholeOrganisation("skerry")).Summary(ctx)
	if err != nil || sum.Counts["assets"] != 1 {
		t.Errorf("summary %+v, %v", sum, err)
	}
}

func TestBrokerPlace(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	o, err := brokerPlace{}.options("data", log)
	if err != nil || o.Dir != filepath.Join("data", "bus") || o.URL != "" {
		t.Errorf("embedded: %+v, %v", o, err)
	}
	o, err = brokerPlace{URL: "nats://x", Credentials: "f"}.options("data", log)
	if err != nil || o.Dir != "" || o.URL != "nats://x" || o.Credentials != "f" || o.TLS != nil {
		t.Errorf("external: %+v, %v", o, err)
	}
	none := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(none, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, ca := range []string{none, none + ".missing"} {
		if _, err := (brokerPlace{URL: "nats://x", CA: ca}).options("data", log); harbour.KindOf(err) != harbour.ErrUsage {
			t.Errorf("authorities in %s: %v", ca, err)
		}
	}
}

// TestServedEvidence wants a server that does work to have its pages of evidence: they need what opens the vault.
func TestServedEvidence(t *testing.T) {
	h := working(t, newData(t, ""))
	pages, err := h.handler()
	if err != nil {
		t.Fatal(err)
	}
	if h.pages.Evidence == nil || h.pages.Imports == nil || h.pages.Access == nil || h.pages.Evidence.TempDir == "" {
		t.Fatalf("pages are made of %+v", h.pages)
	}
	unset := map[string]string{
		"Authenticate": "for tests of pages alone", "Backups": "the settings of this server name no folder", "Secure": "served without TLS here", "Rate": "as usual", "Burst": "as usual",
	}
	for v, i := reflect.ValueOf(h.pages), 0; i < v.NumField(); i++ {
		if name := v.Type().Field(i).Name; v.Field(i).IsZero() && unset[name] == "" {
			t.Errorf("the pages are served without %s", name)
		}
	}
	for _, page := range []string{"evidence", "jobs", "settings/outlets", "settings/audit", "settings/backup"} {
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/o/skerry/"+page, nil))
		if w.Code == http.StatusNotFound {
			t.Errorf("there is no page %s", page)
		}
	}
}
