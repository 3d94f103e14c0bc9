// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package harbour

// ProtocolInfo describes a protocol of the closed list: how programs name it, and how people write it. Each is declared beside
// its dissector; protocols_gen.go is written from there.
type ProtocolInfo struct {
	// Name as in lists and in the port file, lower snake case.
	Name string
	// Short is how the field writes it in a line: EtherNet/IP, S7comm.
	Short string
	// Title in full.
	Title string
	// Also are other names by which people call it, which no file may use for it.
	Also []string
}

// Protocol finds a protocol by its name.
func Protocol(name string) (info ProtocolInfo, known bool) {
	for i := range Protocols {
		if Protocols[i].Name == name {
			return Protocols[i], true
		}
	}
	return ProtocolInfo{}, false
}
