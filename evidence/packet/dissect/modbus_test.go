// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"strings"
	"testing"
)

// adu makes a Modbus message: transaction, unit, then function and data in hex.
func adu(tb testing.TB, tx, unit int, pdu string) []byte {
	tb.Helper()
	p := string(unhexed(tb, pdu))
	return []byte(be16(tx) + be16(0) + be16(len(p)+1) + string([]byte{byte(unit)}) + p)
}

func TestModbusOperations(t *testing.T) {
	for name, tt := range map[string]struct{ ask, answer, want string }{
		"coils":              {"01 0000 0008", "01 01 ff", "0x01 read_coils read [unit 1 coils 0-7] ok ×1\n"},
		"one input":          {"02 00c8 0001", "02 01 00", "0x02 read_discrete_inputs read [unit 1 discrete inputs 200] ok ×1\n"},
		"registers":          {"03 0064 000a", "03 02 0001", "0x03 read_holding_registers read [unit 1 holding registers 100-109] ok ×1\n"},
		"last register":      {"04 ffff 0001", "04 02 0001", "0x04 read_input_registers read [unit 1 input registers 65535] ok ×1\n"},
		"exception":          {"03 0258 000a", "83 02", "0x03 read_holding_registers read [unit 1 holding registers 600-609] illegal_data_address ×1\n"},
		"gateway exception":  {"03 0258 000a", "83 0b", "0x03 read_holding_registers read [unit 1 holding registers 600-609] gateway_target_device_failed_to_respond ×1\n"},
		"coil":               {"05 0005 ff00", "05 0005 ff00", "0x05 write_single_coil write [unit 1 coil 5] ok ×1\n"},
		"register":           {"06 0005 0007", "06 0005 0007", "0x06 write_single_register write [unit 1 holding register 5] ok ×1\n"},
		"exception status":   {"07", "07 00", "0x07 read_exception_status diagnose [unit 1] ok ×1\n"},
		"loopback":           {"08 0000 a537", "08 0000 a537", "0x08.0x00 diagnostics_return_query_data diagnose [unit 1] ok ×1\n"},
		"restart":            {"08 0001 0000", "08 0001 0000", "0x08.0x01 diagnostics_restart_communications_option program_control [unit 1] ok ×1\n"},
		"listen only":        {"08 0004 0000", "", "0x08.0x04 diagnostics_force_listen_only_mode mode_change [unit 1] unanswered ×1\n"},
		"other diagnostics":  {"08 0099 0000", "88 01", "0x08 diagnostics diagnose [unit 1] illegal_function ×1\n"},
		"event counter":      {"0b", "0b 0000 0007", "0x0b get_comm_event_counter diagnose [unit 1] ok ×1\n"},
		"event log":          {"0c", "0c 08 0000 0108 0121 2000", "0x0c get_comm_event_log diagnose [unit 1] ok ×1\n"},
		"coils written":      {"0f 0013 000a 02 cd01", "0f 0013 000a", "0x0f write_multiple_coils write [unit 1 coils 19-28] ok ×1\n"},
		"registers written":  {"10 0001 0002 04 000a0102", "10 0001 0002", "0x10 write_multiple_registers write [unit 1 holding registers 1-2] ok ×1\n"},
		"server id":          {"11", "11 02 0aff", "0x11 report_server_id discover [unit 1] ok ×1\n"},
		"file record":        {"14 07 06 0004 0001 0002", "14 06 05 06 0dfe0020", "0x14 read_file_record file [unit 1 file 4 record 1] ok ×1\n"},
		"file record write":  {"15 09 06 0004 0007 0001 06af", "15 09 06 0004 0007 0001 06af", "0x15 write_file_record file [unit 1 file 4 record 7] ok ×1\n"},
		"mask":               {"16 0004 00f2 0025", "16 0004 00f2 0025", "0x16 mask_write_register write [unit 1 holding register 4] ok ×1\n"},
		"read and write":     {"17 0003 0006 000e 0003 06 00ff00ff00ff", "17 02 00fe", "0x17 read_write_multiple_registers write [unit 1 read holding registers 3-8, write holding registers 14-16] ok ×1\n"},
		"queue":              {"18 04de", "18 0006 0002 01b8 1284", "0x18 read_fifo_queue read [unit 1 queue at 1246] ok ×1\n"},
		"CANopen":            {"2b 0d 00 01", "2b 0d 00 01", "0x2b.0x0d encapsulated_interface_transport_canopen_general_reference message [unit 1] ok ×1\n"},
		"other interface":    {"2b 77 00 01", "ab 01", "0x2b encapsulated_interface_transport message [unit 1] illegal_function ×1\n"},
		"vendor's function":  {"5a 0002", "5a 00fe", "0x5a function_0x5a message [unit 1] ok ×1\n"},
		"vendor's exception": {"64", "e4 01", "0x64 function_0x64 message [unit 1] illegal_function ×1\n"},
		"cut request":        {"03 00", "83 03", "0x03 read_holding_registers read [unit 1] illegal_data_value ×1\n"},
		"no request seen":    {"", "03 02 0001", "0x03 read_holding_registers read [unit 1] ok ×1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var script []say
			if tt.ask != "" {
				script = append(script, say{ClientSide, adu(t, 7, 1, tt.ask)})
			}
			if tt.answer != "" {
				script = append(script, say{ServerSide, adu(t, 7, 1, tt.answer)})
			}
			wantText(t, "operations", operations(exchange(t, &modbusProtocol, script...)), tt.want)
		})
	}
}

