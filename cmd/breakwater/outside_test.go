// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestMetricsServed scrapes a server as Prometheus does, with the token, without it, and at the address of the pages.
func TestMetricsServed(t *testing.T) {
	dir, err := os.MkdirTemp("", "m") // short: names of sockets are
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	token := filepath.Join(dir, "token")
	if err := os.WriteFile(token, []byte("0123456789abcdef0123\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	data := filepath.Join(dir, "data")
	s := serve(t, "--data", data, "--metrics-listen", address, "--metrics-token", token)
	get := func(url, bearer string) (int, string) {
		t.Helper()
		r, err := http.NewRequest("GET", url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if bearer != "" {
			r.Header.Set("Authorization", "Bearer "+bearer)
		}
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		b, err := io.ReadAll(a.Body)
		if err != nil {
			t.Fatal(err)
		}
		return a.StatusCode, string(b)
	}
	get(s.url+"/sign-in", "")
	get(s.url+"/api/v1/skerry/assets", "")
	get(s.url+"/no/such/page", "")
	for _, bearer := range []string{"", "0123456789abcdef012", "0123456789abcdef01234"} {
		if code, body := get("http://"+address+"/metrics", bearer); code != http.StatusUnauthorized || strings.Contains(body, "breakwater_") {
			t.Errorf("with the token %q: %d %s", bearer, code, body)
		}
	}
	code, body := get("http://"+address+"/metrics", "0123456789abcdef0123")
	for _, want := range []string{
		`route="GET /set-up",status="200"} 1`, `route="GET /api/v1/{organisation}/assets"`,
		"breakwater_database_up 1", `breakwater_health_ok{part="database"} 1`, "breakwater_evidence_bytes 0", `breakwater_broker_stream_messages{stream="jobs"}`,
		"go_goroutines", "breakwater_disk_free_bytes",
	} {
		if code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%d: the scrape lacks %s\n%s", code, want, regexp.MustCompile(`(?m)^breakwater_http_requests_total.*$`).FindAllString(body, -1))
		}
	}
	if strings.Contains(body, "skerry") || strings.Contains(body, "/no/such") {
		t.Error("a path is in the scrape")
	}
	if code, body := get(s.url+"/metrics", "0123456789abcdef0123"); code == http.StatusOK || strings.Contains(body, "breakwater_database_up") {
		t.Errorf("the pages give metrics: %d", code)
	}
	if i, err := os.Stat(controlSocket(data)); err != nil || i.Mode().Perm() != 0o600 {
		t.Errorf("the control socket: %v, %v", i, err)
	}
	c := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return net.Dial("unix", controlSocket(data)) }}}
	for path, want := range map[string]string{"/metrics": "breakwater_ready", "/health": `"name":"database"`, "/goroutines": "goroutine profile"} {
		a, err := c.Get("http://control" + path)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(a.Body)
		a.Body.Close()
		if !strings.Contains(string(b), want) {
			t.Errorf("%s by the socket: %s", path, b)
		}
	}
	begun := time.Now()
	if n := s.stop(); n != 0 || time.Since(begun) > 15*time.Second {
		t.Errorf("stopped with %d after %v: %s", n, time.Since(begun), s.log)
	}
}

func TestMetricsRefused(t *testing.T) {
	short := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(short, []byte("short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"would be open to everybody": {"--metrics-listen", "0.0.0.0:0"},
		"is too short":               {"--metrics-listen", "127.0.0.1:0", "--metrics-token", short},
		"cannot be read":             {"--metrics-listen", "127.0.0.1:0", "--metrics-token", short + ".none"},
	} {
		if _, log := command(t, 2, append([]string{"serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0"}, args...)...); !strings.Contains(log, want) {
			t.Errorf("%v: %s", args, log)
		}
	}
}
