// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"fmt"
	"strings"
	"testing"
)

// tpkt wraps COTP user data.
func tpkt(data string) []byte {
	return []byte("\x03\x00" + be16(len(data)+7) + "\x02\xf0\x80" + data)
}

// s7 makes an S7 message: kind, reference, parameters and data in hex. An acknowledgement starts with its error.
func s7(tb testing.TB, kind, ref int, params, data string) []byte {
	tb.Helper()
	p, d := string(unhexed(tb, params)), string(unhexed(tb, data))
	fault := ""
	if kind == s7Ack || kind == s7AckData {
		fault, p = p[:2], p[2:]
	}
	return tpkt("\x32" + string([]byte{byte(kind)}) + "\x00\x00" + be16(ref) + be16(len(p)) + be16(len(d)) + fault + p + d)
}

// s7User makes a user data message: type and group, subfunction, then for answers more of the parameters, then data.
func s7User(tb testing.TB, ref int, group, sub, rest, payload string) []byte {
	tb.Helper()
	p := unhexed(tb, payload)
	size, method := "04", "11"
	if rest != "" {
		size, method = "08", "12"
	} else {
		rest = "00"
	}
	data := fmt.Sprintf("ff 09 %04x %x", len(p), p)
	if len(p) == 0 {
		data = "0a 00 0000"
	}
	return s7(tb, s7Userdata, ref, "000112"+size+method+group+sub+rest, data)
}

func text(s string) string { return fmt.Sprintf("%x", s) }

const (
	cotpCR = "03 00 00 16 11 e0 00 00 00 01 00 c0 01 0a c1 02 01 00 c2 02 01 22"
	cotpCC = "03 00 00 16 11 d0 00 01 00 06 00 c0 01 0a c1 02 01 00 c2 02 01 22"
)

