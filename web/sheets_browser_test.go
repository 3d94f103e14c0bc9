// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"breakwater/web/webtest"
)

func TestSheetLook(t *testing.T) {
	b := webtest.Start(t)
	h := webtest.New(t, 0)
	h.Give(webtest.Skerry, "known.csv", "name,ip,vendor\ncrane 1,10.20.0.7,Acme\ncrane 2,10.20.0.8,Acme\n")
	c := h.As("ot-engineer")
	var rows strings.Builder
	for i := range 40 {
		fmt.Fprintf(&rows, "gantry camera %d of the stacking yard;10.21.0.%d;SN-%05d;Ironreach Optical Works;\n", i, i+1, i*77)
	}
	kind, body := files(t, "", "spis urządzeń, nabrzeże północne.csv", polish+rows.String())
	at := strings.TrimSuffix(c.Do("POST", "/o/skerry/evidence/sheet", kind, body).Want(303).Header.Get("Location"), "/columns")
	kind, body = files(t, "", "photo.csv", "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x02")
	photo := c.Do("POST", "/o/skerry/evidence/sheet", kind, body).Want(303).Header.Get("Location")
	for look, as := range looks {
		tab := b.Tab(t, h, "ot-engineer", as)
		for name, path := range map[string]string{
			"start": "/o/skerry/evidence/sheet", "columns": at + "/columns", "trial": at + "/trial?" + polished(), "stop": at + "/trial?" + polished("existing", "stop"),
			"none": at + "/trial?" + polished("q", "nothing"), "photo": photo, "waiting": at,
		} {
			t.Run(name+"-"+look, func(t *testing.T) {
				tab := tab.For(t)
				tab.Run(chromedp.Navigate(tab.URL+path), chromedp.WaitReady(chromedp.CSS("html[data-ready]")))
				tab.CutOff()
				tab.Shot(fmt.Sprintf("sheet-%s-%s", name, look))
				tab.Axe()
				if name == "photo" {
					tab.Noise() // that the answer was an error is in the console
				}
			})
		}
	}
}

// TestSheetInBrowser imports a spreadsheet by keyboard, follows the job and takes it back.
func TestSheetInBrowser(t *testing.T) {
	b := webtest.Start(t)
	h := webtest.New(t, 0)
	file := filepath.Join(t.TempDir(), "spis.csv")
	if err := os.WriteFile(file, []byte(polish), 0o600); err != nil {
		t.Fatal(err)
	}
	tab := b.Tab(t, h, "ot-engineer", webtest.Look{})
	tab.Go("/o/skerry/evidence")
	tab.Click(`a[href$="/evidence/sheet"]`)
	tab.Wait(`document.querySelector("h1")?.textContent === "Import a spreadsheet"`)
	tab.Upload("main input[type=file]", file)
	tab.Click("main form button")
	tab.Wait(`document.querySelector("h1")?.textContent === "What the columns hold"`)
	for column, first := range []string{"Name", "IP addr", "Serial", "Vendor"} {
		webtest.Eval[bool](tab, fmt.Sprintf(`(document.querySelector("[name='c0.%d']").focus(), true)`, column))
		tab.Press(first) // a list of choices takes what is typed
	}
	tab.Wait(`document.querySelector("[name='c0.1']").value === "ip" && document.querySelector("[name='c0.3']").value === "vendor"`)
	tab.Axe()
	webtest.Eval[bool](tab, `(document.querySelector(".mapping .btn.primary").focus(), true)`)
	tab.Press(kb.Enter)
	tab.Wait(`document.querySelector("h1")?.textContent === "What would be done"`)
	tab.Click(`.tabs a[href*="existing=skip"]`)
	tab.Wait(`document.querySelector("main .btn.primary")?.textContent === "Import what is new"`)
	tab.Click("main .btn.primary")
	tab.Wait(`document.querySelector("#job") !== null && document.querySelector(".toast .text")?.textContent === "It is being imported."`)
	h.Work()
	tab.Wait(`document.querySelector(".callout a.btn")?.textContent === "The evidence"`)
	tab.Click(".callout a.btn")
	tab.Wait(`document.querySelector("h1")?.textContent === "spis.csv"`)
	tab.Click(`form[action$="/undo"] button`)
	tab.Wait(`document.querySelector(".callout.warn")?.innerText.includes("Withdrawn")`)
}
