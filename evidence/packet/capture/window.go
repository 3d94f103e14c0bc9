// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package capture

import "io"

// window is a sliding view of a stream: need makes at least n bytes available at buf[r:w].
type window struct {
	src  io.Reader
	buf  []byte
	r, w int
	off  int64 // stream offset of buf[r]
	eof  bool
	err  error // read error other than io.EOF
}

// windowSize bounds a record: two of the largest plus their headers must fit, for looking ahead.
const windowSize = 1 << 20

// readSize is how much is read at once where no record needs more: what was copied and hashed is then still in the
// processor's second cache when the records are taken apart.
const readSize = 128 << 10

func newWindow(src io.Reader) *window { return &window{src: src, buf: make([]byte, windowSize)} }

// need says whether n bytes can be had; n is at most windowSize.
func (x *window) need(n int) bool {
	if x.w-x.r >= n {
		return true
	}
	if n > len(x.buf) || x.eof {
		return false
	}
	if x.r > 0 {
		copy(x.buf, x.buf[x.r:x.w])
		x.w -= x.r
		x.r = 0
	}
	to := min(max(n, readSize), len(x.buf))
	for empty := 0; x.w < n && !x.eof; {
		m, err := x.src.Read(x.buf[x.w:to])
		x.w += m
		if m == 0 {
			if empty++; empty > 100 {
				err = io.ErrNoProgress
			}
		}
		if err != nil {
			x.eof = true
			if err != io.EOF {
				x.err = err
			}
		}
	}
	return x.w >= n
}

// have is the number of bytes at hand.
func (x *window) have() int { return x.w - x.r }

// bytes returns the bytes at hand.
func (x *window) bytes() []byte { return x.buf[x.r:x.w] }

// skip moves n bytes on; n is at most have.
func (x *window) skip(n int) { x.r += n; x.off += int64(n) }

// discard moves n bytes on, reading as needed, and says whether they were there.
func (x *window) discard(n int64) bool {
	for n > 0 {
		if x.have() == 0 && !x.need(1) {
			return false
		}
		k := int(min(n, int64(x.have())))
		x.skip(k)
		n -= int64(k)
	}
	return true
}
