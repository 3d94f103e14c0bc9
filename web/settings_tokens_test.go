// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/app/access"
	"breakwater/harbour"
	"breakwater/web"
	"breakwater/web/webtest"
)

// TestTokens makes a token, has a program use it, and revokes it.
func TestTokens(t *testing.T) {
	h := webtest.New(t, 4)
	at := "/o/skerry/settings/tokens"
	c := h.As("ot-engineer")
	c.Get(at).Want(200).Sound().Says("You have no tokens", "Make a token").Lacks("Tokens of others")
	c.Get(at+"/new").Want(200).Sound().Says("see assets", "join and part assets by hand").Lacks("accept findings until a date", "All organisations")
	until := time.Now().UTC().AddDate(0, 0, 30).Format(time.DateOnly)
	c.Post(at+"/new", "label", "export", "until", until).Want(http.StatusUnprocessableEntity).Sound().Says("can do nothing")
	c.Post(at+"/new", "label", "export", "until", "2001-01-01", "action", "assets.read").Want(http.StatusUnprocessableEntity).Says("within a year")
	c.Post(at+"/new", "label", "export", "until", "soon", "action", "assets.read").Want(http.StatusUnprocessableEntity).Says("is not one")
	c.Post(at+"/new", "label", "export", "until", until, "action", "people.manage").Want(http.StatusForbidden)
	c.Post(at+"/new", "label", "export", "until", until, "org", "*", "action", "assets.read").Want(http.StatusNotFound)
	made := c.Post(at+"/new", "label", "export <i>", "until", until, "action", "assets.read", "action", "findings.read").Want(200).Sound().Says("It is not shown again")
	secret := regexp.MustCompile(`\bbw_[0-9A-Za-z]{46}\b`).FindString(made.Body)
	if secret == "" {
		t.Fatal("no token is shown")
	}
	by, err := web.Token(t.Context(), h.Options.Access, secret, "10.0.0.9", "r-1")
	if err != nil || !by.May(app.ReadAssets, "skerry") || by.May(app.EditAssets, "skerry") || by.May(app.ReadAssets, "hallow") {
		t.Errorf("the token gives %+v, %v", by, err)
	}
	list := c.Get(at).Want(200).Sound().Says("export <i>", "assets.read", "Port of Skerry")
	list.Lacks(secret)
	id := list.Value("id")

	// Administrators see it and revoke it; others neither.
	admin := h.As("administrator")
	admin.Get(at).Want(200).Sound().Says("Tokens of others", "export <i>", "Ot engineer")
	h.AsIn("administrator", webtest.Hallow).Get("/o/hallow/settings/tokens").Want(200).Says("Nobody else has a token").Lacks("export")
	h.As("auditor").Get(at).Want(200).Says("export <i>").Lacks("revoke-other")
	h.As("analyst").Post(at+"/revoke", "id", id).Want(http.StatusNotFound)
	h.AsIn("administrator", webtest.Hallow).Post("/o/hallow/settings/tokens/revoke-other", "id", id).Want(http.StatusNotFound)
	admin.Follow(admin.Post(at+"/revoke-other", "id", id)).Want(200).Says("Revoked", "Nobody else has a token")
	if _, err := web.Token(t.Context(), h.Options.Access, secret, "10.0.0.9", "r-1"); harbour.KindOf(err) != harbour.ErrUnauthenticated {
		t.Errorf("a revoked token gives %v", err)
	}
	c.Post(at+"/new", "label", "again", "until", until, "action", "assets.read").Want(200)
	id = c.Get(at).Value("id")
	c.Follow(c.Post(at+"/revoke", "id", id)).Want(200).Says("You have no tokens")

	// Who was away proves presence before the form.
	h.Proved = h.Core.Now() - harbour.Instant((app.StepUpFor + time.Minute).Microseconds())
	c.Get(at + "/new").Want(http.StatusForbidden).Says("Prove that it is you")
	c.Post(at+"/new", "label", "x", "until", until, "action", "assets.read").Want(http.StatusForbidden)
}

// TestManyTokens pages through tokens by key.
func TestManyTokens(t *testing.T) {
	h := webtest.New(t, 0)
	for i := range 70 {
		by := h.Actor(webtest.Role{Name: "analyst", Code: "analyst"}, webtest.Skerry)
		n := access.NewToken{Label: fmt.Sprintf("program %d", i), Actions: []app.Action{app.ReadAssets}, Org: webtest.Skerry, Expires: time.Now().Add(time.Hour)}
		if _, _, err := h.Options.Access.AddToken(t.Context(), by, n); err != nil {
			t.Fatal(err)
		}
	}
	c := h.As("administrator")
	page := c.Get("/o/skerry/settings/tokens").Want(200).Sound().Says("70 tokens", "50 shown")
	seen := strings.Count(page.Body, "revoke-other")
	for _, l := range page.Links() {
		if strings.Contains(l, "cursor=") {
			page = c.Get(l).Want(200).Sound().Says("70 tokens", "20 shown", "Previous")
			seen += strings.Count(page.Body, "revoke-other")
			break
		}
	}
	if seen != 70 {
		t.Errorf("two pages show %d of 70 tokens", seen)
	}
}
