// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"breakwater/harbour"
	"breakwater/sim/frame"
)

// seen is what the frames of all captures show, read by another implementation.
type seen struct {
	frames   int
	sources  map[string]bool // hardware addresses and addresses that sent
	claims   map[string]map[string]bool
	dials    map[dial]bool // answered connections
	payloads map[string]bool
	ttl      map[uint8]bool
}

// dial is who opened a connection to what.
type dial struct {
	client, server string
	port           uint16
}

// needles are contents that tell something planted, or a decoy, in a payload.
var needles = []string{
	"SSH-1.5", "PASS Krabbe-42", "PASS guest@", "Teltonika", "USER service", "\x02\x00\x00\x4d\x03\x01", "\xffSMB\x72\x00\x00\x00\x00\x98", "P_PROGRAM",
	"Digest username=\"admin\"", "Basic YWRtaW46MTIzNDU=", "\xfeSMB", "SSH-2.0",
}

func openCapture(t *testing.T, path string) gopacket.PacketDataSource {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r io.Reader = bytes.NewReader(b)
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(r); err != nil {
			t.Fatal(err)
		}
	}
	var src gopacket.PacketDataSource
	if strings.Contains(path, ".pcapng") {
		src, err = pcapgo.NewNgReader(r, pcapgo.DefaultNgReaderOptions)
	} else {
		src, err = pcapgo.NewReader(r)
	}
	if err != nil {
		t.Fatalf("open %s: %v", path, err)
	}
	return src
}

