// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package view

import "strings"

func longest(bars []Bar) (most int64) {
	for _, b := range bars {
		most = max(most, b.Value)
	}
	return most
}

func barClass(class string) string {
	if class == "" {
		return "fill"
	}
	return "c-" + class
}

// barWidth is the width of a bar in drawing units. A figure that is not zero can always be seen.
func barWidth(v, most int64, width float64) string {
	if v <= 0 || most <= 0 {
		return "0"
	}
	return coordinate(max(float64(v)/float64(most)*width, least))
}

// linePath draws values from left to right, the greatest at the top and zero at the bottom, with room for the stroke.
func linePath(values []int64, width, height float64) string {
	var most int64
	for _, v := range values {
		most = max(most, v)
	}
	var b strings.Builder
	for i, v := range values {
		x := width * float64(i) / float64(max(len(values)-1, 1))
		y := height - 2
		if most > 0 {
			y -= (height - 4) * float64(max(v, 0)) / float64(most)
		}
		if i == 0 {
			b.WriteByte('M')
		} else {
			b.WriteByte('L')
		}
		b.WriteString(coordinate(x) + " " + coordinate(y))
	}
	return b.String()
}
