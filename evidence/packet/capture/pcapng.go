// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"

	"breakwater/evidence/packet/decode"
	"breakwater/harbour"
)

// Block types of pcapng (draft-ietf-opsawg-pcapng, section 4).
const (
	blockSection   = 0x0a0d0d0a
	blockInterface = 1
	blockPacket    = 2
	blockSimple    = 3
	blockNames     = 4
	blockStats     = 5
	blockEnhanced  = 6
	blockSecrets   = 10
)

// maxInterfaces bounds the interface table of one section.
const maxInterfaces = 4096

// pcapng reads sections of blocks.
type pcapng struct {
	order      binary.ByteOrder
	interfaces []iface
	refused    bool
	changed    bool // the interface table is not the one that the last mark has
}

// iface is one capture interface.
type iface struct {
	link   decode.LinkType
	snap   uint32
	mul    uint64 // units to microseconds: ts*mul/div
	div    uint64
	offset int64 // seconds
	tick   byte  // if_tsresol as it stands in the file
	name   string
	about  string
}

func sectionOrder(b []byte) binary.ByteOrder {
	switch binary.LittleEndian.Uint32(b) {
	case 0x1a2b3c4d:
		return binary.LittleEndian
	case 0x4d3c2b1a:
		return binary.BigEndian
	}
	return nil
}

func (p *pcapng) next(r *Reader, f *Frame) error {
	w := r.w
	for {
		if !w.need(12) {
			if w.have() > 0 {
				r.problem(fmt.Sprintf("the capture ends inside a block header, %d of 12 bytes", w.have()), "the capture was cut off; what precedes is complete", false)
			}
			return io.EOF
		}
		b := w.bytes()
		if binary.LittleEndian.Uint32(b) == blockSection {
			order := sectionOrder(b[8:])
			if order == nil {
				if !p.resync(r) {
					return io.EOF
				}
				continue
			}
			p.order, p.interfaces, p.changed = order, p.interfaces[:0], true
		}
		if p.order == nil {
			return io.EOF
		}
		kind, n := p.order.Uint32(b), int64(p.order.Uint32(b[4:]))
		if n < 12 || n%4 != 0 && !p.unpadded(w, n) || n > 64<<20 {
			if !p.resync(r) {
				return io.EOF
			}
			continue
		}
		if n > windowSize-64 {
			r.problem(fmt.Sprintf("a block of %d bytes is larger than any frame and was passed over", n), "", false)
			if !w.discard(n) {
				return io.EOF
			}
			continue
		}
		if !w.need(int(n)) {
			if p.resyncInside(r) {
				continue
			}
			r.problem(fmt.Sprintf("the capture ends inside a block, %d of %d bytes", w.have(), n), "the capture was cut off; what precedes is complete", false)
			return io.EOF
		}
		b = w.bytes()[:n]
		if int64(p.order.Uint32(b[n-4:])) != n {
			if !p.resync(r) {
				return io.EOF
			}
			continue
		}
		ok := p.block(r, kind, b[8:n-4], f)
		if ok && r.detail != nil {
			r.detail.Offset = w.off
			p.comments(r.detail, kind, b[8:n-4])
		}
		w.skip(int(n))
		if ok {
			return nil
		}
	}
}

func (p *pcapng) ready(w *window) bool {
	b := w.bytes()
	if len(b) < 32 || p.order == nil || p.order.Uint32(b) != blockEnhanced {
		return false
	}
	n := p.order.Uint32(b[4:])
	return n >= 32 && n%4 == 0 && int64(n) <= int64(len(b)) && p.order.Uint32(b[n-4:]) == n &&
		int64(p.order.Uint32(b[8:])) < int64(len(p.interfaces)) && p.order.Uint32(b[20:]) <= n-32
}

// unpadded accepts blocks of writers that forget to pad to four bytes, if the trailing length agrees.
func (p *pcapng) unpadded(w *window, n int64) bool {
	return n < MaxFrame+64 && w.need(int(n)) && int64(p.order.Uint32(w.bytes()[n-4:])) == n
}

// block reads one block's body and says whether it filled f.
func (p *pcapng) block(r *Reader, kind uint32, b []byte, f *Frame) bool {
	switch kind {
	case blockInterface:
		p.addInterface(r, b)
	case blockEnhanced:
		if len(b) >= 20 {
			return p.frame(r, f, p.order.Uint32(b), uint64(p.order.Uint32(b[4:]))<<32|uint64(p.order.Uint32(b[8:])), p.order.Uint32(b[12:]), p.order.Uint32(b[16:]), b[20:])
		}
		r.problem("a packet block is too short", "", false)
	case blockPacket:
		if len(b) >= 20 {
			return p.frame(r, f, uint32(p.order.Uint16(b)), uint64(p.order.Uint32(b[4:]))<<32|uint64(p.order.Uint32(b[8:])), p.order.Uint32(b[12:]), p.order.Uint32(b[16:]), b[20:])
		}
		r.problem("a packet block is too short", "", false)
	case blockSimple:
		if len(b) >= 4 {
			orig := p.order.Uint32(b)
			n := min(orig, uint32(len(b)-4))
			if len(p.interfaces) > 0 && p.interfaces[0].snap > 0 {
				n = min(n, p.interfaces[0].snap)
			}
			ok := p.frame(r, f, 0, 0, n, orig, b[4:])
			f.At = 0
			if ok && r.detail != nil {
				r.detail.Timed, r.detail.Sec, r.detail.Ticks = false, 0, 0
			}
			return ok
		}
		r.problem("a packet block is too short", "", false)
	case blockStats:
		p.stats(r, b)
	}
	return false // names, secrets, custom and unknown blocks hold no frames
}

