// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"fmt"
	"strings"
	"testing"

	"breakwater/evidence"
)

const (
	pcccRequestor   = "07 0100 78563412"
	forwardOpenData = "0a0e 00000000 01004b00 0100 0100 78563412 01000000 40420f00 f443 40420f00 f443 a3 03 0100 2002 2401"
)

// cipOnly lists the operations of CIP, without those of the layer that carries them.
func cipOnly(l *evidence.Ledger) string {
	var b strings.Builder
	for _, o := range l.Operations() {
		if l.Text(o.Protocol) == "cip" {
			fmt.Fprintf(&b, "%s %s %s [%s] %s ×%d\n", l.Text(o.Code), l.Text(o.Name), l.Text(o.Verb), l.Text(o.Target), l.Text(o.Result), o.Count)
		}
	}
	return b.String()
}

func TestCIPOperations(t *testing.T) {
	for name, tt := range map[string]struct{ ask, answer, want string }{
		"identity":            {"01 02 2001 2401", "81 00 00 00", "0x01 get_attributes_all discover [Identity (0x01) instance 1] ok"},
		"one attribute":       {"0e 03 2001 2401 3007", "8e 00 14 00", "0x0e get_attribute_single discover [Identity (0x01) instance 1 attribute 7] attribute_not_supported"},
		"wide path":           {"0e 07 2100 6b00 2600 01000000 3100 0700", "8e 00 00 00 07", "0x0e get_attribute_single read [Symbol (0x6b) instance 1 attribute 7] ok"},
		"list":                {"03 02 20ac 2401 0300 0100 0200 0a00", "83 00 0a 00", "0x03 get_attribute_list read [class 0xac instance 1 attributes 1,2,10] attribute_list_error"},
		"address set":         {"10 03 20f5 2401 3005 0a000001", "90 00 00 00", "0x10 set_attribute_single configuration [TCP/IP Interface (0xf5) instance 1 attribute 5] ok"},
		"output set":          {"10 03 2004 2464 3003 00", "90 00 0f 00", "0x10 set_attribute_single write [Assembly (0x04) instance 100 attribute 3] privilege_violation"},
		"clock set":           {"04 02 208b 2401 0100 0600 0000000000000000", "84 00 00 00", "0x04 set_attribute_list set_clock [Wall Clock Time (0x8b) instance 1 attributes 6] ok"},
		"reset":               {"05 02 2001 2401 00", "85 00 00 00", "0x05 reset program_control [Identity (0x01) instance 1] ok"},
		"stop":                {"07 02 208e 2401", "87 00 10 00", "0x07 stop program_control [class 0x8e instance 1] device_state_conflict"},
		"start":               {"06 02 208e 2401", "86 00 00 00", "0x06 start program_control [class 0x8e instance 1] ok"},
		"program created":     {"08 02 2068 2400", "88 00 00 00", "0x08 create program_download [Program (0x68) instance 0] ok"},
		"firmware":            {"4b 02 20a1 2401 00", "cb 00 00 00", "0x4b update_firmware firmware [Non-Volatile Storage (0xa1) instance 1] ok"},
		"firmware, unknown":   {"51 02 20a1 2401 00", "d1 00 08 00", "0x51 service_0x51 firmware [Non-Volatile Storage (0xa1) instance 1] service_not_supported"},
		"file":                {"4b 02 2037 24c8 00", "cb 00 00 00", "0x4b initiate_upload file [File (0x37) instance 200] ok"},
		"tag read":            {"4c 07 910b 4372616e655f5370656564 00 0100", "cc 00 00 00 c400 07000000", "0x4c read_tag read [tag Crane_Speed] ok"},
		"member of a tag":     {"4d 0a 9105 486f697374 00 2803 9105 4c696d6974 00 2804 c300 0100 0700", "cd 00 04 00", "0x4d write_tag write [tag Hoist[3].Limit[4]] path_segment_error"},
		"tag by instance":     {"4c 03 206b 2500 0a01 0100", "cc 00 00 00", "0x4c read_tag read [Symbol (0x6b) instance 266] ok"},
		"fragments":           {"52 04 9105 486f697374 00 0100 00000000", "d2 00 06 00", "0x52 read_tag_fragmented read [tag Hoist] partial_transfer"},
		"bits of a tag":       {"4e 04 9105 486f697374 00 0400", "ce 00 00 00", "0x4e read_modify_write_tag write [tag Hoist] ok"},
		"tags listed":         {"55 02 206b 2400 0200 0100 0200", "d5 00 00 00", "0x55 get_instance_attribute_list discover [Symbol (0x6b) instance 0] ok"},
		"template":            {"4c 03 206c 2500 0a01 0000", "cc 00 00 00", "0x4c read_template discover [Template (0x6c) instance 266] ok"},
		"connection closed":   {"4e 02 2006 2401 0a0e 0100", "ce 00 01 01 0701", "0x4e forward_close message [Connection Manager (0x06) instance 1] connection_failure"},
		"connection opened":   {"54 02 2006 2401" + forwardOpenData, "d4 00 00 00", "0x54 forward_open message [connection to Message Router (0x02) instance 1 at port 1 link 0] ok"},
		"to an address":       {"0e 09 1209 3139322e3136382e31 00 2001 2401 3001", "8e 00 00 00", "0x0e get_attribute_single discover [Identity (0x01) instance 1 attribute 1 at port 2 link 192.168.1] ok"},
		"electronic key":      {"54 02 2006 2401 0a0e 00000000 01004b00 0100 0100 78563412 01000000 40420f00 f443 40420f00 f443 01 09 3404 0100 0c00 3a00 04 03 2004 2401 2c65 2c64", "d4 00 01 00", "0x54 forward_open message [connection to Assembly (0x04) instance 1 connection point 101 connection point 100] connection_failure"},
		"PCCC read":           {"4b 02 2067 2401" + pcccRequestor + "0f 00 0100 a2 02 07 89 05 00", "cb 00 00 00" + pcccRequestor + "4f 00 0100 0000", "0x4b.0x0f.0xa2 execute_pccc_protected_typed_logical_read_three_address_fields read [N7:5] ok"},
		"PCCC far element":    {"4b 02 2067 2401" + pcccRequestor + "0f 00 0100 aa 02 ff2c01 8a ff0001 00 0000", "cb 00 00 00" + pcccRequestor + "4f 10 0100", "0x4b.0x0f.0xaa execute_pccc_protected_typed_logical_write_three_address_fields write [F300:256] illegal_command_or_format"},
		"PCCC mode":           {"4b 02 2067 2401" + pcccRequestor + "0f 00 0100 80 01", "cb 00 00 00" + pcccRequestor + "4f 00 0100", "0x4b.0x0f.0x80 execute_pccc_change_mode mode_change [] ok"},
		"PCCC unknown":        {"4b 02 2067 2401" + pcccRequestor + "0f 00 0100 ee 01", "cb 00 00 00" + pcccRequestor + "4f 00 0100", "0x4b execute_pccc message [] ok"},
		"PCCC cut":            {"4b 02 2067 2401 07 0100", "cb 00 08 00", "0x4b execute_pccc message [] service_not_supported"},
		"unknown":             {"77 02 2077 2401", "f7 00 d0 00", "0x77 service_0x77 message [class 0x77 instance 1] error"},
		"path beyond":         {"01 70 2001", "81 00 26 00", "0x01 get_attributes_all read [] path_size_invalid"},
		"no request captured": {"", "90 00 00 00", "0x10 set_attribute_single write [] ok"},
	} {
		t.Run(name, func(t *testing.T) {
			var script, connected []say
			if tt.ask != "" {
				script = append(script, say{ClientSide, rr(t, 3, tt.ask)})
				connected = append(connected, say{ClientSide, unit(t, 0x5001, 9, tt.ask)})
			}
			script = append(script, say{ServerSide, rr(t, 3, tt.answer)})
			connected = append(connected, say{ServerSide, unit(t, 0x6001, 9, tt.answer)})
			wantText(t, "operations", cipOnly(exchange(t, &enipProtocol, script...)), tt.want+" ×1\n")
			wantText(t, "operations in a connection", cipOnly(exchange(t, &enipProtocol, connected...)), tt.want+" ×1\n")
		})
	}
}

