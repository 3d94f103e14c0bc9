// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

// unionFind joins nodes into sets; sets that must stay apart are refused.
type unionFind struct {
	parent []uint32
	apart  map[uint32]map[uint32]bool // by root: the roots with which it must not be joined
}

func newUnionFind(n int) unionFind {
	u := unionFind{parent: make([]uint32, n), apart: map[uint32]map[uint32]bool{}}
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
		if u.apart[a][b] {
			return false
		}
		for other := range u.apart[b] {
			delete(u.apart[other], b)
			u.forbid(a, other)
		}
		delete(u.apart, b)
	}
	u.parent[b] = a
	return true
}

// separate forbids joining the sets of a and b.
func (u *unionFind) separate(a, b uint32) {
	if a, b = u.root(a), u.root(b); a != b {
		u.forbid(a, b)
	}
}

func (u *unionFind) forbid(a, b uint32) {
	for _, p := range [2][2]uint32{{a, b}, {b, a}} {
		if u.apart[p[0]] == nil {
			u.apart[p[0]] = map[uint32]bool{}
		}
		u.apart[p[0]][p[1]] = true
	}
}
