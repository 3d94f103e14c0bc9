// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package decode

import (
	"bytes"
	"net"
	"testing"

	"breakwater/evidence"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

var (
	macA, macB = net.HardwareAddr{2, 0, 0, 0, 0, 1}, net.HardwareAddr{2, 0, 0, 0, 0, 2}
	ipA, ipB   = net.IP{10, 1, 0, 1}, net.IP{10, 1, 0, 2}
	ip6A, ip6B = net.ParseIP("fd00::1"), net.ParseIP("fd00::2")
)

func frame(tb testing.TB, ls ...gopacket.SerializableLayer) []byte {
	tb.Helper()
	b := gopacket.NewSerializeBuffer()
	var network gopacket.NetworkLayer // nil: no checksum, which nothing here looks at
	for _, l := range ls {
		if n, ok := l.(gopacket.NetworkLayer); ok {
			network = n
		}
		switch t := l.(type) {
		case *layers.TCP:
			if network != nil {
				_ = t.SetNetworkLayerForChecksum(network)
			}
		case *layers.UDP:
			if network != nil {
				_ = t.SetNetworkLayerForChecksum(network)
			}
		}
	}
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: network != nil}, ls...); err != nil {
		tb.Fatal(err)
	}
	return bytes.Clone(b.Bytes())
}

func eth(t layers.EthernetType) *layers.Ethernet {
	return &layers.Ethernet{SrcMAC: macA, DstMAC: macB, EthernetType: t}
}

func ip4(p layers.IPProtocol) *layers.IPv4 {
	return &layers.IPv4{Version: 4, TTL: 64, Protocol: p, SrcIP: ipA, DstIP: ipB}
}

func tcp() *layers.TCP {
	return &layers.TCP{SrcPort: 40000, DstPort: 502, Seq: 7, ACK: true, Window: 9}
}

var hello = gopacket.Payload("hello")

func TestLayers(t *testing.T) {
	plain := []gopacket.SerializableLayer{ip4(layers.IPProtocolTCP), tcp(), hello}
	with := func(ls ...gopacket.SerializableLayer) []byte { return frame(t, append(ls, plain...)...) }
	ip := frame(t, plain...)
	for name, tt := range map[string]struct {
		link  LinkType
		frame []byte
		vlan  uint16
		outer uint16
	}{
		"ethernet":           {LinkEthernet, with(eth(layers.EthernetTypeIPv4)), 0, 0},
		"802.1Q":             {LinkEthernet, with(eth(layers.EthernetTypeDot1Q), &layers.Dot1Q{VLANIdentifier: 20, Type: layers.EthernetTypeIPv4}), 20, 0},
		"priority tag alone": {LinkEthernet, with(eth(layers.EthernetTypeDot1Q), &layers.Dot1Q{Priority: 6, Type: layers.EthernetTypeIPv4}), 0, 0},
		"QinQ": {LinkEthernet, with(eth(layers.EthernetTypeQinQ), &layers.Dot1Q{VLANIdentifier: 100, Type: layers.EthernetTypeDot1Q},
			&layers.Dot1Q{VLANIdentifier: 20, Type: layers.EthernetTypeIPv4}), 20, 100},
		"padded to 60 bytes":  {LinkEthernet, append(with(eth(layers.EthernetTypeIPv4)), make([]byte, 20)...), 0, 0},
		"SNAP":                {LinkEthernet, append([]byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0, byte(8 + len(ip)), 0xaa, 0xaa, 3, 0, 0, 0, 8, 0}, ip...), 0, 0},
		"raw":                 {LinkRaw, ip, 0, 0},
		"null, little endian": {LinkNull, append([]byte{2, 0, 0, 0}, ip...), 0, 0},
		"loop, big endian":    {LinkLoop, append([]byte{0, 0, 0, 2}, ip...), 0, 0},
		"SLL":                 {LinkSLL, append([]byte{0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0}, ip...), 0, 0},
		"SLL2":                {LinkSLL2, append([]byte{8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0}, ip...), 0, 0},
		"SLL with VLAN":       {LinkSLL, append([]byte{0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0x81, 0, 0, 20, 8, 0}, ip...), 20, 0},
		"PPPoE":               {LinkEthernet, append([]byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0x64, 0x11, 0, 0, 1, 0, byte(2 + len(ip)), 0, 0x21}, ip...), 0, 0},
		"IPv4 options":        {LinkEthernet, with4options(t), 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var p Packet
			New(1<<20).Decode(&p, tt.link, tt.frame, 1)
			if p.Damage != Intact || p.IPVersion != 4 || p.Transport != ProtoTCP || p.SrcPort != 40000 || p.DstPort != 502 || p.Seq != 7 || p.Flags != ACK || p.TTL != 64 {
				t.Errorf("packet %+v", p)
			}
			if string(p.Payload) != "hello" {
				t.Errorf("payload %q, want hello", p.Payload)
			}
			if p.Src.String() != "10.1.0.1" || p.Dst.String() != "10.1.0.2" || p.VLAN != tt.vlan || p.OuterVLAN != tt.outer {
				t.Errorf("%v → %v in VLAN %d of %d, want VLAN %d of %d", p.Src, p.Dst, p.VLAN, p.OuterVLAN, tt.vlan, tt.outer)
			}
		})
	}
}

