// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package view

import "breakwater/harbour"

// Protocol writes a protocol as its field does: enip as "EtherNet/IP". What is not on the closed list, a transport or a name of an
// earlier version, is written as [Name] does.
func Protocol(name string) string {
	if p, ok := harbour.Protocol(name); ok {
		return p.Short
	}
	return Name(name)
}
