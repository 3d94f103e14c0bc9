// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/app/imports"
	"breakwater/store"
	"breakwater/web/webtest"
)

// write changes the database of a house as nobody in particular.
func write(t *testing.T, h *webtest.House, fn func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	err := h.Core.DB.Write(context.Background(), store.People, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("test")
		return fn(ctx, tx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// job puts a job into a house and brings it as far as fn says.
func job(t *testing.T, h *webtest.House, org, kind, title, person string, fn func(ctx context.Context, tx *store.Tx, j *store.Job) error) string {
	t.Helper()
	j := store.Job{Org: org, ID: app.NewID("j-"), Kind: kind, Title: title, MadeBy: person, Input: "e-0"}
	write(t, h, func(ctx context.Context, tx *store.Tx) error { return tx.AddJob(ctx, j) })
	if fn != nil {
		write(t, h, func(ctx context.Context, tx *store.Tx) (err error) {
			if j, _, err = tx.StartJob(ctx, org, j.ID); err != nil {
				return err
			}
			return fn(ctx, tx, &j)
		})
	}
	return j.ID
}

func half(ctx context.Context, tx *store.Tx, j *store.Job) error {
	j.Step, j.Done, j.Total = "reading frames", 50, 200
	_, err := tx.ProgressJob(ctx, j)
	return err
}

func ended(state, message, hint string) func(context.Context, *store.Tx, *store.Job) error {
	return func(ctx context.Context, tx *store.Tx, j *store.Job) error {
		j.State, j.Message, j.Hint = state, message, hint
		return tx.EndJob(ctx, j)
	}
}

func TestJobsPage(t *testing.T) {
	h := webtest.New(t, 0)
	at := "/o/skerry/jobs"
	c := h.As("ot-engineer")
	c.Get(at).Want(200).Sound().Says("No job yet")
	id := h.Give(webtest.Skerry, "quay.pcap", webtest.Capture(6)+"junk")
	waiting := job(t, h, webtest.Skerry, imports.JobRead, "Read big.pcap", "p-ot-engineer-skerry", nil)
	running := job(t, h, webtest.Skerry, imports.JobRead, "Read huge <b>.pcap", "p-ot-engineer-skerry", half)
	failed := job(t, h, webtest.Skerry, imports.JobBuild, "Build the inventory: a test", "p-analyst-skerry", ended(store.JobFailed, "the disk is full", "free space"))
	done := job(t, h, webtest.Skerry, imports.JobBuild, "Build the inventory: again", "system", ended(store.JobDone, "12 assets", ""))
	theirs := job(t, h, webtest.Hallow, imports.JobRead, "Read secret.pcap", "p-ot-engineer-hallow", half)

	list := c.Get(at).Want(200).Sound()
	list.Says("Read quay.pcap", "Read big.pcap", "Waiting", "25 %", "reading frames", "the disk is full", "Ot engineer", "the program", "1 problem", "6 jobs").Lacks("secret", "No job yet")
	if strings.Contains(list.Body, "huge <b>") {
		t.Error("the title of a job is not escaped")
	}
	if !strings.Contains(list.Body, `hx-trigger="every 4s"`) {
		t.Error("a list with open jobs does not ask for itself")
	}
	if quiet := c.Get(at+"?state=failed").Want(200).Says("the disk is full", "1 job").Lacks("Read big"); strings.Contains(quiet.Body, "every 4s") {
		t.Error("a list without open jobs asks for itself")
	}
	c.Get(at + "?kind=build_inventory").Want(200).Says("Kind: Building the inventory").Lacks("Read big")
	c.Get(at+"?q=HUGE").Want(200).Says("Read huge", "1 job").Lacks("Read big")
	c.Get(at + "?by=me").Want(200).Says("Read big").Lacks("a test")
	c.Get(at + "?q=nothing").Want(200).Sound().Says("No job fits")
	c.Part(at, "list").Want(200).Says("Read big").Lacks("<html")
	c.Get(at+".csv?state=failed").Want(200).Says("the disk is full", "free space").Lacks("big.pcap")
	c.Get(at + ".xlsx").Want(200)
	c.Get(at + "?sort=title").Want(http.StatusUnprocessableEntity)

	c.Get(at+"/"+waiting).Want(200).Sound().Says("Waiting since", "It begins when those before it are done", "Cancel the job", "Load again")
	c.Get(at+"/"+running).Want(200).Sound().Says("Running for", "25 %", "reading frames", "Cancel the job").Lacks("Do it again", "told nothing")
	c.Part(at+"/"+running, "job").Want(200).Says("25 %").Lacks("<html")
	c.Get(at+"/"+failed).Want(200).Sound().Says("Failed", "disk is full", "free space", "Do it again", "Analyst").Lacks("Cancel the job")
	c.Get(at+"/"+done).Want(200).Sound().Says("Done", "12 assets", "The assets").Lacks("Do it again", "Cancel the job")
	if read := c.Get(at + "?q=quay&state=done"); !strings.Contains(read.Body, "/o/skerry/evidence/"+id+"#problems") {
		t.Error("the list does not lead to the problems of what was read")
	}
	for _, path := range []string{at + "/" + theirs, "/o/hallow/jobs/" + theirs, at + "/j-none"} {
		c.Get(path).Want(404).Lacks("secret")
	}
	c.Post(at + "/" + theirs + "/cancel").Want(404)
	c.Post(at + "/" + theirs + "/again").Want(404)

	// Who may look may do no more than that.
	auditor := h.As("auditor")
	auditor.Get(at + "/" + running).Want(200).Sound().Says("25 %").Lacks("Cancel the job")
	auditor.Get(at + "/" + failed).Want(200).Lacks("Do it again")
	auditor.Post(at + "/" + running + "/cancel").Want(http.StatusForbidden)
	auditor.Post(at + "/" + failed + "/again").Want(http.StatusForbidden)
	h.As("board-reader").Get(at).Want(http.StatusForbidden)
	// Who sees one site sees the jobs that they asked for.
	north := h.As("facility-security-officer-north")
	north.Get(at).Want(200).Sound().Says("No job yet").Lacks("quay.pcap", "big.pcap", "6 jobs")
	north.Get(at + "/" + running).Want(404)

	c.Follow(c.Post(at+"/"+waiting+"/cancel").Want(303)).Says("Cancelled", "cancelled before it began", "Do it again")
	c.Post(at + "/" + waiting + "/cancel").Want(http.StatusConflict)
	c.Follow(c.Post(at+"/"+running+"/cancel").Want(303)).Says("To be cancelled", "where that does no harm").Lacks("Cancel the job")
	again := c.Post(at + "/" + failed + "/again").Want(303)
	c.Follow(again).Want(200).Says("It is done again, as this job", "Waiting", "Ot engineer")
	if c.Post(at+"/"+failed+"/again").Want(303).Header.Get("Location") != again.Header.Get("Location") {
		t.Error("the same is asked for twice")
	}
	c.Post(at + "/" + done + "/again").Want(http.StatusConflict)
	h.Work()
	if a := c.Part(again.Header.Get("Location"), "job"); a.Header.Get("HX-Redirect") == "" {
		t.Errorf("the page of a job that has ended does not come anew: %v", a)
	}
}

// TestJobsByKey turns the pages of a long list.
func TestJobsByKey(t *testing.T) {
	h := webtest.New(t, 0)
	for i := range 120 {
		job(t, h, webtest.Skerry, "read_evidence", fmt.Sprintf("Read number %03d", i), "system", nil)
	}
	c := h.As("analyst")
	seen, path := map[string]bool{}, "/o/skerry/jobs"
	for range 3 {
		a := c.Get(path).Want(200).Sound().Says("120 jobs")
		path = ""
		for _, l := range a.Links() {
			if strings.HasPrefix(l, "/o/skerry/jobs/j-") {
				if seen[l] {
					t.Errorf("%s is listed twice", l)
				}
				seen[l] = true
			} else if strings.Contains(l, "cursor=") {
				path = l // the last one is that of the next page
			}
		}
	}
	if len(seen) != 120 {
		t.Errorf("%d jobs on three pages", len(seen))
	}
}

// TestJobStuck says why nothing begins, and that something that runs is silent.
func TestJobStuck(t *testing.T) {
	h := webtest.New(t, 0)
	h.Broker.Go(true)
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error, 1)
	go func() { ran <- h.Options.Jobs.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	}()
	id := job(t, h, webtest.Skerry, imports.JobRead, "Read a.csv", "p-ot-engineer-skerry", nil)
	c := h.As("ot-engineer")
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		s, err := h.Options.Jobs.State(ctx)
		if err != nil || time.Now().After(deadline) {
			t.Fatal(s, err)
		}
		if s.Problem != "" {
			break
		}
	}
	c.Get("/o/skerry/jobs").Want(200).Sound().Says("Jobs wait. The broker does not answer", "See that it runs", "It has been so since")
	c.Get("/o/skerry/jobs/"+id).Want(200).Sound().Says("Waiting since", "The broker does not answer", "go on by themselves")
	h.Broker.Go(false)
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if s, err := h.Options.Jobs.State(ctx); err != nil || time.Now().After(deadline) {
			t.Fatal(s, err)
		} else if s.Problem == "" && s.Outbox == 0 {
			break
		}
	}
	c.Get("/o/skerry/jobs/" + id).Want(200).Lacks("broker")

	running := job(t, h, webtest.Skerry, imports.JobRead, "Read b.csv", "p-ot-engineer-skerry", half)
	h.Now = time.Now().Add(10 * time.Minute)
	c.Get("/o/skerry/jobs/"+running).Want(200).Says("It has told nothing for 10 min", "do it again")
	h.Now = time.Now().Add(-time.Hour) // the clock was set back
	c.Get("/o/skerry/jobs/" + running).Want(200).Sound().Says("Running for under a second").Lacks("told nothing")
}
