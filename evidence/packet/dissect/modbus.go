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
	Name: "modbus", Title: "Modbus/TCP", Over: OverTCP, Ports: []uint16{502}, Cleartext: true,
	Probe: modbusProbe, Frame: modbusFrame, Read: modbusRead, Codes: modbusCodes,
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
	{"0x08.0x01", "diagnostics_restart_communications_option", harbour.VerbProgramControl, nil},
	{"0x08.0x03", "diagnostics_change_ascii_input_delimiter", harbour.VerbConfiguration, nil},
	{"0x08.0x04", "diagnostics_force_listen_only_mode", harbour.VerbModeChange, nil},
	{"0x08.0x0a", "diagnostics_clear_counters_and_diagnostic_register", harbour.VerbDiagnose, nil},
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

var modbusSub = func() map[string]*Code {
	m := map[string]*Code{}
	for i := range modbusCodes {
		m[modbusCodes[i].Code] = &modbusCodes[i]
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

// modbusFrame returns the length of an ADU: six bytes and what the MBAP header counts. The specification ends at 260
// bytes; devices that transfer files go further, so up to 512 are taken.
func modbusFrame(b []byte, _ Side) int {
	if len(b) >= 4 && (b[2] != 0 || b[3] != 0) {
		return -1
	}
	if len(b) < 6 {
		return 0
	}
	n := int(b[4])<<8 | int(b[5])
	if n < 2 || n > 512 {
		return -1
	}
	return 6 + n
}

// modbusProbe judges an ADU by header and by the length that its function demands. What can be a request or a response
// is left to the other side.
func modbusProbe(b []byte) (Fit, Side) {
	n := modbusFrame(b, AnySide)
	if n < 0 {
		return No, AnySide
	}
	if n == 0 || len(b) < n {
		return Short, AnySide
	}
	fc, body := b[7], b[8:min(len(b), n)]
	size := n - 8 // of the data behind the function code
	whole := len(body) == size
	if fc == 0 || fc&0x7f == 0 {
		return No, AnySide
	}
	if fc&0x80 != 0 {
		if size == 1 && len(body) == 1 && body[0] >= 1 && body[0] <= 11 {
			return Good, ServerSide
		}
		return No, AnySide
	}
	count := func(at int) int { // byte count at this place covers the rest
		if len(body) > at && size == at+1+int(body[at]) {
			return 1
		}
		return 0
	}
	switch fc {
	case 1, 2, 3, 4:
		switch {
		case size == 4 && whole:
			quantity := int(body[2])<<8 | int(body[3])
			if limit := map[bool]int{true: 2000, false: 125}[fc <= 2]; quantity >= 1 && quantity <= limit {
				return Good, ClientSide
			}
			if body[0] == 3 {
				return Weak, ServerSide
			}
			return Weak, ClientSide
		case count(0) == 1 && size > 1:
			return Good, ServerSide
		}
		return No, AnySide
	case 5:
		if size == 4 && whole && (body[2] == 0xff || body[2] == 0) && body[3] == 0 {
			return Good, AnySide
		}
		return No, AnySide
	case 6:
		if size == 4 {
			return Good, AnySide
		}
		return No, AnySide
	case 7, 0x0b, 0x0c, 0x11:
		if size == 0 {
			return Weak, ClientSide
		}
		if fc == 7 && size == 1 || fc == 0x0b && size == 4 || fc >= 0x0c && count(0) == 1 {
			return Weak, ServerSide
		}
		return No, AnySide
	case 8:
		if size >= 2 {
			return Weak, AnySide
		}
		return No, AnySide
	case 0x0f, 0x10:
		if size == 4 {
			return Good, ServerSide
		}
		if count(4) == 1 {
			return Good, ClientSide
		}
		return No, AnySide
	case 0x14, 0x15:
		if count(0) == 1 {
			return Weak, AnySide
		}
		return No, AnySide
	case 0x16:
		if size == 6 {
			return Good, AnySide
		}
		return No, AnySide
	case 0x17:
		if count(8) == 1 {
			return Good, ClientSide
		}
		if count(0) == 1 {
			return Weak, ServerSide
		}
		return No, AnySide
	case 0x18:
		if size == 2 {
			return Weak, ClientSide
		}
		return Weak, ServerSide
	case 0x2b:
		if size >= 3 && len(body) > 0 && (body[0] == 0x0e || body[0] == 0x0d) {
			if body[0] == 0x0e && size == 3 {
				return Good, ClientSide
			}
			return Good, AnySide
		}
		return No, AnySide
	}
	if b[6] > 247 && b[6] != 255 {
		return No, AnySide
	}
	return Weak, AnySide
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
	m.Ask(key, modbusOp(fc&0x7f, r.Rest(), modbusTarget(st.scratch[:0], unit, fc, r.Rest())))
}

// modbusOp names the operation of a function code, with its sub-function where it has one.
func modbusOp(fc uint8, body []byte, target []byte) Op {
	c := &modbusTable[fc]
	switch {
	case fc == 8 && len(body) >= 2 && body[0] == 0:
		switch body[1] {
		case 1, 3, 4, 10:
			c = modbusSub[[...]string{1: "0x08.0x01", 3: "0x08.0x03", 4: "0x08.0x04", 10: "0x08.0x0a"}[body[1]]]
		}
	case fc == 0x2b && len(body) >= 1 && body[0] == 0x0e:
		c = modbusSub["0x2b.0x0e"]
	case fc == 0x2b && len(body) >= 1 && body[0] == 0x0d:
		c = modbusSub["0x2b.0x0d"]
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
