// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"breakwater/app/backup"
	"breakwater/app/health"
	"breakwater/harbour"
	"breakwater/store/vault"
)

// vaultKeyEnv names the variable that may hold the vault's key.
const vaultKeyEnv = "BREAKWATER_VAULT_KEY"

type backupCommand struct {
	Dir     string `arg:"" help:"Folder that holds the backups; a further one copies what is new." type:"path"`
	WithKey string `name:"with-key" help:"Put the vault's key into the backup, under the passphrase in this file. Without it the backup is of no use to who has not the key." placeholder:"FILE" type:"existingfile"`
	Keep    int    `help:"How many backups stay in the folder; 0 for all." default:"0" placeholder:"N"`
	Quiet   bool   `short:"q" help:"No progress and no summary."`
	place
}

// Run copies the installation, beside the server if that runs.
func (c *backupCommand) Run(ctx context.Context, s streams) (err error) {
	if c.Keep < 0 {
		return &harbour.Error{Kind: harbour.ErrUsage, Op: "backup", Message: "a number of backups to keep is not negative", Hint: "0 keeps all"}
	}
	o := backup.Options{Dir: c.Dir, Keep: c.Keep}
	if c.WithKey != "" {
		if o.Passphrase, err = passphrase(c.WithKey); err != nil {
			return err
		}
	}
	db, err := c.reader(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	path := filepath.Join(c.Data, "signing.key")
	if _, err := os.Stat(path); err != nil {
		return &harbour.Error{Kind: harbour.ErrUnavailable, Op: "backup", Message: "the signing key is not in " + c.Data, Hint: "is that the data folder of the server?", Err: err}
	}
	signer, err := signingKey(path)
	if err != nil {
		return err
	}
	v, err := vault.Open(filepath.Join(c.Data, "vault"), c.key(), vault.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer v.Close()
	m, err := backup.Make(ctx, atCommandLine(), backup.From{DB: db, Vault: v, Signer: signer, Origin: origin, Version: fullVersion()}, o)
	if err != nil {
		return err
	}
	err = health.NoteBackup(c.Data, health.Backup{At: m.MadeAt, Objects: m.Objects})
	if err == nil {
		err = giveBack(c.Data, health.BackupNote)
	}
	if err != nil {
		fmt.Fprintf(s.err, "The backup is whole; that it was made cannot be noted in %s, so the server does not know of it: %v\n", c.Data, err)
	}
	if c.Quiet {
		return nil
	}
	fmt.Fprintf(s.out, "%s: database at schema %d, %d objects of the vault.\n", m.Path, m.Schema, m.Objects)
	if !m.WithKey {
		fmt.Fprintf(s.out, "The vault's key %s is not in it: keep that elsewhere, or nothing can be restored.\n", m.VaultKey)
	}
	for _, sha := range m.Damaged {
		fmt.Fprintf(s.err, "damaged in the vault, and not in the backup: %s\n", sha)
	}
	for _, name := range m.Removed {
		fmt.Fprintf(s.out, "Removed the old backup %s.\n", name)
	}
	return nil
}

// passphrase reads the first line of a file.
func passphrase(path string) ([]byte, error) {
	b, err := readBounded(path)
	if err != nil {
		return nil, err
	}
	line, _, _ := bytes.Cut(b, []byte("\n"))
	line = bytes.TrimRight(line, "\r")
	if len(line) < 12 {
		return nil, &harbour.Error{Kind: harbour.ErrUsage, Op: "read " + path, Message: "a passphrase has at least twelve characters, in the first line of its file", Hint: "take some words that nobody else would put together"}
	}
	return line, nil
}

type restoreCommand struct {
	Backup   string `arg:"" help:"Folder of a backup, or the folder that holds them: then the newest." type:"existingdir"`
	Data     string `help:"Data folder to make. It must be empty or not there." required:"" placeholder:"DIR"`
	Database string `help:"Where the backup is of PostgreSQL: the URL of a database that is empty." placeholder:"URL"`
	KeyFile  string `name:"key-file" help:"Key file of the vault." placeholder:"FILE" type:"existingfile" xor:"key"`
	WithKey  string `name:"with-key" help:"File with the passphrase of the key that is in the backup." placeholder:"FILE" type:"existingfile" xor:"key"`
	Despite  bool   `name:"despite-problems" help:"Bring it back although its audit log or its vault is not whole."`
	Quiet    bool   `short:"q" help:"No progress and no summary."`
}

// Run brings an installation back.
func (c *restoreCommand) Run(ctx context.Context, s streams) error {
	t := backup.Target{Backup: c.Backup, Data: c.Data, Database: c.Database, Origin: origin, Despite: c.Despite, KeepKey: true}
	if !c.Quiet {
		t.Progress = func(step string) { fmt.Fprintf(s.err, "%s …\n", step) }
	}
	var err error
	if t.Key, err = c.key(); err != nil {
		return err
	}
	if c.KeyFile == "" && c.WithKey == "" {
		t.KeepKey = false // it stays where it is: in the environment
	}
	r, err := backup.Restore(ctx, t)
	if err != nil {
		return err
	}
	for _, p := range r.Problems {
		fmt.Fprintf(s.err, "not whole: %s\n", p)
	}
	if !c.Quiet {
		fmt.Fprintf(s.out, "%s is as it was at %s: %d objects of the vault and %d entries of the audit log were checked.\n", c.Data, r.MadeAt, r.Objects, r.Audit.Entries)
	}
	return nil
}

// key finds the vault's key: in a file, in the backup under a passphrase, or in the environment.
func (c *restoreCommand) key() (k vault.Key, err error) {
	switch text := os.Getenv(vaultKeyEnv); {
	case c.KeyFile != "":
		return vault.LoadKey(c.KeyFile, nil)
	case c.WithKey != "":
		path, m, err := backup.Find(c.Backup)
		if err != nil {
			return k, err
		}
		if !m.WithKey {
			return k, &harbour.Error{Kind: harbour.ErrUsage, Op: "restore", Message: "the backup holds no key", Hint: "give key " + m.VaultKey + " with --key-file"}
		}
		pass, err := passphrase(c.WithKey)
		if err != nil {
			return k, err
		}
		return backup.KeyOf(path, pass)
	case text != "":
		return vault.ParseKey([]byte(text))
	}
	_, m, err := backup.Find(c.Backup)
	if err != nil {
		return k, err
	}
	return k, &harbour.Error{Kind: harbour.ErrUsage, Op: "restore", Message: "the vault's key " + m.VaultKey + " is needed: nothing can be checked without it", Hint: "give --key-file FILE, --with-key FILE where the backup was made with one, or the variable " + vaultKeyEnv}
}