func TestS7Jobs(t *testing.T) {
	block := "09" + text("_0A00012P")
	for name, tt := range map[string]struct{ ask, data, answer, answerData, want string }{
		"setup":          {"f0 00 0001 0001 01e0", "", "0000 f0 00 0001 0001 00f0", "", "0xf0 setup_communication message [] ok"},
		"bytes of a DB":  {"04 01 120a10 02 0010 000a 84 000000", "", "0000 04 01", "ff 04 0008 00", "0x04 read_variable read [DB 10.DBX 0.0 BYTE 16] ok"},
		"a bit":          {"04 01 120a10 01 0001 0000 83 00002a", "", "0000 04 01", "ff 03 0001 01", "0x04 read_variable read [M 5.2] ok"},
		"timers":         {"04 01 120a10 1d 0004 0000 1d 000002", "", "0000 04 01", "ff 09 0002 0000", "0x04 read_variable read [T 2-5] ok"},
		"several items":  {"04 02 120a10 04 0002 0000 81 000010 120a10 08 0001 0007 84 000018", "", "0000 04 02", "ff 04 0020 00000000 05 00 0000", "0x04 read_variable read [I 2.0 WORD 2, DB 7.DBX 3.0 REAL 1] invalid_address"},
		"block access":   {"04 01 1207b0 01 02 000a 0004", "", "0000 04 01", "ff 04 0010 0000", "0x04 read_variable read [DB 10.DBX 4.0 BYTE 2] ok"},
		"symbol":         {"04 01 1206b2 ff 00 00 00 00", "", "0000 04 01", "0a 00 0000", "0x04 read_variable read [symbolic variable] object_does_not_exist"},
		"NCK":            {"04 01 1208 82 41 0016 0001 7f 01", "", "0000 04 01", "ff 09 0002 0000", "0x04 read_variable read [NCK area 0x2 unit 1 module 0x7f column 22 line 1] ok"},
		"write":          {"05 01 120a10 02 0001 0000 82 000008", "00 04 0008 ff", "0000 05 01", "ff", "0x05 write_variable write [Q 1.0 BYTE 1] ok"},
		"write refused":  {"05 02 120a10 02 0001 0000 82 000008 120a10 02 0001 0000 82 000010", "00 04 0008 ff 00 00 04 0008 ff", "0000 05 02", "ff 03", "0x05 write_variable write [Q 1.0 BYTE 1, Q 2.0 BYTE 1] object_access_not_allowed"},
		"error":          {"04 01 120a10 02 0010 000a 84 000000", "", "8104", "", "0x04 read_variable read [DB 10.DBX 0.0 BYTE 16] service_not_supported"},
		"error by class": {"04 01 120a10 02 0010 000a 84 000000", "", "8777", "", "0x04 read_variable read [DB 10.DBX 0.0 BYTE 16] access_error"},
		"other error":    {"29 0000000000 09" + text("P_PROGRAM"), "", "7701 29", "", "0x29 plc_stop program_control [P_PROGRAM] error_0x7701"},
		"download":       {"1a 00 0100 00000000" + block + "0d" + text("1000500000400"), "", "0000 1a", "", "0x1a request_download program_download [DB 12 (passive)] ok"},
		"upload":         {"1d 00 0000 00000000" + block, "", "0000 1d 00 0100 00000007 07" + text("0000216"), "", "0x1d start_upload program_upload [DB 12 (passive)] ok"},
		"no such block":  {"1d 00 0000 00000000 09" + text("_0800001A"), "", "d209", "", "0x1d start_upload program_upload [OB 1 (active)] block_does_not_exist"},
		"stop":           {"29 0000000000 09" + text("P_PROGRAM"), "", "0000 29", "", "0x29 plc_stop program_control [P_PROGRAM] ok"},
		"already stop":   {"29 0000000000 09" + text("P_PROGRAM"), "", "8402 29", "", "0x29 plc_stop program_control [P_PROGRAM] already_in_run_or_stop"},
		"cold start":     {"28 000000000000fd 0002 4320 09" + text("P_PROGRAM"), "", "0000 28", "", "0x28 plc_control program_control [P_PROGRAM C] ok"},
		"compress":       {"28 000000000000fd 0000 05" + text("_GARB"), "", "0000 28", "", "0x28 plc_control program_control [_GARB] ok"},
		"activate": {
			"28 000000000000fd 0012 0200" + text("0A00001P0C00003P") + "05" + text("_INSE"), "", "0000 28", "",
			"0x28 plc_control program_control [_INSE DB 1, FC 3] ok",
		},
		"delete":          {"28 000000000000fd 000a 0100" + text("0A00001P") + "05" + text("_DELE"), "", "0000 28", "", "0x28 plc_control program_control [_DELE DB 1] ok"},
		"unknown":         {"77 00", "", "8104 77", "", "0x77 function_0x77 message [] service_not_supported"},
		"cut items":       {"04 05 120a10 02 0010", "", "0000 04 05", "", "0x04 read_variable read [] ok"},
		"cut service":     {"28 00", "", "0000 28", "", "0x28 plc_control program_control [] ok"},
		"no request seen": {"", "", "0000 05 01", "ff", "0x05 write_variable write [] ok"},
	} {
		t.Run(name, func(t *testing.T) {
			var script []say
			if tt.ask != "" {
				script = append(script, say{ClientSide, s7(t, s7Job, 5, tt.ask, tt.data)})
			}
			kind := s7AckData
			if len(strings.ReplaceAll(tt.answer, " ", "")) == 4 {
				kind = s7Ack
			}
			script = append(script, say{ServerSide, s7(t, kind, 5, tt.answer, tt.answerData)})
			wantText(t, "operations", operations(exchange(t, &s7commProtocol, script...)), tt.want+" ×1\n")
		})
	}
}

// TestS7Download plays a download, in which the controller asks the tool for the block.
func TestS7Download(t *testing.T) {
	name := "09" + text("_0A00001P")
	head := "7070 01 01 05 0a 0001 00000050 00000003" + strings.Repeat("00", 20)
	tail := text("TWI\x00\x00\x00\x00\x00TestHMI\x00DATADB\x00\x00") + "10 00 c0df" + strings.Repeat("00", 8)
	tail = strings.ReplaceAll(tail, " ", "")
	half := len(tail) / 4 * 2
	part := func(hex string) string {
		return fmt.Sprintf("%04x 00fb", len(strings.ReplaceAll(hex, " ", ""))/2) + hex
	}
	l := exchange(t, &s7commProtocol,
		say{ClientSide, unhexed(t, cotpCR)},
		say{ServerSide, unhexed(t, cotpCC)},
		say{ClientSide, s7(t, s7Job, 9, "1a 00 0100 00000000"+name+"0d"+text("1000500000400"), "")},
		say{ServerSide, s7(t, s7AckData, 9, "0000 1a", "")},
		say{ServerSide, s7(t, s7Job, 1, "1b 00 0000 00000000"+name, "")},
		say{ClientSide, s7(t, s7AckData, 1, "0000 1b 01", part(head+"0000"+tail[:half]))},
		say{ServerSide, s7(t, s7Job, 3, "1b 00 0000 00000000"+name, "")},
		say{ClientSide, s7(t, s7AckData, 3, "0000 1b 00", part(tail[half:]))},
		say{ServerSide, s7(t, s7Job, 5, "1c 00 0000 00000000"+name, "")},
		say{ClientSide, s7(t, s7AckData, 5, "0000 1c", "")},
	)
	wantText(t, "operations", operations(l), `0x1a request_download program_download [DB 1 (passive)] ok ×1
0x1b download_block program_download [DB 1 (passive)] ok ×2
0x1c download_ended program_download [DB 1 (passive)] ok ×1
`)
	wantText(t, "facts", facts(l), `10.0.0.2 rack_slot=rack 1 slot 2
10.0.0.2 program_block=DB 1 DATADB author TWI family TestHMI version 1.0 language DB know-how protected
`)
}

