// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"testing"

	"breakwater/harbour"

	"github.com/google/go-cmp/cmp"
)

func TestSilences(t *testing.T) {
	got := Silences([]harbour.SilentRule{
		{Rule: "a", Title: "A", Why: []string{"no list"}, Needs: []string{"a list"}},
		{Rule: "b", Title: "B", Why: []string{"no zones", "no traffic"}, Needs: []string{"a port file", "a capture"}},
		{Rule: "c", Title: "C", Why: []string{"no list"}, Needs: []string{"a list"}},
	})
	want := []Silence{{[]string{"A", "C"}, "No list", "a list"}, {[]string{"B"}, "No zones; no traffic", "a port file; and a capture"}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if Silences(nil) != nil {
		t.Error("where every rule ran there is something to say")
	}
}
