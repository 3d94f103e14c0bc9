// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"breakwater/app/imports"
	"breakwater/store"
	"breakwater/web/webtest"
)

func TestJobsLook(t *testing.T) {
	b := webtest.Start(t)
	h, empty := webtest.New(t, 0), webtest.New(t, 0)
	person := "p-ot-engineer-skerry"
	h.Give(webtest.Skerry, "quay 7, crane network, week 47.pcap", webtest.Capture(60)+"junk")
	failed := job(t, h, webtest.Skerry, imports.JobBuild, "Build the inventory: evidence was read", person, ended(store.JobFailed, "the disk of the data folder is nearly full", "free space, or move the data folder to a larger disk; then import again"))
	for i := range 18 {
		job(t, h, webtest.Skerry, imports.JobRead, fmt.Sprintf("Read capture %02d.pcap", i), person, ended(store.JobDone, "1,024 frames", ""))
	}
	running := job(t, h, webtest.Skerry, imports.JobRead, "Read the whole of last week at the quay of the north.pcapng", person, half)
	waiting := job(t, h, webtest.Skerry, imports.JobRead, "Read gate.csv", person, nil)
	at := "/o/skerry/jobs"
	for look, as := range looks {
		tab := b.Tab(t, h, "ot-engineer", as)
		for name, path := range map[string]string{"list": at, "none": at + "?q=nothing", "running": at + "/" + running, "waiting": at + "/" + waiting, "failed": at + "/" + failed} {
			t.Run(name+"-"+look, func(t *testing.T) {
				tab := tab.For(t)
				tab.Go(path)
				tab.CutOff()
				tab.Shot(fmt.Sprintf("jobs-%s-%s", name, look))
				tab.Axe()
			})
		}
		t.Run("empty-"+look, func(t *testing.T) {
			tab := b.Tab(t, empty, "ot-engineer", as)
			tab.Go(at)
			tab.CutOff()
			tab.Shot("jobs-empty-" + look)
			tab.Axe()
		})
	}
}

// TestJobInBrowser follows a job from the list by keys until it ends, without a page being loaded by hand.
func TestJobInBrowser(t *testing.T) {
	b := webtest.Start(t)
	h := webtest.New(t, 0)
	id := job(t, h, webtest.Skerry, imports.JobBuild, "Build the inventory: a test", "p-ot-engineer-skerry", half)
	tab := b.Tab(t, h, "ot-engineer", webtest.Look{})
	tab.Go("/o/skerry/jobs")
	tab.Press("j")
	tab.Press(kb.Enter)
	tab.Wait(`document.querySelector("#job progress")?.value === 25`)
	step := func(done int64) {
		write(t, h, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.ProgressJob(ctx, &store.Job{Org: webtest.Skerry, ID: id, Step: "staging assets", Done: done, Total: 200})
			return err
		})
	}
	step(150)
	tab.Wait(`document.querySelector("#job progress")?.value === 75 && document.getElementById("job").innerText.includes("staging assets")`)
	write(t, h, func(ctx context.Context, tx *store.Tx) error {
		return tx.EndJob(ctx, &store.Job{Org: webtest.Skerry, ID: id, State: store.JobFailed, Message: "a test failed"})
	})
	tab.Wait(`document.querySelector(".callout.bad")?.innerText.includes("a test failed")`)
	tab.Click(`form[action$="/again"] button`)
	tab.Wait(`document.querySelector(".toast .text")?.textContent === "It is done again, as this job."`)
	tab.Click(`form[action$="/cancel"] button`)
	tab.Wait(`document.querySelector(".callout.warn")?.innerText.includes("cancelled before it began")`)
	tab.Axe()
}
