// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package backup_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/app/backup"
	"breakwater/harbour"
	"breakwater/internal/testpostgres"
	"breakwater/store"
	"breakwater/store/storetest"
	"breakwater/store/vault"
)

// child is the process that is killed: it backs up, and restores, over and over, and says when it had done so. A restore of
// PostgreSQL needs an empty database, of which it is given one.
func child() int {
	say := func(err error) int {
		fmt.Println("error", err)
		return 1
	}
	db, err := store.OpenReader(ctx, store.Options{URL: os.Getenv("BACKUP_DB")})
	if err != nil {
		return say(err)
	}
	v, err := vault.Open(os.Getenv("BACKUP_VAULT"), vault.KeySource{}, vault.Options{ReadOnly: true})
	if err != nil {
		return say(err)
	}
	from := backup.From{DB: db, Vault: v, Signer: storetest.Key, Origin: origin, Version: "test"}
	into := os.Getenv("BACKUP_INTO")
	for n := range 1000 {
		m, err := backup.Make(ctx, app.System("test"), from, backup.Options{Dir: os.Getenv("BACKUP_TO"), Keep: 3})
		if err != nil {
			return say(err)
		}
		fmt.Println("made", m.Path)
		if into != "" && n > 0 {
			continue
		}
		key, err := vault.LoadKey(filepath.Join(os.Getenv("BACKUP_VAULT"), "vault.key"), nil)
		if err == nil {
			_, err = backup.Restore(ctx, backup.Target{Backup: m.Path, Data: filepath.Join(os.Getenv("BACKUP_DATA"), filepath.Base(m.Path)), Database: into, Key: key, KeepKey: true, Origin: origin})
		}
		if err != nil {
			return say(err)
		}
		fmt.Println("restored", m.Path)
	}
	return 0
}

// TestKilled kills backups and restores at random moments, on both engines. What looks whole afterwards is whole, what was said to be
// made or restored is there, and the next one works. BACKUP_KILLS sets how often.
func TestKilled(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		kills := 10
		if testing.Short() || strings.Contains(url, "://") {
			kills = 3
		}
		if n, err := strconv.Atoi(os.Getenv("BACKUP_KILLS")); err == nil {
			kills = n
		}
		p, dir := installed(t, url), t.TempDir()
		for i := range 20 {
			p.give(t, fmt.Sprintf("e-%d", i), make([]byte, 50_000+i))
		}
		ends := map[string]int{}
		for i := range kills {
			t.Run(strconv.Itoa(i), func(t *testing.T) { killOne(t, p, url, dir, ends) })
			if t.Failed() {
				return
			}
		}
		t.Logf("%d kills: %v", kills, ends)
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
	})
}

// killOne kills one process, looks at what it left, and restores what it was restoring once more.
func killOne(t *testing.T, p *installation, url, dir string, ends map[string]int) {
	data, into := t.TempDir(), ""
	if p.db.Engine() == "postgres" {
		into = testpostgres.URL(t)
	}
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), "BACKUP_TO="+dir, "BACKUP_DB="+url, "BACKUP_VAULT="+p.dir, "BACKUP_DATA="+data, "BACKUP_INTO="+into)
	var out strings.Builder
	c.Stdout = &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	longest := 1500 * time.Millisecond
	if into != "" {
		longest = 5 * time.Second // making the tables takes its time
	}
	time.Sleep(time.Duration(rand.Int64N(int64(longest)))) // where it is then does not matter
	c.Process.Kill()
	c.Wait()
	said := map[string]string{} // name of the backup → the last that was said of it
	for line := range strings.Lines(out.String()) {
		what, path, _ := strings.Cut(strings.TrimSpace(line), " ")
		if what == "error" {
			t.Fatal(line)
		}
		said[filepath.Base(path)] = what
	}
	made := entries(t, dir)
	for _, name := range slices.Sorted(maps.Keys(said)) {
		_, _, err := backup.Find(filepath.Join(dir, name))
		if newer := len(made) - slices.Index(made, name); err != nil && newer <= 3 && slices.Contains(made, name) {
			t.Errorf("%s was said to be made: %v", name, err)
		}
		if said[name] == "restored" && !slices.Contains(entries(t, data), name) {
			t.Errorf("%s was said to be restored, and is not there", name)
		}
	}
	half := ""
	for _, d := range entries(t, data) {
		if half = d; strings.HasSuffix(d, ".restoring") {
			ends["while it restored"]++
			continue
		}
		half = ""
		r := again(t, backup.Target{Data: filepath.Join(data, d), Database: into})
		report, err := r.db.VerifyAudit(ctx, store.AuditCheck{Key: r.db.AuditKey()})
		if err != nil || !report.Whole() || report.Entries != 21 {
			t.Errorf("%s looks whole: %+v, %v", d, report, err)
		}
		r.v.Close()
		ends["restored"]++
	}
	if half == "" {
		ends["else"]++
		return
	}
	// What was being restored is restored by the next one, which PostgreSQL needs an empty database for, and says so.
	to := target(t, p, dir)
	to.Data = filepath.Join(data, strings.TrimSuffix(half, ".restoring"))
	if into != "" {
		other := to.Database
		for to.Database = into; ; to.Database = other {
			_, err := backup.Restore(ctx, to)
			if harbour.KindOf(err) == harbour.ErrConflict && to.Database == into && strings.Contains(harbour.HintOf(err), "createdb") {
				continue
			}
			if err != nil {
				t.Error(err)
			}
			break
		}
	} else if _, err := backup.Restore(ctx, to); err != nil {
		t.Error(err)
	}
	if slices.Contains(entries(t, data), half) {
		t.Errorf("%s was left", half)
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
