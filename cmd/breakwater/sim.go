// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strings"

	"breakwater/app/assess"
	"breakwater/harbour"
	"breakwater/sim"
)

type simCommand struct {
	Dir   string  `arg:"" help:"Folder to write, empty or not there yet. The list of what was planted is written beside it." type:"path"`
	Seed  uint64  `help:"Seed; the same seed and scale give the same bytes." default:"1"`
	Scale float64 `help:"Size: 1 is about 1,200 assets." default:"1"`
	Plant string  `help:"What to plant: all, none, or kinds separated by commas." default:"all" placeholder:"LIST"`
	Quiet bool    `short:"q" help:"No progress and no summary."`
}

// Run writes the reference port.
func (c *simCommand) Run(ctx context.Context, s streams) error {
	plant, err := plantKinds(c.Plant)
	if err != nil {
		return err
	}
	bar := newProgress(s)
	r, err := sim.Write(ctx, c.Dir, sim.Options{Seed: c.Seed, Scale: c.Scale, Plant: plant}, func(done, total int64, what string) {
		if !c.Quiet {
			bar.update(assess.Progress{Step: "writing " + what, Done: done})
		}
	})
	bar.clear()
	if err != nil {
		return err
	}
	if !c.Quiet {
		fmt.Fprintf(s.out, "%s: %v\n", c.Dir, r)
	}
	return nil
}

// plantKinds reads the list of kinds: nil is all, empty is none.
func plantKinds(list string) ([]string, error) {
	switch list {
	case "all":
		return nil, nil
	case "none", "":
		return []string{}, nil
	}
	known := map[string]bool{}
	var names []string
	for _, k := range sim.PlantKinds {
		known[k.Name] = true
		names = append(names, k.Name)
	}
	kinds := strings.Split(list, ",")
	for i, k := range kinds {
		kinds[i] = strings.TrimSpace(k)
		if !known[kinds[i]] {
			return nil, &harbour.Error{Kind: harbour.ErrUsage, Op: "sim", Message: fmt.Sprintf("there is nothing called %q to plant", k), Hint: "all, none, or some of " + strings.Join(names, ", ")}
		}
	}
	return kinds, nil
}
