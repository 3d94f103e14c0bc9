// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package mix

import (
	"bytes"
	"io"
	"math"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

func TestSharesAddUp(t *testing.T) {
	sum := 0.0
	for _, s := range Shares() {
		sum += s.Percent
	}
	if math.Abs(sum-100) > 1e-9 {
		t.Errorf("percentages add up to %v, want 100", sum)
	}
}

func TestWriteIsReproducible(t *testing.T) {
	var a, b, c bytes.Buffer
	for w, seed := range map[*bytes.Buffer]uint64{&a: 1, &b: 1, &c: 2} {
		if _, err := Write(w, Options{Seed: seed, Packets: 20_000}); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same seed gives different bytes")
	}
	if bytes.Equal(a.Bytes(), c.Bytes()) {
		t.Error("different seeds give the same bytes")
	}
}

func TestWriteKeepsItsShares(t *testing.T) {
	n, err := Write(io.Discard, Options{Seed: 1, Packets: 200_000})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range Shares() {
		got := 100 * float64(n.PerShare[i]) / float64(n.Packets)
		if math.Abs(got-s.Percent) > 0.2 {
			t.Errorf("%s has %.2f %% of the packets, want %.2f %%", s.Name, got, s.Percent)
		}
	}
	t.Logf("%d packets, %.1f bytes each, %d flows", n.Packets, float64(n.Bytes)/float64(n.Packets), n.Flows)
	if mean := float64(n.Bytes) / float64(n.Packets); mean < 130 || mean > 165 {
		t.Errorf("mean captured size is %.1f bytes, want about 146", mean)
	}
	if per := float64(n.Packets) / float64(n.Flows); per < 30 || per > 45 {
		t.Errorf("%.1f packets per flow, want about 37", per)
	}
}

// TestWriteIsWellFormed lets another decoder read every frame, checksums included.
func TestWriteIsWellFormed(t *testing.T) {
	var b bytes.Buffer
	n, err := Write(&b, Options{Seed: 3, Packets: 20_000})
	if err != nil {
		t.Fatal(err)
	}
	r, err := pcapgo.NewReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	flows := map[string]bool{}
	read := int64(0)
	for {
		data, _, err := r.ReadPacketData()
		if err != nil {
			break
		}
		read++
		p := gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.Default)
		if p.Layer(gopacket.LayerTypeDecodeFailure) != nil && p.TransportLayer() == nil {
			t.Fatalf("packet %d: %v", read, p.ErrorLayer().Error())
		}
		if ip := p.NetworkLayer(); ip != nil {
			if tl := p.TransportLayer(); tl != nil {
				flows[ip.NetworkFlow().String()+tl.TransportFlow().String()] = true
			}
		}
	}
	if read != n.Packets {
		t.Errorf("read %d packets, want %d", read, n.Packets)
	}
	if len(flows) < 400 {
		t.Errorf("%d directed flows, want several hundred", len(flows))
	}
}
