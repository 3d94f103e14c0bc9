// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestPath(t *testing.T) {
	for in, want := range map[string]string{
		"M1 2L3 4":            "M1,2 L3,4",
		"M0 0H5V6Z":           "M0,0 L5,0 L5,6 Z",
		"M0 0 1 1 2 2":        "M0,0 L1,1 L2,2",
		"M0,0 Q3,0 3,3":       "M0,0 C3,3",
		"M-1.5 -2L-.5 3":      "M-1.5,-2 L-0.5,3",
		"":                    "",
		"M1":                  "",
		"M0 0 a1 1 0 0 0 1 1": "M0,0",
		"M0 0L":               "M0,0",
	} {
		var got []string
		for _, s := range parsePath(in, 1, 1) {
			switch s.op {
			case 'C':
				got = append(got, fmt.Sprintf("C%v,%v", s.p[4], s.p[5]))
			case 'Z':
				got = append(got, "Z")
			default:
				got = append(got, fmt.Sprintf("%c%v,%v", s.op, s.p[0], s.p[1]))
			}
		}
		if g := strings.Join(got, " "); g != want {
			t.Errorf("parsePath(%q) = %s, want %s", in, g, want)
		}
	}
}

func FuzzPath(f *testing.F) {
	for _, s := range []string{"M1 2L3 4", "M0 0H5V6Z", "Q1,2,3,4", "M--1", "M1e9 .", "M 1 2 3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, d string) {
		steps := parsePath(d, 0.5, 2)
		for _, s := range steps {
			for _, v := range s.p {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Fatalf("parsePath(%q) has %v", d, v)
				}
			}
		}
		arrow(steps, 3)
	})
}

// The colours are those of the light look.
func TestInk(t *testing.T) {
	k := readInk()
	for _, name := range []string{"accent", "card", "sunk", "chip", "line", "line-2", "text", "text-2", "text-3", "critical", "high", "medium", "low", "info", "ok"} {
		if _, ok := k[name]; !ok {
			t.Errorf("the tokens have no --%s", name)
		}
	}
	if k["card"] != (colour{1, 1, 1}) {
		t.Errorf("card = %v, want white", k["card"])
	}
	// sRGB of oklch(0.53 0.2 25), computed elsewhere: #c51d28 within a step.
	for i, want := range []float64{0xc5, 0x1d, 0x28} {
		if got := k["critical"][i] * 255; math.Abs(got-want) > 1 {
			t.Errorf("critical = %v, want #c51d28", k["critical"])
			break
		}
	}
	for _, s := range []string{"", "red", "oklch(1 2)", "oklch(a b c)", "oklch(0.5 0.1 20 / 50%)"} {
		if c, ok := parseColour(s); ok {
			t.Errorf("parseColour(%q) = %v", s, c)
		}
	}
}
