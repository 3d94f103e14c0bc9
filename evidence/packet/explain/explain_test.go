// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"bytes"
	hexes "encoding/hex"
	"strings"
	"testing"

	"breakwater/evidence/packet/decode"
	"breakwater/sim/frame"

	"github.com/google/go-cmp/cmp"
)

var (
	macA, macB = frame.MAC{0, 0x1b, 0x1b, 0, 0, 1}, frame.MAC{0, 0x1b, 0x1b, 0, 0, 2}
	a, b       = frame.Addr{10, 0, 0, 1}, frame.Addr{10, 0, 0, 2}
)

func segment(sport, dport uint16, vlan uint16, payload []byte) []byte {
	t := frame.Segment(a, b, frame.TCP{Sport: sport, Dport: dport, Seq: 7, Ack: 9, Flags: frame.ACK | frame.PSH, Window: 1000}, payload)
	return frame.Ethernet(macB, macA, vlan, frame.TypeIPv4, frame.IPv4(frame.IP{Src: a, Dst: b, TTL: 64, Proto: frame.ProtoTCP}, t))
}

func datagram(sport, dport uint16, payload []byte) []byte {
	return frame.Ethernet(macB, macA, 0, frame.TypeIPv4, frame.IPv4(frame.IP{Src: a, Dst: b, TTL: 64, Proto: frame.ProtoUDP}, frame.UDP(a, b, sport, dport, payload)))
}

func unhex(s string) []byte {
	x, err := hexes.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return x
}

// layers lists the layers as name offset+length.
func layers(x *Explanation) (list []string) {
	for _, l := range x.Layers {
		list = append(list, l.Name)
	}
	return list
}

func value(x *Explanation, layer, field string) string {
	for _, l := range x.Layers {
		for _, f := range l.Fields {
			if l.Name == layer && f.Name == field {
				return f.Value
			}
		}
	}
	return ""
}

func TestLayers(t *testing.T) {
	v6 := unhex("6000 0000 0014 00 40 fe80000000000000 0000000000000001 fe80000000000000 0000000000000002 3a 00 0502 0000 0100 8000 0000 0001 0001")
	for name, tt := range map[string]struct {
		link   decode.LinkType
		frame  []byte
		layers []string
		values map[string]string // layer/field
	}{
		"modbus in a VLAN": {
			decode.LinkEthernet, segment(40000, 502, 12, frame.ModbusRead(5, 1, 3, 100, 2)),
			[]string{"ethernet", "vlan", "ipv4", "tcp", "modbus"},
			map[string]string{
				"ethernet/source": macA.String(), "vlan/VLAN": "12", "ipv4/source": "10.0.0.1", "ipv4/protocol": "6 (TCP)", "tcp/destination port": "502",
				"tcp/flags": "ACK, PSH", "modbus/function": "0x03 (read holding registers)", "modbus/unit": "1", "modbus/transaction": "5",
			},
		},
		"arp": {
			decode.LinkEthernet, frame.Ethernet(frame.Broadcast, macA, 0, frame.TypeARP, frame.ARP(1, macA, a, frame.MAC{}, b)),
			[]string{"ethernet", "arp"},
			map[string]string{"arp/operation": "1 (who has)", "arp/sender address": "10.0.0.1", "arp/target address": "10.0.0.2"},
		},
		"dns":               {decode.LinkEthernet, datagram(40000, 53, frame.DNSQuery(1, "crane.port", 1)), []string{"ethernet", "ipv4", "udp", "dns"}, nil},
		"http":              {decode.LinkEthernet, segment(40000, 80, 0, []byte("GET /a HTTP/1.1\r\nHost: crane\r\n\r\n")), []string{"ethernet", "ipv4", "tcp", "http"}, map[string]string{"http/starts with": "GET /a HTTP/1.1 Host: crane"}},
		"nobody's protocol": {decode.LinkEthernet, segment(40000, 40001, 0, []byte{1, 2, 3}), []string{"ethernet", "ipv4", "tcp", "data"}, map[string]string{"data/starts with": "01 02 03"}},
		"ipv6 with options": {decode.LinkRaw, v6, []string{"ipv6", "ipv6_extension", "icmpv6", "data"}, map[string]string{"ipv6/source": "fe80::1", "icmpv6/type": "128 (echo request)"}},
		"cooked":            {decode.LinkSLL, append(unhex("0000 0001 0006 001b1b000001 0000 0800"), segment(1, 502, 0, nil)[14:]...), []string{"sll", "ipv4", "tcp"}, map[string]string{"sll/source": macA.String()}},
		"lldp":              {decode.LinkEthernet, frame.Ethernet(macB, macA, 0, frame.TypeLLDP, []byte{2, 7, 4, 1, 2, 3, 4, 5, 6}), []string{"ethernet", "lldp"}, nil},
		"gre":               {decode.LinkIPv4, append(unhex("4500 0034 0000 0000 40 2f 0000 0a000001 0a000002 0000 0800"), unhex("4500 001c 0000 0000 40 11 0000 0a000003 0a000004 0001 0002 0008 0000")...), []string{"ipv4", "gre", "ipv4", "udp"}, nil},
		"a later fragment":  {decode.LinkIPv4, unhex("4500 0018 0000 0010 40 06 0000 0a000001 0a000002 01020304"), []string{"ipv4", "data"}, nil},
		"cut":               {decode.LinkEthernet, segment(1, 2, 0, nil)[:20], []string{"ethernet", "ipv4"}, nil},
		"empty":             {decode.LinkEthernet, nil, []string{"ethernet"}, nil},
		"another link":      {decode.LinkType(147), []byte{1}, []string{"data"}, nil},
	} {
		x := Frame(tt.link, tt.frame)
		if d := cmp.Diff(tt.layers, layers(x)); d != "" {
			t.Errorf("%s: layers (-want +got)\n%s", name, d)
		}
		for k, want := range tt.values {
			layer, field, _ := strings.Cut(k, "/")
			if got := value(x, layer, field); got != want {
				t.Errorf("%s: %s = %q, want %q", name, k, got, want)
			}
		}
		check(t, tt.frame, x)
	}
}

