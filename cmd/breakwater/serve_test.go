// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// served is a server that runs as its command does.
type served struct {
	url, token string
	log        *lockedBuffer
	stop       func() int
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func serve(t *testing.T, args ...string) *served {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	s := &served{log: &lockedBuffer{}}
	status := make(chan int, 1)
	go func() {
		n := run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...), streams{w, s.log, false})
		w.Close()
		status <- n
	}()
	stopped := false
	s.stop = func() int {
		if stopped {
			return 0
		}
		stopped = true
		cancel()
		return <-status
	}
	t.Cleanup(func() { s.stop() })
	lines := bufio.NewScanner(r)
	for s.url == "" && lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if _, rest, found := strings.Cut(line, "Breakwater is at "); found {
			s.url, _, _ = strings.Cut(rest, "/. ")
		} else if line != "" && !strings.Contains(line, " ") {
			s.token = line
		}
	}
	if s.url == "" {
		t.Fatalf("it did not start: %s", s.log)
	}
	go io.Copy(io.Discard, r)
	return s
}

// TestServe starts the server as people do, sets it up, signs in, stops it, and starts it again.
func TestServe(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	s := serve(t, "--data", data)
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar}
	a, err := browser.PostForm(s.url+"/set-up", url.Values{
		"token": {s.token}, "organisation": {"Port of Skerry"}, "site": {"North quay"}, "time_zone": {"Europe/Oslo"}, "jurisdiction": {"NO"},
		"name": {"Ada Berg"}, "login": {"ada"}, "password": {"seven gulls over the breakwater"},
	})
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(a.Body)
	a.Body.Close()
	if a.StatusCode != http.StatusOK || !strings.Contains(string(body), "Port of Skerry") {
		t.Fatalf("set-up: %s\n%s", a.Status, s.log)
	}
	if n := s.stop(); n != 0 {
		t.Errorf("stopped with status %d: %s", n, s.log)
	}
	again := serve(t, "--data", data, "--log-format", "json")
	a, err = (&http.Client{}).Get(again.url + "/sign-in")
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	if a.StatusCode != http.StatusOK || again.stop() != 0 {
		t.Errorf("the second start: %s, %s", a.Status, again.log)
	}
}

func TestServeRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		args []string
		want string
		exit int
	}{
		"plain address that people type": {[]string{"--listen", "127.0.0.1:0", "--url", "http://breakwater.port.example"}, "passwords would cross the network in the clear", 2},
		"a path that people type":        {[]string{"--listen", "127.0.0.1:0", "--url", "https://port.example/bw"}, "without a path", 2},
		"no directory file":              {[]string{"--listen", "127.0.0.1:0", "--directory", "none.yaml"}, "none.yaml", 2},
		"no list of passwords":           {[]string{"--listen", "127.0.0.1:0", "--breached", "none.txt"}, "cannot be opened", 1},
		"no address":                     {[]string{"--listen", "here"}, "not one", 2},
		"no certificate there":           {[]string{"--listen", "127.0.0.1:0", "--tls-cert", "none.pem", "--tls-key", "none.pem"}, "none.pem is not there", 1},
		"no database of that kind":       {[]string{"--listen", "127.0.0.1:0", "--database", "mysql://here"}, "neither a path nor a PostgreSQL URL", 2},
	} {
		t.Run(name, func(t *testing.T) {
			var out, log bytes.Buffer
			n := run(context.Background(), append([]string{"serve", "--data", t.TempDir()}, tt.args...), streams{&out, &log, false})
			if n != tt.exit || !strings.Contains(log.String(), tt.want) {
				t.Errorf("status %d, %s", n, &log)
			}
		})
	}
}
