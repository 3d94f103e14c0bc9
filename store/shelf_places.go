// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

// places are the positions at which each code occurs in one of two columns, those of a code beside each other.
type places struct {
	end  []uint32 // of a code's positions in the list
	list []uint32
}

func placesOf(codes int, x, y []uint32) places {
	from := make([]uint32, codes+1)
	for p, code := range x {
		from[code+1]++
		if y[p] != code {
			from[y[p]+1]++
		}
	}
	for i := range codes {
		from[i+1] += from[i]
	}
	l := places{list: make([]uint32, from[codes])}
	put := func(code uint32, p int) {
		l.list[from[code]] = uint32(p)
		from[code]++
	}
	for p, code := range x {
		put(code, p)
		if y[p] != code {
			put(y[p], p)
		}
	}
	l.end = from[:codes]
	return l
}

// of gives the positions of a code, in order.
func (l *places) of(code uint32) []uint32 {
	from := uint32(0)
	if code > 0 {
		from = l.end[code-1]
	}
	return l.list[from:l.end[code]]
}
