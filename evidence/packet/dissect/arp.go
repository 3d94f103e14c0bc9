// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"breakwater/evidence"
	"breakwater/evidence/packet/decode"
	"breakwater/wire"
)

var arpProtocol = Protocol{
	Name: "arp", Title: "Address Resolution Protocol", Short: "ARP", Over: OverEthernet,
	EtherTypes: []uint16{decode.EtherARP}, OneSided: true, Read: arpRead,
}

// arpRead takes from requests and replies what the sender says of itself. What a reply repeats of the asker is the
// asker's own statement heard before, and a probe (sender 0.0.0.0) asks whether an address is free and claims nothing.
func arpRead(m *Message, b []byte) {
	r := wire.Read(b)
	hardware, protocol, hlen, plen, op := r.U16(), r.U16(), r.U8(), r.U8(), r.U16()
	sha, spa := r.Bytes(6), r.Bytes(4)
	if !r.OK() || hardware != 1 || protocol != decode.EtherIPv4 || hlen != 6 || plen != 4 || op != 1 && op != 2 {
		return
	}
	mac, ip := evidence.MAC(sha), evidence.V4(spa)
	if mac.None() || mac.Group() || ip.None() || ip.Group() || ip.Loopback() {
		return
	}
	if m.Packet.HasMAC && m.Packet.SrcMAC != mac {
		m.Ledger.Count("arp_mac_mismatch", 1)
		return
	}
	m.Bind(mac, ip)
}
