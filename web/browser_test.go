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

// TestLook opens every page in every window, with nothing, with 20 rows and with many: nothing may stick out, axe must
// find nothing serious, and the console must say nothing.
func TestLook(t *testing.T) {
	b := webtest.Start(t)
	for _, n := range []int{0, 20, 400} {
		h := webtest.New(t, n)
		pages := map[string]string{"overview": "/o/skerry/", "assets": "/o/skerry/assets", "findings": "/o/skerry/findings"}
		if n > 0 {
			pages["asset"] = "/o/skerry/assets/a-skerry-002"
			pages["finding"] = "/o/skerry/findings/f-skerry-002"
			pages["search"] = "/o/skerry/search?q=crane+1"
			pages["past"] = "/o/skerry/findings?at=2026-11-20&status=any"
		}
		for look, as := range looks {
			if n != 20 && look != "wide-light" && look != "phone-dark" {
				continue // nothing and many look the same in the other two
			}
			tab := b.Tab(t, h, "chief-security-officer", as)
			for name, path := range pages {
				t.Run(fmt.Sprintf("%s-%d-%s", name, n, look), func(t *testing.T) {
					tab := tab.For(t)
					tab.Go(path)
					tab.CutOff()
					tab.Shot(fmt.Sprintf("%s-%d-%s", name, n, look))
					tab.Axe()
				})
			}
		}
	}
}
