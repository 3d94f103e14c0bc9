// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"breakwater/evidence"
	"breakwater/harbour"
	"breakwater/wire"
)

// EtherNet/IP encapsulates CIP (volume 2 of the CIP networks library). What is carried is reported as protocol cip.
var enipProtocol = Protocol{
	Name: "enip", Title: "EtherNet/IP", Short: "EtherNet/IP", Also: []string{"ethernet_ip", "eip"}, Over: OverTCP | OverUDP, Ports: []uint16{44818}, Cleartext: true,
	First: []byte{0x00, 0x01, 0x04, 0x63, 0x64, 0x65, 0x66, 0x6f, 0x70, 0x72, 0x73},
	Probe: enipProbe, Frame: enipFrame, Read: enipRead, Codes: enipCodes,
}

const (
	enipNOP            = 0x0000
	enipListTargets    = 0x0001 // of the first edition; some tools still begin with it
	enipListServices   = 0x0004
	enipListIdentity   = 0x0063
	enipListInterfaces = 0x0064
	enipRegister       = 0x0065
	enipUnregister     = 0x0066
	enipSendRRData     = 0x006f
	enipSendUnitData   = 0x0070
	enipIndicateStatus = 0x0072
	enipCancel         = 0x0073
)

var enipCodes = []Code{
	{"0x0000", "nop", harbour.VerbMessage, nil},
	{"0x0004", "list_services", harbour.VerbDiscover, nil},
	{"0x0063", "list_identity", harbour.VerbDiscover, nil},
	{"0x0064", "list_interfaces", harbour.VerbDiscover, nil},
	{"0x0065", "register_session", harbour.VerbMessage, nil},
	{"0x0066", "unregister_session", harbour.VerbMessage, []string{"unregistersession"}},
	{"0x006f", "send_rr_data", harbour.VerbMessage, []string{"SendRRData"}},
	{"0x0070", "send_unit_data", harbour.VerbMessage, []string{"SendUnitData"}},
	{"0x0072", "indicate_status", harbour.VerbMessage, nil},
	{"0x0073", "cancel", harbour.VerbMessage, nil},
	{"0x0001", "list_targets", harbour.VerbDiscover, nil},
}

func enipCode(command uint16) *Code {
	switch command {
	case enipNOP:
		return &enipCodes[0]
	case enipListServices:
		return &enipCodes[1]
	case enipListIdentity:
		return &enipCodes[2]
	case enipListInterfaces:
		return &enipCodes[3]
	case enipRegister:
		return &enipCodes[4]
	case enipUnregister:
		return &enipCodes[5]
	case enipSendRRData:
		return &enipCodes[6]
	case enipSendUnitData:
		return &enipCodes[7]
	case enipIndicateStatus:
		return &enipCodes[8]
	case enipCancel:
		return &enipCodes[9]
	case enipListTargets:
		return &enipCodes[10]
	}
	return nil
}

// enipStatus names an encapsulation status; known is false for numbers that the specification does not have.
func enipStatus(s uint32) (name string, known bool) {
	switch s {
	case 0:
		return harbour.ResultOK, true
	case 1:
		return "unsupported_command", true
	case 2:
		return "insufficient_memory", true
	case 3:
		return "incorrect_data", true
	case 0x64:
		return "invalid_session_handle", true
	case 0x65:
		return "invalid_length", true
	case 0x69:
		return "unsupported_protocol_revision", true
	case 0x6a:
		return "encapsulated_service_not_allowed", true
	}
	return "status_error", false
}

const enipHeadLen = 24

// enipHead is the encapsulation header.
type enipHead struct {
	command          uint16
	size             int
	session, status  uint32
	context, options uint64
}

func enipParseHead(b []byte) (h enipHead, ok bool) {
	r := wire.Read(b)
	h.command, h.size = r.U16LE(), int(r.U16LE())
	h.session, h.status = r.U32LE(), r.U32LE()
	h.context, h.options = r.U64LE(), uint64(r.U32LE())
	return h, r.OK()
}

