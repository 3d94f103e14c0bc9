// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import "encoding/binary"

// index is an open-addressing hash index over rows that live elsewhere: a slot holds the upper half of the row's hash
// and the row's number plus one. It has no pointers and grows by doubling.
type index struct {
	slots []uint64
	n     int
}

// find returns the row with this hash for which same is true, or -1.
func (x *index) find(hash uint64, same func(row uint32) bool) int {
	if len(x.slots) == 0 {
		return -1
	}
	mask := uint64(len(x.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		s := x.slots[i]
		if s == 0 {
			return -1
		}
		if s>>32 == hash>>32 && same(uint32(s)-1) {
			return int(uint32(s) - 1)
		}
	}
}

// add enters a row that find did not find. rehash gives the hash of any row, for growing.
func (x *index) add(hash uint64, row uint32, rehash func(row uint32) uint64) {
	if (x.n+1)*4 > len(x.slots)*3 {
		size := max(64, len(x.slots)*2)
		old := x.slots
		x.slots = make([]uint64, size)
		for _, s := range old {
			if s != 0 {
				x.put(rehash(uint32(s)-1), uint32(s)-1)
			}
		}
	}
	x.put(hash, row)
	x.n++
}

func (x *index) put(hash uint64, row uint32) {
	mask := uint64(len(x.slots) - 1)
	i := hash & mask
	for x.slots[i] != 0 {
		i = (i + 1) & mask
	}
	x.slots[i] = hash&^0xffffffff | uint64(row+1)
}

const (
	mixA = 0x9E3779B97F4A7C15
	mixB = 0xD6E8FEB86659FD93
)

// mix folds v into h. It is a fixed function: two runs, and two machines, agree on every table's order.
func mix(h, v uint64) uint64 {
	h = (h ^ v) * mixA
	h ^= h >> 32
	h *= mixB
	return h ^ h>>29
}

// hashBytes hashes a string: most are shorter than 32 bytes, so the end is read as a whole word that may overlap what
// came before.
func hashBytes(b []byte) uint64 {
	h := uint64(len(b)) * mixA
	n := len(b)
	if n < 8 {
		var v uint64
		if n >= 4 {
			v = uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint32(b[n-4:]))<<32
		} else {
			for _, c := range b {
				v = v<<8 | uint64(c)
			}
		}
		return mix(h, v)
	}
	for i := 0; i+8 < n; i += 8 {
		h = mix(h, binary.LittleEndian.Uint64(b[i:]))
	}
	return mix(h, binary.LittleEndian.Uint64(b[n-8:]))
}
