// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"bytes"

	"breakwater/harbour"
	"breakwater/wire"
)

// s7Transfer is the block that is being uploaded or downloaded: the start of its header and the end of what has come.
type s7Transfer struct {
	head  [36]byte
	tail  [36]byte
	n     int // bytes of the tail in use
	began bool
}

// blockPart takes a part of a block. A block starts with a header and ends with the names that its author gave it.
func (st *s7State) blockPart(m *Message, data []byte, more bool) {
	r := wire.Read(data)
	n, _ := int(r.U16()), r.U16()
	part := r.Bytes(min(n, max(r.Len(), 0)))
	t := &st.transfer
	if m.Gap {
		t.began = false
	}
	if len(part) >= 36 && part[0] == 0x70 && part[1] == 0x70 {
		*t = s7Transfer{began: true}
		copy(t.head[:], part)
	}
	if !t.began {
		return
	}
	if len(part) >= len(t.tail) {
		t.n = copy(t.tail[:], part[len(part)-len(t.tail):])
	} else {
		keep := min(t.n, len(t.tail)-len(part))
		copy(t.tail[:], t.tail[t.n-keep:t.n])
		t.n = keep + copy(t.tail[keep:], part)
	}
	if !more {
		t.report(m)
		t.began = false
	}
}

var s7Languages = [...]string{
	1: "STL", 2: "LAD", 3: "FBD", 4: "SCL", 5: "DB", 6: "GRAPH", 7: "SDB", 8: "CPU DB", 0x11: "SDB",
}

// report describes the block as one fact about the controller.
func (t *s7Transfer) report(m *Message) {
	kind := t.head[5] & 15
	if s7BlockTypes[kind] == "" || t.head[5]>>4 != 0 {
		return
	}
	var buf [160]byte
	b := append(append(buf[:0], s7BlockTypes[kind]...), ' ')
	b = appendNumber(b, uint64(t.head[6])<<8|uint64(t.head[7]))
	if t.n == len(t.tail) {
		author, family, name := t.tail[:8], t.tail[8:16], t.tail[16:24]
		for _, f := range []struct {
			label string
			v     []byte
		}{{"", name}, {"author ", author}, {"family ", family}} {
			if v := bytes.TrimRight(f.v, "\x00 "); wire.Printable(v) {
				b = append(append(append(b, ' '), f.label...), v...)
			}
		}
		if version := t.tail[24]; version != 0 {
			b = appendNumber(append(b, " version "...), uint64(version>>4))
			b = appendNumber(append(b, '.'), uint64(version&15))
		}
	}
	if l := t.head[4]; int(l) < len(s7Languages) && s7Languages[l] != "" {
		b = append(append(b, " language "...), s7Languages[l]...)
	}
	if t.head[15]&3 == 3 {
		b = append(b, " know-how protected"...)
	}
	m.Attr(m.Server, harbour.AttrProgramBlock, b, harbour.Confirmed)
}
