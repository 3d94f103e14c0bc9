// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"breakwater/harbour"
	"breakwater/internal/testpostgres"
	"breakwater/store"
	"breakwater/store/storetest"
)

// migratedURL names the database to the test binary that runs itself as the program that is killed.
const migratedURL = "BREAKWATER_STORE_MIGRATED"

func migratedOptions(url string) store.Options {
	return store.Options{URL: url, Signer: storetest.Key, Origin: "breakwater/test"}
}

// migratedChild opens the database, which brings its schema up to date.
func migratedChild(url string) {
	fmt.Println("opening")
	begun := time.Now()
	db, err := openFreed(url)
	if err != nil {
		fmt.Println("error", err)
		return
	}
	fmt.Println("open", time.Since(begun).Microseconds())
	db.Close()
}

// openFreed opens a database as soon as its engine has noticed that the program before has ended, for which PostgreSQL needs a moment.
func openFreed(url string) (db *store.DB, err error) {
	for range 200 {
		if db, err = store.Open(ctx, migratedOptions(url)); harbour.KindOf(err) != harbour.ErrConflict {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	return db, err
}

// TestKilledMigration kills programs at random moments while they bring databases of older programs, or none, up to date. Whatever step it was at,
// the next start goes on from there, with everything that was written before and an audit log that is whole. MIGRATION_KILLS
// sets how often.
func TestKilledMigration(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			kills := 8
			if n, err := strconv.Atoi(os.Getenv("MIGRATION_KILLS")); err == nil {
				kills = n
			}
			took := 100 * time.Millisecond
			ends := map[string]int{}
			for i := range kills {
				t.Run(strconv.Itoa(i), func(t *testing.T) {
					url := filepath.Join(t.TempDir(), "test.db")
					if engine == "postgres" {
						url = testpostgres.URL(t)
					}
					took = killMigration(t, url, i == 0, took, ends)
				})
				if t.Failed() {
					return
				}
			}
			t.Logf("%d kills, of a migration that takes %v: %v", kills, took, ends)
		})
	}
}

// killMigration kills one, unless it is to see how long it takes.
func killMigration(t *testing.T, url string, spare bool, took time.Duration, ends map[string]int) time.Duration {
	from := int64(rand.IntN(7))
	const entries = 30
	written := from >= 2 && !spare // before that there is no database to write to
	if written {
		db, err := store.OpenAt(ctx, migratedOptions(url), from)
		if err != nil {
			t.Fatal(err)
		}
		for i := range entries {
			err := db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
				id := fmt.Sprintf("o-%02d", i)
				if err := tx.AddOrganisation(ctx, store.Organisation{ID: id, Name: "Organisation " + id}); err != nil {
					return err
				}
				return tx.Audit(ctx, store.Entry{Org: id, Actor: "ada", Action: "organisation.add", ObjectKind: "organisation", Object: id})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	} else {
		from = 0
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), migratedURL+"="+url)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	end := "killed"
	for s := bufio.NewScanner(out); s.Scan(); {
		var n int64
		switch _, err := fmt.Sscanf(s.Text(), "open %d", &n); {
		case s.Text() == "opening":
			if !spare {
				time.AfterFunc(time.Duration(rand.Int64N(int64(took))), func() { _ = cmd.Process.Kill() })
			}
		case err == nil:
			end = "done before"
			took = (took + time.Duration(n)*time.Microsecond) / 2
		default:
			t.Fatal(s.Text())
		}
	}
	_ = cmd.Wait()
	if r, err := store.OpenReader(ctx, migratedOptions(url)); err == nil {
		has, err := r.SchemaVersion(ctx)
		newest, _ := r.Newest()
		if err != nil || has < from || has > newest {
			t.Errorf("from schema %d on: it has %d, %v", from, has, err)
		}
		switch {
		case end != "killed":
		case has == from:
			end = "killed before the first step"
		case has < newest:
			end = "killed between two steps"
		default:
			end = "killed after the last step"
		}
		r.Close()
	}
	ends[end]++

	db, err := openFreed(url)
	if err != nil {
		t.Fatalf("from schema %d on, %s: %v", from, end, err)
	}
	defer db.Close()
	has, err := db.SchemaVersion(ctx)
	if newest, _ := db.Newest(); err != nil || has != newest {
		t.Errorf("the schema is %d of %d, %v", has, newest, err)
	}
	want := 0
	if written {
		want = entries
	}
	list, err := db.Organisations(ctx, "*")
	if err != nil || len(list) != want {
		t.Errorf("%d organisations, %v", len(list), err)
	}
	storetest.Organisation(t, db, "after", "After")
	report, err := db.VerifyAudit(ctx, store.AuditCheck{Key: db.AuditKey()})
	if err != nil || !report.Whole() || report.Entries != int64(want) {
		t.Errorf("the audit log: %+v, %v", report, err)
	}
	return took
}