func TestCIPUnderENIP(t *testing.T) {
	l := exchange(t, &enipProtocol, say{ClientSide, rr(t, 3, "01 02 2001 2401")}, say{ServerSide, rr(t, 3, "81 00 00 00")},
		say{ClientSide, unit(t, 1, 1, "07 02 208e 2401")})
	wantText(t, "operations", operations(l), `0x006f send_rr_data message [] ok ×1
0x01 get_attributes_all discover [Identity (0x01) instance 1] ok ×1
0x0070 send_unit_data message []  ×1
0x07 stop program_control [class 0x8e instance 1] unanswered ×1
`)
}

// TestCIPMultiple packs three services into one, of which one fails.
func TestCIPMultiple(t *testing.T) {
	ask := "0a 02 2002 2401 0300 0800 1000 2000 0e03 2001 2401 3007 4c06 9109 426f6f6d416e676c65 00 0100 0702 208e 2401"
	answer := "8a 00 1e 00 0300 0800 1100 1500 8e00 0000 04 50313233 cc00 0400 8700 0f00"
	l := exchange(t, &enipProtocol, say{ClientSide, unit(t, 1, 1, ask)}, say{ServerSide, unit(t, 2, 1, answer)})
	wantText(t, "operations", cipOnly(l), `0x0a multiple_service_packet message [Message Router (0x02) instance 1] embedded_service_error ×1
0x0e get_attribute_single discover [Identity (0x01) instance 1 attribute 7] ok ×1
0x4c read_tag read [tag BoomAngle] path_segment_error ×1
0x07 stop program_control [class 0x8e instance 1] privilege_violation ×1
`)
	wantText(t, "facts", facts(l), "10.0.0.2 product_name=P123\n10.0.0.2 model=P123\n")
	for name, bad := range map[string]string{
		"offsets that go back": "0a 02 2002 2401 0200 0e00 0600 0702 208e 2401",
		"offsets beyond":       "0a 02 2002 2401 0200 0600 ff00 0702 208e 2401",
		"more than there are":  "0a 02 2002 2401 ff0f 0600",
	} {
		l := exchange(t, &enipProtocol, say{ClientSide, unit(t, 1, 1, bad)})
		if got := cipOnly(l); strings.Contains(got, "stop") {
			t.Errorf("%s: operations = %s, want the packet alone", name, got)
		}
	}
	deep := "07 02 208e 2401"
	for range 5 {
		deep = "0a 02 2002 2401 0100 0400" + deep
	}
	l = exchange(t, &enipProtocol, say{ClientSide, unit(t, 1, 1, deep)})
	if got := cipOnly(l); strings.Contains(got, "stop") {
		t.Errorf("five deep: operations = %s, want it left alone", got)
	}
}

