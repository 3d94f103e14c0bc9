// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"breakwater/harbour"
)

// TestServeTLS starts with the local authority, as a browser that has it installed sees it, and recovers a person.
func TestServeTLS(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	s := serve(t, "--data", data, "--tls")
	if !strings.HasPrefix(s.url, "https://localhost:") {
		t.Fatalf("it is at %s", s.url)
	}
	ca, err := os.ReadFile(filepath.Join(data, "tls", "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	post := func(path string, form url.Values) string {
		t.Helper()
		a, err := browser.PostForm(s.url+path, form)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		b, _ := io.ReadAll(a.Body)
		if a.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s\n%s", path, a.Status, s.log)
		}
		return string(b)
	}
	post("/set-up", url.Values{
		"token": {s.token}, "organisation": {"Port of Skerry"}, "site": {"North quay"}, "time_zone": {"Europe/Oslo"}, "jurisdiction": {"NO"},
		"name": {"Ada Berg"}, "login": {"ada"}, "password": {"seven gulls over the breakwater"},
	})
	at, _ := url.Parse(s.url)
	if len(jar.Cookies(at)) == 0 {
		t.Error("setting up gave the browser no cookie")
	}
	for _, c := range jar.Cookies(at) {
		if !strings.HasPrefix(c.Name, "__Host-") {
			t.Errorf("the cookie %s could be set by another server of the domain", c.Name)
		}
	}
	if n := s.stop(); n != 0 {
		t.Fatalf("stopped with status %d: %s", n, s.log)
	}

	var out, log bytes.Buffer
	if n := run(context.Background(), []string{"recover", "nobody", "--data", data}, streams{&out, &log, false}); n != 1 || !strings.Contains(log.String(), "nobody has that sign-in name") {
		t.Errorf("recover nobody: status %d, %s", n, &log)
	}
	log.Reset()
	if n := run(context.Background(), []string{"recover", "Ada", "--data", data}, streams{&out, &log, false}); n != 0 {
		t.Fatalf("recover: status %d, %s", n, &log)
	}
	code := regexp.MustCompile(`([A-Z]{5}-){4}[A-Z]{5}`).FindString(out.String())
	if code == "" || strings.Contains(log.String(), code) {
		t.Fatalf("recover: %s\n%s", &out, &log)
	}
	s = serve(t, "--data", data, "--tls")
	const fresh = "nine wet ropes on a bollard"
	if body := post("/invitation", url.Values{"code": {code}, "fresh": {fresh}, "again": {fresh}}); !strings.Contains(body, "Port of Skerry") {
		t.Errorf("after recovery the page is\n%s", body)
	}
	if n := run(context.Background(), []string{"recover", "ada", "--data", t.TempDir()}, streams{&out, &log, false}); n != 2 {
		t.Errorf("recover without a database: status %d", n)
	}
}

func TestDirectoryFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("secret", "s3cret\n")
	good := write("good.yaml", "name: Port directory\nissuer: https://id.port.example\nclient_id: breakwater\nclient_secret_file: secret\nscopes: [groups]\nclaim: realm_access.roles\namr: [mfa]\nacr: [urn:strong]\ngroups:\n  - {group: ot, role: ot-engineer, organisation: port, sites: north-quay}\n  - {group: audit, role: auditor, organisation: \"*\"}\n")
	o, err := readDirectory(good)
	if err != nil || o.ClientSecret != "s3cret" || len(o.Groups) != 2 || o.Groups[0].Sites != "north-quay" || o.Groups[1].Sites != "*" || o.Groups[1].Org != "*" || o.Claim != "realm_access.roles" || !slices.Equal(o.AMR, []string{"mfa"}) || !slices.Equal(o.ACR, []string{"urn:strong"}) {
		t.Errorf("readDirectory = %+v, %v", o, err)
	}
	for name, tt := range map[string]struct {
		text, want string
		kind       harbour.ErrorKind
	}{
		"unknown key":    {"issuer: https://x.example\nissuers: y\n", "issuers", harbour.ErrInvalid},
		"no issuer":      {"client_id: x\n", "names no issuer", harbour.ErrInvalid},
		"empty":          {"", "", harbour.ErrInvalid},
		"no secret file": {"issuer: https://x.example\nclient_secret_file: none\n", "none", harbour.ErrUsage},
		"bad authority":  {"issuer: https://x.example\nca_file: secret\n", "no certificate", harbour.ErrInvalid},
		"not YAML":       {"\t{", "", harbour.ErrInvalid},
		"too long":       {strings.Repeat("#", maxDirectoryFile+1), "cannot be read", harbour.ErrUsage},
	} {
		_, err := readDirectory(write("bad.yaml", tt.text))
		if err == nil || harbour.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
