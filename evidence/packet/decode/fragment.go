// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package decode

import (
	"encoding/binary"
	"slices"

	"breakwater/evidence"
)

// maxDatagram is the most that an IP datagram can carry.
const maxDatagram = 65535

// fragmentTimeout is how long a datagram may take to arrive, in microseconds (RFC 8200, 4.5: 60 seconds).
const fragmentTimeout = 60_000_000

// fragments puts datagrams together. It has a fixed number of slots; when all are taken the oldest is given up. A
// datagram whose fragments overlap is given up too (RFC 5722): nobody can know which of two contents its receiver took.
type fragments struct {
	slots   []datagram
	Dropped int64 // given up: overlap, time, or place
	buf     []byte
}

type datagram struct {
	used     bool
	src, dst evidence.IP
	id       uint32
	proto    uint8
	at       int64
	total    int // 0: last fragment not seen
	have     int
	bad      bool
	parts    []part
	data     []byte
}

type part struct{ off, end int }

func (t *fragments) init(memory int) {
	t.slots = make([]datagram, min(max(memory/(maxDatagram/4), 8), 256))
}

// Dropped is the number of fragmented datagrams that were given up.
func (d *Decoder) Dropped() int64 { return d.frags.Dropped }

func (t *fragments) add4(p *Packet, hdr, body []byte, off int, more bool, now int64) []byte {
	return t.add(p, uint32(binary.BigEndian.Uint16(hdr[4:])), body, off, more, now)
}

func (t *fragments) add6(p *Packet, id uint32, body []byte, off int, more bool, now int64) []byte {
	return t.add(p, id, body, off, more, now)
}

// add enters a fragment and returns the datagram's payload if it is whole now, valid until the next call.
func (t *fragments) add(p *Packet, id uint32, body []byte, off int, more bool, now int64) []byte {
	if len(t.slots) == 0 || p.Missing > 0 || off+len(body) > maxDatagram || len(body) == 0 {
		t.Dropped++
		return nil
	}
	g := t.slot(p, id, now)
	end := off + len(body)
	for _, q := range g.parts {
		if off == q.off && end == q.end {
			return nil // a duplicate, as mirror ports make them
		}
		if off < q.end && q.off < end {
			g.bad = true
		}
	}
	if g.bad || len(g.parts) >= 1024 || g.total > 0 && end > g.total {
		g.bad = true
		return nil
	}
	g.parts = append(g.parts, part{off, end})
	g.have += len(body)
	if end > len(g.data) {
		g.data = slices.Grow(g.data, end-len(g.data))[:end]
	}
	copy(g.data[off:], body)
	if !more {
		g.total = end
	}
	if g.total == 0 || g.have != g.total || len(g.data) != g.total {
		return nil
	}
	t.buf = append(t.buf[:0], g.data...)
	g.used = false
	return t.buf
}

func (t *fragments) slot(p *Packet, id uint32, now int64) *datagram {
	oldest := &t.slots[0]
	for i := range t.slots {
		g := &t.slots[i]
		if g.used && g.id == id && g.proto == p.Proto && g.src == p.Src && g.dst == p.Dst {
			if now-g.at <= fragmentTimeout {
				return g
			}
			oldest = g
			break
		}
		if !g.used && oldest.used || g.used == oldest.used && g.at < oldest.at {
			oldest = g
		}
	}
	if oldest.used {
		t.Dropped++
	}
	*oldest = datagram{used: true, src: p.Src, dst: p.Dst, id: id, proto: p.Proto, at: now, parts: oldest.parts[:0], data: oldest.data[:0]}
	return oldest
}
