// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"encoding/binary"
	"io"
	"slices"

	"breakwater/evidence/packet/decode"
	"breakwater/harbour"
)

// Mark is a place between two frames from which reading can go on without what precedes.
type Mark struct {
	// Number of frames before the place.
	Number uint64
	// Offset in the stream, unpacked where the file is compressed.
	Offset int64
	// LastSec is the second of the frame before, by which damaged records are told from sound ones.
	LastSec uint32
	// State is shared by marks between which nothing changed.
	State *State
}

// State is what precedes a mark and matters after it: byte order, resolution, interfaces.
type State struct {
	ng, big, nanos bool
	link           decode.LinkType
	snap           uint32
	interfaces     []iface
}

// Mark returns the place after the frame that Next returned last.
func (r *Reader) Mark() Mark {
	m := Mark{Number: r.number, Offset: r.w.off}
	switch f := r.format.(type) {
	case *pcap:
		m.LastSec = f.lastSec
		if r.state == nil {
			r.state = &State{big: f.big, nanos: f.nanos, link: f.link, snap: f.snap}
		}
	case *pcapng:
		if r.state == nil || f.changed {
			r.state = &State{ng: true, big: f.order == binary.ByteOrder(binary.BigEndian), interfaces: slices.Clone(f.interfaces)}
			f.changed = false
		}
	}
	m.State = r.state
	return m
}

// Resume goes on at a mark. src delivers the stream from the mark's offset, unpacked ([Unpack]).
func Resume(src io.Reader, m Mark, report func(harbour.Problem)) *Reader {
	r := &Reader{Report: report, closer: func() {}, w: newWindow(src), number: m.Number, state: m.State}
	r.w.off = m.Offset
	var order binary.ByteOrder = binary.LittleEndian
	if m.State.big {
		order = binary.BigEndian
	}
	if m.State.ng {
		r.name = "pcapng"
		r.format = &pcapng{order: order, interfaces: slices.Clone(m.State.interfaces)}
	} else {
		r.name = "pcap"
		r.format = &pcap{big: m.State.big, nanos: m.State.nanos, link: m.State.link, snap: m.State.snap, lastSec: m.LastSec}
	}
	return r
}

// Unpack returns the stream within a compressed capture, or src itself where it is not compressed, with the name of the
// compression and a function that frees it.
func Unpack(src io.Reader) (stream io.Reader, name string, done func(), err error) {
	w := &window{src: src, buf: make([]byte, 64)}
	w.need(8)
	if w.err != nil {
		return nil, "", nil, &harbour.Error{Kind: harbour.ErrUnreadable, Op: "open capture", Message: "the file cannot be read", Err: w.err}
	}
	if name = compression(w.bytes()); name == "" {
		return &remaining{w}, "", func() {}, nil
	}
	z, done, err := unpack(name, &remaining{w})
	if err != nil {
		return nil, "", nil, &harbour.Error{Kind: harbour.ErrUnreadable, Op: "open capture", Message: "the " + name + " header is damaged", Err: err}
	}
	return z, name, done, nil
}

// Interfaces is how many interfaces the state knows.
func (s *State) Interfaces() int { return len(s.interfaces) }

// AppendBinary appends the state for keeping it.
func (s *State) AppendBinary(b []byte) []byte {
	flags := byte(0)
	for i, v := range []bool{s.ng, s.big, s.nanos} {
		if v {
			flags |= 1 << i
		}
	}
	b = append(b, flags)
	b = binary.AppendUvarint(b, uint64(s.link))
	b = binary.AppendUvarint(b, uint64(s.snap))
	b = binary.AppendUvarint(b, uint64(len(s.interfaces)))
	for i := range s.interfaces {
		f := &s.interfaces[i]
		b = append(binary.AppendUvarint(b, uint64(f.link)), f.tick)
		b = binary.AppendUvarint(b, uint64(f.snap))
		b = binary.AppendVarint(b, f.offset)
		for _, t := range []string{f.name, f.about} {
			b = append(binary.AppendUvarint(b, uint64(len(t))), t...)
		}
	}
	return b
}

// ParseState reads what AppendBinary wrote. ok is false where b is something else.
func ParseState(b []byte) (s *State, ok bool) {
	if len(b) < 1 || b[0] > 7 {
		return nil, false
	}
	s = &State{ng: b[0]&1 != 0, big: b[0]&2 != 0, nanos: b[0]&4 != 0}
	b = b[1:]
	ok = true
	number := func(limit uint64) uint64 {
		v, n := binary.Uvarint(b)
		if n <= 0 || v > limit {
			ok, b = false, nil
			return 0
		}
		b = b[n:]
		return v
	}
	s.link, s.snap = decode.LinkType(number(0xffff)), uint32(number(1<<32-1))
	for range number(maxInterfaces) {
		f := iface{link: decode.LinkType(number(0xffff))}
		if len(b) == 0 {
			return nil, false
		}
		f.tick, b = b[0], b[1:]
		f.mul, f.div = resolution(f.tick)
		f.snap = uint32(number(1<<32 - 1))
		v, n := binary.Varint(b)
		if n <= 0 {
			return nil, false
		}
		f.offset, b = v, b[n:]
		for _, t := range []*string{&f.name, &f.about} {
			n := number(maxText)
			if n > uint64(len(b)) {
				return nil, false
			}
			*t, b = string(b[:n]), b[n:]
		}
		s.interfaces = append(s.interfaces, f)
	}
	return s, ok && len(b) == 0
}
