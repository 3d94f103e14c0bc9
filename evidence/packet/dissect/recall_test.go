// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"breakwater/evidence"
	"breakwater/evidence/packet/decode"
	"breakwater/harbour"
)

// TestRecall plays long random conversations of polls that repeat, nearly repeat, fail and go unanswered, once with
// requests remembered and once with each of them read: the ledgers must be equal to the last frame number.
func TestRecall(t *testing.T) {
	poll := func(tag string) string { return "4c " + tag + " 0100" }
	tagA, tagB := "04 9105 486f697374 00", "05 9105 486f697374 00 2803"
	for name, tt := range map[string]struct {
		p       *Protocol
		asks    []string
		answers []string
		ask     func(tx int, s string) []byte
		answer  func(tx int, s string) []byte
	}{
		"modbus": {
			p:       &modbusProtocol,
			asks:    []string{"03 0064 000a", "03 0064 000b", "04 0064 000a", "01 0064 000a", "03 0064", "06 0064 000a", "2b 0e 01 00", "03 0064 000a 00"},
			answers: []string{"03 02 0001", "83 02", "83 0b", "84 01", "04 02 0007"},
			ask:     func(tx int, s string) []byte { return adu(t, tx, 1+tx&1, s) },
			answer:  func(tx int, s string) []byte { return adu(t, tx, 1+tx&1, s) },
		},
		"s7comm": {
			p:       &s7commProtocol,
			asks:    []string{"04 01 120a10 02 0010 000a 84 000000", "04 01 120a10 02 0010 000b 84 000000", "04 01 120a10 02 0010 000a 84 000008", "05 01 120a10 02 0010 000a 84 000000", "f0 00 0001 0001 01e0", "04 01", "1f 00 0000 00000001 09" + text("_0A00012P")},
			answers: []string{"0000 04 01", "8500 04 01", "0000 05 01", "8104 04 01"},
			ask:     func(tx int, s string) []byte { return s7(t, s7Job, tx, s, "") },
			answer:  func(tx int, s string) []byte { return s7(t, s7AckData, tx, s, "ff 04 0008 00") },
		},
		"cip": {
			p:       &enipProtocol,
			asks:    []string{poll(tagA), poll(tagB), "52 " + tagA + " 0100 00000000", "52 " + tagA + " 0100 64000000", "4d " + tagA + " c300 0100 0700", "4c 03 206b 2500 0a01 0100", "0e 03 2001 2401 3007", "52 02 2006 2401 0a0e 0800 4c 02 9101 4100 0100 01 00 0100"},
			answers: []string{"cc 00 00 00 c400 07000000", "cc 00 04 00", "d2 00 06 00", "d2 00 00 00", "8e 00 14 00", "cd 00 00 00"},
			ask:     func(tx int, s string) []byte { return rr(t, tx, s) },
			answer:  func(tx int, s string) []byte { return rr(t, tx, s) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(20) {
				r := rand.New(rand.NewPCG(seed, 1))
				var script []say
				for range 400 {
					tx := r.IntN(4)
					if r.IntN(2) == 0 {
						script = append(script, say{ClientSide, tt.ask(tx, tt.asks[r.IntN(len(tt.asks))])})
					} else {
						script = append(script, say{ServerSide, tt.answer(tx, tt.answers[r.IntN(len(tt.answers))])})
					}
				}
				kept, read := remembering(tt.p, script, false), remembering(tt.p, script, true)
				if kept != read {
					wantText(t, fmt.Sprintf("seed %d: with requests remembered", seed), kept, read)
				}
				if strings.Count(kept, "\n") < len(tt.asks) {
					t.Fatalf("seed %d: only these operations: %s", seed, kept)
				}
			}
		})
	}
}

// TestRecallBetweenEndpoints asks the same of two controllers over one message: nothing is counted for the wrong one.
func TestRecallBetweenEndpoints(t *testing.T) {
	l := evidence.NewLedger(evidence.LimitsFor(8 << 20))
	end := func(n byte) evidence.EndpointID {
		return l.Endpoint(evidence.MAC{2, 0, 0, 0, 0, n}, evidence.V4([]byte{10, 0, 0, n}), 0, true)
	}
	m := &Message{Packet: &decode.Packet{IPVersion: 4}, Confirmed: true, Ledger: l}
	flows := [3]FlowState{{Protocol: &modbusProtocol}, {Protocol: &modbusProtocol}, {Protocol: &modbusProtocol}}
	for i := range 300 {
		n := i % 3
		m.Flow, m.Client, m.Server = &flows[n], end(1), end(byte(2+n))
		m.Begin(&modbusProtocol)
		m.From = ClientSide
		modbusRead(m, adu(t, i, 1, "03 0064 000a"))
		if n != 2 { // the third never answers
			m.From = ServerSide
			modbusRead(m, adu(t, i, 1, "03 02 0001"))
		}
	}
	for n := range flows {
		m.Flow, m.Server = &flows[n], end(byte(2+n))
		m.End()
	}
	for _, o := range l.Operations() {
		want := harbour.ResultOK
		if o.Server == end(4) {
			want = harbour.ResultUnanswered
		}
		if o.Count != 100 || string(l.Text(o.Result)) != want {
			t.Errorf("operation on %v: %d times %s, want 100 times %s", o.Server, o.Count, l.Text(o.Result), want)
		}
	}
	if n := len(l.Operations()); n != 3 {
		t.Errorf("%d operations, want one for each controller", n)
	}
}

// remembering plays a script and lists the operations with all that is known of them. A forgetful reader recognises
// nothing.
func remembering(p *Protocol, script []say, forgetful bool) string {
	l := evidence.NewLedger(evidence.LimitsFor(8 << 20))
	client := l.Endpoint(evidence.MAC{2, 0, 0, 0, 0, 1}, evidence.V4([]byte{10, 0, 0, 1}), 0, true)
	server := l.Endpoint(evidence.MAC{2, 0, 0, 0, 0, 2}, evidence.V4([]byte{10, 0, 0, 2}), 0, true)
	m := &Message{Packet: &decode.Packet{IPVersion: 4}, Client: client, Server: server, Confirmed: true, Ledger: l, Flow: &FlowState{Protocol: p}}
	for i, s := range script {
		m.At, m.Place, m.From = harbour.Instant(1_000_000*(i+1)), evidence.Place(i+1), s.from
		if forgetful {
			m.recall, m.Flow.row = recall{}, -1
		}
		m.Begin(p)
		p.Read(m, s.b)
	}
	m.End()
	var b strings.Builder
	for _, o := range l.Operations() {
		fmt.Fprintf(&b, "%s %s %s %s [%s] %s ×%d %d to %d at %d\n", l.Text(o.Protocol), l.Text(o.Code), l.Text(o.Name), l.Text(o.Verb),
			l.Text(o.Target), l.Text(o.Result), o.Count, o.First, o.Last, o.Place)
	}
	return b.String()
}
