// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"testing"

	"breakwater/evidence/packet/decode"
)

func cdpTLV(kind int, v string) string { return be16(kind) + be16(len(v)+4) + v }

func cdpSwitch() string {
	return "\x02\xb4\x00\x00" + // the checksum is wrong
		cdpTLV(1, "sw-quay-3(FOC1234X0YZ)") +
		cdpTLV(5, "Cisco IOS Software, C3560 Software (C3560-ADVIPSERVICESK9-M), Version 12.2(44)SE, RELEASE SOFTWARE (fc1)\nCopyright") +
		cdpTLV(6, "cisco WS-C3560-24TS") +
		cdpTLV(2, "\x00\x00\x00\x01\x01\x01\xcc\x00\x04\x0a\x00\x00\x03") +
		cdpTLV(3, "FastEthernet0/13") +
		cdpTLV(4, "\x00\x00\x00\x28") +
		cdpTLV(8, "\x00\x00\x0c\x01\x12\x00\x00\x00\x00\xff\xff\xff\xff\x01\x02\x20\xff\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x80\xff\x00\x00") +
		cdpTLV(9, "Lab") + cdpTLV(10, "\x00\x0a") + cdpTLV(11, "\x01") + cdpTLV(0x11, "\x00\x00\x05\xdc") +
		cdpTLV(0x14, "quay three") +
		cdpTLV(0x16, "\x00\x00\x00\x01\x02\x08\xaa\xaa\x03\x00\x00\x00\x86\xdd\x00\x10\xfe\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x07") +
		cdpTLV(0x17, "\x00Quay 3, cabinet 2")
}

func TestCDPRead(t *testing.T) {
	for name, tt := range map[string]struct{ b, facts, links string }{
		"switch": {
			cdpSwitch(), `
10.0.0.1 chassis_id=sw-quay-3(FOC1234X0YZ)
10.0.0.1 serial=FOC1234X0YZ
10.0.0.1 system_name=sw-quay-3
10.0.0.1 hostname=sw-quay-3
10.0.0.1 description=Cisco IOS Software, C3560 Software (C3560-ADVIPSERVICESK9-M), Version 12.2(44)SE, RELEASE SOFTWARE (fc1) Copyright
10.0.0.1 firmware=12.2(44)SE
10.0.0.1 os=Cisco IOS
10.0.0.1 platform=cisco WS-C3560-24TS
10.0.0.1 vendor=Cisco
10.0.0.1 model=WS-C3560-24TS
10.0.0.1 announced_address=10.0.0.3
10.0.0.1 management_address=10.0.0.3
10.0.0.1 port_id=FastEthernet0/13
10.0.0.1 capabilities=switch
10.0.0.1 vtp_domain=Lab
10.0.0.1 native_vlan=10
10.0.0.1 duplex=full
10.0.0.1 mtu=1500
10.0.0.1 system_name=quay three
10.0.0.1 management_address=fe80::7
10.0.0.1 location=Quay 3, cabinet 2
`, "02:00:00:00:00:01 10.0.0.1 = 02:00:00:00:00:01 10.0.0.3\n02:00:00:00:00:01 10.0.0.1 = 02:00:00:00:00:80 \n" +
				"02:00:00:00:00:01 10.0.0.1 = 02:00:00:00:00:01 fe80::7\n",
		},
		"version 1, no address yet": {
			"\x01\xb4\x00\x00" + cdpTLV(1, "Router") + cdpTLV(2, "\x00\x00\x00\x01\x01\x01\xcc\x00\x04\x00\x00\x00\x00"),
			"10.0.0.1 chassis_id=Router\n10.0.0.1 system_name=Router\n10.0.0.1 hostname=Router\n10.0.0.1 announced_address=0.0.0.0\n", "",
		},
		"phone": {
			"\x02\xb4\x00\x00" + cdpTLV(6, "IP Phone 8841") + cdpTLV(4, "\x00\x00\x04\x90"),
			"10.0.0.1 platform=IP Phone 8841\n10.0.0.1 model=IP Phone 8841\n10.0.0.1 capabilities=host, telephone\n", "",
		},
		"version 3":               {"\x03\xb4\x00\x00" + cdpTLV(1, "Router"), "", ""},
		"length below its header": {"\x02\xb4\x00\x00" + "\x00\x01\x00\x03" + cdpTLV(1, "Router"), "", ""},
		"length past the end":     {"\x02\xb4\x00\x00" + "\x00\x01\x00\xffRouter", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := deliver(&cdpProtocol, datagram{ClientSide, decode.Packet{HasMAC: true, SrcMAC: clientMAC}, []byte(tt.b)})
			wantText(t, "facts", facts(l), tt.facts)
			wantText(t, "links", links(l), tt.links)
		})
	}
}

func TestCDPVersion(t *testing.T) {
	for in, want := range map[string]string{
		"Cisco IOS Software, Version 12.2(44)SE, RELEASE":                            "12.2(44)SE",
		"Cisco Internetwork Operating System \nVersion 12.1(22)EA14":                 "12.1(22)EA14",
		"Cisco NX-OS(tm) n5000, Software (n5000-uk9), Version 5.0(3)N2(2a), RELEASE": "5.0(3)N2(2a)",
		"firmware Version: 2.7.1;":                                                   "2.7.1",
		"Version unknown":                                                            "",
		"sip88xx.12-0-1SR1-1":                                                        "",
		"":                                                                           "",
	} {
		if got := string(cdpVersion([]byte(in))); got != want {
			t.Errorf("cdpVersion(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzCDP(f *testing.F) { fuzzProtocol(f, &cdpProtocol, []byte(cdpSwitch())) }
