// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"breakwater/evidence"
	"breakwater/evidence/packet/decode"
)

// le16 and le32 are numbers in the order of EtherNet/IP, as hex.
func le16(n int) string { return fmt.Sprintf("%x", binary.LittleEndian.AppendUint16(nil, uint16(n))) }

func le32(n uint32) string {
	return fmt.Sprintf("%x", binary.LittleEndian.AppendUint32(nil, n))
}

// squeeze takes the spaces out of hex.
func squeeze(hex string) string { return strings.Join(strings.Fields(hex), "") }

// encap makes an encapsulated message.
func encap(tb testing.TB, command int, session uint32, status uint32, context int, body string) []byte {
	tb.Helper()
	body = squeeze(body)
	return unhexed(tb, le16(command)+le16(len(body)/2)+le32(session)+le32(status)+le16(context)+"000000000000 00000000"+body)
}

// rr carries CIP unconnected, unit in a connection.
func rr(tb testing.TB, context int, cip string) []byte {
	tb.Helper()
	cip = squeeze(cip)
	return encap(tb, enipSendRRData, 7, 0, context, "00000000 0a00 0200 0000 0000 b200"+le16(len(cip)/2)+cip)
}

func unit(tb testing.TB, connection uint32, sequence int, cip string) []byte {
	tb.Helper()
	cip = squeeze(cip)
	return encap(tb, enipSendUnitData, 7, 0, 0, "00000000 0000 0200 a100 0400"+le32(connection)+"b100"+le16(len(cip)/2+2)+le16(sequence)+cip)
}

const (
	identityBody = "0100 0c00 2f00 0100 0002af12 0a0101a4 0000000000000000 0100 0c00 3a00 0403 3000 8e4d5200 0d 313735362d454e42542f41 2020 03"
	identityItem = "10.0.0.2 socket_address=10.1.1.164:44818\n" + identityFacts
)

const identityFacts = `10.0.0.2 vendor_id=1
10.0.0.2 vendor_id=0x0001
10.0.0.2 vendor=Rockwell Automation/Allen-Bradley
10.0.0.2 device_type_id=12
10.0.0.2 device_type=Communications Adapter
10.0.0.2 product_code=58
10.0.0.2 revision=4.3
10.0.0.2 firmware=4.3
10.0.0.2 device_status=0x0030
10.0.0.2 serial=0x00524d8e
10.0.0.2 product_name=1756-ENBT/A
10.0.0.2 model=1756-ENBT/A
10.0.0.2 device_state=operational
`

func TestENIPOperations(t *testing.T) {
	l := exchange(t, &enipProtocol,
		say{ClientSide, encap(t, enipListServices, 0, 0, 1, "")},
		say{ClientSide, encap(t, enipListIdentity, 0, 0, 2, "")},
		say{ServerSide, encap(t, enipListIdentity, 0, 0, 2, identityBody)},
		say{ServerSide, encap(t, enipListServices, 0, 0, 1, "0100 0001 1400 0100 2001 436f6d6d756e69636174696f6e730000")},
		say{ClientSide, encap(t, enipRegister, 0, 0, 3, "0100 0000")},
		say{ServerSide, encap(t, enipRegister, 7, 0, 3, "0100 0000")},
		say{ClientSide, encap(t, enipRegister, 0, 0, 4, "0100 0000")},
		say{ServerSide, encap(t, enipRegister, 0, 0x69, 4, "0100 0000")},
		say{ClientSide, encap(t, enipNOP, 7, 0, 0, "")},
		say{ClientSide, encap(t, enipListInterfaces, 7, 0, 5, "")},
		say{ClientSide, encap(t, enipUnregister, 7, 0, 0, "")},
	)
	wantText(t, "operations", operations(l), `0x0063 list_identity discover [] ok ×1
0x0004 list_services discover [] ok ×1
0x0065 register_session message [] ok ×1
0x0065 register_session message [] unsupported_protocol_revision ×1
0x0000 nop message []  ×1
0x0066 unregister_session message []  ×1
0x0064 list_interfaces discover [] unanswered ×1
`)
	wantText(t, "facts", facts(l), identityItem)
}

// TestENIPSearch plays a broadcast search, to which nobody answers in the same flow, and the answer without request.
func TestENIPSearch(t *testing.T) {
	l := evidence.NewLedger(evidence.LimitsFor(8 << 20))
	m := &Message{
		At: 1, Place: 1, Packet: &decode.Packet{}, From: ClientSide, Group: true, Confirmed: true, Ledger: l,
		Client: l.Endpoint(clientMAC, clientIP, 0, true), Server: l.Endpoint(evidence.MAC{}, evidence.V4([]byte{255, 255, 255, 255}), 0, true),
		Flow: &FlowState{Protocol: &enipProtocol},
	}
	m.Begin(&enipProtocol)
	enipRead(m, encap(t, enipListIdentity, 0, 0, 0, ""))
	m.End()
	wantText(t, "operations", operations(l), "0x0063 list_identity discover []  ×1\n")
	if !m.Flow.Idle() {
		t.Error("a search keeps state")
	}
	l = exchange(t, &enipProtocol, say{ServerSide, encap(t, enipListIdentity, 0, 0, 2, identityBody)})
	wantText(t, "operations", operations(l), "0x0063 list_identity discover [] ok ×1\n")
	wantText(t, "facts", facts(l), identityItem)
	l = exchange(t, &enipProtocol, say{ServerSide, encap(t, enipListIdentity, 0, 0, 2, squeeze(identityBody)[:80])})
	wantText(t, "facts of a cut answer", facts(l), "")
}

