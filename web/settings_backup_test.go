// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"breakwater/app/backup"
	"breakwater/app/health"
	"breakwater/harbour"
	"breakwater/store/storetest"
	"breakwater/store/vault"
	"breakwater/web/webtest"
)

// backups has a house make backups into a folder, which it gives, while the test runs.
func backups(t *testing.T, h *webtest.House) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "port's backups")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"), vault.KeySource{}, vault.Options{Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var last *health.Backup
	h.Options.Backups = backup.NewRoutine(h.Core, backup.From{DB: h.Core.DB, Vault: v, Signer: storetest.Key, Origin: "breakwater/test", Version: "v1.2.3"}, backup.Schedule{
		Dir: dir, At: 150 * time.Minute, Keep: 14, Every: time.Hour,
		Note: func(m *backup.Made) error {
			mu.Lock()
			defer mu.Unlock()
			last = &health.Backup{At: m.MadeAt, Objects: m.Objects}
			return nil
		},
	})
	h.Options.LastBackup = func() (health.Backup, error) {
		mu.Lock()
		defer mu.Unlock()
		if last == nil {
			return health.Backup{}, os.ErrNotExist
		}
		return *last, nil
	}
	h.Options.Health = func(context.Context) health.State {
		return health.State{Disk: health.Disk{Free: 5 << 30, PerDay: 1 << 30, Days: 4}}
	}
	h.Open()
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { h.Options.Backups.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait(); v.Close() })
	return dir
}

// TestBackupPage looks at the page where no backup is made, sets up a folder, makes one, and sees it and its failure.
func TestBackupPage(t *testing.T) {
	h := webtest.New(t, 0)
	at := "/o/skerry/settings/backup"
	c := h.As(webtest.Everywhere)
	c.Get(at).Want(200).Sound().Says("makes no backups by itself", "none is known", "breakwater restore DIR --data NEW-DIR --key-file FILE").Lacks("Make a backup now")
	c.Post(at + "/start").Want(http.StatusConflict).Says("no folder for backups")

	dir := backups(t, h)
	c.Get(at).Want(200).Sound().Says(dir, "each day at 02:30 UTC", "the newest 14", "will do for 4 days", "No backup yet", "Make a backup now", "breakwater restore '"+strings.ReplaceAll(dir, "'", `'\''`)+"' --data")
	h.Proved = h.Core.Now() - harbour.Instant(time.Hour.Microseconds())
	c.Get(at).Want(200).Says("Prove it now")
	c.Post(at + "/start").Want(http.StatusForbidden).Says("prove once more that it is you")
	h.Proved = 0
	if s, err := os.ReadDir(dir); err != nil || len(s) > 0 {
		t.Fatalf("something was made without a proof: %v, %v", s, err)
	}
	wait := func(want string) {
		t.Helper()
		for range 400 {
			if a := c.Get(at).Want(200).Sound(); strings.Contains(a.Text(), want) && !strings.Contains(a.Body, "hx-get") {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatalf("the page never says %q: %s", want, c.Get(at).Text())
	}
	c.Follow(c.Post(at + "/start")).Want(200).Says("The backup begins")
	wait("for Ines Everywhere")
	c.Get(at).Want(200).Sound().Says("whole", "version v1.2.3", "1 backup", "not in it").Lacks("none is known", "failed")

	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	c.Follow(c.Post(at + "/start")).Want(200)
	wait("The last attempt failed: the folder of backups is not there.")
	c.Get(at).Want(200).Sound().Says("Mount its disk", "2 attempts")

	// A server that is killed meanwhile says so when it runs again.
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "begun.json"), []byte(`{"at":"2026-01-02T03:04:05Z","by":"Ines Everywhere"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	again, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { h.Options.Backups.Run(again) })
	defer func() { stop(); running.Wait() }()
	wait("The last backup was cut off when the server stopped.")
	c.Get(at).Want(200).Sound().Says("3 attempts", "cut off", "not known")

	// Administrators of one organisation see nothing of it: it holds what others gave, too.
	h.As("administrator").Get("/o/skerry/settings").Want(200).Lacks("Copies of the whole installation")
	c.Get("/o/skerry/settings").Want(200).Says("Copies of the whole installation")
}
