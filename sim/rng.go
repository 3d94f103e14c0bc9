// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import "encoding/binary"

// rng is a small generator of reproducible numbers (SplitMix64). Each task has its own, seeded by the port's seed and
// the task's number, so that what is planted does not alter what else happens.
type rng struct{ s uint64 }

func newRNG(parts ...uint64) *rng {
	r := &rng{}
	for _, p := range parts {
		r.s = r.next() ^ p
	}
	return r
}

func (r *rng) next() uint64 {
	r.s += 0x9e3779b97f4a7c15
	z := r.s
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// n draws from 0 to limit-1.
func (r *rng) n(limit int) int { return int(r.next() >> 1 % uint64(limit)) }

// span draws from lo to hi.
func (r *rng) span(lo, hi int64) int64 { return lo + int64(r.next()>>1%uint64(hi-lo+1)) }

func (r *rng) bytes(n int) []byte {
	b := make([]byte, 0, n+8)
	for len(b) < n {
		b = binary.LittleEndian.AppendUint64(b, r.next())
	}
	return b[:n]
}
