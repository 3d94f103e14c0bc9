// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"bytes"

	"breakwater/harbour"
	"breakwater/wire"
)

// cipPCCCCodes are the commands of PLC-5, SLC 500 and MicroLogix controllers, which CIP carries in a service of a class of
// its own: command, and function where the command has one.
var cipPCCCCodes = []struct {
	command, function uint8
	Code
}{
	{0x00, 0, Code{"0x4b.0x00", "execute_pccc_protected_write", harbour.VerbWrite, nil}},
	{0x01, 0, Code{"0x4b.0x01", "execute_pccc_unprotected_read", harbour.VerbRead, nil}},
	{0x02, 0, Code{"0x4b.0x02", "execute_pccc_protected_bit_write", harbour.VerbWrite, nil}},
	{0x05, 0, Code{"0x4b.0x05", "execute_pccc_unprotected_bit_write", harbour.VerbWrite, nil}},
	{0x08, 0, Code{"0x4b.0x08", "execute_pccc_unprotected_write", harbour.VerbWrite, nil}},
	{0x06, 0x00, Code{"0x4b.0x06.0x00", "execute_pccc_echo", harbour.VerbDiagnose, nil}},
	{0x06, 0x01, Code{"0x4b.0x06.0x01", "execute_pccc_read_diagnostic_counters", harbour.VerbDiagnose, nil}},
	{0x06, 0x02, Code{"0x4b.0x06.0x02", "execute_pccc_set_variables", harbour.VerbConfiguration, nil}},
	{0x06, 0x03, Code{"0x4b.0x06.0x03", "execute_pccc_diagnostic_status", harbour.VerbDiscover, nil}},
	{0x06, 0x04, Code{"0x4b.0x06.0x04", "execute_pccc_set_timeout", harbour.VerbConfiguration, nil}},
	{0x06, 0x05, Code{"0x4b.0x06.0x05", "execute_pccc_set_naks", harbour.VerbConfiguration, nil}},
	{0x06, 0x06, Code{"0x4b.0x06.0x06", "execute_pccc_set_enqs", harbour.VerbConfiguration, nil}},
	{0x06, 0x07, Code{"0x4b.0x06.0x07", "execute_pccc_reset_diagnostic_counters", harbour.VerbDiagnose, nil}},
	{0x06, 0x09, Code{"0x4b.0x06.0x09", "execute_pccc_read_link_parameters", harbour.VerbDiagnose, nil}},
	{0x06, 0x0a, Code{"0x4b.0x06.0x0a", "execute_pccc_set_link_parameters", harbour.VerbConfiguration, nil}},
	{0x0f, 0x00, Code{"0x4b.0x0f.0x00", "execute_pccc_word_range_write", harbour.VerbWrite, nil}},
	{0x0f, 0x01, Code{"0x4b.0x0f.0x01", "execute_pccc_word_range_read", harbour.VerbRead, nil}},
	{0x0f, 0x02, Code{"0x4b.0x0f.0x02", "execute_pccc_bit_write", harbour.VerbWrite, nil}},
	{0x0f, 0x11, Code{"0x4b.0x0f.0x11", "execute_pccc_get_edit_resource", harbour.VerbProgramControl, nil}},
	{0x0f, 0x12, Code{"0x4b.0x0f.0x12", "execute_pccc_return_edit_resource", harbour.VerbProgramControl, nil}},
	{0x0f, 0x17, Code{"0x4b.0x0f.0x17", "execute_pccc_read_bytes_physical", harbour.VerbProgramUpload, nil}},
	{0x0f, 0x18, Code{"0x4b.0x0f.0x18", "execute_pccc_write_bytes_physical", harbour.VerbProgramDownload, nil}},
	{0x0f, 0x26, Code{"0x4b.0x0f.0x26", "execute_pccc_read_modify_write", harbour.VerbWrite, nil}},
	{0x0f, 0x29, Code{"0x4b.0x0f.0x29", "execute_pccc_read_section_size", harbour.VerbRead, nil}},
	{0x0f, 0x3a, Code{"0x4b.0x0f.0x3a", "execute_pccc_set_cpu_mode", harbour.VerbModeChange, nil}},
	{0x0f, 0x41, Code{"0x4b.0x0f.0x41", "execute_pccc_disable_forces", harbour.VerbForce, nil}},
	{0x0f, 0x50, Code{"0x4b.0x0f.0x50", "execute_pccc_download_all_request", harbour.VerbProgramDownload, nil}},
	{0x0f, 0x52, Code{"0x4b.0x0f.0x52", "execute_pccc_download_completed", harbour.VerbProgramDownload, nil}},
	{0x0f, 0x53, Code{"0x4b.0x0f.0x53", "execute_pccc_upload_all_request", harbour.VerbProgramUpload, nil}},
	{0x0f, 0x55, Code{"0x4b.0x0f.0x55", "execute_pccc_upload_completed", harbour.VerbProgramUpload, nil}},
	{0x0f, 0x57, Code{"0x4b.0x0f.0x57", "execute_pccc_initialize_memory", harbour.VerbProgramControl, nil}},
	{0x0f, 0x67, Code{"0x4b.0x0f.0x67", "execute_pccc_typed_write", harbour.VerbWrite, nil}},
	{0x0f, 0x68, Code{"0x4b.0x0f.0x68", "execute_pccc_typed_read", harbour.VerbRead, nil}},
	{0x0f, 0x79, Code{"0x4b.0x0f.0x79", "execute_pccc_read_modify_write_n", harbour.VerbWrite, nil}},
	{0x0f, 0x80, Code{"0x4b.0x0f.0x80", "execute_pccc_change_mode", harbour.VerbModeChange, nil}},
	{0x0f, 0x81, Code{"0x4b.0x0f.0x81", "execute_pccc_open_file", harbour.VerbFile, nil}},
	{0x0f, 0x82, Code{"0x4b.0x0f.0x82", "execute_pccc_close_file", harbour.VerbFile, nil}},
	{0x0f, 0x8f, Code{"0x4b.0x0f.0x8f", "execute_pccc_apply_port_configuration", harbour.VerbConfiguration, nil}},
	{0x0f, 0xa1, Code{"0x4b.0x0f.0xa1", "execute_pccc_protected_typed_logical_read_two_address_fields", harbour.VerbRead, nil}},
	{0x0f, 0xa2, Code{"0x4b.0x0f.0xa2", "execute_pccc_protected_typed_logical_read_three_address_fields", harbour.VerbRead, nil}},
	{0x0f, 0xa7, Code{"0x4b.0x0f.0xa7", "execute_pccc_protected_typed_file_read", harbour.VerbFile, nil}},
	{0x0f, 0xa9, Code{"0x4b.0x0f.0xa9", "execute_pccc_protected_typed_logical_write_two_address_fields", harbour.VerbWrite, nil}},
	{0x0f, 0xaa, Code{"0x4b.0x0f.0xaa", "execute_pccc_protected_typed_logical_write_three_address_fields", harbour.VerbWrite, nil}},
	{0x0f, 0xab, Code{"0x4b.0x0f.0xab", "execute_pccc_protected_typed_logical_write_with_mask", harbour.VerbWrite, nil}},
	{0x0f, 0xaf, Code{"0x4b.0x0f.0xaf", "execute_pccc_protected_typed_file_write", harbour.VerbFile, nil}},
}

