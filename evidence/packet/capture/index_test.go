// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"breakwater/harbour"

	"github.com/google/go-cmp/cmp"
)

// indexOf reads a capture and marks it every few frames.
func indexOf(tb testing.TB, b []byte, every uint64) *Index {
	tb.Helper()
	r, err := Open(bytes.NewReader(b), nil)
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Close()
	x := &Index{}
	for f := (Frame{}); ; {
		if err := r.Next(&f); err == io.EOF {
			return x
		} else if err != nil {
			tb.Fatal(err)
		}
		if f.Number%every == 0 {
			x.Add(r.Mark())
		}
	}
}

// TestIndex wants each frame found through an index that was kept to be the one that is read from the start.
func TestIndex(t *testing.T) {
	for name, b := range map[string][]byte{
		"pcap": pcapFile(binary.LittleEndian, 0xa1b2c3d4, 300), "pcap, big-endian": pcapFile(binary.BigEndian, 0xa1b23c4d, 300),
		"pcapng": ngFile(binary.LittleEndian, 300), "two sections": append(ngFile(binary.LittleEndian, 150), ngFile(binary.BigEndian, 150)...),
	} {
		all := readAll(t, b)
		made := indexOf(t, b, 40)
		x, ok := ParseIndex(made.AppendBinary(nil))
		if !ok || x.Len() != 7 || !bytes.Equal(x.AppendBinary(nil), made.AppendBinary(nil)) {
			t.Fatalf("%s: the index that was kept differs: %d marks, %v", name, x.Len(), ok)
		}
		for _, want := range all.frames {
			m, ok := x.Before(want.Number)
			if ok != (want.Number > 40) {
				t.Fatalf("%s: frame %d is reached from a mark: %v", name, want.Number, ok)
			}
			if !ok {
				continue
			}
			if m.Number >= want.Number || want.Number-m.Number > 40 {
				t.Fatalf("%s: frame %d is looked for from %d", name, want.Number, m.Number)
			}
			r := Resume(bytes.NewReader(b[m.Offset:]), m, func(p harbour.Problem) { t.Errorf("%s: %+v", name, p) })
			var f Frame
			for f.Number < want.Number {
				if err := r.Next(&f); err != nil {
					t.Fatalf("%s: frame %d: %v", name, want.Number, err)
				}
			}
			if d := cmp.Diff(want, f); d != "" {
				t.Fatalf("%s: frame %d (-from the start +from the mark)\n%s", name, want.Number, d)
			}
		}
	}
}

func TestParseIndex(t *testing.T) {
	b := indexOf(t, ngFile(binary.LittleEndian, 300), 40).AppendBinary(nil)
	for i := range b {
		if x, ok := ParseIndex(b[:i]); ok {
			t.Errorf("%d of %d bytes are taken for an index of %d marks", i, len(b), x.Len())
		}
	}
	if _, ok := ParseIndex(append(bytes.Clone(b), 0)); ok {
		t.Error("a longer one is taken for an index")
	}
	if x, ok := ParseIndex((&Index{}).AppendBinary(nil)); !ok || x.Len() != 0 {
		t.Error("an empty one is not taken for an index")
	}
}

func FuzzParseIndex(f *testing.F) {
	f.Add(indexOf(f, ngFile(binary.LittleEndian, 300), 40).AppendBinary(nil))
	f.Add(indexOf(f, pcapFile(binary.LittleEndian, 0xa1b2c3d4, 300), 10).AppendBinary(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, ok := ParseIndex(b)
		if !ok {
			return
		}
		last := Mark{}
		for _, m := range x.marks {
			if m.State == nil || m.Number < last.Number || m.Offset < last.Offset {
				t.Fatalf("mark %+v after %+v", m, last)
			}
			last = m
			r := Resume(bytes.NewReader(b), m, nil)
			var fr Frame
			for range 3 {
				if r.Next(&fr) != nil {
					break
				}
			}
		}
	})
}
