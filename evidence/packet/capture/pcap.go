// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"encoding/binary"
	"fmt"
	"io"

	"breakwater/evidence/packet/decode"
	"breakwater/harbour"
)

// pcap reads the classic format: a header of 24 bytes, then records with a header of 16 bytes each.
type pcap struct {
	big     bool
	nanos   bool
	link    decode.LinkType
	snap    uint32
	lastSec uint32
}

type magic struct{ big, nanos bool }

func pcapMagic(b []byte) *magic {
	switch binary.LittleEndian.Uint32(b) {
	case 0xa1b2c3d4:
		return &magic{false, false}
	case 0xd4c3b2a1:
		return &magic{true, false}
	case 0xa1b23c4d:
		return &magic{false, true}
	case 0x4d3cb2a1:
		return &magic{true, true}
	}
	return nil
}

func newPcap(w *window) *pcap {
	b := w.bytes()
	m := pcapMagic(b)
	p := &pcap{big: m.big, nanos: m.nanos}
	p.snap, p.link = p.uint32(b[16:]), decode.LinkType(p.uint32(b[20:])&0xffff)
	w.skip(24)
	return p
}

// header is one record header.
type header struct{ sec, frac, caplen, origlen uint32 }

func (p *pcap) uint32(b []byte) uint32 {
	if p.big {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

func (p *pcap) header(b []byte) header {
	b = b[:16]
	return header{p.uint32(b), p.uint32(b[4:]), p.uint32(b[8:]), p.uint32(b[12:])}
}

// possible says whether a record can have this header.
func (p *pcap) possible(h header) bool {
	limit := uint32(1_000_000)
	if p.nanos {
		limit = 1_000_000_000
	}
	return h.caplen <= MaxFrame && h.frac < limit
}

// likely is the stricter judgement used when looking for the way back into the record chain.
func (p *pcap) likely(h header) bool {
	if !p.possible(h) || h.caplen == 0 || h.caplen > h.origlen || h.origlen > 1<<20 {
		return false
	}
	const day = 86400
	return p.lastSec == 0 || h.sec+day > p.lastSec && h.sec < p.lastSec+30*day
}

// chain says whether a likely record starts at b[at:] and another, or the end of the stream, follows it.
func (p *pcap) chain(w *window, at int) bool {
	if !w.need(at + 16) {
		return false
	}
	h := p.header(w.bytes()[at:])
	if !p.likely(h) {
		return false
	}
	end := at + 16 + int(h.caplen)
	if w.need(end + 16) {
		return p.likely(p.header(w.bytes()[end:]))
	}
	return w.eof && w.have() == end
}

func (p *pcap) ready(w *window) bool {
	b := w.bytes()
	if len(b) < 16 {
		return false
	}
	h := p.header(b)
	n := 16 + int(h.caplen)
	return p.possible(h) && len(b) >= n+16 && p.possible(p.header(b[n:]))
}

func (p *pcap) next(r *Reader, f *Frame) error {
	w := r.w
	for {
		if !w.need(16) {
			if w.have() > 0 {
				r.problem(fmt.Sprintf("the capture ends inside a record header, %d of 16 bytes", w.have()), "the capture was cut off; what precedes is complete", false)
			}
			return io.EOF
		}
		h := p.header(w.bytes())
		if !p.possible(h) {
			if !p.resync(r, 1) {
				return io.EOF
			}
			continue
		}
		n := 16 + int(h.caplen)
		if !w.need(n) {
			if p.hidden(r, w.have()) {
				continue
			}
			r.problem(fmt.Sprintf("the capture ends inside a record, %d of %d bytes", w.have()-16, h.caplen), "the capture was cut off; what precedes is complete", false)
			return io.EOF
		}
		if w.need(n+16) && !p.possible(p.header(w.bytes()[n:])) && p.hidden(r, n) {
			continue // this record's length is wrong: it would swallow others
		}
		p.lastSec = h.sec
		frac := h.frac
		if p.nanos {
			frac /= 1000
		}
		f.At = harbour.Instant(int64(h.sec)*1_000_000 + int64(frac))
		f.Link, f.Interface, f.OrigLen = p.link, 0, max(h.origlen, h.caplen)
		f.Data = w.bytes()[16:n:n]
		if r.detail != nil {
			p.detail(r.detail, h, w.off)
		}
		w.skip(n)
		return nil
	}
}

// hidden looks for a record chain inside the next n bytes, and moves there if there is one.
func (p *pcap) hidden(r *Reader, n int) bool {
	for at := 17; at+16 <= n; at++ {
		if p.likely(p.header(r.w.bytes()[at:])) && p.chain(r.w, at) {
			r.problem(fmt.Sprintf("a damaged record, %d bytes passed over", at), "frames before and after it were read", false)
			r.w.skip(at)
			return true
		}
	}
	return false
}

// resync moves on to the next place at which a chain of records starts.
func (p *pcap) resync(r *Reader, from int) bool {
	w, start := r.w, r.w.off
	w.skip(from)
	for w.need(16) {
		b := w.bytes()
		for at := 0; at+16 <= len(b); at++ {
			if p.likely(p.header(b[at:])) {
				w.skip(at)
				if p.chain(w, 0) {
					r.problemAt(start, w.off)
					return true
				}
				b, at = w.bytes(), 0
			}
		}
		w.skip(max(w.have()-15, 1))
	}
	w.skip(w.have())
	r.problemAt(start, w.off)
	return false
}

// problemAt reports a damaged stretch.
func (r *Reader) problemAt(from, to int64) {
	if r.Report != nil {
		r.Report(harbour.Problem{
			Locator: fmt.Sprintf("frame %d, bytes %d-%d", r.number+1, from, to),
			Message: fmt.Sprintf("%d bytes are damaged and were passed over", to-from),
			Hint:    "frames before and after them were read",
		})
	}
}