var cipPCCCTable = func() map[uint16]*Code {
	m := map[uint16]*Code{}
	for i := range cipPCCCCodes {
		c := &cipPCCCCodes[i]
		m[uint16(c.command)<<8|uint16(c.function)] = &c.Code
	}
	return m
}()

var cipPCCCUnknown = Code{"0x4b", "execute_pccc", harbour.VerbMessage, nil}

// cipPCCCRequest reads the requestor's identification and the command; key is command and function, plus one so that it is
// never 0.
func cipPCCCRequest(dst, data []byte) (op Op, key uint16) {
	r := wire.Read(data)
	r.Skip(int(max(r.U8(), 1)) - 1)
	command := r.U8()
	r.Skip(3) // status, transaction
	if !r.OK() {
		return cipPCCCUnknown.Op(nil), 0
	}
	kind := uint16(command) << 8
	if command == 0x06 || command == 0x07 || command == 0x0f {
		kind |= uint16(r.U8())
	}
	c := cipPCCCTable[kind]
	if c == nil {
		return cipPCCCUnknown.Op(dst), kind + 1
	}
	op = c.Op(nil)
	if kind >= 0x0fa1 && kind <= 0x0fab && kind != 0x0fa7 { // typed logical access: size, file number, type, element
		r.Skip(1)
		file, typ := cipPCCCNumber(&r), r.U8()
		element := cipPCCCNumber(&r)
		if r.OK() {
			dst = append(dst, cipPCCCType(typ)...)
			dst = appendNumber(dst, uint64(file))
			op.Target = appendNumber(append(dst, ':'), uint64(element))
		}
	}
	return op, kind + 1
}

// cipPCCCNumber reads a number of one byte, or of two behind 0xff.
func cipPCCCNumber(r *wire.Reader) uint16 {
	if n := r.U8(); n != 0xff {
		return uint16(n)
	}
	return r.U16LE()
}

// cipPCCCType gives the letter of a data file's type.
func cipPCCCType(t uint8) string {
	switch t {
	case 0x82, 0x8b:
		return "O"
	case 0x83, 0x8c:
		return "I"
	case 0x84:
		return "S"
	case 0x85:
		return "B"
	case 0x86:
		return "T"
	case 0x87:
		return "C"
	case 0x88:
		return "R"
	case 0x89:
		return "N"
	case 0x8a:
		return "F"
	case 0x8d:
		return "ST"
	case 0x8e:
		return "A"
	case 0x91:
		return "L"
	case 0x92:
		return "MG"
	case 0x93:
		return "PD"
	}
	return "file "
}

// cipPCCCReply reads the inner status, and the controller's name out of its diagnostic status.
func cipPCCCReply(m *Message, a *cipAsked, data []byte) (result string) {
	r := wire.Read(data)
	r.Skip(int(max(r.U8(), 1)) - 1)
	r.Skip(1)
	status := r.U8()
	r.Skip(2)
	if !r.OK() {
		return harbour.ResultOK
	}
	if status != 0 {
		return cipPCCCStatus(status)
	}
	if b := r.Rest(); a.pccc == 0x0603+1 && a.route.n == 0 && len(b) >= 16 && b[1] == 0xee {
		if name := bytes.TrimSpace(wire.CString(b[5:16])); wire.Printable(name) {
			m.Attr(m.Server, harbour.AttrModel, name, harbour.Stated)
		}
	}
	return harbour.ResultOK
}

func cipPCCCStatus(s uint8) string {
	switch s {
	case 0x10:
		return "illegal_command_or_format"
	case 0x20:
		return "host_problem"
	case 0x30:
		return "remote_host_missing"
	case 0x40:
		return "hardware_fault"
	case 0x50:
		return "addressing_problem"
	case 0x60:
		return "function_not_allowed"
	case 0x70:
		return "processor_in_program_mode"
	case 0x80:
		return "compatibility_mode_file_missing"
	case 0x90:
		return "remote_node_cannot_buffer"
	case 0xf0:
		return "extended_status_error"
	}
	return "pccc_error"
}
