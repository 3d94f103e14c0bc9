// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/web/webtest"
)

var codeForm = regexp.MustCompile(`\b([A-Z]{5}-){4}[A-Z]{5}\b`)

// TestPeople adds somebody, has them come in with their code, gives and takes roles, suspends, and lets them go.
func TestPeople(t *testing.T) {
	h := webtest.New(t, 8)
	at := "/o/skerry/settings/people"
	c := h.As("administrator")
	c.Get(at).Want(200).Sound().Says("Ot engineer", "OT engineer", "9 people", "Add a person").Lacks("hallow", "Hallow", "Ines Everywhere")
	c.Get(at+"?role=auditor").Want(200).Says("Role: Auditor", "1 person")
	c.Get(at + "?q=nobody+of+that+name").Want(200).Sound().Says("Nobody fits")
	c.Get(at+"?q=BOARD").Want(200).Says("board-reader-skerry", "1 person")
	c.Get(at + "?q=%25").Want(200).Says("Nobody fits") // no pattern of the database's own
	c.Get(at + "?sort=secret").Want(http.StatusUnprocessableEntity)
	c.Part(at+"?sort=name&desc=1", "list").Want(200).Says("9 people").Lacks("<html")
	if got := rows(t, c.Get(at+".csv?state=active").Want(200)); len(got) != 10 || got[0][0] != "Sign-in name" {
		t.Errorf("export: %d rows, %v", len(got), got[0])
	}

	// Mistakes are said in the form, and what was typed stays.
	c.Get(at+"/new").Want(200).Sound().Says("Sign-in name", "North quay", "Supplier contact").Lacks("emergency account")
	c.Post(at+"/new", "name", "Nora <b>Quay</b>", "login", "auditor-skerry", "role", "analyst").Want(http.StatusConflict).Sound().Says("already", "Choose another")
	wrong := c.Post(at+"/new", "name", "Nora Quay", "login", "nora", "role", "supplier-contact").Want(http.StatusUnprocessableEntity).Sound().Says("needs a supplier")
	if wrong.Value("name") != "Nora Quay" {
		t.Error("what was typed is lost")
	}
	made := c.Post(at+"/new", "name", "Nora Quay", "login", "Nora", "email", "nora@skerry.example", "role", "analyst", "site", "north").Want(200).Sound().Says("It is not shown again")
	code := codeForm.FindString(made.Body)
	if code == "" || made.Header.Get("Cache-Control") != "no-store" || !strings.Contains(made.Body, "/invitation?code="+code) {
		t.Fatalf("no code, or it is kept: %q", code)
	}
	c.Get(at).Want(200).Says("Nora Quay", "Analyst (North quay)", "invitation", "10 people").Lacks(code)

	// The address of the code leads to the form with the code in it; the code is good once.
	nora := h.As("")
	nora.Get("/invitation?code=" + code).Want(200).Sound()
	const word = "nine herons at the lock gate"
	nora.Post("/invitation", "code", code, "fresh", word, "again", word).Want(http.StatusSeeOther)
	nora.Get("/o/skerry/").Want(200).Says("Nora Quay", "Analyst")
	again := h.As("")
	again.Post("/invitation", "code", code, "fresh", word+" twice", "again", word+" twice").Want(http.StatusUnauthorized)

	id := h.PersonID("nora")
	page := c.Get(at+"/"+id).Want(200).Sound().Says("Analyst", "North quay", "nora@skerry.example", "password", "Give a role", "Suspend", "End all")
	version := page.Value("version")
	c.Follow(c.Post(at+"/"+id+"/give", "version", version, "role", "board-reader", "reason", "stands in")).Want(200).Sound().Says("The role was given", "Board reader")
	c.Post(at+"/"+id+"/give", "version", version, "role", "auditor").Want(http.StatusPreconditionFailed) // somebody was faster
	version = c.Get(at + "/" + id).Value("version")
	c.Follow(c.Post(at+"/"+id+"/take", "version", version, "role", "analyst", "sites", "north", "supplier", "")).Want(200).Says("taken away")
	nora.Get("/o/skerry/assets").Want(http.StatusForbidden)

	// A session of hers ends by the administrator's hand, and all do with her suspension.
	nora.Get("/o/skerry/").Want(200)
	c.Follow(c.Post(at+"/"+id+"/end", "session", "")).Want(200).Says("Ended", "Not signed in anywhere")
	nora.Get("/o/skerry/").Want(http.StatusSeeOther)
	nora = h.As("")
	nora.Post("/sign-in", "login", "nora", "password", word).Want(http.StatusSeeOther)
	version = c.Get(at + "/" + id).Value("version")
	c.Follow(c.Post(at+"/"+id+"/state", "version", version, "state", "suspended", "reason", "badge lost")).Want(200).Says("Suspended", "Take back")
	nora.Get("/o/skerry/").Want(http.StatusSeeOther)
	c.Post(at+"/"+id+"/invite", "reason", "x").Want(http.StatusUnprocessableEntity).Sound().Says("cannot be invited")
	version = c.Get(at + "/" + id).Value("version")
	c.Follow(c.Post(at+"/"+id+"/state", "version", version, "state", "active", "reason", "found")).Want(200).Says("Taken back")

	// Failed attempts lock the name; an administrator unlocks it.
	for range 7 {
		h.As("").Post("/sign-in", "login", "nora", "password", "wrong and wrong again")
	}
	h.As("").Post("/sign-in", "login", "nora", "password", word).Want(http.StatusTooManyRequests)
	c.Get(at + "/" + id).Want(200).Sound().Says("locked")
	c.Follow(c.Post(at + "/" + id + "/unlock")).Want(200).Says("Unlocked").Lacks("locked the next")
	h.As("").Post("/sign-in", "login", "nora", "password", word).Want(http.StatusSeeOther)

	fresh := c.Post(at+"/"+id+"/invite", "factors", "1", "reason", "phone lost").Want(200).Sound()
	if codeForm.FindString(fresh.Body) == "" {
		t.Error("no new code")
	}
	version = c.Get(at + "/" + id).Value("version")
	c.Follow(c.Post(at+"/"+id+"/state", "version", version, "state", "left", "reason", "retired")).Want(200).Says("Noted").Lacks("Nora Quay")

	// What is about oneself is not offered, and is refused.
	self := c.Get(at + "/p-administrator-skerry").Want(200).Sound().Says("takes another administrator")
	self.Lacks("Suspend …", "Take away")
	c.Post(at+"/p-administrator-skerry/state", "version", "1", "state", "suspended").Want(http.StatusForbidden)

	// Readers see, and change nothing.
	h.As("auditor").Get(at).Want(200).Sound().Lacks("Add a person")
	h.As("auditor").Get(at+"/p-analyst-skerry").Want(200).Sound().Lacks("Suspend", "Give a role", "Take away")
	c.Get(at + "/p-analyst-hallow").Want(http.StatusNotFound).Lacks("Analyst")
	c.Get(at + "?of=all").Want(http.StatusForbidden)
	c.Post(at+"/new", "of", "all", "name", "X", "login", "x", "role", "administrator").Want(http.StatusForbidden)
}

