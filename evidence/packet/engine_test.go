// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package packet

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"breakwater/evidence"
	"breakwater/internal/testdata"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

// script builds a capture packet by packet.
type script struct {
	tb     testing.TB
	buf    bytes.Buffer
	w      *pcapgo.Writer
	at     time.Time
	seq    map[string]uint32
	frames int
}

func newScript(tb testing.TB) *script {
	s := &script{tb: tb, at: time.Unix(1_700_000_000, 0), seq: map[string]uint32{}}
	s.w = pcapgo.NewWriter(&s.buf)
	if err := s.w.WriteFileHeader(65535, layers.LinkTypeEthernet); err != nil {
		tb.Fatal(err)
	}
	return s
}

func mac(ip string) net.HardwareAddr {
	a := net.ParseIP(ip).To4()
	return net.HardwareAddr{0x00, 0x1b, 0x1b, a[1], a[2], a[3]}
}

func (s *script) add(ls ...gopacket.SerializableLayer) {
	b := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, ls...); err != nil {
		s.tb.Fatal(err)
	}
	s.at = s.at.Add(time.Millisecond)
	s.frames++
	ci := gopacket.CaptureInfo{Timestamp: s.at, CaptureLength: len(b.Bytes()), Length: len(b.Bytes())}
	if err := s.w.WritePacket(ci, b.Bytes()); err != nil {
		s.tb.Fatal(err)
	}
}

func (s *script) ip(src, dst string, p layers.IPProtocol) (*layers.Ethernet, *layers.IPv4) {
	return &layers.Ethernet{SrcMAC: mac(src), DstMAC: mac(dst), EthernetType: layers.EthernetTypeIPv4},
		&layers.IPv4{Version: 4, TTL: 64, Protocol: p, SrcIP: net.ParseIP(src), DstIP: net.ParseIP(dst)}
}

type flags struct{ syn, ack, fin, rst bool }

func (s *script) tcp(src string, sport int, dst string, dport int, f flags, seq uint32, payload []byte) {
	e, i := s.ip(src, dst, layers.IPProtocolTCP)
	t := &layers.TCP{SrcPort: layers.TCPPort(sport), DstPort: layers.TCPPort(dport), Seq: seq, SYN: f.syn, ACK: f.ack, FIN: f.fin, RST: f.rst, Window: 1000}
	_ = t.SetNetworkLayerForChecksum(i)
	s.add(e, i, t, gopacket.Payload(payload))
}

func (s *script) udp(src string, sport int, dst string, dport int, payload []byte) {
	e, i := s.ip(src, dst, layers.IPProtocolUDP)
	u := &layers.UDP{SrcPort: layers.UDPPort(sport), DstPort: layers.UDPPort(dport)}
	_ = u.SetNetworkLayerForChecksum(i)
	s.add(e, i, u, gopacket.Payload(payload))
}

// talk plays a whole TCP conversation; lines starting with "<" are the server's.
func (s *script) talk(client string, cport int, server string, sport int, handshake bool, says ...[]byte) {
	cs, ss := uint32(1000), uint32(5000)
	if handshake {
		s.tcp(client, cport, server, sport, flags{syn: true}, cs-1, nil)
		s.tcp(server, sport, client, cport, flags{syn: true, ack: true}, ss-1, nil)
		s.tcp(client, cport, server, sport, flags{ack: true}, cs, nil)
	}
	for i, b := range says {
		if i%2 == 0 {
			s.tcp(client, cport, server, sport, flags{ack: true}, cs, b)
			cs += uint32(len(b))
		} else {
			s.tcp(server, sport, client, cport, flags{ack: true}, ss, b)
			ss += uint32(len(b))
		}
	}
}

func (s *script) read() *evidence.Ledger { return readBytes(s.tb, s.buf.Bytes(), 64<<20) }

