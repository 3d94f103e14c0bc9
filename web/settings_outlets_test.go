// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"breakwater/app/access/throttle"
	"breakwater/app/health"
	"breakwater/store"
	"breakwater/web/webtest"
)

// TestOutlets adds a webhook, tests it, sees it fail, and removes it.
func TestOutlets(t *testing.T) {
	h := webtest.New(t, 0)
	var mu sync.Mutex
	var got []string
	answer := http.StatusNoContent
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		b, _ := io.ReadAll(r.Body)
		got = append(got, string(b))
		w.WriteHeader(answer)
	}))
	defer receiver.Close()
	at, add := "/o/skerry/settings/outlets", "/o/skerry/settings/add-outlet/"
	c := h.As("administrator")
	c.Get(at).Want(200).Sound().Says("Nothing leaves by itself yet", "Webhook", "Log server", "E-mail").Lacks("Networks that outlets may reach")
	for _, kind := range []string{"webhook", "syslog", "mail"} {
		c.Get(add+kind).Want(200).Sound().Says("somebody signed in with an emergency account", "the program raised an alarm")
	}
	c.Get(add + "pigeon").Want(http.StatusNotFound)
	c.Post(add+"webhook", "name", "SOC", "target", "ftp://x", "all", "1").Want(http.StatusUnprocessableEntity).Sound().Says("https://host/path")
	c.Post(add+"syslog", "name", "SIEM", "target", "log.example:6514", "all", "1", "transport", "tls", "facility", "many").Want(http.StatusUnprocessableEntity).Says("facility is no number")
	made := c.Post(add+"webhook", "name", "SOC <1>", "target", receiver.URL+"/hook", "all", "1").Want(200).Sound().Says("not shown again")
	if !regexp.MustCompile(`whsec_[A-Za-z0-9+/=]{40,}`).MatchString(made.Body) {
		t.Error("no secret is shown")
	}
	list := c.Get(at).Want(200).Sound().Says("SOC <1>", "active")
	var one string
	for _, l := range list.Links() {
		if strings.HasPrefix(l, at+"/o-") {
			one = l
		}
	}
	c.Get(one).Want(200).Sound().Says("Send a test", "New secret", "never").Lacks("whsec_")

	// A private address is refused until its network is allowed for the installation.
	c.Post(one + "/test").Want(http.StatusServiceUnavailable).Sound().Says("did not arrive")
	all := h.As(webtest.Everywhere)
	all.Get(at).Want(200).Sound().Says("Networks that outlets may reach")
	all.Post(at+"/networks", "networks", "everything").Want(http.StatusUnprocessableEntity)
	all.Follow(all.Post(at+"/networks", "networks", "127.0.0.0/8\n10.20.0.0/16")).Want(200).Says("Changed", "127.0.0.0/8")
	c.Follow(c.Post(one + "/test")).Want(200).Says("The test event arrived")
	if len(got) != 1 || !strings.Contains(got[0], `"test"`) {
		t.Errorf("the receiver got %q", got)
	}
	answer = http.StatusInternalServerError
	c.Post(one+"/test").Want(http.StatusServiceUnavailable).Sound().Says("did not arrive", "500")

	version := c.Get(one).Value("version")
	c.Follow(c.Post(one+"/change", "version", version, "name", "SOC 2", "target", receiver.URL, "event", "finding.new", "severity", "high", "paused", "1")).Want(200).Sound().Says("SOC 2", "paused")
	c.Post(one+"/change", "version", version, "name", "SOC 3", "target", receiver.URL, "event", "finding.new").Want(http.StatusPreconditionFailed)
	c.Post(one + "/renew").Want(200).Sound().Says("not shown again")
	c.Follow(c.Post(one+"/remove")).Want(200).Says("Removed", "Nothing leaves by itself yet")
}

