// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakwater/cmd/breakwater/config"
	"breakwater/internal/testpostgres"
	"breakwater/store"
)

// TestAuditTampered changes the log of an installation as somebody with its database, and in one case with its key, might,
// on both engines, and wants audit verify to name what was done.
func TestAuditTampered(t *testing.T) {
	// What is done by hand in the database. Resigning deletes the checkpoints and lets the program sign what is left.
	for name, tt := range map[string]struct {
		do     []string
		resign bool
		alone  string // what is said without a checkpoint that somebody kept; "" where nothing can be
		want   string
	}{
		"nothing":                  {nil, false, "", ""},
		"an entry changed":         {[]string{"UPDATE audit SET record = BOB WHERE seq = 3"}, false, "WRONG (changed): entry 3", "WRONG (changed): entry 3"},
		"an entry and its hash":    {[]string{"UPDATE audit SET record = BOB WHERE seq = 3", "UPDATE audit_hash SET hash = (SELECT hash FROM audit_hash WHERE idx = 0) WHERE idx = 4"}, false, "WRONG (changed): entry 3", "WRONG (changed): entry 3"},
		"a column changed":         {[]string{"UPDATE audit SET actor = 'bob' WHERE seq = 3"}, false, "WRONG (column)", "WRONG (column)"},
		"an entry taken out":       {[]string{"DELETE FROM audit WHERE seq = 3"}, false, "WRONG (missing): entry 3 is missing", "WRONG (missing)"},
		"cut":                      {[]string{"DELETE FROM audit WHERE seq >= 5"}, false, "WRONG (missing): the log was cut at its end", "WRONG (cut)"},
		"cut with its hashes":      {[]string{"DELETE FROM audit WHERE seq >= 5", "DELETE FROM audit_hash WHERE idx >= 8"}, false, "WRONG (cut)", "WRONG (cut)"},
		"cut and signed again":     {[]string{"DELETE FROM audit WHERE seq >= 5", "DELETE FROM audit_hash WHERE idx >= 8"}, true, "", "WRONG (resigned): the log was cut: the witness's checkpoint was made over 9 entries, the log has 5"},
		"a checkpoint changed":     {[]string{"UPDATE checkpoint SET note = REPLACE(note, 'tree', 'twig')"}, false, "WRONG (signature)", "WRONG (signature)"},
		"written anew, and signed": {[]string{"DELETE FROM audit", "DELETE FROM audit_hash"}, true, "", "WRONG (resigned)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Run("sqlite", func(t *testing.T) { tampered(t, "", tt.do, tt.resign, tt.alone, tt.want) })
			t.Run("postgres", func(t *testing.T) { tampered(t, testpostgres.URL(t), tt.do, tt.resign, tt.alone, tt.want) })
		})
	}
}

func tampered(t *testing.T, url string, do []string, resign bool, alone, want string) {
	data := filepath.Join(t.TempDir(), "data")
	fill := func(n int, actor string) {
		t.Helper()
		ctx := context.Background()
		h, err := openHouse(ctx, places{place: place{config.Place{Data: data, Database: url}}}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		for range n {
			if err := h.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
				return tx.Audit(ctx, store.Entry{Org: "skerry", Actor: actor, Action: "assets.edit", ObjectKind: "asset", Object: "a-1"})
			}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := h.core.DB.Checkpoint(ctx); err != nil {
			t.Fatal(err)
		}
		if err := h.close(); err != nil {
			t.Fatal(err)
		}
	}
	fill(9, "ada")
	at := []string{"--data", data}
	if url != "" {
		at = append(at, "--database", url)
	}
	paper, _ := command(t, 0, append([]string{"audit", "checkpoint"}, at...)...)
	witness := filepath.Join(t.TempDir(), "paper.txt")
	if err := os.WriteFile(witness, []byte(paper), 0o600); err != nil {
		t.Fatal(err)
	}
	driver, dsn := "sqlite", filepath.Join(data, "breakwater.db")
	if url != "" {
		driver, dsn = "pgx", url
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range do {
		bob := "REPLACE(CAST(record AS TEXT), 'ada', 'bob')"
		if url != "" { // texts are kept as bytes there
			bob = "convert_to(REPLACE(convert_from(record, 'UTF8'), 'ada', 'bob'), 'UTF8')"
		}
		s = strings.ReplaceAll(s, "BOB", bob)
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	if resign {
		if _, err := db.Exec("DELETE FROM checkpoint"); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	switch {
	case resign && strings.HasPrefix(do[0], "DELETE FROM audit WHERE"):
		fill(0, "")
	case resign:
		fill(9, "bob")
	}
	for _, check := range []struct {
		args []string
		want string
	}{{nil, alone}, {[]string{"--checkpoint", witness}, want}} {
		status := 0
		if check.want != "" {
			status = 1
		}
		out, _ := command(t, status, append(append([]string{"audit", "verify"}, at...), check.args...)...)
		if !strings.Contains(out, check.want) || status == 0 && !strings.Contains(out, "The audit log is whole.") {
			t.Errorf("audit verify %v: want %q in\n%s", check.args, check.want, out)
		}
	}
}