// TestPeopleEverywhere looks at the whole installation.
func TestPeopleEverywhere(t *testing.T) {
	h := webtest.New(t, 0)
	at := "/o/skerry/settings/people"
	c := h.As(webtest.Everywhere)
	c.Get(at).Want(200).Sound().Says("The whole installation", "9 people").Lacks("analyst-hallow")
	c.Get(at+"?of=all").Want(200).Sound().Says("19 people", "Ines Everywhere", "all organisations", "Hallow Haven")
	c.Get(at + "/p-analyst-hallow").Want(http.StatusNotFound)
	c.Get(at+"/p-analyst-hallow?of=all").Want(200).Sound().Says("Hallow Haven", "Give a role").Lacks("Take away") // it is set in Hallow
	c.Get(at+"/new?of=all").Want(200).Sound().Says("all organisations", "emergency account").Lacks("Supplier contact")
	sealed := c.Post(at+"/new?of=all", "name", "Break Glass", "login", "glass", "role", "administrator", "emergency", "1").Want(200).Sound().Says("Emergency password", "envelope")
	pw := codeForm.FindString(sealed.Body)
	door := h.As("")
	door.Post("/emergency", "login", "glass", "password", pw, "reason", "the directory is down").Want(http.StatusSeeOther)
	door.Get("/o/skerry/settings/people?of=all").Want(200).Says("Emergency sign-in", "emergency account", "sealed password")
	id := h.PersonID("glass")
	renewed := c.Post(at+"/"+id+"/renew?of=all", "reason", "it was used").Want(200).Sound()
	if again := codeForm.FindString(renewed.Body); again == "" || again == pw {
		t.Errorf("the password was not renewed: %q", again)
	}
	door.Get("/").Want(http.StatusSeeOther)
	version := c.Get(at + "/p-analyst-skerry?of=all").Value("version")
	c.Follow(c.Post(at+"/p-analyst-skerry/give?of=all", "version", version, "role", "auditor", "reason", "yearly audit")).Want(200).Says("Auditor", "all organisations", "Analyst")
}

// TestPeopleProve leads through the proof of presence before anything is typed.
func TestPeopleProve(t *testing.T) {
	h := webtest.New(t, 0)
	h.Proved = h.Core.Now() - harbour.Instant((app.StepUpFor + time.Minute).Microseconds())
	c := h.As("administrator")
	c.Get("/o/skerry/settings/people").Want(200)
	c.Get("/o/skerry/settings/people/new").Want(http.StatusForbidden).Says("prove once more")
	c.Get("/o/skerry/settings/people/p-analyst-skerry").Want(200).Sound().Says("fresh proof", "Prove it now")
	c.Post("/o/skerry/settings/people/p-analyst-skerry/state", "version", "1", "state", "suspended").Want(http.StatusForbidden)
	h.As("auditor").Get("/o/skerry/settings/people/p-analyst-skerry").Want(200).Lacks("Prove it now")
}

// TestRoles wants the table as the use case has it.
func TestRoles(t *testing.T) {
	h := webtest.New(t, 0)
	a := h.As("supplier-contact").Get("/o/skerry/settings/roles").Want(200).Sound().Says("accept findings until a date", "Chief security officer")
	for _, i := range app.Actions {
		a.Says(i.Words)
	}
	if got, want := strings.Count(a.Body, ">yes<"), webtest.Rights(); got != want {
		t.Errorf("the table has %d marks, the roles give %d rights", got, want)
	}
	h.As("supplier-contact").Get("/o/skerry/settings").Want(200).Sound().Says("Roles").Lacks("Who may sign in")
	h.As("administrator").Get("/o/skerry/settings").Want(200).Sound().Says("People", "Who may sign in")
}
