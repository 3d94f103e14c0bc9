// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package backup_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"breakwater/app"
	"breakwater/app/backup"
	"breakwater/harbour"
	"breakwater/internal/testpostgres"
	"breakwater/store"
	"breakwater/store/storetest"
	"breakwater/store/vault"
)

func TestMain(m *testing.M) {
	if os.Getenv("BACKUP_TO") != "" {
		os.Exit(child())
	}
	testpostgres.Main(m)
}

var (
	ctx  = context.Background()
	pass = []byte("correct horse battery staple")
)

const origin = "breakwater/test"

// installation is a database and a vault in use.
type installation struct {
	dir string // of the vault
	db  *store.DB
	v   *vault.Vault
}

func (p *installation) from() backup.From {
	return backup.From{DB: p.db, Vault: p.v, Signer: storetest.Key, Origin: origin, Version: "test"}
}

func installed(t *testing.T, url string) *installation {
	t.Helper()
	p := &installation{dir: filepath.Join(t.TempDir(), "vault"), db: storetest.OpenURL(t, url)}
	storetest.Organisation(t, p.db, "skerry", "Skerry")
	var err error
	if p.v, err = vault.Open(p.dir, vault.KeySource{}, vault.Options{Reserve: -1}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.v.Close() })
	return p
}

