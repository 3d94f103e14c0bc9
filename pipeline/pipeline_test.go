// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"breakwater/evidence"
	"breakwater/harbour"
)

const list = "name,ip,mac\nplc-1,10.0.0.1,00:1b:1b:00:00:01\n"

func read(t *testing.T, ctx context.Context, content string) (*evidence.Ledger, error) {
	t.Helper()
	b := BudgetOf(MinMemory)
	k, _, err := Recognise(Kinds(Options{TempDir: t.TempDir()}), strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	l := evidence.NewLedger(evidence.LimitsFor(b.Tables))
	return l, Read(ctx, &File{Path: "a", Size: int64(len(content)), Content: bytes.NewReader([]byte(content)), Kind: k, Memory: b.Reader}, l)
}

func TestRead(t *testing.T) {
	for name, tt := range map[string]struct {
		content string
		kind    harbour.EvidenceKind
		records int64
		problem string // part of the fatal one
	}{
		"inventory":      {list, harbour.EvidenceSheet, 1, ""},
		"port file":      {"name: Skerry\nzones:\n  - {id: a, name: A}\n", harbour.EvidencePortFile, 1, ""},
		"empty":          {"", harbour.EvidenceUnknown, 0, "empty"},
		"a letter":       {"Dear colleagues, the crane stands still.", harbour.EvidenceUnknown, 0, "not recognised"},
		"zeros":          {strings.Repeat("\x00", 1<<20), harbour.EvidenceUnknown, 0, "not recognised"},
		"a cut workbook": {"PK\x03\x04" + strings.Repeat("x", 100), harbour.EvidenceSheet, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := read(t, context.Background(), tt.content)
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256([]byte(tt.content))
			e := &l.Evidence
			if e.SHA256 != hex.EncodeToString(sum[:]) || e.ID != harbour.EvidenceID(e.SHA256) || e.Bytes != int64(len(tt.content)) {
				t.Errorf("evidence %+v does not name its content", e)
			}
			if name == "a cut workbook" {
				if e.Kind == harbour.EvidenceUnknown && len(e.Problems) == 0 {
					t.Error("no problem is told")
				}
				return
			}
			if e.Kind != tt.kind || e.Records != tt.records {
				t.Errorf("kind %s with %d records, want %s with %d", e.Kind, e.Records, tt.kind, tt.records)
			}
			fatal := ""
			for _, p := range e.Problems {
				if p.Fatal {
					fatal += p.Message
				}
			}
			if tt.problem == "" && fatal != "" || !strings.Contains(fatal, tt.problem) {
				t.Errorf("fatal problem %q, want %q", fatal, tt.problem)
			}
		})
	}
}

// TestReadStops wants a long file that nobody recognises to be left when the context ends.
func TestReadStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := read(t, ctx, strings.Repeat("x", 4<<20))
	if harbour.KindOf(err) != harbour.ErrCancelled {
		t.Errorf("error %v, want one of kind cancelled", err)
	}
}

func TestReadInvalidPortFile(t *testing.T) {
	_, err := read(t, context.Background(), "name: Skerry\nzones:\n  - {id: a, nme: A}\n")
	if harbour.KindOf(err) != harbour.ErrInvalid {
		t.Errorf("error %v, want one of kind invalid", err)
	}
}

func TestBuild(t *testing.T) {
	l, err := read(t, context.Background(), list)
	if err != nil {
		t.Fatal(err)
	}
	inv, err := Build(context.Background(), Input{Ledgers: []*evidence.Ledger{l}, Memory: MinMemory, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer inv.Close()
	n := 0
	for a := range inv.Assets() {
		n++
		if a.Name != "plc-1" || !a.Declared {
			t.Errorf("asset %+v, want plc-1 as declared", a)
		}
	}
	if n != 1 {
		t.Errorf("%d assets, want 1", n)
	}
}
