// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"breakwater/app/evidence"
	"breakwater/app/imports"
	"breakwater/app/jobs"
	"breakwater/bus"
	"breakwater/cmd/breakwater/config"
	"breakwater/harbour"
)

// brokerPlace says where an external broker is; without a URL it is the embedded one.
type brokerPlace struct {
	URL         string // "" for the embedded one
	Credentials string // file
	CA          string // file
}

// brokerOf is the broker that settings ask for.
func brokerOf(c config.Config) brokerPlace {
	return brokerPlace{URL: c.NATS.URL, Credentials: c.NATS.Credentials, CA: c.NATS.CA}
}

func (p brokerPlace) options(data string, log *slog.Logger) (o bus.Options, err error) {
	o = bus.Options{URL: p.URL, Credentials: p.Credentials, Log: log}
	if p.URL == "" {
		o.Dir = filepath.Join(data, "bus")
	}
	if p.CA == "" {
		return o, nil
	}
	b, err := os.ReadFile(p.CA)
	o.TLS = &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	if err != nil || !o.TLS.RootCAs.AppendCertsFromPEM(b) {
		return o, &harbour.Error{Kind: harbour.ErrUsage, Op: "open the broker", Message: "there is no certificate in " + p.CA, Hint: "give the authorities of the NATS server in PEM form", Err: err}
	}
	return o, nil
}

// openWork opens the broker and what does jobs. They begin with start.
func (h *house) openWork(ctx context.Context, data string, p brokerPlace) error {
	o, err := p.options(data, h.core.Log)
	if err != nil {
		return err
	}
	if h.bus, err = bus.Open(ctx, o); err != nil {
		return err
	}
	h.closers = append(h.closers, h.bus.Close)
	h.jobs = jobs.New(h.core, h.bus)
	if h.imports, err = imports.New(h.core, h.vault, h.jobs, imports.Options{TempDir: filepath.Join(data, "temp"), Observe: h.metrics.Evidence}); err != nil {
		return err
	}
	h.pages.Evidence.Jobs = h.jobs
	h.jobs.Handle(evidence.JobPack, func(ctx context.Context, r *jobs.Running) (string, error) {
		return h.pages.Evidence.Work(ctx, r.Job(), r.Tell)
	})
	h.pages.Documents.TempDir = filepath.Join(data, "temp", "imports")
	h.pages.Evidence.TempDir = filepath.Join(data, "temp", "imports") // what a killed program leaves there goes at the next start
	for _, kind := range imports.Kinds() {
		h.jobs.HandleWith(kind, jobs.Kind{Again: imports.Again(kind)}, func(ctx context.Context, r *jobs.Running) (string, error) {
			return h.imports.Work(ctx, r.Job(), r.Tell)
		})
	}
	return nil
}

// work does jobs until ctx ends. Where that cannot begin it is tried again: the pages say meanwhile what is the matter.
func (h *house) work(ctx context.Context) {
	for ctx.Err() == nil {
		err := h.jobs.Run(ctx)
		if ctx.Err() != nil {
			return
		}
		h.core.Log.Error("jobs are not done", slog.Any("error", err))
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Second):
		}
	}
}
