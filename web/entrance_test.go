// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"breakwater/web/webtest"
)

const phrase = "seven gulls over the breakwater"

// setUp does the first set-up and gives the browser of the administrator.
func setUp(t *testing.T, h *webtest.House) *webtest.Client {
	t.Helper()
	token, _, err := h.Options.Access.OfferSetUp(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	c := h.As("")
	a := c.Post("/set-up", "token", token, "organisation", "Port of Skerry", "site", "North quay", "time_zone", "Europe/Oslo", "jurisdiction", "no",
		"name", "Ada Berg", "login", "Ada", "email", "ada@skerry.example", "password", phrase)
	if a.Status != http.StatusSeeOther {
		t.Fatalf("set-up: %d %s", a.Status, a.Text())
	}
	return c
}

func TestFirstSetUp(t *testing.T) {
	h := webtest.Bare(t)
	c := h.As("")
	if a := c.Get("/"); a.Header.Get("Location") != "/sign-in" {
		t.Errorf("/ leads to %q", a.Header.Get("Location"))
	}
	if a := c.Get("/sign-in").Want(http.StatusSeeOther); a.Header.Get("Location") != "/set-up" {
		t.Errorf("/sign-in leads to %q before the set-up", a.Header.Get("Location"))
	}
	c.Get("/set-up").Want(http.StatusOK).Sound().Says("One-time token")
	a := c.Post("/set-up", "token", "wrong", "organisation", "Port of Skerry", "password", phrase)
	if a.Status < 400 || a.Status >= 500 || strings.Contains(a.Body, phrase) || a.Value("organisation") != "Port of Skerry" {
		t.Errorf("a wrong token: %d, password shown: %v, organisation %q", a.Status, strings.Contains(a.Body, phrase), a.Value("organisation"))
	}
	admin := setUp(t, h)
	first := admin.Follow(admin.Get("/"))
	first.Want(http.StatusOK).Sound().Says("Nothing is known of this port yet", "Port of Skerry", "Ada Berg")
	if a := c.Get("/set-up"); a.Header.Get("Location") != "/sign-in" {
		t.Errorf("a second set-up: %d", a.Status)
	}
	if a := c.Post("/set-up", "token", "x", "organisation", "Mine", "password", phrase); a.Status != http.StatusConflict {
		t.Errorf("a second set-up by form: %d %s", a.Status, a.Text())
	}
}

func TestSignInAndOut(t *testing.T) {
	h := webtest.Bare(t)
	setUp(t, h)
	c := h.As("")
	c.Get("/sign-in").Want(http.StatusOK).Sound().Says("Sign-in name")
	unknown := c.Post("/sign-in", "login", "nobody", "password", phrase).Want(http.StatusUnauthorized).Sound()
	bad := c.Post("/sign-in", "login", "ada", "password", "not it").Want(http.StatusUnauthorized).Sound()
	if got, want := strings.ReplaceAll(unknown.Text(), "nobody", "ada"), bad.Text(); got != want {
		t.Errorf("an unknown name is told from a wrong password:\n%s\n%s", got, want)
	}
	bad.Lacks("not it")
	a := c.Post("/sign-in", "login", "ADA", "password", phrase, "to", "/o/port-of-skerry/?since=30").Want(http.StatusSeeOther)
	if a.Header.Get("Location") != "/o/port-of-skerry/?since=30" {
		t.Errorf("leads to %q", a.Header.Get("Location"))
	}
	for _, line := range a.Header.Values("Set-Cookie") {
		if !strings.Contains(line, "HttpOnly") || !strings.Contains(line, "SameSite=Lax") {
			t.Errorf("cookie %q", line)
		}
	}
	c.Get("/account").Want(http.StatusOK).Sound().Says("Ada Berg", "this one", "Password")
	c.Follow(c.Post("/sign-out")).Want(http.StatusOK).Says("Sign in")
	if a := c.Get("/account"); a.Status != http.StatusSeeOther {
		t.Errorf("after signing out: %d", a.Status)
	}
	if a := h.As("").Post("/sign-in", "login", "ada", "password", phrase, "to", "//evil.example"); a.Header.Get("Location") != "/" {
		t.Errorf("sign-in leads to %q", a.Header.Get("Location"))
	}
}

func TestAccount(t *testing.T) {
	h := webtest.Bare(t)
	one, two := setUp(t, h), h.As("")
	two.Post("/sign-in", "login", "ada", "password", phrase).Want(http.StatusSeeOther)
	page := one.Get("/account")
	if n := strings.Count(page.Body, "End the session at"); n != 1 {
		t.Errorf("%d sessions to end, want the other one: %s", n, page.Text())
	}
	one.Follow(one.Post("/account/sessions/end", "id", page.Value("id"))).Says("The session was ended.")
	two.Get("/account").Want(http.StatusSeeOther)
	one.Post("/account/sessions/end", "id", "s-other").Want(http.StatusNotFound)

	one.Post("/prove", "password", "wrong", "back", "/account").Want(http.StatusUnauthorized).Sound().Says("Prove that it is you")
	one.Follow(one.Post("/prove", "password", phrase, "back", "/account")).Says("It is you.")
	one.Post("/account/password", "old", phrase, "fresh", "eight seals on a slipway", "again", "something else").Want(http.StatusUnprocessableEntity).Sound().Says("The two new passwords differ.")
	one.Follow(one.Post("/account/password", "old", phrase, "fresh", "eight seals on a slipway", "again", "eight seals on a slipway")).Says("Your password was changed.")
	h.As("").Post("/sign-in", "login", "ada", "password", phrase).Want(http.StatusUnauthorized)
}
