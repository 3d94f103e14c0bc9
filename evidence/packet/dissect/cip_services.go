// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import "breakwater/harbour"

// Services that are treated apart.
const (
	cipGetAttributesAll   = 0x01
	cipSetAttributesAll   = 0x02
	cipGetAttributeList   = 0x03
	cipSetAttributeList   = 0x04
	cipCreate             = 0x08
	cipDelete             = 0x09
	cipMultipleService    = 0x0a
	cipApplyAttributes    = 0x0d
	cipGetAttributeSingle = 0x0e
	cipSetAttributeSingle = 0x10
	cipExecutePCCC        = 0x4b
	cipReadTag            = 0x4c // of a tag
	cipUnconnectedSend    = 0x52 // of the connection manager
	cipReadTagFragmented  = 0x52 // of a tag
	cipForwardOpen        = 0x54
	cipLargeForwardOpen   = 0x5b
)

// Classes that are treated apart.
const (
	cipIdentityClass     = 0x01
	cipConnectionManager = 0x06
	cipFile              = 0x37
	cipProgramName       = 0x64
	cipPCCC              = 0x67
	cipProgram           = 0x68
	cipSymbol            = 0x6b
	cipTemplate          = 0x6c
	cipRoutine           = 0x6d
	cipTask              = 0x70
	cipClock             = 0x8b
	cipNonVolatile       = 0xa1
	cipTimeSync          = 0x43
	cipTCPIP             = 0xf5
	cipEthernetLink      = 0xf6
)

// cipListError is the status of a list of attributes of which some failed.
const cipListError = 0x0a

// cipCommon are the services that mean the same for every class. Start, stop and reset act on what the object controls:
// a program, a drive, or the whole device.
var cipCommon = []Code{
	{"0x01", "get_attributes_all", harbour.VerbRead, []string{"get_attribute_all"}},
	{"0x02", "set_attributes_all", harbour.VerbWrite, []string{"set_attribute_all"}},
	{"0x03", "get_attribute_list", harbour.VerbRead, nil},
	{"0x04", "set_attribute_list", harbour.VerbWrite, nil},
	{"0x05", "reset", harbour.VerbProgramControl, nil},
	{"0x06", "start", harbour.VerbProgramControl, nil},
	{"0x07", "stop", harbour.VerbProgramControl, nil},
	{"0x08", "create", harbour.VerbConfiguration, nil},
	{"0x09", "delete", harbour.VerbConfiguration, nil},
	{"0x0a", "multiple_service_packet", harbour.VerbMessage, nil},
	{"0x0d", "apply_attributes", harbour.VerbConfiguration, nil},
	{"0x0e", "get_attribute_single", harbour.VerbRead, []string{"get_attributes_single"}},
	{"0x10", "set_attribute_single", harbour.VerbWrite, []string{"set_attributes_single"}},
	{"0x11", "find_next_object_instance", harbour.VerbDiscover, nil},
	{"0x14", "error_response", harbour.VerbMessage, nil},
	{"0x15", "restore", harbour.VerbConfiguration, nil},
	{"0x16", "save", harbour.VerbConfiguration, nil},
	{"0x17", "no_operation", harbour.VerbMessage, nil},
	{"0x18", "get_member", harbour.VerbRead, nil},
	{"0x19", "set_member", harbour.VerbWrite, nil},
	{"0x1a", "insert_member", harbour.VerbWrite, nil},
	{"0x1b", "remove_member", harbour.VerbWrite, nil},
	{"0x1c", "group_sync", harbour.VerbMessage, nil},
}

