// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package record writes capture files record by record: classic pcap in microseconds or nanoseconds, pcapng, and any of
// them within gzip. The bytes depend on the records alone.
//
// A [Writer] is for one goroutine. After the first failed write every later call returns that error.
package record

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"io"
	"strings"
	"time"
)

// Format of a capture file.
type Format uint8

// The formats.
const (
	Micro Format = iota // classic pcap, microseconds
	Nano                // classic pcap, nanoseconds
	Next                // pcapng, nanoseconds
)

// Writer writes one capture file of Ethernet frames.
type Writer struct {
	format Format
	out    *bufio.Writer
	zip    *gzip.Writer
	buf    []byte
	err    error
	// Records counts what was written.
	Records int64
}

// New starts a capture file on w, compressed if the name ends in .gz. device is the name of the mirrored port, which
// pcapng keeps.
func New(w io.Writer, name string, format Format, device string) *Writer {
	r := &Writer{format: format}
	if strings.HasSuffix(name, ".gz") {
		r.zip = gzip.NewWriter(w)
		w = r.zip
	}
	r.out = bufio.NewWriterSize(w, 1<<16)
	le := binary.LittleEndian
	if format == Next {
		r.block(0x0a0d0d0a, append([]byte{0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0}, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff))
		b := []byte{1, 0, 0, 0, 0, 0, 4, 0}
		b = option(b, 2, []byte(device))
		b = option(b, 9, []byte{9})
		r.block(1, append(b, 0, 0, 0, 0))
		return r
	}
	magic := uint32(0xa1b2c3d4)
	if format == Nano {
		magic = 0xa1b23c4d
	}
	b := le.AppendUint32(nil, magic)
	b = append(b, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	b = le.AppendUint32(b, 262144)
	r.write(le.AppendUint32(b, 1))
	return r
}

func option(b []byte, code uint16, val []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, code)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(val)))
	b = append(b, val...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func (w *Writer) write(b []byte) {
	if w.err == nil {
		_, w.err = w.out.Write(b)
	}
}

func (w *Writer) block(kind uint32, body []byte) {
	le := binary.LittleEndian
	n := uint32(12 + len(body))
	b := le.AppendUint32(w.buf[:0], kind)
	b = le.AppendUint32(b, n)
	b = append(b, body...)
	w.buf = le.AppendUint32(b, n)
	w.write(w.buf)
}

// Write adds a frame.
func (w *Writer) Write(at time.Time, frame []byte) error {
	le := binary.LittleEndian
	n := uint32(len(frame))
	w.Records++
	if w.format == Next {
		ns := uint64(at.UnixNano())
		padded := (n + 3) &^ 3
		b := le.AppendUint32(w.buf[:0], 6)
		b = le.AppendUint32(b, 32+padded)
		b = le.AppendUint32(b, 0)
		b = le.AppendUint32(b, uint32(ns>>32))
		b = le.AppendUint32(b, uint32(ns))
		b = le.AppendUint32(le.AppendUint32(b, n), n)
		b = append(b, frame...)
		for range padded - n {
			b = append(b, 0)
		}
		w.buf = le.AppendUint32(b, 32+padded)
		w.write(w.buf)
		return w.err
	}
	fraction := uint32(at.Nanosecond())
	if w.format == Micro {
		fraction /= 1000
	}
	b := le.AppendUint32(w.buf[:0], uint32(at.Unix()))
	b = le.AppendUint32(b, fraction)
	b = le.AppendUint32(le.AppendUint32(b, n), n)
	w.buf = append(b, frame...)
	w.write(w.buf)
	return w.err
}

// Close ends the file; the underlying writer stays open.
func (w *Writer) Close() error {
	if w.err == nil {
		w.err = w.out.Flush()
	}
	if w.zip != nil && w.err == nil {
		w.err = w.zip.Close()
	}
	return w.err
}
