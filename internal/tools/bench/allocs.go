// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os/exec"
	"runtime"

	"breakwater/app/assess"
	"breakwater/evidence"
	"breakwater/evidence/packet"
	"breakwater/internal/tools/bench/mix"
)

// steadyPackets is the length of the shorter of the two captures whose allocations are compared.
const steadyPackets = 300_000

// perPacket is what reading costs once every conversation is known.
type perPacket struct{ Mallocs, Bytes float64 }

// allocations reads the first n packets of a capture in which no conversation ends, and then all 2n, and tells what the
// second half allocated. It runs in a process of its own.
func allocations(w io.Writer) error {
	read := func(packets int64) (mallocs, size uint64, err error) {
		var b bytes.Buffer
		if _, err := mix.Write(&b, mix.Options{Seed: 1, Packets: packets, Hosts: 1, Steady: true}); err != nil {
			return 0, 0, err
		}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		l := evidence.NewLedger(evidence.LimitsFor(assess.DefaultMemory / 2))
		src := &evidence.Source{Path: "steady.pcap", Size: int64(b.Len()), Reader: bytes.NewReader(b.Bytes()), Memory: assess.DefaultMemory / 6}
		err = packet.Kind{}.Read(context.Background(), src, l)
		runtime.ReadMemStats(&after)
		return after.Mallocs - before.Mallocs, after.TotalAlloc - before.TotalAlloc, err
	}
	m1, b1, err := read(steadyPackets)
	if err != nil {
		return err
	}
	m2, b2, err := read(2 * steadyPackets)
	if err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(perPacket{
		Mallocs: (float64(m2) - float64(m1)) / steadyPackets,
		Bytes:   (float64(b2) - float64(b1)) / steadyPackets,
	})
}

// steady reports the allocations.
func (b *bench) steady(r *report) error {
	note("allocations")
	out, err := exec.CommandContext(b.ctx, b.self, "-child", "allocs").Output()
	if err != nil {
		return err
	}
	var p perPacket
	if err := json.Unmarshal(out, &p); err != nil {
		return err
	}
	// One in a thousand is the growth of tables, which doubles them and gets rarer.
	r.floor("allocations per packet in steady state", "at most 0.001", p.Mallocs <= 0.001, "%.4f (%.2f bytes)", max(p.Mallocs, 0), p.Bytes)
	return nil
}
