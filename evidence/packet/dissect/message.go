// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"breakwater/evidence"
	"breakwater/evidence/packet/decode"
	"breakwater/harbour"
	"breakwater/wire"
)

// Message is one message on its way through a dissector, and the dissector's only way to report.
type Message struct {
	At     harbour.Instant
	Place  evidence.Place // frame in which the message ended
	Packet *decode.Packet // last frame of it: addresses, VLAN, ports
	From   Side           // ClientSide or ServerSide; AnySide where not known
	// Client and Server are the two endpoints; for one-to-many traffic Server is the group's endpoint and Group is set.
	Client, Server evidence.EndpointID
	Group          bool
	// Confirmed is false while only one side of the flow has been recognised.
	Confirmed bool
	// Gap says that bytes of the stream before this message were lost.
	Gap bool
	// Closed says, for protocols without Frame, that no more of this side's stream will come.
	Closed bool

	Ledger *evidence.Ledger
	Flow   *FlowState
	proto  evidence.Text
	buf    [evidence.MaxValue]byte
	recent [127]recent
	recall recall
	known  knownFacts

	certificates tlsCertificates
}

// FlowState is what stays with a flow between messages.
type FlowState struct {
	Protocol *Protocol
	// State is the dissector's own, nil at first.
	State   any
	pending []pending
	// reject is set by Reject.
	rejected bool
	done     [3]bool
	row      int32 // of the last operation that came without a request
	roleSet  Side  // side that the last message's sender turned out to have
}

type pending struct {
	tx           uint64
	proto        evidence.Text
	code, name   evidence.Text
	verb, target evidence.Text
	at           harbour.Instant
	place        evidence.Place
	seat         uint32 // its place among the requests remembered, plus one
}

// maxPending is how many requests of one flow may wait for an answer; the oldest is then given up as unanswered.
const maxPending = 128

// Op is an operation to report. Code and Name come from the protocol's table; Target says on what, in words that a
// person at the device would use ("unit 1 holding registers 100-109", "DB 5", "tag Crane_Speed").
type Op struct {
	Code, Name string
	Verb       harbour.Verb
	Target     []byte
}

// Op makes an operation of a table entry.
func (c *Code) Op(target []byte) Op { return Op{c.Code, c.Name, c.Verb, target} }

// Begin prepares m for a message of protocol p; the engine calls it. A dissector whose messages carry those of another
// that refines it calls it around what it reports of the inner one.
func (m *Message) Begin(p *Protocol) {
	m.proto = m.text(p.Name)
}

// BeginAs is Begin where the number of the protocol's name is known.
func (m *Message) BeginAs(name evidence.Text) { m.proto = name }

// Sender is the endpoint that sent the message.
func (m *Message) Sender() evidence.EndpointID {
	if m.From == ServerSide {
		return m.Server
	}
	return m.Client
}

// Receiver is the endpoint that the message is for; a group's endpoint where it is for many.
func (m *Message) Receiver() evidence.EndpointID {
	if m.From == ServerSide {
		return m.Client
	}
	return m.Server
}

// Host is the endpoint with these addresses in the frame's VLAN, for messages that speak of a third party or of the
// sender's own other addresses. Either address may be none.
func (m *Message) Host(mac evidence.MAC, ip evidence.IP) evidence.EndpointID {
	return m.Ledger.Endpoint(mac, ip, m.Packet.VLAN, false)
}

// Bind records proof that ip is at mac in the frame's VLAN (ARP, DHCP acknowledgement, neighbour discovery) and returns
// the endpoint.
func (m *Message) Bind(mac evidence.MAC, ip evidence.IP) evidence.EndpointID {
	id := m.Ledger.Endpoint(mac, ip, m.Packet.VLAN, true)
	m.Ledger.Seen(id, evidence.Bound, 0, m.At, m.At, m.Place)
	return id
}

// Attr reports a fact about an endpoint. The value is cleaned and cut; an empty one is no fact. While the flow is not
// confirmed the confidence is at most harbour.Likely.
func (m *Message) Attr(subject evidence.EndpointID, name string, value []byte, c harbour.Confidence) {
	if !m.Confirmed {
		c = min(c, harbour.Likely)
	}
	f := m.known.find(subject, name, value)
	if f != nil && m.Ledger.ObserveAgain(f.row, subject, f.text, f.value, c, m.At, m.Place) {
		return
	}
	v := wire.AppendText(m.buf[:0], value, evidence.MaxValue)
	text := m.text(name)
	row := m.Ledger.Observe(subject, text, v, c, false, m.At, m.Place)
	m.known.keep(m.Ledger, subject, name, value, text, row)
}

// AttrString is Attr for a string.
func (m *Message) AttrString(subject evidence.EndpointID, name, value string, c harbour.Confidence) {
	var b [evidence.MaxValue]byte
	m.Attr(subject, name, append(b[:0], value...), c)
}

