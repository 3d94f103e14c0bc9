// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"breakwater/evidence/packet/decode"
	"breakwater/harbour"

	"github.com/klauspost/compress/zstd"
)

// pcapFile builds a classic capture of n frames; frame i has i+20 bytes of value i.
func pcapFile(order binary.ByteOrder, magic uint32, n int) []byte {
	var b bytes.Buffer
	w := func(v ...uint32) {
		for _, x := range v {
			binary.Write(&b, order, x)
		}
	}
	w(magic)
	binary.Write(&b, order, uint16(2))
	binary.Write(&b, order, uint16(4))
	w(0, 0, 65535, 1)
	for i := range n {
		size := uint32(i%200 + 20)
		w(1_700_000_000+uint32(i), 500, size, size)
		b.Write(bytes.Repeat([]byte{byte(i)}, int(size)))
	}
	return b.Bytes()
}

// ngFile builds a pcapng capture with two interfaces of different resolution.
func ngFile(order binary.ByteOrder, n int) []byte {
	var b bytes.Buffer
	block := func(kind uint32, body []byte) {
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
		size := uint32(len(body) + 12)
		binary.Write(&b, order, kind)
		binary.Write(&b, order, size)
		b.Write(body)
		binary.Write(&b, order, size)
	}
	body := func(v ...any) []byte {
		var x bytes.Buffer
		for _, i := range v {
			binary.Write(&x, order, i)
		}
		return x.Bytes()
	}
	block(blockSection, body(uint32(0x1a2b3c4d), uint16(1), uint16(0), int64(-1)))
	block(blockInterface, body(uint16(1), uint16(0), uint32(0), uint16(9), uint16(1), [4]byte{9}, uint32(0)))      // nanoseconds
	block(blockInterface, body(uint16(101), uint16(0), uint32(0), uint16(9), uint16(1), [4]byte{0x80}, uint32(0))) // seconds (2^0)
	for i := range n {
		ts := uint64(1_700_000_000+i) * 1_000_000_000
		ifc := uint32(i % 2)
		if ifc == 1 {
			ts /= 1_000_000_000
		}
		size := i%200 + 20
		block(blockEnhanced, append(body(ifc, uint32(ts>>32), uint32(ts), uint32(size), uint32(size)), bytes.Repeat([]byte{byte(i)}, size)...))
	}
	block(blockStats, body(uint32(0), uint64(0), uint16(5), uint16(8), uint64(7), uint32(0)))
	return b.Bytes()
}

type got struct {
	frames   []Frame
	problems []string
	drops    uint64
}

func readAll(tb testing.TB, b []byte) got {
	tb.Helper()
	var g got
	r, err := Open(bytes.NewReader(b), func(p harbour.Problem) { g.problems = append(g.problems, p.Locator+": "+p.Message) })
	if err != nil {
		tb.Fatalf("Open: %v", err)
	}
	defer r.Close()
	var f Frame
	for {
		err := r.Next(&f)
		if errors.Is(err, io.EOF) {
			g.drops = r.Drops()
			return g
		}
		if err != nil {
			tb.Fatalf("Next: %v", err)
		}
		c := f
		c.Data = bytes.Clone(f.Data)
		g.frames = append(g.frames, c)
	}
}