func (p *pcapng) frame(r *Reader, f *Frame, ifc uint32, ts uint64, caplen, origlen uint32, data []byte) bool {
	if int(ifc) >= len(p.interfaces) {
		r.problem(fmt.Sprintf("a packet names interface %d, of %d", ifc, len(p.interfaces)), "", false)
		return false
	}
	if uint64(caplen) > uint64(len(data)) {
		r.problem(fmt.Sprintf("a packet claims %d bytes, its block holds %d", caplen, len(data)), "the bytes that are there were read", false)
		caplen = uint32(len(data))
	}
	i := &p.interfaces[ifc]
	hi, lo := bits.Mul64(ts, i.mul)
	us := uint64(0)
	if hi < i.div {
		us, _ = bits.Div64(hi, lo, i.div)
	}
	f.At = harbour.Instant(int64(us) + i.offset*1_000_000)
	f.Link, f.Interface, f.OrigLen, f.Data = i.link, ifc, max(origlen, caplen), data[:caplen:caplen]
	if r.detail != nil {
		i.detail(r.detail, ts)
	}
	return true
}

func (p *pcapng) addInterface(r *Reader, b []byte) {
	i := iface{mul: 1, div: 1, tick: 6}
	if len(b) < 8 {
		r.problem("an interface block is too short", "", false)
	} else {
		i.link, i.snap = decode.LinkType(p.order.Uint16(b)), p.order.Uint32(b[4:])
		p.options(b[8:], func(code uint16, v []byte) {
			switch {
			case code == 9 && len(v) >= 1:
				i.mul, i.div = resolution(v[0])
				i.tick = v[0]
			case code == 2:
				i.name = text(v)
			case code == 3:
				i.about = text(v)
			case code == 14 && len(v) >= 8:
				i.offset = int64(p.order.Uint64(v))
			}
		})
	}
	p.changed = true
	if len(p.interfaces) < maxInterfaces {
		p.interfaces = append(p.interfaces, i)
	} else if !p.refused {
		p.refused = true
		r.problem(fmt.Sprintf("more than %d interfaces", maxInterfaces), "packets of the others are passed over", false)
	}
}

// resolution turns if_tsresol into a factor to microseconds: the low seven bits are a negative power of 10, or of 2
// where the high bit is set.
func resolution(v byte) (mul, div uint64) {
	e := uint(v & 0x7f)
	if v&0x80 != 0 {
		return 1_000_000, 1 << min(e, 63)
	}
	mul, div = 1, 1
	for ; e < 6; e++ {
		mul *= 10
	}
	for ; e > 6 && div < 1e18; e-- {
		div *= 10
	}
	return mul, div
}

func (p *pcapng) stats(r *Reader, b []byte) {
	if len(b) < 12 {
		return
	}
	p.options(b[12:], func(code uint16, v []byte) {
		if (code == 5 || code == 7) && len(v) >= 8 { // isb_ifdrop, isb_osdrop
			r.drops += min(p.order.Uint64(v), 1<<40)
		}
	})
}

func (p *pcapng) options(b []byte, f func(code uint16, v []byte)) {
	for len(b) >= 4 {
		code, n := p.order.Uint16(b), int(p.order.Uint16(b[2:]))
		b = b[4:]
		if code == 0 || n > len(b) {
			return
		}
		f(code, b[:n])
		b = b[min(len(b), (n+3)&^3):]
	}
}

// sound says whether a whole block of a known type starts at at.
func (p *pcapng) sound(w *window, at int) bool {
	b := w.bytes()
	if len(b) < at+12 {
		return false
	}
	kind, n := p.order.Uint32(b[at:]), int(p.order.Uint32(b[at+4:]))
	if kind == blockSection {
		return sectionOrder(b[at+8:]) != nil
	}
	switch kind {
	case blockInterface, blockPacket, blockSimple, blockNames, blockStats, blockEnhanced, blockSecrets:
	default:
		return false
	}
	if n < 12 || n%4 != 0 || n > windowSize/2 || !w.need(at+n) {
		return false
	}
	return int(p.order.Uint32(w.bytes()[at+n-4:])) == n
}

// resyncInside looks for a sound block within what is left of a file that ends inside a block.
func (p *pcapng) resyncInside(r *Reader) bool {
	for at := 1; at+12 <= r.w.have(); at++ {
		if p.sound(r.w, at) {
			start := r.w.off
			r.w.skip(at)
			r.problemAt(start, r.w.off)
			return true
		}
	}
	return false
}

// resync moves on to the next sound block.
func (p *pcapng) resync(r *Reader) bool {
	w, start := r.w, r.w.off
	w.skip(1)
	for w.need(12) {
		for at := 0; at+12 <= w.have(); at++ {
			if p.order != nil && p.sound(w, at) {
				w.skip(at)
				r.problemAt(start, w.off)
				return true
			}
			if at > windowSize/2 {
				break
			}
		}
		w.skip(max(min(w.have()-11, windowSize/2), 1))
	}
	w.skip(w.have())
	r.problemAt(start, w.off)
	return false
}
