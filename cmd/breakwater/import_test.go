// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakwater/cmd/breakwater/config"
	"breakwater/harbour"
	"breakwater/internal/testpostgres"
	"breakwater/sim"
	"breakwater/store"

	"github.com/google/go-cmp/cmp"
)

// newData makes a data folder with an organisation.
func newData(t *testing.T, database string) (dir string) {
	t.Helper()
	ctx := context.Background()
	dir = t.TempDir()
	h, err := openHouse(ctx, places{place: place{config.Place{Data: dir, Database: database}}}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	err = h.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("test")
		return tx.AddOrganisation(ctx, store.Organisation{ID: "skerry", Name: "Skerry"})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func command(t *testing.T, want int, args ...string) (out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	if got := run(context.Background(), args, streams{&o, &e, false}); got != want {
		t.Fatalf("breakwater %s: exit status %d, want %d\n%s%s", strings.Join(args, " "), got, want, o.String(), e.String())
	}
	return o.String(), e.String()
}

func lines[T any](t *testing.T, path string) (list []T) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		var v T
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	return list
}

// TestImportSaysWhatAssessSays gives the reference port to a data folder and wants each asset, conversation, operation,
// finding and zone to be what assess writes of the same files.
func TestImportSaysWhatAssessSays(t *testing.T) {
	in, out := filepath.Join(t.TempDir(), "skerry"), t.TempDir()
	if _, err := sim.Write(context.Background(), in, sim.Options{Seed: 3, Scale: 0.05}, nil); err != nil {
		t.Fatal(err)
	}
	command(t, 0, "assess", "-q", "--out", out, in)
	check := func(t *testing.T, dir, database string) {
		t.Helper()
		ctx := context.Background()
		h, err := openHouse(ctx, places{place: place{config.Place{Data: dir, Database: database}}}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer h.close()
		s := h.core.DB.In(store.WholeOrganisation("skerry"))
		want := map[string]harbour.Asset{}
		for _, a := range lines[harbour.Asset](t, filepath.Join(out, "assets.jsonl")) {
			want[a.ID] = a
		}
		n := 0
		err = s.EachAsset(ctx, store.AssetQuery{}, func(a *harbour.Asset, _ store.AssetRow) error {
			b, _ := json.Marshal(a)
			var got harbour.Asset
			json.Unmarshal(b, &got)
			if d := cmp.Diff(want[a.ID], got); d != "" && n < 3 {
				t.Errorf("asset %s (-assess +import)\n%s", a.ID, d)
			}
			n++
			return nil
		})
		if err != nil || n != len(want) || n < 50 {
			t.Errorf("%d assets, assess has %d (%v)", n, len(want), err)
		}
		sum, _, err := s.Summary(ctx)
		b, err2 := os.ReadFile(filepath.Join(out, "summary.json"))
		var assessed harbour.Summary
		if err != nil || err2 != nil || json.Unmarshal(b, &assessed) != nil {
			t.Fatal(err, err2)
		}
		if d := cmp.Diff(assessed.Counts, sum.Counts); d != "" {
			t.Errorf("counts (-assess +import)\n%s", d)
		}
		findings := map[string]bool{}
		for _, f := range lines[harbour.Finding](t, filepath.Join(out, "findings.jsonl")) {
			findings[f.ID] = true
		}
		page := store.FindingQuery{Order: store.Order{Limit: 1000}}
		list, err := s.Findings(ctx, page)
		if err != nil || len(list.Items) != len(findings) {
			t.Errorf("%d findings, assess has %d (%v)", len(list.Items), len(findings), err)
		}
		for _, f := range list.Items {
			if !findings[f.ID] {
				t.Errorf("finding %s is not among those of assess", f.ID)
			}
		}
		zones, err := s.Zones(ctx)
		if want := lines[harbour.Zone](t, filepath.Join(out, "zones.jsonl")); err != nil || len(zones) != len(want) {
			t.Errorf("%d zones, assess has %d (%v)", len(zones), len(want), err)
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		data := newData(t, "")
		text, _ := command(t, 0, "import", "--data", data, in)
		if !strings.Contains(text, "files given, 0 known before") || !strings.Contains(text, "generation 1: ") {
			t.Errorf("it says %q", text)
		}
		check(t, data, "")
		text, _ = command(t, 0, "import", "--data", data, "--organisation", "skerry", in)
		if !strings.Contains(text, "is known already as") {
			t.Errorf("given again it says %q", text)
		}
		check(t, data, "")
	})
	t.Run("postgres", func(t *testing.T) {
		url := testpostgres.URL(t)
		data := newData(t, url)
		command(t, 0, "import", "-q", "--data", data, "--database", url, in)
		check(t, data, url)
	})
}

func TestImportRefuses(t *testing.T) {
	data, in := newData(t, ""), t.TempDir()
	list := filepath.Join(in, "a.csv")
	if err := os.WriteFile(list, []byte("name,ip\nplc-1,10.0.0.1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(in, "letter.txt"), []byte("Dear colleagues"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		status int
		args   []string
		says   string
	}{
		"no data folder":        {2, []string{"--data", filepath.Join(in, "none"), list}, "there is no database"},
		"no file":               {2, []string{"--data", data, t.TempDir()}, "there is no file"},
		"a file that is not":    {2, []string{"--data", data, filepath.Join(in, "b.csv")}, "cannot be opened"},
		"no such organisation":  {2, []string{"--data", data, "--organisation", "gull", list}, "there is no organisation gull"},
		"no such site":          {1, []string{"--data", data, "--site", "moon", list}, "there is no site moon"},
		"what nobody can read":  {3, []string{"--data", data, in}, "letter.txt: not recognised"},
		"the same once more":    {3, []string{"--data", data, in}, "letter.txt: not recognised"},
		"what can be read only": {0, []string{"--data", data, list}, ""},
	} {
		if _, errs := command(t, tt.status, append([]string{"import"}, tt.args...)...); !strings.Contains(errs, tt.says) {
			t.Errorf("%s: it says %q, want %q", name, errs, tt.says)
		}
	}
	h, err := openHouse(context.Background(), at(data), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	if _, errs := command(t, 1, "import", "--data", data, list); !strings.Contains(errs, "another") {
		t.Errorf("beside a running server it says %q", errs)
	}
}
