// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"breakwater/app/health"
	"breakwater/web/webtest"
)

// TestTroubles wants what the installation lacks said on every page of people who are signed in, with what to do, and what
// works unsaid.
func TestTroubles(t *testing.T) {
	h := webtest.New(t, 3)
	state := health.State{Parts: []health.Part{{Name: "database", OK: true}, {Name: "disk", OK: true, Message: "at the pace of the last weeks it will be full soon", Hint: "plan"}, {Name: "clock", OK: true}, {Name: "backup", OK: true, Message: "no backup was made yet"}}}
	h.Options.Health = func(context.Context) health.State { return state }
	h.Open()
	c := h.As("analyst")
	c.Get("/o/skerry/assets").Want(200).Sound().Lacks("data-trouble", "full soon")
	h.As("administrator").Get("/o/skerry/assets").Want(200).Sound().Lacks("data-trouble") // of an installation of today
	state = health.State{Parts: []health.Part{
		{Name: "broker", Message: "the broker does not answer", Hint: "jobs wait and go on by themselves when it is back"},
		{Name: "jobs", Message: "jobs wait: they cannot be sent", Hint: "see that it runs"},
		{Name: "disk", Message: "the disk of the data folder is nearly full: imports are refused", Hint: "free space"},
		{Name: "clock", OK: true, Attention: true, Message: "the clock was set back", Hint: "set the clock right"},
		{Name: "backup", OK: true, Attention: true, Message: "no backup was ever made", Hint: "make one"},
	}}
	h.Open() // what was known is forgotten
	for _, path := range []string{"/o/skerry/", "/o/skerry/assets", "/o/skerry/findings", "/o/skerry/nowhere"} {
		a := c.Get(path).Sound().Says("The broker does not answer.", "Jobs wait and go on by themselves", "nearly full", "Free space.", "The clock was set back.", "Set the clock right.")
		a.Lacks("No backup", "cannot be sent") // of the operator alone; and said once
	}
	h.As("administrator").Get("/o/skerry/findings").Want(200).Sound().Says("No backup was ever made.", "Make one.")
	h.As(webtest.Everywhere).Get("/account").Want(200).Says("No backup was ever made.")
	h.As("").Get("/sign-in").Want(200).Lacks("broker", "nearly full")

	// What is asked for takes its time only once in a while: pages do not wait for a part that is gone.
	asked := 0
	h.Options.Health = func(context.Context) health.State { asked++; return state }
	h.Open()
	for range 20 {
		c.Get("/o/skerry/findings").Want(200)
	}
	if asked != 1 {
		t.Errorf("20 pages asked %d times", asked)
	}
}

// TestDatabaseGone wants a page with what to do where the database does not answer, for lists, changes and scripts.
func TestDatabaseGone(t *testing.T) {
	h := webtest.New(t, 3)
	c := h.As("ot-engineer")
	c.Get("/o/skerry/assets").Want(200)
	if err := h.Core.DB.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/o/skerry/", "/o/skerry/assets", "/o/skerry/jobs", "/o/skerry/evidence"} {
		a := c.Get(path).Want(http.StatusServiceUnavailable)
		a.Says("Something does not answer", "database", "Request r-").Lacks("sql:", "closed", "crane")
		if !strings.Contains(a.Body, "<h1") && !strings.Contains(a.Text(), "Something does not answer") {
			t.Errorf("%s is no page", a)
		}
	}
	c.Post("/o/skerry/assets/a-skerry-001/state", "field", "note", "value", "x", "version", "0").Want(http.StatusServiceUnavailable)
	c.Header.Set("HX-Request", "true")
	if a := c.Get("/o/skerry/assets").Want(http.StatusServiceUnavailable); a.Header.Get("HX-Retarget") != "#toasts" {
		t.Errorf("a script is told by %v", a.Header)
	}
}

// TestClockSetBack has the clock of the pages stand an hour before what was written: lists, instants and jobs bear it.
func TestClockSetBack(t *testing.T) {
	h := webtest.New(t, 3)
	id := h.Give(webtest.Skerry, "list.csv", sheet)
	h.Now = time.Now().Add(-time.Hour)
	c := h.As("chief-security-officer")
	for _, path := range []string{"/o/skerry/", "/o/skerry/assets", "/o/skerry/findings", "/o/skerry/jobs", "/o/skerry/evidence", "/o/skerry/evidence/" + id} {
		c.Get(path).Want(200).Sound()
	}

	h = webtest.New(t, 3)
	h.Now = time.Now().Add(-time.Hour)
	c = h.As("chief-security-officer")
	c.Post("/o/skerry/assets/a-skerry-001/state", "field", "note", "value", "written meanwhile", "version", "0").Want(http.StatusSeeOther)
	c.Get("/o/skerry/assets/a-skerry-001").Want(200).Says("written meanwhile")
}
