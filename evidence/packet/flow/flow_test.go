// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package flow

import (
	"bytes"
	"fmt"
	"testing"
	"unsafe"

	"breakwater/evidence"

	"pgregory.net/rapid"
)

func key(n int) *Key {
	return &Key{A: evidence.V4([]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}), PA: 1, PB: 2, Proto: 6, IP: true}
}

func get(t *Table, k *Key) (*Flow, bool) { return t.Get(k, k.Hash()) }

// TestTableAgainstMap compares the table with a map under random use, removal included.
func TestTableAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		capacity := rapid.IntRange(64, 300).Draw(t, "capacity")
		want := map[Key]uint64{}
		table := NewTable(capacity, func(f *Flow) {
			if want[f.Key] != f.Packets[0] {
				t.Fatalf("evicted flow %v with %d packets, want %d", f.Key, f.Packets[0], want[f.Key])
			}
			delete(want, f.Key)
		})
		for range rapid.IntRange(1, 2000).Draw(t, "packets") {
			k := key(rapid.IntRange(0, 500).Draw(t, "flow"))
			f, fresh := table.Get(k, k.Hash())
			if _, known := want[*k]; known == fresh {
				t.Fatalf("flow %v fresh=%v, known=%v", k, fresh, known)
			}
			f.Packets[0]++
			want[*k]++
		}
		if table.Len() != len(want) || table.Len() > capacity {
			t.Fatalf("%d flows, want %d, capacity %d", table.Len(), len(want), capacity)
		}
		table.Drain()
		if len(want) != 0 {
			t.Fatalf("%d flows were never handed over", len(want))
		}
	})
}

// TestFloodSparesConversations fills the table with one-way flows: flows with answers must survive.
func TestFloodSparesConversations(t *testing.T) {
	lost := 0
	table := NewTable(1000, func(f *Flow) {
		if f.Packets[1] > 0 {
			lost++
		}
	})
	for n := range 100 {
		f, _ := get(table, key(n))
		f.Packets = [2]uint64{5, 5}
		f.State = Established
	}
	for n := range 100_000 {
		f, _ := get(table, key(1000+n))
		f.Packets[0]++
		f.Last = 1 << 40
	}
	if lost > 0 {
		t.Errorf("a flood pushed out %d of 100 conversations", lost)
	}
	if table.Evicted == 0 {
		t.Error("nothing was evicted: the test floods nothing")
	}
}

// TestHalfPutsStreamsInOrder cuts a stream into segments, repeats, overlaps and shuffles them a little, and wants the
// stream back.
func TestHalfPutsStreamsInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stream := make([]byte, rapid.IntRange(1, 3000).Draw(t, "bytes"))
		for i := range stream {
			stream[i] = byte(i * 7)
		}
		start := rapid.Uint32().Draw(t, "isn")
		type seg struct{ off, end int }
		var segs []seg
		for off := 0; off < len(stream); {
			end := min(off+rapid.IntRange(1, 400).Draw(t, "len"), len(stream))
			back := rapid.IntRange(0, min(off, 20)).Draw(t, "overlap")
			segs = append(segs, seg{off - back, end})
			if rapid.IntRange(0, 5).Draw(t, "again") == 0 {
				segs = append(segs, seg{off - back, end})
			}
			off = end
		}
		for i := 0; i+1 < len(segs); i += 2 { // neighbours change places; farther is more than a half holds
			if rapid.Bool().Draw(t, "swap") {
				segs[i], segs[i+1] = segs[i+1], segs[i]
			}
		}
		var h Half
		budget := Budget{Left: 1 << 20}
		h.Start(start)
		var got []byte
		for _, s := range segs {
			b := h.Offer(start+uint32(s.off), stream[s.off:s.end], &budget)
			for b != nil {
				got = append(got, b...)
				b = h.Next(&budget)
			}
		}
		if !bytes.Equal(got, stream) || h.Gaps != 0 {
			t.Fatalf("%d bytes with %d gaps, want %d without", len(got), h.Gaps, len(stream))
		}
		if budget.Left != 1<<20 {
			t.Fatalf("budget %d, want all given back", budget.Left)
		}
	})
}

func TestHalfSkipsGaps(t *testing.T) {
	var h Half
	budget := Budget{Left: 1 << 20}
	h.Start(100)
	if b := h.Offer(100, []byte("abc"), &budget); string(b) != "abc" {
		t.Fatalf("first segment gives %q", b)
	}
	for i := range 20 { // bytes 103 and 104 never come
		h.Offer(uint32(105+i*2), fmt.Appendf(nil, "%02d", i), &budget)
	}
	var got []byte
	for h.Skip() {
		for b := h.Next(&budget); b != nil; b = h.Next(&budget) {
			got = append(got, b...)
		}
	}
	if h.Gaps == 0 || !bytes.HasPrefix(got, []byte("00010203")) {
		t.Errorf("after the gap %q with %d gaps", got, h.Gaps)
	}
	h.Release(&budget)
	if budget.Left != 1<<20 {
		t.Errorf("budget %d, want all given back", budget.Left)
	}
}

func FuzzHalf(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6})
	f.Fuzz(func(t *testing.T, b []byte) {
		var h Half
		budget := Budget{Left: 4096}
		total, offered := 0, 0
		for len(b) >= 3 {
			n := min(int(b[2])*8, len(zeros))
			offered += n
			out := h.Offer(uint32(b[0])<<4|uint32(b[1]), zeros[:n], &budget)
			for out != nil {
				total += len(out)
				out = h.Next(&budget)
			}
			b = b[3:]
		}
		for h.Skip() {
			out := h.Next(&budget)
			if out == nil {
				break
			}
			total += len(out)
		}
		h.Release(&budget)
		if total > offered || budget.Left != 4096 {
			t.Fatalf("%d of %d bytes delivered, budget %d", total, offered, budget.Left)
		}
	})
}

var zeros [4096]byte

// TestFlowSize keeps a flow within two cache lines.
func TestFlowSize(t *testing.T) {
	if n := unsafe.Sizeof(Flow{}); n != 128 {
		t.Errorf("a flow takes %d bytes, want 128", n)
	}
}
