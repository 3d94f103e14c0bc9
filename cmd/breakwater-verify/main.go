// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Command breakwater-verify checks an evidence pack of Breakwater: who signed it, that nothing in it was changed, added or
// taken out, that its entries are in the audit log, and what each statement rests on. It needs the pack alone, no network and
// no Breakwater, and is made of the standard library and package evidencepack.
//
//	breakwater-verify PACK.zip [--key FINGERPRINT] [--checkpoint FILE] [--all]
//
// It ends with 0 where all holds, 1 where something does not, 2 where it was used wrongly or the file is no pack.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"breakwater/exchange/evidencepack"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// most is how many objects are told without --all.
const most = 40

func run(args []string, out, problems io.Writer) int {
	flags := flag.NewFlagSet("breakwater-verify", flag.ContinueOnError)
	flags.SetOutput(problems)
	key := flags.String("key", "", "`fingerprint` of the key that must have signed, as the port publishes it")
	checkpoint := flags.String("checkpoint", "", "`file` of a checkpoint of the audit log that somebody kept")
	all := flags.Bool("all", false, "tell of every object what it rests on")
	flags.Usage = func() {
		fmt.Fprintln(problems, "breakwater-verify PACK.zip [--key FINGERPRINT] [--checkpoint FILE] [--all]")
		flags.PrintDefaults()
	}
	// The pack may stand before the flags or behind them.
	var packs []string
	for rest := args; ; {
		if err := flags.Parse(rest); err != nil {
			return 2
		}
		if rest = flags.Args(); len(rest) == 0 {
			break
		}
		packs, rest = append(packs, rest[0]), rest[1:]
	}
	if len(packs) != 1 {
		flags.Usage()
		return 2
	}
	wrong := func(err error) int {
		fmt.Fprintln(problems, "breakwater-verify:", err)
		return 2
	}
	o := evidencepack.Options{Key: *key}
	if *checkpoint != "" {
		b, err := os.ReadFile(*checkpoint)
		if err != nil {
			return wrong(err)
		}
		w, err := evidencepack.ParseWitness(b)
		if err != nil {
			return wrong(fmt.Errorf("%s: %w", *checkpoint, err))
		}
		o.Witness = &w
	}
	f, err := os.Open(packs[0])
	if err != nil {
		return wrong(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return wrong(fmt.Errorf("%s is no file", packs[0]))
	}
	r := evidencepack.Verify(f, info.Size(), o)
	told := most
	if *all {
		told = 0
	}
	if err := r.Write(out, told); err != nil {
		return wrong(err)
	}
	switch {
	case r.Unreadable:
		return 2
	case !r.Whole():
		return 1
	}
	return 0
}
