// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"breakwater/harbour"
	"breakwater/store"
	"breakwater/view"
)

type auditCommand struct {
	Verify     auditVerifyCommand     `cmd:"" help:"Check the whole audit log: entries, hashes, checkpoints, and the checkpoint of a witness."`
	Checkpoint auditCheckpointCommand `cmd:"" help:"Print the newest signed checkpoint, to be kept by a witness: by mail, on paper, at another port."`
}

// origin names an installation in its checkpoints.
const origin = "breakwater/local"

// reader opens the database for reading, beside a server that may run.
func (p place) reader(ctx context.Context) (*store.DB, error) {
	if err := p.whole(); err != nil {
		return nil, err
	}
	url, err := p.url()
	if err != nil {
		return nil, err
	}
	return store.OpenReader(ctx, store.Options{URL: url})
}

// key is the public key of the installation, "" where the data folder holds none.
func (p place) publicKey() (string, error) {
	path := filepath.Join(p.Data, "signing.key")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	k, err := signingKey(path)
	if err != nil {
		return "", err
	}
	return store.VerifierKey(origin, k.Public().(ed25519.PublicKey)), nil
}

type auditCheckpointCommand struct{ place }

// Run prints the newest checkpoint that the server signed.
func (c *auditCheckpointCommand) Run(ctx context.Context, s streams) error {
	db, err := c.reader(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	last, err := db.LastCheckpoint(ctx)
	if harbour.KindOf(err) == harbour.ErrNotFound && err != nil {
		return &harbour.Error{Kind: harbour.ErrNotFound, Op: "audit checkpoint", Message: "no checkpoint was signed yet", Hint: "breakwater serve signs one when it starts, every ten minutes and when it stops"}
	}
	if err != nil {
		return err
	}
	key, err := c.publicKey()
	if err != nil {
		return err
	}
	size, err := db.AuditSize(ctx)
	if err != nil {
		return err
	}
	fmt.Fprint(s.out, last.Text(key))
	if n := size - last.N; n > 0 {
		fmt.Fprintf(s.err, "breakwater: the log has %d newer entries, which this checkpoint does not cover\nhint: the server signs one every ten minutes and when it stops; the page Settings, Checkpoints signs one at once\n", n)
	}
	return nil
}

type auditVerifyCommand struct {
	place
	Checkpoint string `help:"A checkpoint that a witness kept: the file, or its lines Entries and Root typed from paper." placeholder:"FILE" type:"existingfile"`
	Key        string `help:"Public key that checkpoints must be signed with, as a checkpoint's line Key says it; that of the data folder otherwise." placeholder:"KEY"`
	JSON       bool   `name:"json" help:"Print the report as JSON."`
}

// Run checks the log. A log that is not whole is an error, after all that is wrong was named.
func (c *auditVerifyCommand) Run(ctx context.Context, s streams) error {
	check := store.AuditCheck{Key: c.Key}
	if check.Key == "" {
		var err error
		if check.Key, err = c.publicKey(); err != nil {
			return err
		}
	}
	if err := store.CheckKey(check.Key); check.Key != "" && err != nil {
		return err
	}
	if c.Checkpoint != "" {
		text, err := readBounded(c.Checkpoint)
		if err != nil {
			return err
		}
		w, err := store.ParseCheckpoint(text)
		if err != nil {
			return err
		}
		check.Witness = &w
	}
	db, err := c.reader(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	r, err := db.VerifyAudit(ctx, check)
	if err != nil {
		return err
	}
	if c.JSON {
		e := json.NewEncoder(s.out)
		e.SetIndent("", "  ")
		if err := e.Encode(r); err != nil {
			return err
		}
	} else {
		fmt.Fprint(s.out, auditWords(r, check))
	}
	if !r.Whole() {
		return &harbour.Error{Kind: harbour.ErrConflict, Op: "audit verify", Message: "the audit log is not what was written: " + view.Count(len(r.Problems)+r.More, "problem", "problems"), Hint: "keep the database and its backups as they are, and compare with a backup; docs/operating.md says how to go on"}
	}
	return nil
}

// readBounded reads a small file.
func readBounded(path string) ([]byte, error) {
	const most = 1 << 20
	if i, err := os.Stat(path); err == nil && i.Size() > most {
		return nil, &harbour.Error{Kind: harbour.ErrTooLarge, Op: "read " + path, Message: "the file is too large for what it should be"}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, &harbour.Error{Kind: harbour.ErrUsage, Op: "read " + path, Message: "the file cannot be read", Err: err}
	}
	return b, nil
}

// auditWords says in plain words what holds and what does not.
func auditWords(r *store.AuditReport, c store.AuditCheck) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d entries", r.Entries)
	if r.Entries > 0 {
		fmt.Fprintf(&b, ", %s to %s", r.From, r.To)
	}
	b.WriteString(".\n")
	switch {
	case r.Checkpoints == 0:
		b.WriteString("No signed checkpoint in the database vouches for any of them.\n")
	case c.Key == "":
		fmt.Fprintf(&b, "%s; signatures were not checked, for want of a key (--key).\n", view.Count(r.Checkpoints, "checkpoint fits", "checkpoints fit"))
	default:
		fmt.Fprintf(&b, "%s; the newest covers the first %s.\n", view.Count(r.Checkpoints, "signed checkpoint fits", "signed checkpoints fit"), view.Count(r.Signed, "entry", "entries"))
	}
	switch {
	case c.Witness == nil:
		b.WriteString("No witness was asked: a log that was cut and signed again would not show. Give a checkpoint that somebody else kept with --checkpoint.\n")
	case r.Witnessed == c.Witness.N && r.Whole():
		fmt.Fprintf(&b, "The witness's checkpoint over %d entries fits.\n", r.Witnessed)
	}
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "WRONG (%s): %s.\n", p.Fault, p.Message)
	}
	if r.More > 0 {
		fmt.Fprintf(&b, "… and %d more.\n", r.More)
	}
	if r.Whole() {
		b.WriteString("The audit log is whole.\n")
	}
	return b.String()
}