func TestFormats(t *testing.T) {
	gz := func(b []byte) []byte {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		w.Write(b)
		w.Close()
		return out.Bytes()
	}
	zs := func(b []byte) []byte {
		e, _ := zstd.NewWriter(nil)
		return e.EncodeAll(b, nil)
	}
	le, be := binary.ByteOrder(binary.LittleEndian), binary.ByteOrder(binary.BigEndian)
	for name, tt := range map[string]struct {
		file []byte
		what string
		us   int64
	}{
		"little endian µs":    {pcapFile(le, 0xa1b2c3d4, 50), "pcap", 500},
		"big endian µs":       {pcapFile(be, 0xa1b2c3d4, 50), "pcap", 500},
		"little endian ns":    {pcapFile(le, 0xa1b23c4d, 50), "pcap", 0},
		"big endian ns":       {pcapFile(be, 0xa1b23c4d, 50), "pcap", 0},
		"gzip":                {gz(pcapFile(le, 0xa1b2c3d4, 50)), "pcap in gzip", 500},
		"zstd":                {zs(pcapFile(le, 0xa1b2c3d4, 50)), "pcap in zstd", 500},
		"pcapng":              {ngFile(le, 50), "pcapng", 0},
		"pcapng big endian":   {ngFile(be, 50), "pcapng", 0},
		"pcapng in zstd":      {zs(ngFile(be, 50)), "pcapng in zstd", 0},
		"pcapng, 2 sections":  {append(ngFile(be, 25), ngFile(le, 25)...), "pcapng", 0},
		"gzip, two members":   {append(gz(pcapFile(le, 0xa1b2c3d4, 50)[:400]), gz(pcapFile(le, 0xa1b2c3d4, 50)[400:])...), "pcap in gzip", 500},
		"largest frame first": {bigFrame(), "pcap", 500},
	} {
		t.Run(name, func(t *testing.T) {
			if w := Recognise(tt.file[:min(len(tt.file), 65536)]); w != tt.what {
				t.Errorf("Recognise = %q, want %q", w, tt.what)
			}
			g := readAll(t, tt.file)
			if len(g.frames) != 50 || len(g.problems) > 0 {
				t.Fatalf("%d frames, problems %q; want 50 and none", len(g.frames), g.problems)
			}
			for i, f := range g.frames {
				if f.Number != uint64(i+1) {
					t.Errorf("frame %d has number %d", i, f.Number)
				}
				if us := int64(f.At) % 1_000_000; us != tt.us {
					t.Errorf("frame %d at %d µs past the second, want %d", i, us, tt.us)
				}
			}
		})
	}
	g := readAll(t, ngFile(le, 4))
	if g.frames[1].Link != decode.LinkRaw || g.frames[1].At != 1_700_000_001_000_000 {
		t.Errorf("second interface: link %d at %d", g.frames[1].Link, g.frames[1].At)
	}
	if g.drops != 7 {
		t.Errorf("drops = %d, want 7", g.drops)
	}
}

func bigFrame() []byte {
	b := pcapFile(binary.LittleEndian, 0xa1b2c3d4, 50)
	head, rest := b[:24], b[24+16+20:]
	rec := make([]byte, 16, 16+MaxFrame)
	binary.LittleEndian.PutUint32(rec, 1_700_000_000)
	binary.LittleEndian.PutUint32(rec[4:], 500)
	binary.LittleEndian.PutUint32(rec[8:], MaxFrame)
	binary.LittleEndian.PutUint32(rec[12:], MaxFrame)
	return append(append(bytes.Clone(head), rec[:16+MaxFrame]...), rest...)
}