// TestAlarmsLeave has an alarm of each sort reach a webhook: those of signing in, and those of the installation. Another
// organisation hears of the installation, and nothing of people who are not its own.
func TestAlarmsLeave(t *testing.T) {
	h := webtest.New(t, 0)
	var mu sync.Mutex
	got := map[string]string{}
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		b, _ := io.ReadAll(r.Body)
		got[r.URL.Path] += string(b)
	}))
	defer receiver.Close()
	h.As(webtest.Everywhere).Post("/o/skerry/settings/outlets/networks", "networks", "127.0.0.0/8").Want(http.StatusSeeOther)
	for _, org := range []string{webtest.Skerry, webtest.Hallow} {
		h.AsIn("administrator", org).Post("/o/"+org+"/settings/add-outlet/webhook", "name", "SOC", "target", receiver.URL+"/"+org, "event", "alarm.raised").Want(200)
	}
	if _, err := h.Options.Outlets.Follow(t.Context()); err != nil { // what comes from here on is followed
		t.Fatal(err)
	}

	// The disk fills up: said once, and again only after it had room in between.
	free := int64(1)
	watch := health.New(h.Core, health.Options{Free: func() (int64, error) { return free, nil }, Reserve: 100, Data: t.TempDir()})
	for _, f := range []int64{1, 1, 1 << 50, 1} {
		free = f
		if err := watch.Alarm(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	log, err := h.Core.DB.AuditEverywhere(t.Context(), store.AuditFilter{Action: string(health.ActAlarm), Object: "disk"})
	if err != nil || len(log) != 2 {
		t.Errorf("%d alarms about the disk, %v; want 2", len(log), err)
	}

	// Somebody guesses at a password of Skerry: Skerry hears of it, Hallow does not.
	for range throttle.Alarm + 1 {
		h.Now = h.Core.Clock().Add(2 * time.Hour)
		h.As("").Post("/sign-in", "login", "analyst-skerry", "password", "wrong and wrong again")
	}
	h.Now = time.Time{}

	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { h.Options.Outlets.Run(ctx) })
	defer func() { stop(); running.Wait() }()
	wait := func(path, text string) {
		t.Helper()
		for range 300 {
			mu.Lock()
			found := strings.Contains(got[path], text)
			mu.Unlock()
			if found {
				return
			}
			pause()
		}
		mu.Lock()
		defer mu.Unlock()
		t.Errorf("%s does not hear of %s: %s", path, text, got[path])
	}
	wait("/skerry", "the disk of the data folder is")
	wait("/hallow", "the disk of the data folder is")
	wait("/skerry", "guessing")
	mu.Lock()
	defer mu.Unlock()
	if strings.Contains(got["/hallow"], "guessing") || strings.Contains(got["/hallow"], "analyst") {
		t.Errorf("another organisation hears of it: %s", got["/hallow"])
	}
}

func pause() { time.Sleep(50 * time.Millisecond) }

// TestSites changes a site and asks for second factors.
func TestSites(t *testing.T) {
	h := webtest.New(t, 0)
	at := "/o/skerry/settings/sites"
	c := h.As("administrator")
	c.Get(at).Want(200).Sound().Says("North quay", "Europe/Oslo", "NO", "Add a site", "It is up to each person").Lacks("Another organisation")
	c.Post(at, "name", "Pier", "time_zone", "Nowhere/Land", "jurisdiction", "NL").Want(http.StatusUnprocessableEntity).Sound().Says("There is no such time zone", "Europe/Amsterdam")
	c.Follow(c.Post(at, "name", "West Pier", "time_zone", "Europe/Amsterdam", "jurisdiction", "nl")).Want(200).Sound().Says("West Pier", "west-pier", "NL")
	c.Follow(c.Post(at, "id", "west-pier", "name", "West Pier 2", "time_zone", "UTC", "jurisdiction", "EU")).Want(200).Says("West Pier 2", "EU")
	c.Post(at+"/factor", "required", "1").Want(http.StatusConflict).Says("no second factor yourself")
	c.Follow(c.Post(at + "/factor")).Want(200).Says("asked of nobody")
	h.As("auditor").Get(at).Want(200).Sound().Lacks("Add a site", "Want one of everybody")
	all := h.As(webtest.Everywhere)
	all.Follow(all.Post(at+"/organisation", "name", "West Terminal")).Want(200).Says("Added")
	all.Get("/o/west-terminal/settings/sites").Want(200).Sound().Says("None yet")
}