func TestENIPProbe(t *testing.T) {
	identity := rr(t, 1, "01 02 2001 2401")
	for name, tt := range map[string]struct {
		b    []byte
		fit  Fit
		side Side
	}{
		"list identity":       {encap(t, enipListIdentity, 0, 0, 9, ""), Good, ClientSide},
		"list targets":        {encap(t, enipListTargets, 0, 0, 0, ""), Weak, ClientSide},
		"targets":             {encap(t, enipListTargets, 0, 0, 0, "0100 0100 2400 0100 0000"+strings.Repeat("00", 32)), Good, ServerSide},
		"two in a row":        {append(encap(t, enipListServices, 0, 0, 9, ""), encap(t, enipListInterfaces, 0, 0, 9, "")...), Good, ClientSide},
		"other data behind":   {append(encap(t, enipListServices, 0, 0, 9, ""), "\r\n\r\n"...), No, AnySide},
		"identity":            {encap(t, enipListIdentity, 0, 0, 9, identityBody), Good, ServerSide},
		"register":            {encap(t, enipRegister, 0, 0, 9, "0100 0000"), Good, ClientSide},
		"registered":          {encap(t, enipRegister, 7, 0, 9, "0100 0000"), Good, ServerSide},
		"unregister":          {encap(t, enipUnregister, 7, 0, 9, ""), Weak, ClientSide},
		"no operation":        {encap(t, enipNOP, 7, 0, 9, ""), Weak, AnySide},
		"request":             {identity, Good, ClientSide},
		"reply":               {rr(t, 1, "81 00 00 00"), Good, ServerSide},
		"connected":           {unit(t, 5, 1, "0e 03 2001 2401 3001"), Good, ClientSide},
		"start of a request":  {identity[:34], Good, AnySide},
		"header":              {identity[:24], Short, AnySide},
		"start of a header":   {identity[:9], Short, AnySide},
		"options":             {unhexed(t, "6300 0000 00000000 00000000 0000000000000000 00000001"), No, AnySide},
		"unknown status":      {encap(t, enipListIdentity, 0, 0x77, 9, ""), No, AnySide},
		"unknown command":     {encap(t, 0x0163, 0, 0, 9, ""), No, AnySide},
		"other interface":     {encap(t, enipSendRRData, 7, 0, 1, "01000000 0a00 0200 0000 0000 b200 0200 0100"), No, AnySide},
		"other item":          {encap(t, enipSendRRData, 7, 0, 1, "00000000 0a00 0200 7700 0000 b200 0200 0100"), No, AnySide},
		"items beyond":        {encap(t, enipSendRRData, 7, 0, 1, "00000000 0a00 0200 0000 0000 b200 0900 0100"), No, AnySide},
		"register of version": {encap(t, enipRegister, 0, 0, 9, "0200 0000"), No, AnySide},
		"zeros":               {make([]byte, 48), No, AnySide},
		"text":                {[]byte("open sesame and let me in, please"), No, AnySide},
		"text that fits":      {[]byte("c\x00\x00\x00and the rest of it is text, too"), No, AnySide},
	} {
		wantProbe(t, &enipProtocol, name, tt.b, tt.fit, tt.side)
	}
}

const cipIODatagram = "0200 0280 0800 03064b00 01000000 b100 0600 0100 00000000"

func TestCIPIO(t *testing.T) {
	b := unhexed(t, cipIODatagram)
	wantProbe(t, &cipIOProtocol, "datagram", b, Good, AnySide)
	wantProbe(t, &cipIOProtocol, "cut", b[:len(b)-1], No, AnySide)
	wantProbe(t, &cipIOProtocol, "longer", append(b[:len(b):len(b)], 0), No, AnySide)
	wantProbe(t, &cipIOProtocol, "other item", unhexed(t, "0200 a100 0800 03064b00 01000000 b100 0600 0100 00000000"), No, AnySide)
	wantProbe(t, &cipIOProtocol, "STUN-like", unhexed(t, "0200 0280 0801 03064b00 01000000 b100 0600 0100 00000000"), No, AnySide)
	l := deliver(&cipIOProtocol, fromClient(b), fromServer(b), fromClient(b))
	wantText(t, "operations", operations(l), "")
}

func FuzzENIP(f *testing.F) {
	fuzzProtocol(f, &enipProtocol, encap(f, enipListIdentity, 0, 0, 2, identityBody), encap(f, enipRegister, 0, 0, 3, "0100 0000"),
		rr(f, 1, "0a 02 2002 2401 0200 0600 0e00 0e03 2001 2401 3007 0103 2001 2401"), rr(f, 1, "54 02 2006 2401"+forwardOpenData),
		rr(f, 1, "52 02 2006 2401 0a0e 0600 0102 2001 2401 0100 0100"), rr(f, 1, "4b 02 2067 2401"+pcccRequestor+"0f 00 0100 a2 02 07 89 00 00"),
		rr(f, 1, "4c 07 910b 4372616e655f5370656564 00 0100"), rr(f, 1, "81 00 00 00 0100 0c00 3a00"), unit(f, 9, 2, "8a 00 00 00 0100 0400 81 00 00 00"))
}

func FuzzCIPIO(f *testing.F) { fuzzProtocol(f, &cipIOProtocol, unhexed(f, cipIODatagram)) }
