// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package webtest

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"breakwater/web/browser"
)

// Browser is a Chromium that tests share. Each Tab has its own cookies.
type Browser struct{ ctx context.Context }

// missing skips the test, or fails it where everything is said to be there (CI=true).
func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// Start starts Chromium. Without it, or without the bundle of scripts, the test is skipped, or fails with CI=true.
func Start(t testing.TB) *Browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		missing(t, "Chromium is not installed")
	}
	if f, err := browser.Open(); err != nil || !f.Built() {
		missing(t, "the bundle of scripts is not built: go run ./internal/tools/assets")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("hide-scrollbars", true), chromedp.WSURLReadTimeout(2*time.Minute))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return &Browser{ctx}
}

// Look is how a tab shows pages.
type Look struct {
	Width, Height int64 // 0 for 1440 × 900
	Dark          bool
}

// Tab is a page of the browser, signed in as somebody.
type Tab struct {
	t     testing.TB
	ctx   context.Context
	URL   string // of the server
	noise *noise
}

type noise struct {
	mu    sync.Mutex
	lines []string
}

// For is the tab for a part of a test, which answers for what the console says meanwhile.
func (b *Tab) For(t testing.TB) *Tab {
	c := *b
	c.t = t
	t.Cleanup(func() {
		for _, n := range c.Noise() {
			t.Errorf("the console says: %s", n)
		}
	})
	return &c
}

// Tab opens a tab for somebody in a role ("" for nobody) of Skerry. When the test ends, errors in the console fail it.
func (b *Browser) Tab(t testing.TB, h *House, role string, look Look) *Tab {
	t.Helper()
	server := httptest.NewServer(h.Handler)
	t.Cleanup(server.Close)
	if role != "" {
		role += "@" + Skerry
	}
	return b.On(t, server.URL, role, look, 2*time.Minute)
}

// On opens a tab on a server that is up, for whom a secret of a session is of ("" for nobody). The tab ends after the time given.
func (b *Browser) On(t testing.TB, url, secret string, look Look, within time.Duration) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, within)
	t.Cleanup(cancel)
	tab := &Tab{t: t, ctx: ctx, URL: url, noise: &noise{}}
	tab.Show(look)
	if secret != "" {
		tab.Run(call(network.SetCookie, network.SetCookieParams{Name: "breakwater", Value: secret, URL: url}))
	}
	go tab.listen(chromedp.Console(ctx))
	return tab.For(t)
}

// Show has the tab show pages so from now on, also the one that is open.
func (b *Tab) Show(look Look) {
	b.t.Helper()
	if look.Width == 0 {
		look.Width, look.Height = 1440, 900
	}
	scheme := "light"
	if look.Dark {
		scheme = "dark"
	}
	b.Run(
		call(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: look.Width, Height: look.Height, DeviceScaleFactor: 1, Mobile: look.Width < 600}),
		call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}))
}

// call runs a command of the protocol.
func call[P, R any](c cdp.Command[P, R], p P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, p)
		return err
	})
}

// listen keeps what the console says, until the tab is closed.
func (b *Tab) listen(messages iter.Seq2[chromedp.ConsoleMessage, error]) {
	for m, err := range messages {
		if err != nil {
			return
		}
		switch m.Type {
		case chromedp.ConsoleError, chromedp.ConsoleWarning, chromedp.ConsoleException:
			b.noise.mu.Lock()
			b.noise.lines = append(b.noise.lines, m.Text+" "+m.URL)
			b.noise.mu.Unlock()
		}
	}
}

// Noise takes what the console said that is an error or a warning.
func (b *Tab) Noise() (list []string) {
	b.noise.mu.Lock()
	defer b.noise.mu.Unlock()
	list, b.noise.lines = b.noise.lines, nil
	return list
}

// Run runs actions; the test ends where one fails.
func (b *Tab) Run(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.shoot("failed-" + strings.ReplaceAll(b.t.Name(), "/", "-"))
		b.t.Fatalf("%v; the page says: %s", err, b.text())
	}
}

func (b *Tab) text() string {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	s, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return clip(s)
}

// Go opens a page and waits until its scripts run.
func (b *Tab) Go(path string) {
	b.t.Helper()
	b.Run(chromedp.Navigate(b.URL+path), chromedp.WaitReady(chromedp.CSS("html[data-ready]")))
}

// waitFor is how long something may take on a slow machine.
const waitFor = time.Minute

// Wait waits until an expression is true in the page, or in the one that takes its place meanwhile.
func (b *Tab) Wait(expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, waitFor)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		// Between two pages there is nothing to ask.
		if is, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression)); err == nil && is {
			return
		}
		select {
		case <-ctx.Done():
			b.shoot("failed-" + strings.ReplaceAll(b.t.Name(), "/", "-"))
			b.t.Fatalf("it did not come to %s; the page says: %s", expression, b.text())
		case <-tick.C:
		}
	}
}

// Press types keys into whatever has the focus.
func (b *Tab) Press(keys string) {
	b.t.Helper()
	b.Run(chromedp.KeyEvent(keys))
}

