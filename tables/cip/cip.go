// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package cip

// Vendor names the vendor with this number: 1 is "Rockwell Automation/Allen-Bradley".
func Vendor(id uint16) string { return at(vendors[:], int(id)) }

// DeviceType names a device profile: 12 is "Communications Adapter".
func DeviceType(id uint16) string { return at(deviceTypes[:], int(id)) }

// Class names a class of objects that the specification has: 1 is "Identity". Classes from 0x64 to 0xc7 are each vendor's
// own, so most of them have no name here.
func Class(id uint16) string { return at(classes[:], int(id)) }

// Status names a general status code: 8 is "Service Not Supported".
func Status(code uint8) string { return at(statuses[:], int(code)) }

func at(table []string, i int) string {
	if i < len(table) {
		return table[i]
	}
	return ""
}
