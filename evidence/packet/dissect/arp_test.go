// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"testing"

	"breakwater/evidence/packet/decode"
)

const (
	arpRequest = "0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002"
	arpReply   = "0001 0800 06 04 0002 020000000001 0a000001 020000000002 0a000002"
)

func TestARPRead(t *testing.T) {
	for name, tt := range map[string]struct {
		hex   string
		src   [6]byte
		bound string
		count int64
	}{
		"request":            {arpRequest, clientMAC, "02:00:00:00:00:01 10.0.0.1\n", 0},
		"reply":              {arpReply, clientMAC, "02:00:00:00:00:01 10.0.0.1\n", 0},
		"gratuitous":         {"0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000001", clientMAC, "02:00:00:00:00:01 10.0.0.1\n", 0},
		"padded":             {arpReply + "000000000000000000000000000000000000", clientMAC, "02:00:00:00:00:01 10.0.0.1\n", 0},
		"probe":              {"0001 0800 06 04 0001 020000000001 00000000 000000000000 0a000001", clientMAC, "", 0},
		"other frame source": {arpReply, serverMAC, "", 1},
		"group sender":       {"0001 0800 06 04 0002 ffffffffffff 0a000001 020000000002 0a000002", [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, "", 0},
		"loopback":           {"0001 0800 06 04 0002 020000000001 7f000001 020000000002 0a000002", clientMAC, "", 0},
		"inverse":            {"0001 0800 06 04 0008 020000000001 0a000001 020000000002 0a000002", clientMAC, "", 0},
		"other hardware":     {"0006 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002", clientMAC, "", 0},
		"cut":                {"0001 0800 06 04 0001 020000000001 0a0000", clientMAC, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			d := datagram{ClientSide, decode.Packet{HasMAC: true, SrcMAC: tt.src}, unhexed(t, tt.hex)}
			l := deliver(&arpProtocol, d)
			wantText(t, "bound", bound(l), tt.bound)
			if got := l.Counter("arp_mac_mismatch"); got != tt.count {
				t.Errorf("arp_mac_mismatch = %d, want %d", got, tt.count)
			}
		})
	}
}

func FuzzARP(f *testing.F) {
	fuzzProtocol(f, &arpProtocol, unhexed(f, arpRequest), unhexed(f, arpReply))
}
