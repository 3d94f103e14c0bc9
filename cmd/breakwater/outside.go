// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io/fs"
	stdlog "log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/pprof"
	"strings"
	"time"

	"breakwater/app/health"
	"breakwater/bus"
	"breakwater/cmd/breakwater/config"
	"breakwater/cmd/breakwater/metrics"
	"breakwater/harbour"
	"breakwater/store"
)

// measure makes the metrics of the house. What is counted from the first write on is told to them by observers that were
// given when the house was opened.
func (h *house) measure() {
	src := metrics.Sources{
		Version: version, Revision: revision(), DB: h.core.DB, Vault: h.vault.Usage, Health: h.watch().State,
		Full: h.access.Full, Backup: func() (health.Backup, error) { return health.LastBackup(h.data) },
	}
	if h.backups != nil {
		src.Backups = h.backups
	}
	if h.bus != nil {
		src.Bus = func(ctx context.Context) bus.State { return h.bus.State(ctx) }
	}
	if h.jobs != nil {
		src.Jobs = h.jobs.State
	}
	if h.authority != nil {
		src.Certificate = func() time.Time { return h.authority.Status().Until }
	}
	h.metrics.Ask(src)
}

// observer tells metrics of what happens in the database.
func observer(m *metrics.Metrics) *store.Observer {
	return &store.Observer{Read: m.ReadFor, Write: m.Wrote, Audit: m.Audited}
}

// metricsDoor opens the listener at which Prometheus may ask; nil where none is wanted.
func (e *entranceOf) metricsDoor(c config.Metrics) (net.Listener, []byte, error) {
	if c.Listen == "" {
		return nil, nil, nil
	}
	var token []byte
	if c.TokenFile != "" {
		b, err := readBounded(c.TokenFile)
		if err != nil {
			return nil, nil, err
		}
		line, _, _ := bytes.Cut(b, []byte("\n"))
		if token = bytes.TrimSpace(line); len(token) < 16 {
			return nil, nil, wrongUse("serve", "the token in "+c.TokenFile+" is too short", "write at least 16 random characters into its first line: openssl rand -hex 32", nil)
		}
	}
	open := config.Loopback(c.Listen)
	if token == nil && !open {
		return nil, nil, wrongUse("serve", "metrics would be open to everybody on the network", "name a file with a token with --metrics-token, or listen at 127.0.0.1", nil)
	}
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, nil, &harbour.Error{Kind: harbour.ErrConflict, Op: "serve", Message: "the address " + c.Listen + " for metrics cannot be listened at", Hint: "another program may have it: choose another with --metrics-listen", Err: err}
	}
	if !open {
		if e.authority == nil {
			l.Close()
			return nil, nil, wrongUse("serve", "metrics would cross the network in the clear", "serve the pages by TLS too (--tls), or listen at 127.0.0.1", nil)
		}
		l = tls.NewListener(l, e.authority.TLSConfig())
	}
	return l, token, nil
}

// guarded lets those in who show the token; nil lets everybody in.
func guarded(token []byte, next http.Handler) http.Handler {
	if token == nil {
		return next
	}
	want := sha256.Sum256(token)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if got := sha256.Sum256([]byte(given)); !ok || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "the token of metrics.token_file is wanted", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// beside serves a handler beside the pages until the house is closed.
func (h *house) beside(l net.Listener, handler http.Handler, log *slog.Logger) {
	s := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: stdlog.New(serverSays{log}, "", 0)}
	h.running.Go(func() {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("serving beside the pages stopped", slog.Any("error", err))
		}
	})
	h.closers = append(h.closers, s.Close)
	h.beforeWait = append(h.beforeWait, func() { s.Close() })
}

// openControl listens at a socket in the data folder: whoever may open that, may ask how the server does. Where it cannot
// be made (a path that is too long for sockets), the server works without.
func (h *house) openControl() {
	path := controlSocket(h.data)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		h.core.Log.Warn("the control socket of an earlier server cannot be removed", slog.Any("error", err))
	}
	l, err := net.Listen("unix", path)
	if err == nil {
		err = os.Chmod(path, 0o600)
	}
	if err != nil {
		h.core.Log.Warn("commands cannot ask this server how it does", slog.Any("error", err))
		return
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", h.metrics.Handler())
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(h.watch().State(r.Context()))
	})
	mux.HandleFunc("GET /goroutines", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_ = pprof.Lookup("goroutine").WriteTo(w, 1) // functions and lines, and no arguments
	})
	h.beside(l, mux, h.core.Log)
}