func TestS7Upload(t *testing.T) {
	l := exchange(t, &s7commProtocol,
		say{ClientSide, s7(t, s7Job, 1, "1d 00 0000 00000000 09"+text("_0800001A"), "")},
		say{ServerSide, s7(t, s7AckData, 1, "0000 1d 00 0100 00000007 07"+text("0000050"), "")},
		say{ClientSide, s7(t, s7Job, 2, "1e 00 0000 00000007", "")},
		say{ServerSide, s7(t, s7AckData, 2, "0000 1e 00", "0004 00fb 00000000")},
		say{ClientSide, s7(t, s7Job, 3, "1f 00 0000 00000007", "")},
		say{ServerSide, s7(t, s7AckData, 3, "0000 1f", "")},
		say{ClientSide, s7(t, s7Job, 4, "1e 00 0000 00000009", "")},
	)
	wantText(t, "operations", operations(l), `0x1d start_upload program_upload [OB 1 (active)] ok ×1
0x1e upload program_upload [OB 1 (active)] ok ×1
0x1f end_upload program_upload [OB 1 (active)] ok ×1
0x1e upload program_upload [] unanswered ×1
`)
}

// TestS7LostAnswer loses the answer to one of several requests with the same reference.
func TestS7LostAnswer(t *testing.T) {
	l := exchange(t, &s7commProtocol,
		say{ClientSide, s7(t, s7Job, 1, "04 01 120a10 01 0001 0000 83 00002a", "")},
		say{ClientSide, s7(t, s7Job, 1, "29 0000000000 09"+text("P_PROGRAM"), "")},
		say{ServerSide, s7(t, s7AckData, 1, "0000 29", "")},
		say{ClientSide, s7(t, s7Job, 1, "05 01 120a10 02 0001 0000 82 000008", "00 04 0008 ff")},
		say{ServerSide, s7(t, s7AckData, 1, "0000 05 01", "ff")},
	)
	wantText(t, "operations", operations(l), `0x04 read_variable read [M 5.2] unanswered ×1
0x29 plc_stop program_control [P_PROGRAM] ok ×1
0x05 write_variable write [Q 1.0 BYTE 1] ok ×1
`)
}

