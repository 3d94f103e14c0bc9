// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import "breakwater/wire"

// cipPath is what a request is about (an EPATH, appendix C of the CIP specification).
type cipPath struct {
	class, instance, attribute uint32
	point                      [2]uint32 // connection points
	points                     uint8
	hasClass, hasInstance      bool
	hasAttribute               bool
	tag                        [96]byte // symbolic name with members and indices
	tagLen                     uint8
	route                      cipRoute
}

// cipRoute is the way through a chassis or over a gateway, as text; empty for the device itself.
type cipRoute struct {
	b [40]byte
	n uint8
}

func (r *cipRoute) text() []byte { return r.b[:r.n] }

func (r *cipRoute) add(b []byte) { r.n += uint8(copy(r.b[r.n:], b)) }

func (p *cipPath) addTag(b []byte) { p.tagLen += uint8(copy(p.tag[p.tagLen:], b)) }

// isTag says whether the path names a tag.
func (p *cipPath) isTag() bool { return p.tagLen > 0 }

// cipParsePath reads a padded path. What follows a segment that is not known is left out.
func cipParsePath(p *cipPath, b []byte) {
	for r := wire.Read(b); r.Len() > 0 && r.OK(); {
		switch seg := r.U8(); seg >> 5 {
		case 0:
			p.portSegment(&r, seg)
		case 1:
			if !p.logicalSegment(&r, seg) {
				return
			}
		case 2: // network
			if seg&0x10 != 0 {
				r.Skip(2 * int(r.U8()))
			} else {
				r.Skip(1)
			}
		case 3: // symbol, the old form
			n := int(seg & 0x1f)
			p.symbol(r.Bytes(n))
			if n&1 == 0 && r.Len() > 0 {
				r.Skip(1)
			}
		case 4:
			n := int(r.U8())
			if seg != 0x91 {
				r.Skip(2 * n)
				continue
			}
			p.symbol(r.Bytes(n))
			if n&1 == 1 && r.Len() > 0 {
				r.Skip(1)
			}
		default:
			return
		}
	}
}

func (p *cipPath) symbol(name []byte) {
	if !wire.Printable(name) {
		return
	}
	if p.tagLen > 0 {
		p.addTag([]byte{'.'})
	}
	p.addTag(name)
}

func (p *cipPath) portSegment(r *wire.Reader, seg uint8) {
	port, size := uint16(seg&0x0f), 1
	long := seg&0x10 != 0
	if long {
		size = int(r.U8())
	}
	if port == 15 {
		port = r.U16LE()
	}
	link := r.Bytes(size)
	if long && size&1 == 1 && r.Len() > 0 {
		r.Skip(1)
	}
	if !r.OK() {
		return
	}
	var buf [32]byte
	b := buf[:0]
	if p.route.n > 0 {
		b = append(b, ", "...)
	}
	b = appendNumber(append(b, "port "...), uint64(port))
	b = append(b, " link "...)
	if long && wire.Printable(link) {
		b = append(b, link[:min(len(link), 16)]...)
	} else if size > 0 {
		b = appendNumber(b, uint64(link[0]))
	}
	p.route.add(b)
}

// logicalSegment returns false where the segment's length is not known.
func (p *cipPath) logicalSegment(r *wire.Reader, seg uint8) bool {
	if seg == 0x34 { // electronic key
		if r.U8() != 4 {
			return false
		}
		r.Skip(8)
		return true
	}
	var v uint32
	switch seg & 3 {
	case 0:
		v = uint32(r.U8())
	case 1:
		r.Skip(1)
		v = uint32(r.U16LE())
	case 2:
		r.Skip(1)
		v = r.U32LE()
	default:
		return false
	}
	if !r.OK() {
		return false
	}
	switch seg >> 2 & 7 {
	case 0:
		p.class, p.hasClass, p.hasInstance, p.hasAttribute = v, true, false, false
	case 1:
		p.instance, p.hasInstance = v, true
	case 2:
		if p.isTag() {
			var buf [16]byte
			p.addTag(append(appendNumber(append(buf[:0], '['), uint64(v)), ']'))
		}
	case 3:
		if p.points < 2 {
			p.point[p.points] = v
			p.points++
		}
	case 4:
		p.attribute, p.hasAttribute = v, true
	default:
		return false
	}
	return true
}

// render writes the path: "Identity (0x01) instance 1 attribute 7", "tag Crane_Speed[3]".
func (p *cipPath) render(dst []byte) []byte {
	if p.isTag() {
		return append(append(dst, "tag "...), p.tag[:p.tagLen]...)
	}
	if p.hasClass {
		if name := cipClassName(p.class); name != "" {
			dst = append(append(dst, name...), " ("...)
			dst = append(wire.AppendHex(dst, uint64(p.class), 2), ')')
		} else {
			dst = wire.AppendHex(append(dst, "class "...), uint64(p.class), 2)
		}
	}
	if p.hasInstance {
		dst = appendNumber(append(dst, " instance "...), uint64(p.instance))
	}
	for _, v := range p.point[:p.points] {
		dst = appendNumber(append(dst, " connection point "...), uint64(v))
	}
	if p.hasAttribute {
		dst = appendNumber(append(dst, " attribute "...), uint64(p.attribute))
	}
	return dst
}

// render adds the way that a request takes.
func (r *cipRoute) render(dst []byte) []byte {
	if r.n == 0 {
		return dst
	}
	return append(append(dst, " at "...), r.text()...)
}
