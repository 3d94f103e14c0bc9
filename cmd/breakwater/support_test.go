// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/zip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"breakwater/app"
)

// unzipped reads a bundle, by name.
func unzipped(t *testing.T, path string) map[string]string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	all := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name] = string(b)
	}
	return all
}

// TestSupport plants secrets, names and addresses wherever an installation has room for them, and looks for each in the bundle
// of a server that runs and of one that does not.
func TestSupport(t *testing.T) {
	dir, err := os.MkdirTemp("", "s") // short: names of sockets are
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	data := filepath.Join(dir, "data-of-Plantagenet")
	planted := []string{ // what must not be found
		"Plantagenet", "plantkey", "S3cretPassword", "S3cretEnv", "S3cretDirectory", "AGE-SECRET", "Port of Plantport", "Plantport", "Quay Plantside", "Planta Berg", "planta",
		"seven gulls", "PlantCrane", "10.77.8.9", "00:1b:1b:77:08:09", "SN-PLANT", "plantfile", "plant.example", "plant-db", "plant-nats", "r-forged Planta", "Plantmaker",
	}
	cert, key := pairOf(t, "plant.example", time.Now().Add(1000*time.Hour))
	file := filepath.Join(dir, "plantfile.yaml")
	settings := "data: " + data + "\nlisten: 127.0.0.1:0\nlog:\n  level: debug\ntls:\n  cert: " + cert + "\n  key: " + key + "\nurl: https://plant.example\n"
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(vaultKeyEnv, "")
	t.Setenv("BREAKWATER_DIRECTORY_SECRET", "S3cretDirectory")
	s := serve(t, "--data", data, "--log-level", "debug")
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar}
	for path, v := range map[string]url.Values{"/set-up": {
		"token": {s.token}, "organisation": {"Port of Plantport"}, "site": {"Quay Plantside"}, "time_zone": {"Europe/Oslo"}, "jurisdiction": {"NO"},
		"name": {"Planta Berg"}, "login": {"planta"}, "password": {"seven gulls over the breakwater"},
	}, "/sign-in": {"login": {"planta"}, "password": {"S3cretPassword"}}} {
		a, err := browser.PostForm(s.url+path, v)
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
	}
	a, err := browser.Get(s.url + "/o/plantport/assets/PlantCrane")
	if err != nil {
		t.Fatal(err)
	}
	a.Body.Close()
	search := func(when, path string, parts ...string) {
		t.Helper()
		all := unzipped(t, path)
		for _, p := range parts {
			if len(all[p]) == 0 {
				t.Errorf("%s: there is no %s in the bundle", when, p)
			}
		}
		for name, text := range all {
			for _, x := range append(planted, s.token) {
				if strings.Contains(text, x) || strings.Contains(name, x) {
					at := strings.Index(text, x)
					t.Errorf("%s: %q is in %s: …%s…", when, x, name, text[max(0, at-60):min(len(text), at+60)])
				}
			}
		}
		if !strings.Contains(all["database.json"], `"person": 1`) || !strings.Contains(all["database.json"], `"engine": "sqlite"`) {
			t.Errorf("%s: database.json: %s", when, all["database.json"])
		}
		if !strings.Contains(all["health.json"], `"name": "database"`) || !strings.Contains(all["settings.json"], `"value": "debug"`) || !strings.Contains(all["settings.json"], `"BREAKWATER_DIRECTORY_SECRET"`) {
			t.Errorf("%s: %s %s", when, all["health.json"], all["settings.json"])
		}
		if !strings.Contains(all["log.jsonl"], `"msg":"sign-in failed"`) {
			t.Errorf("%s: the log: %s", when, all["log.jsonl"])
		}
	}
	always := []string{"README.txt", "version.json", "settings.json", "health.json", "database.json", "system.json", "problems.json", "log.jsonl"}
	running := filepath.Join(dir, "running.zip")
	t.Setenv("BREAKWATER_NATS", "nats://planta:S3cretEnv@plant-nats.plant.example:4222")
	command(t, 0, "--config", file, "support", running, "--data", data)
	search("running", running, append(slices.Clone(always), "metrics.txt", "goroutines.txt")...)
	if n := s.stop(); n != 0 {
		t.Fatal(n, s.log)
	}

	h := workingWith(t, data, logTo(io.Discard, data))
	ctx := app.WithWork(context.Background(), app.Work{Request: "r-upload"})
	list, err := h.core.DB.Organisations(ctx, "*")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.imports.Give(ctx, app.System("test"), list[0].ID, "", "plantfile.csv", strings.NewReader("name,ip,mac,vendor,serial\nPlantCrane,10.77.8.9,00:1b:1b:77:08:09,Plantmaker,SN-PLANT-1\n")); err != nil {
		t.Fatal(err)
	}
	settled(t, h)
	h.core.Log.Error("it failed", slog.String("kind", "10.77.8.9"), slog.String("person", "Planta Berg"), slog.Any("error", os.ErrNotExist), slog.String("state", "at plant.example"))
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	// Somebody, or another program, wrote into what is kept.
	f, err := os.OpenFile(filepath.Join(data, "log", "kept.jsonl"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString(`{"msg":"Planta at 10.77.8.9","level":"INFO"}` + "\n" + `{"msg":"it failed","level":"INFO","error":"open plantfile.csv","took":"10.77.8.9","after":"00:1b:1b:77:08:09","name":"Planta Berg","what":{"a":"Planta Berg"},"errno":"Planta"}` + "\nS3cretPassword\n")
	if err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	wrong := filepath.Join(dir, "wrong.yaml")
	if err := os.WriteFile(wrong, []byte("Plantagenet: 10.77.8.9\nlog: {format: plantfile}\ndatabase: postgres://planta:S3cretPassword@plant-db/x\ntls: {cert: plantkey}\nnats: {url: 'plant-nats'}\nsign_in: {directory: plantfile}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	os.Unsetenv("BREAKWATER_NATS")
	still := filepath.Join(dir, "still")
	if err := os.Mkdir(still, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("BREAKWATER_LOG_LEVEL", "debug")
	out, _ := command(t, 0, "support", still, "--data", data)
	zips, _ := filepath.Glob(filepath.Join(still, "*.zip"))
	if len(zips) != 1 || !strings.Contains(out, zips[0]) {
		t.Fatalf("%v: %s", zips, out)
	}
	search("stopped", zips[0], always...)
	t.Setenv("BREAKWATER_NATS", "nats://planta:S3cretEnv@plant-nats.plant.example:4222")
	var c commands
	c.Settings = wrong
	path := filepath.Join(dir, "wrong.zip")
	if err := (&supportCommand{To: path, place: at(data).place}).Run(context.Background(), &c, streams{io.Discard, io.Discard, false}); err != nil {
		t.Fatal(err)
	}
	search("with settings that are wrong", path, always...)
	if all := unzipped(t, path); !strings.Contains(all["problems.json"], "there is no such setting") || !strings.Contains(all["problems.json"], `"setting": "tls.cert"`) {
		t.Errorf("problems.json: %s", all["problems.json"])
	}
	if _, log := command(t, 2, "support", path, "--data", data); !strings.Contains(log, "cannot be made") {
		t.Errorf("over a file: %s", log)
	}
	command(t, 0, "support", filepath.Join(dir, "nothing.zip"), "--data", filepath.Join(dir, "none"))
}
