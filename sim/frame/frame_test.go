// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package frame

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

var (
	macA = MAC{0x00, 0x1b, 0x1b, 1, 2, 3}
	macB = MAC{0x00, 0x80, 0xf4, 4, 5, 6}
	ipA  = Addr{10, 20, 0, 10}
	ipB  = Addr{10, 20, 0, 12}
	some = bytes.Repeat([]byte{0x5a, 0x17, 0xc3, 0x80}, 100)
)

// read decodes a frame by another implementation and fails on what that does not understand.
func read(t *testing.T, b []byte) gopacket.Packet {
	t.Helper()
	p := gopacket.NewPacket(b, layers.LayerTypeEthernet, gopacket.Default)
	if e := p.ErrorLayer(); e != nil {
		t.Fatalf("decode: %v", e.Error())
	}
	return p
}

func udpFrame(sport, dport uint16, msg []byte) []byte {
	return Ethernet(macB, macA, 120, TypeIPv4, IPv4(IP{Src: ipA, Dst: ipB, Proto: ProtoUDP, TTL: 64, ID: 7}, UDP(ipA, ipB, sport, dport, msg)))
}

func TestFrame(t *testing.T) {
	b := udpFrame(4000, 5000, []byte("x"))
	if len(b) != 64 {
		t.Errorf("length %d, want 64: the least frame with its tag", len(b))
	}
	p := read(t, b)
	if d := p.Layer(layers.LayerTypeDot1Q).(*layers.Dot1Q); d.VLANIdentifier != 120 {
		t.Errorf("VLAN %d, want 120", d.VLANIdentifier)
	}
	ip := p.NetworkLayer().(*layers.IPv4)
	if ip.TTL != 64 || ip.Length != 29 || ip.Id != 7 {
		t.Errorf("IPv4 header %+v", ip)
	}
	if u := p.TransportLayer().(*layers.UDP); string(u.Payload) != "x" || u.DstPort != 5000 {
		t.Errorf("UDP %+v", u)
	}
}

func TestForward(t *testing.T) {
	packet := IPv4(IP{Src: ipA, Dst: ipB, Proto: ProtoICMP, TTL: 64}, Echo(false, 1, 2))
	got := Forward(packet, 3)
	if got[8] != 61 || packet[8] != 64 {
		t.Errorf("hop counts %d and %d, want 61 after forwarding and 64 before", got[8], packet[8])
	}
	if fold(sum(0, got[:20])) != 0 {
		t.Error("the header checksum is wrong after forwarding")
	}
}

func TestDHCP(t *testing.T) {
	d := DHCP{Type: DHCPDiscover, ID: 9, Client: macA, Host: "Teltonika-RUT955", Class: "udhcp 1.30.1", Parameters: []byte{1, 3, 6}}
	got := read(t, udpFrame(68, 67, d.Bytes())).Layer(layers.LayerTypeDHCPv4).(*layers.DHCPv4)
	want := map[layers.DHCPOpt]string{layers.DHCPOptHostname: "Teltonika-RUT955", layers.DHCPOptClassID: "udhcp 1.30.1", layers.DHCPOptMessageType: "\x01"}
	for _, o := range got.Options {
		if w, ok := want[o.Type]; ok && w == string(o.Data) {
			delete(want, o.Type)
		}
	}
	if len(want) > 0 || got.ClientHWAddr.String() != macA.String() {
		t.Errorf("options missing or other: %v; client %v", want, got.ClientHWAddr)
	}
}

func TestDNS(t *testing.T) {
	b := udpFrame(53, 50000, DNSAnswer(7, "hq-web01.skerry.example", DNSAddress, DNSRecord{Name: "hq-web01.skerry.example", Type: DNSAddress, TTL: 60, Data: ipB[:]}))
	got := read(t, b).Layer(layers.LayerTypeDNS).(*layers.DNS)
	if len(got.Answers) != 1 || got.Answers[0].IP.String() != ipB.String() || string(got.Questions[0].Name) != "hq-web01.skerry.example" {
		t.Errorf("answers %v to %v", got.Answers, got.Questions)
	}
}

