// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"strings"
	"testing"

	"breakwater/evidence"
)

const dhcpMAC = "\x02\x00\x00\x00\x00\x09"

// dhcpMessage builds a message; options follow the cookie as they are.
func dhcpMessage(op byte, ciaddr, yiaddr, giaddr, sname, file, options string) []byte {
	var b strings.Builder
	b.WriteString(string([]byte{op, 1, 6, 0}) + "\x12\x34\x56\x78\x00\x00\x00\x00")
	for _, a := range []string{ciaddr, yiaddr, "", giaddr} {
		b.WriteString((a + "\x00\x00\x00\x00")[:4])
	}
	b.WriteString(dhcpMAC + strings.Repeat("\x00", 10))
	b.WriteString(sname + strings.Repeat("\x00", 64-len(sname)))
	b.WriteString(file + strings.Repeat("\x00", 128-len(file)))
	b.WriteString("\x63\x82\x53\x63" + options)
	return []byte(b.String())
}

const (
	dhcpDiscover = "\x35\x01\x01" + "\x0c\x05crane" + "\x3c\x08MSFT 5.0" + "\x37\x04\x01\x03\x06\x0f" + "\xff"
	dhcpAck      = "\x35\x01\x05" + "\x36\x04\x0a\x00\x00\x02" + "\x03\x04\x0a\x00\x00\xfe" + "\x06\x08\x0a\x00\x00\x35\x0a\x00\x00\x36" +
		"\x0f\x0cport.example" + "\xff"
)

func TestDHCPRead(t *testing.T) {
	ip := func(last byte) string { return string([]byte{10, 0, 0, last}) }
	const served = "10.0.0.2 dhcp_server=10.0.0.2\n10.0.0.2 gateway=10.0.0.254\n10.0.0.2 dns_server=10.0.0.53\n" +
		"10.0.0.2 dns_server=10.0.0.54\n02:00:00:00:00:09 domain_name=port.example\n"
	for name, tt := range map[string]struct {
		d                        datagram
		facts, bound, operations string
	}{
		"discover": {
			fromClient(dhcpMessage(1, "", "", "", "", "", dhcpDiscover)),
			"02:00:00:00:00:09 hostname=crane\n02:00:00:00:00:09 dhcp_vendor_class=MSFT 5.0\n02:00:00:00:00:09 dhcp_parameter_list=1,3,6,15\n",
			"", "0x01 dhcp_discover discover []  ×1\n",
		},
		"renewal": {
			fromClient(dhcpMessage(1, ip(9), "", "", "", "", "\x35\x01\x03\x0c\x05crane\xff")),
			"10.0.0.9 hostname=crane\n", "", "0x03 dhcp_request discover []  ×1\n",
		},
		"domain name in DNS form": {
			fromClient(dhcpMessage(1, "", "", "", "", "", "\x35\x01\x03\x51\x11\x05\x00\x00\x05crane\x04quay\x02nl\x00\xff")),
			"02:00:00:00:00:09 hostname=crane.quay.nl\n", "", "0x03 dhcp_request discover []  ×1\n",
		},
		"domain name as text": {
			fromClient(dhcpMessage(1, "", "", "", "", "", "\x35\x01\x03\x51\x0d\x01\x00\x00crane.quay\xff")),
			"02:00:00:00:00:09 hostname=crane.quay\n", "", "0x03 dhcp_request discover []  ×1\n",
		},
		"name split over options and fields": {
			fromClient(dhcpMessage(1, "", "", "", "\x0c\x02ne\xff", "\x0c\x02ra\xff", "\x35\x01\x03\x0c\x01c\x34\x01\x03\xff")),
			"02:00:00:00:00:09 hostname=crane\n", "", "0x03 dhcp_request discover []  ×1\n",
		},
		"fields that hold no options": {
			fromClient(dhcpMessage(1, "", "", "", "\x0c\x02ne\xff", "\x0c\x02ra\xff", "\x35\x01\x03\x0c\x01c\xff")),
			"02:00:00:00:00:09 hostname=c\n", "", "0x03 dhcp_request discover []  ×1\n",
		},
		"offer binds nothing": {
			fromServer(dhcpMessage(2, "", ip(9), "", "", "", "\x35\x01\x02\x36\x04\x0a\x00\x00\x02\xff")),
			"10.0.0.2 dhcp_server=10.0.0.2\n", "", "0x02 dhcp_offer discover []  ×1\n",
		},
		"acknowledgement": {
			fromServer(dhcpMessage(2, "", ip(9), "", "", "", dhcpAck)), served,
			"02:00:00:00:00:09 10.0.0.9\n", "0x05 dhcp_ack discover []  ×1\n",
		},
		"name given by the server": {
			fromServer(dhcpMessage(2, "", ip(9), "", "", "", "\x35\x01\x05\x0c\x05crane\xff")),
			"02:00:00:00:00:09 hostname=crane\n", "02:00:00:00:00:09 10.0.0.9\n", "0x05 dhcp_ack discover []  ×1\n",
		},
		"relayed acknowledgement": {
			fromServer(dhcpMessage(2, "", ip(9), ip(200), "", "", "\x35\x01\x05\x36\x04\x0a\x00\x05\x05\xff")),
			"10.0.5.5 dhcp_server=10.0.5.5\n", "02:00:00:00:00:09 10.0.0.9\n", "0x05 dhcp_ack discover []  ×1\n",
		},
		"bootp":             {fromClient(dhcpMessage(1, "", "", "", "", "", "\x0c\x05crane\xff")), "", "", ""},
		"option past end":   {fromClient(dhcpMessage(1, "", "", "", "", "", "\x35\x01\x01\x0c\x50crane")), "", "", "0x01 dhcp_discover discover []  ×1\n"},
		"message cut early": {fromClient(dhcpMessage(1, "", "", "", "", "", "")[:200]), "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := deliver(&dhcpProtocol, tt.d)
			wantText(t, "facts", facts(l), tt.facts)
			wantText(t, "bound", bound(l), tt.bound)
			wantText(t, "operations", operations(l), tt.operations)
			for _, e := range l.Endpoints() {
				if e.MAC == serverMAC && e.Flags&evidence.Bound != 0 {
					t.Error("the sender's own address was bound, which may be a relay's")
				}
			}
		})
	}
}

func TestDHCPProbe(t *testing.T) {
	wantProbe(t, &dhcpProtocol, "discover", dhcpMessage(1, "", "", "", "", "", dhcpDiscover), Good, ClientSide)
	wantProbe(t, &dhcpProtocol, "ack", dhcpMessage(2, "", "", "", "", "", dhcpAck), Good, ServerSide)
	b := dhcpMessage(1, "", "", "", "", "", dhcpDiscover)
	b[236] = 0
	wantProbe(t, &dhcpProtocol, "no cookie", b, No, AnySide)
}

func FuzzDHCP(f *testing.F) {
	fuzzProtocol(f, &dhcpProtocol, dhcpMessage(1, "", "", "", "\x0c\x02ne\xff", "\x0c\x02ra\xff", "\x34\x01\x03"+dhcpDiscover),
		dhcpMessage(2, "", "\x0a\x00\x00\x09", "", "", "", dhcpAck))
}
