// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package dissect

import "hash/maphash"

// memory is a bounded store of things that are found by some bytes of theirs. Each has one place, and the later one takes
// it. Bytes only say where to look: whoever finds something there compares it whole.
type memory[T any] struct {
	list []T
	seed maphash.Seed
	at   uint32 // where was looked last
}

// look gives the place, out of n, for what has these bytes and belongs to owner.
func (p *memory[T]) look(n int, b []byte, owner uint64) *T {
	if p.list == nil {
		p.list, p.seed = make([]T, n), maphash.MakeSeed()
	}
	h := maphash.Bytes(p.seed, b) ^ owner*0x9e3779b97f4a7c15
	p.at = uint32(h>>40) % uint32(len(p.list))
	return &p.list[p.at]
}

// last is the place where was looked last.
func (p *memory[T]) last() *T { return &p.list[p.at] }
