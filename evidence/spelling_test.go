// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"strings"
	"testing"
)

func TestEdits(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"plc", "plc", 0},
		{"plcc", "plc", 1},
		{"camra", "camera", 1},
		{"zonez", "zones", 1},
		{"", "rtu", 3},
		{"kitten", "sitting", 3},
		{strings.Repeat("a", 65), "a", 64},
	} {
		if got := Edits(tt.a, tt.b); got != tt.want {
			t.Errorf("Edits(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := Edits(tt.b, tt.a); got != tt.want {
			t.Errorf("Edits(%q, %q) = %d, want %d", tt.b, tt.a, got, tt.want)
		}
	}
}
