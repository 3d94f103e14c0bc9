// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"breakwater/harbour"
	"breakwater/wire"
)

// Functions of jobs.
const (
	s7ReadVariable    = 0x04
	s7WriteVariable   = 0x05
	s7RequestDownload = 0x1a
	s7DownloadBlock   = 0x1b
	s7DownloadEnded   = 0x1c
	s7StartUpload     = 0x1d
	s7UploadPart      = 0x1e
	s7EndUpload       = 0x1f
	s7PLCControl      = 0x28
	s7PLCStop         = 0x29
	s7Setup           = 0xf0
)

// s7Codes lists job functions, and the functions of user data as 0x07.group.subfunction (0x07 being the kind of message) with the group as a request has
// it. The verb of PLC control is that of its service, see s7Services.
var s7Codes = []Code{
	{"0x04", "read_variable", harbour.VerbRead, []string{"read var"}},
	{"0x05", "write_variable", harbour.VerbWrite, []string{"write var"}},
	{"0x1a", "request_download", harbour.VerbProgramDownload, nil},
	{"0x1b", "download_block", harbour.VerbProgramDownload, nil},
	{"0x1c", "download_ended", harbour.VerbProgramDownload, nil},
	{"0x1d", "start_upload", harbour.VerbProgramUpload, nil},
	{"0x1e", "upload", harbour.VerbProgramUpload, nil},
	{"0x1f", "end_upload", harbour.VerbProgramUpload, nil},
	{"0x28", "plc_control", harbour.VerbProgramControl, []string{"PI-Service", "program invocation service"}},
	{"0x29", "plc_stop", harbour.VerbProgramControl, nil},
	{"0xf0", "setup_communication", harbour.VerbMessage, nil},
	{"0x07.0x40", "mode_transition", harbour.VerbMessage, nil},
	{"0x07.0x40.0x00", "mode_transition_stop", harbour.VerbMessage, nil},
	{"0x07.0x40.0x01", "mode_transition_warm_restart", harbour.VerbMessage, nil},
	{"0x07.0x40.0x02", "mode_transition_run", harbour.VerbMessage, nil},
	{"0x07.0x40.0x03", "mode_transition_hot_restart", harbour.VerbMessage, nil},
	{"0x07.0x40.0x04", "mode_transition_hold", harbour.VerbMessage, nil},
	{"0x07.0x40.0x06", "mode_transition_cold_restart", harbour.VerbMessage, nil},
	{"0x07.0x40.0x09", "mode_transition_run_redundant", harbour.VerbMessage, nil},
	{"0x07.0x40.0x0b", "mode_transition_link_up", harbour.VerbMessage, nil},
	{"0x07.0x40.0x0c", "mode_transition_update", harbour.VerbMessage, nil},
	{"0x07.0x41", "programmer_controls", harbour.VerbDiagnose, []string{"programmer commands"}},
	{"0x07.0x41.0x01", "programmer_controls_block_status", harbour.VerbDiagnose, []string{"request diagnostic data"}},
	{"0x07.0x41.0x02", "programmer_controls_variable_status", harbour.VerbRead, []string{"VarTab"}},
	{"0x07.0x41.0x03", "programmer_controls_output_istack", harbour.VerbDiagnose, nil},
	{"0x07.0x41.0x04", "programmer_controls_output_bstack", harbour.VerbDiagnose, nil},
	{"0x07.0x41.0x05", "programmer_controls_output_lstack", harbour.VerbDiagnose, nil},
	{"0x07.0x41.0x06", "programmer_controls_time_measurement", harbour.VerbDiagnose, nil},
	{"0x07.0x41.0x07", "programmer_controls_force_selection", harbour.VerbForce, nil},
	{"0x07.0x41.0x08", "programmer_controls_modify_variable", harbour.VerbWrite, nil},
	{"0x07.0x41.0x09", "programmer_controls_force", harbour.VerbForce, nil},
	{"0x07.0x41.0x0a", "programmer_controls_breakpoint", harbour.VerbProgramControl, nil},
	{"0x07.0x41.0x0b", "programmer_controls_exit_hold", harbour.VerbProgramControl, nil},
	{"0x07.0x41.0x0c", "programmer_controls_memory_reset", harbour.VerbProgramControl, []string{"erase"}},
	{"0x07.0x41.0x0d", "programmer_controls_disable_job", harbour.VerbDiagnose, nil},
	{"0x07.0x41.0x0e", "programmer_controls_enable_job", harbour.VerbDiagnose, []string{"read diagnostic data"}},
	{"0x07.0x41.0x0f", "programmer_controls_delete_job", harbour.VerbDiagnose, []string{"remove diagnostic data"}},
	{"0x07.0x41.0x10", "programmer_controls_read_job_list", harbour.VerbDiagnose, []string{"forces"}},
	{"0x07.0x41.0x11", "programmer_controls_read_job", harbour.VerbDiagnose, nil},
	{"0x07.0x41.0x12", "programmer_controls_replace_job", harbour.VerbDiagnose, nil},
	{"0x07.0x41.0x13", "programmer_controls_block_status_2", harbour.VerbDiagnose, nil},
	{"0x07.0x41.0x16", "programmer_controls_flash_led", harbour.VerbDiagnose, nil},
	{"0x07.0x42", "cyclic_services", harbour.VerbRead, []string{"cyclic data"}},
	{"0x07.0x42.0x01", "cyclic_services_cyclic_transfer", harbour.VerbRead, nil},
	{"0x07.0x42.0x04", "cyclic_services_unsubscribe", harbour.VerbRead, nil},
	{"0x07.0x42.0x05", "cyclic_services_change_driven_transfer", harbour.VerbRead, nil},
	{"0x07.0x42.0x07", "cyclic_services_change_driven_transfer_modify", harbour.VerbRead, nil},
	{"0x07.0x42.0x08", "cyclic_services_read_record", harbour.VerbRead, []string{"RDREC"}},
	{"0x07.0x43", "block_functions", harbour.VerbDiscover, nil},
	{"0x07.0x43.0x01", "block_functions_list_blocks", harbour.VerbDiscover, nil},
	{"0x07.0x43.0x02", "block_functions_list_blocks_of_type", harbour.VerbDiscover, nil},
	{"0x07.0x43.0x03", "block_functions_get_block_info", harbour.VerbDiscover, nil},
	{"0x07.0x44", "cpu_functions", harbour.VerbDiagnose, nil},
	{"0x07.0x44.0x01", "cpu_functions_read_szl", harbour.VerbDiagnose, []string{"read SSL", "read system status list"}},
	{"0x07.0x44.0x02", "cpu_functions_message_service", harbour.VerbMessage, nil},
	{"0x07.0x44.0x03", "cpu_functions_diagnostic_message", harbour.VerbMessage, nil},
	{"0x07.0x44.0x05", "cpu_functions_alarm_8_indication", harbour.VerbMessage, nil},
	{"0x07.0x44.0x06", "cpu_functions_notify_indication", harbour.VerbMessage, nil},
	{"0x07.0x44.0x07", "cpu_functions_alarm_8_lock", harbour.VerbConfiguration, nil},
	{"0x07.0x44.0x08", "cpu_functions_alarm_8_unlock", harbour.VerbConfiguration, nil},
	{"0x07.0x44.0x09", "cpu_functions_scan_indication", harbour.VerbMessage, nil},
	{"0x07.0x44.0x0b", "cpu_functions_alarm_acknowledge", harbour.VerbMessage, nil},
	{"0x07.0x44.0x0c", "cpu_functions_alarm_acknowledge_indication", harbour.VerbMessage, nil},
	{"0x07.0x44.0x0d", "cpu_functions_alarm_lock_indication", harbour.VerbMessage, nil},
	{"0x07.0x44.0x0e", "cpu_functions_alarm_unlock_indication", harbour.VerbMessage, nil},
	{"0x07.0x44.0x11", "cpu_functions_alarm_sq_indication", harbour.VerbMessage, nil},
	{"0x07.0x44.0x12", "cpu_functions_alarm_s_indication", harbour.VerbMessage, nil},
	{"0x07.0x44.0x13", "cpu_functions_alarm_query", harbour.VerbDiagnose, nil},
	{"0x07.0x44.0x16", "cpu_functions_notify_8_indication", harbour.VerbMessage, nil},
	{"0x07.0x45", "security", harbour.VerbLogin, nil},
	{"0x07.0x45.0x01", "security_plc_password", harbour.VerbLogin, nil},
	{"0x07.0x45.0x02", "security_clear_password", harbour.VerbLogin, nil},
	{"0x07.0x46", "pbc_bsend_brecv", harbour.VerbMessage, nil},
	{"0x07.0x47", "time_functions", harbour.VerbRead, nil},
	{"0x07.0x47.0x01", "time_functions_read_clock", harbour.VerbRead, nil},
	{"0x07.0x47.0x02", "time_functions_set_clock", harbour.VerbSetClock, nil},
	{"0x07.0x47.0x03", "time_functions_read_clock_following", harbour.VerbRead, []string{"read clock"}},
	{"0x07.0x47.0x04", "time_functions_set_clock_2", harbour.VerbSetClock, []string{"set clock"}},
	{"0x07.0x4f", "nc_programming", harbour.VerbFile, nil},
	{"0x07.0x4f.0x01", "nc_programming_request_download", harbour.VerbProgramDownload, nil},
	{"0x07.0x4f.0x02", "nc_programming_download_block", harbour.VerbProgramDownload, nil},
	{"0x07.0x4f.0x03", "nc_programming_continue_download", harbour.VerbProgramDownload, nil},
	{"0x07.0x4f.0x04", "nc_programming_download_ended", harbour.VerbProgramDownload, nil},
	{"0x07.0x4f.0x06", "nc_programming_start_upload", harbour.VerbProgramUpload, nil},
	{"0x07.0x4f.0x07", "nc_programming_upload", harbour.VerbProgramUpload, nil},
	{"0x07.0x4f.0x08", "nc_programming_continue_upload", harbour.VerbProgramUpload, nil},
}