func TestDiscovery(t *testing.T) {
	a := Announcement{MAC: macA, Name: "sw-1", Port: "1/7", Text: "Version 9", Platform: "RS20", Vendor: "Hirschmann", Firmware: "09.1", Serial: "943434001", Address: ipA, VLAN: 120, TTL: 120}
	p := read(t, Ethernet(LLDPMulticast, macA, 0, TypeLLDP, LLDP(a)))
	info := p.Layer(layers.LayerTypeLinkLayerDiscoveryInfo).(*layers.LinkLayerDiscoveryInfo)
	media, err := info.DecodeMedia()
	if err != nil || info.SysName != "sw-1" || media.SerialNumber != "943434001" || media.Model != "RS20" || media.Manufacturer != "Hirschmann" || media.FirmwareRevision != "09.1" {
		t.Errorf("LLDP name %q, inventory %+v, %v", info.SysName, media, err)
	}
	for _, text := range []string{"Version 15", "Version 150"} { // even and odd length
		a.Text = text
		b := CDP(a)
		p := read(t, SNAP(CDPMulticast, macA, [3]byte{0, 0, 0x0c}, 0x2000, b))
		c := p.Layer(layers.LayerTypeCiscoDiscoveryInfo).(*layers.CiscoDiscoveryInfo)
		if c.DeviceID != "sw-1(943434001)" || c.Version != text || c.Platform != "cisco RS20" || c.NativeVLAN != 120 {
			t.Errorf("CDP %+v", c)
		}
	}
}

func TestVRRP(t *testing.T) {
	b := VRRP(ipA, 81, 200, ipB)
	if got := fold(sum(pseudo(ipA, Addr{224, 0, 0, 18}, ProtoVRRP, len(b)), b)); got != 0 {
		t.Errorf("the checksum does not cancel: %#x", got)
	}
	if b[0] != 0x31 || b[1] != 81 || b[2] != 200 || Addr(b[8:12]) != ipB {
		t.Errorf("VRRP(…) = %x", b)
	}
}

func TestModbusLength(t *testing.T) {
	for name, b := range map[string][]byte{
		"read": ModbusRead(1, 1, 3, 0, 10), "registers": ModbusRegisters(1, 1, 3, []uint16{1, 2, 3}), "write": ModbusWriteOne(1, 1, 4, 5),
		"identify": ModbusIdentify(1, 1), "identity": ModbusIdentity(1, 1, "Moxa", "MGate MB3180", "V2.2"),
	} {
		if got := int(binary.BigEndian.Uint16(b[4:])); got != len(b)-6 {
			t.Errorf("%s: length field %d, want %d", name, got, len(b)-6)
		}
	}
}

func TestS7Lengths(t *testing.T) {
	block := S7Block("08", 1)
	if block != "_0800001P" {
		t.Errorf("S7Block = %q", block)
	}
	for name, b := range map[string][]byte{
		"read": S7Read(1, 100, 0, 32), "answer": S7ReadAnswer(1, make([]byte, 32)), "write": S7Write(1, 101, 0, make([]byte, 4)), "list": S7List(1, 0x11, 0, S7Module("6ES7 315-2EH14-0AB0", [3]byte{3, 2, 6})),
		"download": S7RequestDownload(1, block, 380), "part": S7BlockPart(1, true, make([]byte, 200)), "insert": S7Insert(1, block), "start": S7Start(1), "stop": S7Stop(1), "plain": S7Plain(1, 0x1a),
	} {
		head := 10
		if b[8] == S7Ack {
			head = 12
		}
		param, data := int(binary.BigEndian.Uint16(b[13:])), int(binary.BigEndian.Uint16(b[15:]))
		if int(binary.BigEndian.Uint16(b[2:])) != len(b) || 7+head+param+data != len(b) {
			t.Errorf("%s: %d bytes, TPKT says %d, the parts are %d+%d+%d", name, len(b), binary.BigEndian.Uint16(b[2:]), head, param, data)
		}
	}
	if b := COTPConnect(true, 0x1234, 2); b[5] != 0xd0 || b[6] != 0x12 || b[7] != 0x34 || len(b) != 22 {
		t.Errorf("connection confirm % x", b)
	}
}

func TestENIPLengths(t *testing.T) {
	d := CIPDevice{Vendor: 1, Type: 14, Product: 94, Major: 24, Minor: 11, Serial: 0x7467752, Name: "1756-L73/B"}
	for name, b := range map[string][]byte{
		"identity": ENIPIdentity(ipA, d), "register": ENIPRegister(0), "unconnected": ENIPUnconnected(1, 2, CIPIdentity(d)), "connected": ENIPConnected(1, 2, 3, CIPReadTag("Inputs")),
	} {
		if got := int(binary.LittleEndian.Uint16(b[2:])); got != len(b)-24 {
			t.Errorf("%s: length field %d, want %d", name, got, len(b)-24)
		}
	}
	if b := CIPReadTag("Odd"); len(b)%2 != 0 || b[1] != 3 {
		t.Errorf("the path of a tag of odd length is not padded: % x", b)
	}
}