func readBytes(tb testing.TB, b []byte, memory int64) *evidence.Ledger {
	tb.Helper()
	l := evidence.NewLedger(evidence.LimitsFor(memory / 2))
	if err := (Kind{}).Read(context.Background(), &evidence.Source{Reader: bytes.NewReader(b), Memory: memory}, l); err != nil {
		tb.Fatal(err)
	}
	l.Finish()
	return l
}

// talks lists conversations: client>server:port protocol state.
func talks(l *evidence.Ledger) string {
	var s []string
	for _, c := range l.Conversations() {
		state := "likely"
		if c.Confirmed {
			state = "confirmed"
		}
		if l.Text(c.Protocol) == "" {
			state = "-"
		}
		s = append(s, fmt.Sprintf("%s>%s:%d %s %s", l.At(c.Client).IP, l.At(c.Server).IP, c.Port, l.Text(c.Protocol), state))
	}
	return strings.Join(s, "\n")
}

func acts(l *evidence.Ledger) string {
	var s []string
	for _, o := range l.Operations() {
		s = append(s, fmt.Sprintf("%s>%s %s [%s] %s ×%d", l.At(o.Client).IP, l.At(o.Server).IP, l.Text(o.Name), l.Text(o.Target), l.Text(o.Result), o.Count))
	}
	return strings.Join(s, "\n")
}

// ask and answer are a Modbus read of ten registers.
func ask(tx byte) []byte { return []byte{0, tx, 0, 0, 0, 6, 1, 3, 0, 100, 0, 10} }

func answer(tx byte) []byte { return append([]byte{0, tx, 0, 0, 0, 23, 1, 3, 20}, make([]byte, 20)...) }

func join(b ...[]byte) []byte { return bytes.Join(b, nil) }

const (
	hmi = "10.0.0.1"
	plc = "10.0.0.2"
	op  = "10.0.0.1>10.0.0.2 read_holding_registers [unit 1 holding registers 100-109] "
)

func TestRecognition(t *testing.T) {
	for name, tt := range map[string]struct {
		play  func(*script)
		talks string
		acts  string
	}{
		"both sides confirm": {func(s *script) { s.talk(hmi, 40000, plc, 502, true, ask(1), answer(1)) }, "10.0.0.1>10.0.0.2:502 modbus confirmed", op + "ok ×1"},
		"on another port":    {func(s *script) { s.talk(hmi, 40000, plc, 1502, true, ask(1), answer(1)) }, "10.0.0.1>10.0.0.2:1502 modbus confirmed", op + "ok ×1"},
		"mid-stream":         {func(s *script) { s.talk(hmi, 40000, plc, 502, false, ask(1), answer(1), ask(2), answer(2)) }, "10.0.0.1>10.0.0.2:502 modbus confirmed", op + "ok ×2"},
		"answer first":       {func(s *script) { s.talk(plc, 502, hmi, 40000, false, answer(1), ask(2), answer(2)) }, "10.0.0.1>10.0.0.2:502 modbus confirmed", "10.0.0.1>10.0.0.2 read_holding_registers [unit 1] ok ×1\n" + op + "ok ×1"},
		"one side alone":     {func(s *script) { s.talk(hmi, 40000, plc, 502, true, ask(1)) }, "10.0.0.1>10.0.0.2:502 modbus likely", op + "unanswered ×1"},
		"other traffic on the port": {func(s *script) {
			s.talk(hmi, 40000, plc, 502, true, []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), []byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
		}, "10.0.0.1>10.0.0.2:502 http confirmed", ""},
		"noise on the port": {func(s *script) {
			s.talk(hmi, 40000, plc, 502, true, bytes.Repeat([]byte{0xee}, 40), bytes.Repeat([]byte{0xdd}, 40))
		}, "10.0.0.1>10.0.0.2:502  -", ""},
		"wrong protocol for the server": {func(s *script) {
			s.talk(hmi, 40000, plc, 1502, true, ask(1), []byte("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"))
		}, "10.0.0.1>10.0.0.2:1502 http likely", ""},
		"request that is answered by something else": {func(s *script) { s.talk(hmi, 40000, plc, 1502, true, ask(1), []byte("550 what?\r\n")) }, "10.0.0.1>10.0.0.2:1502  -", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScript(t)
			tt.play(s)
			l := s.read()
			if got := talks(l); got != tt.talks {
				t.Errorf("conversations:\n%s\nwant\n%s", got, tt.talks)
			}
			if got := acts(l); got != tt.acts && tt.acts != "" {
				t.Errorf("operations:\n%s\nwant\n%s", got, tt.acts)
			}
		})
	}
}

