// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package wire

import "encoding/binary"

// Reader walks a byte slice. The zero value is an empty reader.
type Reader struct {
	b   []byte
	off int
	bad bool
}

// Read starts at the first byte of b.
func Read(b []byte) Reader { return Reader{b: b} }

// OK says whether every read so far lay inside the input.
func (r *Reader) OK() bool { return !r.bad }

// Len is the number of bytes not read yet.
func (r *Reader) Len() int { return len(r.b) - r.off }

// Offset is the number of bytes read so far.
func (r *Reader) Offset() int { return r.off }

// Rest returns the bytes not read yet, without reading them.
func (r *Reader) Rest() []byte { return r.b[r.off:] }

// Fail marks the reader as bad, as a read beyond the end does.
func (r *Reader) Fail() { r.bad = true; r.off = len(r.b) }

// Bytes returns the next n bytes, or nil and the bad mark.
func (r *Reader) Bytes(n int) []byte {
	if n < 0 || n > len(r.b)-r.off {
		r.Fail()
		return nil
	}
	s := r.b[r.off : r.off+n : r.off+n]
	r.off += n
	return s
}

// Skip moves n bytes on.
func (r *Reader) Skip(n int) { r.Bytes(n) }

// Sub returns a reader over the next n bytes and moves past them.
func (r *Reader) Sub(n int) Reader {
	b := r.Bytes(n)
	return Reader{b: b, bad: r.bad}
}

// U8 reads one byte.
func (r *Reader) U8() uint8 {
	if r.off >= len(r.b) {
		r.Fail()
		return 0
	}
	v := r.b[r.off]
	r.off++
	return v
}

// U16 reads a big-endian 16-bit integer.
func (r *Reader) U16() uint16 {
	if len(r.b)-r.off < 2 {
		r.Fail()
		return 0
	}
	v := binary.BigEndian.Uint16(r.b[r.off:])
	r.off += 2
	return v
}

// U24 reads a big-endian 24-bit integer.
func (r *Reader) U24() uint32 {
	if len(r.b)-r.off < 3 {
		r.Fail()
		return 0
	}
	b := r.b[r.off:]
	r.off += 3
	return uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2])
}

// U32 reads a big-endian 32-bit integer.
func (r *Reader) U32() uint32 {
	if len(r.b)-r.off < 4 {
		r.Fail()
		return 0
	}
	v := binary.BigEndian.Uint32(r.b[r.off:])
	r.off += 4
	return v
}

// U64 reads a big-endian 64-bit integer.
func (r *Reader) U64() uint64 {
	if len(r.b)-r.off < 8 {
		r.Fail()
		return 0
	}
	v := binary.BigEndian.Uint64(r.b[r.off:])
	r.off += 8
	return v
}

// U16LE reads a little-endian 16-bit integer.
func (r *Reader) U16LE() uint16 {
	if len(r.b)-r.off < 2 {
		r.Fail()
		return 0
	}
	v := binary.LittleEndian.Uint16(r.b[r.off:])
	r.off += 2
	return v
}

// U32LE reads a little-endian 32-bit integer.
func (r *Reader) U32LE() uint32 {
	if len(r.b)-r.off < 4 {
		r.Fail()
		return 0
	}
	v := binary.LittleEndian.Uint32(r.b[r.off:])
	r.off += 4
	return v
}

// U64LE reads a little-endian 64-bit integer.
func (r *Reader) U64LE() uint64 {
	if len(r.b)-r.off < 8 {
		r.Fail()
		return 0
	}
	v := binary.LittleEndian.Uint64(r.b[r.off:])
	r.off += 8
	return v
}
