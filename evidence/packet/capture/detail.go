// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"math/bits"

	"breakwater/wire"
)

// Detail is what a capture says of a frame beyond [Frame]: what a person who looks at one frame wants to know, and a
// reader of millions does not.
type Detail struct {
	// Offset of the frame's record in the stream, unpacked where the file is compressed.
	Offset int64
	// Timed is false for records that have no time.
	Timed bool
	// Sec and Ticks are the time as recorded: seconds since 1970 and ticks into the second, of which PerSecond make one.
	Sec       int64
	Ticks     uint64
	PerSecond uint64
	// InterfaceName and InterfaceAbout are what pcapng says of the capturing interface.
	InterfaceName  string
	InterfaceAbout string
	// SnapLen is the length to which frames were cut, 0 where the file does not say.
	SnapLen uint32
	// Comments that somebody has written to the frame.
	Comments []string
}

// Nanos is the time in nanoseconds into the second; finer ticks are cut.
func (d *Detail) Nanos() int {
	if d.PerSecond == 0 {
		return 0
	}
	hi, lo := bits.Mul64(d.Ticks, 1_000_000_000)
	if hi >= d.PerSecond {
		return 0
	}
	n, _ := bits.Div64(hi, lo, d.PerSecond)
	return int(min(n, 999_999_999))
}

// Details has d filled with each frame that Next returns from now on; nil ends it.
func (r *Reader) Details(d *Detail) { r.detail = d }

func (p *pcap) detail(d *Detail, h header, at int64) {
	*d = Detail{Offset: at, Timed: true, Sec: int64(h.sec), Ticks: uint64(h.frac), PerSecond: 1_000_000, SnapLen: p.snap}
	if p.nanos {
		d.PerSecond = 1_000_000_000
	}
}

func (i *iface) detail(d *Detail, ts uint64) {
	*d = Detail{Timed: true, PerSecond: perSecond(i.tick), InterfaceName: i.name, InterfaceAbout: i.about, SnapLen: i.snap}
	d.Sec, d.Ticks = int64(ts/d.PerSecond)+i.offset, ts%d.PerSecond
}

// perSecond turns if_tsresol into ticks per second.
func perSecond(v byte) uint64 {
	if v&0x80 != 0 {
		return 1 << min(v&0x7f, 63)
	}
	n := uint64(1)
	for range min(v, 19) {
		n *= 10
	}
	return n
}

// Bounds on the texts of a capture file.
const (
	maxText     = 1024
	maxComments = 16
)

func text(b []byte) string { return string(wire.AppendText(nil, wire.CString(b), maxText)) }

// comments reads the comments among the options of a packet block.
func (p *pcapng) comments(d *Detail, kind uint32, b []byte) {
	if kind != blockEnhanced && kind != blockPacket || len(b) < 20 {
		return
	}
	n := int64(p.order.Uint32(b[12:]))
	n = 20 + (n+3)&^3
	if n > int64(len(b)) {
		return
	}
	p.options(b[n:], func(code uint16, v []byte) {
		if s := text(v); code == 1 && s != "" && len(d.Comments) < maxComments {
			d.Comments = append(d.Comments, s)
		}
	})
}
