// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"breakwater/web/webtest"
)

func TestEveryPageStandsInTheShell(t *testing.T) {
	h := webtest.New(t, 6)
	c := h.As("analyst")
	a := c.Get("/o/skerry/").Want(http.StatusOK).Sound()
	a.Says("Overview", "Port of Skerry", "Skip to the content", "Analyst")
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin", "Cache-Control": "no-store", "Referrer-Policy": "same-origin",
	} {
		if got := a.Header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if csp := a.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
	if a.Header.Get("Strict-Transport-Security") != "" {
		t.Error("HSTS without TLS")
	}
	if a := c.Get("/"); a.Status != http.StatusSeeOther || a.Header.Get("Location") != "/o/skerry/" {
		t.Errorf("/ leads to %s %s", a, a.Header.Get("Location"))
	}
}

func TestNobodyIsAskedToSignIn(t *testing.T) {
	h := webtest.New(t, 0)
	c := h.As("")
	if a := c.Get("/o/skerry/?since=7").Want(http.StatusSeeOther); a.Header.Get("Location") != "/sign-in?to=%2Fo%2Fskerry%2F%3Fsince%3D7" {
		t.Errorf("leads to %s", a.Header.Get("Location"))
	}
	if a := c.Part("/o/skerry/", "list").Want(http.StatusUnauthorized); a.Header.Get("HX-Redirect") != "/sign-in" {
		t.Errorf("HX-Redirect %q", a.Header.Get("HX-Redirect"))
	}
}

func TestErrorsArePages(t *testing.T) {
	h := webtest.New(t, 3)
	c := h.As("analyst")
	c.Get("/nowhere").Want(http.StatusNotFound).Sound().Says("Not found", "There is no such page.", "Request r-")
	if a := c.Get("/findings?severity=high").Want(http.StatusSeeOther); a.Header.Get("Location") != "/o/skerry/findings?severity=high" {
		t.Errorf("an address without organisation leads to %q", a.Header.Get("Location"))
	}
	h.As("").Get("/findings").Want(http.StatusNotFound)
	c.Get("/o/hallow/").Want(http.StatusNotFound).Sound().Says("There is no such organisation, or you may not see it.").Lacks("Hallow Haven")
	c.Get("/o/skerry/?since=x").Want(http.StatusUnprocessableEntity).Sound().Says("1 to 366 days")
	h.As("supplier-contact").Get("/o/skerry/").Want(http.StatusForbidden).Sound().Says("Your role does not allow you to see the overview")
	a := c.Part("/o/skerry/?since=x", "list").Want(http.StatusUnprocessableEntity)
	if a.Header.Get("HX-Retarget") != "#toasts" || strings.Contains(a.Body, "<html") {
		t.Errorf("a partial error: %v %s", a.Header, a.Body)
	}
}

func TestForeignSitesAreRefused(t *testing.T) {
	h := webtest.New(t, 0)
	c := h.As("analyst")
	c.Header.Set("Sec-Fetch-Site", "cross-site")
	c.Post("/theme", "theme", "dark").Want(http.StatusForbidden).Says("another site")
	c.Header.Set("Sec-Fetch-Site", "same-origin")
	c.Post("/theme", "theme", "dark").Want(http.StatusSeeOther)
}

// TestDeniedIsLogged wants what somebody was not allowed to do to be in the program's log, with who it was.
func TestDeniedIsLogged(t *testing.T) {
	var log bytes.Buffer
	h := webtest.New(t, 0)
	h.Core.Log = slog.New(slog.NewTextHandler(&log, nil))
	h.As("board-reader").Get("/o/skerry/assets").Want(http.StatusForbidden)
	if s := log.String(); !strings.Contains(s, "access denied") || !strings.Contains(s, "path=/o/skerry/assets") || !strings.Contains(s, "person=p-board-reader") {
		t.Errorf("log: %s", s)
	}
	log.Reset()
	h.As("analyst").Get("/o/skerry/assets").Want(http.StatusOK)
	if strings.Contains(log.String(), "denied") {
		t.Errorf("log: %s", log.String())
	}
}

func TestTheme(t *testing.T) {
	h := webtest.New(t, 0)
	c := h.As("analyst")
	c.Get("/o/skerry/").Lacks("data-theme=")
	a := c.Post("/theme", "theme", "dark", "back", "/o/skerry/?since=7")
	if a.Header.Get("Location") != "/o/skerry/?since=7" {
		t.Errorf("back to %q", a.Header.Get("Location"))
	}
	if a := c.Get("/o/skerry/"); !strings.Contains(a.Body, `data-theme="dark"`) {
		t.Error("the choice is not kept")
	}
	for _, back := range []string{"//evil.example", "https://evil.example/", `/\evil.example`, "javascript:alert(1)"} {
		if a := c.Post("/theme", "theme", "system", "back", back); a.Header.Get("Location") != "/" {
			t.Errorf("back to %q", a.Header.Get("Location"))
		}
	}
	c.Post("/theme", "theme", "pink").Want(http.StatusUnprocessableEntity)
}

// TestPagesHaveARate asks faster than anybody reads: after the burst a page says so with how long to wait, other people are
// answered, it is in the log, and after the wait all is well.
func TestPagesHaveARate(t *testing.T) {
	var log bytes.Buffer
	h := webtest.New(t, 0)
	h.Core.Log = slog.New(slog.NewTextHandler(&log, nil))
	h.Now = time.Now()
	h.Options.Rate, h.Options.Burst = 2, 5
	h.Open()
	c := h.As("analyst")
	for range 5 {
		c.Get("/o/skerry/").Want(http.StatusOK)
	}
	if strings.Contains(log.String(), "rejected") {
		t.Errorf("log: %s", log.String())
	}
	a := c.Get("/o/skerry/").Want(http.StatusTooManyRequests).Sound().Says("Too often", "Wait a moment")
	if s := a.Header.Get("Retry-After"); s != "1" {
		t.Errorf("Retry-After is %q", s)
	}
	if s := log.String(); !strings.Contains(s, "request rejected") || !strings.Contains(s, "status=429") || !strings.Contains(s, "person=p-analyst") {
		t.Errorf("log: %s", s)
	}
	h.As("auditor").Get("/o/skerry/").Want(http.StatusOK)
	h.As("").Get("/sign-in").Want(http.StatusOK)
	h.Now = h.Now.Add(time.Second)
	c.Get("/o/skerry/").Want(http.StatusOK)
}

// TestRejectedIsLogged wants input that is refused to be in the log, with who sent it and without what was sent.
func TestRejectedIsLogged(t *testing.T) {
	var log bytes.Buffer
	h := webtest.New(t, 0)
	h.Core.Log = slog.New(slog.NewTextHandler(&log, nil))
	h.As("administrator").Post("/o/skerry/settings/sites", "name", "Pier", "time_zone", "Nowhere/Hidden", "jurisdiction", "NL").Want(http.StatusUnprocessableEntity)
	if s := log.String(); !strings.Contains(s, "request rejected") || !strings.Contains(s, "status=422") || !strings.Contains(s, "person=p-administrator") || strings.Contains(s, "Hidden") {
		t.Errorf("log: %s", s)
	}
}