// TestStreams plays one exchange in the shapes that TCP may give it.
func TestStreams(t *testing.T) {
	a, r := join(ask(1), ask(2), ask(3)), join(answer(1), answer(2), answer(3))
	want := op + "ok ×3"
	for name, play := range map[string]func(*script){
		"pipelined": func(s *script) { s.talk(hmi, 40000, plc, 502, true, a, r) },
		"split in every byte": func(s *script) {
			s.talk(hmi, 40000, plc, 502, true)
			for i := range a {
				s.tcp(hmi, 40000, plc, 502, flags{ack: true}, 1000+uint32(i), a[i:i+1])
			}
			for i := range r {
				s.tcp(plc, 502, hmi, 40000, flags{ack: true}, 5000+uint32(i), r[i:i+1])
			}
		},
		"out of order": func(s *script) {
			s.talk(hmi, 40000, plc, 502, true)
			for _, i := range []int{1, 2, 0} {
				s.tcp(hmi, 40000, plc, 502, flags{ack: true}, 1000+uint32(i*12), ask(byte(i+1)))
			}
			for _, i := range []int{2, 0, 1} {
				s.tcp(plc, 502, hmi, 40000, flags{ack: true}, 5000+uint32(i*29), answer(byte(i+1)))
			}
		},
		"sent twice": func(s *script) {
			s.talk(hmi, 40000, plc, 502, true, a, r)
			s.tcp(hmi, 40000, plc, 502, flags{ack: true}, 1000, a)
			s.tcp(plc, 502, hmi, 40000, flags{ack: true}, 5000, r)
		},
		"overlapping": func(s *script) {
			s.talk(hmi, 40000, plc, 502, true, a[:20])
			s.tcp(hmi, 40000, plc, 502, flags{ack: true}, 1010, a[10:])
			s.tcp(plc, 502, hmi, 40000, flags{ack: true}, 5000, r)
		},
		"reset and reconnected on the same ports": func(s *script) {
			s.talk(hmi, 40000, plc, 502, true, ask(1), answer(1))
			s.tcp(hmi, 40000, plc, 502, flags{rst: true}, 1012, nil)
			s.talk(hmi, 40000, plc, 502, true, join(ask(2), ask(3)), join(answer(2), answer(3)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScript(t)
			play(s)
			if got := acts(s.read()); got != want {
				t.Errorf("operations:\n%s\nwant\n%s", got, want)
			}
		})
	}
	t.Run("what was acknowledged is not waited for", func(t *testing.T) {
		s := newScript(t)
		s.talk(hmi, 40000, plc, 502, true, ask(1), answer(1))
		ack := func(src string, sport int, dst string, dport int, seq, ack uint32, b []byte) {
			e, i := s.ip(src, dst, layers.IPProtocolTCP)
			x := &layers.TCP{SrcPort: layers.TCPPort(sport), DstPort: layers.TCPPort(dport), Seq: seq, Ack: ack, ACK: true, Window: 1000}
			_ = x.SetNetworkLayerForChecksum(i)
			s.add(e, i, x, gopacket.Payload(b))
		}
		// The second request, bytes 1012 to 1023, was not captured; its answer acknowledges it.
		ack(plc, 502, hmi, 40000, 5029, 1024, answer(2))
		ack(hmi, 40000, plc, 502, 1024, 5058, ask(3))
		ack(plc, 502, hmi, 40000, 5058, 1036, answer(3))
		want := op + "ok ×2\n10.0.0.1>10.0.0.2 read_holding_registers [unit 1] ok ×1"
		if got := acts(s.read()); got != want {
			t.Errorf("operations:\n%s\nwant\n%s", got, want)
		}
	})
	t.Run("a lost segment costs its own messages", func(t *testing.T) {
		s := newScript(t)
		s.talk(hmi, 40000, plc, 502, true)
		for i := byte(1); i <= 30; i++ {
			if i != 5 {
				s.tcp(hmi, 40000, plc, 502, flags{ack: true}, 1000+uint32(i-1)*12, ask(i))
			}
			s.tcp(plc, 502, hmi, 40000, flags{ack: true}, 5000+uint32(i-1)*29, answer(i))
		}
		got := acts(s.read())
		if !strings.Contains(got, op+"ok ×") || strings.Contains(got, op+"ok ×1\n") {
			t.Errorf("after a gap:\n%s", got)
		}
	})
}

// TestFlood sends a million frames from forged addresses past a real conversation: memory stays bounded, the
// conversation stays, and the counters say what happened.
func TestFlood(t *testing.T) {
	if testing.Short() {
		t.Skip("a million frames")
	}
	s := newScript(t)
	s.talk(hmi, 40000, plc, 502, true, ask(1), answer(1))
	var one []byte
	{
		x := newScript(t)
		x.tcp("10.9.9.9", 1234, plc, 502, flags{syn: true}, 1, nil)
		one = x.buf.Bytes()[24:]
	}
	flood := bytes.Repeat(one, 300_000)
	for i := range 300_000 {
		f := flood[i*len(one)+16:]
		f[26], f[27], f[28], f[29] = 11, byte(i>>16), byte(i>>8), byte(i) // source address
		f[9], f[10], f[11] = byte(i>>16), byte(i>>8), byte(i)             // source MAC
	}
	b := join(s.buf.Bytes(), flood)
	tail := newScript(t)
	tail.talk(hmi, 40001, plc, 502, true, ask(1), answer(1))
	b = append(b, tail.buf.Bytes()[24:]...)
	l := readBytes(t, b, 16<<20)
	if n := len(l.Endpoints()); n > 16<<20/512 {
		t.Errorf("%d endpoints kept", n)
	}
	if !strings.Contains(acts(l), op+"ok ×2") {
		t.Errorf("the conversation beside the flood was lost:\n%s", acts(l))
	}
	if l.Counter("tentative_endpoints_refused") == 0 || l.Counter("flows_evicted") == 0 {
		t.Errorf("counters do not tell of the flood: %v", l.Evidence.Counters)
	}
}

// TestSampleCaptures reads every file of the sample evidence, hostile ones included.
func TestSampleCaptures(t *testing.T) {
	read := 0
	for _, path := range testdata.Files(t, "pcap") {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if (Kind{}).Recognise(b[:min(len(b), evidence.HeadSize)]) == "" {
			continue
		}
		read++
		start := time.Now()
		l := readBytes(t, b, 32<<20)
		if n := l.Counter("dissector_failures"); n > 0 {
			t.Errorf("%s: a dissector failed %d times", path, n)
		}
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("%s took %v", path, d)
		}
	}
	if read < 500 {
		t.Errorf("only %d captures were recognised", read)
	}
}

func FuzzRead(f *testing.F) {
	s := newScript(f)
	s.talk(hmi, 40000, plc, 502, true, ask(1), answer(1))
	s.udp(hmi, 5353, "224.0.0.251", 5353, make([]byte, 30))
	f.Add(s.buf.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		l := evidence.NewLedger(evidence.LimitsFor(1 << 20))
		_ = (Kind{}).Read(context.Background(), &evidence.Source{Reader: bytes.NewReader(b), Memory: 4 << 20}, l)
		if l.Counter("dissector_failures") > 0 {
			t.Fatal("a dissector panicked")
		}
	})
}