var s7Jobs = table(s7Codes, harbour.VerbMessage)

// s7UserdataCodes are the functions of user data by group and subfunction; subfunction 0xff stands for the group alone.
var s7UserdataCodes = func() map[uint16]*Code {
	m := map[uint16]*Code{}
	for i := range s7Codes {
		c := &s7Codes[i]
		if len(c.Code) < 9 {
			continue
		}
		key := uint16(unhex(c.Code[8]))<<8 | 0xff
		if len(c.Code) == 14 {
			key = key&0xff00 | uint16(unhex(c.Code[12])<<4|unhex(c.Code[13]))
		}
		m[key] = c
	}
	return m
}()

var s7UnknownUserdata = Code{"0x07", "userdata", harbour.VerbMessage, nil}

func s7UserdataCode(group, sub uint8) *Code {
	if c := s7UserdataCodes[uint16(group)<<8|uint16(sub)]; c != nil && sub != 0xff {
		return c
	}
	if c := s7UserdataCodes[uint16(group)<<8|0xff]; c != nil {
		return c
	}
	return &s7UnknownUserdata
}

// s7Services are the verbs of program invocation services that do not act on the program: those of numerical controls.
var s7Services = map[string]harbour.Verb{
	"_N_LOGIN_": harbour.VerbLogin, "_N_LOGOUT": harbour.VerbLogin, "_N_F_OPEN": harbour.VerbFile, "_N_F_OPER": harbour.VerbFile,
	"_N_F_CLOS": harbour.VerbFile, "_N_F_COPY": harbour.VerbFile, "_N_F_DELE": harbour.VerbFile, "_N_F_RENA": harbour.VerbFile,
	"_N_F_SEEK": harbour.VerbFile, "_N_F_XFER": harbour.VerbFile, "_N_F_PROT": harbour.VerbFile, "_N_TSELST": harbour.VerbControl,
	"_N_CANCEL": harbour.VerbControl, "_N_SETTST": harbour.VerbConfiguration, "_N_CONFIG": harbour.VerbConfiguration,
	"_N_SCALE_": harbour.VerbConfiguration,
}

