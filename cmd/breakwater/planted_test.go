// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"breakwater/app/assess"
	"breakwater/harbour"
	"breakwater/sim"
)

// planted is the list that lies beside a reference port.
type planted struct {
	Planted []struct {
		Kind, Rule, Explanation string
		Subjects                []string
	}
	Decoys []struct {
		Kind     string
		Subjects []string
		WhyRight string `json:"why_right"`
	}
}

func readLines[T any](t *testing.T, path string) (list []T) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(b) {
		var v T
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		list = append(list, v)
	}
	return list
}

// assessPort writes a reference port, assesses it, and returns the list of what was planted, the findings, and for each
// asset id the words by which it is known.
func assessPort(t *testing.T, o sim.Options) (planted, []harbour.Finding, map[string][]string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "skerry")
	if _, err := sim.Write(context.Background(), dir, o, nil); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	r, err := assess.Run(context.Background(), assess.Options{Paths: []string{dir}, Out: out})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Unread) > 0 {
		t.Errorf("evidence that could not be read: %v", r.Unread)
	}
	var p planted
	b, err := os.ReadFile(dir + ".planted.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &p); err != nil {
		t.Fatal(err)
	}
	known := map[string][]string{}
	for _, a := range readLines[harbour.Asset](t, filepath.Join(out, "assets.jsonl")) {
		words := append([]string{strings.ToLower(a.Name)}, a.Keys...)
		for _, i := range a.Interfaces {
			words = append(append(words, i.MAC), i.IPs...)
		}
		known[a.ID] = words
	}
	return p, readLines[harbour.Finding](t, filepath.Join(out, "findings.jsonl")), known
}

// about says whether a finding has a subject that one of the words names.
func about(f harbour.Finding, known map[string][]string, subjects []string) bool {
	for _, id := range f.Subjects {
		for _, s := range subjects {
			if slices.Contains(known[id], strings.ToLower(s)) {
				return true
			}
		}
	}
	return false
}

// TestPlantedTruths wants everything that was planted found, on many seeds.
func TestPlantedTruths(t *testing.T) {
	seeds := 20
	if testing.Short() || raced {
		seeds = 2
	}
	for seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", 101+seed), func(t *testing.T) {
			p, findings, known := assessPort(t, sim.Options{Seed: uint64(101 + seed), Scale: 1})
			if len(p.Planted) < len(sim.PlantKinds) {
				t.Errorf("%d things planted, want at least one of each of %d kinds", len(p.Planted), len(sim.PlantKinds))
			}
			for _, x := range p.Planted {
				if !slices.ContainsFunc(findings, func(f harbour.Finding) bool { return f.Rule == x.Rule && about(f, known, x.Subjects) }) {
					t.Errorf("not found: %s (%s) on %v: %s", x.Kind, x.Rule, x.Subjects, x.Explanation)
				}
			}
			reportFalse(t, p, findings, known)
		})
	}
}

// reportFalse wants every finding of a planted rule to be about something planted.
func reportFalse(t *testing.T, p planted, findings []harbour.Finding, known map[string][]string) {
	t.Helper()
	var subjects []string
	for _, x := range p.Planted {
		subjects = append(subjects, x.Subjects...)
	}
	for _, f := range findings {
		if plantRule(f.Rule) && !about(f, known, subjects) {
			t.Errorf("found without having been planted: %s: %s", f.Rule, f.Explanation)
		}
	}
}

func plantRule(rule string) bool {
	return slices.ContainsFunc(sim.PlantKinds, func(k sim.PlantKind) bool { return k.Rule == rule })
}

// TestNothingPlanted wants no finding of those kinds in a port that is in order, its decoys included.
func TestNothingPlanted(t *testing.T) {
	seeds := []uint64{1, 2, 3}
	if raced {
		seeds = seeds[:1]
	}
	for _, seed := range seeds {
		p, findings, _ := assessPort(t, sim.Options{Seed: seed, Scale: 1, Plant: []string{}})
		if len(p.Decoys) == 0 {
			t.Error("there are no decoys: the test proves nothing")
		}
		for _, f := range findings {
			if plantRule(f.Rule) {
				t.Errorf("seed %d: %s: %s", seed, f.Rule, f.Explanation)
			}
		}
	}
}

// TestSameBytes wants the same lists and page whatever the order of paths, the number of workers and the memory.
func TestSameBytes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "skerry")
	if _, err := sim.Write(context.Background(), dir, sim.Options{Seed: 5, Scale: 0.5}, nil); err != nil {
		t.Fatal(err)
	}
	var paths []string
	filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			paths = append(paths, p)
		}
		return err
	})
	var first map[string][]byte
	for _, o := range []assess.Options{
		{Paths: []string{dir}, Workers: 1},
		{Paths: []string{dir}, Workers: 2},
		{Paths: paths, Workers: 2, Memory: 1 << 30},
		{Paths: reversed(paths), Workers: 4},
	} {
		o.Out = t.TempDir()
		r, err := assess.Run(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string][]byte{}
		for _, name := range r.Written {
			if got[name], err = os.ReadFile(filepath.Join(o.Out, name)); err != nil {
				t.Fatal(err)
			}
		}
		if first == nil {
			first = got
			continue
		}
		for name, b := range first {
			if !bytes.Equal(b, got[name]) {
				t.Errorf("%s differs with %d workers, memory %d, %d paths", name, o.Workers, o.Memory, len(o.Paths))
			}
		}
	}
}

func reversed(s []string) []string {
	r := slices.Clone(s)
	slices.Reverse(r)
	return r
}
