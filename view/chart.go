// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package view

import "strconv"

// share is a part of a bar in drawing units.
type share struct {
	class    string
	x, width string
}

// least is the width below which a share cannot be seen.
const least = 3

// shares divides width among the parts. Shares below the least width get it, and the others give it up in proportion.
func shares(parts []Part, width float64) []share {
	var total float64
	n := 0
	for _, p := range parts {
		if p.Value > 0 {
			total += float64(p.Value)
			n++
		}
	}
	if n == 0 {
		return nil
	}
	free := width - float64(n)*least
	var out []share
	x := 0.0
	for _, p := range parts {
		if p.Value <= 0 {
			continue
		}
		w := least + free*float64(p.Value)/total
		gap := 1.0
		if len(out) == n-1 {
			gap = 0
		}
		out = append(out, share{p.Class, coordinate(x), coordinate(w - gap)})
		x += w
	}
	return out
}

// coordinate writes a drawing unit with one decimal, the same on every machine.
func coordinate(f float64) string {
	return strconv.FormatFloat(float64(int64(f*10+0.5))/10, 'f', -1, 64)
}
