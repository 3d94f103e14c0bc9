// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"breakwater/harbour"
	"breakwater/wire"
)

// CIP, the Common Industrial Protocol, has requests of a service on an object, and replies. It rides in EtherNet/IP.
var cipProtocol = Protocol{
	Name: "cip", Title: "Common Industrial Protocol", Short: "CIP", Refines: "enip", Cleartext: true, Codes: cipCodes(),
	Notes: "Services from 0x4b on depend on the object: the same number has several names. Targets are the path in words, with the way " +
		"through the chassis at the end where there is one (`Identity (0x01) instance 1 at port 1 link 0`). Reset, start and stop are " +
		"program_control on every object. Reading the identity object is discover. Setting attributes is configuration for objects of the " +
		"device and its network, set_clock for clocks, program_download for programs, tasks, routines and tag definitions, firmware for the " +
		"non-volatile storage object, and write for all others. A service of PCCC has the inner command and function in its code.",
}

// cipExchange is what the layers around a CIP message say of it.
type cipExchange struct {
	key   uint64
	route cipRoute // of the connection that it rides in
	depth uint8
	// unsure is set in a connection whose opening was not seen: it may lead to a module behind the device.
	unsure bool
}

// cipState is what a flow keeps between messages.
type cipState struct {
	connections []cipConnection
	next        int // place of the next connection
	asked       []cipAsked
	nextAsked   int
	scratch     [320]byte
	poll        [recallBytes + 1 + len(cipRoute{}.b)]byte
}

// How much a flow keeps; the oldest gives way.
const (
	cipMaxConnections = 16
	cipMaxAsked       = 32
)

// cipKeep puts v into a ring of at most limit entries at place next, and returns the ring and the place after it.
func cipKeep[T any](ring []T, next, limit int, v T) ([]T, int) {
	if len(ring) < limit {
		return append(ring, v), len(ring) + 1
	}
	next %= limit
	ring[next] = v
	return ring, next + 1
}

// cipConnection is a connection whose opening was seen.
type cipConnection struct {
	ot, to uint32 // ids by which the originator and the target are addressed
	route  cipRoute
}

// cipAsked is a request whose reply says something worth keeping.
type cipAsked struct {
	key        uint64
	service    uint8
	class      uint32
	instance   uint32
	attribute  uint32
	attributes [12]uint16
	count      uint8
	pccc       uint16
	unsure     bool
	route      cipRoute
}

func cipStateOf(m *Message) *cipState {
	st, _ := m.Flow.State.(*cipState)
	if st == nil {
		st = &cipState{}
		m.Flow.State = st
	}
	return st
}

// connection returns the number of the connection with this id, from 1 on, 0 where its opening was not seen.
func (st *cipState) connection(id uint32) int {
	for i := range st.connections {
		if c := &st.connections[i]; id != 0 && (c.ot == id || c.to == id) {
			return i + 1
		}
	}
	return 0
}

// remember keeps a request until its reply comes, in place of the oldest one.
func (st *cipState) remember(a cipAsked) {
	st.asked, st.nextAsked = cipKeep(st.asked, st.nextAsked, cipMaxAsked, a)
}

// recall returns the request with this key and forgets it.
func (st *cipState) recall(key uint64) (a cipAsked, ok bool) {
	for i := range st.asked {
		if st.asked[i].key == key {
			a, st.asked[i].key = st.asked[i], 0
			return a, true
		}
	}
	return a, false
}

// cipRead reads one CIP message and reports it under CIP's own name.
func cipRead(m *Message, st *cipState, x cipExchange, b []byte) {
	if len(b) < 2 {
		return
	}
	outer := m.proto
	m.Begin(&cipProtocol)
	if b[0]&0x80 != 0 {
		st.reply(m, x, b)
	} else {
		st.request(m, x, b)
	}
	m.proto = outer
}

// request reads a request, and those that it carries.
func (st *cipState) request(m *Message, x cipExchange, b []byte) {
	r := wire.Read(b)
	service := r.U8()
	path := r.Bytes(2 * int(r.U8()))
	if !r.OK() {
		return
	}
	var poll []byte // of a tag: the request and the way to it
	if service == cipReadTag || service == cipReadTagFragmented {
		poll = append(append(st.poll[:0], b[:min(len(b), recallBytes+1)]...), x.route.text()...)
		if m.AskAgain(x.key, poll) {
			return
		}
	}
	var p cipPath
	cipParsePath(&p, path)
	if p.route.n > 0 {
		x.route.add(p.route.text())
	}
	data := r.Rest()
	a := cipAsked{key: x.key, service: service, class: p.class, instance: p.instance, attribute: p.attribute, unsure: x.unsure, route: x.route}
	c := cipService(service, &p)
	op := c.Op(p.render(st.scratch[:0]))
	op.Verb = cipVerb(c, service, &p)
	keep := false
	switch {
	case p.isTag():
	case service == cipMultipleService && x.depth < 2:
		m.Ask(x.key, op)
		cipEach(data, func(i int, part []byte) {
			st.request(m, x.inner(i), part)
		})
		return
	case p.class == cipConnectionManager && service == cipUnconnectedSend && x.depth < 2:
		st.unconnectedSend(m, x, op, data)
		return
	case p.class == cipConnectionManager && (service == cipForwardOpen || service == cipLargeForwardOpen):
		op.Target, a.route = cipOpening(st.scratch[:0], data, service == cipLargeForwardOpen)
		keep = true
	case p.class == cipPCCC && service == cipExecutePCCC:
		op, a.pccc = cipPCCCRequest(st.scratch[:0], data)
		keep = a.pccc != 0
	case service == cipGetAttributeList || service == cipSetAttributeList:
		op.Target = a.list(op.Target, data, service == cipGetAttributeList)
		keep = cipTells(p.class)
	case service == cipGetAttributesAll || service == cipGetAttributeSingle:
		keep = cipTells(p.class)
	}
	op.Target = x.route.render(op.Target)
	if keep {
		st.remember(a)
	}
	m.Ask(x.key, op)
	if p.isTag() {
		m.Remember(poll)
	}
}

