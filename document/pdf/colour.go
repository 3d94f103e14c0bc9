// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pdf

import (
	"math"
	"strconv"
	"strings"

	"breakwater/view"
)

// colour is red, green and blue from 0 to 1.
type colour [3]float64

// ink holds the colours of the design tokens, as they are on paper.
type ink map[string]colour

// readInk takes the colours of the light look from the tokens, so that there is one set of them.
func readInk() ink {
	k := ink{}
	for line := range strings.SplitSeq(view.Tokens, "\n") {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok || !strings.HasPrefix(name, "--") {
			continue
		}
		value = strings.TrimPrefix(strings.TrimSpace(value), "light-dark(")
		if c, ok := parseColour(value); ok {
			k[name[2:]] = c
		}
	}
	return k
}

// parseColour reads the forms that the tokens use: oklch(L C H) and #rgb.
func parseColour(s string) (c colour, ok bool) {
	if strings.HasPrefix(s, "#fff") {
		return colour{1, 1, 1}, true
	}
	rest, ok := strings.CutPrefix(s, "oklch(")
	if !ok {
		return c, false
	}
	rest, _, _ = strings.Cut(rest, ")")
	parts := strings.Fields(rest)
	if len(parts) != 3 {
		return c, false
	}
	var v [3]float64
	for i, p := range parts {
		n, err := strconv.ParseFloat(p, 64)
		if err != nil {
			return c, false
		}
		v[i] = n
	}
	sin, cos := math.Sincos(v[2] * math.Pi / 180)
	return fromLab(v[0], v[1]*cos, v[1]*sin), true
}

func fromLab(l, a, b float64) colour {
	cube := func(v float64) float64 { return v * v * v }
	x := cube(l + 0.3963377774*a + 0.2158037573*b)
	y := cube(l - 0.1055613458*a - 0.0638541728*b)
	z := cube(l - 0.0894841775*a - 1.2914855480*b)
	c := colour{
		4.0767416621*x - 3.3077115913*y + 0.2309699292*z,
		-1.2684380046*x + 2.6097574011*y - 0.3413193965*z,
		-0.0041960863*x - 0.7034186147*y + 1.7076147010*z,
	}
	for i, v := range c {
		if v <= 0.0031308 {
			v *= 12.92
		} else {
			v = 1.055*math.Pow(v, 1/2.4) - 0.055
		}
		// Three digits are all that is written; rounding here keeps the file the same on every machine.
		c[i] = math.Round(max(0, min(1, v))*1000) / 1000
	}
	return c
}

// tint is a colour thinned with white; near enough to what the pages mix.
func (c colour) tint(share float64) colour {
	for i, v := range c {
		c[i] = math.Round((1-share*(1-v))*1000) / 1000
	}
	return c
}

// state is the token that a class of the shared parts stands for.
func state(class string) string {
	switch class {
	case "critical", "high", "medium", "low", "info", "ok":
		return class
	case "bad", "refused", "engineering", "undocumented":
		return "critical"
	case "warn", "acts", "unanswered", "observed", "exceeded":
		return "high"
	case "done", "both", "approved":
		return "ok"
	case "ot":
		return "accent"
	case "it":
		return "low"
	case "unused", "unknown", "physical", "declared":
		return "info"
	}
	return ""
}