func TestS7Userdata(t *testing.T) {
	for name, tt := range map[string]struct {
		group, sub, ask, answer, fault, want string
	}{
		"list blocks":     {"43", "01", "", "", "0000", "0x07.0x43.0x01 block_functions_list_blocks discover [] ok ×1\n"},
		"blocks of type":  {"43", "02", text("0A"), "", "0000", "0x07.0x43.0x02 block_functions_list_blocks_of_type discover [blocks of type DB] ok ×1\n"},
		"block info":      {"43", "03", text("0E00041A"), "", "d209", "0x07.0x43.0x03 block_functions_get_block_info discover [FB 41] block_does_not_exist ×1\n"},
		"read clock":      {"47", "01", "", "0019 99 12 31 23 59 59 0000", "0000", "0x07.0x47.0x01 time_functions_read_clock read [] ok ×1\n"},
		"set clock":       {"47", "02", "0019 99 12 31 23 59 59 0000", "", "0000", "0x07.0x47.0x02 time_functions_set_clock set_clock [] ok ×1\n"},
		"force":           {"41", "09", "0014 0002", "", "0000", "0x07.0x41.0x09 programmer_controls_force force [] ok ×1\n"},
		"modify":          {"41", "08", "0014 0002", "", "d241", "0x07.0x41.0x08 programmer_controls_modify_variable write [] not_allowed_at_this_protection_level ×1\n"},
		"memory reset":    {"41", "0c", "", "", "0000", "0x07.0x41.0x0c programmer_controls_memory_reset program_control [] ok ×1\n"},
		"password":        {"45", "01", "0011223344556677", "", "d602", "0x07.0x45.0x01 security_plc_password login [] incorrect_password ×1\n"},
		"list":            {"44", "01", "0424 0000", "0424 0000 0014 0001 5144ff080000000000000000160208145137 5692", "0000", "0x07.0x44.0x01.0x0424 cpu_functions_read_szl_modes diagnose [SZL 0x0424 index 0x0000] ok ×1\n"},
		"list by address": {"44", "01", "00b2 0104", "", "d403", "0x07.0x44.0x01.0x00b2 cpu_functions_read_szl_module_diagnostic_information_geographical_address diagnose [SZL 0x00b2 index 0x0104] szl_not_available ×1\n"},
		"extract":         {"44", "01", "0174 0004", "", "0000", "0x07.0x44.0x01.0x0174 cpu_functions_read_szl_status_of_the_module_leds diagnose [SZL 0x0174 index 0x0004] ok ×1\n"},
		"other module":    {"44", "01", "4011 0000", "", "d401", "0x07.0x44.0x01 cpu_functions_read_szl diagnose [SZL 0x4011 index 0x0000] invalid_szl_id ×1\n"},
		"unknown list":    {"44", "01", "01fe 0000", "", "d401", "0x07.0x44.0x01 cpu_functions_read_szl diagnose [SZL 0x01fe index 0x0000] invalid_szl_id ×1\n"},
		"unknown":         {"44", "99", "", "", "8104", "0x07.0x44 cpu_functions diagnose [] service_not_supported ×1\n"},
		"unknown group":   {"4a", "01", "", "", "0000", "0x07 userdata message [] ok ×1\n"},
		"group's end":     {"44", "ff", "", "", "0000", "0x07.0x44 cpu_functions diagnose [] ok ×1\n"},
		"cyclic transfer": {"42", "01", "0001", "", "0000", "0x07.0x42.0x01 cyclic_services_cyclic_transfer read [] ok ×1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			l := exchange(t, &s7commProtocol,
				say{ClientSide, s7User(t, 3, tt.group, tt.sub, "", tt.ask)},
				say{ServerSide, s7User(t, 3, "8"+tt.group[1:], tt.sub, "01 00 00"+tt.fault, tt.answer)})
			wantText(t, "operations", operations(l), tt.want)
		})
	}
	l := exchange(t, &s7commProtocol, say{ServerSide, s7User(t, 0, "00", "00", "", "")}, say{ServerSide, s7User(t, 0, "04", "03", "", "")})
	wantText(t, "operations", operations(l), `0x07.0x40.0x00 mode_transition_stop message []  ×1
0x07.0x44.0x03 cpu_functions_diagnostic_message message []  ×1
`)
	wantText(t, "facts", facts(l), "10.0.0.2 device_state=stop\n")
	l = exchange(t, &s7commProtocol, say{ClientSide, s7User(t, 1, "45", "01", "", "0011223344556677")})
	wantText(t, "facts", facts(l), "10.0.0.2 cleartext_login=s7comm password\n")
}

// s7Texts makes records of the component identification.
func s7Texts(records ...string) string {
	var b strings.Builder
	for _, r := range records {
		fmt.Fprintf(&b, "%04x%x%s", r[0], r[1:], strings.Repeat("00", 32-len(r)+1))
	}
	return b.String()
}

