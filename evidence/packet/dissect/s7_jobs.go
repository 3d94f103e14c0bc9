// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"strconv"

	"breakwater/harbour"
	"breakwater/wire"
)

// Requests and answers pair by reference within one of these groups.
const (
	s7KeyClient   = 0
	s7KeyServer   = 1 << 32 // jobs of the controller
	s7KeyUserdata = 2 << 32
)

func appendNumber(dst []byte, n uint64) []byte { return strconv.AppendUint(dst, n, 10) }

// job reports a request.
func (st *s7State) job(m *Message, h *s7Header, params, _ []byte) {
	fn := params[0]
	key := uint64(h.ref)
	if s7FromServer(fn) {
		key |= s7KeyServer
	}
	s7Settle(m, key)
	if fn == s7ReadVariable && m.AskAgain(key, params) {
		return
	}
	c := &s7Jobs[fn]
	op := c.Op(nil)
	dst := st.scratch[:0]
	switch fn {
	case s7ReadVariable, s7WriteVariable:
		op.Target = s7Items(dst, params)
	case s7RequestDownload, s7DownloadBlock, s7DownloadEnded, s7StartUpload:
		if len(params) > 8 {
			r := wire.Read(params[8:])
			op.Target = s7FileName(dst, r.Bytes(int(r.U8())))
		}
		if fn == s7StartUpload {
			st.startUpload(h.ref, op.Target)
		}
	case s7UploadPart, s7EndUpload:
		if len(params) >= 8 {
			op.Target = st.uploadOf(params[4:8])
		}
	case s7PLCControl:
		op.Verb, op.Target = st.service(m, dst, params)
	case s7PLCStop:
		if len(params) > 7 {
			r := wire.Read(params[6:])
			name := r.Bytes(int(r.U8()))
			m.Attr(m.Server, harbour.AttrPIService, name, harbour.Confirmed)
			op.Target = name
		}
	}
	m.Ask(key, op)
	if fn == s7ReadVariable {
		m.Remember(params)
	}
}

// s7Settle gives up what waits under the reference of a new request. A reference is used again only when its answer has
// come: a request that still waits will not get any, and must not take the answer to the new one.
func s7Settle(m *Message, key uint64) {
	for m.Answer(key, harbour.ResultUnanswered) {
	}
}

// answer reports the acknowledgement of a job.
func (st *s7State) answer(m *Message, h *s7Header, params, data []byte) {
	fn, known := uint8(0), len(params) > 0
	if known {
		fn = params[0]
	}
	key := uint64(h.ref)
	if known && s7FromServer(fn) || !known && m.From == ClientSide {
		key |= s7KeyServer
	}
	result := st.result(h.class, h.reason)
	if result == harbour.ResultOK && len(params) > 1 {
		switch fn {
		case s7ReadVariable:
			result = s7ReadResult(params[1], data)
		case s7WriteVariable:
			result = s7WriteResult(params[1], data)
		}
	}
	switch fn {
	case s7StartUpload:
		if len(params) >= 8 {
			st.uploadStarted(h.ref, params[4:8])
		}
	case s7UploadPart, s7DownloadBlock:
		if h.class == 0 {
			st.blockPart(m, data, len(params) > 1 && params[1]&1 != 0)
		}
	}
	if !m.Answer(key, result) && known {
		m.Do(s7Jobs[fn].Op(nil), result)
	}
}

func s7ReadResult(count uint8, data []byte) string {
	r := wire.Read(data)
	for range count {
		code, size := r.U8(), r.U8()
		n := int(r.U16())
		if !r.OK() {
			break
		}
		if code != 0xff {
			return s7ItemResult(code)
		}
		if size >= 3 && size <= 5 {
			n = (n + 7) / 8
		}
		r.Skip(min(n+n&1, r.Len()))
	}
	return harbour.ResultOK
}

func s7WriteResult(count uint8, data []byte) string {
	for _, code := range data[:min(int(count), len(data))] {
		if code != 0xff {
			return s7ItemResult(code)
		}
	}
	return harbour.ResultOK
}

func s7ItemResult(code uint8) string {
	if s := s7ItemResults[code]; s != "" {
		return s
	}
	return "item_error"
}

// service reads a program invocation: arguments, then the service's name.
func (st *s7State) service(m *Message, dst, params []byte) (harbour.Verb, []byte) {
	verb := harbour.VerbProgramControl
	r := wire.Read(params)
	r.Skip(8)
	args := r.Bytes(int(r.U16()))
	name := r.Bytes(int(r.U8()))
	if !r.OK() || len(name) == 0 {
		return verb, nil
	}
	if v, ok := s7Services[string(name)]; ok {
		verb = v
	}
	m.Attr(m.Server, harbour.AttrPIService, name, harbour.Confirmed)
	dst = append(dst, name...)
	switch string(name) {
	case "_INSE", "_INS2", "_DELE":
		a := wire.Read(args)
		n := a.U8()
		a.Skip(1)
		for i := range n {
			block := a.Bytes(8)
			if !a.OK() || len(dst) > 180 {
				break
			}
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = s7Block(append(dst, ' '), block)
		}
	default:
		if wire.Printable(args) && len(args) <= 32 {
			dst = append(append(dst, ' '), args...)
		}
	}
	return verb, dst
}

// startUpload remembers the block of an upload until the controller has given it a number.
func (st *s7State) startUpload(ref uint16, block []byte) {
	u := &st.uploads[st.next%len(st.uploads)]
	st.next++
	*u = s7Upload{ref: ref}
	u.n = uint8(copy(u.block[:], block))
}

func (st *s7State) uploadStarted(ref uint16, id []byte) {
	for i := range st.uploads {
		if u := &st.uploads[i]; u.n > 0 && u.id == 0 && u.ref == ref {
			r := wire.Read(id)
			u.id = r.U32()
		}
	}
}

func (st *s7State) uploadOf(b []byte) []byte {
	r := wire.Read(b)
	id := r.U32()
	for i := range st.uploads {
		if u := &st.uploads[i]; u.id == id && id != 0 {
			return u.block[:u.n]
		}
	}
	return nil
}

// s7FileName renders "_0A00001P": a mark, two digits of type, five of number, and the file system that it is for. The block
// runs from the active one; what is in the passive one waits for being linked in.
func s7FileName(dst, name []byte) []byte {
	if len(name) != 9 {
		if wire.Printable(name) {
			return append(append(dst, "file "...), name...)
		}
		return nil
	}
	dst = s7Block(dst, name[1:])
	switch name[8] {
	case 'A':
		dst = append(dst, " (active)"...)
	case 'B':
		dst = append(dst, " (active and passive)"...)
	case 'P':
		dst = append(dst, " (passive)"...)
	}
	return dst
}

// s7Block renders "0A00001P" as "DB 1".
func s7Block(dst, b []byte) []byte {
	if len(b) < 7 || b[0] != '0' || !wire.Printable(b) {
		return dst
	}
	name := ""
	switch c := b[1]; {
	case c >= '0' && c <= '9':
		name = s7BlockTypes[c-'0']
	case c >= 'A' && c <= 'F':
		name = s7BlockTypes[c-'A'+10]
	}
	n, err := strconv.ParseUint(string(b[2:7]), 10, 32)
	if name == "" || err != nil {
		return append(append(dst, "block "...), b...)
	}
	dst = append(append(dst, name...), ' ')
	return appendNumber(dst, n)
}