// TestModbusPairing sends three requests before the answers come, in another order and for two units.
func TestModbusPairing(t *testing.T) {
	l := exchange(t, &modbusProtocol,
		say{ClientSide, adu(t, 1, 1, "03 0000 0001")}, say{ClientSide, adu(t, 1, 2, "04 0000 0001")}, say{ClientSide, adu(t, 2, 1, "06 0009 0001")},
		say{ServerSide, adu(t, 2, 1, "86 01")}, say{ServerSide, adu(t, 1, 2, "84 02")}, say{ServerSide, adu(t, 1, 1, "03 02 0000")})
	wantText(t, "operations", operations(l), `0x06 write_single_register write [unit 1 holding register 9] illegal_function ×1
0x04 read_input_registers read [unit 2 input registers 0] illegal_data_address ×1
0x03 read_holding_registers read [unit 1 holding registers 0] ok ×1
`)
	wantText(t, "facts", facts(l), `10.0.0.2 modbus_exception_code=1
10.0.0.2 unit_id=1
10.0.0.2 modbus_exception_code=2
10.0.0.2 unit_id=2
`)
}

func TestModbusIdentity(t *testing.T) {
	for name, tt := range map[string]struct {
		answers []string
		want    string
	}{
		"basic": {
			[]string{"2b 0e 01 01 00 00 03 00 09 5363686e6569646572 01 05 544d323231 02 04 76312e35"},
			"vendor=Schneider product_code=TM221 model=TM221 revision=v1.5 firmware=v1.5",
		},
		"in two parts": {
			[]string{"2b 0e 02 02 ff 04 02 00 02 4141 01 02 4242", "2b 0e 02 02 00 00 03 04 02 4444 05 02 4545 06 02 4646"},
			"vendor=AA product_code=BB model=BB product_name=DD model=EE application_name=FF",
		},
		"private": {[]string{"2b 0e 03 83 00 00 02 80 06 537065726d6f 81 02 0001"}, "description=Spermo"},
		"cut":     {[]string{"2b 0e 01 01 00 00 03 00 09 536368"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var script []say
			for i, a := range tt.answers {
				script = append(script, say{ClientSide, adu(t, i, 3, "2b 0e 01 00")}, say{ServerSide, adu(t, i, 3, a)})
			}
			l := exchange(t, &modbusProtocol, script...)
			if !strings.HasPrefix(operations(l), "0x2b.0x0e encapsulated_interface_transport_read_device_identification discover [unit 3] ok") {
				t.Errorf("operations = %s", operations(l))
			}
			want := "10.0.0.2 unit_id=3\n"
			for f := range strings.FieldsSeq(tt.want) {
				want += "10.0.0.2 " + f + "\n"
			}
			wantText(t, "facts", facts(l), want)
		})
	}
	l := exchange(t, &modbusProtocol, say{ServerSide, adu(t, 1, 9, "11 0d 0aff 57616765 2d3735302d38 3800")})
	wantText(t, "facts", facts(l), "10.0.0.2 unit_id=9\n10.0.0.2 description=Wage-750-88\n")
}

