// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package traffic

import (
	"net/http/httptest"
	"testing"

	"breakwater/harbour"
	"breakwater/web/shell"
)

// TestListed shows the first conduits of a large port, and all of them to whoever asks.
func TestListed(t *testing.T) {
	for _, tt := range []struct {
		address string
		has     int
		want    int
	}{
		{"/o/a/zones", 3, 3},
		{"/o/a/zones", shownConduits, shownConduits},
		{"/o/a/zones", shownConduits + 1, shownConduits},
		{"/o/a/zones?conduits=all", shownConduits + 1, shownConduits + 1},
	} {
		v := &zoneView{conduits: make([]harbour.ConduitUse, tt.has)}
		if got := v.listed(&shell.Request{Request: httptest.NewRequest("GET", tt.address, nil)}); got != tt.want {
			t.Errorf("of %d conduits %s lists %d, want %d", tt.has, tt.address, got, tt.want)
		}
	}
}