// s7ItemResults are the return codes of single items.
var s7ItemResults = map[uint8]string{
	0x01: "hardware_error", 0x03: "object_access_not_allowed", 0x05: "invalid_address", 0x06: "data_type_not_supported",
	0x07: "data_type_inconsistent", 0x0a: "object_does_not_exist", 0xff: harbour.ResultOK,
}

// s7Errors are error codes that tools explain: class and code of an acknowledgement, or the code of a user data response.
var s7Errors = map[uint16]string{
	0x0110: "invalid_block_number", 0x0111: "invalid_request_length", 0x0112: "invalid_parameter", 0x0113: "invalid_block_type",
	0x0114: "block_not_found", 0x0115: "block_already_exists", 0x0116: "block_is_write_protected", 0x0117: "block_too_large",
	0x0118: "invalid_block_number", 0x0119: "incorrect_password", 0x011a: "resource_error", 0x011b: "plc_error",
	0x8001: "not_possible_in_this_mode", 0x8101: "hardware_error", 0x8103: "object_access_not_allowed", 0x8104: "service_not_supported",
	0x8105: "invalid_address", 0x8106: "data_type_not_supported", 0x8107: "data_type_inconsistent", 0x810a: "object_does_not_exist",
	0x8301: "not_enough_memory", 0x8402: "already_in_run_or_stop", 0x8404: "serious_error", 0x8500: "incorrect_message_length",
	0x8702: "invalid_address", 0xd002: "command_syntax_error", 0xd004: "not_possible_in_this_mode", 0xd0a1: "not_allowed_at_this_protection_level",
	0xd201: "invalid_block_name", 0xd202: "invalid_function_parameter", 0xd203: "invalid_block_type", 0xd204: "no_linked_block_in_memory",
	0xd205: "block_already_exists", 0xd206: "block_already_exists", 0xd207: "block_exists_in_eprom", 0xd208: "block_does_not_exist",
	0xd209: "block_does_not_exist", 0xd20a: "no_space_for_block", 0xd20c: "block_does_not_exist", 0xd20e: "no_block_available",
	0xd210: "block_number_too_large", 0xd240: "coordination_rules_violated", 0xd241: "not_allowed_at_this_protection_level",
	0xd242: "protection_violation", 0xd401: "invalid_szl_id", 0xd402: "invalid_szl_index", 0xd403: "szl_not_available",
	0xd404: "szl_not_available", 0xd405: "szl_not_available_in_this_mode", 0xd601: "wrong_password", 0xd602: "incorrect_password",
	0xd603: "password_already_legitimated", 0xd604: "password_already_legitimated", 0xd605: "no_password_configured",
}

// s7ErrorClasses name the classes of errors that have no name of their own.
var s7ErrorClasses = map[uint8]string{
	0x81: "application_relationship_error", 0x82: "object_definition_error", 0x83: "no_resources_error",
	0x84: "service_processing_error", 0x85: "supplies_error", 0x87: "access_error",
}

// result names an error code.
func (st *s7State) result(class, reason uint8) string {
	code := uint16(class)<<8 | uint16(reason)
	if code == 0 {
		return harbour.ResultOK
	}
	if s := s7Errors[code]; s != "" {
		return s
	}
	if s := s7ErrorClasses[class]; s != "" {
		return s
	}
	return string(wire.AppendHex(append(st.more[:0], "error_"...), uint64(code), 4))
}

// s7BlockTypes are the types of block, as in file names and in block headers.
var s7BlockTypes = [16]string{8: "OB", 9: "CMOD", 0xa: "DB", 0xb: "SDB", 0xc: "FC", 0xd: "SFC", 0xe: "FB", 0xf: "SFB"}