// cipOfClass are services of one class; class 0 stands for a tag.
var cipOfClass = []struct {
	class uint32
	Code
}{
	{cipConnectionManager, Code{"0x4e", "forward_close", harbour.VerbMessage, nil}},
	{cipConnectionManager, Code{"0x52", "unconnected_send", harbour.VerbMessage, nil}},
	{cipConnectionManager, Code{"0x54", "forward_open", harbour.VerbMessage, nil}},
	{cipConnectionManager, Code{"0x56", "get_connection_data", harbour.VerbDiagnose, nil}},
	{cipConnectionManager, Code{"0x57", "search_connection_data", harbour.VerbDiagnose, nil}},
	{cipConnectionManager, Code{"0x5a", "get_connection_owner", harbour.VerbDiagnose, nil}},
	{cipConnectionManager, Code{"0x5b", "large_forward_open", harbour.VerbMessage, nil}},
	{cipFile, Code{"0x4b", "initiate_upload", harbour.VerbFile, nil}},
	{cipFile, Code{"0x4c", "initiate_download", harbour.VerbFile, nil}},
	{cipFile, Code{"0x4d", "initiate_partial_read", harbour.VerbFile, nil}},
	{cipFile, Code{"0x4e", "initiate_partial_write", harbour.VerbFile, nil}},
	{cipFile, Code{"0x4f", "upload_transfer", harbour.VerbFile, nil}},
	{cipFile, Code{"0x50", "download_transfer", harbour.VerbFile, nil}},
	{cipFile, Code{"0x51", "clear_file", harbour.VerbFile, nil}},
	{cipPCCC, Code{"0x4b", "execute_pccc", harbour.VerbMessage, []string{"execute PCCC service"}}},
	{0, Code{"0x4c", "read_tag", harbour.VerbRead, []string{"read data"}}},
	{0, Code{"0x4d", "write_tag", harbour.VerbWrite, []string{"write data"}}},
	{0, Code{"0x4e", "read_modify_write_tag", harbour.VerbWrite, []string{"read write modify data"}}},
	{0, Code{"0x52", "read_tag_fragmented", harbour.VerbRead, []string{"read data fragmented"}}},
	{0, Code{"0x53", "write_tag_fragmented", harbour.VerbWrite, []string{"write data fragmented"}}},
	{cipSymbol, Code{"0x55", "get_instance_attribute_list", harbour.VerbDiscover, nil}},
	{cipTemplate, Code{"0x4c", "read_template", harbour.VerbDiscover, nil}},
	{cipNonVolatile, Code{"0x4b", "update_firmware", harbour.VerbFirmware, []string{"NVS update"}}},
	{cipNonVolatile, Code{"0x4d", "transfer_firmware", harbour.VerbFirmware, []string{"NVS transfer"}}},
}

var cipCommonTable = func() *codeTable {
	t := table(cipCommon, harbour.VerbMessage)
	for i := range t {
		if i >= 0x80 || t[i].Name == "function_"+t[i].Code {
			t[i].Name = "service_" + t[i].Code
		}
	}
	return t
}()

// cipClassTable finds services of one class by class and service.
var cipClassTable = func() map[uint32]*Code {
	m := map[uint32]*Code{}
	for i := range cipOfClass {
		c := &cipOfClass[i]
		service := uint32(unhex(c.Code.Code[2])<<4 | unhex(c.Code.Code[3]))
		m[c.class<<8|service] = &c.Code
		if c.class == 0 { // tags can also be reached by the instance of their symbol
			m[cipSymbol<<8|service] = &c.Code
		}
	}
	return m
}()

// cipCodes lists everything for the page of protocols.
func cipCodes() (all []Code) {
	all = append(all, cipCommon...)
	for _, c := range cipOfClass {
		all = append(all, c.Code)
	}
	for _, c := range cipPCCCCodes {
		all = append(all, c.Code)
	}
	return all
}

// cipService names a service, which for the numbers from 0x4b on depends on the object.
func cipService(service uint8, p *cipPath) *Code {
	class := p.class
	if p.isTag() {
		class = 0
	} else if !p.hasClass && service >= 0x4b {
		switch service { // a reply whose request was not captured
		case cipForwardOpen, cipLargeForwardOpen:
			class = cipConnectionManager
		default:
			return &cipCommonTable[service&0x7f]
		}
	}
	if c := cipClassTable[class<<8|uint32(service)]; c != nil && (class != 0 || p.isTag()) {
		return c
	}
	return &cipCommonTable[service&0x7f]
}

