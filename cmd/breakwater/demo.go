// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"breakwater/app/assess"
	"breakwater/harbour"
	"breakwater/sim"
)

type demoCommand struct {
	Seed   uint64  `help:"Seed of the reference port." default:"1"`
	Scale  float64 `help:"Size: 1 is about 1,200 assets." default:"1"`
	Listen int     `help:"Port on the loopback address to serve at; 0 takes any free one." default:"8440" placeholder:"PORT"`
}

// Run writes the reference port into a temporary folder, assesses it and serves the result until it is interrupted.
func (c *demoCommand) Run(ctx context.Context, s streams) error {
	dir, err := os.MkdirTemp("", "breakwater-demo-")
	if err != nil {
		return &harbour.Error{Kind: harbour.ErrInternal, Op: "demo", Message: "no temporary folder", Err: err}
	}
	defer os.RemoveAll(dir)
	bar := newProgress(s)
	fmt.Fprintln(s.err, "Writing the evidence of the reference port Skerry (fictional) …")
	evidence, out := filepath.Join(dir, "skerry"), filepath.Join(dir, "assessment")
	if _, err := sim.Write(ctx, evidence, sim.Options{Seed: c.Seed, Scale: c.Scale}, nil); err != nil {
		return err
	}
	limitMemory(assess.DefaultMemory)
	start := time.Now()
	r, err := assess.Run(ctx, assess.Options{Paths: []string{evidence}, Out: out, Version: version, Progress: bar.update})
	bar.clear()
	if err != nil {
		return err
	}
	printSummary(s.err, r, out, time.Since(start))
	return serveFolder(ctx, s, out, c.Listen)
}

// serveFolder serves a finished assessment on the loopback address alone.
func serveFolder(ctx context.Context, s streams, dir string, port int) error {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return &harbour.Error{Kind: harbour.ErrConflict, Op: "demo", Message: fmt.Sprintf("port %d on the loopback address is taken", port), Hint: "choose another one with --listen, or 0 for any", Err: err}
	}
	files := http.FileServer(http.Dir(dir))
	server := &http.Server{
		ReadHeaderTimeout: 10 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Referrer-Policy", "no-referrer")
			if r.URL.Path == "/" {
				r.URL.Path = "/assessment.html"
			}
			files.ServeHTTP(w, r)
		}),
	}
	fmt.Fprintf(s.out, "The assessment of the reference port is at http://%s/ on this machine alone. Press Ctrl-C to stop.\n", l.Addr())
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	select {
	case <-ctx.Done():
		stop, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		return server.Shutdown(stop)
	case err := <-done:
		if errors.Is(err, http.ErrServerClosed) {
			return nil
		}
		return &harbour.Error{Kind: harbour.ErrInternal, Op: "demo", Message: "serving stopped", Err: err}
	}
}
