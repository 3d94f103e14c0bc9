// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakwater/internal/tools/bench/mix"
)

func TestMedian(t *testing.T) {
	for name, tt := range map[string]struct {
		cpu  []float64
		want float64
	}{
		"none":         {nil, 0},
		"one":          {[]float64{2}, 2},
		"odd":          {[]float64{9, 1, 2}, 2},
		"even":         {[]float64{4, 1, 2, 9}, 3},
		"with outlier": {[]float64{1, 1.1, 50}, 1.1},
	} {
		s := &subject{}
		for _, c := range tt.cpu {
			s.runs = append(s.runs, usage{cpu: c})
		}
		if got := s.median().cpu; got != tt.want {
			t.Errorf("%s: median = %v, want %v", name, got, tt.want)
		}
	}
}

func TestReportCountsMissedFloors(t *testing.T) {
	var r report
	r.floor("a", "at least 1", true, "%d", 2)
	r.floor("b", "at least 1", false, "%d", 0)
	r.missing("mix", "peer", "peer-package")
	if r.missed() != 1 {
		t.Errorf("missed() = %d, want 1: a peer that is not installed is no missed floor", r.missed())
	}
	var b bytes.Buffer
	r.print(&b)
	for _, want := range []string{"**missed**", "not installed", "apt-get install peer-package"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the report does not say %q:\n%s", want, b.String())
		}
	}
	for line := range strings.Lines(b.String()) {
		if strings.HasPrefix(line, "| mix | `peer`") && strings.Count(line, "|") != 9 {
			t.Errorf("the row of a missing peer has other columns than the table: %s", line)
		}
	}
}

func TestSlice(t *testing.T) {
	dir := t.TempDir()
	whole, part := filepath.Join(dir, "whole.pcap"), filepath.Join(dir, "part.pcap")
	f, err := os.Create(whole)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mix.Write(f, mix.Options{Seed: 1, Packets: 500}); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := slice(whole, part, 200); err != nil {
		t.Fatal(err)
	}
	n := 0
	if err := records(part, func([]byte) bool { n++; return true }); err != nil || n != 200 {
		t.Errorf("the slice has %d packets (%v), want 200", n, err)
	}
	a, _ := os.ReadFile(whole)
	b, _ := os.ReadFile(part)
	if !bytes.HasPrefix(a, b) {
		t.Error("the slice is not the beginning of the capture")
	}
	if err := os.WriteFile(part, b[:len(b)-5], 0o644); err != nil {
		t.Fatal(err)
	}
	if err := records(part, func([]byte) bool { return true }); err == nil {
		t.Error("a cut capture is walked without an error")
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("thousands(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestLeftOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "evidence.jsonl")
	for text, want := range map[string]string{
		"": "",
		`{"id":"a","counters":[{"name":"stream_gaps","value":7}]}` + "\n": "",
		`{"id":"a","counters":[{"name":"endpoints_refused","value":1000}]}` + "\n" +
			`{"id":"b","counters":[{"name":"flows_evicted","value":2},{"name":"endpoints_refused","value":1}]}` + "\n": "endpoints_refused 1,001, flows_evicted 2",
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := leftOut(path)
		if err != nil || strings.Join(got, ", ") != want {
			t.Errorf("leftOut(%s) = %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestDocumentationGivesTheShares(t *testing.T) {
	text, err := os.ReadFile("../../../docs/benchmarks.md")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	printShares(&b)
	if !bytes.Contains(text, b.Bytes()) {
		t.Error("docs/benchmarks.md does not give the table of the mix: put what go run ./internal/tools/bench -shares prints there")
	}
}
