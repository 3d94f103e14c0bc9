// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"breakwater/harbour"
	"breakwater/wire"
)

// Groups of user data functions.
const (
	s7GroupMode     = 0
	s7GroupBlock    = 3
	s7GroupCPU      = 4
	s7GroupSecurity = 5
)

// Directions of user data.
const (
	s7Push     = 0
	s7Request  = 4
	s7Response = 8
)

// userdata reads a message of the user data kind. A long answer comes in parts that the tool asks for one by one; all
// parts are one operation.
func (st *s7State) userdata(m *Message, h *s7Header, params, data []byte) {
	r := wire.Read(params)
	head := r.U24()
	size := r.U8()
	r.Skip(1)
	kind := r.U8()
	sub, sequence := r.U8(), r.U8()
	if !r.OK() || head != 0x000112 || size < 4 {
		return
	}
	var unit, more uint8
	var fault uint16
	if size >= 8 {
		unit, more, fault = r.U8(), r.U8(), r.U16()
	}
	d := wire.Read(data)
	d.Skip(2)
	payload := d.Bytes(min(int(d.U16()), max(d.Len(), 0)))
	group := kind & 15
	key := s7KeyUserdata | uint64(h.ref)
	switch kind >> 4 {
	case s7Request:
		if size >= 8 && sequence != 0 && len(payload) == 0 {
			return // asks for the next part
		}
		op := st.userdataOp(group, sub, payload)
		s7Settle(m, key)
		m.Ask(key, op)
		if group == s7GroupSecurity && sub == 1 { // the password is turned by a fixed pattern that anyone can turn back
			m.AttrString(m.Server, harbour.AttrCleartextLogin, "s7comm password", harbour.Confirmed)
		}
	case s7Response:
		first := true
		if group == s7GroupCPU && sub == 1 && fault == 0 {
			first = st.szl.part(m, unit, more != 0, payload)
		}
		result := st.result(uint8(fault>>8), uint8(fault))
		if !m.Answer(key, result) && first {
			m.Do(st.userdataOp(group, sub, payload), result)
		}
	case s7Push:
		if group == s7GroupMode {
			st.mode(m, sub)
		}
		op := st.userdataOp(group, sub, nil)
		op.Verb = harbour.VerbMessage // the controller tells of what was asked for before
		m.Do(op, harbour.ResultNone)
	}
}

// userdataOp names a user data function.
func (st *s7State) userdataOp(group, sub uint8, payload []byte) Op {
	c := s7UserdataCode(group, sub)
	op := c.Op(nil)
	dst := st.scratch[:0]
	switch {
	case group == s7GroupCPU && sub == 1 && len(payload) >= 4:
		r := wire.Read(payload)
		id, index := r.U16(), r.U16()
		if c := s7SZLCodeOf(id); c != nil {
			op = c.Op(nil)
		}
		dst = wire.AppendHex(append(dst, "SZL "...), uint64(id), 4)
		op.Target = wire.AppendHex(append(dst, " index "...), uint64(index), 4)
	case group == s7GroupBlock && sub == 2 && len(payload) == 2 && payload[0] == '0':
		if name := s7BlockTypes[unhexUpper(payload[1])]; name != "" {
			op.Target = append(append(dst, "blocks of type "...), name...)
		}
	case group == s7GroupBlock && sub == 3 && len(payload) == 8:
		op.Target = s7Block(dst, payload)
	}
	return op
}

func unhexUpper(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 0
}

// s7Modes are the operating modes that a controller announces.
var s7Modes = map[uint8]string{
	0x00: "stop", 0x01: "startup", 0x02: "run", 0x03: "startup", 0x04: "hold", 0x06: "startup", 0x09: "run", 0x0b: "link-up",
	0x0c: "update",
}

func (st *s7State) mode(m *Message, sub uint8) {
	if s := s7Modes[sub]; s != "" {
		m.AttrString(m.Server, harbour.AttrDeviceState, s, harbour.Stated)
	}
}