func with4options(t *testing.T) []byte {
	i := ip4(layers.IPProtocolTCP)
	i.Options = []layers.IPv4Option{{OptionType: 7, OptionLength: 7, OptionData: []byte{4, 0, 0, 0, 0}}}
	return frame(t, eth(layers.EthernetTypeIPv4), i, tcp(), hello)
}

func TestTunnels(t *testing.T) {
	inner := frame(t, eth(layers.EthernetTypeIPv4), ip4(layers.IPProtocolTCP), tcp(), hello)
	innerIP := inner[14:]
	udp := func(port int) []byte {
		return frame(t, eth(layers.EthernetTypeIPv4), ip4(layers.IPProtocolUDP), &layers.UDP{SrcPort: 5000, DstPort: layers.UDPPort(port)},
			gopacket.Payload(append([]byte{8, 0, 0, 0, 0, 0, 42, 0}, inner...)))
	}
	gre := func(head []byte, b []byte) []byte {
		return frame(t, eth(layers.EthernetTypeIPv4), ip4(layers.IPProtocolGRE), gopacket.Payload(append(bytes.Clone(head), b...)))
	}
	mpls := append([]byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0x47, 0, 1, 0, 64, 0, 2, 1, 64}, innerIP...)
	erspan3 := make([]byte, 12)
	for name, b := range map[string][]byte{
		"VXLAN": udp(4789), "GRE": gre([]byte{0, 0, 8, 0}, innerIP), "GRE with key": gre([]byte{0x20, 0, 8, 0, 0, 0, 0, 9}, innerIP),
		"GRE bridging": gre([]byte{0, 0, 0x65, 0x58}, inner), "ERSPAN I": gre([]byte{0, 0, 0x88, 0xbe}, inner),
		"ERSPAN II":  gre([]byte{0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0, 0, 0, 0, 0, 0, 0}, inner),
		"ERSPAN III": gre(append([]byte{0x10, 0, 0x22, 0xeb, 0, 0, 0, 1}, erspan3...), inner),
		"IP in IP":   frame(t, eth(layers.EthernetTypeIPv4), ip4(layers.IPProtocolIPv4), gopacket.Payload(innerIP)), "MPLS": mpls,
	} {
		t.Run(name, func(t *testing.T) {
			var p Packet
			d := New(1 << 20)
			d.Decode(&p, LinkEthernet, b, 1)
			if p.Inner == nil {
				t.Fatalf("no inner packet: %+v", p)
			}
			var q Packet
			d.Decode(&q, p.InnerLink, p.Inner, 1)
			if q.DstPort != 502 || string(q.Payload) != "hello" {
				t.Errorf("inner packet %+v", q)
			}
		})
	}
	var p Packet
	New(1<<20).Decode(&p, LinkEthernet, udp(5353), 1)
	if p.Inner != nil {
		t.Error("a datagram that is no VXLAN was entered")
	}
}

func TestIPv6Extensions(t *testing.T) {
	i := &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: layers.IPProtocolIPv6HopByHop, SrcIP: ip6A, DstIP: ip6B}
	seg := frame(t, &layers.TCP{SrcPort: 40000, DstPort: 502, ACK: true}, hello)
	body := append([]byte{60, 0, 1, 4, 0, 0, 0, 0, 6, 0, 1, 4, 0, 0, 0, 0}, seg...)
	var p Packet
	New(1<<20).Decode(&p, LinkEthernet, frame(t, eth(layers.EthernetTypeIPv6), i, gopacket.Payload(body)), 1)
	if p.DstPort != 502 || string(p.Payload) != "hello" || p.Src.String() != "fd00::1" {
		t.Errorf("packet %+v", p)
	}
}

