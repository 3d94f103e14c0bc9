// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"breakwater/evidence"
	"breakwater/evidence/packet/decode"
	"breakwater/harbour"
)

// TestKnownFacts states facts again and again, with values that are cleaned, cut, empty or too long to be remembered, once
// with those entered remembered and once not: the ledgers must hold the same rows.
func TestKnownFacts(t *testing.T) {
	values := []string{
		"S7-300", "S7-300 ", "S7-400", "\x00S7-300", "tab\there", "\x01\x02", "", strings.Repeat("long ", 18), strings.Repeat("long ", 19),
		strings.Repeat("longer ", 100), "caf\xe9", "café", "1.0",
	}
	names := []string{harbour.AttrModel, harbour.AttrVendor, harbour.AttrFirmware, ""}
	state := func(forgetful bool, seed uint64) []evidence.Observation {
		l := evidence.NewLedger(evidence.LimitsFor(8 << 20))
		var ends [3]evidence.EndpointID
		for i := range ends {
			ends[i] = l.Endpoint(evidence.MAC{2, 0, 0, 0, 0, byte(i)}, evidence.V4([]byte{10, 0, 0, byte(i + 1)}), 0, true)
		}
		m := &Message{Packet: &decode.Packet{}, Ledger: l, Flow: &FlowState{}}
		r := rand.New(rand.NewPCG(seed, 2))
		for i := range 3000 {
			if forgetful {
				m.known = knownFacts{}
			}
			m.At, m.Place, m.Confirmed = harbour.Instant(1+r.IntN(1_000_000)), evidence.Place(i/2+1), r.IntN(4) > 0
			m.Attr(ends[r.IntN(len(ends))], names[r.IntN(len(names))], []byte(values[r.IntN(len(values))]), harbour.Confidence(r.IntN(101)))
		}
		return l.Observations()
	}
	for seed := range uint64(5) {
		kept, entered := state(false, seed), state(true, seed)
		if !reflect.DeepEqual(kept, entered) {
			t.Fatalf("seed %d: %d facts differ from the %d entered one by one:\n%v\n%v", seed, len(kept), len(entered), kept, entered)
		}
		if len(kept) < 60 {
			t.Fatalf("seed %d: only %d facts", seed, len(kept))
		}
	}
}