// Ask reports a request. tx pairs it with its answer within the flow.
func (m *Message) Ask(tx uint64, op Op) {
	m.ask(pending{
		tx: tx, proto: m.proto, code: m.text(op.Code), name: m.text(op.Name), verb: m.text(string(op.Verb)),
		target: m.target(op.Target), at: m.At, place: m.Place,
	})
}

func (m *Message) ask(p pending) {
	s := m.Flow
	if len(s.pending) >= maxPending {
		m.flush(&s.pending[0], harbour.ResultUnanswered)
		s.pending = append(s.pending[:0], s.pending[1:]...)
	}
	s.pending = append(s.pending, p)
}

// Answer reports the answer to the oldest waiting request with this tx and says whether there was one. With no request
// on record (the capture began later) nothing is reported: use Do for what the answer alone shows.
func (m *Message) Answer(tx uint64, result string) bool {
	s := m.Flow
	for i := range s.pending {
		if s.pending[i].tx == tx {
			m.flush(&s.pending[i], result)
			s.pending = append(s.pending[:i], s.pending[i+1:]...)
			return true
		}
	}
	return false
}

// Waiting says whether a request with this tx has not been answered yet.
func (m *Message) Waiting(tx uint64) bool {
	for i := range m.Flow.pending {
		if m.Flow.pending[i].tx == tx {
			return true
		}
	}
	return false
}

// Do reports an operation by the message's sender that has no answer, or whose request was not captured.
// result is "" where there is none.
func (m *Message) Do(op Op, result string) {
	p := pending{
		proto: m.proto, code: m.text(op.Code), name: m.text(op.Name), verb: m.text(string(op.Verb)), target: m.target(op.Target),
		at: m.At, place: m.Place,
	}
	m.Flow.row = m.record(&p, result, m.Flow.row)
}

// Reject says that the flow is not of this protocol after all.
func (m *Message) Reject() { m.Flow.rejected = true }

// Done says that this side's stream need not be delivered any further.
func (m *Message) Done() { m.Flow.done[m.From] = true }

// Done says whether the dissector has seen enough of this side's stream.
func (s *FlowState) Done(from Side) bool { return s.done[from] }

// Idle says whether the flow keeps nothing between messages.
func (s *FlowState) Idle() bool { return s.State == nil && len(s.pending) == 0 && !s.rejected }

// Reset empties the state for a flow of protocol p, keeping its memory.
func (s *FlowState) Reset(p *Protocol) {
	*s = FlowState{Protocol: p, pending: s.pending[:0]}
}

// Reject says that the flow is not of this protocol.
func (s *FlowState) Reject() { s.rejected = true }

// Rejected says whether Reject was called.
func (s *FlowState) Rejected() bool { return s.rejected }

// SetSide says which side the sender of this message turned out to be, where the connection's start was not captured
// and the message leaves no doubt.
func (m *Message) SetSide(s Side) { m.Flow.roleSet = s }

// TakeSide returns what SetSide said last and forgets it.
func (s *FlowState) TakeSide() Side { r := s.roleSet; s.roleSet = AnySide; return r }

// End gives up the waiting requests of a flow as unanswered; the engine calls it when a flow ends.
func (m *Message) End() {
	for i := range m.Flow.pending {
		m.flush(&m.Flow.pending[i], harbour.ResultUnanswered)
	}
	m.Flow.pending = m.Flow.pending[:0]
}

// flush counts a request with its result. One that is remembered knows the row it was counted in last.
func (m *Message) flush(p *pending, result string) {
	if uint(p.seat-1) >= uint(len(m.recall.list)) {
		m.record(p, result, -1)
		return
	}
	r := &m.recall.list[p.seat-1]
	r.row = m.record(p, result, r.row)
}

// record counts an operation and returns its row. hint is the row that it may well be, -1 for none.
func (m *Message) record(p *pending, result string, hint int32) int32 {
	return m.Ledger.AddOperationNear(&evidence.Operation{
		Client: m.Client, Server: m.Server, Group: m.Group, Protocol: p.proto, Code: p.code, Name: p.name, Verb: p.verb,
		Target: p.target, Result: m.text(result), Count: 1, First: p.at, Last: p.at, Place: p.place,
	}, hint)
}

// recent is one place of the cache of strings from the protocols' tables.
type recent struct {
	s string
	t evidence.Text
}

// text is the number of a string from a protocol's tables: a name, a code, a verb. There are few of them and they come
// again with every message, so the last ones are kept at hand.
func (m *Message) text(s string) evidence.Text {
	if s == "" {
		return 0
	}
	r := &m.recent[(len(s)*31+int(s[0])+int(s[len(s)-1])*7)%len(m.recent)]
	if r.s == s {
		return r.t
	}
	var b [96]byte
	t := m.Ledger.Intern(append(b[:0], s...))
	if t != 0 {
		r.s, r.t = s, t
	}
	return t
}

func (m *Message) target(b []byte) evidence.Text {
	if len(b) == 0 {
		return 0
	}
	return m.Ledger.Intern(wire.AppendText(m.buf[:0], b, 200))
}