// fragmentsOf cuts a UDP datagram of n bytes into IPv4 fragments of size bytes.
func fragmentsOf(t *testing.T, n, size int, id uint16) (frames [][]byte, payload []byte) {
	payload = make([]byte, n)
	for i := range payload {
		payload[i] = byte(i)
	}
	d := frame(t, &layers.UDP{SrcPort: 1000, DstPort: 2000}, gopacket.Payload(payload))
	for off := 0; off < len(d); off += size {
		i := ip4(layers.IPProtocolUDP)
		i.Id, i.FragOffset = id, uint16(off/8)
		end := min(off+size, len(d))
		if end < len(d) {
			i.Flags = layers.IPv4MoreFragments
		}
		frames = append(frames, frame(t, eth(layers.EthernetTypeIPv4), i, gopacket.Payload(d[off:end])))
	}
	return frames, payload
}

func TestFragments(t *testing.T) {
	frames, payload := fragmentsOf(t, 4000, 1480, 1)
	for name, order := range map[string][]int{"in order": {0, 1, 2}, "reversed": {2, 1, 0}, "last first, repeated": {2, 2, 0, 0, 1}} {
		d := New(1 << 20)
		var p Packet
		for i, n := range order {
			d.Decode(&p, LinkEthernet, frames[n], int64(i))
			if whole := i == len(order)-1; p.Partial == whole {
				t.Errorf("%s: partial after fragment %d is %v", name, i, p.Partial)
			}
		}
		if p.DstPort != 2000 || !bytes.Equal(p.Payload, payload) {
			t.Errorf("%s: port %d, %d bytes", name, p.DstPort, len(p.Payload))
		}
	}
	t.Run("overlap is given up", func(t *testing.T) {
		d := New(1 << 20)
		other, _ := fragmentsOf(t, 4000, 1472, 1)
		var p Packet
		for _, f := range [][]byte{frames[0], other[1], frames[1], frames[2]} {
			d.Decode(&p, LinkEthernet, f, 1)
		}
		if !p.Partial {
			t.Error("an overlapping datagram was put together")
		}
	})
	t.Run("flood stays within its slots", func(t *testing.T) {
		d := New(1 << 20)
		for id := range 5000 {
			f, _ := fragmentsOf(t, 100, 96, uint16(id))
			var p Packet
			d.Decode(&p, LinkEthernet, f[0], int64(id))
		}
		if len(d.frags.slots) > 256 || d.Dropped() < 4000 {
			t.Errorf("%d slots, %d dropped", len(d.frags.slots), d.Dropped())
		}
	})
}

func TestDamaged(t *testing.T) {
	whole := frame(t, eth(layers.EthernetTypeIPv4), ip4(layers.IPProtocolTCP), tcp(), hello)[:59] // without Ethernet's padding
	for n := range whole {
		var p Packet
		New(1<<20).Decode(&p, LinkEthernet, whole[:n], 1)
		if p.Damage == Intact {
			t.Errorf("cut at %d: no damage noted", n)
		}
		if n >= 54 && (p.Damage != Cut || p.Missing != len(whole)-n) {
			t.Errorf("cut at %d: damage %d, missing %d, want %d missing", n, p.Damage, p.Missing, len(whole)-n)
		}
	}
}

func TestDecodeDoesNotAllocate(t *testing.T) {
	b := frame(t, eth(layers.EthernetTypeIPv4), ip4(layers.IPProtocolTCP), tcp(), hello)
	d := New(1 << 20)
	var p Packet
	if n := testing.AllocsPerRun(100, func() { d.Decode(&p, LinkEthernet, b, 1) }); n != 0 {
		t.Errorf("%v allocations per packet, want 0", n)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(frame(f, eth(layers.EthernetTypeIPv4), ip4(layers.IPProtocolTCP), tcp(), hello), uint16(1))
	f.Add([]byte{0, 0, 0, 2, 0x45}, uint16(0))
	f.Fuzz(func(t *testing.T, b []byte, link uint16) {
		d := New(1 << 16)
		for depth := 0; b != nil && depth < 8; depth++ {
			var p Packet
			d.Decode(&p, LinkType(link), b, 1)
			if len(p.Payload) > maxDatagram && len(p.Payload) > len(b) {
				t.Fatal("payload larger than a datagram")
			}
			b, link = p.Inner, uint16(p.InnerLink)
		}
		_ = evidence.IP{}
	})
}
