// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import (
	"encoding/binary"

	"breakwater/wire"
)

const (
	dnsHeader = 12
	// dnsMaxText is enough for the text of any name: 255 bytes on the wire.
	dnsMaxText = 256
	// dnsMaxJumps is how many compression pointers one name may follow.
	dnsMaxJumps = 16

	dnsTypeA     = 1
	dnsTypePTR   = 12
	dnsTypeHINFO = 13
	dnsTypeTXT   = 16
	dnsTypeAAAA  = 28

	dnsClassIN    = 1
	dnsClassChaos = 3
)

// dnsHead is the header that DNS, multicast DNS, LLMNR and the NetBIOS name service share.
type dnsHead struct {
	flags  uint16
	counts [4]uint16
}

func (h *dnsHead) response() bool { return h.flags&0x8000 != 0 }
func (h *dnsHead) opcode() uint16 { return h.flags >> 11 & 15 }
func (h *dnsHead) rcode() uint16  { return h.flags & 15 }

func dnsReadHead(b []byte) (h dnsHead, ok bool) {
	r := wire.Read(b)
	r.U16()
	h.flags = r.U16()
	for i := range h.counts {
		h.counts[i] = r.U16()
	}
	return h, r.OK()
}

// dnsRecord is one entry of a message: a question (section 0, no data) or a resource record.
type dnsRecord struct {
	section     int
	kind, class uint16
	ttl         uint32
	data        []byte
	offset      int // of data in the message, for names inside it
	length      int // of the name's text
	text        [dnsMaxText]byte
}

// name is the entry's name as text without final dot.
func (rec *dnsRecord) name() []byte { return rec.text[:rec.length] }

// dnsWalker steps through the entries of a message.
type dnsWalker struct {
	b      []byte
	counts [4]uint16
	off    int
	broken bool
	rec    dnsRecord // the entry that next has read
}

func dnsEntries(b []byte) (w dnsWalker) {
	h, ok := dnsReadHead(b)
	w.b, w.counts, w.off, w.broken = b, h.counts, dnsHeader, !ok
	return w
}

// next reads the next entry into rec. It returns false at the end, and where the message breaks off or is malformed.
func (w *dnsWalker) next() bool {
	section := 0
	for section < 4 && w.counts[section] == 0 {
		section++
	}
	if section == 4 || w.broken {
		return false
	}
	w.counts[section]--
	w.broken = !w.read(section)
	return !w.broken
}

func (w *dnsWalker) read(section int) bool {
	rec := &w.rec
	name, end := dnsName(w.b, w.off, rec.text[:0])
	rec.section, rec.length, rec.ttl, rec.data, rec.offset, w.off = section, len(name), 0, nil, 0, end
	need := 4
	if section > 0 {
		need = 10
	}
	if w.off < 0 || len(w.b)-w.off < need {
		return false
	}
	b := w.b[w.off:]
	rec.kind, rec.class = binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:])
	w.off += need
	if section == 0 {
		return true
	}
	rec.ttl = binary.BigEndian.Uint32(b[4:])
	size := int(binary.BigEndian.Uint16(b[8:]))
	if len(b)-10 < size {
		return false
	}
	rec.offset, rec.data = w.off, b[10:10+size:10+size]
	w.off += size
	return true
}

// whole says, once next has returned false, whether every entry that the header promises was there and well-formed.
func (w *dnsWalker) whole() bool { return !w.broken }

// dnsName appends the text of the name at off to dst and returns the offset behind it, -1 where there is no well-formed
// name. A name is at most 255 bytes however its pointers lead, and pointers lead back only.
func dnsName(b []byte, off int, dst []byte) ([]byte, int) {
	next, jumps, limit := -1, 0, len(b)
	start := len(dst)
	for {
		if off >= len(b) {
			return dst, -1
		}
		n := int(b[off])
		switch n >> 6 {
		case 0:
			if n == 0 {
				if next < 0 {
					next = off + 1
				}
				return dst, next
			}
			if off+1+n > len(b) || len(dst)-start+n+1 > dnsMaxText-1 {
				return dst, -1
			}
			if len(dst) > start {
				dst = append(dst, '.')
			}
			dst = append(dst, b[off+1:off+1+n]...)
			off += 1 + n
		case 3:
			if off+2 > len(b) {
				return dst, -1
			}
			to := n&0x3f<<8 | int(b[off+1])
			if next < 0 {
				next = off + 2
			}
			if jumps++; jumps > dnsMaxJumps || to >= limit || to >= off {
				return dst, -1
			}
			off, limit = to, to
		default:
			return dst, -1
		}
	}
}

// dnsPlainName appends a name in DNS form without compression, as DHCP carries it; the end of the input ends it too.
func dnsPlainName(r *wire.Reader, dst []byte) []byte {
	start := len(dst)
	for r.Len() > 0 {
		n := int(r.U8())
		label := r.Bytes(n)
		if n == 0 || n > 63 || !r.OK() || len(dst)-start+n+1 > dnsMaxText-1 {
			break
		}
		if len(dst) > start {
			dst = append(dst, '.')
		}
		dst = append(dst, label...)
	}
	return dst
}
