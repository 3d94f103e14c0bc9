// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// A ledger file is a header, blocks of one section after the other, a directory as the last block, and a trailer. See
// docs/formats/ledger.md, which this file and ledgerfile.go implement.

type section uint8

const (
	sectionRecord section = 1 + iota
	sectionTexts
	sectionEndpoints
	sectionLinks
	sectionObservations
	sectionConversations
	sectionOperations
	sectionDirectory
	sections
)

const (
	blockHeader = 16
	blockSize   = 32 << 10 // a block is closed when it is longer than this
	maxBlock    = 1 << 20  // no reader accepts more
)

// part says where in the file a section stands.
type part struct {
	offset, bytes int64 // its blocks with their headers
	rows          int64
}

// minRow is the fewest bytes that a row of a section takes: a directory that promises more rows than its bytes can hold
// is refused before anything is made for them.
var minRow = [sections]int64{sectionTexts: 2, sectionEndpoints: 4, sectionLinks: 3, sectionObservations: 6, sectionConversations: 13, sectionOperations: 13}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// blockWriter writes sections of rows.
type blockWriter struct {
	w     io.Writer
	n     int64
	b     []byte // the open block, its header included
	rows  uint32
	at    section
	parts [sections]part
	err   error
}

func (w *blockWriter) write(b []byte) {
	if w.err == nil {
		_, w.err = w.w.Write(b)
		w.n += int64(len(b))
	}
}

func (w *blockWriter) begin(s section) {
	w.at = s
	w.parts[s].offset = w.n
	w.reset()
}

func (w *blockWriter) reset() {
	w.b, w.rows = append(w.b[:0], make([]byte, blockHeader)...), 0
}

// row notes that one more row stands in w.b, and says whether a new block was begun: what rows tell as differences
// starts again there.
func (w *blockWriter) row() bool {
	w.rows++
	if len(w.b) < blockHeader+blockSize {
		return false
	}
	w.flush()
	return true
}

func (w *blockWriter) flush() {
	if len(w.b) == blockHeader {
		return
	}
	body := w.b[blockHeader:]
	if len(body) > maxBlock {
		w.err = errors.Join(w.err, fmt.Errorf("a row of %d bytes is too long for a ledger file", len(body)))
		return
	}
	h := w.b[:blockHeader]
	h[0] = byte(w.at)
	binary.LittleEndian.PutUint32(h[4:], w.rows)
	binary.LittleEndian.PutUint32(h[8:], uint32(len(body)))
	binary.LittleEndian.PutUint32(h[12:], crc32.Update(crc32.Checksum(h[:12], castagnoli), castagnoli, body))
	w.parts[w.at].rows += int64(w.rows)
	w.write(w.b)
	w.reset()
}

func (w *blockWriter) end() {
	w.flush()
	w.parts[w.at].bytes = w.n - w.parts[w.at].offset
}

// blockReader reads the blocks of one section in turn.
type blockReader struct {
	r    *bufio.Reader
	want section
	left int64 // bytes of the section that were not read yet
	head [blockHeader]byte
	body []byte
	d    decoder
}

func newBlockReader(b io.ReaderAt, s section, p part) *blockReader {
	return &blockReader{r: bufio.NewReaderSize(io.NewSectionReader(b, p.offset, p.bytes), 64<<10), want: s, left: p.bytes}
}

// next reads a block into d and gives its number of rows; io.EOF ends the section.
func (r *blockReader) next() (rows uint32, err error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	if _, err := io.ReadFull(r.r, r.head[:]); err != nil {
		return 0, damaged("a block is cut off", err)
	}
	n := binary.LittleEndian.Uint32(r.head[8:])
	if section(r.head[0]) != r.want || n > maxBlock || int64(n)+blockHeader > r.left {
		return 0, damaged("a block is not what the directory says", nil)
	}
	if cap(r.body) < int(n) {
		r.body = make([]byte, n, max(int(n), blockSize+4096))
	}
	r.body = r.body[:n]
	if _, err := io.ReadFull(r.r, r.body); err != nil {
		return 0, damaged("a block is cut off", err)
	}
	if crc32.Update(crc32.Checksum(r.head[:12], castagnoli), castagnoli, r.body) != binary.LittleEndian.Uint32(r.head[12:]) {
		return 0, damaged("a block's checksum does not fit", nil)
	}
	r.left -= int64(n) + blockHeader
	r.d = decoder{b: r.body}
	return binary.LittleEndian.Uint32(r.head[4:]), nil
}

// decoder takes values off the front of bytes. After the first that is cut off or out of range, bad is set and all that
// follow are zero.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) fail() {
	d.bad, d.b = true, nil
}

func (d *decoder) uvarint() uint64 {
	if len(d.b) > 0 && d.b[0] < 0x80 {
		v := d.b[0]
		d.b = d.b[1:]
		return uint64(v)
	}
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) varint() int64 {
	u := d.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.fail()
		return 0
	}
	v := d.b[0]
	d.b = d.b[1:]
	return v
}

// bytes gives the next n bytes, which belong to the block.
func (d *decoder) bytes(n uint64) []byte {
	if uint64(len(d.b)) < n {
		d.fail()
		return nil
	}
	v := d.b[:n]
	d.b = d.b[n:]
	return v
}

// upTo gives a number that may be at most limit.
func (d *decoder) upTo(limit uint64) uint64 {
	v := d.uvarint()
	if v > limit {
		d.fail()
		return 0
	}
	return v
}

func (d *decoder) string() string { return string(d.bytes(d.uvarint())) }

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
