// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"testing"

	"breakwater/evidence"
	"breakwater/evidence/packet/decode"
)

// TestControlAllocations checks that the polling that control networks consist of is read without allocating, once it has
// been seen before.
func TestControlAllocations(t *testing.T) {
	for _, tt := range []struct {
		name string
		p    *Protocol
		says []say
	}{
		{"S7 read", &s7commProtocol, []say{
			{ClientSide, s7(t, s7Job, 5, "04 02 120a10 04 0002 0000 81 000010 120a10 08 0001 0007 84 000018", "")},
			{ServerSide, s7(t, s7AckData, 5, "0000 04 02", "ff04 0010 0001 0a00 0000")},
		}},
		{"S7 write", &s7commProtocol, []say{
			{ClientSide, s7(t, s7Job, 5, "05 01 120a10 02 0001 0000 83 000080", "0004 0008 01")},
			{ServerSide, s7(t, s7AckData, 5, "0000 05 01", "ff")},
		}},
		{"S7 status list", &s7commProtocol, []say{
			{ClientSide, s7User(t, 3, "44", "01", "", "0424 0000")},
			{ServerSide, s7User(t, 3, "84", "01", "01 00 00 0000", "0424 0000 0014 0001 5144ff080000000000000000160208145137 5692")},
		}},
		{"S7 start", &s7commProtocol, []say{
			{ClientSide, s7(t, s7Job, 5, "28 000000000000fd 0000 09"+text("P_PROGRAM"), "")},
			{ServerSide, s7(t, s7AckData, 5, "0000 28", "")},
		}},
		{"CIP tag", &enipProtocol, []say{
			{ClientSide, unit(t, 1, 1, "4c 07 910b 4372616e655f5370656564 00 0100")},
			{ServerSide, unit(t, 2, 1, "cc 00 00 00 c400 07000000")},
		}},
		{"CIP identity", &enipProtocol, []say{
			{ClientSide, rr(t, 3, "01 02 2001 2401")},
			{ServerSide, rr(t, 3, cipIdentityAll)},
		}},
		{"CIP several services", &enipProtocol, []say{
			{ClientSide, unit(t, 1, 1, "0a 02 2002 2401 0300 0800 1000 2000 0e03 2001 2401 3007 4c06 9109 426f6f6d416e676c65 00 0100 0702 208e 2401")},
			{ServerSide, unit(t, 2, 1, "8a 00 1e 00 0300 0800 1100 1500 8e00 0000 04 50313233 cc00 0400 8700 0f00")},
		}},
		{"CIP by way of a module", &enipProtocol, []say{
			{ClientSide, rr(t, 1, "52 02 2006 2401 0a0e 0600 0102 2001 2401 0100 0103")},
			{ServerSide, rr(t, 1, cipIdentityAll)},
		}},
		{"CIP connection", &enipProtocol, []say{
			{ClientSide, rr(t, 1, "54 02 2006 2401"+forwardOpenData)},
			{ServerSide, rr(t, 1, "d4 00 00 00 01005000 01004b00 0100 0100 78563412 40420f00 40420f00 0000")},
		}},
		{"PCCC read", &enipProtocol, []say{
			{ClientSide, rr(t, 3, "4b 02 2067 2401"+pcccRequestor+"0f 00 0100 a2 02 07 89 05 00")},
			{ServerSide, rr(t, 3, "cb 00 00 00"+pcccRequestor+"4f 00 0100 0000")},
		}},
		{"implicit I/O", &cipIOProtocol, []say{
			{ClientSide, unhexed(t, "0200 0280 0800 01004b00 05000000 b100 0400 0100 0203")},
		}},
	} {
		l := evidence.NewLedger(evidence.LimitsFor(1 << 20))
		m := &Message{
			At: 1, Place: 1, Packet: &decode.Packet{IPVersion: 4}, Ledger: l, Flow: &FlowState{Protocol: tt.p}, Confirmed: true,
			Client: l.Endpoint(clientMAC, clientIP, 0, true), Server: l.Endpoint(serverMAC, serverIP, 0, true),
		}
		m.Begin(tt.p)
		if n := testing.AllocsPerRun(50, func() {
			for _, s := range tt.says {
				m.From = s.from
				tt.p.Probe(s.b)
				tt.p.Read(m, s.b)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations, want 0", tt.name, n)
		}
	}
}
