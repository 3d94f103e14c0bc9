// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"testing"

	"breakwater/evidence/packet/decode"
)

func lldpTLV(kind int, v string) string { return be16(kind<<9|len(v)) + v }

const (
	lldpChassisMAC = "\x04\x02\x00\x00\x00\x00\x80"
	lldpHeadRest   = "\x04\x06\x05Fa0/1" + "\x06\x02\x00\x78" // port "Fa0/1", lifetime 120
)

func lldpSwitch() string {
	return lldpTLV(1, lldpChassisMAC) + lldpHeadRest +
		lldpTLV(4, "uplink to quay 3") +
		lldpTLV(5, "sw-quay-3") +
		lldpTLV(6, "Cisco IOS Software, C2960, Version 15.0(2)SE, RELEASE") +
		lldpTLV(7, "\x00\x14\x00\x04") +
		lldpTLV(8, "\x05\x01\x0a\x00\x00\x03\x02\x00\x00\x00\x01\x00") +
		lldpTLV(127, "\x00\x80\xc2\x01\x00\x0a") +
		lldpTLV(127, "\x00\x80\xc2\x03\x00\x0a\x05crane") +
		lldpTLV(127, "\x00\x12\x0f\x04\x05\xf2") +
		lldpTLV(0, "")
}

func lldpCamera() string {
	return lldpTLV(1, "\x05\x01\x0a\x00\x00\x01") + lldpTLV(2, "\x03\x02\x00\x00\x00\x00\x01") + lldpTLV(3, "\x00\x78") +
		lldpTLV(127, "\x00\x12\xbb\x05rev B") + lldpTLV(127, "\x00\x12\xbb\x06boot 1.2") + lldpTLV(127, "\x00\x12\xbb\x07app 3.4") +
		lldpTLV(127, "\x00\x12\xbb\x08S123") + lldpTLV(127, "\x00\x12\xbb\x09Maker") + lldpTLV(127, "\x00\x12\xbb\x0aDome 5") +
		lldpTLV(127, "\x00\x12\xbb\x0bA-77") + lldpTLV(127, "\x00\x0e\xcf\x05\x02\x00\x00\x00\x00\x90") + lldpTLV(0, "")
}

func TestLLDPRead(t *testing.T) {
	for name, tt := range map[string]struct{ b, facts, links string }{
		"switch": {
			lldpSwitch(), `
10.0.0.1 chassis_id=02:00:00:00:00:80
10.0.0.1 port_id=Fa0/1
10.0.0.1 port_description=uplink to quay 3
10.0.0.1 system_name=sw-quay-3
10.0.0.1 hostname=sw-quay-3
10.0.0.1 description=Cisco IOS Software, C2960, Version 15.0(2)SE, RELEASE
10.0.0.1 firmware=15.0(2)SE
10.0.0.1 capabilities=bridge
10.0.0.1 management_address=10.0.0.3
10.0.0.1 native_vlan=10
10.0.0.1 vlan=10 crane
10.0.0.1 mtu=1522
`, `
02:00:00:00:00:01 10.0.0.1 = 02:00:00:00:00:80 
02:00:00:00:00:01 10.0.0.1 = 02:00:00:00:00:01 10.0.0.3
`,
		},
		"camera": {
			lldpCamera(), `
10.0.0.1 chassis_id=10.0.0.1
10.0.0.1 port_id=02:00:00:00:00:01
10.0.0.1 hardware_revision=rev B
10.0.0.1 firmware=boot 1.2
10.0.0.1 software=app 3.4
10.0.0.1 serial=S123
10.0.0.1 vendor=Maker
10.0.0.1 model=Dome 5
10.0.0.1 asset_tag=A-77
`, "02:00:00:00:00:01 10.0.0.1 = 02:00:00:00:00:90 \n",
		},
		"PROFINET switch": {
			lldpTLV(1, "\x07switch1") + lldpHeadRest +
				lldpTLV(6, "Siemens, SIMATIC NET, SCALANCE X212-2, 6GK5 212-2BB00-2AA3, HW: 7, FW: V4.02") +
				lldpTLV(127, "\x00\x0e\xcf\x05\x02\x00\x00\x00\x00\x01") + lldpTLV(0, ""), `
10.0.0.1 chassis_id=switch1
10.0.0.1 port_id=Fa0/1
10.0.0.1 description=Siemens, SIMATIC NET, SCALANCE X212-2, 6GK5 212-2BB00-2AA3, HW: 7, FW: V4.02
10.0.0.1 vendor=Siemens
10.0.0.1 order_number=6GK5 212-2BB00-2AA3
10.0.0.1 model=SCALANCE X212-2
10.0.0.1 hardware_revision=7
10.0.0.1 firmware=V4.02
10.0.0.1 system_name=switch1
`, "",
		},
		"local chassis id of another kind of device": {
			lldpTLV(1, "\x07slot 4") + lldpHeadRest + lldpTLV(6, "Siemens Industrial, no list"),
			"10.0.0.1 chassis_id=slot 4\n10.0.0.1 port_id=Fa0/1\n10.0.0.1 description=Siemens Industrial, no list\n", "",
		},
		"chassis is the sender": {
			lldpTLV(1, "\x04\x02\x00\x00\x00\x00\x01") + lldpHeadRest + lldpTLV(0, ""),
			"10.0.0.1 chassis_id=02:00:00:00:00:01\n10.0.0.1 port_id=Fa0/1\n", "",
		},
		"after the end":       {lldpTLV(1, lldpChassisMAC[:1]+"\x02\x00\x00\x00\x00\x01") + lldpHeadRest + lldpTLV(0, "") + lldpTLV(5, "padding"), "10.0.0.1 chassis_id=02:00:00:00:00:01\n10.0.0.1 port_id=Fa0/1\n", ""},
		"port again, empty":   {lldpTLV(1, lldpChassisMAC[:1]+"\x02\x00\x00\x00\x00\x01") + lldpHeadRest + lldpTLV(2, "") + lldpTLV(1, ""), "10.0.0.1 chassis_id=02:00:00:00:00:01\n10.0.0.1 port_id=Fa0/1\n", ""},
		"no lifetime":         {lldpTLV(1, lldpChassisMAC) + "\x04\x06\x05Fa0/1" + lldpTLV(5, "name"), "", ""},
		"names in no order":   {lldpTLV(5, "name") + lldpTLV(1, lldpChassisMAC) + lldpHeadRest, "", ""},
		"group address":       {lldpTLV(1, "\x04\x03\x00\x00\x00\x00\x01") + lldpHeadRest, "10.0.0.1 chassis_id=03:00:00:00:00:01\n10.0.0.1 port_id=Fa0/1\n", ""},
		"length past the end": {lldpTLV(1, "\x04\x02\x00\x00\x00\x00\x01") + lldpHeadRest + "\x0b\xffabc", "10.0.0.1 chassis_id=02:00:00:00:00:01\n10.0.0.1 port_id=Fa0/1\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := deliver(&lldpProtocol, datagram{ClientSide, decode.Packet{HasMAC: true, SrcMAC: clientMAC}, []byte(tt.b)})
			wantText(t, "facts", facts(l), tt.facts)
			want := tt.links
			if want != "" && want[0] == '\n' {
				want = want[1:]
			}
			wantText(t, "links", links(l), want)
		})
	}
}

func FuzzLLDP(f *testing.F) {
	fuzzProtocol(f, &lldpProtocol, []byte(lldpSwitch()), []byte(lldpCamera()))
}
