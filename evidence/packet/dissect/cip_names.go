// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

func cipVendorName(id uint16) string {
	if id == 1 {
		return "Rockwell Automation/Allen-Bradley"
	}
	return ""
}

func cipDeviceType(id uint16) string {
	if id == 12 {
		return "Communications Adapter"
	}
	return ""
}

func cipClassName(class uint32) string {
	switch class {
	case 1:
		return "Identity"
	case 2:
		return "Message Router"
	case 4:
		return "Assembly"
	case 6:
		return "Connection Manager"
	}
	return ""
}
