// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import mathbits "math/bits"

func trailing(w uint64) int { return mathbits.TrailingZeros64(w) }

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
			fn(i*64 + trailing(w))
		}
	}
}
