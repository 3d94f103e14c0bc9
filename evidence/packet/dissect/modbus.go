// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"strconv"

	"breakwater/harbour"
	"breakwater/wire"
)

// Modbus messages are those of the MODBUS Application Protocol Specification V1.1b3 behind the MBAP header of the
// MODBUS Messaging on TCP/IP Implementation Guide V1.0b. Addresses in targets count from zero, as on the wire.
var modbusProtocol = Protocol{
	Name: "modbus", Title: "Modbus/TCP", Short: "Modbus/TCP", Also: []string{"modbus_tcp", "mbtcp", "mbap"}, Over: OverTCP, Ports: []uint16{502}, Cleartext: true,
	Probe: modbusProbe, Frame: modbusFrame, Read: modbusRead, Codes: modbusCodes,
	Notes: "Targets name the unit and the addresses as they are on the wire, counted from zero: `unit 1 holding registers 100-109` are " +
		"the registers that some manuals call 40101 to 40110. The result of an exception is its name in the standard. Function codes " +
		"outside the standard keep their number, as `function_0x5a`.",
}

var modbusCodes = []Code{
	{"0x01", "read_coils", harbour.VerbRead, nil},
	{"0x02", "read_discrete_inputs", harbour.VerbRead, nil},
	{"0x03", "read_holding_registers", harbour.VerbRead, nil},
	{"0x04", "read_input_registers", harbour.VerbRead, nil},
	{"0x05", "write_single_coil", harbour.VerbWrite, []string{"force_single_coil"}},
	{"0x06", "write_single_register", harbour.VerbWrite, []string{"preset_single_register"}},
	{"0x07", "read_exception_status", harbour.VerbDiagnose, nil},
	{"0x08", "diagnostics", harbour.VerbDiagnose, nil},
	{"0x08.0x00", "diagnostics_return_query_data", harbour.VerbDiagnose, nil},
	{"0x08.0x01", "diagnostics_restart_communications_option", harbour.VerbProgramControl, nil},
	{"0x08.0x02", "diagnostics_return_diagnostic_register", harbour.VerbDiagnose, nil},
	{"0x08.0x03", "diagnostics_change_ascii_input_delimiter", harbour.VerbConfiguration, nil},
	{"0x08.0x04", "diagnostics_force_listen_only_mode", harbour.VerbModeChange, nil},
	{"0x08.0x0a", "diagnostics_clear_counters_and_diagnostic_register", harbour.VerbDiagnose, nil},
	{"0x08.0x0b", "diagnostics_return_bus_message_count", harbour.VerbDiagnose, nil},
	{"0x08.0x0c", "diagnostics_return_bus_communication_error_count", harbour.VerbDiagnose, nil},
	{"0x08.0x0d", "diagnostics_return_bus_exception_error_count", harbour.VerbDiagnose, nil},
	{"0x08.0x0e", "diagnostics_return_server_message_count", harbour.VerbDiagnose, nil},
	{"0x08.0x0f", "diagnostics_return_server_no_response_count", harbour.VerbDiagnose, nil},
	{"0x08.0x10", "diagnostics_return_server_nak_count", harbour.VerbDiagnose, nil},
	{"0x08.0x11", "diagnostics_return_server_busy_count", harbour.VerbDiagnose, nil},
	{"0x08.0x12", "diagnostics_return_bus_character_overrun_count", harbour.VerbDiagnose, nil},
	{"0x08.0x14", "diagnostics_clear_overrun_counter_and_flag", harbour.VerbDiagnose, nil},
	{"0x0b", "get_comm_event_counter", harbour.VerbDiagnose, nil},
	{"0x0c", "get_comm_event_log", harbour.VerbDiagnose, nil},
	{"0x0f", "write_multiple_coils", harbour.VerbWrite, []string{"force_multiple_coils"}},
	{"0x10", "write_multiple_registers", harbour.VerbWrite, []string{"preset_multiple_registers"}},
	{"0x11", "report_server_id", harbour.VerbDiscover, []string{"report_slave_id"}},
	{"0x14", "read_file_record", harbour.VerbFile, []string{"read_general_reference"}},
	{"0x15", "write_file_record", harbour.VerbFile, []string{"write_general_reference"}},
	{"0x16", "mask_write_register", harbour.VerbWrite, nil},
	{"0x17", "read_write_multiple_registers", harbour.VerbWrite, nil},
	{"0x18", "read_fifo_queue", harbour.VerbRead, nil},
	{"0x2b", "encapsulated_interface_transport", harbour.VerbMessage, []string{"encap_interface_transport"}},
	{"0x2b.0x0d", "encapsulated_interface_transport_canopen_general_reference", harbour.VerbMessage, nil},
	{"0x2b.0x0e", "encapsulated_interface_transport_read_device_identification", harbour.VerbDiscover, []string{"encap_interface_transport"}},
}

