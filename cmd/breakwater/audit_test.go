// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"breakwater/store"
)

// lived makes a data folder in which something happened, and stops.
func lived(t *testing.T, entries int) (data string) {
	t.Helper()
	data = filepath.Join(t.TempDir(), "data")
	ctx := context.Background()
	h, err := openHouse(ctx, at(data), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.openWork(ctx, data, brokerPlace{}); err != nil {
		t.Fatal(err)
	}
	h.start(ctx)
	for i := range entries {
		if err := h.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
			return tx.Audit(ctx, store.Entry{Org: "skerry", Actor: "ada", Action: "assets.edit", ObjectKind: "asset", Object: fmt.Sprintf("a-%d", i)})
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.close(); err != nil {
		t.Fatal(err)
	}
	return data
}

// TestAuditCommand checks the log of a data folder as an operator does, and then as one who suspects something.
func TestAuditCommand(t *testing.T) {
	data := lived(t, 9)
	paper, _ := command(t, 0, "audit", "checkpoint", "--data", data)
	witness := filepath.Join(t.TempDir(), "paper.txt")
	if err := os.WriteFile(witness, []byte(paper), 0o600); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(paper, "Entries: 9\n") {
		t.Errorf("stopping signed no checkpoint:\n%s", paper)
	}
	out, _ := command(t, 0, "audit", "verify", "--data", data, "--checkpoint", witness)
	if !strings.Contains(out, "The witness's checkpoint over 9 entries fits.") || !strings.Contains(out, "The audit log is whole.") {
		t.Errorf("a whole log:\n%s", out)
	}
	if out, _ = command(t, 0, "audit", "verify", "--data", data); !strings.Contains(out, "No witness was asked") {
		t.Errorf("without a witness:\n%s", out)
	}
	db, err := sql.Open("sqlite", filepath.Join(data, "breakwater.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range []string{"DELETE FROM audit WHERE seq >= 5", "DELETE FROM audit_hash WHERE idx >= 8", "DELETE FROM checkpoint"} {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	command(t, 0, "audit", "verify", "--data", data) // nothing is left that tells of it, but the witness
	out, log := command(t, 1, "audit", "verify", "--data", data, "--checkpoint", witness)
	if !strings.Contains(out, "WRONG (resigned): the log was cut: the witness's checkpoint was made over 9 entries, the log has 5; the last 4 are missing") || !strings.Contains(log, "not what was written") {
		t.Errorf("a cut log:\n%s%s", out, log)
	}
	if out, _ = command(t, 1, "audit", "verify", "--data", data, "--checkpoint", witness, "--json"); !strings.Contains(out, `"fault": "resigned"`) {
		t.Errorf("as JSON:\n%s", out)
	}
	// Another installation's key does not vouch for this one.
	other, _ := command(t, 0, "audit", "checkpoint", "--data", lived(t, 2))
	_, key, _ := strings.Cut(other, "Key:     ")
	key, _, _ = strings.Cut(key, "\n")
	if out, _ = command(t, 1, "audit", "verify", "--data", data, "--checkpoint", witness, "--key", key); !strings.Contains(out, "WRONG (foreign)") {
		t.Errorf("with a foreign key:\n%s", out)
	}
}
