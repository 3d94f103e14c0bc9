// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"

	"breakwater/harbour"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func entries(t interface{ Fatal(...any) }, dir string) int {
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// TestSorter compares with a stable sort of the standard library, in memory and through files.
func TestSorter(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 3000).Draw(t, "rows")
		keys := rapid.SampledFrom([]uint64{3, 300, 1 << 63}).Draw(t, "keys")
		length := rapid.SampledFrom([]int{0, 8, 300}).Draw(t, "length")
		seed := rapid.Uint64().Draw(t, "seed")
		type item struct {
			k Key
			s string
		}
		spilled, held := NewSorter(dir, 0), NewSorter("", 0)
		var want []item
		for i := range n {
			seed = seed*6364136223846793005 + 1442695040888963407
			k := Key{seed % keys, seed >> 60}
			s := fmt.Sprintf("%d%s", i, bytes.Repeat([]byte{'x'}, int(seed>>40)%(length+1)))
			want = append(want, item{k, s})
			if err := errors.Join(spilled.Add(k, []byte(s)), held.Add(k, []byte(s))); err != nil {
				t.Fatal(err)
			}
		}
		slices.SortStableFunc(want, func(a, b item) int { return a.k.Compare(b.k) })
		for name, s := range map[string]*Sorter{"spilled": spilled, "held": held} {
			if err := s.Sort(); err != nil || s.Len() != n {
				t.Fatal(err, s.Len(), n)
			}
			for range 2 {
				var got []item
				for r := range s.Rows() {
					got = append(got, item{r.Key, string(r.Bytes)})
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%s: %d rows are not in order", name, len(got))
				}
			}
			for range s.Rows() { // leaving early is allowed
				break
			}
			if s.Err() != nil || s.Close() != nil {
				t.Fatal(s.Err())
			}
		}
		if left := entries(t, dir); left > 0 {
			t.Fatalf("%d files are left", left)
		}
	})
}

func TestSorterSpills(t *testing.T) {
	dir := t.TempDir()
	s := NewSorter(dir, 64<<10)
	for i := range 20_000 {
		if err := s.Add(Key{Hi: uint64(i * 7919 % 20_000)}, []byte("some row")); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Sort(); err != nil {
		t.Fatal(err)
	}
	if len(s.runs) < 5 || cap(s.arena) > 64<<10 {
		t.Errorf("%d runs, %d bytes held: want several runs and nothing held", len(s.runs), cap(s.arena))
	}
	if err := os.Truncate(s.file.f.Name(), 1000); err != nil {
		t.Fatal(err)
	}
	for range s.Rows() {
	}
	if s.Err() == nil {
		t.Error("a file that was cut gives no error")
	}
	s.Close()
}

func TestShelf(t *testing.T) {
	dir := t.TempDir()
	for _, held := range []bool{true, false} {
		s := NewShelf(dir, 64<<10)
		n := 20_000
		if held {
			n = 50
		}
		var want []string
		for i := range n {
			row := fmt.Sprintf("row %d%s", i, bytes.Repeat([]byte{'x'}, i%50))
			if i == 7 {
				row = ""
			}
			want = append(want, row)
			if err := s.Append([]byte(row)); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Done(); err != nil || s.Len() != n {
			t.Fatal(err, s.Len())
		}
		if (s.file == nil) != held {
			t.Errorf("%d rows: file %v", n, s.file != nil)
		}
		var wg sync.WaitGroup
		for _, ahead := range []int{0, 100, 1 << 20} {
			wg.Go(func() {
				r := s.Reader(ahead)
				var got []string
				for i := range n {
					got = append(got, string(r.At(i)))
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("in order, %d ahead:\n%s", ahead, d)
				}
				for i := range n {
					if k := i * 7919 % n; string(r.At(k)) != want[k] {
						t.Errorf("At(%d) = %q, want %q", k, r.At(k), want[k])
					}
				}
			})
		}
		wg.Wait()
		if s.Reader(0).At(n) != nil || s.Reader(0).At(-1) != nil {
			t.Error("a row that is not there is not nil")
		}
		if s.Err() != nil || s.Close() != nil || entries(t, dir) > 0 {
			t.Error(s.Err(), "or files left")
		}
	}
}

func TestNoFolder(t *testing.T) {
	s := NewSorter("/nonexistent/folder", 64<<10)
	var err error
	for i := 0; i < 10_000 && err == nil; i++ {
		err = s.Add(Key{}, []byte("some row"))
	}
	if harbour.KindOf(err) != harbour.ErrInternal || harbour.HintOf(err) == "" {
		t.Errorf("a folder that is not there: error %v, want one with a hint", err)
	}
}
