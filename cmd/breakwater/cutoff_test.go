// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/app/health"
)

// TestBackupCutOff kills a server in the midst of a backup. What the house says of itself afterwards is that the backup was cut
// off, and what to do; not that it failed.
func TestBackupCutOff(t *testing.T) {
	t.Setenv(vaultKeyEnv, "")
	data, dir := newData(t, ""), t.TempDir()
	ctx := context.Background()
	h, err := openHouse(ctx, at(data), slog.New(slog.DiscardHandler))
	if err == nil {
		err = h.openWork(ctx, data, brokerPlace{})
	}
	if err != nil {
		t.Fatal(err)
	}
	// Enough to be at it for a while: bytes that do not compress.
	noise := rand.NewChaCha8([32]byte{1})
	for range 4 {
		if _, err := h.imports.Give(ctx, app.System("test"), "skerry", "", "noise.bin", io.LimitReader(noise, 16<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	note := filepath.Join(dir, "begun.json")
	kill := func() {
		t.Helper()
		c := exec.Command(os.Args[0], "serve", "--listen", "127.0.0.1:0", "--data", data, "--backup-dir", dir)
		c.Env = append(os.Environ(), programVersion+"="+version)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
			if _, err := os.Stat(note); err == nil {
				break
			}
		}
		_ = c.Process.Kill()
		_ = c.Wait()
		if whole, err := filepath.Glob(filepath.Join(dir, "*", "manifest.json")); err != nil || len(whole) > 0 {
			t.Fatalf("it was made before it could be killed: %v, %v", whole, err)
		}
	}
	kill()
	// One made by hand meanwhile: the server has no reason to make another by itself, and what it says stays.
	command(t, 0, "backup", dir, "--data", data, "--quiet")
	s := serve(t, "--data", data, "--backup-dir", dir)
	part := func() (p health.Part) {
		t.Helper()
		a, err := http.Get(s.url + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		var st health.State
		if err := json.NewDecoder(a.Body).Decode(&st); err != nil {
			t.Fatal(err)
		}
		for _, p := range st.Parts {
			if p.Name == "backup" {
				return p
			}
		}
		t.Fatalf("nothing is said of backups: %+v", st)
		return p
	}
	var p health.Part
	for range 200 {
		if p = part(); p.Message != "" {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if !p.Attention || !strings.Contains(p.Message, "cut off") || strings.Contains(p.Message, "failed") || !strings.Contains(p.Hint, "have another one made") {
		t.Errorf("after it was killed: %+v", p)
	}
	if n := s.stop(); n != 0 {
		t.Errorf("exit status %d: %s", n, s.log)
	}
}