// Offline takes the network from the tab, or gives it back.
func (b *Tab) Offline(is bool) {
	b.t.Helper()
	p := network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{}}
	if is {
		p.MatchedNetworkConditions = append(p.MatchedNetworkConditions, &network.Conditions{Offline: true, DownloadThroughput: -1, UploadThroughput: -1})
	}
	b.Run(call(network.Enable, network.EnableParams{}), call(network.EmulateNetworkConditionsByRule, p))
}

// target is an expression for the first element of a selector, null until the page is read to its end: what a page that is
// about to go away holds is nothing to act on.
func target(selector string) string {
	return `(document.readyState === "complete" ? document.querySelector(` + strconv.Quote(selector) + `) : null)`
}

// Click clicks with the mouse on the first element of a selector, when it is there and nothing lies over it. Element and
// place are looked up in the page at once, because the numbers that the protocol gives to elements end with the page.
func (b *Tab) Click(selector string) {
	b.t.Helper()
	place := `(e => {
		if (!e) return null;
		e.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
		const r = e.getClientRects()[0];
		if (!r || r.width === 0 || r.height === 0) return null;
		const at = [r.x + r.width / 2, r.y + r.height / 2], top = document.elementFromPoint(...at);
		return top !== null && (e.contains(top) || top.contains(e)) ? at : null;
	})(` + target(selector) + `)`
	b.Wait(place + " !== null")
	at := Eval[[]float64](b, place)
	if len(at) != 2 {
		b.t.Fatalf("%s went away before the click; the page says: %s", selector, b.text())
	}
	b.Run(chromedp.MouseClickXY(at[0], at[1]))
}

// Upload gives files, or one folder, to the first field for files of a selector.
func (b *Tab) Upload(selector string, files ...string) {
	b.t.Helper()
	b.Wait(target(selector) + " !== null")
	b.Run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		field, err := cdp.Call(ctx, t, runtime.Evaluate, runtime.EvaluateParams{Expression: target(selector)})
		if err != nil {
			return err
		}
		_, err = cdp.Call(ctx, t, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: files, ObjectID: field.Result.ObjectID})
		return err
	}))
}

// Type types into the first element of a selector. It does not use chromedp.SendKeys, which reads what the library's own
// listener writes at the same time when attributes change.
func (b *Tab) Type(selector, text string) {
	b.t.Helper()
	element := "document.querySelector(" + strconv.Quote(selector) + ")"
	b.Wait(element + " !== null")
	b.Run(chromedp.Evaluate[chromedp.Void](element + ".focus(); undefined"))
	b.Press(text)
}

// Eval gives the value of an expression in the page.
func Eval[T any](b *Tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// shots is where pictures go; "" for nowhere.
func shots() string { return os.Getenv("BREAKWATER_SHOTS") }

// Shot takes a picture of the whole page into the folder that the environment variable BREAKWATER_SHOTS names, if it does.
func (b *Tab) Shot(name string) {
	b.t.Helper()
	if shots() != "" {
		b.shoot(name)
	}
}

func (b *Tab) shoot(name string) {
	dir := shots()
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644)
	}
	if err != nil {
		b.t.Logf("no picture %s: %v", name, err)
	}
}

// axe reads the script of axe-core. Tests run in the folder of their package, somewhere below the module's.
func axe() ([]byte, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "web", "browser", "node_modules", "axe-core", "axe.min.js"))
}

// Axe checks the page with axe-core; what is serious or critical fails the test.
func (b *Tab) Axe() {
	b.t.Helper()
	script, err := axe()
	if err != nil {
		if os.Getenv("CI") == "true" {
			b.t.Fatal("axe-core is not installed: go run ./internal/tools/assets")
		}
		b.t.Log("axe-core is not installed; not checked")
		return
	}
	b.Run(chromedp.Evaluate[chromedp.Void](string(script) + "; undefined"))
	out, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations.map(v => ({id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.slice(0, 4).map(n => n.html.slice(0, 200) + " | " + (n.failureSummary || "").slice(0, 240))}))))`, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	var found []struct {
		ID, Impact, Help string
		Nodes            []string
	}
	if err := json.Unmarshal([]byte(out), &found); err != nil {
		b.t.Fatal(err)
	}
	for _, v := range found {
		line := fmt.Sprintf("axe: %s (%s): %s\n\t%s", v.ID, v.Impact, v.Help, strings.Join(v.Nodes, "\n\t"))
		if v.Impact == "serious" || v.Impact == "critical" {
			b.t.Error(line)
		} else {
			b.t.Log(line)
		}
	}
}

// CutOff lists elements of the page that stick out of the window to the side.
func (b *Tab) CutOff() {
	b.t.Helper()
	// A table may be wide on a small window. On a desk its usual columns fit.
	for _, wide := range Eval[[]string](b, `innerWidth < 1440 ? [] : [...document.querySelectorAll(".table:not(.drawing)")].filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.getAttribute("aria-label") + ": " + e.scrollWidth + " of " + e.clientWidth)`) {
		b.t.Errorf("a table is wider than the window: %s", wide)
	}
	if Eval[bool](b, `document.documentElement.scrollWidth > document.documentElement.clientWidth + 1`) {
		b.t.Errorf("the page is wider than the window: %s", Eval[string](b, `[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !e.closest(".table, .rail, dialog, [hidden]")).slice(0, 5).map(e => e.tagName + "." + e.className).join(", ")`))
	}
}
