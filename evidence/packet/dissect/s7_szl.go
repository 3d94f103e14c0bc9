// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"bytes"

	"breakwater/harbour"
	"breakwater/wire"
)

// s7SZLCodes are reads of the system status list by partial list, whose number is the low byte of the SZL id. The code ends
// with the id; of extracts of a list, which have their number in the byte above, only the list itself is listed here.
var s7SZLCodes = []Code{
	s7SZLCode("0x0000", "list_of_all_the_szl_ids_of_a_module", harbour.VerbDiagnose),
	s7SZLCode("0x0011", "module_identification", harbour.VerbDiscover),
	s7SZLCode("0x0012", "cpu_characteristics", harbour.VerbDiscover),
	s7SZLCode("0x0013", "user_memory_areas", harbour.VerbDiagnose),
	s7SZLCode("0x0014", "system_areas", harbour.VerbDiagnose),
	s7SZLCode("0x0015", "block_types", harbour.VerbDiagnose),
	s7SZLCode("0x0016", "priority_classes", harbour.VerbDiagnose),
	s7SZLCode("0x0017", "list_of_the_permitted_sdbs_with_a_number_below_1000", harbour.VerbDiagnose),
	s7SZLCode("0x0018", "maximum_s7_300_io_configuration", harbour.VerbDiagnose),
	s7SZLCode("0x0019", "status_of_the_module_leds", harbour.VerbDiagnose),
	s7SZLCode("0x001c", "component_identification", harbour.VerbDiscover),
	s7SZLCode("0x0021", "interrupt_error_assignment", harbour.VerbDiagnose),
	s7SZLCode("0x0022", "interrupt_status", harbour.VerbDiagnose),
	s7SZLCode("0x0424", "modes", harbour.VerbDiagnose),
	s7SZLCode("0x0025", "assignment_between_process_image_partitions_and_obs", harbour.VerbDiagnose),
	s7SZLCode("0x0131", "communication_capability_parameters", harbour.VerbDiagnose),
	s7SZLCode("0x0132", "communication_status_data", harbour.VerbDiagnose),
	s7SZLCode("0x0033", "diagnostics_device_logon_list", harbour.VerbDiagnose),
	s7SZLCode("0x0037", "ethernet_details_of_a_module", harbour.VerbDiscover),
	s7SZLCode("0x0071", "h_cpu_group_information", harbour.VerbDiagnose),
	s7SZLCode("0x0075", "switched_dp_slaves_in_the_h_system", harbour.VerbDiagnose),
	s7SZLCode("0x0081", "start_information_list", harbour.VerbDiagnose),
	s7SZLCode("0x0082", "start_event_list", harbour.VerbDiagnose),
	s7SZLCode("0x0591", "module_status_information", harbour.VerbDiagnose),
	s7SZLCode("0x0092", "rack_station_status_information", harbour.VerbDiagnose),
	s7SZLCode("0x0095", "extended_dp_master_system_information", harbour.VerbDiagnose),
	s7SZLCode("0x0096", "module_status_information_profinet_io_and_profibus_dp", harbour.VerbDiagnose),
	s7SZLCode("0x00a0", "diagnostic_buffer_of_the_cpu", harbour.VerbDiagnose),
	s7SZLCode("0x00b1", "module_diagnostic_information", harbour.VerbDiagnose),
	s7SZLCode("0x00b2", "module_diagnostic_information_geographical_address", harbour.VerbDiagnose),
	s7SZLCode("0x00b3", "module_diagnostic_information_logical_address", harbour.VerbDiagnose),
	s7SZLCode("0x00b4", "diagnostic_data_of_a_dp_slave", harbour.VerbDiagnose),
}

func s7SZLCode(id, name string, v harbour.Verb) Code {
	return Code{"0x07.0x44.0x01." + id, "cpu_functions_read_szl_" + name, v, nil}
}

// s7SZLTable finds the code by the partial list's number and the extract's.
var s7SZLTable = func() (t [256]*[16]Code) {
	const hex = "0123456789abcdef"
	add := func(list uint8, c Code) {
		var of [16]Code
		for i := range of {
			of[i] = c
			of[i].Code = c.Code[:17] + string([]byte{'0', hex[i], hex[list>>4], hex[list&15]})
		}
		t[list] = &of
	}
	for _, c := range s7SZLCodes {
		add(unhex(c.Code[19])<<4|unhex(c.Code[20]), c)
	}
	for _, l := range [][2]uint8{{0x23, 0x16}, {0x74, 0x19}, {0x94, 0x92}} { // lists on the same
		add(l[0], t[l[1]][0])
	}
	return t
}()

// s7SZLCodeOf names the read of an SZL id, nil where the list is not known.
func s7SZLCodeOf(id uint16) *Code {
	if t := s7SZLTable[uint8(id)]; t != nil && id>>12 == 0 {
		return &t[id>>8]
	}
	return nil
}

// s7MaxList bounds one answer from the system status list.
const s7MaxList = 8 << 10

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
