// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

// unionFind joins nodes into sets; pairs that must stay apart are refused.
type unionFind struct {
	parent []uint32
	apart  map[[2]uint32]bool // pairs of roots
}

func newUnionFind(n int) unionFind {
	u := unionFind{parent: make([]uint32, n), apart: map[[2]uint32]bool{}}
	for i := range u.parent {
		u.parent[i] = uint32(i)
	}
	return u
}

func (u *unionFind) root(x uint32) uint32 {
	for u.parent[x] != x {
		u.parent[x] = u.parent[u.parent[x]]
		x = u.parent[x]
	}
	return x
}

// join makes a and b one set, unless that is forbidden; the lower node is the root, so the outcome is independent of
// order.
func (u *unionFind) join(a, b uint32) bool {
	a, b = u.root(a), u.root(b)
	if a == b {
		return true
	}
	if a > b {
		a, b = b, a
	}
	if len(u.apart) > 0 {
		if u.apart[[2]uint32{a, b}] {
			return false
		}
		for pair := range u.apart {
			for i := range pair {
				if pair[i] == b {
					other := pair[1-i]
					u.apart[[2]uint32{min(a, other), max(a, other)}] = true
				}
			}
		}
	}
	u.parent[b] = a
	return true
}

// separate forbids joining the sets of a and b.
func (u *unionFind) separate(a, b uint32) {
	a, b = u.root(a), u.root(b)
	if a != b {
		u.apart[[2]uint32{min(a, b), max(a, b)}] = true
	}
}
