// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pack

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"breakwater/harbour"
)

func codec(t testing.TB) *Codec {
	t.Helper()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func events(n, size int) (list [][]byte) {
	for i := range n {
		list = append(list, bytes.Repeat([]byte{byte(i)}, size))
	}
	return list
}

// same compares as go-cmp would, which is slow on large byte slices.
func same(a, b Batch) bool {
	return a.Source == b.Source && a.Segment == b.Segment && a.First == b.First && slices.EqualFunc(a.Events, b.Events, bytes.Equal)
}

// TestRoundTrip wants every batch back as it was, through any split.
func TestRoundTrip(t *testing.T) {
	c := codec(t)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringN(1, 40, MaxName)
		in := Batch{Source: name.Draw(t, "source"), Segment: name.Draw(t, "segment"), First: rapid.Uint64Range(0, math.MaxUint64-1<<20).Draw(t, "first")}
		small := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 60), 1, 30).Draw(t, "events")
		in.Events = small
		if rapid.Bool().Draw(t, "large") {
			in.Events = append(in.Events, events(rapid.IntRange(1, 9).Draw(t, "n"), rapid.IntRange(MaxEvent/2, MaxEvent).Draw(t, "size"))...)
		}
		next, got := in.First, Batch{Source: in.Source, Segment: in.Segment, First: in.First}
		for piece := range Split(in) {
			p, err := c.Encode(piece)
			if err != nil || len(p) > MaxPacked {
				t.Fatalf("Encode: %d bytes, %v", len(p), err)
			}
			back, err := c.Decode(p)
			if err != nil {
				t.Fatal(err)
			}
			if back.First != next || back.Source != in.Source || back.Segment != in.Segment {
				t.Fatalf("piece of %s at %d, want %d", back.ID(), back.First, next)
			}
			next = back.Last() + 1
			got.Events = append(got.Events, back.Events...)
		}
		if !same(in, got) {
			t.Fatalf("%d events came back as %d others", len(in.Events), len(got.Events))
		}
	})
}

func TestSplitManyEvents(t *testing.T) {
	in := Batch{Source: "s", Segment: "1", Events: make([][]byte, 2*MaxEvents+1)}
	var sizes []int
	for p := range Split(in) {
		sizes = append(sizes, len(p.Events))
	}
	if d := cmp.Diff([]int{MaxEvents, MaxEvents, 1}, sizes); d != "" {
		t.Error(d)
	}
}

func TestRefused(t *testing.T) {
	c := codec(t)
	ok := Batch{Source: "s", Segment: "1", Events: events(3, 10)}
	for name, tt := range map[string]struct {
		change func(*Batch)
		want   harbour.ErrorKind
	}{
		"no source":           {func(b *Batch) { b.Source = "" }, harbour.ErrInvalid},
		"source too long":     {func(b *Batch) { b.Source = strings.Repeat("x", MaxName+1) }, harbour.ErrInvalid},
		"no segment":          {func(b *Batch) { b.Segment = "" }, harbour.ErrInvalid},
		"segment too long":    {func(b *Batch) { b.Segment = strings.Repeat("x", MaxName+1) }, harbour.ErrInvalid},
		"no events":           {func(b *Batch) { b.Events = nil }, harbour.ErrInvalid},
		"numbers run over":    {func(b *Batch) { b.First = math.MaxUint64 - 1 }, harbour.ErrInvalid},
		"event too long":      {func(b *Batch) { b.Events = events(1, MaxEvent+1) }, harbour.ErrTooLarge},
		"too much in all":     {func(b *Batch) { b.Events = events(4, MaxEvent) }, harbour.ErrTooLarge},
		"too many events":     {func(b *Batch) { b.Events = make([][]byte, MaxEvents+1) }, harbour.ErrTooLarge},
		"last number allowed": {func(b *Batch) { b.First = math.MaxUint64 - 2 }, 255},
	} {
		t.Run(name, func(t *testing.T) {
			b := ok
			tt.change(&b)
			_, err := c.Encode(b)
			if tt.want == 255 {
				if err != nil {
					t.Error(err)
				}
			} else if err == nil || harbour.KindOf(err) != tt.want {
				t.Errorf("Encode: %v, want kind %v", err, tt.want)
			}
		})
	}
}