func TestModbusProbe(t *testing.T) {
	for name, tt := range map[string]struct {
		b    []byte
		fit  Fit
		side Side
	}{
		"request":                {adu(t, 1, 1, "03 0000 000a"), Good, ClientSide},
		"two requests":           {append(adu(t, 1, 1, "03 0000 000a"), adu(t, 2, 1, "03 0000 000a")...), Good, ClientSide},
		"response":               {adu(t, 1, 1, "03 04 00000000"), Good, ServerSide},
		"exception":              {adu(t, 1, 1, "83 02"), Good, ServerSide},
		"write":                  {adu(t, 1, 1, "10 0000 0001 02 0000"), Good, ClientSide},
		"written":                {adu(t, 1, 1, "10 0000 0001"), Good, ServerSide},
		"either":                 {adu(t, 1, 1, "06 0000 0001"), Good, AnySide},
		"identification":         {adu(t, 1, 1, "2b 0e 01 00"), Good, ClientSide},
		"report id":              {adu(t, 1, 1, "11"), Weak, ClientSide},
		"vendor's function":      {adu(t, 1, 1, "5a 0002"), Weak, AnySide},
		"first bytes":            {adu(t, 1, 1, "03 0000 000a")[:7], Short, AnySide},
		"quantity 0":             {adu(t, 1, 1, "03 0000 0000"), Weak, AnySide},
		"quantity too high":      {adu(t, 1, 1, "03 0000 007e"), Weak, AnySide},
		"exception of 0":         {adu(t, 1, 1, "83 00"), Weak, ServerSide},
		"exception 64":           {adu(t, 1, 1, "83 40"), Weak, ServerSide},
		"coil half on":           {adu(t, 1, 1, "05 0000 ff01"), Weak, AnySide},
		"count beyond":           {adu(t, 1, 1, "03 06 00000000"), Weak, AnySide},
		"function 0":             {adu(t, 1, 1, "00"), Weak, AnySide},
		"unit 250":               {adu(t, 1, 250, "5a 0002"), Weak, AnySide},
		"too long":               {[]byte("\x00\x01\x00\x00\x01\x20\x01\x03" + strings.Repeat("\x00", 300)), No, AnySide},
		"TLS":                    {unhexed(t, "16 03 01 00 c8 01 00 00 c4 03 03"), No, AnySide},
		"TPKT":                   {unhexed(t, "03 00 00 16 11 e0 00 00 00 01 00 c0 01 0a"), No, AnySide},
		"text":                   {[]byte("GET / HTTP/1.1\r\n\r\n"), No, AnySide},
		"zeros":                  {make([]byte, 64), No, AnySide},
		"long exception":         {adu(t, 1, 1, "83 02 00"), No, AnySide},
		"other data behind":      {append(adu(t, 1, 1, "03 0000 000a"), "\r\n\r\n"...), No, AnySide},
		"random with this start": {unhexed(t, "a1 b2 00 00 13 88 01 03"), No, AnySide},
	} {
		wantProbe(t, &modbusProtocol, name, tt.b, tt.fit, tt.side)
	}
}

func FuzzModbus(f *testing.F) {
	fuzzProtocol(f, &modbusProtocol, adu(f, 1, 1, "03 0000 000a"), adu(f, 1, 1, "83 02"),
		adu(f, 1, 1, "2b 0e 01 01 00 00 03 00 09 5363686e6569646572 01 05 544d323231 02 04 76312e35"),
		adu(f, 1, 1, "17 0003 0006 000e 0003 06 00ff00ff00ff"), adu(f, 1, 1, "14 07 06 0004 0001 0002"), adu(f, 1, 1, "08 0004 0000"))
}
