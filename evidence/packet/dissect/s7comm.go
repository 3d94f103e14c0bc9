// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"breakwater/harbour"
	"breakwater/wire"
)

// S7comm is the protocol of Siemens S7-300, S7-400 and LOGO! controllers, which newer ones still speak. It rides in COTP
// (ISO 8073 class 0) data units within TPKT (RFC 1006). Siemens has not published it; what is read here agrees with
// captures of the vendor's tools and with several public implementations.
var s7commProtocol = Protocol{
	Name: "s7comm", Title: "Siemens S7 communication", Short: "S7comm", Also: []string{"s7", "step7", "siemens_s7"}, Over: OverTCP, Ports: []uint16{102}, First: []byte{3}, Cleartext: true,
	Probe: s7Probe, Frame: s7Frame, Read: s7Read, Codes: append(append([]Code(nil), s7Codes...), s7SZLCodes...),
	Notes: "Codes of jobs are the function's number. Those of user data are `0x00`, then type and group as a request has them, then the " +
		"subfunction. Variables are written as in the vendor's tool (`DB 10.DBX 0.0 BYTE 16`, `M 5.2`). A block's file name such as " +
		"`_0A00012P` is written `block DB 12`: 08 is OB, 0A DB, 0B SDB, 0C FC, 0D SFC, 0E FB, 0F SFB. `plc_control` has the verb of its " +
		"service: `_INSE` and `_DELE` are program_download, files and logins their own, all others program_control. Reads of the system " +
		"status list are told apart by partial list; the target has the whole id. In a download the controller asks the tool for the " +
		"parts: the client is still the tool.",
}

// S7comm-plus, of S7-1200 and S7-1500, is told apart from S7comm and not read further.
var s7commPlusProtocol = Protocol{
	Name: "s7comm_plus", Title: "Siemens S7 communication plus", Short: "S7comm-plus", Also: []string{"s7plus", "s7commplus"}, Over: OverTCP, Ports: []uint16{102}, First: []byte{3},
	Probe: s7PlusProbe, Frame: s7Frame, Read: func(*Message, []byte) {},
}

// Data units of COTP in its class 0.
const (
	cotpError        = 0x70
	cotpDisconnect   = 0x80
	cotpDisconnected = 0xc0
	cotpConfirm      = 0xd0
	cotpConnect      = 0xe0
	cotpData         = 0xf0
)

// Kinds of S7 message (ROSCTR).
const (
	s7Job      = 1
	s7Ack      = 2
	s7AckData  = 3
	s7Userdata = 7
)

const (
	s7ID     = 0x32
	s7PlusID = 0x72
)

// s7Frame returns the length of a TPKT.
func s7Frame(b []byte, _ Side) int {
	if len(b) > 0 && b[0] != 3 || len(b) > 1 && b[1] != 0 {
		return -1
	}
	if len(b) < 6 {
		return 0
	}
	n, header, kind := int(b[2])<<8|int(b[3]), int(b[4]), b[5]
	if n < 7 || header < 2 || 5+header > n {
		return -1
	}
	switch kind & 0xf0 {
	case cotpData:
		if kind != cotpData || header > 7 {
			return -1
		}
	case cotpConnect, cotpConfirm, cotpDisconnect, cotpDisconnected, cotpError: // of class 0, and without user data
		if kind&0x0f != 0 || 5+header != n {
			return -1
		}
	default:
		return -1
	}
	return n
}

// cotpFirst returns the start of the first user data in the TPKTs of b, and the data unit that it is in; nil where b holds
// none yet.
func cotpFirst(b []byte) (data []byte, whole, ok bool) {
	for len(b) > 0 {
		n := s7Frame(b, AnySide)
		if n < 0 {
			return nil, false, false
		}
		if n == 0 {
			return nil, false, true
		}
		unit := b[:min(n, len(b))]
		start := 5 + int(b[4])
		if b[5] == cotpData && n > start {
			if len(unit) <= start {
				return nil, false, true
			}
			return unit[start:], len(unit) == n && b[6]&0x80 != 0, true
		}
		if n > len(b) {
			return nil, false, true
		}
		b = b[n:]
	}
	return nil, false, true
}

// s7Probe looks past the COTP connection, which other protocols begin with too, at the first data unit.
func s7Probe(b []byte) (Fit, Side) {
	data, whole, ok := cotpFirst(b)
	switch {
	case !ok:
		return No, AnySide
	case len(data) == 0:
		return Short, AnySide
	case data[0] != s7ID:
		return No, AnySide
	case len(data) < 10:
		if whole {
			return No, AnySide
		}
		return Short, AnySide
	}
	h, ok := s7ParseHeader(data)
	if !ok || whole && h.size() > len(data) {
		return No, AnySide
	}
	return Good, h.sender(data[h.start:])
}

func s7PlusProbe(b []byte) (Fit, Side) {
	data, _, ok := cotpFirst(b)
	switch {
	case !ok:
		return No, AnySide
	case len(data) < 2:
		return Short, AnySide
	case data[0] == s7PlusID && (data[1] >= 1 && data[1] <= 3 || data[1] >= 0xfe):
		return Good, AnySide
	}
	return No, AnySide
}

// s7Header is what every S7 message starts with.
type s7Header struct {
	kind          uint8
	ref           uint16
	params, data  int
	class, reason uint8
	start         int // of the parameters
}

