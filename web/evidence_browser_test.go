// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"breakwater/web/webtest"
)

// TestEvidenceLook opens the pages of evidence in every window.
func TestEvidenceLook(t *testing.T) {
	b := webtest.Start(t)
	h, empty := webtest.New(t, 0), webtest.New(t, 0)
	capture := h.Give(webtest.Skerry, "quay 7, crane network, week 47.pcap", webtest.Capture(60)+"junk")
	csv := h.Give(webtest.Skerry, "list.csv", sheet)
	h.Give(webtest.Skerry, "holiday.jpg", "\xff\xd8\xff\xe0 not a thing of ours")
	at := "/o/skerry/evidence"
	pages := map[string]string{
		"list": at, "none": at + "?q=nothing", "one": at + "/" + capture, "frame": at + "/" + capture + "?place=frame+2&field=l2f1", "secret": at + "/" + capture + "?place=frame+60",
		"row": at + "/" + csv + "?place=row+2", "hold": at + "/" + capture + "/change/hold", "pack": "/o/skerry/pack?evidence=" + capture, "pack-all": "/o/skerry/pack",
	}
	for look, as := range looks {
		tab := b.Tab(t, h, "chief-security-officer", as)
		for name, path := range pages {
			t.Run(name+"-"+look, func(t *testing.T) {
				tab := tab.For(t)
				tab.Go(path)
				tab.CutOff()
				tab.Shot(fmt.Sprintf("evidence-%s-%s", name, look))
				tab.Axe()
			})
		}
		t.Run("empty-"+look, func(t *testing.T) {
			tab := b.Tab(t, empty, "chief-security-officer", as)
			tab.Go(at)
			tab.CutOff()
			tab.Shot("evidence-empty-" + look)
			tab.Axe()
		})
	}
}

// TestUploadAgain gives a folder, loses the connection under a file, and tries it again.
func TestUploadAgain(t *testing.T) {
	b := webtest.Start(t)
	h := webtest.New(t, 0)
	dir := t.TempDir()
	for name, content := range map[string]string{"week 47/quay.pcap": webtest.Capture(6), "week 47/lists/cranes.csv": sheet} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tab := b.Tab(t, h, "ot-engineer", webtest.Look{})
	tab.Go("/o/skerry/evidence")
	tab.Wait(`document.querySelector("form.upload").dataset.mounted !== undefined`)
	tab.Upload("form.upload input[webkitdirectory]", filepath.Join(dir, "week 47"))
	tab.Wait(`document.querySelectorAll("form.upload li a").length === 2`)

	tab.Offline(true)
	give := `(() => { const d = new DataTransfer(), i = document.querySelector("form.upload input[name=file]"); d.items.add(new File(["name,address\nGate 3,10.0.0.3\n"], "gates.csv")); i.files = d.files; i.dispatchEvent(new Event("change")); return true })()`
	webtest.Eval[bool](tab, give)
	tab.Wait(`document.querySelector("form.upload li[data-state=failed] [data-says]")?.innerText.includes("The connection broke")`)
	for len(tab.Noise()) == 0 { // what the console says of the lost connection comes by its own way
		time.Sleep(20 * time.Millisecond)
	}
	tab.Shot("evidence-upload-failed")
	tab.Axe()
	tab.Offline(false)
	tab.Click("form.upload [data-again]")
	tab.Wait(`document.querySelectorAll("form.upload li a").length === 3 && document.querySelector("form.upload [data-again]") === null`)
	for _, name := range []string{"quay.pcap", "cranes.csv", "gates.csv"} {
		idOf(t, h, name)
	}
}

// TestEvidenceInBrowser adds files by script, and walks from a field to its bytes and back.
func TestEvidenceInBrowser(t *testing.T) {
	b := webtest.Start(t)
	h := webtest.New(t, 0)
	dir := t.TempDir()
	for name, content := range map[string]string{"quay.pcap": webtest.Capture(6), "list.csv": sheet} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tab := b.Tab(t, h, "ot-engineer", webtest.Look{})
	tab.Go("/o/skerry/evidence")
	tab.Wait(`document.querySelector("form.upload").dataset.mounted !== undefined`)
	tab.Wait(`getComputedStyle(document.querySelector("form.upload .btn")).display === "none"`)
	tab.Upload("form.upload input[type=file]", filepath.Join(dir, "quay.pcap"), filepath.Join(dir, "list.csv"))
	tab.Wait(`document.querySelectorAll("form.upload li a").length === 2`)
	if s := webtest.Eval[string](tab, `document.querySelector("[data-files]").innerText`); !strings.Contains(s, "quay.pcap") || !strings.Contains(s, "It is being read") {
		t.Errorf("the upload says %q", s)
	}
	tab.Shot("evidence-uploaded")
	id := idOf(t, h, "quay.pcap")
	tab.Go("/o/skerry/evidence/" + id)
	tab.Wait(`document.getElementById("reading") !== null`)
	h.Work()
	tab.Run(chromedp.WaitReady(chromedp.CSS("#counters"))) // the page asked by itself, and came anew
	tab.Go("/o/skerry/evidence/" + id + "?place=frame+1")
	tab.Wait(`document.querySelector("[data-island=hex]").dataset.mounted !== undefined`)
	tab.Wait(`document.querySelector("[data-field=l3f1]").checkVisibility() && !document.querySelector("[data-field=l2f1]").checkVisibility()`)
	tab.Click("summary[data-field=l2]")
	tab.Wait(`(document.activeElement.blur(), document.querySelector("[data-field=l2f1]").focus(), document.querySelector(".hex .run.on") !== null)`)
	if s := webtest.Eval[string](tab, `[...document.querySelectorAll(".hex .run.on")].map(e => e.innerText).join(" ")`); s != "01 f6" {
		t.Errorf("the destination port is %q, want 01 f6", s)
	}
	tab.Click(".hex .run")
	tab.Wait(`document.activeElement.dataset.field === "l0f0"`)
	tab.Wait(`document.activeElement.closest("details").open`)
}
