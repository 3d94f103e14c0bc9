// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"fmt"
	"strings"
	"testing"

	"breakwater/web/webtest"
)

// TestSettingsLook opens those pages of the settings in every window that hold something only after something was done.
// [TestRooms] opens the others.
func TestSettingsLook(t *testing.T) {
	b := webtest.Start(t)
	h := webtest.New(t, 8)
	at := "/o/skerry/settings"
	backups(t, h)
	id := h.Give(webtest.Skerry, "quay cameras of the north terminal.csv", sheet)
	h.As("chief-security-officer").Post("/o/skerry/evidence/"+id+"/change/hold", "reason", "Asked for by the harbour police, file 2026/114: nothing of the week of the theft may go.").Want(303)
	c := h.As(webtest.Everywhere)
	c.Follow(c.Post(at + "/backup/start")).Want(200)
	for range 200 {
		if a := c.Get(at + "/backup").Want(200); strings.Contains(a.Text(), "What came of the last") {
			break
		}
		pause()
	}
	pages := map[string]string{
		"people-none": at + "/people?q=nothing", "audit-none": at + "/audit?q=nobody", "backup": at + "/backup", "retention": at + "/retention?days-withdrawn=30", "holds": at + "/retention/holds",
	}
	for look, as := range looks {
		tab := b.Tab(t, h, webtest.Everywhere, as)
		for name, path := range pages {
			t.Run(name+"-"+look, func(t *testing.T) {
				tab := tab.For(t)
				tab.Go(path)
				tab.CutOff()
				tab.Shot(fmt.Sprintf("settings-%s-%s", name, look))
				tab.Axe()
			})
		}
	}
}

// TestSettingsWays walks the main ways through the settings in a browser.
func TestSettingsWays(t *testing.T) {
	b := webtest.Start(t)
	h := webtest.New(t, 8)

	t.Run("add a person and give another role", func(t *testing.T) {
		tab := b.Tab(t, h, "administrator", webtest.Look{})
		tab.Go("/o/skerry/settings")
		tab.Click(`a.place[href$="/people"]`)
		tab.Wait(`document.querySelector("h1")?.textContent === "People"`)
		tab.Click(`.title .actions a`)
		tab.Wait(`document.querySelector("h1")?.textContent === "Add a person"`)
		tab.Type(`[name="name"]`, "Nora Quay")
		tab.Type(`[name="login"]`, "nora")
		webtest.Eval[bool](tab, `(document.querySelector('select').value = "analyst", true)`)
		tab.Click(`main form .btn.primary`)
		tab.Wait(`document.querySelector("h1")?.textContent === "One-time code"`)
		tab.Shot("settings-code")
		tab.Axe()
		tab.Click(`#secret ~ p .btn.primary`)
		tab.Wait(`document.querySelector("h1")?.textContent === "Nora Quay"`)
		tab.Click(`section[aria-labelledby="roles"] details summary`)
		webtest.Eval[bool](tab, `(document.querySelector('section[aria-labelledby="roles"] select').value = "auditor", true)`)
		tab.Click(`section[aria-labelledby="roles"] .btn.primary`)
		tab.Wait(`document.querySelector(".toast .text")?.textContent.startsWith("The role was given")`)
		tab.Axe()
	})
}
