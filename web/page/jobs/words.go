// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package jobs

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"breakwater/app"
	"breakwater/app/evidence"
	"breakwater/app/imports"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/view"
	"breakwater/web/shell"
)

const readEvidence = imports.JobRead

func kindWord(k string) string {
	switch k {
	case imports.JobRead:
		return "Reading evidence"
	case imports.JobBuild:
		return "Building the inventory"
	case imports.JobShred:
		return "Deleting bytes"
	case evidence.JobPack:
		return "Making an evidence pack"
	}
	return view.Name(k)
}

func stateWord(s string) view.Word {
	switch s {
	case store.JobWaiting:
		return view.Word{Title: "Waiting", Means: "it has not begun, or waits to be tried again", Class: "warn"}
	case store.JobRunning:
		return view.Word{Title: "Running", Means: "it is being done", Class: "none"}
	case store.JobDone:
		return view.Word{Title: "Done", Means: "it came to its end", Class: "ok"}
	case store.JobFailed:
		return view.Word{Title: "Failed", Means: "it did not come to its end; what it was to change is as it was", Class: "bad"}
	case store.JobCancelled:
		return view.Word{Title: "Cancelled", Means: "somebody ended it; what it was to change is as it was", Class: "none"}
	}
	return view.Word{Title: view.Name(s)}
}

// who asked for a job, as people read it.
func who(j *store.Job) string {
	if j.Maker == "" && j.MadeBy == "system" {
		return "the program"
	}
	if j.Maker == "" && j.MadeBy == "command" {
		return "the command line"
	}
	return cmp.Or(j.Maker, j.MadeBy)
}

// took writes how long a job has run or ran; "" before it began.
func took(j *store.Job, now harbour.Instant) string {
	if !j.BeganAt.Known() {
		return ""
	}
	end := now
	if j.Ended() {
		end = j.EndedAt
	} else if j.State == store.JobWaiting {
		return ""
	}
	return span(j.BeganAt, end)
}

// span writes the time between two instants; where a clock was set back that is none.
func span(from, to harbour.Instant) string {
	d := max(time.Duration(to-from)*time.Microsecond, 0)
	switch {
	case d < time.Second:
		return "under a second"
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours())/24)
}

// share of the work that is done, as a percentage; -1 where it is not known.
func share(j *store.Job) int {
	if j.Total <= 0 || j.Done < 0 {
		return -1
	}
	return int(min(j.Done, j.Total) * 100 / j.Total)
}

func percent(n int) string { return strconv.Itoa(n) }

// made is where what a job made is to be seen; "" for nowhere, or nothing that the person may open.
func made(r *shell.Request, j *store.Job) (title, href string) {
	switch j.Kind {
	case imports.JobRead:
		if r.May(app.ReadEvidence) {
			return "The evidence", r.Path("evidence", j.Input)
		}
	case imports.JobBuild:
		if j.State == store.JobDone && r.May(app.ReadAssets) {
			return "The assets", r.Path("assets")
		}
	case evidence.JobPack:
		if j.State == store.JobDone && j.MadeBy == r.By.Person && r.May(app.ReadEvidence) {
			return "The pack", r.Path("pack", j.ID)
		}
	}
	return "", ""
}

// quietFor is how long a job that runs may tell nothing before that is spoken of.
const quietFor = harbour.Instant(3 * time.Minute / time.Microsecond)

// stuck is why jobs wait.
type stuck struct {
	message, hint string
	since         harbour.Instant
}

// stuck asks why jobs wait that are not sent; nil where nothing is known to be wrong.
func (p *pages) stuck(r *shell.Request) (*stuck, error) {
	s, err := p.use.State(r.Context())
	if err != nil || s.Problem == "" {
		return nil, err
	}
	v := &stuck{}
	v.message, v.hint = shell.Words(&harbour.Error{Message: s.Problem, Hint: s.Hint})
	if !s.Since.IsZero() {
		v.since = harbour.At(s.Since)
	}
	return v, nil
}

// waits says why a job waits, in a sentence.
func waits(j *store.Job, why *stuck) string {
	switch {
	case why != nil:
		return why.message
	case j.Message != "":
		return "It was tried and waits for the next attempt: " + j.Message + "."
	}
	return "It begins when those before it are done."
}
