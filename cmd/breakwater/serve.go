// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"breakwater/harbour"
)

type serveCommand struct {
	Data     string      `help:"Folder of the database, the vault and keys." default:"data" placeholder:"DIR" env:"BREAKWATER_DATA"`
	Database string      `help:"Database: a file, or postgres://…; the file breakwater.db in the data folder otherwise." placeholder:"URL" env:"BREAKWATER_DATABASE"`
	Broker   brokerPlace `embed:""`
	Demo     bool        `help:"Show the reference port, a fictional one, with a person for each role. Everything is forgotten at the end."`
	Scale    float64     `help:"Size of the reference port: 1 is about 1,200 assets." default:"1"`
	Listen   string      `help:"Address to serve at. Without a certificate it must be a loopback address." default:"127.0.0.1:8440" placeholder:"ADDR" env:"BREAKWATER_LISTEN"`
	TLSCert  string      `name:"tls-cert" help:"Certificate, with those that lead to its authority, in PEM form." placeholder:"FILE" env:"BREAKWATER_TLS_CERT"`
	TLSKey   string      `name:"tls-key" help:"Key of the certificate, in PEM form." placeholder:"FILE" env:"BREAKWATER_TLS_KEY"`
	LogJSON  bool        `name:"log-json" help:"Write the log as JSON, a line for each event." env:"BREAKWATER_LOG_JSON"`
}

// drainFor is how long requests that run may take to end when the program stops.
const drainFor = 10 * time.Second

// Run opens the house and serves it until it is interrupted.
func (c *serveCommand) Run(ctx context.Context, s streams) (err error) {
	if c.Demo {
		return c.demo(ctx, s)
	}
	l, scheme, err := c.listen()
	if err != nil {
		return err
	}
	defer l.Close()
	h, err := openHouse(ctx, places{Data: c.Data, Database: c.Database, Secure: scheme == "https"}, newLog(s.err, c.LogJSON))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	if err := h.openWork(ctx, c.Data, c.Broker); err != nil {
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
	if token != "" {
		fmt.Fprintf(s.out, "Nobody can sign in yet. Set it up at %s://%s/set-up with this one-time token (good until %s):\n\n    %s\n\n", scheme, l.Addr(), until.UTC().Format("2006-01-02 15:04 MST"), token)
	}
	fmt.Fprintf(s.out, "Breakwater is at %s://%s/. Press Ctrl-C to stop.\n", scheme, l.Addr())
	return serveUntil(ctx, l, handler, h.core.Log)
}

func newLog(w io.Writer, asJSON bool) *slog.Logger {
	if asJSON {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

// listen opens the address, with TLS where a certificate is given.
func (c *serveCommand) listen() (l net.Listener, scheme string, err error) {
	secure := c.TLSCert != "" || c.TLSKey != ""
	addr, err := net.ResolveTCPAddr("tcp", c.Listen)
	if err != nil {
		return nil, "", &harbour.Error{Kind: harbour.ErrUsage, Op: "serve", Message: "the address to listen at is not one", Hint: "give it as 127.0.0.1:8440", Err: err}
	}
	if !secure && !addr.IP.IsLoopback() {
		return nil, "", &harbour.Error{Kind: harbour.ErrUsage, Op: "serve", Message: "without a certificate pages are served on the loopback address alone: passwords would cross the network in the clear", Hint: "give --tls-cert and --tls-key, or listen at 127.0.0.1:8440"}
	}
	if l, err = net.ListenTCP("tcp", addr); err != nil {
		return nil, "", &harbour.Error{Kind: harbour.ErrConflict, Op: "serve", Message: "the address " + c.Listen + " cannot be listened at", Hint: "another program may have it: choose another with --listen", Err: err}
	}
	if !secure {
		return l, "http", nil
	}
	cert, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		l.Close()
		return nil, "", &harbour.Error{Kind: harbour.ErrInvalid, Op: "serve", Message: "the certificate and its key do not go together, or cannot be read", Hint: "both in PEM form, the key without a passphrase", Err: err}
	}
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}), "https", nil
}

// serveUntil serves until the context ends, then lets running requests finish.
func serveUntil(ctx context.Context, l net.Listener, handler http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	select {
	case <-ctx.Done():
	case err := <-done:
		return &harbour.Error{Kind: harbour.ErrInternal, Op: "serve", Message: "serving stopped", Err: err}
	}
	log.Info("stopping")
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainFor)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		log.Warn("requests were cut off", slog.Any("error", err))
		return server.Close()
	}
	return nil
}