// The verb of function codes outside the specification is message: vendors use them for anything.
var modbusTable = table(modbusCodes, harbour.VerbMessage)

// modbusSub finds the functions that have a second code, by both.
var modbusSub = func() map[uint16]*Code {
	m := map[uint16]*Code{}
	for i := range modbusCodes {
		if c := &modbusCodes[i]; len(c.Code) == 9 {
			m[uint16(unhex(c.Code[2])<<4|unhex(c.Code[3]))<<8|uint16(unhex(c.Code[7])<<4|unhex(c.Code[8]))] = c
		}
	}
	return m
}()

// modbusExceptions are the exception codes of section 7.
var modbusExceptions = [...]string{
	1: "illegal_function", 2: "illegal_data_address", 3: "illegal_data_value", 4: "server_device_failure", 5: "acknowledge",
	6: "server_device_busy", 7: "negative_acknowledge", 8: "memory_parity_error", 10: "gateway_path_unavailable",
	11: "gateway_target_device_failed_to_respond",
}

func modbusException(code uint8) string {
	if int(code) < len(modbusExceptions) && modbusExceptions[code] != "" {
		return modbusExceptions[code]
	}
	return "exception"
}

// The specification ends an ADU at 260 bytes. Function 0x5a, which Schneider Electric's tools use, negotiates more.
const (
	modbusMaxLength = 260 - 6
	modbusMaxVendor = 2048
	modbusVendor    = 0x5a
)

// modbusFrame returns the length of an ADU: six bytes and what the MBAP header counts.
func modbusFrame(b []byte, _ Side) int {
	if len(b) >= 4 && (b[2] != 0 || b[3] != 0) {
		return -1
	}
	if len(b) < 6 {
		return 0
	}
	n := int(b[4])<<8 | int(b[5])
	if n < 2 || n > modbusMaxVendor || n > modbusMaxLength && len(b) >= 8 && b[7]&0x7f != modbusVendor {
		return -1
	}
	return 6 + n
}

// modbusState keeps what a flow needs between messages.
type modbusState struct {
	scratch [160]byte
	units   [32]byte // bit set of unit ids reported
}

func modbusRead(m *Message, b []byte) {
	r := wire.Read(b)
	tx, proto, _ := r.U16(), r.U16(), r.U16()
	unit, fc := r.U8(), r.U8()
	if !r.OK() || proto != 0 {
		m.Reject()
		return
	}
	st, _ := m.Flow.State.(*modbusState)
	if st == nil {
		st = &modbusState{}
		m.Flow.State = st
	}
	key := uint64(tx)<<8 | uint64(unit)
	if m.From == ServerSide {
		modbusAnswer(m, st, key, unit, fc, r.Rest())
		return
	}
	// A poll says the same each time; what is written differs.
	poll := fc >= 1 && fc <= 4
	if poll && m.AskAgain(key, b[6:]) {
		return
	}
	m.Ask(key, modbusOp(fc&0x7f, r.Rest(), modbusTarget(st.scratch[:0], unit, fc, r.Rest())))
	if poll {
		m.Remember(b[6:])
	}
}

// modbusOp names the operation of a function code, with its sub-function where it has one.
func modbusOp(fc uint8, body []byte, target []byte) Op {
	c := &modbusTable[fc]
	sub := -1
	switch {
	case fc == 8 && len(body) >= 2 && body[0] == 0:
		sub = int(body[1])
	case fc == 0x2b && len(body) >= 1:
		sub = int(body[0])
	}
	if sub >= 0 {
		if s := modbusSub[uint16(fc)<<8|uint16(sub)]; s != nil {
			c = s
		}
	}
	return c.Op(target)
}

