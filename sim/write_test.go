// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"breakwater/harbour"
)

// hashes maps each file below dir to the hash of its bytes.
func hashes(t *testing.T, dir string) map[string][32]byte {
	t.Helper()
	m := map[string][32]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		m[name] = sha256.Sum256(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func write(t *testing.T, o Options) (dir string, r *Result) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "port")
	r, err := Write(context.Background(), dir, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	return dir, r
}

// plantedList is the file beside the folder.
type plantedList struct {
	Seed    uint64
	Scale   float64
	Planted []Planted
	Decoys  []Decoy
}

func readPlanted(t *testing.T, dir string) (l plantedList) {
	t.Helper()
	b, err := os.ReadFile(dir + ".planted.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &l); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestWriteIsReproducible(t *testing.T) {
	a, _ := write(t, Options{Seed: 3, Scale: 0.1})
	b, _ := write(t, Options{Seed: 3, Scale: 0.1})
	if diff := cmp.Diff(hashes(t, a), hashes(t, b)); diff != "" {
		t.Errorf("two runs with one seed differ:\n%s", diff)
	}
	x, err1 := os.ReadFile(a + ".planted.json")
	y, err2 := os.ReadFile(b + ".planted.json")
	if err := errors.Join(err1, err2); err != nil || !bytes.Equal(x, y) {
		t.Errorf("the lists of what was planted differ, or %v", err)
	}
	c, _ := write(t, Options{Seed: 4, Scale: 0.1})
	same, other := hashes(t, a), hashes(t, c)
	for name := range same {
		if same[name] == other[name] {
			t.Errorf("%s is the same for another seed", name)
		}
	}
}

func TestWriteSize(t *testing.T) {
	dir, r := write(t, Options{Seed: 1, Scale: 1})
	if r.Assets < 1100 || r.Assets > 1350 {
		t.Errorf("%d assets, want about 1200", r.Assets)
	}
	if r.Packets < 60_000 || r.Packets > 120_000 {
		t.Errorf("%d packets, want 60,000 to 120,000", r.Packets)
	}
	var got []string
	for name := range hashes(t, dir) {
		got = append(got, filepath.ToSlash(name))
	}
	slices.Sort(got)
	want := []string{
		"captures/ct-gate.pcap.gz", "captures/ct-quay.pcap", "captures/ct-yard.pcapng", "captures/hq-core.pcap", "captures/hq-floor.pcapng",
		"captures/power.pcap", "captures/roro.pcap", "captures/tank-access.pcap", "captures/tank-core.pcap", "captures/vts-access.pcap.gz",
		"inventory/container-terminal.xlsx", "inventory/corporate-it.csv", "inventory/ramps-and-traffic.csv", "inventory/security-systems.xlsx",
		"inventory/tank-terminal.csv", "port.yaml",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if l := readPlanted(t, dir); l.Seed != 1 || l.Scale != 1 || len(l.Planted) != r.Planted || len(l.Decoys) != r.Decoys {
		t.Errorf("the list beside the folder says seed %d, scale %v, %d planted, %d decoys; the result %v", l.Seed, l.Scale, len(l.Planted), len(l.Decoys), r)
	}
}

func TestEachKindCanBePlantedAlone(t *testing.T) {
	for _, k := range PlantKinds {
		t.Run(k.Name, func(t *testing.T) {
			for seed := range uint64(4) {
				w := newWorld(Options{Seed: seed, Scale: 0.02, Plant: []string{k.Name}})
				w.plan()
				if len(w.planted) == 0 {
					t.Fatalf("seed %d: nothing planted", seed)
				}
				for _, p := range w.planted {
					if p.Kind != k.Name || p.Rule != k.Rule || len(p.Subjects) < 3 || p.Explanation == "" {
						t.Errorf("seed %d: planted %+v, want kind %s and rule %s with subjects", seed, p, k.Name, k.Rule)
					}
				}
			}
		})
	}
	w := newWorld(Options{Seed: 1, Scale: 0.02, Plant: []string{}})
	w.plan()
	if len(w.planted) != 0 || len(w.decoys) < len(PlantKinds) {
		t.Errorf("with nothing to plant: %d planted and %d decoys, want none and at least one for each kind", len(w.planted), len(w.decoys))
	}
	for _, k := range PlantKinds {
		if !slices.ContainsFunc(w.decoys, func(d Decoy) bool { return d.Kind == k.Name }) {
			t.Errorf("no decoy for %s", k.Name)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		dir string
		o   Options
	}{
		"folder not empty": {full, Options{Scale: 1}},
		"scale 0":          {filepath.Join(full, "new"), Options{}},
		"scale too large":  {filepath.Join(full, "new"), Options{Scale: 86}},
		"unknown kind":     {filepath.Join(full, "new"), Options{Scale: 1, Plant: []string{"volcano"}}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Write(context.Background(), tt.dir, tt.o, nil)
			if err == nil || harbour.KindOf(err) != harbour.ErrUsage {
				t.Errorf("Write = %v, want a usage error", err)
			}
		})
	}
	entries, err := os.ReadDir(full)
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %d entries after refusals, want 1 (%v)", len(entries), err)
	}
}

func TestCancelledWriteLeavesNothing(t *testing.T) {
	parent := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	_, err := Write(ctx, filepath.Join(parent, "port"), Options{Scale: 0.02}, func(done, total int64, what string) {
		if done > total/2 {
			cancel()
		}
	})
	if harbour.KindOf(err) != harbour.ErrCancelled {
		t.Errorf("Write = %v, want cancelled", err)
	}
	if entries, err := os.ReadDir(parent); err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestWriteIntoEmptyFolder(t *testing.T) {
	dir := t.TempDir()
	if _, err := Write(context.Background(), dir, Options{Scale: 0.02}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "port.yaml")); err != nil {
		t.Error(err)
	}
}