func TestS7Lists(t *testing.T) {
	order := func(index int, name, rest string) string {
		return fmt.Sprintf("%04x%x%s", index, fmt.Sprintf("%-20s", name), rest)
	}
	module := "0011 0000 001c 0004" + order(1, "6ES7 315-2EH14-0AB0", "00c0 0003 0001") + order(6, "6ES7 315-2EH14-0AB0", "00c0 0003 0001") +
		order(7, "", "00c0 5603 0207") + order(0x81, "Boot Loader", "0000 4120 0909")
	for name, tt := range map[string]struct{ id, list, want string }{
		"module": {"0011", module, "order_number=6ES7 315-2EH14-0AB0\nmodel=6ES7 315-2EH14-0AB0\nvendor=Siemens\nhardware_revision=3\nfirmware=3.2.7\nbootloader=A32.9.9"},
		"one record": {
			"0111", "0111 0001 001c 0001" + order(1, "VIPA 315-4PN12", "00c0 0001 0001"),
			"order_number=VIPA 315-4PN12\nmodel=VIPA 315-4PN12",
		},
		"component": {
			"001c", "001c 0000 0022 0007" + s7Texts("\x01Quay 3 crane 2", "\x02PLC_1", "\x03STS", "\x05S C-B1U393142011", "\x07CPU 315-2 PN/DP", "\x08MMC 4A1AC019") +
				"0009 002af600" + strings.Repeat("00", 28),
			"system_name=Quay 3 crane 2\nmodule_name=PLC_1\nplant=STS\nserial=S C-B1U393142011\nmodule_type=CPU 315-2 PN/DP\nmemory_card_serial=MMC 4A1AC019\nvendor=Siemens",
		},
		"mode":       {"0424", "0424 0000 0014 0001 5144ff04000000000000000016020814 51375692", "device_state=stop"},
		"protection": {"0132", "0132 0004 0028 0001 0004 0001 0003 0003 0001" + strings.Repeat("00", 30), "protection_level=3 (read and write protection)"},
		"other mode": {"0024", "0024 0000 0014 0001 5144ff0400000000000000001602081451375692", ""},
		"cut":        {"0011", strings.ReplaceAll(module, " ", "")[:60], ""},
		"no records": {"0011", "0011 0000 0000 ffff", ""},
	} {
		t.Run(name, func(t *testing.T) {
			want := ""
			for f := range strings.SplitSeq(tt.want, "\n") {
				if f != "" {
					want += "10.0.0.2 " + f + "\n"
				}
			}
			l := exchange(t, &s7commProtocol, say{ClientSide, s7User(t, 1, "44", "01", "", tt.id+"0000")},
				say{ServerSide, s7User(t, 1, "84", "01", "02 00 00 0000", tt.list)})
			wantText(t, "facts", facts(l), want)

			all := strings.ReplaceAll(tt.list, " ", "")
			half := len(all) / 4 * 2
			l = exchange(t, &s7commProtocol, say{ClientSide, s7User(t, 1, "44", "01", "", tt.id+"0000")},
				say{ServerSide, s7User(t, 1, "84", "01", "02 d5 01 0000", all[:half])},
				say{ClientSide, s7User(t, 2, "44", "01", "02 00 00 0000", "")},
				say{ServerSide, s7User(t, 2, "84", "01", "02 d5 00 0000", all[half:])})
			wantText(t, "facts in two parts", facts(l), want)
			if n := strings.Count(operations(l), "\n"); n != 1 {
				t.Errorf("operations = %s, want one", operations(l))
			}
		})
	}
}

// TestS7ListBound sends parts of a list without end.
func TestS7ListBound(t *testing.T) {
	var script []say
	for range 40 {
		script = append(script, say{ServerSide, s7User(t, 1, "84", "01", "02 d5 01 0000", strings.Repeat("00", 1000))})
	}
	l := exchange(t, &s7commProtocol, script...)
	if l.Counter("s7comm_lists_refused") == 0 {
		t.Error("s7comm_lists_refused = 0, want some")
	}
}

// TestS7Segments cuts a message into COTP data units.
func TestS7Segments(t *testing.T) {
	whole := s7(t, s7Job, 5, "29 0000000000 09"+text("P_PROGRAM"), "")[7:]
	unit := func(b []byte, last bool) say {
		u := append([]byte("\x03\x00"+be16(len(b)+7)+"\x02\xf0\x00"), b...)
		if last {
			u[6] = 0x80
		}
		return say{ClientSide, u}
	}
	want := "0x29 plc_stop program_control [P_PROGRAM] unanswered ×1\n"
	l := exchange(t, &s7commProtocol, unit(whole[:3], false), unit(whole[3:12], false), unit(whole[12:], true))
	wantText(t, "operations", operations(l), want)
	l = exchange(t, &s7commProtocol, unit(nil, false), unit(whole, true))
	wantText(t, "operations after an empty unit", operations(l), want)

	var script []say
	for range 10 {
		script = append(script, unit(make([]byte, 1000), false))
	}
	script = append(script, unit(whole, true), unit(whole, true))
	l = exchange(t, &s7commProtocol, script...)
	wantText(t, "operations after one without end", operations(l), want)
	if l.Counter("s7comm_messages_too_long") != 1 {
		t.Errorf("s7comm_messages_too_long = %d, want 1", l.Counter("s7comm_messages_too_long"))
	}
}

