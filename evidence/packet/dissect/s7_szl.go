// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"bytes"

	"breakwater/harbour"
	"breakwater/wire"
)

// s7SZLCodes are reads of the system status list by partial list. The list's number is the low byte of the SZL id, which
// the operation's target gives in full.
var s7SZLCodes = []Code{
	s7SZLCode("list_of_szl_ids", harbour.VerbDiagnose),
	s7SZLCode("module_identification", harbour.VerbDiscover),
	s7SZLCode("cpu_characteristics", harbour.VerbDiscover),
	s7SZLCode("user_memory_areas", harbour.VerbDiagnose),
	s7SZLCode("system_areas", harbour.VerbDiagnose),
	s7SZLCode("block_types", harbour.VerbDiagnose),
	s7SZLCode("priority_classes", harbour.VerbDiagnose),
	s7SZLCode("list_of_permitted_sdbs", harbour.VerbDiagnose),
	s7SZLCode("maximum_io_configuration", harbour.VerbDiagnose),
	s7SZLCode("status_of_module_leds", harbour.VerbDiagnose),
	s7SZLCode("component_identification", harbour.VerbDiscover),
	s7SZLCode("interrupt_error_assignment", harbour.VerbDiagnose),
	s7SZLCode("interrupt_status", harbour.VerbDiagnose),
	s7SZLCode("modes", harbour.VerbDiagnose),
	s7SZLCode("assignment_of_process_image_partitions_and_obs", harbour.VerbDiagnose),
	s7SZLCode("communication_capability_parameters", harbour.VerbDiagnose),
	s7SZLCode("communication_status_data", harbour.VerbDiagnose),
	s7SZLCode("diagnostics_device_logon_list", harbour.VerbDiagnose),
	s7SZLCode("ethernet_details_of_a_module", harbour.VerbDiscover),
	s7SZLCode("h_cpu_group_information", harbour.VerbDiagnose),
	s7SZLCode("switched_dp_slaves", harbour.VerbDiagnose),
	s7SZLCode("start_information_list", harbour.VerbDiagnose),
	s7SZLCode("start_event_list", harbour.VerbDiagnose),
	s7SZLCode("module_status_information", harbour.VerbDiagnose),
	s7SZLCode("rack_station_status_information", harbour.VerbDiagnose),
	s7SZLCode("extended_dp_master_system_information", harbour.VerbDiagnose),
	s7SZLCode("module_status_information_profinet_io_and_profibus_dp", harbour.VerbDiagnose),
	s7SZLCode("diagnostic_buffer_of_the_cpu", harbour.VerbDiagnose),
	s7SZLCode("module_diagnostic_information", harbour.VerbDiagnose),
	s7SZLCode("diagnostic_data_of_a_dp_slave", harbour.VerbDiagnose),
}

func s7SZLCode(name string, v harbour.Verb) Code {
	return Code{"0x00.0x44.0x01", "cpu_functions_read_szl_" + name, v, nil}
}

// s7SZLNames finds the code by the partial list's number.
var s7SZLNames = func() (t [256]*Code) {
	numbers := []uint8{
		0x00, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1c, 0x21, 0x22, 0x24, 0x25, 0x31, 0x32, 0x33, 0x37, 0x71, 0x75,
		0x81, 0x82, 0x91, 0x92, 0x95, 0x96, 0xa0, 0xb1, 0xb4,
	}
	for i, n := range numbers {
		t[n] = &s7SZLCodes[i]
	}
	t[0x23], t[0x74], t[0x94], t[0xb2], t[0xb3] = t[0x16], t[0x19], t[0x92], t[0xb1], t[0xb1]
	return t
}()

// s7MaxList bounds one answer from the system status list.
const s7MaxList = 16 << 10

// s7List puts the parts of one answer together.
type s7List struct {
	unit uint8 // data unit reference that the parts share, 0 while none is awaited
	buf  []byte
}

// part takes one part of an answer and says whether it is the first.
func (l *s7List) part(m *Message, unit uint8, more bool, b []byte) (first bool) {
	first = l.unit == 0 || l.unit != unit
	switch {
	case first && !more:
		if l.unit == 0 || len(b) >= 8 {
			s7ReadList(m, b)
		}
		return true
	case first:
		l.unit, l.buf = unit, append(l.buf[:0], b...)
		return true
	}
	if m.Gap || len(l.buf)+len(b) > s7MaxList {
		m.Ledger.Count("s7comm_lists_refused", 1)
		l.unit, l.buf = 0, l.buf[:0]
		return false
	}
	l.buf = append(l.buf, b...)
	if !more {
		s7ReadList(m, l.buf)
		l.unit, l.buf = 0, l.buf[:0]
	}
	return false
}