// check wants every layer, field and secret within the frame.
func check(t *testing.T, b []byte, x *Explanation) {
	t.Helper()
	within := func(what string, off, n int) {
		t.Helper()
		if off < 0 || n < 0 || off+n > len(b) {
			t.Errorf("%s: bytes %d+%d of %d", what, off, n, len(b))
		}
	}
	for _, l := range x.Layers {
		within(l.Name, l.Offset, l.Length)
		for _, f := range l.Fields {
			within(l.Name+"/"+f.Name, f.Offset, f.Length)
			if f.Offset < l.Offset || f.Offset+f.Length > l.Offset+l.Length {
				t.Errorf("%s/%s lies outside its layer", l.Name, f.Name)
			}
		}
	}
	for _, s := range x.Secrets {
		within("secret", s.Offset, s.Length)
	}
}

func TestSecrets(t *testing.T) {
	ldapBind := unhex("30 1a 020101 60 15 020103 0403 636e61 80 0b")
	for name, tt := range map[string]struct {
		frame  []byte
		secret string // "" for none
	}{
		"ftp":                 {segment(40000, 21, 0, []byte("PASS hunter2\r\n")), "hunter2"},
		"ftp, small letters":  {segment(40000, 21, 0, []byte("pass  hunter2\r\n")), "hunter2"},
		"ftp user":            {segment(40000, 21, 0, []byte("USER crane\r\n")), ""},
		"ftp passive":         {segment(40000, 21, 0, []byte("PASV\r\n")), ""},
		"imap":                {segment(40000, 143, 0, []byte("a1 LOGIN crane hunter2\r\n")), "hunter2"},
		"pop3 apop":           {segment(40000, 110, 0, []byte("APOP crane c4c9334bac560ecc\r\n")), "c4c9334bac560ecc"},
		"smtp auth":           {segment(40000, 25, 0, []byte("AUTH PLAIN AGNyYW5lAGh1bnRlcjI=\r\n")), "AGNyYW5lAGh1bnRlcjI="},
		"smtp auth, next":     {segment(40000, 25, 0, []byte("aHVudGVyMg==\r\n")), "aHVudGVyMg=="},
		"smtp text":           {segment(40000, 25, 0, []byte("Dear colleagues\r\n")), ""},
		"http basic":          {segment(40000, 80, 0, []byte("GET / HTTP/1.1\r\nauthorization: Basic Y3JhbmU6aHVudGVyMg==\r\n\r\n")), "Basic Y3JhbmU6aHVudGVyMg=="},
		"http cookie":         {segment(40000, 80, 0, []byte("GET / HTTP/1.1\r\nCookie: sid=abc\r\n\r\n")), "sid=abc"},
		"http form":           {segment(40000, 80, 0, []byte("POST /login HTTP/1.1\r\n\r\nuser=crane&Password=hunter2&go=1")), "hunter2"},
		"http query":          {segment(40000, 80, 0, []byte("GET /cgi?user=a&pwd=hunter2 HTTP/1.1\r\n\r\n")), "hunter2"},
		"http json":           {segment(40000, 80, 0, []byte(`{"user": "crane", "password" : "hunt\"er2"}`)), `hunt\"er2`},
		"http page":           {segment(80, 40000, 0, []byte("HTTP/1.1 200 OK\r\nServer: spin: 3\r\n\r\n")), ""},
		"telnet":              {segment(40000, 23, 0, []byte("h")), "h"},
		"telnet, its answer":  {segment(23, 40000, 0, []byte("login: ")), ""},
		"snmp":                {datagram(40000, 161, unhex("3029 020101 0406 707269766174 a01c 02040000000102010002010030")), "privat"},
		"snmp v3":             {datagram(40000, 161, unhex("3029 020103 0406 707269766174")), ""},
		"ldap":                {segment(40000, 389, 0, append(ldapBind, "hunter2pass"...)), "hunter2pass"},
		"ldap search":         {segment(40000, 389, 0, unhex("300c 020101 6307 0a0102 04026161")), ""},
		"mqtt":                {segment(40000, 1883, 0, append(unhex("10 1f 0004 4d515454 04 c2 003c 0002 6161 0005 6372616e65 0007"), "hunter2"...)), "hunter2"},
		"mqtt without":        {segment(40000, 1883, 0, unhex("10 0e 0004 4d515454 04 02 003c 0002 6161")), ""},
		"s7":                  {segment(40000, 102, 0, append(unhex("03000025 02f080 3207 0000 0001 0008 000c 0001120411450100 ff090008"), 0x64, 0x62, 2, 6, 0x62, 0x66, 6, 0x62)), "\x64\x62\x02\x06\x62\x66\x06\x62"},
		"modbus":              {segment(40000, 502, 0, frame.ModbusRead(5, 1, 3, 100, 2)), ""},
		"a form on any port":  {segment(40000, 8081, 0, []byte("passwd=hunter2")), "hunter2"},
		"a word that is none": {segment(40000, 8081, 0, []byte("passage=free")), ""},
	} {
		x := Frame(decode.LinkEthernet, tt.frame)
		check(t, tt.frame, x)
		var got []string
		for _, s := range x.Secrets {
			got = append(got, string(tt.frame[s.Offset:s.Offset+s.Length]))
		}
		if strings.Join(got, "|") != tt.secret {
			t.Errorf("%s: secrets %q, want %q", name, got, tt.secret)
		}
		if tt.secret == "" || len(tt.secret) < 3 {
			continue
		}
		for _, l := range x.Layers {
			for _, f := range l.Fields {
				if strings.Contains(f.Value, tt.secret) || strings.Contains(f.Value, hexes.EncodeToString([]byte(tt.secret))) {
					t.Errorf("%s: %s/%s shows the secret: %s", name, l.Name, f.Name, f.Value)
				}
			}
		}
	}
}