// cipVerb refines a service's verb by the object that it works on.
func cipVerb(c *Code, service uint8, p *cipPath) harbour.Verb {
	if p.isTag() {
		return c.Verb
	}
	switch service {
	case cipGetAttributesAll, cipGetAttributeList, cipGetAttributeSingle:
		if p.class == cipIdentityClass || p.class == cipProgramName {
			return harbour.VerbDiscover
		}
	case cipSetAttributesAll, cipSetAttributeList, cipSetAttributeSingle, cipCreate, cipDelete, cipApplyAttributes:
		if p.hasClass {
			return cipSetVerb(c, p.class)
		}
	default:
		if p.class == cipNonVolatile && service >= 0x4b {
			return harbour.VerbFirmware
		}
	}
	return c.Verb
}

// cipSetVerb says what setting attributes of a class means.
func cipSetVerb(c *Code, class uint32) harbour.Verb {
	switch class {
	case cipClock, cipTimeSync:
		return harbour.VerbSetClock
	case cipProgram, cipSymbol, cipTemplate, cipRoutine, cipTask:
		return harbour.VerbProgramDownload
	case cipFile:
		return harbour.VerbFile
	case cipNonVolatile:
		return harbour.VerbFirmware
	case cipIdentityClass, 0x02, cipConnectionManager, 0x0f, 0x47, 0x48, 0x5d, 0x5e, 0x5f, 0xf4, cipTCPIP, cipEthernetLink, 0xf7, 0xf8, 0xf9:
		return harbour.VerbConfiguration
	}
	return c.Verb
}

// cipStatuses are the general status codes in the words of the specification.
var cipStatuses = [...]string{
	0x00: harbour.ResultOK, 0x01: "connection_failure", 0x02: "resource_unavailable", 0x03: "invalid_parameter_value",
	0x04: "path_segment_error", 0x05: "path_destination_unknown", 0x06: "partial_transfer", 0x07: "connection_lost",
	0x08: "service_not_supported", 0x09: "invalid_attribute_value", 0x0a: "attribute_list_error",
	0x0b: "already_in_requested_state", 0x0c: "object_state_conflict", 0x0d: "object_already_exists",
	0x0e: "attribute_not_settable", 0x0f: "privilege_violation", 0x10: "device_state_conflict", 0x11: "reply_data_too_large",
	0x12: "fragmentation_of_primitive_value", 0x13: "not_enough_data", 0x14: "attribute_not_supported", 0x15: "too_much_data",
	0x16: "object_does_not_exist", 0x17: "no_fragmentation_sequence_in_progress", 0x18: "no_stored_attribute_data",
	0x19: "store_operation_failure", 0x1a: "request_too_large_for_route", 0x1b: "response_too_large_for_route",
	0x1c: "missing_attribute_list_entry", 0x1d: "invalid_attribute_value_list", 0x1e: "embedded_service_error",
	0x1f: "vendor_specific_error", 0x20: "invalid_parameter", 0x21: "write_once_value_already_written",
	0x22: "invalid_reply_received", 0x23: "buffer_overflow", 0x24: "message_format_error", 0x25: "key_failure_in_path",
	0x26: "path_size_invalid", 0x27: "unexpected_attribute_in_list", 0x28: "invalid_member_id", 0x29: "member_not_settable",
	0x2a: "group_2_only_server_failure", 0x2b: "unknown_modbus_error", 0x2c: "attribute_not_gettable",
	0xff: "general_error",
}

func cipStatus(s uint8) string {
	if name := cipStatuses[s]; name != "" {
		return name
	}
	return "error"
}
