// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"fmt"
	"testing"

	"breakwater/web/webtest"
)

// looks are the windows in which pages are checked.
var looks = map[string]webtest.Look{
	"wide-light": {}, "wide-dark": {Dark: true}, "phone-light": {Width: 390, Height: 844}, "phone-dark": {Width: 390, Height: 844, Dark: true},
}

// TestLook opens lists with many rows: nothing may stick out, axe must find nothing serious, and the console must say
// nothing. [TestRooms] opens every page, with nothing and with a few rows.
func TestLook(t *testing.T) {
	b := webtest.Start(t)
	h := webtest.New(t, 400)
	pages := map[string]string{"overview": "/o/skerry/", "assets": "/o/skerry/assets", "findings": "/o/skerry/findings", "search": "/o/skerry/search?q=crane+1", "past": "/o/skerry/findings?at=2026-11-20&status=any"}
	for _, look := range []string{"wide-light", "phone-dark"} { // they look the same in the other two
		tab := b.Tab(t, h, "chief-security-officer", looks[look])
		for name, path := range pages {
			t.Run(fmt.Sprintf("%s-%s", name, look), func(t *testing.T) {
				tab := tab.For(t)
				tab.Go(path)
				tab.CutOff()
				tab.Shot(fmt.Sprintf("%s-400-%s", name, look))
				tab.Axe()
			})
		}
	}
}