// TestRetention tries rules, sees what they would let go, and makes them hold.
func TestRetention(t *testing.T) {
	h := webtest.New(t, 0)
	id := h.Give(webtest.Skerry, "list.csv", sheet)
	cso, c := h.As("chief-security-officer"), h.As("administrator")
	at := "/o/skerry/settings/retention"
	c.Get(at).Want(200).Sound().Says("Network captures", "for good", "What the rules let go next", "Nothing.").Lacks("Make these the rules")
	c.Get(at + "?days-sheet=many").Want(http.StatusUnprocessableEntity)
	c.Get(at + "?days-sheet=-1").Want(http.StatusUnprocessableEntity)
	c.Get(at+"?days-sheet=30").Want(200).Sound().Says("Nothing.", "Make these the rules")
	h.Age(id, 40)
	c.Get(at+"?days-sheet=30").Want(200).Sound().Says("list.csv", "it is withdrawn", "kept for 30 days")
	cso.Post("/o/skerry/evidence/"+id+"/change/hold", "reason", "case 12").Want(http.StatusSeeOther)
	c.Get(at+"?days-sheet=30").Want(200).Sound().Says("Nothing.", "1 piece of evidence", "list.csv", "case 12", "Chief security officer").Lacks("Release")

	// The list of holds: who, when and why; who may release one is led there, and then it is gone.
	away := h.Give(webtest.Hallow, "theirs.csv", sheet+"x")
	h.AsIn("chief-security-officer", webtest.Hallow).Post("/o/hallow/evidence/"+away+"/change/hold", "reason", "case 99").Want(http.StatusSeeOther)
	h.Give(webtest.Skerry, "free.csv", sheet+"y")
	all := cso.Get(at+"/holds").Want(200).Sound().Says("list.csv", "case 12", "Chief security officer", "Release").Lacks("theirs.csv", "case 99", "free.csv")
	release := "/o/skerry/evidence/" + id + "/change/release"
	if !slices.Contains(all.Links(), release) {
		t.Errorf("no way to release: %v", all.Links())
	}
	cso.Get("/o/skerry/evidence?hold=yes").Want(200).Sound().Says("list.csv", "under a legal hold").Lacks("free.csv")
	file := cso.Get("/o/skerry/evidence.csv?hold=yes").Want(200).Body
	if rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file, "\ufeff"))).ReadAll(); err != nil || len(rows) != 2 || rows[1][0] != "list.csv" || rows[1][11] != "case 12" || rows[1][14] != id {
		t.Errorf("the file holds %q, %v", rows, err)
	}
	if rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(cso.Get("/o/skerry/evidence.csv").Want(200).Body, "\ufeff"))).ReadAll(); err != nil || len(rows) != 3 {
		t.Errorf("the file of all holds %q, %v", rows, err)
	}
	cso.Post(release, "reason", "").Want(http.StatusUnprocessableEntity)
	cso.Post(release, "reason", "case 12 is closed").Want(http.StatusSeeOther)
	cso.Get(at + "/holds").Want(200).Sound().Says("Nothing is under a legal hold").Lacks("list.csv")
	c.Follow(c.Post(at, "days-sheet", "30", "days-withdrawn", "7")).Want(200).Says("The rules hold", "At present: 30 days", "At present: 7 days")
	h.As("auditor").Get(at + "?days-sheet=30").Want(200).Sound().Lacks("Make these the rules")
}
