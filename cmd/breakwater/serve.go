// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"breakwater/cmd/breakwater/config"
	"breakwater/cmd/breakwater/logging"
	"breakwater/cmd/breakwater/notify"
	"breakwater/harbour"
)

type serveCommand struct {
	config.Config
	Demo  bool    `help:"Show the reference port, a fictional one, with a person for each role. Everything is forgotten at the end."`
	Scale float64 `help:"Size of the reference port: 1 is about 1,200 assets." default:"1"`
}

func (c *serveCommand) place() place { return place{c.Place} }

// own says whether the database is the file in the data folder.
func (c *serveCommand) own() bool { return c.place().own() }

// drainFor is how long requests that run may take to end when the program stops.
const drainFor = 10 * time.Second

// Run opens the house and serves it until it is interrupted.
func (c *serveCommand) Run(ctx context.Context, s streams) (err error) {
	if c.Demo {
		return c.demo(ctx, s)
	}
	kept := logging.New(s.err, logging.Options{Log: c.Log, Dir: filepath.Join(c.Data, "log")})
	defer func() { err = errors.Join(err, kept.Close()) }()
	log := kept.Logger
	log.Info("starting", slog.String("version", fullVersion()))
	doors := doorsOf(c.Config)
	door, err := doors.open(c.Listen, c.Data, log)
	if err != nil {
		return err
	}
	defer door.listener.Close()
	scrapes, metricsToken, err := door.metricsDoor(c.Metrics)
	if err != nil {
		return err
	}
	if scrapes != nil {
		defer scrapes.Close()
	}
	signIn, closers, err := doors.access(door)
	if err != nil {
		return err
	}
	gate, err := newGate(log, door.secure())
	if err != nil {
		return err
	}
	serving := serveAside(ctx, door.listener, gate, log)
	defer serving.end()
	database, err := c.place().url()
	if err != nil {
		return err
	}
	h, err := gate.wait(ctx, database, func(ctx context.Context) (*house, error) {
		return openHouse(ctx, places{place: c.place(), Secure: door.secure(), Access: signIn, BackupDays: c.Watch.BackupDays, Backups: c.Backup}, log)
	})
	if err != nil || h == nil {
		for _, fn := range closers {
			err = errors.Join(err, fn())
		}
		return err
	}
	h.closers, h.authority = append(closers, h.closers...), door.authority
	defer func() {
		serving.end() // requests that run end before what they need
		err = errors.Join(err, h.close())
	}()
	if err := h.openWork(ctx, c.Data, brokerOf(c.Config)); err != nil {
		return err
	}
	handler, err := h.handler()
	if err != nil {
		return err
	}
	token, until, err := h.access.OfferSetUp(ctx)
	if err != nil {
		return err
	}
	h.start(ctx)
	h.openControl()
	if scrapes != nil {
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", h.metrics.Handler())
		h.beside(scrapes, guarded(metricsToken, mux), log)
	}
	gate.opened(handler) // before anybody is told where it is
	if door.authority != nil && door.authority.Status().Own {
		fmt.Fprintf(s.out, "Its certificate is of a local authority. Install %s in browsers after comparing its SHA-256 fingerprint:\n\n    %s\n\n", filepath.Join(c.Data, "tls", "ca.pem"), door.authority.Status().CA)
	}
	if token != "" {
		fmt.Fprintf(s.out, "Nobody can sign in yet. Set it up at %s/set-up with this one-time token (good until %s):\n\n    %s\n\n", door.base, until.UTC().Format("2006-01-02 15:04 MST"), token)
	}
	fmt.Fprintf(s.out, "Breakwater is at %s/. Press Ctrl-C to stop.\n", door.base)
	h.tend(ctx)
	return serving.wait()
}

// aside is a server of pages that runs beside what opens the house.
type aside struct {
	stop context.CancelFunc
	done chan struct{}
	err  error // once done is closed
}

// serveAside begins to serve.
func serveAside(ctx context.Context, l net.Listener, handler http.Handler, log *slog.Logger) *aside {
	ctx, stop := context.WithCancel(ctx)
	a := &aside{stop: stop, done: make(chan struct{})}
	go func() {
		defer close(a.done)
		a.err = serveUntil(ctx, l, handler, log)
	}()
	return a
}

// wait returns when the server has ended.
func (a *aside) wait() error {
	<-a.done
	return a.err
}

// end lets running requests finish; what went wrong is for those who wait.
func (a *aside) end() {
	a.stop()
	<-a.done
}

// serverSays puts what the HTTP server has to say into the log: it names addresses, so it is no message but an attribute.
type serverSays struct{ log *slog.Logger }

// Write implements io.Writer.
func (s serverSays) Write(b []byte) (int, error) {
	s.log.Warn("the HTTP server says", slog.String("says", strings.TrimSpace(string(b))))
	return len(b), nil
}

// newLog is the log of commands that people run.
func newLog(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

// serveUntil serves until the context ends, then lets running requests finish.
func serveUntil(ctx context.Context, l net.Listener, handler http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: stdlog.New(serverSays{log}, "", 0),
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	select {
	case <-ctx.Done():
	case err := <-done:
		return &harbour.Error{Kind: harbour.ErrInternal, Op: "serve", Message: "serving stopped", Err: err}
	}
	log.Info("stopping")
	if _, err := notify.Send("STOPPING=1", "STATUS=letting requests end"); err != nil {
		log.Warn("the service manager cannot be told", slog.Any("error", err))
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainFor)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		log.Warn("requests were cut off", slog.Any("error", err))
		return server.Close()
	}
	return nil
}
