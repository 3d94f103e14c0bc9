// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

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
	token, _, err := h.Options.Access.OfferSetUp(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a = c.Post("/set-up", "token", token, "organisation", "Port of Skerry", "site", "North quay", "time_zone", "Europe/Nowhere", "jurisdiction", "no", "name", "Ada Berg", "login", "ada", "password", phrase)
	a.Want(http.StatusUnprocessableEntity).Lacks(phrase)
	if zone := a.Typed("time_zone"); zone.Value != "Europe/Nowhere" || !strings.Contains(zone.Wrong, "no time zone") || !zone.Focus || a.Value("organisation") != "Port of Skerry" || a.Value("token") != token {
		t.Errorf("a time zone that is none: %+v, %s", zone, a.Text())
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
	out := c.Post("/sign-out")
	if got := out.Header.Get("Clear-Site-Data"); got != `"cache"` {
		t.Errorf("signing out leaves what the browser kept: Clear-Site-Data %q", got)
	}
	c.Follow(out).Want(http.StatusOK).Says("Sign in")
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
	before := one.Cookie("breakwater")
	one.Follow(one.Post("/prove", "password", phrase, "back", "/account")).Says("It is you.")
	if after := one.Cookie("breakwater"); after == before || after == "" {
		t.Errorf("the proof leaves the session its secret %q", after)
	}
	one.Post("/account/password", "old", phrase, "fresh", "eight seals on a slipway", "again", "something else").Want(http.StatusUnprocessableEntity).Sound().Says("The two new passwords differ.")
	one.Follow(one.Post("/account/password", "old", phrase, "fresh", "eight seals on a slipway", "again", "eight seals on a slipway")).Says("Your password was changed.")
	h.As("").Post("/sign-in", "login", "ada", "password", phrase).Want(http.StatusUnauthorized)
}

// oneTime is the code of RFC 6238 at an instant.
func oneTime(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(strings.ReplaceAll(secret, " ", "")))
	if err != nil {
		t.Fatalf("secret %q: %v", secret, err)
	}
	m := hmac.New(sha1.New, key)
	var step [8]byte
	binary.BigEndian.PutUint64(step[:], uint64(at.Unix()/30))
	m.Write(step[:])
	sum := m.Sum(nil)
	o := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[o:])&0x7fffffff)%1_000_000)
}

func TestSecondFactor(t *testing.T) {
	h := webtest.Bare(t)
	h.Now = time.Now()
	c := setUp(t, h)
	c.Get("/account").Sound().Says("You sign in with a password alone.", "Register a passkey")
	page := c.Post("/account/totp", "label", "Phone").Want(http.StatusOK).Sound()
	c.Post("/account/totp/finish", "token", page.Value("token"), "code", "000000").Want(http.StatusUnauthorized).Sound()
	page = c.Post("/account/totp", "label", "Phone").Want(http.StatusOK)
	secret := regexp.MustCompile(`(?:[A-Z2-7]{4} ?){6,}`).FindString(page.Text())
	done := c.Post("/account/totp/finish", "token", page.Value("token"), "code", oneTime(t, secret, h.Now)).Want(http.StatusOK).Sound().Says("Recovery codes", "not shown again")
	codes := regexp.MustCompile(`<li>([^<]+)</li>`).FindAllStringSubmatch(done.Body[strings.Index(done.Body, "mono gap"):], -1)
	if len(codes) < 5 {
		t.Fatalf("%d recovery codes", len(codes))
	}
	c.Get("/account").Sound().Says("One-time codes", "Phone", "recovery codes are left")

	d := h.As("")
	d.Get("/sign-in/second").Want(http.StatusSeeOther)
	a := d.Post("/sign-in", "login", "ada", "password", phrase, "to", "/account").Want(http.StatusSeeOther)
	if a.Header.Get("Location") != "/sign-in/second?to=%2Faccount" {
		t.Errorf("leads to %q", a.Header.Get("Location"))
	}
	d.Get("/account").Want(http.StatusSeeOther) // not yet
	d.Follow(a).Want(http.StatusOK).Sound().Says("One-time code, or a recovery code")
	d.Post("/sign-in/second", "code", "123456").Want(http.StatusUnauthorized).Sound().Says("Second factor")
	h.Now = h.Now.Add(time.Minute)
	a = d.Post("/sign-in/second", "code", oneTime(t, secret, h.Now), "to", "/account").Want(http.StatusSeeOther)
	if a.Header.Get("Location") != "/account" {
		t.Errorf("leads to %q", a.Header.Get("Location"))
	}
	d.Follow(a).Want(http.StatusOK).Says("Ada Berg")

	e := h.As("")
	e.Post("/sign-in", "login", "ada", "password", phrase)
	e.Post("/sign-in/second", "code", codes[0][1]).Want(http.StatusSeeOther)
	e.Post("/prove", "code", codes[0][1], "back", "/account").Want(http.StatusUnauthorized)
	e.Follow(e.Post("/prove", "code", codes[1][1], "back", "/account")).Says("It is you.")
	e.Post("/account/recovery").Want(http.StatusOK).Says("The earlier ones are worthless.")
	e.Follow(e.Post("/account/factors/remove", "id", regexp.MustCompile(`name="id" value="(c-[^"]+)"`).FindStringSubmatch(e.Get("/account").Body)[1])).Says("It was removed.")
}