// look reads all captures of a folder and checks that every frame is sound.
func look(t *testing.T, dir string) *seen {
	t.Helper()
	s := &seen{sources: map[string]bool{}, claims: map[string]map[string]bool{}, dials: map[dial]bool{}, payloads: map[string]bool{}, ttl: map[uint8]bool{}}
	files, err := filepath.Glob(filepath.Join(dir, "captures", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("captures: %v, %v", files, err)
	}
	for _, path := range files {
		src, last, n := openCapture(t, path), time.Time{}, 0
		for {
			data, ci, err := src.ReadPacketData()
			if errors.Is(err, io.EOF) {
				break
			}
			n++
			if err != nil || ci.CaptureLength != ci.Length || len(data) != ci.Length || len(data) < 60 {
				t.Fatalf("%s frame %d: length %d of %d, %v", filepath.Base(path), n, ci.CaptureLength, ci.Length, err)
			}
			if ci.Timestamp.Before(last) || ci.Timestamp.Before(start) || ci.Timestamp.After(start.Add(125*time.Minute)) {
				t.Fatalf("%s frame %d: time %v after %v", filepath.Base(path), n, ci.Timestamp, last)
			}
			last = ci.Timestamp
			s.frame(t, filepath.Base(path), n, data)
		}
		s.frames += n
	}
	return s
}

func (s *seen) frame(t *testing.T, file string, n int, data []byte) {
	p := gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.DecodeOptions{NoCopy: true})
	if ip := p.NetworkLayer(); ip != nil {
		if l, ok := p.TransportLayer().(interface {
			SetNetworkLayerForChecksum(gopacket.NetworkLayer) error
		}); ok {
			if err := l.SetNetworkLayerForChecksum(ip); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err, bad := p.VerifyChecksums(); err != nil || len(bad) > 0 {
		t.Fatalf("%s frame %d: checksums: %v %v", file, n, err, bad)
	}
	eth := p.LinkLayer().(*layers.Ethernet)
	s.sources[eth.SrcMAC.String()] = true
	if a, ok := p.Layer(layers.LayerTypeARP).(*layers.ARP); ok {
		ip := string(ipText(a.SourceProtAddress))
		if s.claims[ip] == nil {
			s.claims[ip] = map[string]bool{}
		}
		s.claims[ip][frame.MAC(a.SourceHwAddress).String()] = true
	}
	ip, ok := p.NetworkLayer().(*layers.IPv4)
	if !ok {
		return
	}
	s.sources[ip.SrcIP.String()] = true
	s.ttl[ip.TTL] = true
	tcp, ok := p.TransportLayer().(*layers.TCP)
	if !ok {
		if udp, ok := p.TransportLayer().(*layers.UDP); ok {
			s.content(udp.Payload)
		}
		return
	}
	if tcp.SYN && tcp.ACK {
		s.dials[dial{ip.DstIP.String(), ip.SrcIP.String(), uint16(tcp.SrcPort)}] = true
	}
	s.content(tcp.Payload)
}

func ipText(b []byte) string { return frame.Addr(b).String() }

func (s *seen) content(b []byte) {
	for _, x := range needles {
		if !s.payloads[x] && bytes.Contains(b, []byte(x)) {
			s.payloads[x] = true
		}
	}
}

func readPort(t *testing.T, dir string) *harbour.Port {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "port.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	p := &harbour.Port{}
	if err := yaml.UnmarshalWithOptions(b, p, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	return p
}

// written plans and writes a port and keeps the plan.
func written(t *testing.T, o Options) (*world, string) {
	t.Helper()
	w, dir := newWorld(o), t.TempDir()
	w.plan()
	if _, err := w.write(context.Background(), dir, func(int64, int64, string) {}); err != nil {
		t.Fatal(err)
	}
	return w, dir
}

func TestPortInOrder(t *testing.T) {
	w, dir := written(t, Options{Seed: 5, Scale: 0.3, Plant: []string{}})
	s := look(t, dir)
	if s.frames != w.packets {
		t.Errorf("%d frames read, %d written", s.frames, w.packets)
	}
	checkDeclaredSend(t, w, s)
	declared := map[string]bool{}
	for _, r := range w.routers {
		declared[r.mac.String()] = true
	}
	for _, h := range w.hosts {
		if h != nil && !h.hidden {
			declared[h.mac.String()] = true
		}
	}
	for mac := range s.sources {
		if strings.Contains(mac, ":") && !declared[mac] {
			t.Errorf("%s sends and is not declared", mac)
		}
	}
	if bad := uncovered(readPort(t, dir), s); len(bad) > 0 {
		t.Errorf("no conduit permits %v", bad)
	}
	for _, x := range []string{"SSH-1.5", "PASS Krabbe-42", "USER service", "Teltonika", "\x02\x00\x00\x4d\x03\x01", "\xffSMB\x72\x00\x00\x00\x00\x98"} {
		if s.payloads[x] {
			t.Errorf("%q crosses the network with nothing planted", x)
		}
	}
	for _, x := range []string{"P_PROGRAM", "Digest username=\"admin\"", "PASS guest@", "Basic YWRtaW46MTIzNDU=", "\xfeSMB", "SSH-2.0"} {
		if !s.payloads[x] {
			t.Errorf("the decoy with %q is missing", x)
		}
	}
	for _, ttl := range []uint8{30, 29, 64, 63, 61, 128, 127, 125, 255} {
		if !s.ttl[ttl] {
			t.Errorf("no packet with hop count %d", ttl)
		}
	}
	if got := len(s.claims["10.84.0.12"]); got != 2 {
		t.Errorf("%d claim a door's address, want the door and the router that does proxy ARP", got)
	}
	if got := len(s.claims["10.81.0.1"]); got != 1 {
		t.Errorf("%d claim the routers' shared address, want the virtual one alone", got)
	}
}

// checkDeclaredSend checks that every declared host sends but those that are there to be silent.
func checkDeclaredSend(t *testing.T, w *world, s *seen) {
	t.Helper()
	ghosts := map[string]bool{}
	for _, p := range w.planted {
		if p.Kind == "ghost" {
			ghosts[p.Subjects[0]] = true
		}
	}
	for _, h := range w.hosts {
		if h == nil || h.hidden {
			continue
		}
		want := !h.silent && !ghosts[h.name]
		if got := s.sources[h.mac.String()]; got != want {
			t.Errorf("%s (%s) sends: %v, want %v", h.name, h.mac, got, want)
		}
		if h.kind != harbour.KindRouter && h.kind != harbour.KindSwitch && !h.noAddr && s.sources[h.ip.String()] != want {
			t.Errorf("%s sends from %s: %v, want %v", h.name, h.ip, s.sources[h.ip.String()], want)
		}
	}
	for _, r := range w.routers {
		if !s.sources[r.mac.String()] {
			t.Errorf("%s does not send", r.name)
		}
	}
}

// uncovered lists the connections between zones that no conduit of the port file permits.
func uncovered(p *harbour.Port, s *seen) (bad []dial) {
	zoneOf := func(ip string) string {
		for _, z := range p.Zones {
			for _, prefix := range z.Prefixes {
				octets := 2
				if strings.HasSuffix(prefix, "/24") {
					octets = 3
				}
				if strings.Join(strings.Split(prefix, ".")[:octets], ".") == strings.Join(strings.Split(ip, ".")[:octets], ".") {
					return z.ID
				}
			}
		}
		return ""
	}
	for d := range s.dials {
		from, to, ok := zoneOf(d.client), zoneOf(d.server), false
		for _, c := range p.Conduits {
			for _, permit := range c.Permits {
				ok = ok || c.From == from && c.To == to && permit.Transport == "tcp" && len(permit.Ports) == 1 && permit.Ports[0] == int(d.port)
			}
		}
		if from == "" || to == "" || from != to && !ok {
			bad = append(bad, d)
		}
	}
	return bad
}

func TestPlantedIsInTheCaptures(t *testing.T) {
	w, dir := written(t, Options{Seed: 6, Scale: 0.3})
	s := look(t, dir)
	checkDeclaredSend(t, w, s)
	for _, x := range needles {
		if !s.payloads[x] {
			t.Errorf("no packet contains %q", x)
		}
	}
	reached := map[dial]bool{}
	for _, d := range uncovered(readPort(t, dir), s) {
		reached[d] = true
	}
	for _, p := range w.planted {
		name, ip := p.Subjects[0], p.Subjects[1]
		switch p.Kind {
		case "ghost":
			if s.sources[ip] {
				t.Errorf("the ghost %s sends", name)
			}
			continue
		case "camera-to-crane", "office-to-plc":
			found := false
			for d := range reached {
				if d.client == ip && d.server == p.Subjects[4] {
					found = true
					delete(reached, d)
				}
			}
			if !found {
				t.Errorf("%s does not reach %s past the conduits", name, p.Subjects[3])
			}
		case "swapped-switch":
			if s.sources[p.Subjects[3]] || !s.claims[ip][p.Subjects[2]] {
				t.Errorf("%s: the declared hardware sends, or the new one does not claim %s", name, ip)
			}
		case "address-conflict":
			if len(s.claims[ip]) != 2 {
				t.Errorf("%d claim %s, want 2", len(s.claims[ip]), ip)
			}
		}
		if !s.sources[ip] && p.Kind != "swapped-switch" || !s.sources[p.Subjects[2]] {
			t.Errorf("%s: %s does not send", p.Kind, name)
		}
	}
	if len(reached) > 0 {
		t.Errorf("not planted and not permitted: %v", reached)
	}
}
