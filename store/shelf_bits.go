// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import mathbits "math/bits"

// bits are a set of positions.
type bits []uint64

func full(n int) bits {
	b := make(bits, (n+63)/64)
	for i := range b {
		b[i] = ^uint64(0)
	}
	if n%64 != 0 {
		b[len(b)-1] = 1<<(n%64) - 1
	}
	return b
}

func (b bits) has(p uint32) bool { return b[p/64]&(1<<(p%64)) != 0 }

func (b bits) put(p uint32) { b[p/64] |= 1 << (p % 64) }

func (b bits) drop(p uint32) { b[p/64] &^= 1 << (p % 64) }

// intersect leaves in the set what the other has too.
func (b bits) intersect(o bits) {
	for i := range b {
		b[i] &= o[i]
	}
}

// sparse is with how many positions of 64 each is looked at by itself, instead of all in a row.
const sparse = 16

// keep leaves in the set what a test passes.
func (b bits) keep(pass func(p int) bool) {
	for i, w := range b {
		for left := w; left != 0; left &= left - 1 {
			if k := mathbits.TrailingZeros64(left); !pass(i*64 + k) {
				w &^= 1 << k
			}
		}
		b[i] = w
	}
}

// keepCodes leaves the positions whose code passes: has a 1 in pass.
func (b bits) keepCodes(at []uint32, pass []uint8) {
	for i, w := range b {
		if mathbits.OnesCount64(w) <= sparse {
			for left := w; left != 0; left &= left - 1 {
				k := mathbits.TrailingZeros64(left)
				w &^= uint64(1-pass[at[i*64+k]]) << k
			}
			b[i] = w
			continue
		}
		var in uint64
		for k, code := range at[i*64 : min(i*64+64, len(at))] {
			in |= uint64(pass[code]) << (k & 63)
		}
		b[i] = w & in
	}
}

// keepEither leaves the positions of which one of two codes passes.
func (b bits) keepEither(x, y []uint32, pass []uint8) {
	for i, w := range b {
		if w == 0 {
			continue
		}
		end := min(i*64+64, len(x))
		one, other := x[i*64:end], y[i*64:end]
		var in uint64
		for k, code := range one {
			in |= uint64(pass[code]|pass[other[k]]) << (k & 63)
		}
		b[i] = w & in
	}
}

// keepBetween leaves the positions whose number lies between two, both included.
func (b bits) keepBetween(c []int64, least, most int64) {
	for i, w := range b {
		if w == 0 {
			continue
		}
		var in uint64
		for k, v := range c[i*64 : min(i*64+64, len(c))] {
			if v >= least && v <= most {
				in |= 1 << (k & 63)
			}
		}
		b[i] = w & in
	}
}

// count is how many positions are in the set.
func (b bits) count() (n int) {
	for _, w := range b {
		n += mathbits.OnesCount64(w)
	}
	return n
}

// each calls fn for every position of the set, in order.
func (b bits) each(fn func(p int)) {
	for i, w := range b {
		for ; w != 0; w &= w - 1 {
			fn(i*64 + mathbits.TrailingZeros64(w))
		}
	}
}
