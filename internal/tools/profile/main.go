// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Command profile makes the profile that the compiler optimises releases by (profile-guided optimisation,
// https://go.dev/doc/pgo): it assesses generated captures and the reference port again and again, and notes where the
// time goes. "make build" and the benchmark hand it to the compiler. It is not named default.pgo: every build while working
// on the program would then compile all libraries a second time.
//
//	go run ./internal/tools/profile
//
// It is made anew when the way from packets to the page has changed much; an old one costs speed and nothing else. Only
// names of functions and lines within them are kept, no paths of the machine it was made on. The seeds differ from those
// of the benchmark, so that the program is not tuned to the very packets that it is measured with.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"

	"breakwater/app/assess"
	"breakwater/internal/tools/bench/mix"
	"breakwater/sim"

	"github.com/google/pprof/profile"
)

func main() {
	out := flag.String("o", "cmd/breakwater/release.pgo", "file to write")
	rounds := flag.Int("rounds", 12, "how often each input is assessed")
	flag.Parse()
	if err := run(*out, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "profile:", err)
		os.Exit(1)
	}
}

func run(out string, rounds int) error {
	dir, err := os.MkdirTemp("", "breakwater-profile-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	inputs, err := generate(dir)
	if err != nil {
		return err
	}
	debug.SetMemoryLimit(assess.DefaultMemory * 9 / 10)
	debug.SetGCPercent(400) // as the program itself does
	runtime.GOMAXPROCS(1)
	var b bytes.Buffer
	if err := pprof.StartCPUProfile(&b); err != nil {
		return err
	}
	for range rounds {
		for _, in := range inputs {
			o := assess.Options{Paths: []string{in}, Out: filepath.Join(dir, "out"), Memory: assess.DefaultMemory, Replace: true}
			if _, err := assess.Run(context.Background(), o); err != nil {
				pprof.StopCPUProfile()
				return err
			}
		}
	}
	pprof.StopCPUProfile()
	p, err := profile.Parse(&b)
	if err != nil {
		return err
	}
	strip(p)
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	if err := p.Write(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// generate writes what is assessed: two mixes, one of them of many hosts that say little, and the reference port.
func generate(dir string) (inputs []string, err error) {
	for i, o := range []mix.Options{{Seed: 4711, Packets: 600_000}, {Seed: 4712, Packets: 300_000, Hosts: 4}} {
		path := filepath.Join(dir, fmt.Sprintf("mix-%d.pcap", i))
		f, err := os.Create(path)
		if err != nil {
			return nil, err
		}
		_, err = mix.Write(f, o)
		if e := f.Close(); err == nil {
			err = e
		}
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, path)
	}
	port := filepath.Join(dir, "port")
	if _, err := sim.Write(context.Background(), port, sim.Options{Seed: 4713, Scale: 3}, nil); err != nil {
		return nil, err
	}
	return append(inputs, port), nil
}

// strip takes out what the compiler does not read: addresses, paths and labels.
func strip(p *profile.Profile) {
	p.Mapping, p.Comments, p.TimeNanos = nil, nil, 0
	for _, l := range p.Location {
		l.Mapping, l.Address = nil, 0
	}
	for _, f := range p.Function {
		f.Filename = ""
	}
	for _, s := range p.Sample {
		s.Label, s.NumLabel, s.NumUnit = nil, nil, nil
	}
}
