// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"breakwater/app"
	"breakwater/app/assess"
	"breakwater/cmd/breakwater/config"
	"breakwater/evidence"
	"breakwater/evidence/portfile"
	"breakwater/harbour"
	"breakwater/sim"
	"breakwater/store"
)

// demoOrganisation is who holds the evidence of the reference port.
const demoOrganisation = "skerry"

// demo writes the evidence of the reference port, loads it through the pipeline of a real port, and serves it on this
// machine alone. All of it lies in a temporary folder that goes at the end.
func (c *serveCommand) demo(ctx context.Context, s streams) (err error) {
	if doors := doorsOf(c.Config); !c.own() || doors.given() || brokerOf(c.Config) != (brokerPlace{}) {
		return &harbour.Error{Kind: harbour.ErrUsage, Op: "serve", Message: "the demonstration keeps nothing and is for this machine alone", Hint: "leave out --database, --nats, the certificate and what says how people sign in"}
	}
	l, err := loopback(c.Listen)
	if err != nil {
		return err
	}
	defer l.Close()
	dir, err := os.MkdirTemp("", "breakwater-demo-")
	if err != nil {
		return &harbour.Error{Kind: harbour.ErrInternal, Op: "serve", Message: "no temporary folder", Err: err}
	}
	defer os.RemoveAll(dir)
	at := places{place: place{config.Place{Data: filepath.Join(dir, "data")}}, Demo: true}
	h, err := openHouse(ctx, at, demoLog(s, c.Log.Format))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	if err := h.openWork(ctx, at.Data, brokerPlace{}); err != nil {
		return err
	}
	h.start(ctx)
	if err := h.loadSkerry(ctx, s, filepath.Join(dir, "skerry"), c.Scale); err != nil {
		return err
	}
	handler, err := h.handler()
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "The reference port Skerry, which is fictional, is at http://%s/ on this machine alone. Press Ctrl-C to stop.\n", l.Addr())
	return serveUntil(ctx, l, handler, h.core.Log)
}

// demoLog leaves out what operators of a real port want to know.
func demoLog(s streams, format string) *slog.Logger {
	if format == "json" {
		return slog.New(slog.NewJSONHandler(s.err, nil))
	}
	return slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelError}))
}

func loopback(address string) (net.Listener, error) {
	addr, err := net.ResolveTCPAddr("tcp", address)
	if err != nil || !addr.IP.IsLoopback() {
		return nil, &harbour.Error{Kind: harbour.ErrUsage, Op: "serve", Message: "the demonstration lets anybody in, and is shown on the loopback address alone", Hint: "listen at 127.0.0.1 with a port of your choice", Err: err}
	}
	l, err := net.ListenTCP("tcp", addr)
	if err != nil {
		return nil, &harbour.Error{Kind: harbour.ErrConflict, Op: "serve", Message: "the address " + address + " cannot be listened at", Hint: "another program may have it: choose another with --listen, as 127.0.0.1:8441", Err: err}
	}
	return l, nil
}

// loadSkerry writes the reference port's evidence into dir and gives it to the house.
func (h *house) loadSkerry(ctx context.Context, s streams, dir string, scale float64) error {
	fmt.Fprintln(s.err, "Writing the evidence of the reference port Skerry …")
	if _, err := sim.Write(ctx, dir, sim.Options{Seed: 1, Scale: scale}, nil); err != nil {
		return err
	}
	port, err := readPort(ctx, filepath.Join(dir, "port.yaml"))
	if err != nil {
		return err
	}
	if err := h.settleSkerry(ctx, port); err != nil {
		return err
	}
	files, err := filesUnder([]string{dir})
	if err != nil {
		return err
	}
	for _, path := range files {
		if err := h.give(ctx, path, filepath.Base(path)); err != nil {
			return err
		}
	}
	bar := newProgress(s)
	err = h.settled(ctx, demoOrganisation, func(step string, done, total int64) {
		bar.update(assess.Progress{Step: "reading evidence and building the inventory", Done: done, Total: total})
	})
	bar.clear()
	return err
}

// settleSkerry makes the organisation with its sites and people.
func (h *house) settleSkerry(ctx context.Context, port *harbour.Port) error {
	by := app.System("demonstration")
	err := h.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.AddOrganisation(ctx, store.Organisation{ID: demoOrganisation, Name: port.Name}); err != nil {
			return err
		}
		for _, x := range port.Sites {
			if err := tx.PutSite(ctx, store.Site{Org: demoOrganisation, ID: x.ID, Name: x.Name, TimeZone: x.TimeZone, Jurisdiction: x.Jurisdiction}); err != nil {
				return err
			}
		}
		return tx.Audit(ctx, by.Entry(demoOrganisation, app.ManageSystem, "organisation", demoOrganisation, port.Name))
	})
	if err != nil {
		return err
	}
	supplier := ""
	if len(port.Suppliers) > 0 {
		supplier = port.Suppliers[0].ID
	}
	return h.access.AddDemo(ctx, demoOrganisation, supplier)
}

func (h *house) give(ctx context.Context, path, name string) error {
	f, err := os.Open(path)
	if err != nil {
		return &harbour.Error{Kind: harbour.ErrInternal, Op: "load " + name, Message: "a file that was just written cannot be opened", Err: err}
	}
	defer f.Close()
	_, err = h.imports.Give(ctx, atCommandLine(), demoOrganisation, "", name, f)
	return err
}

// readPort reads a port file by itself.
func readPort(ctx context.Context, path string) (*harbour.Port, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	l := evidence.NewLedger(evidence.LimitsFor(8 << 20))
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if err := (portfile.Kind{}).Read(ctx, &evidence.Source{Path: path, Size: info.Size(), Reader: f, ReaderAt: f, Memory: 8 << 20}, l); err != nil {
		return nil, err
	}
	return l.Port, nil
}
