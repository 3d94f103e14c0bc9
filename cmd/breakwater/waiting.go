// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"breakwater/api"
	"breakwater/app"
	"breakwater/app/health"
	"breakwater/cmd/breakwater/notify"
	"breakwater/harbour"
	"breakwater/web"
)

// letGo is how long another program that holds the database is waited for: PostgreSQL needs a moment to notice that a program was
// killed, and about a minute where its machine is gone (see the keepalive in package store).
const letGo = 90 * time.Second

// gate is what listens from the start on: it says what is waited for until the house is open, and is the house's handler then.
// It is safe for concurrent use.
type gate struct {
	log          *slog.Logger
	again, letGo time.Duration

	mu      sync.Mutex
	open    http.Handler
	waiting http.Handler
	why     error // what is waited for
}

// newGate makes a gate that is closed.
func newGate(log *slog.Logger, secure bool) (*gate, error) {
	g := &gate{log: log, again: 2 * time.Second, letGo: letGo, why: &harbour.Error{Kind: harbour.ErrUnavailable, Op: "serve", Message: "the server is starting", Hint: "try again in a moment"}}
	pages, err := web.Waiting(&app.Core{Log: log, Clock: time.Now, Version: fullVersion()}, secure, g.reason)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	mux.HandleFunc(api.Prefix, func(w http.ResponseWriter, r *http.Request) {
		r = r.Clone(r.Context())
		r.Header.Set("Accept", "application/json") // programs are answered as they are by the API
		pages.ServeHTTP(w, r)
	})
	alive(mux)
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		p := health.Part{Name: "database"}
		var why *harbour.Error
		if errors.As(g.reason(), &why) {
			p.Message, p.Hint = why.Message, why.Hint
		}
		writeState(w, health.State{At: harbour.At(time.Now()), Parts: []health.Part{p}, Disk: health.Disk{Free: -1, Days: -1}})
	})
	g.waiting = hardened(mux, secure)
	return g, nil
}

// ServeHTTP implements http.Handler.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	h := g.open
	if h == nil {
		h = g.waiting
	}
	g.mu.Unlock()
	h.ServeHTTP(w, r)
}

func (g *gate) reason() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.why
}

// opened has requests answered by the house from now on.
func (g *gate) opened(h http.Handler) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = h
}

// wait opens the house, again and again while it is the database server, or a full disk, that keeps it closed. It gives up on a database that another
// program holds that is held for long, and returns nil for both where ctx ended meanwhile.
func (g *gate) wait(ctx context.Context, database string, open func(context.Context) (*house, error)) (*house, error) {
	var taken time.Time
	for {
		h, err := open(ctx)
		var e *harbour.Error
		if err == nil || !errors.As(err, &e) || e.Op != "open database" {
			return h, err
		}
		switch server := strings.Contains(database, "://"); {
		case e.Kind == harbour.ErrFull:
		case server && e.Kind == harbour.ErrUnavailable:
			taken = time.Time{}
		case server && e.Kind == harbour.ErrConflict:
			if taken.IsZero() {
				taken = time.Now()
			}
			if time.Since(taken) > g.letGo {
				return nil, err
			}
		default:
			return h, err
		}
		g.say(e)
		select {
		case <-ctx.Done():
			return nil, nil
		case <-time.After(g.again):
		}
	}
}

// say notes what is waited for, and logs it where it is new.
func (g *gate) say(e *harbour.Error) {
	kind, hint := harbour.ErrUnavailable, "check that it runs and can be reached: the server goes on by itself when it is back. What was acknowledged before is kept"
	switch e.Kind {
	case harbour.ErrFull:
		kind, hint = e.Kind, "free some space: the server goes on by itself when there is room. Nothing was left half-written"
	case harbour.ErrConflict:
		hint = "it may have been stopped or killed a moment ago, which is waited for; else stop the other breakwater, or give this one its own database"
	}
	// Each time anew: the service manager is to give up on a start that hangs, not on one that waits.
	if _, err := notify.Send("STATUS=waiting: "+e.Message, "EXTEND_TIMEOUT_USEC=60000000"); err != nil {
		g.log.Warn("the service manager cannot be told", slog.Any("error", err))
	}
	now := &harbour.Error{Kind: kind, Op: "serve", Message: e.Message, Hint: hint, Err: e}
	g.mu.Lock()
	var before *harbour.Error
	known := errors.As(g.why, &before) && before.Message == now.Message
	g.why = now
	g.mu.Unlock()
	if known {
		return
	}
	g.log.Warn("waiting for the database", slog.String("why", e.Message), slog.Any("error", e.Err), slog.String("hint", hint))
}