func s7ParseHeader(b []byte) (h s7Header, ok bool) {
	r := wire.Read(b)
	id := r.U8()
	h.kind = r.U8()
	reserved := r.U16()
	h.ref = r.U16()
	h.params, h.data = int(r.U16()), int(r.U16())
	h.start = 10
	switch h.kind {
	case s7Ack, s7AckData:
		h.class, h.reason = r.U8(), r.U8()
		h.start = 12
	case s7Job, s7Userdata:
	default:
		return h, false
	}
	return h, r.OK() && id == s7ID && reserved == 0
}

func (h *s7Header) size() int { return h.start + h.params + h.data }

// sender says which side sends such a message; params may be cut.
func (h *s7Header) sender(params []byte) Side {
	if h.kind == s7Userdata {
		if len(params) < 6 {
			return AnySide
		}
		if params[5]>>4 == 4 {
			return ClientSide
		}
		return ServerSide
	}
	if len(params) == 0 {
		return AnySide
	}
	client := h.kind == s7Job
	if s7FromServer(params[0]) {
		client = !client
	}
	if client {
		return ClientSide
	}
	return ServerSide
}

// s7FromServer says whether the controller, which is the server, asks for this function: it fetches the parts of a
// download from the tool.
func s7FromServer(function uint8) bool {
	return function == s7DownloadBlock || function == s7DownloadEnded
}

// s7State is what a flow keeps between messages.
type s7State struct {
	parts    [3][]byte // by side: data units of a message that is not complete
	lost     [3]bool   // by side: the message being put together exceeds the bound
	address  uint16    // called TSAP
	named    bool      // address has been reported
	uploads  [4]s7Upload
	next     int // place of the next upload
	szl      s7List
	transfer s7Transfer
	scratch  [256]byte
	more     [16]byte // names of results that are made up of numbers
}

// s7Upload remembers which block an upload is of.
type s7Upload struct {
	ref   uint16 // of the request that starts it
	id    uint32
	block [32]byte
	n     uint8
}

// s7Read reads one TPKT.
func s7Read(m *Message, b []byte) {
	if len(b) < 7 || s7Frame(b, m.From) != len(b) {
		return
	}
	st, _ := m.Flow.State.(*s7State)
	if st == nil {
		st = &s7State{}
		m.Flow.State = st
	}
	switch start := 5 + int(b[4]); b[5] & 0xf0 {
	case cotpConnect:
		st.connect(b[:start])
	case cotpData:
		st.unit(m, b[start:], b[6]&0x80 != 0)
	}
}

// connect keeps the called TSAP of a connection request.
func (st *s7State) connect(b []byte) {
	r := wire.Read(b)
	r.Skip(11)
	for r.Len() >= 2 {
		code := r.U8()
		v := r.Bytes(int(r.U8()))
		if code == 0xc2 && len(v) == 2 {
			st.address = uint16(v[0])<<8 | uint16(v[1])
		}
	}
}

// s7MaxParts bounds a message of several data units; controllers agree on messages of at most 1 KiB or so.
const s7MaxParts = 8 << 10

// unit puts COTP data units together. The empty one that some tools send as an acknowledgement changes nothing.
func (st *s7State) unit(m *Message, b []byte, last bool) {
	side := m.From
	if m.Gap {
		st.parts[side], st.lost[side] = st.parts[side][:0], false
	}
	if len(b) == 0 && !last {
		return
	}
	kept := len(st.parts[side]) > 0 || st.lost[side]
	if kept || !last {
		if len(st.parts[side])+len(b) > s7MaxParts {
			m.Ledger.Count("s7comm_messages_too_long", 1)
			st.lost[side] = true
			st.parts[side] = st.parts[side][:0]
		}
		if !st.lost[side] {
			st.parts[side] = append(st.parts[side], b...)
		}
		if !last {
			return
		}
		b = st.parts[side]
		st.parts[side] = b[:0]
		if st.lost[side] {
			st.lost[side] = false
			return
		}
	}
	st.message(m, b)
}

// message reads one S7 message.
func (st *s7State) message(m *Message, b []byte) {
	h, ok := s7ParseHeader(b)
	if !ok || h.size() > len(b) {
		if len(b) > 0 && b[0] != s7ID && !m.Gap {
			m.Reject()
		}
		return
	}
	params, data := b[h.start:h.start+h.params], b[h.start+h.params:h.size()]
	st.rackSlot(m)
	switch h.kind {
	case s7Userdata:
		st.userdata(m, &h, params, data)
	case s7Job:
		if len(params) > 0 {
			st.job(m, &h, params, data)
		}
	default:
		st.answer(m, &h, params, data)
	}
}

// rackSlot reports where the controller's module sits as the called TSAP says, once the flow is known to be S7.
func (st *s7State) rackSlot(m *Message) {
	if st.named || !m.Confirmed || st.address == 0 {
		return
	}
	st.named = true
	if kind := st.address >> 8; kind < 1 || kind > 3 {
		return
	}
	b := append(st.scratch[:0], "rack "...)
	b = appendNumber(b, uint64(st.address>>5&7))
	b = append(b, " slot "...)
	b = appendNumber(b, uint64(st.address&0x1f))
	m.Attr(m.Server, harbour.AttrRackSlot, b, harbour.Stated)
}
