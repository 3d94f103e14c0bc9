// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"breakwater/evidence"
	"breakwater/evidence/packet/decode"
	"breakwater/harbour"
)

// The addresses of the two sides of a test's messages.
var (
	clientMAC = evidence.MAC{2, 0, 0, 0, 0, 1}
	serverMAC = evidence.MAC{2, 0, 0, 0, 0, 2}
	clientIP  = evidence.V4([]byte{10, 0, 0, 1})
	serverIP  = evidence.V4([]byte{10, 0, 0, 2})
)

// datagram is one message with the packet that it came in, for protocols whose meaning lies in addresses.
type datagram struct {
	from Side
	pkt  decode.Packet
	b    []byte
}

// fromClient and fromServer are ordinary IPv4 datagrams between the two sides.
func fromClient(b []byte) datagram {
	return datagram{ClientSide, decode.Packet{
		IPVersion: 4, Transport: decode.ProtoUDP, HasMAC: true, SrcMAC: clientMAC, DstMAC: serverMAC,
		Src: clientIP, Dst: serverIP, TTL: 64,
	}, b}
}

func fromServer(b []byte) datagram {
	return datagram{ServerSide, decode.Packet{
		IPVersion: 4, Transport: decode.ProtoUDP, HasMAC: true, SrcMAC: serverMAC, DstMAC: clientMAC,
		Src: serverIP, Dst: clientIP, TTL: 64,
	}, b}
}

// deliver plays datagrams through p as one confirmed flow.
func deliver(p *Protocol, script ...datagram) *evidence.Ledger {
	l := evidence.NewLedger(evidence.LimitsFor(8 << 20))
	client := l.Endpoint(clientMAC, clientIP, 0, true)
	server := l.Endpoint(serverMAC, serverIP, 0, true)
	f := &FlowState{Protocol: p}
	for i, d := range script {
		d.pkt.Payload = d.b
		m := &Message{
			At: harbour.Instant(1_000_000 * (i + 1)), Place: evidence.Place(i + 1), Packet: &d.pkt, From: d.from,
			Client: client, Server: server, Confirmed: true, Ledger: l, Flow: f,
		}
		m.Begin(p)
		p.Read(m, d.b)
	}
	return l
}

// bound lists the proven pairs of addresses, one per line.
func bound(l *evidence.Ledger) string {
	var b strings.Builder
	for _, e := range l.Endpoints() {
		if e.Flags&evidence.Bound != 0 {
			fmt.Fprintf(&b, "%s %s\n", e.MAC, e.IP)
		}
	}
	return b.String()
}

// links lists what Link recorded, one pair per line.
func links(l *evidence.Ledger) string {
	var b strings.Builder
	for _, k := range l.Links() {
		x, y := l.At(k.A), l.At(k.B)
		fmt.Fprintf(&b, "%s %s = %s %s\n", x.MAC, x.IP, y.MAC, y.IP)
	}
	return b.String()
}

// unhexed turns hex digits with white space into bytes.
func unhexed(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// be16 is a number in network order, as text for building messages.
func be16(n int) string { return string(binary.BigEndian.AppendUint16(nil, uint16(n))) }

// wantText fails where got is not want, both as lists of lines.
func wantText(t *testing.T, what, got, want string) {
	t.Helper()
	want = strings.TrimLeft(want, "\n")
	if got != want {
		t.Errorf("%s =\n%swant\n%s", what, got, want)
	}
}

// wantProbe checks what a protocol says of some bytes.
func wantProbe(t *testing.T, p *Protocol, name string, b []byte, fit Fit, side Side) {
	t.Helper()
	if f, s := p.Probe(b); f != fit || s != side {
		t.Errorf("%s: Probe(%s) = %d, %d, want %d, %d", p.Name, name, f, s, fit, side)
	}
}

// TestAllocations checks that what busy networks are full of is read without allocating, once it has been seen before.
func TestAllocations(t *testing.T) {
	tlsFlow := &tlsState{}
	tlsFlow[ClientSide].done, tlsFlow[ServerSide].done = true, true
	httpFlow := &httpState{}
	httpFlow.side[ServerSide] = httpSide{mode: httpBody, left: 1 << 40}
	tcpAnswers := []byte(be16(len(dnsAnswers())) + dnsAnswers())
	for _, tt := range []struct {
		name  string
		p     *Protocol
		d     datagram
		state any
	}{
		{"ARP request", &arpProtocol, fromClient(unhexed(t, arpRequest)), nil},
		{"DNS answer", &dnsProtocol, fromServer([]byte(dnsAnswers())), nil},
		{"DNS answer over TCP", &dnsProtocol, fromServer(tcpAnswers), nil},
		{"mDNS announcement", &mdnsProtocol, fromClient([]byte(mdnsAnnouncement())), nil},
		{"NetBIOS registration", &nbnsProtocol, fromClient(nbnsRegistration("CRANE-HMI", 0, 0, "\x0a\x00\x00\x01")), nil},
		{"DHCP request", &dhcpProtocol, fromClient(dhcpMessage(1, "", "", "", "", "", dhcpDiscover)), nil},
		{"TLS data", &tlsProtocol, fromServer([]byte("\x17\x03\x03\x00\x04abcd")), tlsFlow},
		{"HTTP body", &httpProtocol, fromServer(make([]byte, 1400)), httpFlow},
		{"SMB after negotiation", &smbProtocol, fromServer(smb2(8, 1, strings.Repeat("\x00", 400))), &smbState{done: true}},
	} {
		l := evidence.NewLedger(evidence.LimitsFor(1 << 20))
		m := &Message{
			At: 1, Place: 1, Packet: &tt.d.pkt, From: tt.d.from, Ledger: l, Flow: &FlowState{Protocol: tt.p, State: tt.state}, Confirmed: true,
			Client: l.Endpoint(clientMAC, clientIP, 0, true), Server: l.Endpoint(serverMAC, serverIP, 0, true),
		}
		m.Begin(tt.p)
		if n := testing.AllocsPerRun(50, func() {
			if tt.p.Probe != nil {
				tt.p.Probe(tt.d.b)
			}
			if tt.p.Frame != nil {
				tt.p.Frame(tt.d.b, tt.d.from)
			}
			tt.p.Read(m, tt.d.b)
		}); n != 0 {
			t.Errorf("%s: %v allocations, want 0", tt.name, n)
		}
	}
}
