// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package imports

import "testing"

func TestMoved(t *testing.T) {
	for _, x := range []struct {
		came, gone, altered int
		want                string
	}{
		{0, 0, 0, "no asset changed"},
		{3, 0, 0, "assets: 3 new"},
		{0, 2, 1, "assets: 2 gone, 1 changed"},
		{4, 5, 6, "assets: 4 new, 5 gone, 6 changed"},
	} {
		if got := moved("asset", x.came, x.gone, x.altered); got != x.want {
			t.Errorf("moved(%d, %d, %d) = %q, want %q", x.came, x.gone, x.altered, got, x.want)
		}
	}
}
