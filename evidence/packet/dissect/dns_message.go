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
	name        []byte // text without final dot, valid during the call
	kind, class uint16
	ttl         uint32
	data        []byte
	offset      int // of data in the message, for names inside it
}

// dnsWalk calls f for every entry of a message until f returns false or the message ends, and says whether every entry
// that the header promises was there and whole.
func dnsWalk(b []byte, f func(rec *dnsRecord) bool) bool {
	h, ok := dnsReadHead(b)
	if !ok {
		return false
	}
	var text [dnsMaxText]byte
	var rec dnsRecord
	off := dnsHeader
	for section, n := range h.counts {
		for range n {
			rec = dnsRecord{section: section}
			rec.name, off = dnsName(b, off, text[:0])
			need := 4
			if section > 0 {
				need = 10
			}
			if off < 0 || len(b)-off < need {
				return false
			}
			rec.kind, rec.class = binary.BigEndian.Uint16(b[off:]), binary.BigEndian.Uint16(b[off+2:])
			if section > 0 {
				rec.ttl = binary.BigEndian.Uint32(b[off+4:])
				size := int(binary.BigEndian.Uint16(b[off+8:]))
				if len(b)-off-10 < size {
					return false
				}
				rec.offset = off + 10
				rec.data = b[rec.offset : rec.offset+size : rec.offset+size]
				off += size
			}
			off += need
			if !f(&rec) {
				return true
			}
		}
	}
	return true
}

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