// What a person must find in a message, and what a message that ends early still says.
func TestMessages(t *testing.T) {
	read := unhex("0300001f 02f080 32 01 0000 0400 000e 0000 04 01 12 0a 10 02 0004 0001 84 000050")
	szl := unhex("03000021 02f080 32 07 0000 0500 0008 0008 000112 04 11 44 01 00 ff 09 0004 0011 0001")
	attribute := unhex("6f00 1600 01000000 00000000 0000000000000000 00000000 00000000 0000 0200 0000 0000 b200 0600 0e 02 2001 2401")
	for _, x := range []struct {
		name, layer string
		frame       []byte
		want        map[string]string
	}{
		{"read", "s7comm", segment(40000, 102, 0, read), map[string]string{"TPKT length": "31", "COTP type": "0xf0 (data)", "message type": "0x01 (job)", "item count": "1", "item 1 data block": "1", "item 1 area": "0x84 (data block)", "item 1 address": "byte 10, bit 0"}},
		{"system status list", "s7comm", segment(40000, 102, 0, szl), map[string]string{"message type": "0x07 (user data)", "type and group": "0x44 (system status)", "SZL id": "0x0011", "SZL index": "0x0001"}},
		{"attribute", "enip", segment(40000, 44818, 0, attribute), map[string]string{"session": "0x00000001", "item 2 type": "0x00b2 (unconnected data)", "CIP path": "class 0x01, instance 0x01"}},
		{"cut short", "s7comm", segment(40000, 102, 0, szl[:27]), map[string]string{"message type": "0x07 (user data)", "SZL id": ""}},
		{"no S7 at that port", "data", segment(40000, 102, 0, []byte("GARBAGE garbage")), map[string]string{"TPKT length": ""}},
	} {
		f := Frame(decode.LinkEthernet, x.frame)
		check(t, x.frame, f)
		for field, want := range x.want {
			if is := value(f, x.layer, field); is != want {
				t.Errorf("%s: %s is %q, want %q; layers %v", x.name, field, is, want, layers(f))
			}
		}
	}
	if is := value(Frame(decode.LinkEthernet, segment(40000, 102, 0, read)), "s7comm", "function"); !strings.HasPrefix(is, "0x04 (") {
		t.Errorf("the function is %q", is)
	}
	if is := value(Frame(decode.LinkEthernet, segment(40000, 44818, 0, attribute)), "enip", "CIP service"); !strings.HasPrefix(is, "0x0e (") {
		t.Errorf("the service is %q", is)
	}
}