func TestDamage(t *testing.T) {
	le := binary.LittleEndian
	whole := pcapFile(le, 0xa1b2c3d4, 100)
	offset := func(n int) int { // of record n
		at := 24
		for i := range n {
			at += 16 + i%200 + 20
		}
		return at
	}
	patch := func(at int, b ...byte) []byte { c := bytes.Clone(whole); copy(c[at:], b); return c }
	ng := ngFile(le, 100)
	for name, tt := range map[string]struct {
		file         []byte
		least, most  int
		problem      string
		noneOfDamage bool
	}{
		"whole":                    {whole, 100, 100, "", true},
		"cut in a record":          {whole[:len(whole)-5], 99, 99, "ends inside a record", false},
		"cut in a record header":   {whole[:offset(50)+7], 50, 50, "ends inside a record header", false},
		"absurd length":            {patch(offset(50)+8, 0xff, 0xff, 0xff, 0x7f), 99, 99, "passed over", false},
		"length too large":         {patch(offset(50)+8, 0, 2, 0, 0), 98, 99, "passed over", false},
		"record overwritten":       {patch(offset(50), bytes.Repeat([]byte{0xee}, 60)...), 98, 99, "passed over", false},
		"pcapng cut":               {ng[:len(ng)/2], 40, 65, "ends inside a block", false},
		"pcapng block length":      {patchAt(ng, len(ng)/2&^3, bytes.Repeat([]byte{0xee}, 200)...), 90, 99, "passed over", false},
		"pcapng trailing garbage":  {append(bytes.Clone(ng), bytes.Repeat([]byte{0xee}, 500)...), 100, 100, "passed over", false},
		"pcap with garbage behind": {append(bytes.Clone(whole), bytes.Repeat([]byte{0xee}, 500)...), 100, 100, "passed over", false},
	} {
		t.Run(name, func(t *testing.T) {
			g := readAll(t, tt.file)
			if n := len(g.frames); n < tt.least || n > tt.most {
				t.Errorf("%d frames, want %d to %d", n, tt.least, tt.most)
			}
			if tt.noneOfDamage {
				if len(g.problems) > 0 {
					t.Errorf("problems %q, want none", g.problems)
				}
				return
			}
			if !strings.Contains(strings.Join(g.problems, "\n"), tt.problem) {
				t.Errorf("problems %q, want one that says %q", g.problems, tt.problem)
			}
			// Every frame that is delivered must be one of the capture, unchanged.
			for _, f := range g.frames {
				for _, c := range f.Data {
					if c != f.Data[0] {
						t.Fatalf("frame %d mixes bytes of two records", f.Number)
					}
				}
			}
		})
	}
}

func patchAt(b []byte, at int, v ...byte) []byte { c := bytes.Clone(b); copy(c[at:], v); return c }

func TestGzipCut(t *testing.T) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(pcapFile(binary.LittleEndian, 0xa1b2c3d4, 5000))
	w.Close()
	g := readAll(t, out.Bytes()[:out.Len()/2])
	if len(g.frames) < 100 || len(g.problems) == 0 {
		t.Errorf("%d frames and problems %q, want what precedes the cut and a problem", len(g.frames), g.problems)
	}
}

// TestNotACapture holds the look-alikes: what has a number in common with a capture and is none.
func TestNotACapture(t *testing.T) {
	for name, b := range map[string][]byte{
		"empty": nil, "text": []byte("hostname,ip\nplc-1,10.0.0.1\n"), "short magic": {0xd4, 0xc3, 0xb2, 0xa1},
		"section block of another order": {0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 28, 9, 9, 9, 9, 0, 0, 0, 0},
		"gzip of text": func() []byte {
			var o bytes.Buffer
			w := gzip.NewWriter(&o)
			fmt.Fprint(w, strings.Repeat("x", 99))
			w.Close()
			return o.Bytes()
		}(),
	} {
		if w := Recognise(b); w != "" {
			t.Errorf("%s: Recognise = %q, want none", name, w)
		}
		if _, err := Open(bytes.NewReader(b), nil); harbour.KindOf(err) != harbour.ErrUnreadable {
			t.Errorf("%s: Open error %v, want one of kind unreadable", name, err)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add(pcapFile(binary.LittleEndian, 0xa1b2c3d4, 5))
	f.Add(pcapFile(binary.BigEndian, 0xa1b23c4d, 5))
	f.Add(ngFile(binary.LittleEndian, 4))
	f.Add(ngFile(binary.BigEndian, 4))
	f.Fuzz(func(t *testing.T, b []byte) {
		Recognise(b)
		r, err := Open(bytes.NewReader(b), func(harbour.Problem) {})
		if err != nil {
			return
		}
		defer r.Close()
		var fr Frame
		for n := 0; ; n++ {
			if err := r.Next(&fr); err != nil {
				break
			}
			if n > len(b)*64+1 && compression(b) == "" {
				t.Fatal("more frames than bytes")
			}
			if n > 1<<20 {
				break
			}
			if len(fr.Data) > MaxFrame {
				t.Fatalf("frame of %d bytes", len(fr.Data))
			}
		}
	})
}
