// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/pcapgo"
)

func TestFormats(t *testing.T) {
	at := time.Date(2026, 11, 16, 5, 0, 0, 123456789, time.UTC)
	frames := [][]byte{bytes.Repeat([]byte{1}, 60), bytes.Repeat([]byte{2}, 61), bytes.Repeat([]byte{3}, 1514)}
	for name, tt := range map[string]struct {
		file   string
		format Format
		step   time.Duration
	}{
		"microseconds":         {"a.pcap", Micro, time.Microsecond},
		"nanoseconds":          {"a.pcap", Nano, time.Nanosecond},
		"pcapng":               {"a.pcapng", Next, time.Nanosecond},
		"gzip of microseconds": {"a.pcap.gz", Micro, time.Microsecond},
		"gzip of pcapng":       {"a.pcapng.gz", Next, time.Nanosecond},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			w := New(&b, tt.file, tt.format, "mirror")
			for i, f := range frames {
				if err := w.Write(at.Add(time.Duration(i)*time.Second), f); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			src := open(t, &b, tt.file, tt.format)
			for i, want := range frames {
				got, ci, err := src.ReadPacketData()
				if err != nil || !bytes.Equal(got, want) {
					t.Fatalf("frame %d: %d bytes, %v", i, len(got), err)
				}
				if wantAt := at.Add(time.Duration(i) * time.Second).Truncate(tt.step); !ci.Timestamp.Equal(wantAt) {
					t.Errorf("frame %d at %v, want %v", i, ci.Timestamp, wantAt)
				}
			}
			if _, _, err := src.ReadPacketData(); !errors.Is(err, io.EOF) {
				t.Errorf("after the last frame: %v, want EOF", err)
			}
			if w.Records != 3 {
				t.Errorf("Records = %d, want 3", w.Records)
			}
		})
	}
}

func open(t *testing.T, b io.Reader, file string, format Format) gopacket.PacketDataSource {
	t.Helper()
	var err error
	if file[len(file)-3:] == ".gz" {
		if b, err = gzip.NewReader(b); err != nil {
			t.Fatal(err)
		}
	}
	if format == Next {
		r, err := pcapgo.NewNgReader(b, pcapgo.DefaultNgReaderOptions)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	r, err := pcapgo.NewReader(b)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// full is a disk that takes n bytes.
type full struct{ n int }

func (f *full) Write(b []byte) (int, error) {
	if f.n -= len(b); f.n < 0 {
		return 0, errors.New("no space left")
	}
	return len(b), nil
}

func TestFullDisk(t *testing.T) {
	w := New(&full{100_000}, "a.pcap", Micro, "")
	var err error
	for range 1000 {
		err = errors.Join(err, w.Write(time.Unix(0, 0), make([]byte, 1000)))
	}
	if err == nil || w.Close() == nil {
		t.Error("a full disk goes unnoticed")
	}
}