// cipIdentityAll is a whole answer about the identity object.
const cipIdentityAll = "81 00 00 00 0100 0c00 3a00 0403 3000 8e4d5200 0b 313735362d454e42542f41 03"

// TestCIPRouted asks modules behind the device: what they say is not said of the device.
func TestCIPRouted(t *testing.T) {
	l := exchange(t, &enipProtocol, say{ClientSide, rr(t, 1, "01 02 2001 2401")}, say{ServerSide, rr(t, 1, cipIdentityAll)})
	wantText(t, "facts of the device", facts(l), identityFacts)

	send := "52 02 2006 2401 0a0e 0600 0102 2001 2401 0100 0103"
	l = exchange(t, &enipProtocol, say{ClientSide, rr(t, 1, send)}, say{ServerSide, rr(t, 1, cipIdentityAll)})
	wantText(t, "facts of a module", facts(l), "10.0.0.2 module_name=1756-ENBT/A revision 4.3 serial 0x00524d8e at port 1 link 3\n")
	wantText(t, "operations", cipOnly(l), `0x52 unconnected_send message [request at port 1 link 3]  ×1
0x01 get_attributes_all discover [Identity (0x01) instance 1 at port 1 link 3] ok ×1
`)

	open := "d4 00 00 00 01005000 01004b00 0100 0100 78563412 40420f00 40420f00 0000"
	l = exchange(t, &enipProtocol,
		say{ClientSide, rr(t, 1, "54 02 2006 2401"+forwardOpenData)}, say{ServerSide, rr(t, 1, open)},
		say{ClientSide, unit(t, 0x00500001, 5, "01 02 2001 2401")}, say{ServerSide, unit(t, 0x004b0001, 5, cipIdentityAll)})
	wantText(t, "facts in a connection", facts(l), "10.0.0.2 module_name=1756-ENBT/A revision 4.3 serial 0x00524d8e at port 1 link 0\n")

	l = exchange(t, &enipProtocol, say{ClientSide, unit(t, 9, 5, "01 02 2001 2401")}, say{ServerSide, unit(t, 8, 5, cipIdentityAll)})
	for _, o := range l.Observations() {
		if o.Confidence > 50 {
			t.Errorf("%s in a connection not seen opened: confidence %d, want likely", l.Text(o.Name), o.Confidence)
		}
	}
	l = exchange(t, &enipProtocol, say{ClientSide, rr(t, 1, "0e 03 2001 2400 3001")}, say{ServerSide, rr(t, 1, "8e 00 00 00 0100")})
	wantText(t, "facts of the class", facts(l), "")
	l = exchange(t, &enipProtocol, say{ClientSide, rr(t, 1, "0e 03 20f5 2401 3006")}, say{ServerSide, rr(t, 1, "8e 00 00 00 0500 706c632d33 00")},
		say{ClientSide, rr(t, 1, "0e 03 20f6 2401 3003")}, say{ServerSide, rr(t, 1, "8e 00 00 00 0000bc3eebe4")})
	wantText(t, "facts of the network", facts(l), "10.0.0.2 hostname=plc-3\n10.0.0.2 mac=00:00:bc:3e:eb:e4\n")
}

