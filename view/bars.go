// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package view

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
