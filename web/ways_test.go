// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"breakwater/web/webtest"
)

// TestWays walks the main ways through the pages as people do with a keyboard: what scripts add must work, say nothing in the
// console, and leave every page as sound as without them.
func TestWays(t *testing.T) {
	b := webtest.Start(t)
	h := webtest.New(t, 60)

	t.Run("find an asset while typing", func(t *testing.T) {
		tab := b.Tab(t, h, "ot-engineer", webtest.Look{})
		tab.Go("/o/skerry/assets")
		// The protocol types the character of a key although the page has taken the key; keyboards do not.
		webtest.Eval[bool](tab, `document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "/", bubbles: true, cancelable: true}))`)
		tab.Wait(`document.activeElement.matches("[data-list-search]")`)
		tab.Type("[data-list-search]", "crane 59") // which no other address or name holds
		tab.Wait(`document.querySelectorAll("#list tr[data-row]").length === 1 && location.search.includes("q=crane")`)
		tab.Axe()
	})
	t.Run("click what was found", func(t *testing.T) {
		tab := b.Tab(t, h, "ot-engineer", webtest.Look{})
		tab.Go("/o/skerry/assets")
		tab.Type("[data-list-search]", "crane 59")
		tab.Wait(`document.querySelectorAll("#list tr[data-row]").length === 1 && location.search.includes("q=crane")`)
		// The field loses the focus when the button of the mouse goes down. What is under it must be there when it comes up.
		webtest.Eval[bool](tab, `(document.querySelector("#list tr[data-row] a").dataset.mark = "", document.activeElement.blur(), true)`)
		time.Sleep(time.Second)
		if !webtest.Eval[bool](tab, `document.querySelector("#list a[data-mark]") !== null`) {
			t.Error("the list is made anew when the search loses the focus, and a click goes astray")
		}
		// What is typed in a hurry is still looked for.
		tab.Type("[data-list-search]", "9")
		webtest.Eval[bool](tab, `(document.activeElement.blur(), true)`)
		tab.Wait(`document.querySelectorAll("#list tr[data-row]").length === 0`)
	})
	t.Run("select by keys and change", func(t *testing.T) {
		tab := b.Tab(t, h, "ot-engineer", webtest.Look{})
		tab.Go("/o/skerry/assets?kind=plc")
		tab.Press("j")
		tab.Press("x")
		tab.Press("j")
		tab.Press("x")
		tab.Wait(`document.querySelector("[data-selected-count]").textContent === "2 selected"`)
		tab.Click(`.selected [formaction$="/assets/edit"]`)
		tab.Wait(`document.querySelector("h1")?.textContent === "Change 2 assets"`)
		tab.Type(`[name="field-owner"]`, "Quay crew")
		tab.Press(kb.Enter)
		tab.Wait(`document.querySelector(".toast .text")?.textContent === "Changed 2 assets."`)
		tab.Click(".toast form button")
		tab.Wait(`document.querySelector(".toast .text")?.textContent === "Taken back."`)
	})
	t.Run("decide about a finding in the drawer", func(t *testing.T) {
		tab := b.Tab(t, h, "chief-security-officer", webtest.Look{})
		tab.Go("/o/skerry/findings?severity=critical")
		tab.Press("j")
		tab.Press(kb.Enter)
		tab.Wait(`document.getElementById("drawer").open && document.querySelector("#drawer-body h2") !== null`)
		tab.Shot("drawer")
		tab.Axe()
		tab.Press(kb.Escape)
		tab.Wait(`!document.getElementById("drawer").open`)
		tab.Press("?")
		tab.Wait(`document.getElementById("keys").open`)
	})
	t.Run("go anywhere by the palette", func(t *testing.T) {
		tab := b.Tab(t, h, "analyst", webtest.Look{Dark: true})
		tab.Go("/o/skerry/")
		tab.Click("[data-palette]")
		tab.Type("#palette [role=combobox]", "crane 33")
		tab.Wait(`[...document.querySelectorAll("#palette [role=option]")].some(o => o.textContent.includes("skerry crane 33"))`)
		tab.Shot("palette")
		tab.Press(kb.Enter)
		tab.Wait(`document.querySelector("h1")?.textContent === "skerry crane 33"`)
	})
	t.Run("the menu on a phone", func(t *testing.T) {
		tab := b.Tab(t, h, "analyst", webtest.Look{Width: 390, Height: 844})
		tab.Go("/o/skerry/")
		tab.Click(`a[href="#rail"]`)
		tab.Wait(`getComputedStyle(document.getElementById("rail")).visibility === "visible"`)
		tab.Shot("menu-phone")
		tab.Click(`#rail a[href="/o/skerry/assets"]`)
		tab.Wait(`document.querySelector("h1")?.textContent === "Assets"`)
	})
}
