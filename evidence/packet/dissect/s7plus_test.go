// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import "testing"

// s7plusHello is a COTP data unit with the start of an S7comm-plus message: protocol id, version, length, opcode.
var s7plusHello = []byte{3, 0, 0, 20, 2, 0xf0, 0x80, 0x72, 1, 0, 9, 0x31, 0, 0, 4, 0xca, 0, 0, 0, 1}

func TestS7commPlusIsTold(t *testing.T) {
	if fit, _ := s7commPlusProtocol.Probe(s7plusHello); fit != Good {
		t.Errorf("a message with protocol id 0x72: fit %d, want %d", fit, Good)
	}
	if fit, _ := s7commProtocol.Probe(s7plusHello); fit != No {
		t.Errorf("as S7comm: fit %d, want %d", fit, No)
	}
	classic := append([]byte(nil), s7plusHello...)
	classic[7] = 0x32
	if fit, _ := s7commPlusProtocol.Probe(classic); fit != No {
		t.Errorf("a message with protocol id 0x32: fit %d, want %d", fit, No)
	}
}

func FuzzS7commPlus(f *testing.F) { fuzzProtocol(f, &s7commPlusProtocol, s7plusHello) }