// give puts evidence into the installation, as an import does.
func (p *installation) give(t *testing.T, id string, content []byte) {
	t.Helper()
	o, err := p.v.Put(ctx, bytes.NewReader(content), vault.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	err = p.db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("INSERT INTO evidence (org, id, site, name, kind, sha256, bytes, records, from_at, to_at, received_at, received_by, state, body) VALUES ('skerry', ?, '', ?, 'packet', ?, ?, 0, 0, 0, 1, 'ada', 'received', ?)",
			id, "tab\there, \\ and \"quoted\" ü\n"+id, o.SHA256, o.Bytes, []byte{0, 1, 255, '\\'}).Exec(ctx)
		if err != nil {
			return err
		}
		return tx.Audit(ctx, store.Entry{Org: "skerry", Actor: "ada", Action: "evidence.import", ObjectKind: "evidence", Object: id})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// rows reads tables as text, the first n rows of those that grow.
func rows(t *testing.T, db *store.DB, n int) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	err := db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		for table, order := range map[string]string{"organisation": "id", "evidence": "id", "audit": "seq", "audit_hash": "idx"} {
			r, err := q.QueryContext(ctx, "SELECT * FROM "+table+" ORDER BY "+order)
			if err != nil {
				return err
			}
			cols, err := r.Columns()
			if err != nil {
				return err
			}
			for r.Next() && len(all[table]) < n {
				vals, into := make([]any, len(cols)), make([]any, len(cols))
				for i := range vals {
					into[i] = &vals[i]
				}
				if err := r.Scan(into...); err != nil {
					return err
				}
				all[table] = append(all[table], fmt.Sprintf("%q", vals))
			}
			if err := r.Close(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// target is where an installation of the same engine is restored to.
func target(t *testing.T, p *installation, dir string) backup.Target {
	t.Helper()
	to := backup.Target{Backup: dir, Data: filepath.Join(t.TempDir(), "data"), KeepKey: true, Origin: origin}
	if p.db.Engine() == "postgres" {
		to.Database = testpostgres.URL(t)
	}
	var err error
	if to.Key, err = vault.LoadKey(filepath.Join(p.dir, "vault.key"), nil); err != nil {
		t.Fatal(err)
	}
	return to
}

// again opens what was restored.
func again(t *testing.T, to backup.Target) *installation {
	t.Helper()
	url := to.Database
	if url == "" {
		url = filepath.Join(to.Data, "breakwater.db")
	}
	p := &installation{db: storetest.OpenURL(t, url)}
	var err error
	if p.v, err = vault.Open(filepath.Join(to.Data, "vault"), vault.KeySource{}, vault.Options{Reserve: -1}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.v.Close() })
	return p
}

func files(t *testing.T, dir string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestBackup makes backups of an installation in use, brings them back and compares.
func TestBackup(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		p, dir := installed(t, url), filepath.Join(t.TempDir(), "backups")
		for i := range 5 {
			p.give(t, fmt.Sprintf("e-%d", i), bytes.Repeat([]byte{byte(i)}, 100_000*i))
		}
		if _, err := p.db.Checkpoint(ctx); err != nil {
			t.Fatal(err)
		}
		// What reads beside the process that writes is enough.
		reader, err := store.OpenReader(ctx, store.Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		from := p.from()
		from.DB = reader
		o := backup.Options{Dir: dir, Passphrase: pass, Clock: func() time.Time { return time.Date(2026, 3, 1, 4, 5, 6, 0, time.UTC) }}
		first, err := backup.Make(ctx, app.System("test"), from, o)
		if err != nil {
			t.Fatal(err)
		}
		key, err := backup.KeyOf(first.Path, pass)
		if err != nil || key.ID() != p.v.KeyID() {
			t.Errorf("the key in the backup is %v, %v", key, err)
		}
		o.Passphrase = nil
		before := len(files(t, filepath.Join(dir, "contents")))
		p.give(t, "later", []byte("came after the first backup"))
		second, err := backup.Make(ctx, app.System("test"), from, o)
		if err != nil {
			t.Fatal(err)
		}
		if after := len(files(t, filepath.Join(dir, "contents"))); before != 5 || after != 6 || first.Path == second.Path {
			t.Errorf("contents: %d, then %d, in %s and %s", before, after, first.Path, second.Path)
		}
		for path, want := range map[string]int{first.Path: 5, dir: 6} {
			to := target(t, p, path)
			got, err := backup.Restore(ctx, to)
			if err != nil {
				t.Fatal(err)
			}
			if got.Objects != want || len(got.Problems) != 0 || got.Audit.Entries != int64(want) || got.Audit.Witnessed != 5 {
				t.Errorf("restored %+v, want %d objects", got, want)
			}
			r := again(t, to)
			want := rows(t, p.db, want)
			want["organisation"], want["audit_hash"] = rows(t, p.db, 1)["organisation"], rows(t, p.db, got.Objects)["audit_hash"]
			if d := cmp.Diff(want, rows(t, r.db, got.Objects)); d != "" {
				t.Errorf("the database differs: %s", d)
			}
			report, err := r.db.VerifyAudit(ctx, store.AuditCheck{Key: r.db.AuditKey()})
			if err != nil || !report.Whole() || report.Entries != int64(got.Objects)+1 {
				t.Errorf("the log with the restore in it: %+v, %v", report, err)
			}
			if left, _ := filepath.Glob(to.Data + "*"); len(left) != 1 {
				t.Errorf("left behind: %v", left)
			}
		}
	})
}

// TestOlder restores a backup of an older schema, which is then brought up to date.
func TestOlder(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		p, dir := installed(t, url), t.TempDir()
		p.give(t, "e-1", []byte("x"))
		err := p.db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
			tx.Unaudited("test")
			what := "TABLE"
			if p.db.Engine() == "postgres" {
				what = "INDEX"
			}
			undo := []string{
				"DROP " + what + " asset_text", "DROP " + what + " finding_text", "ALTER TABLE job DROP COLUMN began_at", "ALTER TABLE job DROP COLUMN request",
				"DROP INDEX finding_decision_at", "DROP INDEX evidence_name", "DELETE FROM goose_db_version WHERE version_id > 1",
			}
			for _, index := range []string{ // that later steps drop
				"conversation_verdict", "conversation_zones", "conversation_protocol", "conversation_bytes", "operation_verb", "operation_protocol", "operation_engineering",
				"asset_kind", "asset_zone", "asset_vendor", "asset_site", "asset_supplier", "asset_worst", "finding_rule", "finding_assignee",
			} {
				table, _, _ := strings.Cut(index, "_")
				undo = append(undo, "CREATE INDEX "+index+" ON "+table+" (org)")
			}
			for _, s := range undo {
				if _, err := tx.NewRaw(s).Exec(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := backup.Make(ctx, app.System("test"), p.from(), backup.Options{Dir: dir}); err != nil {
			t.Fatal(err)
		}
		to := target(t, p, dir)
		got, err := backup.Restore(ctx, to)
		if err != nil || got.Schema != 1 {
			t.Fatalf("%+v, %v", got, err)
		}
		if v, err := again(t, to).db.SchemaVersion(ctx); err != nil || v < 3 {
			t.Errorf("the schema is at %d, %v", v, err)
		}
	})
}

// TestDamaged changes each part of a backup, and wants each named and nothing left.
func TestDamaged(t *testing.T) {
	p, dir := installed(t, filepath.Join(t.TempDir(), "test.db")), t.TempDir()
	p.give(t, "e-1", bytes.Repeat([]byte("crane "), 1000))
	if _, err := p.db.Checkpoint(ctx); err != nil {
		t.Fatal(err)
	}
	made, err := backup.Make(ctx, app.System("test"), p.from(), backup.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	to := target(t, p, dir)
	for _, path := range files(t, dir) {
		if filepath.Base(path) == "lock" {
			continue
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for what, bad := range map[string][]byte{"changed": flip(b), "cut": b[:len(b)/2]} {
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := backup.Restore(ctx, to); err == nil || harbour.KindOf(err) != harbour.ErrUnreadable {
				t.Errorf("%s %s: %v", path, what, err)
			}
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if left, _ := filepath.Glob(to.Data + "*"); len(left) != 0 {
			t.Fatalf("left behind: %v", left)
		}
	}
	// Somebody who changes a file and the manifest with it has no key to sign.
	manifest := filepath.Join(made.Path, "manifest.json")
	b, _ := os.ReadFile(manifest)
	if err := os.WriteFile(manifest, bytes.Replace(b, []byte(`"program": "test"`), []byte(`"program": "rest"`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(ctx, to); err == nil || !strings.Contains(err.Error(), "its signature does not fit") {
		t.Errorf("a changed manifest: %v", err)
	}
	if err := os.WriteFile(manifest, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(ctx, to); err != nil {
		t.Errorf("as it was: %v", err)
	}
}

func flip(b []byte) []byte {
	c := bytes.Clone(b)
	c[len(c)/2] ^= 0x20
	return c
}

// TestTampered backs up an audit log that somebody changed: it comes back when that is asked for, and says so.
func TestTampered(t *testing.T) {
	p, dir := installed(t, filepath.Join(t.TempDir(), "test.db")), t.TempDir()
	p.give(t, "e-1", []byte("x"))
	err := p.db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("an attack")
		_, err := tx.NewRaw("UPDATE audit SET actor = 'eve'").Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Make(ctx, app.System("test"), p.from(), backup.Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	to := target(t, p, dir)
	if _, err := backup.Restore(ctx, to); err == nil || !strings.Contains(err.Error(), "the column actor of entry 0 was changed") {
		t.Errorf("%v", err)
	}
	to.Despite = true
	if got, err := backup.Restore(ctx, to); err != nil || len(got.Problems) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRefused(t *testing.T) {
	p, dir := installed(t, filepath.Join(t.TempDir(), "test.db")), t.TempDir()
	p.give(t, "e-1", []byte("x"))
	nobody := app.NewActor(app.Actor{Person: "eve", Via: "command"}, nil, nil)
	if _, err := backup.Make(ctx, nobody, p.from(), backup.Options{Dir: dir}); err == nil || harbour.KindOf(err) != harbour.ErrDenied {
		t.Errorf("somebody without the right: %v", err)
	}
	if _, _, err := backup.Find(dir); harbour.KindOf(err) != harbour.ErrNotFound || err == nil {
		t.Errorf("an empty folder: %v", err)
	}
	made, err := backup.Make(ctx, app.System("test"), p.from(), backup.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := backup.KeyOf(made.Path, pass); err == nil || made.WithKey {
		t.Error("the key is in the backup and was not asked for")
	}
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	fresh := func() string { return filepath.Join(t.TempDir(), "data") }
	for name, tt := range map[string]struct {
		to   backup.Target
		want harbour.ErrorKind
	}{
		"a folder that is not empty": {backup.Target{Backup: dir, Data: full, Origin: origin}, harbour.ErrConflict},
		"another key":                {backup.Target{Backup: dir, Data: fresh(), Key: vault.NewKey(), Origin: origin}, harbour.ErrInvalid},
		"another engine":             {backup.Target{Backup: dir, Data: fresh(), Database: "postgres://nowhere/x", Origin: origin}, harbour.ErrUsage},
		"no backup":                  {backup.Target{Backup: full, Data: fresh(), Origin: origin}, harbour.ErrNotFound},
	} {
		if _, err := backup.Restore(ctx, tt.to); err == nil || harbour.KindOf(err) != tt.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := files(t, full); len(got) != 1 {
		t.Errorf("the folder that was not empty holds %v", got)
	}
	lock, err := vault.LockFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if _, err := backup.Make(ctx, app.System("test"), p.from(), backup.Options{Dir: dir}); err == nil || harbour.KindOf(err) != harbour.ErrConflict {
		t.Errorf("two at once: %v", err)
	}
}

// TestKeep wants the newest backups kept with all that they need, and what was deleted gone from the folder.
func TestKeep(t *testing.T) {
	p, dir := installed(t, filepath.Join(t.TempDir(), "test.db")), t.TempDir()
	var paths []string
	for i := range 4 {
		p.give(t, fmt.Sprintf("e-%d", i), fmt.Appendf(nil, "content %d", i))
		if i == 2 {
			for o, err := range p.v.List(ctx) {
				if err != nil {
					t.Fatal(err)
				}
				if err := p.v.Delete(o.SHA256); err != nil {
					t.Fatal(err)
				}
			}
			err := p.db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
				tx.Unaudited("test")
				_, err := tx.NewRaw("UPDATE evidence SET state = 'deleted'").Exec(ctx)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		m, err := backup.Make(ctx, app.System("test"), p.from(), backup.Options{Dir: dir, Keep: 2})
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, m.Path)
	}
	if _, err := os.Stat(paths[1]); err == nil {
		t.Error("an old backup is still there")
	}
	if n := len(files(t, filepath.Join(dir, "contents"))); n != 1 {
		t.Errorf("%d contents, want the one that is not deleted", n)
	}
	for _, path := range paths[2:] {
		if _, err := backup.Restore(ctx, target(t, p, path)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if !slices.IsSorted(paths) {
		t.Errorf("not in order: %v", paths)
	}
}