// s7ReadList reads a complete answer.
func s7ReadList(m *Message, b []byte) {
	r := wire.Read(b)
	id, _ := r.U16(), r.U16()
	size, count := int(r.U16()), int(r.U16())
	if !r.OK() || size < 4 {
		return
	}
	for range count {
		record := r.Bytes(size)
		if !r.OK() {
			return
		}
		switch uint8(id) {
		case 0x11:
			s7Module(m, record)
		case 0x1c:
			s7Component(m, record)
		case 0x24:
			if id&0x0fff == 0x0424 {
				s7State424(m, record)
			}
		case 0x32:
			s7Protection(m, record)
		}
	}
}

// s7Module reads a record of the module identification.
func s7Module(m *Message, b []byte) {
	if len(b) < 28 {
		return
	}
	r := wire.Read(b)
	index, order, _, release, minor := r.U16(), bytes.TrimSpace(wire.CString(r.Bytes(20))), r.U16(), r.U16(), r.U16()
	var buf [32]byte
	version := func(name string) {
		if c := release >> 8; c != 'V' && c != 'A' && c != 'B' {
			return
		}
		v := buf[:0]
		if c := byte(release >> 8); c != 'V' {
			v = append(v, c)
		}
		v = appendNumber(v, uint64(release&0xff))
		v = appendNumber(append(v, '.'), uint64(minor>>8))
		v = appendNumber(append(v, '.'), uint64(minor&0xff))
		m.Attr(m.Server, name, v, harbour.Stated)
	}
	switch index {
	case 1:
		if wire.Printable(order) {
			m.Attr(m.Server, harbour.AttrOrderNumber, order, harbour.Stated)
			m.Attr(m.Server, harbour.AttrModel, order, harbour.Stated)
			if bytes.HasPrefix(order, []byte("6ES7 ")) || bytes.HasPrefix(order, []byte("6AG1 ")) || bytes.HasPrefix(order, []byte("6GK7 ")) {
				m.AttrString(m.Server, harbour.AttrVendor, "Siemens", harbour.Confirmed)
			}
		}
	case 6:
		if release>>8 == 0 && release != 0 {
			m.Attr(m.Server, harbour.AttrHardwareRevision, appendNumber(buf[:0], uint64(release)), harbour.Stated)
		}
	case 7:
		version(harbour.AttrFirmware)
	case 0x81:
		version(harbour.AttrBootloader)
	}
}

// s7ComponentNames are the properties in the component identification.
var s7ComponentNames = map[uint16]string{
	1: harbour.AttrSystemName, 2: harbour.AttrModuleName, 3: harbour.AttrPlant, 4: harbour.AttrCopyright, 5: harbour.AttrSerial,
	7: harbour.AttrModuleType, 8: harbour.AttrMemoryCard, 0x0b: harbour.AttrLocation,
}

// s7Component reads a record of the component identification. Redundant controllers put the rack into the high byte of
// the index's second word, which the texts do not show.
func s7Component(m *Message, b []byte) {
	r := wire.Read(b)
	index := r.U16()
	v := r.Rest()
	if name := s7ComponentNames[index]; name != "" {
		m.Attr(m.Server, name, bytes.TrimSpace(wire.CString(v[:min(len(v), 32)])), harbour.Stated)
		return
	}
	if index == 9 && r.U16() == 0x002a {
		m.AttrString(m.Server, harbour.AttrVendor, "Siemens", harbour.Stated)
	}
}

// s7State424 reads the current operating mode.
func s7State424(m *Message, b []byte) {
	if len(b) < 4 {
		return
	}
	state := ""
	switch b[3] & 15 {
	case 1, 2, 3, 4:
		state = "stop"
	case 5, 6, 7:
		state = "startup"
	case 8, 9:
		state = "run"
	case 0x0a:
		state = "hold"
	case 0x0b:
		state = "link-up"
	case 0x0c:
		state = "update"
	case 0x0d:
		state = "defective"
	case 0x0f:
		state = "no power"
	}
	m.AttrString(m.Server, harbour.AttrDeviceState, state, harbour.Stated)
}

// s7Protection reads the valid protection level: 1 none, 2 writing needs the password, 3 reading too.
func s7Protection(m *Message, b []byte) {
	r := wire.Read(b)
	index, _, _, level := r.U16(), r.U16(), r.U16(), r.U16()
	if !r.OK() || index&0xff != 4 || level < 1 || level > 4 {
		return
	}
	m.AttrString(m.Server, harbour.AttrProtection, [...]string{
		1: "1 (no protection)", 2: "2 (write protection)", 3: "3 (read and write protection)", 4: "4 (complete protection)",
	}[level], harbour.Stated)
}
