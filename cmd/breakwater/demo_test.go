// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"breakwater/app/access"
)

// TestDemo looks around in the reference port as somebody who has just started it.
func TestDemo(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, w := io.Pipe()
	var said strings.Builder
	ended := make(chan int, 1)
	go func() {
		status := run(ctx, []string{"serve", "--demo", "--scale", "0.2", "--listen", "127.0.0.1:0"}, streams{out: w, err: &said})
		w.Close()
		ended <- status
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	base := regexp.MustCompile(`http://[0-9.:]+`).FindString(line)
	if err != nil || base == "" {
		t.Fatalf("serve --demo said %q, %v; %s", line, err, said.String())
	}
	go io.Copy(io.Discard, out)
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar}
	page := func(resp *http.Response, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s, %v", resp.Request.URL, resp.Status, err)
		}
		return string(b)
	}
	entrance := page(client.Get(base + "/"))
	for _, r := range access.Roles {
		if !strings.Contains(entrance, `value="`+r.Code+`"`) || !strings.Contains(entrance, r.Name) {
			t.Errorf("the entrance does not offer to look around as %s", r.Name)
		}
	}
	first := page(client.PostForm(base+"/sign-in/demo", url.Values{"login": {access.OTEngineer}}))
	for _, want := range []string{"Olga Tidemand", "fictional port of Skerry", "Findings"} {
		if !strings.Contains(first, want) {
			t.Errorf("the first page does not say %q", want)
		}
	}
	if list := page(client.Get(base + "/o/" + demoOrganisation + "/assets")); !strings.Contains(list, "Crane controller") {
		t.Error("the list of assets shows no crane controller")
	}
	stop()
	if status := <-ended; status != 0 {
		t.Errorf("serve --demo ended with status %d: %s", status, said.String())
	}
	if left, _ := filepath.Glob(filepath.Join(temp, "breakwater-demo-*")); len(left) > 0 {
		t.Errorf("serve --demo left %v", left)
	}
	if _, err := os.Stat("data"); err == nil {
		t.Error("serve --demo made a data folder")
	}
}

// TestDemoAlone refuses what would show the demonstration to others.
func TestDemoAlone(t *testing.T) {
	for _, args := range [][]string{
		{"--listen", "0.0.0.0:0"}, {"--database", "postgres://localhost/x"}, {"--nats", "nats://127.0.0.1:1"},
	} {
		var said strings.Builder
		if status := run(t.Context(), append([]string{"serve", "--demo"}, args...), streams{out: io.Discard, err: &said}); status != 2 {
			t.Errorf("serve --demo %v ended with status %d (%s), want 2", args, status, said.String())
		}
	}
}
