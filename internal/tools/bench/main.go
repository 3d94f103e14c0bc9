// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Command bench measures speed and size of the whole way from captures to the finished assessment, as ratios against
// other programs and limits in one run, and prints a table in Markdown.
//
//	go run ./internal/tools/bench           about 1.2 million packets, and the reference port at scale 1
//	go run ./internal/tools/bench -large    also 7 million packets and the reference port at scale 85
//	go run ./internal/tools/bench -quick    one short round, to see that everything works
//	go run ./internal/tools/bench -house    a server with a large port and twenty users, and nothing else
//
// What is measured and how is in docs/benchmarks.md. The captures are made by package mix into a cache folder and used
// again. Peers that are not installed are named in the table. The exit status is 1 if a floor is missed and 2 if the
// measurement failed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// options of a run.
type options struct {
	quick, large bool
	rounds       int
	cache        string
	seed         uint64
	house        houseOptions
}

func main() {
	var o options
	flag.BoolVar(&o.quick, "quick", false, "a short mix, one round")
	flag.BoolVar(&o.large, "large", false, "also the large mix and the reference port at scale 85")
	flag.IntVar(&o.rounds, "rounds", 0, "rounds of each pair (default 3, with -quick 1)")
	flag.StringVar(&o.cache, "cache", "", "folder for generated captures (default in the user's cache folder)")
	flag.Uint64Var(&o.seed, "seed", 1, "seed of the mix")
	flag.BoolVar(&o.house.on, "house", false, "measure a server with a large port and twenty users, and nothing else")
	flag.StringVar(&o.house.engine, "engine", "both", "with -house: sqlite, postgres or both")
	flag.StringVar(&o.house.program, "program", "", "with -house: the program to measure, instead of one that is built now")
	flag.DurationVar(&o.house.walk, "walk", time.Minute, "with -house: how long the users ask")
	flag.Float64Var(&o.house.beside, "beside", 0, "with -house: also measure while a new organisation's evidence is imported, the reference port at this scale (85 is about 100,000 assets)")
	child := flag.String("child", "", "used by the program itself: walk, mix, allocs or events, in a process of its own")
	shares := flag.Bool("shares", false, "print the table of the mix and stop")
	flag.Parse()
	if *shares {
		printShares(os.Stdout)
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if *child != "" {
		exit(runChild(*child, flag.Args()))
		return
	}
	if o.rounds == 0 {
		o.rounds = 3
		if o.quick {
			o.rounds = 1
		}
	}
	missed, err := run(ctx, &o)
	if err == nil && missed > 0 {
		fmt.Fprintf(os.Stderr, "bench: %d floors missed\n", missed)
		stop()
		os.Exit(1)
	}
	exit(err)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
}

// runChild does what needs a process of its own.
func runChild(what string, args []string) error {
	switch {
	case what == "walk" && len(args) == 1:
		return walk(args[0])
	case what == "mix" && len(args) == 3:
		return makeMix(args)
	case what == "allocs" && len(args) == 0:
		return allocations(os.Stdout)
	case what == "events" && len(args) == 2:
		return events(context.Background(), os.Stdout, args[0], args[1])
	}
	return errors.New("wrong use of -child")
}

// run measures everything and prints the report. It returns how many floors were missed.
func run(ctx context.Context, o *options) (missed int, err error) {
	b, err := newBench(ctx, o)
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(b.tmp)
	var r report
	r.machine(o)
	if o.house.on {
		o.house.small = o.quick
		if err := b.house(&r); err != nil {
			return 0, err
		}
		r.print(os.Stdout)
		return r.missed(), nil
	}
	small, sliced := size{"OT small", 1_200_000}, int64(500_000)
	if o.quick {
		small, sliced = size{"quick", 300_000}, 50_000
	}
	if err := b.compare(&r, small, sliced); err != nil {
		return 0, err
	}
	if err := b.steady(&r); err != nil {
		return 0, err
	}
	if err := b.bus(&r); err != nil {
		return 0, err
	}
	if o.large {
		if err := b.compare(&r, size{"OT large", 7_000_000}, 0); err != nil {
			return 0, err
		}
	}
	if err := b.port(&r, 1, 10, o.rounds); err != nil {
		return 0, err
	}
	if o.large {
		if err := b.port(&r, 85, 0, 1); err != nil {
			return 0, err
		}
	}
	r.print(os.Stdout)
	return r.missed(), nil
}

// bench is what a run works with.
type bench struct {
	ctx        context.Context
	o          *options
	self       string // this program
	breakwater string
	tmp        string
	cache      string
}

// profile is what releases are optimised by; "make build" gives it to the compiler too.
const profile = "cmd/breakwater/release.pgo"

// newBench builds the program to be measured.
func newBench(ctx context.Context, o *options) (*bench, error) {
	b := &bench{ctx: ctx, o: o, cache: o.cache}
	var err error
	if b.self, err = os.Executable(); err != nil {
		return nil, err
	}
	if b.cache == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			dir = os.TempDir()
		}
		b.cache = filepath.Join(dir, "breakwater-bench")
	}
	if err := os.MkdirAll(b.cache, 0o755); err != nil {
		return nil, err
	}
	if b.tmp, err = os.MkdirTemp(b.cache, "run-"); err != nil {
		return nil, err
	}
	if b.breakwater = o.house.program; b.breakwater != "" {
		return b, nil
	}
	b.breakwater = filepath.Join(b.tmp, "breakwater")
	note("building the program")
	if _, err := b.command("go", "build", "-trimpath", "-pgo", profile, "-o", b.breakwater, "./cmd/breakwater"); err != nil {
		os.RemoveAll(b.tmp)
		return nil, err
	}
	return b, nil
}

// note tells what is going on, beside the report.
func note(format string, args ...any) { fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...) }