// oneRecord is a connection from which one message can be read.
type oneRecord struct {
	net.Conn
	r *bytes.Reader
}

func (c oneRecord) Read(b []byte) (int, error)       { return c.r.Read(b) }
func (c oneRecord) Write(b []byte) (int, error)      { return len(b), nil }
func (c oneRecord) SetDeadline(time.Time) error      { return nil }
func (c oneRecord) SetWriteDeadline(time.Time) error { return nil }
func (c oneRecord) Close() error                     { return nil }

func TestClientHello(t *testing.T) {
	for name, tt := range map[string]struct {
		modern   bool
		host     string
		versions []uint16
	}{
		"modern": {true, "hq-web01.skerry.example", []uint16{tls.VersionTLS13, tls.VersionTLS12}},
		"old":    {false, "", []uint16{tls.VersionTLS10}},
	} {
		t.Run(name, func(t *testing.T) {
			var got *tls.ClientHelloInfo
			stop := errors.New("seen")
			conf := &tls.Config{MinVersion: tls.VersionTLS10, GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) { got = h; return nil, stop }}
			b := TLSClientHello(tt.modern, tt.host, some)
			if err := tls.Server(oneRecord{r: bytes.NewReader(b)}, conf).Handshake(); !errors.Is(err, stop) {
				t.Fatalf("the standard library does not read the hello: %v", err)
			}
			if got.ServerName != tt.host || got.SupportedVersions[0] != tt.versions[0] || len(tt.versions) > 1 && !slices.Equal(got.SupportedVersions, tt.versions) {
				t.Errorf("name %q, versions %x, want %q, %x", got.ServerName, got.SupportedVersions, tt.host, tt.versions)
			}
			if binary.BigEndian.Uint16(b[1:]) != TLS10 {
				t.Error("the first record does not say 1.0")
			}
		})
	}
}

func TestSSHPackets(t *testing.T) {
	for name, b := range map[string][]byte{"init": SSHKexInit(some), "start": SSHKexStart(some), "reply": SSHKexReply(some[:32], some), "new keys": SSHNewKeys(some)} {
		n, padding := int(binary.BigEndian.Uint32(b)), int(b[4])
		if n+4 != len(b) || len(b)%8 != 0 || padding < 4 {
			t.Errorf("%s: %d bytes, length field %d, padding %d", name, len(b), n, padding)
		}
	}
	b := SSH1PublicKey(some)
	n := int(binary.BigEndian.Uint32(b))
	if want := 4 + n + 8 - n%8; len(b) != want {
		t.Errorf("SSH 1 packet of %d bytes, want %d", len(b), want)
	}
}

func TestSMBLengths(t *testing.T) {
	for name, b := range map[string][]byte{
		"1": SMB1Negotiate("NT LM 0.12"), "1 chosen": SMB1Chosen(0, 1, some, "SKERRY", "nas"), "2": SMB2Negotiate(0, some), "2 chosen": SMB2Chosen(0, 0x302, 1, some),
	} {
		if got := int(binary.BigEndian.Uint32(b)); got != len(b)-4 {
			t.Errorf("%s: length field %d, want %d", name, got, len(b)-4)
		}
	}
}

func TestSentences(t *testing.T) {
	// The example of the NMEA 0183 checksum that textbooks give.
	if got := string(NMEA('$', "GPGLL,5300.97914,N,00259.98174,E,125926,A")); got != "$GPGLL,5300.97914,N,00259.98174,E,125926,A*28\r\n" {
		t.Errorf("NMEA = %q", got)
	}
	got := AISPosition(211000000, 3240000, 480000, 72, 1800, 30)
	payload := bytes.Split(got, []byte(","))[5]
	if len(payload) != 28 || payload[0] != '1' {
		t.Fatalf("AISPosition = %q", got)
	}
	var mmsi uint32
	for i, c := range payload[:7] { // 42 bits: type 6, repeat 2, MMSI 30, status 4
		v := c - 48
		if v > 40 {
			v -= 8
		}
		if i > 0 {
			mmsi = mmsi<<6 | uint32(v)
		}
	}
	if mmsi = mmsi >> 4 & 0x3fffffff; mmsi != 211000000 {
		t.Errorf("MMSI %d, want 211000000", mmsi)
	}
}