func TestS7Probe(t *testing.T) {
	cr, cc := string(unhexed(t, cotpCR)), string(unhexed(t, cotpCC))
	setup := string(s7(t, s7Job, 5, "f0 00 0001 0001 01e0", ""))
	mms := string(tpkt("\x0d\xa5\x05\x06\x13\x01\x00\x16\x01\x02\x14\x02\x00\x02"))
	plus := string(tpkt("\x72\x01\x00\xeb\x31\x00\x00\x04\xca"))
	for name, tt := range map[string]struct {
		b    string
		fit  Fit
		side Side
		plus Fit
	}{
		"connect alone":         {cr, Short, AnySide, Short},
		"confirm alone":         {cc, Short, AnySide, Short},
		"connect and setup":     {cr + setup, Good, ClientSide, No},
		"setup":                 {setup, Good, ClientSide, No},
		"acknowledgement":       {string(s7(t, s7AckData, 5, "0000 f0 00 0001 0001 00f0", "")), Good, ServerSide, No},
		"job of the controller": {string(s7(t, s7Job, 1, "1b 00 0000 00000000 09"+text("_0A00001P"), "")), Good, ServerSide, No},
		"answer to it":          {string(s7(t, s7AckData, 1, "0000 1c", "")), Good, ClientSide, No},
		"user data":             {string(s7User(t, 1, "44", "01", "", "00110000")), Good, ClientSide, No},
		"user data, answer":     {string(s7User(t, 1, "84", "01", "02 00 00 0000", "00110000")), Good, ServerSide, No},
		"first bytes":           {setup[:9], Short, AnySide, No},
		"plus":                  {plus, No, AnySide, Good},
		"connect and plus":      {cr + plus, No, AnySide, Good},
		"MMS":                   {mms, No, AnySide, No},
		"connect and MMS":       {cr + mms, No, AnySide, No},
		"RDP":                   {"\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00", Short, AnySide, Short},
		"RDP, next":             {"\x03\x00\x00\x0c\x02\xf0\x80\x04\x01\x00\x01\x00", No, AnySide, No},
		"unknown kind":          {string(tpkt("\x32\x09\x00\x00\x00\x01\x00\x01\x00\x00\xf0")), No, AnySide, No},
		"lengths beyond":        {string(tpkt("\x32\x01\x00\x00\x00\x01\x00\x10\x00\x00\xf0")), No, AnySide, No},
		"reserved not zero":     {string(tpkt("\x32\x01\x00\x01\x00\x01\x00\x01\x00\x00\xf0")), No, AnySide, No},
		"H.323":                 {"\x03\x00\x00\x2c\x08\x02\x00\x01\x05\x04", No, AnySide, No},
		"text":                  {"\x03\x00 hello", No, AnySide, No},
	} {
		wantProbe(t, &s7commProtocol, name, []byte(tt.b), tt.fit, tt.side)
		if f, _ := s7commPlusProtocol.Probe([]byte(tt.b)); f != tt.plus {
			t.Errorf("s7comm_plus: Probe(%s) = %d, want %d", name, f, tt.plus)
		}
	}
}

func FuzzS7(f *testing.F) {
	fuzzProtocol(f, &s7commProtocol, unhexed(f, cotpCR), s7(f, s7Job, 5, "04 02 120a10 04 0002 0000 81 000010 120a10 08 0001 0007 84 000018", ""),
		s7(f, s7Job, 5, "28 000000000000fd 0012 0200"+text("0A00001P0C00003P")+"05"+text("_INSE"), ""),
		s7(f, s7AckData, 1, "0000 1b 00", "0028 00fb 7070 01 01 05 0a 0001 00000050 00000003"+strings.Repeat("00", 24)),
		s7(f, s7Job, 1, "1d 00 0000 00000000 09"+text("_0800001A"), ""), s7(f, s7Job, 4, "1e 00 0000 00000009", ""),
		s7User(f, 1, "84", "01", "02 00 00 0000", "0011 0000 001c 0001 0001"+strings.Repeat("20", 20)+"00c0 0003 0001"),
		s7User(f, 1, "84", "01", "02 d5 01 0000", "001c 0000 0022 0001 0001 414243"), s7User(f, 1, "44", "01", "", "00110000"))
}
