// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/storetest"
)

// testKey is what checkpoints of test databases are checked with.
var testKey = store.VerifierKey("breakwater/test", storetest.Key.Public().(ed25519.PublicKey))

// logged fills the audit log with n entries and signs it after each five; it returns the last checkpoint.
func logged(t *testing.T, db *store.DB, n int) store.SignedTree {
	t.Helper()
	for i := range n {
		err := db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
			return tx.Audit(ctx, store.Entry{Org: "skerry", Actor: "ada", Action: "assets.edit", ObjectKind: "asset", Object: fmt.Sprintf("a-%d", i), Reason: "walked past it"})
		})
		if err != nil {
			t.Fatal(err)
		}
		if i%5 == 4 {
			if _, err := db.Checkpoint(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	s, err := db.LastCheckpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sql is what an attacker does who has the database.
func sql(t *testing.T, db *store.DB, statements ...string) {
	t.Helper()
	err := db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("an attack")
		for _, s := range statements {
			if _, err := tx.NewRaw(s).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// rehash changes entries and computes all hashes anew, as an attacker does who knows the format.
func rehash(t *testing.T, db *store.DB, change func(seq int, record []byte) []byte) {
	t.Helper()
	err := db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("an attack")
		var records [][]byte
		if err := tx.NewRaw("SELECT record FROM audit ORDER BY seq").Scan(ctx, &records); err != nil {
			return err
		}
		if _, err := tx.NewRaw("DELETE FROM audit_hash").Exec(ctx); err != nil {
			return err
		}
		var all []tlog.Hash
		reader := tlog.HashReaderFunc(func(idx []int64) (list []tlog.Hash, err error) {
			for _, i := range idx {
				list = append(list, all[i])
			}
			return list, nil
		})
		for i, r := range records {
			r = change(i, r)
			if _, err := tx.NewRaw("UPDATE audit SET record = ? WHERE seq = ?", r, i).Exec(ctx); err != nil {
				return err
			}
			h, err := tlog.StoredHashes(int64(i), r, reader)
			if err != nil {
				return err
			}
			all = append(all, h...)
		}
		var rows [][]any
		for i, h := range all {
			rows = append(rows, []any{i, h[:]})
		}
		return tx.Load(ctx, "audit_hash", []string{"idx", "hash"}, rows)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func keep(_ int, r []byte) []byte { return r }

// hide writes another person's name into an entry.
func hide(seq int, r []byte) []byte {
	if seq == 3 {
		return bytes.ReplaceAll(r, []byte("walked past it"), []byte("nothing to see"))
	}
	return r
}

// TestAuditAttacks does to a database what an attacker might, and wants each named.
func TestAuditAttacks(t *testing.T) {
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	resign := func(t *testing.T, db *store.DB) {
		t.Helper()
		if _, err := db.Checkpoint(ctx); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name    string
		attack  func(t *testing.T, db *store.DB)
		witness bool
		fault   store.AuditFault // "" for nothing
		seq     int64
		want    string
	}{
		{"nothing", func(*testing.T, *store.DB) {}, false, "", 0, ""},
		{"nothing, witnessed", func(*testing.T, *store.DB) {}, true, "", 0, ""},
		{"entries after the witness's checkpoint", func(t *testing.T, db *store.DB) { logged(t, db, 7) }, true, "", 0, ""},
		{"a changed byte", func(t *testing.T, db *store.DB) {
			err := db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
				tx.Unaudited("an attack")
				var r []byte
				if err := tx.NewRaw("SELECT record FROM audit WHERE seq = 3").Scan(ctx, &r); err != nil {
					return err
				}
				_, err := tx.NewRaw("UPDATE audit SET record = ? WHERE seq = 3", bytes.Replace(r, []byte("ada"), []byte("eve"), 1)).Exec(ctx)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}, false, store.AuditChanged, 3, "assets.edit by ada on asset a-3) was changed after it was written"},
		{"a changed column", func(t *testing.T, db *store.DB) { sql(t, db, "UPDATE audit SET actor = 'eve' WHERE seq = 4") }, false, store.AuditColumn, 4, `the column actor of entry 4 was changed: it says "eve", the entry itself "ada"`},
		{"a changed time", func(t *testing.T, db *store.DB) { sql(t, db, "UPDATE audit SET at = at + 1 WHERE seq = 4") }, false, store.AuditColumn, 4, "column at of entry 4"},
		{"the tail deleted", func(t *testing.T, db *store.DB) { sql(t, db, "DELETE FROM audit WHERE seq >= 9") }, false, store.AuditMissing, 9, "hashes of 3 more entries are there"},
		{"the tail deleted with its hashes", func(t *testing.T, db *store.DB) {
			sql(t, db, "DELETE FROM audit WHERE seq >= 7", fmt.Sprintf("DELETE FROM audit_hash WHERE idx >= %d", tlog.StoredHashCount(7)))
		}, false, store.AuditCut, 7, "was made over 10 entries, the log has 7; the last 3 are missing"},
		{"the tail deleted with all that tells of it", func(t *testing.T, db *store.DB) {
			sql(t, db, "DELETE FROM audit WHERE seq >= 7", fmt.Sprintf("DELETE FROM audit_hash WHERE idx >= %d", tlog.StoredHashCount(7)), "DELETE FROM checkpoint WHERE size > 7")
		}, true, store.AuditResigned, 7, "the last 3 are missing, and what vouched for them was taken out too"},
		{"cut, signed again with the own key", func(t *testing.T, db *store.DB) {
			sql(t, db, "DELETE FROM audit WHERE seq >= 7", fmt.Sprintf("DELETE FROM audit_hash WHERE idx >= %d", tlog.StoredHashCount(7)), "DELETE FROM checkpoint WHERE size > 7")
			resign(t, db)
			logged(t, db, 8)
		}, true, store.AuditResigned, -1, "cut or changed and signed again"},
		{"one in the middle deleted", func(t *testing.T, db *store.DB) { sql(t, db, "DELETE FROM audit WHERE seq = 5") }, false, store.AuditMissing, 5, "entry 5 is missing: somebody took it out"},
		{"several in the middle deleted with their hashes", func(t *testing.T, db *store.DB) {
			sql(t, db, "DELETE FROM audit WHERE seq IN (5, 6)", fmt.Sprintf("DELETE FROM audit_hash WHERE idx >= %d AND idx < %d", tlog.StoredHashCount(5), tlog.StoredHashCount(7)))
		}, false, store.AuditMissing, 5, "entries 5 to 6 are missing"},
		{"a hash over several", func(t *testing.T, db *store.DB) {
			sql(t, db, fmt.Sprintf("UPDATE audit_hash SET hash = (SELECT hash FROM audit_hash WHERE idx = 0) WHERE idx = %d", tlog.StoredHashIndex(2, 0)))
		}, false, store.AuditHash, 0, "a stored hash over entries 0 to 3"},
		{"an entry and all hashes rewritten", func(t *testing.T, db *store.DB) { rehash(t, db, hide) }, false, store.AuditRewritten, -1, "the first 5 entries are not those"},
		{"rewritten, signed again with the own key", func(t *testing.T, db *store.DB) {
			rehash(t, db, hide)
			sql(t, db, "DELETE FROM checkpoint")
			resign(t, db)
		}, true, store.AuditResigned, -1, "although the log fits together"},
		{"rewritten as it was", func(t *testing.T, db *store.DB) { rehash(t, db, keep) }, true, "", 0, ""},
		{"a checkpoint of a foreign key", func(t *testing.T, db *store.DB) { forge(t, db, "breakwater/test", other) }, false, store.AuditForeign, -1, "signed with another key"},
		{"a checkpoint whose text was changed", func(t *testing.T, db *store.DB) {
			sql(t, db, "UPDATE checkpoint SET note = REPLACE(note, 'go.sum database tree', 'go.sum database tree ') WHERE size = 10")
		}, false, store.AuditSignature, -1, "the checkpoint over 10 entries was changed"},
		{"a checkpoint moved", func(t *testing.T, db *store.DB) { sql(t, db, "UPDATE checkpoint SET size = 9 WHERE size = 10") }, false, store.AuditSignature, -1, "the checkpoint over 9 entries was changed"},
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				sql(t, db, "DELETE FROM audit", "DELETE FROM audit_hash", "DELETE FROM checkpoint")
				last := logged(t, db, 12)
				tt.attack(t, db)
				c := store.AuditCheck{Key: testKey}
				if tt.witness {
					c.Witness = &last
				}
				r, err := db.VerifyAudit(ctx, c)
				if err != nil {
					t.Fatal(err)
				}
				if tt.fault == "" {
					if !r.Whole() || r.Entries < 12 || r.Checkpoints < 2 || tt.witness && r.Witnessed != 10 {
						t.Errorf("a whole log: %+v", r)
					}
					return
				}
				if !slices.ContainsFunc(r.Problems, func(p store.AuditProblem) bool {
					return p.Fault == tt.fault && p.Seq == tt.seq && strings.Contains(p.Message, tt.want)
				}) {
					t.Errorf("want %s at %d: %s\ngot %+v", tt.fault, tt.seq, tt.want, r.Problems)
				}
			})
		}
	})
}

// forge signs the newest checkpoint with another key.
func forge(t *testing.T, db *store.DB, name string, key ed25519.PrivateKey) {
	t.Helper()
	s, err := db.LastCheckpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := store.NewSigner(name, key)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := note.Sign(&note.Note{Text: string(tlog.FormatTree(s.Tree))}, signer)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("an attack")
		_, err := tx.NewRaw("UPDATE checkpoint SET note = ? WHERE size = ?", string(signed), s.N).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestReader(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		if _, err := store.OpenReader(ctx, store.Options{URL: url}); harbour.KindOf(err) != harbour.ErrUnavailable {
			t.Errorf("a database that is not there: %v", err)
		}
		db := storetest.OpenURL(t, url)
		logged(t, db, 6)
		r, err := store.OpenReader(ctx, store.Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		report, err := r.VerifyAudit(ctx, store.AuditCheck{Key: testKey})
		if err != nil || !report.Whole() || report.Entries != 6 || report.Signed != 5 {
			t.Errorf("beside the writer: %+v, %v", report, err)
		}
		if err := r.Write(ctx, store.People, func(context.Context, *store.Tx) error { return nil }); harbour.KindOf(err) != harbour.ErrUsage {
			t.Errorf("writing: %v", err)
		}
		if err := r.Read(ctx, func(ctx context.Context, q bun.IDB) error {
			_, err := q.NewRaw("DELETE FROM audit").Exec(ctx)
			return err
		}); err == nil {
			t.Error("a reader could delete")
		}
		sql(t, db, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, true)")
		if _, err := store.OpenReader(ctx, store.Options{URL: url}); harbour.KindOf(err) != harbour.ErrConflict {
			t.Errorf("a newer database: %v", err)
		}
	})
}

func TestCheckpointText(t *testing.T) {
	db := storetest.Open(t)
	s := logged(t, db, 5)
	text := s.Text(db.AuditKey())
	figures, _, _ := strings.Cut(text, "Key:")
	for name, in := range map[string]string{
		"whole": text, "windows": strings.ReplaceAll(text, "\n", "\r\n"), "the note alone": s.Note, "typed": figures,
		"typed in capitals, on one line": "entries: 5\nROOT: " + strings.ToUpper(strings.Join(strings.Fields(figures[strings.Index(figures, "Root:")+5:]), "")),
	} {
		got, err := store.ParseCheckpoint([]byte(in))
		if err != nil || got.Tree != s.Tree {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for name, in := range map[string]string{
		"empty": "", "prose": "we agreed on Tuesday", "no root": "Entries: 5\n", "no entries": figures[strings.Index(figures, "Root:"):], "short root": "Entries: 5\nRoot: abcd\n",
		"other figures above the note": strings.Replace(text, "Entries: 5", "Entries: 4", 1), "negative": strings.Replace(figures, "Entries: 5", "Entries: -5", 1),
		"a damaged note": strings.Replace(text, "tree\n5\n", "tree\nfive\n", 1), "too long": strings.Repeat("x", 70<<10),
	} {
		if got, err := store.ParseCheckpoint([]byte(in)); harbour.KindOf(err) != harbour.ErrInvalid || err == nil {
			t.Errorf("%s was read as %+v, %v", name, got, err)
		}
	}
}

func FuzzCheckpoint(f *testing.F) {
	f.Add([]byte("Entries: 5\nRoot: " + strings.Repeat("ab", 32)))
	f.Add([]byte("go.sum database tree\n5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— x y\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := store.ParseCheckpoint(b)
		if err != nil {
			return
		}
		s.Note = ""
		if again, err := store.ParseCheckpoint([]byte(s.Text(""))); err != nil || again.Tree != s.Tree {
			t.Errorf("%+v written and read is %+v, %v", s, again, err)
		}
	})
}

// TestNoRoom wants a stage refused where there is no room for one, and what people write to go on.
func TestNoRoom(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		full := &harbour.Error{Kind: harbour.ErrFull, Op: "test", Message: "the disk is nearly full"}
		db, err := store.Open(ctx, store.Options{URL: url, Room: func() error { return full }})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		storetest.Organisation(t, db, "skerry", "Skerry")
		if _, err := db.Stage(ctx, "skerry"); harbour.KindOf(err) != harbour.ErrFull {
			t.Errorf("Stage = %v", err)
		}
	})
}
