// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/store"
)

// TestService runs the server as systemd does: it must say that it is ready and that it lives, take up a new
// certificate at a signal, and say that it stops.
func TestService(t *testing.T) {
	dir, err := os.MkdirTemp("", "n") // short: names of sockets are
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "s"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	heard := make(chan string, 100)
	go func() {
		for b := make([]byte, 4096); ; {
			n, err := l.Read(b)
			if err != nil {
				return
			}
			heard <- string(b[:n])
		}
	}()
	hear := func(want string) {
		t.Helper()
		for limit := time.After(20 * time.Second); ; {
			select {
			case s := <-heard:
				if strings.Contains(s, want) {
					return
				}
			case <-limit:
				t.Fatalf("%s was not said", want)
			}
		}
	}
	t.Setenv("NOTIFY_SOCKET", filepath.Join(dir, "s"))
	t.Setenv("WATCHDOG_USEC", "200000")
	cert, key := pairOf(t, "localhost", time.Now().Add(100*24*time.Hour))
	s := serve(t, "--data", filepath.Join(dir, "data"), "--tls-cert", cert, "--tls-key", key)
	hear("READY=1")
	hear("WATCHDOG=1")
	serial := func() string {
		t.Helper()
		u, err := url.Parse(s.url)
		if err != nil {
			t.Fatal(err)
		}
		c, err := tls.Dial("tcp", "127.0.0.1:"+u.Port(), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.ConnectionState().PeerCertificates[0].NotAfter.String()
	}
	before := serial()
	newCert, newKey := pairOf(t, "localhost", time.Now().Add(200*24*time.Hour))
	for to, from := range map[string]string{cert: newCert, key: newKey} {
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	hear("RELOADING=1\nMONOTONIC_USEC=")
	hear("READY=1")
	if after := serial(); after == before {
		t.Error("the new certificate is not served")
	}
	begun := time.Now()
	if n := s.stop(); n != 0 || time.Since(begun) > 15*time.Second {
		t.Errorf("stopped with %d after %v: %s", n, time.Since(begun), s.log)
	}
	hear("STOPPING=1")
}

// TestWatchdogStuck wants a writer that stands still to be noticed, and one that has nothing to do, or no database, not.
func TestWatchdogStuck(t *testing.T) {
	state, gone, now := store.WriterState{}, error(nil), time.Now()
	w := &watchdog{state: func() store.WriterState { return state }, ping: func(context.Context) error { return gone }, now: func() time.Time { return now }}
	ask := func(want bool, what string) {
		t.Helper()
		if got := w.alive(context.Background()); got != want {
			t.Errorf("%s: alive = %v", what, got)
		}
	}
	ask(true, "at first")
	now = now.Add(time.Hour)
	ask(true, "nothing to do")
	state = store.WriterState{Waiting: 3, Commits: 7}
	ask(true, "work")
	now = now.Add(time.Minute)
	ask(true, "a long transaction")
	now = now.Add(time.Hour)
	ask(false, "standing still")
	gone = errors.New("gone")
	ask(true, "no database")
	gone, state.Commits = nil, 8
	ask(true, "it goes on")
}

func TestUnit(t *testing.T) {
	path, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("there is no systemd here")
	}
	b, err := os.ReadFile("../../docs/systemd/breakwater.service")
	if err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(t.TempDir(), "breakwater.service")
	text := strings.ReplaceAll(string(b), "/usr/local/bin/breakwater", os.Args[0]) // what is to be run has to be there
	text = regexp.MustCompile(`(?m)^#(LoadCredential|Environment)=`).ReplaceAllString(text, "$1=")
	if err := os.WriteFile(unit, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(path, "verify", unit).CombinedOutput(); err != nil || strings.Contains(string(out), "breakwater.service") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestLog follows one upload from the request to its jobs, and looks for secrets and evidence in all that was logged.
func TestLog(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	t.Setenv(vaultKeyEnv, "")
	s := serve(t, "--data", data, "--log-format", "json", "--log-level", "debug")
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar}
	post := func(path string, v url.Values) {
		t.Helper()
		a, err := browser.PostForm(s.url+path, v)
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
	}
	post("/set-up", url.Values{
		"token": {s.token}, "organisation": {"Port of Skerry"}, "site": {"North quay"}, "time_zone": {"Europe/Oslo"}, "jurisdiction": {"NO"},
		"name": {"Ada Berg"}, "login": {"ada"}, "password": {"seven gulls over the breakwater"},
	})
	post("/sign-in", url.Values{"login": {"ada"}, "password": {"a wrong password of hers"}})
	token := s.token
	if n := s.stop(); n != 0 {
		t.Fatalf("stopped with %d: %s", n, s.log)
	}

	log := &lockedBuffer{}
	h := workingWith(t, data, logTo(log, data))
	list, err := h.core.DB.Organisations(context.Background(), "*")
	if err != nil || len(list) == 0 {
		t.Fatal(list, err)
	}
	ctx := app.WithWork(context.Background(), app.Work{Request: "r-upload"})
	if _, err := h.imports.Give(ctx, app.System("test"), list[0].ID, "", "assets.csv", strings.NewReader("name,ip,serial\nSecretCraneName,10.77.1.2,SN-PLANTED-1\n")); err != nil {
		t.Fatal(err)
	}
	settled(t, h)
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	if got := log.String(); !regexp.MustCompile(`"msg":"a job ended".*"request":"r-upload".*"job":"j-`).MatchString(got) {
		t.Errorf("the request is not followed to its jobs:\n%s", got)
	}
	kept, err := os.ReadFile(filepath.Join(data, "log", "kept.jsonl"))
	if err != nil || !strings.Contains(string(kept), "a job ended") {
		t.Errorf("what is kept: %s, %v", kept, err)
	}
	all := s.log.String() + log.String()
	for _, secret := range []string{token, "seven gulls", "a wrong password", "SecretCraneName", "10.77.1.2", "SN-PLANTED", "PRIVATE KEY"} {
		if secret == "" || strings.Contains(all, secret) || strings.Contains(string(kept), secret) {
			t.Errorf("%q is in the log", secret)
		}
	}
	for _, c := range jar.Cookies(must(t, s.url)) {
		if c.Value != "" && strings.Contains(all, c.Value) {
			t.Errorf("the cookie %s is in the log", c.Name)
		}
	}
	for _, name := range []string{"Ada", "ada", "Skerry", "127.0.0.1"} {
		if strings.Contains(string(kept), name) {
			t.Errorf("%q is in what is kept", name)
		}
	}
}

func must(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
