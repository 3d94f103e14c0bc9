// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"breakwater/evidence/packet/decode"
	"breakwater/harbour"

	"github.com/klauspost/compress/zstd"
)

// MaxFrame is the largest frame in bytes that a capture may hold, as other tools have it.
const MaxFrame = 256 << 10

// Frame is one record of a capture.
type Frame struct {
	Number    uint64 // from 1
	At        harbour.Instant
	Link      decode.LinkType
	Interface uint32
	OrigLen   uint32 // length on the wire
	Data      []byte // captured bytes, valid until the next call of Next
}

// Reader reads frames from a capture. See the package comment.
type Reader struct {
	// Report is called for each damaged part; it may be nil.
	Report func(harbour.Problem)

	w      *window
	format format
	number uint64
	name   string
	closer func()
	drops  uint64
	detail *Detail // filled with each frame, where somebody asks
	state  *State  // that the last mark has
}

// format reads the records of one file format.
type format interface {
	next(r *Reader, f *Frame) error
	// ready says whether next will succeed without moving what is at hand.
	ready(w *window) bool
}

// Recognise names the capture format that head starts, looking into compression; "" means none.
func Recognise(head []byte) string {
	inner, pack := head, ""
	if name := compression(head); name != "" {
		pack = " in " + name
		rd, done, err := unpack(name, bytes.NewReader(head))
		if err != nil {
			return ""
		}
		defer done()
		b := make([]byte, 64)
		n, _ := io.ReadFull(rd, b)
		inner = b[:n]
	}
	switch {
	case len(inner) < 12:
		return ""
	case pcapMagic(inner) != nil:
		return "pcap" + pack
	case binary.LittleEndian.Uint32(inner) == blockSection && sectionOrder(inner[8:]) != nil:
		return "pcapng" + pack
	}
	return ""
}

func compression(head []byte) string {
	switch {
	case len(head) > 3 && head[0] == 0x1f && head[1] == 0x8b && head[2] == 8:
		return "gzip"
	case len(head) > 4 && binary.LittleEndian.Uint32(head) == 0xfd2fb528:
		return "zstd"
	}
	return ""
}

func unpack(name string, src io.Reader) (io.Reader, func(), error) {
	if name == "gzip" {
		z, err := gzip.NewReader(src)
		return z, func() {}, err
	}
	z, err := zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(32<<20))
	if err != nil {
		return nil, nil, err
	}
	return z, z.Close, nil
}

// Open starts reading a capture. It fails with a *harbour.Error of kind ErrUnreadable where src is not one.
func Open(src io.Reader, report func(harbour.Problem)) (*Reader, error) {
	r := &Reader{Report: report, closer: func() {}}
	w := newWindow(src)
	w.need(8)
	if name := compression(w.bytes()); name != "" {
		z, done, err := unpack(name, &remaining{w})
		if err != nil {
			return nil, &harbour.Error{Kind: harbour.ErrUnreadable, Op: "open capture", Message: "the " + name + " header is damaged", Err: err}
		}
		r.closer = done
		w = newWindow(z)
		r.name = " in " + name
	}
	r.w = w
	w.need(28)
	head := w.bytes()
	switch {
	case len(head) >= 24 && pcapMagic(head) != nil:
		r.format, r.name = newPcap(w), "pcap"+r.name
	case len(head) >= 28 && binary.LittleEndian.Uint32(head) == blockSection && sectionOrder(head[8:]) != nil:
		r.format, r.name = &pcapng{}, "pcapng"+r.name
	default:
		r.Close()
		msg := "no pcap or pcapng file header"
		if w.err != nil {
			return nil, &harbour.Error{Kind: harbour.ErrUnreadable, Op: "open capture", Message: msg, Err: w.err}
		}
		if len(head) < 24 {
			msg = fmt.Sprintf("the file ends inside its header, after %d bytes", len(head))
		}
		return nil, &harbour.Error{
			Kind: harbour.ErrUnreadable, Op: "open capture", Message: msg,
			Hint: "pcap and pcapng are read, plain or compressed by gzip or zstd",
		}
	}
	return r, nil
}

// remaining reads what a window has at hand and then its source.
type remaining struct{ w *window }

func (x *remaining) Read(p []byte) (int, error) {
	if x.w.have() == 0 {
		if x.w.eof {
			return 0, io.EOF
		}
		return x.w.src.Read(p)
	}
	n := copy(p, x.w.bytes())
	x.w.skip(n)
	return n, nil
}

// Format names the file format: "pcap", "pcapng in gzip".
func (r *Reader) Format() string { return r.name }

// Drops is the number of frames that the capturing side says it lost (pcapng interface statistics).
func (r *Reader) Drops() uint64 { return r.drops }

// Close frees the decompressor. The source is the caller's.
func (r *Reader) Close() { r.closer() }

// Next fills f with the next frame. It returns io.EOF at the end, also at a damaged end, which is reported as a problem.
func (r *Reader) Next(f *Frame) error {
	err := r.format.next(r, f)
	if err == nil {
		r.number++
		f.Number = r.number
		return nil
	}
	if r.w.err != nil && !errors.Is(r.w.err, io.EOF) {
		r.problem(fmt.Sprintf("reading stopped: %v", r.w.err), "what precedes this place was read", true)
		r.w.err = nil
	}
	return err
}

// Batch fills frames with the next ones, as many as lie at hand, at least one. All stay valid until the next call. The
// error is that of Next where there is no frame at all.
func (r *Reader) Batch(frames []Frame) (n int, err error) {
	for n < len(frames) && (n == 0 || r.format.ready(r.w)) {
		if err := r.Next(&frames[n]); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (r *Reader) problem(message, hint string, fatal bool) {
	if r.Report != nil {
		r.Report(harbour.Problem{Locator: fmt.Sprintf("frame %d, byte %d", r.number+1, r.w.off), Message: message, Hint: hint, Fatal: fatal})
	}
}