func TestPasskeyAnswers(t *testing.T) {
	h := webtest.Bare(t)
	c := setUp(t, h)
	c.Header.Set("Accept", "application/json")
	a := c.Post("/account/passkey/options", "label", "Laptop").Want(http.StatusOK)
	if !strings.Contains(a.Body, `"publicKey"`) || !strings.Contains(a.Body, `"challenge"`) {
		t.Errorf("options: %s", a.Body)
	}
	a = c.Do("POST", "/account/passkey?label=Laptop", "application/json", strings.NewReader(`{"id":"x"}`))
	if a.Status != http.StatusForbidden || a.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("a wrong passkey: %d %s", a.Status, a.Body)
	}
	d := h.As("")
	d.Header.Set("Accept", "application/json")
	if a := d.Post("/sign-in/passkey/options").Want(http.StatusOK); !strings.Contains(a.Body, `"challenge"`) {
		t.Errorf("options: %s", a.Body)
	}
	d.Do("POST", "/sign-in/passkey", "application/json", strings.NewReader(`{}`)).Want(http.StatusForbidden)
	d.Do("POST", "/sign-in/passkey", "application/json", strings.NewReader(`{}`)).Want(http.StatusForbidden).Says("It took too long.")
	if a := d.Post("/account/passkey/options").Want(http.StatusUnauthorized); a.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("nobody: %v", a.Header)
	}
}

func TestOtherDoors(t *testing.T) {
	h := webtest.Bare(t)
	setUp(t, h)
	c := h.As("")
	c.Get("/emergency").Want(http.StatusOK).Sound().Says("sealed")
	c.Post("/emergency", "login", "ada", "password", phrase, "reason", "the directory is down").Want(http.StatusUnauthorized).Sound().Lacks(phrase)
	c.Get("/invitation").Want(http.StatusOK).Sound()
	c.Post("/invitation", "code", "no-such-code", "fresh", "one two three four", "again", "one two three five").Want(http.StatusUnprocessableEntity).Says("The two passwords differ.")
	if a := c.Post("/invitation", "code", "no-such-code", "fresh", phrase+" b", "again", phrase+" b"); a.Status < 400 || a.Status > 499 {
		t.Errorf("a wrong invitation: %d", a.Status)
	}
	c.Get("/sign-in").Lacks("Look around as", "through")
	c.Post("/sign-in/demo", "login", "ada").Want(http.StatusNotFound)
	c.Get("/sign-in/directory").Want(http.StatusNotFound)
	c.Get("/sign-in/directory/return?state=x&code=y").Want(http.StatusUnauthorized).Sound()
}

func TestDemoGuests(t *testing.T) {
	h := webtest.New(t, 0)
	h.Core.Demo = true
	if err := h.Options.Access.AddDemo(context.Background(), webtest.Skerry, "Ironreach"); err != nil {
		t.Fatal(err)
	}
	c := h.As("")
	c.Get("/sign-in").Lacks("Look around as") // not from another machine
	c.Remote = "127.0.0.1:999"
	c.Get("/sign-in").Sound().Says("Look around as", "Auditor", "Aud Ringstad", "Demonstration.")
	c.Follow(c.Post("/sign-in/demo", "login", "auditor")).Want(http.StatusSeeOther)
	c.Get("/o/skerry/").Want(http.StatusOK).Sound().Says("Demonstration.", "fictional")
}