// inner makes the exchange of the i-th service of a packet.
func (x cipExchange) inner(i int) cipExchange {
	x.key += uint64(i+1) << cipKeyPlace
	x.depth++
	return x
}

// cipEach cuts a packet of several services into its parts.
func cipEach(b []byte, f func(int, []byte)) {
	r := wire.Read(b)
	n := int(r.U16LE())
	if !r.OK() || n > cipMaxServices || 2+2*n > len(b) {
		return
	}
	at := func(i int) int {
		if i == n {
			return len(b)
		}
		return int(b[2+2*i]) | int(b[3+2*i])<<8
	}
	for i := range n {
		from, to := at(i), at(i+1)
		if from < 2+2*n || to > len(b) || to-from < 2 {
			return
		}
		f(i, b[from:to])
	}
}

// cipMaxServices bounds a packet of several services; the largest that fits a large connection has fewer.
const cipMaxServices = 1000

// list keeps the attributes that a request names and adds them to its target.
func (a *cipAsked) list(dst, data []byte, get bool) []byte {
	r := wire.Read(data)
	n := int(r.U16LE())
	if !get {
		n = min(n, 1) // values of unknown size follow the first number
	}
	for i := range n {
		v := r.U16LE()
		if !r.OK() {
			break
		}
		if i == 0 {
			dst = append(dst, " attributes "...)
		} else {
			dst = append(dst, ',')
		}
		if i == len(a.attributes) || len(dst) > 180 {
			dst = append(dst, "…"...)
			break
		}
		dst = appendNumber(dst, uint64(v))
		a.attributes[i] = v
		a.count++
	}
	return dst
}

// unconnectedSend reads a request that is to be passed on, with the way at its end.
func (st *cipState) unconnectedSend(m *Message, x cipExchange, op Op, data []byte) {
	r := wire.Read(data)
	r.Skip(2)
	n := int(r.U16LE())
	message := r.Bytes(n)
	r.Skip(n & 1)
	size := int(r.U8())
	r.Skip(1)
	var p cipPath
	cipParsePath(&p, r.Bytes(2*size))
	op.Target = p.route.render(append(st.scratch[:0], "request"...))
	m.Do(op, harbour.ResultNone)
	if len(message) < 2 || message[0]&0x80 != 0 {
		return
	}
	x.route.add(p.route.text())
	x.depth++
	st.request(m, x, message)
}

// cipOpening names what a connection is opened to, and the way there.
func cipOpening(dst, data []byte, large bool) ([]byte, cipRoute) {
	r := wire.Read(data)
	r.Skip(2 + 4 + 4 + 2 + 2 + 4 + 4 + 4)
	width := 2
	if large {
		width = 4
	}
	r.Skip(width + 4 + width + 1)
	path := r.Bytes(2 * int(r.U8()))
	var p cipPath
	cipParsePath(&p, path)
	if !r.OK() {
		return nil, p.route
	}
	return p.route.render(p.render(append(dst, "connection to "...))), p.route
}

// reply reads a reply, and those that it carries.
func (st *cipState) reply(m *Message, x cipExchange, b []byte) {
	r := wire.Read(b)
	service := r.U8() & 0x7f
	r.Skip(1)
	status := r.U8()
	r.Skip(2 * int(r.U8()))
	if !r.OK() {
		return
	}
	data := r.Rest()
	result := cipStatus(status)
	a, asked := st.recall(x.key)
	asked = asked && a.service == service
	if asked && a.pccc != 0 && status == 0 {
		result = cipPCCCReply(m, &a, data)
	}
	if !m.Answer(x.key, result) {
		var none cipPath
		c := cipService(service, &none)
		m.Do(c.Op(nil), result)
	}
	switch {
	case service == cipMultipleService && x.depth < 2:
		cipEach(data, func(i int, part []byte) {
			if part[0]&0x80 != 0 {
				st.reply(m, x.inner(i), part)
			}
		})
	case !asked || status != 0 && status != cipListError:
	case service == cipForwardOpen || service == cipLargeForwardOpen:
		st.opened(&a, data)
	case a.pccc == 0:
		st.told(m, &a, data)
	}
}

// opened keeps the ids of a connection.
func (st *cipState) opened(a *cipAsked, data []byte) {
	r := wire.Read(data)
	ot, to := r.U32LE(), r.U32LE()
	if !r.OK() || ot == 0 && to == 0 {
		return
	}
	st.connections, st.next = cipKeep(st.connections, st.next, cipMaxConnections, cipConnection{ot, to, a.route})
}