// enipFrame returns the length of an encapsulated message.
func enipFrame(b []byte, _ Side) int {
	if len(b) < 4 {
		if len(b) >= 2 && b[1] != 0 {
			return -1
		}
		return 0
	}
	command := uint16(b[0]) | uint16(b[1])<<8
	if enipCode(command) == nil {
		return -1
	}
	if len(b) >= enipHeadLen && (b[20]|b[21]|b[22]|b[23]) != 0 {
		return -1
	}
	return enipHeadLen + int(b[2]) + int(b[3])<<8
}

// enipProbe judges a message by its header and by the structure that its command demands.
func enipProbe(b []byte) (Fit, Side) {
	n := enipFrame(b, AnySide)
	if n < 0 || n < len(b) && enipFrame(b[n:], AnySide) < 0 {
		return No, AnySide
	}
	h, ok := enipParseHead(b)
	if !ok {
		return Short, AnySide
	}
	if _, known := enipStatus(h.status); !known {
		return No, AnySide
	}
	body := b[enipHeadLen:min(n, len(b))]
	switch h.command {
	case enipListServices, enipListIdentity, enipListInterfaces, enipListTargets:
		return enipProbeList(&h, body)
	case enipRegister:
		if h.size == 0 && h.status != 0 {
			return Good, ServerSide
		}
		if h.size != 4 {
			return No, AnySide
		}
		if len(body) < 4 {
			return Short, AnySide
		}
		if body[0] != 1 || body[1]|body[2]|body[3] != 0 {
			return No, AnySide
		}
		if h.session == 0 && h.status == 0 {
			return Good, ClientSide
		}
		return Good, ServerSide
	case enipUnregister:
		if h.size == 0 && h.session != 0 {
			return Weak, ClientSide
		}
	case enipSendRRData, enipSendUnitData:
		return enipProbeData(&h, body)
	default:
		if h.session != 0 {
			return Weak, AnySide
		}
	}
	return No, AnySide
}

func enipProbeList(h *enipHead, body []byte) (Fit, Side) {
	if h.size == 0 {
		switch {
		case h.status != 0:
			return Weak, ServerSide
		case h.command == enipListTargets:
			return Weak, ClientSide // little but zeros
		}
		return Good, ClientSide
	}
	r := wire.Read(body)
	count, kind := r.U16LE(), r.U16LE()
	switch {
	case !r.OK() && h.size >= 4:
		return Short, AnySide
	case h.command == enipListIdentity && count >= 1 && count < 16 && kind == enipItemIdentity,
		h.command == enipListServices && count >= 1 && count < 16 && kind == enipItemServices,
		h.command == enipListTargets && count >= 1 && count < 16 && kind == enipItemTarget,
		h.command == enipListInterfaces && count < 16:
		return Good, ServerSide
	}
	return No, AnySide
}

// enipProbeData looks at the items of a message that carries CIP.
func enipProbeData(h *enipHead, body []byte) (Fit, Side) {
	if h.size == 0 {
		if h.status != 0 {
			return Weak, ServerSide
		}
		return No, AnySide
	}
	r := wire.Read(body)
	handle, _, count := r.U32LE(), r.U16LE(), int(r.U16LE())
	if !r.OK() {
		return Short, AnySide
	}
	if handle != 0 || count < 2 || count > 4 {
		return No, AnySide
	}
	side := AnySide
	for range count {
		kind, size := r.U16LE(), int(r.U16LE())
		if !r.OK() {
			break
		}
		switch kind {
		case enipItemNull, enipItemConnection, enipItemConnected, enipItemUnconnected, enipItemOT, enipItemTO, enipItemSequenced:
		default:
			return No, AnySide
		}
		v := r.Bytes(min(size, r.Len()))
		if r.Len() == 0 && len(body) == h.size && len(v) != size {
			return No, AnySide
		}
		if kind == enipItemConnected && len(v) > 2 {
			v = v[2:]
		}
		if (kind == enipItemConnected || kind == enipItemUnconnected) && len(v) > 0 {
			side = ClientSide
			if v[0]&0x80 != 0 {
				side = ServerSide
			}
		}
	}
	return Good, side
}

