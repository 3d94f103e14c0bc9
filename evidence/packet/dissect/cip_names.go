// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import "breakwater/tables/cip"

// cipClassName names a class of objects: those of the specification, and those of Logix controllers, which their makers'
// documents describe.
func cipClassName(class uint32) string {
	switch class {
	case cipProgram:
		return "Program"
	case 0x69:
		return "Map"
	case cipSymbol:
		return "Symbol"
	case cipTemplate:
		return "Template"
	case cipRoutine:
		return "Routine"
	case cipTask:
		return "Task"
	case cipProgramName:
		return "Program Name"
	case cipClock:
		return "Wall Clock Time"
	case cipNonVolatile:
		return "Non-Volatile Storage"
	case cipPCCC:
		return "PCCC"
	}
	if class > 0xffff {
		return ""
	}
	return cip.Class(uint16(class))
}