// TestCIPProgramName reads the name of the program, and leaves alone what is not a name.
func TestCIPProgramName(t *testing.T) {
	ask := "01 02 2064 2401"
	l := exchange(t, &enipProtocol, say{ClientSide, rr(t, 1, ask)}, say{ServerSide, rr(t, 1, "81 00 00 00 0600 437261 6e6533")})
	wantText(t, "facts", facts(l), "10.0.0.2 application_name=Crane3\n")
	l = exchange(t, &enipProtocol, say{ClientSide, rr(t, 1, "52 02 2006 2401 0a0e 0600"+ask+"0100 0100")}, say{ServerSide, rr(t, 1, "81 00 00 00 0600 437261 6e6533")})
	wantText(t, "facts of a module", facts(l), "10.0.0.2 application_name=Crane3 at port 1 link 0\n")
	for _, bad := range []string{"81 00 00 00 0700 437261 6e6533", "81 00 00 00 0200 0001", "81 00 08 00 0600 437261 6e6533", "81 00 00 00"} {
		l = exchange(t, &enipProtocol, say{ClientSide, rr(t, 1, ask)}, say{ServerSide, rr(t, 1, bad)})
		wantText(t, "facts of "+bad, facts(l), "")
	}
}

func TestCIPListOfAttributes(t *testing.T) {
	l := exchange(t, &enipProtocol, say{ClientSide, rr(t, 1, "03 02 2001 2401 0400 0100 0700 0900 0300")},
		say{ServerSide, rr(t, 1, "83 00 0a 00 0400 0100 0000 0100 0700 0000 03 504c43 0900 1400 0300 0000 3700")})
	wantText(t, "facts", facts(l), `10.0.0.2 vendor_id=1
10.0.0.2 vendor_id=0x0001
10.0.0.2 vendor=Rockwell Automation/Allen-Bradley
10.0.0.2 product_name=PLC
10.0.0.2 model=PLC
10.0.0.2 product_code=55
`)
}
