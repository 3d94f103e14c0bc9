// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"breakwater/web/webtest"
)

// TestSettingsWalks walks, in a browser, the ways through the settings that people go: a token, the audit log, an outlet, a
// site, the rules of retention, a backup, About, and an evidence pack.
func TestSettingsWalks(t *testing.T) {
	b := webtest.Start(t)
	h := webtest.New(t, 8)
	at := "/o/skerry/settings"
	title := func(s string) string { return `document.querySelector("h1")?.textContent === ` + strconv.Quote(s) }
	toast := func(s string) string {
		return `document.querySelector(".toast .text")?.textContent.startsWith(` + strconv.Quote(s) + `)`
	}
	fill := func(tab *webtest.Tab, selector, value string) {
		webtest.Eval[bool](tab, `(document.querySelector(`+strconv.Quote(selector)+`).value = `+strconv.Quote(value)+`, true)`)
	}

	t.Run("make a token, copy it once, revoke it", func(t *testing.T) {
		tab := b.Tab(t, h, "analyst", webtest.Look{})
		tab.Go(at + "/tokens")
		tab.Click(`a[href$="/tokens/new"]`)
		tab.Wait(title("Make a token"))
		tab.Type(`[name="label"]`, "Nightly export")
		tab.Click(`input[value="assets.read"]`)
		tab.Click(`main form .btn.primary`)
		tab.Wait(`document.querySelector('input[aria-label="Token"]') !== null`)
		secret := webtest.Eval[string](tab, `document.querySelector('input[aria-label="Token"]').value`)
		if len(secret) < 32 {
			t.Errorf("the token is %q", secret)
		}
		tab.Axe()
		tab.Click(`#secret ~ p .btn.primary`)
		tab.Wait(title("API tokens"))
		if webtest.Eval[bool](tab, `document.documentElement.outerHTML.includes(`+strconv.Quote(secret)+`)`) {
			t.Error("the token is shown a second time")
		}
		tab.Axe()
		tab.Click(`form[action$="/tokens/revoke"] button`)
		tab.Wait(`document.querySelector("main").textContent.includes("You have no tokens")`)
	})

	t.Run("filter the audit log, look at an entry and its proof, take it out", func(t *testing.T) {
		tab := b.Tab(t, h, "auditor", webtest.Look{})
		tab.Go(at + "/audit")
		tab.Type(`[data-list-search]`, "Analyst")
		tab.Wait(`location.search.includes("q=Analyst") && [...document.querySelectorAll("#list tbody tr")].every(r => r.textContent.includes("Analyst"))`)
		if href := webtest.Eval[string](tab, `document.querySelector('#export a[href*=".csv"]').getAttribute("href")`); !strings.Contains(href, "q=Analyst") {
			t.Errorf("what is taken out is not what is shown: %s", href)
		}
		tab.Click(`#list tbody tr a`)
		tab.Wait(`document.querySelector("#list") === null && document.querySelector("h1") !== null`)
		if !webtest.Eval[bool](tab, `document.querySelector('a[href$="/record"]') !== null`) {
			t.Error("the entry offers no proof")
		}
		tab.Axe()
	})

	t.Run("add an outlet, test it, remove it", func(t *testing.T) {
		var got atomic.Int32
		receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { got.Add(1) }))
		defer receiver.Close()
		h.As(webtest.Everywhere).Post(at+"/outlets/networks", "networks", "127.0.0.0/8").Want(http.StatusSeeOther)
		tab := b.Tab(t, h, "administrator", webtest.Look{})
		tab.Go(at + "/outlets")
		tab.Click(`a[href$="/add-outlet/webhook"]`)
		tab.Wait(`document.querySelector('[name="target"]') !== null`)
		tab.Type(`[name="name"]`, "Control room")
		tab.Type(`[name="target"]`, receiver.URL+"/hook")
		tab.Click(`main form .btn.primary`)
		tab.Wait(`document.querySelector("#secret") !== null`)
		tab.Click(`#secret ~ p .btn.primary`)
		tab.Wait(`document.querySelector('form[action$="/test"]') !== null`)
		tab.Click(`form[action$="/test"] button`)
		tab.Wait(toast("The test event arrived"))
		if got.Load() != 1 {
			t.Errorf("the receiver got %d events, want one", got.Load())
		}
		tab.Axe()
		webtest.Eval[bool](tab, `(document.querySelector('form[action$="/remove"]').closest("details").open = true)`)
		tab.Click(`form[action$="/remove"] button`)
		tab.Wait(toast("Removed"))
	})

	t.Run("add a site", func(t *testing.T) {
		tab := b.Tab(t, h, "administrator", webtest.Look{Width: 390, Height: 844})
		tab.Go(at + "/sites")
		webtest.Eval[bool](tab, `(document.querySelectorAll("details").forEach(d => d.open = true), true)`)
		form := webtest.Eval[string](tab, `(() => { const f = [...document.querySelectorAll('form[action$="/sites"]')].find(f => f.id.value === undefined ? f.querySelector('[name=id]').value === "" : f.id.value === ""); f.setAttribute("data-new", ""); return "[data-new]" })()`)
		fill(tab, form+` [name="name"]`, "East Pier")
		fill(tab, form+` [name="time_zone"]`, "Europe/Oslo")
		fill(tab, form+` [name="jurisdiction"]`, "NO")
		tab.Click(form + ` button`)
		tab.Wait(`document.querySelector("main").textContent.includes("East Pier")`)
		tab.Axe()
		tab.CutOff()
	})

	t.Run("try rules of retention and make them hold", func(t *testing.T) {
		tab := b.Tab(t, h, "administrator", webtest.Look{})
		tab.Go(at + "/retention")
		fill(tab, `[name="days-withdrawn"]`, "30")
		tab.Click(`form[method="get"][action$="/retention"] .btn`)
		tab.Wait(`location.search.includes("days-withdrawn=30") && document.querySelector('form[method="post"] .btn.danger') !== null`)
		tab.Axe()
		tab.Click(`form[method="post"] .btn.danger`)
		tab.Wait(toast("The rules hold"))
		if !webtest.Eval[bool](tab, `document.querySelector("main").textContent.includes("At present: 30 days")`) {
			t.Error("the rule is not shown")
		}
	})

	t.Run("look at About and take the bill of materials", func(t *testing.T) {
		tab := b.Tab(t, h, "analyst", webtest.Look{Width: 390, Height: 844, Dark: true})
		tab.Go(at + "/about")
		tab.Wait(title("About"))
		if kind := webtest.Eval[string](tab, `(() => { const x = new XMLHttpRequest(); x.open("GET", document.querySelector('a[href$="sbom.json"]').href, false); x.send(); return JSON.parse(x.responseText).bomFormat })()`); kind != "CycloneDX" {
			t.Errorf("the bill of materials is %q", kind)
		}
		tab.Axe()
	})

	t.Run("make an evidence pack", func(t *testing.T) {
		tab := b.Tab(t, h, "chief-security-officer", webtest.Look{})
		tab.Go("/o/skerry/findings/f-skerry-002")
		tab.Click(`a[href*="/pack?finding="]`)
		tab.Wait(`document.querySelector('[name="reason"]') !== null`)
		tab.Type(`[name="for"]`, "the inspector")
		tab.Type(`[name="reason"]`, "yearly audit")
		tab.Axe()
		sent := webtest.Eval[string](tab, `(() => {
			const f = document.querySelector('form[action$="/pack"]'), x = new XMLHttpRequest();
			x.open("POST", f.action, false); x.overrideMimeType("text/plain; charset=x-user-defined");
			x.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
			x.send(new URLSearchParams(new FormData(f)).toString());
			return x.status + " " + x.responseText.slice(0, 2) + " " + x.getResponseHeader("Content-Disposition");
		})()`)
		if !strings.HasPrefix(sent, "200 PK attachment; filename=pack-") {
			t.Errorf("the form gives %q", sent)
		}
	})

	// Last, for it opens the house anew.
	t.Run("make a backup", func(t *testing.T) {
		backups(t, h)
		tab := b.Tab(t, h, webtest.Everywhere, webtest.Look{})
		tab.Go(at + "/backup")
		tab.Click(`form[action$="/backup/start"] button`)
		tab.Wait(toast("The backup begins"))
		tab.Wait(`document.querySelector("#backups progress") === null && !document.querySelector("#backups").textContent.includes("about to begin")`)
		tab.Go(at + "/backup")
		// A slow machine has made the one that was missed before it was asked.
		tab.Wait(`/[12] backups?/.test(document.querySelector("main").textContent) && document.querySelector("main").textContent.includes("whole")`)
		tab.Axe()
	})
}
