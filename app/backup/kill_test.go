// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package backup_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/app/backup"
	"breakwater/store"
	"breakwater/store/storetest"
	"breakwater/store/vault"
)

// child is the process that is killed: it backs up, or restores, over and over, and says when it had done so.
func child() int {
	db, err := store.OpenReader(ctx, store.Options{URL: os.Getenv("BACKUP_DB")})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	v, err := vault.Open(os.Getenv("BACKUP_VAULT"), vault.KeySource{}, vault.Options{ReadOnly: true})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	from := backup.From{DB: db, Vault: v, Signer: storetest.Key, Origin: origin, Version: "test"}
	for range 1000 {
		m, err := backup.Make(ctx, app.System("test"), from, backup.Options{Dir: os.Getenv("BACKUP_TO"), Keep: 3})
		if err != nil {
			fmt.Println(err)
			return 1
		}
		fmt.Println("made", m.Path)
		key, err := vault.LoadKey(filepath.Join(os.Getenv("BACKUP_VAULT"), "vault.key"), nil)
		if err == nil {
			_, err = backup.Restore(ctx, backup.Target{Backup: m.Path, Data: filepath.Join(os.Getenv("BACKUP_DATA"), filepath.Base(m.Path)), Key: key, KeepKey: true, Origin: origin})
		}
		if err != nil {
			fmt.Println(err)
			return 1
		}
	}
	return 0
}

// TestKilled kills backups and restores at random moments. What looks whole afterwards is whole, and the next one works.
// BACKUP_KILLS sets how often.
func TestKilled(t *testing.T) {
	kills := 10
	if testing.Short() {
		kills = 3
	}
	if n, err := strconv.Atoi(os.Getenv("BACKUP_KILLS")); err == nil {
		kills = n
	}
	url := filepath.Join(t.TempDir(), "test.db")
	p, dir, data := installed(t, url), t.TempDir(), t.TempDir()
	for i := range 20 {
		p.give(t, fmt.Sprintf("e-%d", i), make([]byte, 50_000+i))
	}
	for i := range kills {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), "BACKUP_TO="+dir, "BACKUP_DB="+url, "BACKUP_VAULT="+p.dir, "BACKUP_DATA="+data)
		var out strings.Builder
		c.Stdout = &out
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.Int64N(int64(1500 * time.Millisecond)))) // where it is then does not matter
		c.Process.Kill()
		c.Wait()
		if strings.Contains(out.String(), ": ") {
			t.Fatalf("before kill %d: %s", i, out.String())
		}
		for _, d := range entries(t, data) {
			if strings.HasSuffix(d, ".restoring") {
				continue
			}
			r := again(t, backup.Target{Data: filepath.Join(data, d)})
			report, err := r.db.VerifyAudit(ctx, store.AuditCheck{Key: r.db.AuditKey()})
			if err != nil || !report.Whole() || report.Entries != 21 {
				t.Errorf("%s looks whole: %+v, %v", d, report, err)
			}
			r.v.Close()
			if err := os.RemoveAll(filepath.Join(data, d)); err != nil {
				t.Fatal(err)
			}
		}
	}
	m, err := backup.Make(ctx, app.System("test"), p.from(), backup.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range entries(t, dir) {
		if strings.HasSuffix(d, ".partial") {
			t.Errorf("%s was left", d)
		}
		if _, _, err := backup.Find(filepath.Join(dir, d)); d != "contents" && d != "lock" && err != nil {
			t.Errorf("%s looks whole: %v", d, err)
		}
	}
	if _, err := backup.Restore(ctx, target(t, p, m.Path)); err != nil {
		t.Error(err)
	}
}

func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}
