// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"strings"
	"testing"
)

// mb builds an ADU: transaction, unit, function and data.
func mb(tx, unit, fc byte, data ...byte) []byte {
	n := len(data) + 2
	return append([]byte{0, tx, 0, 0, byte(n >> 8), byte(n), unit, fc}, data...)
}

func TestModbusOperations(t *testing.T) {
	for _, tt := range []struct {
		name string
		says []say
		want string
	}{
		{"read", []say{{ClientSide, mb(1, 4, 3, 0, 100, 0, 10)}, {ServerSide, mb(1, 4, 3, 2, 0, 1)}}, "0x03 read_holding_registers read [unit 4 holding registers 100-109] ok ×1\n"},
		{"exception", []say{{ClientSide, mb(1, 4, 5, 0, 7, 0xff, 0)}, {ServerSide, mb(1, 4, 0x85, 2)}}, "0x05 write_single_coil write [unit 4 coil 7] illegal_data_address ×1\n"},
		{"unanswered", []say{{ClientSide, mb(1, 4, 6, 0, 7, 1, 2)}}, "0x06 write_single_register write [unit 4 holding register 7] unanswered ×1\n"},
		{"answer of another unit is not the answer", []say{{ClientSide, mb(1, 4, 7)}, {ServerSide, mb(1, 5, 7, 0)}}, "0x07 read_exception_status diagnose [unit 5] ok ×1\n0x07 read_exception_status diagnose [unit 4] unanswered ×1\n"},
		{"answers out of order", []say{{ClientSide, mb(1, 1, 1, 0, 0, 0, 8)}, {ClientSide, mb(2, 1, 1, 0, 8, 0, 8)}, {ServerSide, mb(2, 1, 1, 1, 0)}, {ServerSide, mb(1, 1, 0x81, 6)}}, "0x01 read_coils read [unit 1 coils 8-15] ok ×1\n0x01 read_coils read [unit 1 coils 0-7] server_device_busy ×1\n"},
		{"listen only", []say{{ClientSide, mb(1, 1, 8, 0, 4, 0, 0)}}, "0x08.0x04 diagnostics_force_listen_only_mode mode_change [unit 1] unanswered ×1\n"},
		{"vendor's own function", []say{{ClientSide, mb(1, 1, 0x5a, 0, 1)}, {ServerSide, mb(1, 1, 0x5a, 0, 0xfe)}}, "0x5a function_0x5a message [unit 1] ok ×1\n"},
	} {
		if got := operations(exchange(t, &modbusProtocol, tt.says...)); got != tt.want {
			t.Errorf("%s: operations\n%swant\n%s", tt.name, got, tt.want)
		}
	}
}

func TestModbusIdentity(t *testing.T) {
	answer := append([]byte{0x0e, 1, 1, 0, 0, 3, 0, 4}, "ACME"...)
	answer = append(append(answer, 1, 3), "X-1"...)
	answer = append(append(answer, 2, 4), "V1.2"...)
	got := facts(exchange(t, &modbusProtocol, say{ClientSide, mb(1, 9, 0x2b, 0x0e, 1, 0)}, say{ServerSide, mb(1, 9, 0x2b, answer...)}))
	for _, want := range []string{"10.0.0.2 vendor=ACME", "10.0.0.2 product_code=X-1", "10.0.0.2 firmware=V1.2", "10.0.0.2 unit_id=9"} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	cut := facts(exchange(t, &modbusProtocol, say{ClientSide, mb(1, 9, 0x2b, 0x0e, 1, 0)}, say{ServerSide, mb(1, 9, 0x2b, answer[:len(answer)-2]...)}))
	if strings.Contains(cut, "firmware") || !strings.Contains(cut, "product_code=X-1") {
		t.Errorf("of an answer that was cut, the complete objects count:\n%s", cut)
	}
}

func TestModbusProbe(t *testing.T) {
	for name, tt := range map[string]struct {
		b    []byte
		fit  Fit
		side Side
	}{
		"read request":       {mb(1, 1, 3, 0, 0, 0, 10), Good, ClientSide},
		"read answer":        {mb(1, 1, 3, 4, 0, 0, 0, 10), Good, ServerSide},
		"exception":          {mb(1, 1, 0x83, 2), Good, ServerSide},
		"write answer":       {mb(1, 1, 16, 0, 0, 0, 1), Good, ServerSide},
		"cut":                {mb(1, 1, 3, 0, 0, 0, 10)[:9], Short, AnySide},
		"TLS":                {[]byte{0x16, 3, 1, 0, 40, 1, 0, 0, 36, 3, 3}, No, AnySide},
		"TPKT":               {[]byte{3, 0, 0, 22, 17, 0xe0, 0, 0, 0, 1, 0, 0xc1}, No, AnySide},
		"HTTP":               {[]byte("GET / HTTP/1.1\r\n"), No, AnySide},
		"zeros":              {make([]byte, 20), No, AnySide},
		"wrong byte count":   {mb(1, 1, 3, 9, 0, 0, 0, 10, 1), No, AnySide},
		"too many registers": {mb(1, 1, 3, 0, 0, 0x10, 0), Weak, ClientSide},
	} {
		if fit, side := modbusProbe(tt.b); fit != tt.fit || side != tt.side {
			t.Errorf("%s: fit %d, side %d, want %d, %d", name, fit, side, tt.fit, tt.side)
		}
	}
}

func FuzzModbus(f *testing.F) {
	fuzzProtocol(f, &modbusProtocol, mb(1, 1, 3, 0, 0, 0, 10), mb(1, 9, 0x2b, 0x0e, 1, 1, 0, 0, 1, 0, 2, 'A', 'B'), mb(1, 1, 0x14, 7, 6, 0, 1, 0, 2, 0, 1))
}