// Types of items.
const (
	enipItemNull        = 0x0000
	enipItemTarget      = 0x0001
	enipItemIdentity    = 0x000c
	enipItemConnection  = 0x00a1
	enipItemConnected   = 0x00b1
	enipItemUnconnected = 0x00b2
	enipItemServices    = 0x0100
	enipItemOT          = 0x8000
	enipItemTO          = 0x8001
	enipItemSequenced   = 0x8002
)

// Requests and answers pair by number within one of these groups, for CIP with the place in a packet of several services
// in the bits from cipKeyPlace on.
const (
	enipKey        = 1 << 63
	cipKeySender   = 1 << 62
	cipKeySequence = 1 << 61
	cipKeyPlace    = 48
)

// enipRead reads one encapsulated message.
func enipRead(m *Message, b []byte) {
	h, ok := enipParseHead(b)
	if !ok {
		return
	}
	c := enipCode(h.command)
	if c == nil || h.options != 0 {
		return
	}
	body := b[enipHeadLen:min(len(b), enipHeadLen+h.size)]
	key := (h.context*0x9e3779b97f4a7c15)>>17 ^ uint64(h.command)
	answered := true
	switch h.command {
	case enipNOP, enipUnregister, enipSendUnitData, enipIndicateStatus, enipCancel:
		answered = false
	}
	switch {
	case m.From != ServerSide && (m.Group || !answered):
		m.Do(c.Op(nil), harbour.ResultNone)
	case m.From != ServerSide:
		m.Ask(enipKey|key, c.Op(nil))
	case answered:
		result, _ := enipStatus(h.status)
		if !m.Answer(enipKey|key, result) {
			m.Do(c.Op(nil), result)
		}
	}
	switch h.command {
	case enipListIdentity:
		if m.From == ServerSide {
			enipIdentities(m, body)
		}
	case enipSendRRData, enipSendUnitData:
		enipData(m, key, body)
	}
}

// enipIdentities reads the answer to a search for devices.
func enipIdentities(m *Message, body []byte) {
	r := wire.Read(body)
	for range r.U16LE() {
		kind := r.U16LE()
		item := r.Sub(int(r.U16LE()))
		if !r.OK() {
			return
		}
		if kind != enipItemIdentity {
			continue
		}
		item.Skip(2) // version
		address := item.Bytes(16)
		if !item.OK() {
			return
		}
		id := m.Sender()
		enipSocket(m, id, address)
		cipIdentity(m, id, &item, cipAllAttributes)
	}
}

// enipSocket reports the address that a device says it can be reached at.
func enipSocket(m *Message, id evidence.EndpointID, b []byte) {
	r := wire.Read(b)
	family, port, ip := r.U16(), r.U16(), r.Bytes(4)
	if !r.OK() || family != 2 || ip[0] == 0 {
		return
	}
	var buf [24]byte
	v := appendIPv4(buf[:0], ip)
	m.Attr(id, harbour.AttrSocketAddress, appendNumber(append(v, ':'), uint64(port)), harbour.Stated)
}

func appendIPv4(dst, ip []byte) []byte {
	for i, c := range ip[:4] {
		if i > 0 {
			dst = append(dst, '.')
		}
		dst = appendNumber(dst, uint64(c))
	}
	return dst
}

// enipData takes CIP out of the items that carry it.
func enipData(m *Message, context uint64, body []byte) {
	r := wire.Read(body)
	r.Skip(6)
	connection := uint32(0)
	for range min(int(r.U16LE()), 8) {
		kind := r.U16LE()
		v := r.Bytes(int(r.U16LE()))
		if !r.OK() {
			return
		}
		item := wire.Read(v)
		switch kind {
		case enipItemConnection:
			connection = item.U32LE()
		case enipItemConnected:
			sequence := item.U16LE()
			st := cipStateOf(m)
			c := st.connection(connection)
			x := cipExchange{key: cipKeySequence | uint64(c)<<16 | uint64(sequence)}
			if x.unsure = c == 0; c > 0 {
				x.route = st.connections[c-1].route
			}
			cipRead(m, st, x, item.Rest())
		case enipItemUnconnected:
			cipRead(m, cipStateOf(m), cipExchange{key: cipKeySender | context&(1<<cipKeyPlace-1)}, v)
		}
	}
}
