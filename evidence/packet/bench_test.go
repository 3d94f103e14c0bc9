// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package packet

import (
	"bytes"
	"context"
	"runtime"
	"testing"

	"breakwater/evidence"
	"breakwater/internal/tools/bench/mix"
)

// mixed makes the capture of the benchmark in memory.
func mixed(tb testing.TB, o mix.Options) []byte {
	tb.Helper()
	var b bytes.Buffer
	if _, err := mix.Write(&b, o); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func readAll(tb testing.TB, b []byte) *evidence.Ledger {
	tb.Helper()
	l := evidence.NewLedger(evidence.LimitsFor(128 << 20))
	src := &evidence.Source{Path: "mix.pcap", Size: int64(len(b)), Reader: bytes.NewReader(b), Memory: 42 << 20}
	if err := (Kind{}).Read(context.Background(), src, l); err != nil {
		tb.Fatal(err)
	}
	return l
}

// BenchmarkRead reads a mix of protocols; with -cpuprofile it shows where the time goes.
func BenchmarkRead(b *testing.B) {
	const packets = 400_000
	data := mixed(b, mix.Options{Seed: 1, Packets: packets})
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		readAll(b, data)
	}
	b.ReportMetric(packets*float64(b.N)/b.Elapsed().Seconds(), "packets/s")
}

// TestMixSteadyStateDoesNotAllocate reads a capture and then one of twice the length, in which the same conversations go
// on: the second half may not allocate for each packet.
func TestMixSteadyStateDoesNotAllocate(t *testing.T) {
	const packets = 60_000
	mallocs := func(n int64) uint64 {
		data := mixed(t, mix.Options{Seed: 1, Packets: n, Hosts: 1, Steady: true})
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		readAll(t, data)
		runtime.ReadMemStats(&after)
		return after.Mallocs - before.Mallocs
	}
	short, long := mallocs(packets), mallocs(2*packets)
	if per := (float64(long) - float64(short)) / packets; per > 0.01 {
		t.Errorf("%.4f allocations per packet once every conversation is known, want 0 and the growth of tables", per)
	}
}
