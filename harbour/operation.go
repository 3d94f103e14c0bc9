// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package harbour

// Verb classes what an operation does, from a closed list. Program upload is device to tool,
// program download tool to device, as engineers use the words.
type Verb string

// The verbs.
const (
	VerbDiscover        Verb = "discover"
	VerbRead            Verb = "read"
	VerbWrite           Verb = "write"
	VerbControl         Verb = "control"
	VerbForce           Verb = "force"
	VerbProgramUpload   Verb = "program_upload"
	VerbProgramDownload Verb = "program_download"
	VerbProgramControl  Verb = "program_control"
	VerbModeChange      Verb = "mode_change"
	VerbFirmware        Verb = "firmware"
	VerbConfiguration   Verb = "configuration"
	VerbSetClock        Verb = "set_clock"
	VerbFile            Verb = "file"
	VerbLogin           Verb = "login"
	VerbDiagnose        Verb = "diagnose"
	VerbMessage         Verb = "message"
)

// Verbs lists every verb.
var Verbs = []Verb{
	VerbDiscover, VerbRead, VerbWrite, VerbControl, VerbForce, VerbProgramUpload, VerbProgramDownload,
	VerbProgramControl, VerbModeChange, VerbFirmware, VerbConfiguration, VerbSetClock, VerbFile, VerbLogin,
	VerbDiagnose, VerbMessage,
}

// Engineering says whether the verb alters what a controller is or does, beyond its process values: the work of an
// engineering station that must be approved.
func (v Verb) Engineering() bool {
	switch v {
	case VerbForce, VerbProgramUpload, VerbProgramDownload, VerbProgramControl, VerbModeChange, VerbFirmware,
		VerbConfiguration, VerbSetClock:
		return true
	}
	return false
}

// Acts says whether the verb changes something in the process or the device, as against reading or announcing.
func (v Verb) Acts() bool {
	return v.Engineering() || v == VerbWrite || v == VerbControl || v == VerbFile
}

// Operation is what was done in a conversation, aggregated over equal repetitions.
type Operation struct {
	Client    string  `json:"client"`
	Server    string  `json:"server,omitempty"`
	Group     string  `json:"group,omitempty"`
	ClientIP  string  `json:"client_ip"`
	ServerIP  string  `json:"server_ip"`
	Protocol  string  `json:"protocol"`
	Verb      Verb    `json:"verb"`
	Code      string  `json:"code"` // function or service code as on the wire: 0x03, 0x2b.0x0e
	Name      string  `json:"name"` // canonical lower snake case name of the code
	Target    string  `json:"target"`
	Result    string  `json:"result"` // ok, an exception or error by name, unanswered
	Count     int64   `json:"count"`
	FirstSeen Instant `json:"first_seen"`
	LastSeen  Instant `json:"last_seen"`
	Evidence  string  `json:"evidence"`
	Locator   string  `json:"locator"` // first frame
}

// Results that every protocol shares. Others are the protocol's own error names in lower snake case.
const (
	ResultOK         = "ok"
	ResultUnanswered = "unanswered" // request seen, no answer seen
	ResultNone       = ""           // the operation has no answer by design
)