// TestDamaged flips every bit of a message and cuts it at every place: none of it may pass for another batch.
func TestDamaged(t *testing.T) {
	c := codec(t)
	for _, b := range []Batch{{Source: "sensor-1", Segment: "7", First: 9, Events: events(20, 30)}, {Source: "s", Segment: "1", Events: [][]byte{{1, 2, 3}}}} {
		p, err := c.Encode(b)
		if err != nil {
			t.Fatal(err)
		}
		for i := range p {
			if _, err := c.Decode(p[:i]); harbour.KindOf(err) != harbour.ErrUnreadable {
				t.Errorf("cut at %d: %v", i, err)
			}
			for bit := range 8 {
				q := bytes.Clone(p)
				q[i] ^= 1 << bit
				got, err := c.Decode(q)
				if err == nil && !same(got, b) {
					t.Errorf("bit %d of byte %d: another batch", bit, i)
				}
				if err != nil && harbour.KindOf(err) != harbour.ErrUnreadable {
					t.Errorf("bit %d of byte %d: %v", bit, i, err)
				}
			}
		}
		if _, err := c.Decode(append(bytes.Clone(p), 0)); err == nil {
			t.Error("a byte more is not noticed")
		}
	}
}

// TestBomb wants a small message that decompresses to much refused without its bytes being made.
func TestBomb(t *testing.T) {
	c := codec(t)
	huge := c.enc.EncodeAll(make([]byte, 64<<20), nil)
	p := append([]byte(magic), zstdAll, 0, 0, 0, 0)
	p = binary.BigEndian.AppendUint32(p, MaxBody)
	p = append(p, huge...)
	if len(p) > MaxPacked {
		t.Fatalf("the bomb has %d bytes", len(p))
	}
	if _, err := c.Decode(p); harbour.KindOf(err) != harbour.ErrUnreadable {
		t.Errorf("Decode: %v", err)
	}
}

// plainBody makes a message of a body that need not follow the format.
func plainBody(body []byte) []byte {
	p := append([]byte(magic), plain)
	p = binary.BigEndian.AppendUint32(p, crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)))
	p = binary.BigEndian.AppendUint32(p, uint32(len(body)))
	return append(p, body...)
}

func TestBrokenBody(t *testing.T) {
	c := codec(t)
	start := "\x01s\x011\x00\x00\x00\x00\x00\x00\x00\x05"
	for name, body := range map[string]string{
		"says too many":    start + "\x7f\xff\xff\xff" + strings.Repeat("\x00", 40),
		"says none":        start + "\x00\x00\x00\x00",
		"event runs over":  start + "\x00\x00\x00\x01\x00\x00\x00\x09abc",
		"bytes left":       start + "\x00\x00\x00\x01\x00\x00\x00\x01ab",
		"no source":        "\x00\x011\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x01\x00\x00\x00\x01a",
		"numbers run over": "\x01s\x011\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00",
	} {
		if b, err := c.Decode(plainBody([]byte(body))); harbour.KindOf(err) != harbour.ErrUnreadable {
			t.Errorf("%s: %v, %v", name, b, err)
		}
	}
	if b, err := c.Decode(plainBody([]byte(start + "\x00\x00\x00\x01\x00\x00\x00\x03abc"))); err != nil || b.First != 5 || string(b.Events[0]) != "abc" {
		t.Errorf("the look-alike that is right: %v, %v", b, err)
	}
}

func TestVersion(t *testing.T) {
	p := []byte("BWP\x02" + strings.Repeat("\x00", 40))
	_, err := codec(t).Decode(p)
	if err == nil || !strings.Contains(err.Error(), "version 2") {
		t.Errorf("a later version: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	c := codec(f)
	for _, b := range []Batch{{Source: "s", Segment: "1", Events: events(1, 1)}, {Source: "sensor", Segment: "seg", First: 1 << 40, Events: events(50, 40)}} {
		p, err := c.Encode(b)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(p)
	}
	f.Add(plainBody([]byte("\x01s\x011\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x01\x00\x00\x00\x03abc")))
	f.Fuzz(func(t *testing.T, p []byte) {
		for _, p := range [][]byte{p, plainBody(p)} { // the second gets past the checksum
			b, err := c.Decode(p)
			if err != nil {
				continue
			}
			q, err := c.Encode(b)
			if err != nil {
				t.Fatalf("what was read cannot be written: %v", err)
			}
			again, err := c.Decode(q)
			if err != nil || !same(b, again) {
				t.Fatalf("read again: %v", err)
			}
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	c := codec(b)
	in := Batch{Source: "sensor-1", Segment: "7"}
	for i := range 1000 {
		in.Events = append(in.Events, fmt.Appendf(nil, `{"at":%d,"source":"10.1.2.%d","verb":"write","code":"0x10","target":"40%03d"}`, 1700000000000000+i*977, i%250, i))
	}
	for b.Loop() {
		if _, err := c.Encode(in); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