func FuzzFrame(f *testing.F) {
	for _, s := range [][]byte{
		segment(40000, 502, 12, frame.ModbusRead(5, 1, 3, 100, 2)), datagram(40000, 161, unhex("3029 020101 0406 707269766174 a01c")),
		segment(40000, 1883, 0, unhex("10 1f 0004 4d515454 05 c2 003c 00 0002 6161")), segment(40000, 389, 0, unhex("301a 020101 6015 020103 0403 636e61 800b")),
		segment(40000, 102, 0, unhex("0300001f 02f080 32 01 0000 0400 000e 0000 04 01 12 0a 10 02 0004 0001 84 000050")),
		segment(40000, 102, 0, unhex("03000021 02f080 32 07 0000 0500 0008 0008 000112 04 11 44 01 00 ff 09 0004 0011 0001")),
		segment(40000, 44818, 0, unhex("6f00 1600 01000000 00000000 0000000000000000 00000000 00000000 0000 0200 0000 0000 b200 0600 0e 02 2001 2401")),
		segment(40000, 21, 0, []byte("PASS x\r\n")), unhex("6000 0000 0010 00 40"), frame.Ethernet(macB, macA, 0, 20, unhex("aaaa03 00000c 2000 01b4")),
	} {
		f.Add(uint16(1), s)
		f.Add(uint16(101), s[min(14, len(s)):])
	}
	f.Fuzz(func(t *testing.T, link uint16, b []byte) {
		before := bytes.Clone(b)
		x := Frame(decode.LinkType(link), b)
		if !bytes.Equal(before, b) {
			t.Error("the frame was changed")
		}
		check(t, b, x)
		if len(x.Layers) > maxLayers {
			t.Errorf("%d layers", len(x.Layers))
		}
	})
}