// modbusTarget says on what a request works.
func modbusTarget(dst []byte, unit, fc uint8, body []byte) []byte {
	dst = append(dst, "unit "...)
	dst = strconv.AppendUint(dst, uint64(unit), 10)
	r := wire.Read(body)
	span := func(what string, quantity uint16) {
		addr := uint64(r.U16())
		if quantity == 0 {
			quantity = r.U16()
		}
		if !r.OK() || quantity == 0 {
			return
		}
		dst = append(dst, what...)
		dst = strconv.AppendUint(dst, addr, 10)
		if quantity > 1 {
			dst = append(dst, '-')
			dst = strconv.AppendUint(dst, addr+uint64(quantity)-1, 10)
		}
	}
	switch fc {
	case 1:
		span(" coils ", 0)
	case 2:
		span(" discrete inputs ", 0)
	case 3:
		span(" holding registers ", 0)
	case 4:
		span(" input registers ", 0)
	case 5:
		span(" coil ", 1)
	case 6, 0x16:
		span(" holding register ", 1)
	case 0x0f:
		span(" coils ", 0)
	case 0x10:
		span(" holding registers ", 0)
	case 0x17:
		span(" read holding registers ", 0)
		span(", write holding registers ", 0)
	case 0x18:
		span(" queue at ", 1)
	case 0x14, 0x15:
		r.Skip(1)
		if r.U8() == 6 {
			if file, record := r.U16(), r.U16(); r.OK() {
				dst = append(dst, " file "...)
				dst = strconv.AppendUint(dst, uint64(file), 10)
				dst = append(dst, " record "...)
				dst = strconv.AppendUint(dst, uint64(record), 10)
			}
		}
	}
	return dst
}

func modbusAnswer(m *Message, st *modbusState, key uint64, unit, fc uint8, body []byte) {
	result := harbour.ResultOK
	if fc&0x80 != 0 && len(body) > 0 {
		result = modbusException(body[0])
		m.Attr(m.Server, harbour.AttrExceptionCode, strconv.AppendUint(st.scratch[:0], uint64(body[0]), 10), harbour.Stated)
	}
	if !m.Answer(key, result) { // the request was not captured: the answer alone tells what was asked
		target := append(st.scratch[:0], "unit "...)
		m.Do(modbusOp(fc&0x7f, body, strconv.AppendUint(target, uint64(unit), 10)), result)
	}
	if m.Confirmed && st.units[unit>>3]&(1<<(unit&7)) == 0 {
		st.units[unit>>3] |= 1 << (unit & 7)
		m.Attr(m.Server, harbour.AttrUnitID, strconv.AppendUint(st.scratch[:0], uint64(unit), 10), harbour.Stated)
	}
	switch {
	case fc == 0x2b && len(body) > 0 && body[0] == 0x0e:
		modbusIdentity(m, body)
	case fc == 0x11 && len(body) > 2:
		n := min(int(body[0]), len(body)-1)
		modbusServerID(m, body[1:1+n])
	}
}

// modbusObjects are the objects of read device identification (section 6.21, table of objects).
var modbusObjects = [...][]string{
	0: {harbour.AttrVendor}, 1: {harbour.AttrProductCode}, 2: {harbour.AttrRevision, harbour.AttrFirmware},
	3: {harbour.AttrVendorURL}, 4: {harbour.AttrProductName}, 5: {harbour.AttrModel}, 6: {harbour.AttrApplicationName},
}

// modbusIdentity reads the objects of a read device identification response. Parts of a longer answer are complete
// objects each, so each response stands for itself.
func modbusIdentity(m *Message, body []byte) {
	r := wire.Read(body)
	r.Skip(6) // MEI type, read code, conformity level, more follows, next object
	n := int(body[min(5, len(body)-1)])
	if !r.OK() {
		return
	}
	for range n {
		id, size := r.U8(), r.U8()
		val := r.Bytes(int(size))
		if !r.OK() {
			return
		}
		if int(id) < len(modbusObjects) {
			for _, name := range modbusObjects[id] {
				m.Attr(m.Server, name, val, harbour.Stated)
			}
			if id == 1 { // the model where a device has only the three objects that it must have
				m.Attr(m.Server, harbour.AttrModel, val, harbour.Confirmed)
			}
		} else if wire.Printable(val) {
			m.Attr(m.Server, harbour.AttrDescription, val, harbour.Stated)
		}
	}
}

// modbusServerID takes the text that many devices put into report server id; its layout is the vendor's own.
func modbusServerID(m *Message, b []byte) {
	start := -1
	for i := 0; i <= len(b); i++ {
		if i < len(b) && b[i] >= ' ' && b[i] <= '~' {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 && i-start >= 4 {
			m.Attr(m.Server, harbour.AttrDescription, b[start:i], harbour.Confirmed)
		}
		start = -1
	}
}
