// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import "breakwater/evidence"

// Control traffic is polls: one station asks the same few things of the same controller, day and night. What such a
// request says was put into words when it came first, and its bytes are kept with what they meant, so that the next one is
// recognised instead of read. Bytes are compared whole: a hash only says where to look.

const (
	// recallPlaces is how many requests are remembered, over all flows of a capture.
	recallPlaces = 8192
	// recallBytes is the longest request that is remembered.
	recallBytes = 59
)

// recalled is a request that has been read. It fills one and a half cache lines.
type recalled struct {
	client, server           evidence.EndpointID
	proto                    evidence.Text
	code, name, verb, target evidence.Text
	row                      int32 // in which it was counted last, or -1
	n                        uint8
	request                  [recallBytes]byte
}

// recall remembers requests.
type recall struct{ memory[recalled] }

// find looks for a request and notes where it would be.
func (c *recall) find(m *Message, request []byte) *recalled {
	r := c.look(recallPlaces, request, uint64(m.Client)<<32|uint64(m.Server))
	if r.client == m.Client && r.server == m.Server && r.proto == m.proto && string(r.request[:r.n]) == string(request) {
		return r
	}
	return nil
}

// AskAgain reports a request, as [Message.Ask] does, whose bytes are those of an earlier one between the same two
// endpoints, and says whether there was one. Where there was none the dissector reads the request, calls Ask, and then
// [Message.Remember]. It does so only where the bytes alone decide what the operation is, and where reading them says
// nothing else; what changes from one to the next, such as the number of the transaction, is not among them.
func (m *Message) AskAgain(tx uint64, request []byte) bool {
	if len(request) > recallBytes || len(request) == 0 {
		return false
	}
	r := m.recall.find(m, request)
	if r == nil {
		return false
	}
	m.ask(pending{
		tx: tx, proto: r.proto, code: r.code, name: r.name, verb: r.verb, target: r.target, at: m.At, place: m.Place, seat: m.recall.at + 1,
	})
	return true
}

// Remember keeps the request that AskAgain did not find and Ask has reported since.
func (m *Message) Remember(request []byte) {
	s := m.Flow
	if len(request) > recallBytes || len(request) == 0 || len(s.pending) == 0 {
		return
	}
	p := &s.pending[len(s.pending)-1]
	r := m.recall.last()
	*r = recalled{
		client: m.Client, server: m.Server, proto: p.proto, code: p.code, name: p.name, verb: p.verb, target: p.target,
		row: -1, n: uint8(len(request)),
	}
	copy(r.request[:], request)
	p.seat = m.recall.at + 1
}
