// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package backup

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/uptrace/bun"
	"golang.org/x/mod/sumdb/note"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/disk"
	"breakwater/store/vault"
)

// Target says where and how an installation is brought back.
type Target struct {
	// Backup is the folder of one backup, or the folder that holds them: then the newest is taken.
	Backup string
	// Data is the data folder to make; it must be empty or not be there.
	Data string
	// Database, where the backup is of PostgreSQL: the URL of a database that is empty.
	Database string
	// Key of the vault. KeepKey says whether it is written into the data folder.
	Key     vault.Key
	KeepKey bool
	// Origin names the installation in its checkpoints.
	Origin string
	// Despite puts the installation in place although its audit log or its vault is not whole.
	Despite bool
	// Progress, where given, is told what is being done.
	Progress func(step string)
}

// Restored says what was brought back.
type Restored struct {
	Manifest
	Path    string // of the backup
	Audit   *store.AuditReport
	Objects int
	// Problems are what is not whole, as it was when the backup was made, or with Target.Despite.
	Problems []string
}

const marker = "restoring" // in a folder that Restore may remove

// Find gives the folder of a backup, and its manifest after everything that it lists was checked.
//
// Errors: ErrNotFound where there is none; ErrUnreadable where it is not whole.
func Find(path string) (string, *Manifest, error) {
	const op = "read backup"
	if !isBackup(path) {
		names, err := backups(path)
		if err != nil || len(names) == 0 {
			return "", nil, &harbour.Error{Kind: harbour.ErrNotFound, Op: op, Message: "there is no whole backup in " + path, Hint: "folders that end in " + partial + " were never finished", Err: err}
		}
		path = filepath.Join(path, names[len(names)-1])
	}
	broken := func(what string, err error) (string, *Manifest, error) {
		return "", nil, &harbour.Error{Kind: harbour.ErrUnreadable, Op: op, Message: what, Hint: "use another backup", Err: err}
	}
	m, err := manifestOf(path)
	if err != nil {
		return broken("its manifest cannot be read", err)
	}
	if m.Format != format {
		return "", nil, &harbour.Error{Kind: harbour.ErrConflict, Op: op, Message: fmt.Sprintf("it is of format %d, this program knows %d", m.Format, format), Hint: "restore with the program that made it: " + m.Program}
	}
	for _, f := range m.Files {
		if !filepath.IsLocal(filepath.FromSlash(f.Name)) {
			return broken("its manifest names a file outside: "+f.Name, nil)
		}
		got, err := sumOf(filepath.Join(path, filepath.FromSlash(f.Name)))
		if err != nil {
			return broken("its file "+f.Name+" cannot be read", err)
		}
		if got.SHA256 != f.SHA256 {
			return broken("its file "+f.Name+" is damaged", nil)
		}
	}
	return path, &m, nil
}

// KeyOf opens the vault's key that a backup made with one holds.
func KeyOf(path string, passphrase []byte) (vault.Key, error) {
	return vault.LoadKey(filepath.Join(path, filepath.FromSlash(keyName)), passphrase)
}

// Restore brings an installation back, checks its hashes, its vault and its audit log, and then puts it in place.
//
// Errors: ErrConflict where the target is not empty, or a newer program made the backup; ErrInvalid for a wrong key;
// ErrUnreadable where the backup is not whole; ErrFull; ErrUnavailable.
func Restore(ctx context.Context, t Target) (*Restored, error) {
	const op = "restore"
	if t.Progress == nil {
		t.Progress = func(string) {}
	}
	t.Progress("checking the backup")
	path, m, err := Find(t.Backup)
	if err != nil {
		return nil, err
	}
	if m.Engine == "postgres" && t.Database == "" {
		return nil, &harbour.Error{Kind: harbour.ErrUsage, Op: op, Message: "the backup is of a PostgreSQL database", Hint: "name an empty one with --database postgres://…"}
	}
	if m.Engine == "sqlite" && t.Database != "" {
		return nil, &harbour.Error{Kind: harbour.ErrUsage, Op: op, Message: "the backup is of a SQLite database, which goes into the data folder", Hint: "leave --database out"}
	}
	if entries, err := os.ReadDir(t.Data); err == nil && len(entries) > 0 {
		return nil, &harbour.Error{Kind: harbour.ErrConflict, Op: op, Message: t.Data + " is not empty", Hint: "restore into a new folder; nothing is ever overwritten"}
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, diskError(op, err)
	}
	r := &restorer{Target: t, from: path, work: strings.TrimRight(filepath.Clean(t.Data), string(filepath.Separator)) + ".restoring", got: &Restored{Manifest: *m, Path: path}}
	if err := r.begin(); err != nil {
		return nil, diskError(op, err)
	}
	if err := r.run(ctx); err != nil {
		return nil, diskError(op, errors.Join(err, os.RemoveAll(r.work)))
	}
	return r.got, nil
}

type restorer struct {
	Target
	from, work string
	signer     ed25519.PrivateKey
	vault      *vault.Vault
	got        *Restored
}

// begin makes the folder to work in; one that a killed process left goes first.
func (r *restorer) begin() error {
	if _, err := os.Stat(r.work); err == nil {
		if _, err := os.Stat(filepath.Join(r.work, marker)); err != nil {
			return &harbour.Error{Kind: harbour.ErrConflict, Op: "restore", Message: r.work + " is there and was not left by a restore", Hint: "move it away"}
		}
		if err := os.RemoveAll(r.work); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(r.work, 0o700); err != nil {
		return err
	}
	return write(r.work, marker, nil)
}

func (r *restorer) run(ctx context.Context) (err error) {
	defer func() {
		if r.vault != nil {
			err = errors.Join(err, r.vault.Close())
		}
	}()
	if err := r.openVault(ctx); err != nil {
		return err
	}
	if err := r.signature(); err != nil {
		return err
	}
	if err := r.checkVault(ctx); err != nil {
		return err
	}
	r.Progress("loading the database")
	url := r.Database
	if url == "" {
		url = filepath.Join(r.work, "breakwater.db")
	}
	if err := store.Load(ctx, url, filepath.Join(r.from, databaseDir), r.got.Schema); err != nil {
		return err
	}
	if err := r.checkDatabase(ctx, url); err != nil {
		return err
	}
	err = r.vault.Close()
	r.vault = nil
	if err != nil {
		return err
	}
	return r.place()
}

func (r *restorer) openVault(ctx context.Context) error {
	const op = "restore the vault"
	if r.Key.ID() != r.got.VaultKey {
		return &harbour.Error{Kind: harbour.ErrInvalid, Op: op, Message: fmt.Sprintf("the backup needs key %s, this is key %s", r.got.VaultKey, r.Key.ID()), Hint: "give the key with that id"}
	}
	r.Progress("copying the vault")
	var parts [3][]byte
	for i, name := range []string{headerName, recordsName, contentsName} {
		var err error
		if parts[i], err = read(r.from, name); err != nil {
			return err
		}
	}
	var list []vault.ContentSum
	if err := json.Unmarshal(parts[2], &list); err != nil {
		return &harbour.Error{Kind: harbour.ErrUnreadable, Op: op, Message: "the list of contents is damaged", Hint: "use another backup", Err: err}
	}
	dir := filepath.Join(r.work, "vault")
	if err := vault.RestoreInto(ctx, dir, parts[0], parts[1], filepath.Join(filepath.Dir(r.from), contentsDir), list); err != nil {
		return err
	}
	key := filepath.Join(dir, "vault.key")
	if err := vault.SaveKey(key, r.Key, nil); err != nil {
		return err
	}
	var err error
	if r.vault, err = vault.Open(dir, vault.KeySource{File: key}, vault.Options{Reserve: -1}); err != nil {
		return err
	}
	if r.KeepKey {
		return nil
	}
	return os.Remove(key)
}

// signature brings the signing key back and checks with it that the manifest is of this installation.
func (r *restorer) signature() error {
	broken := func(what string, err error) error {
		return &harbour.Error{Kind: harbour.ErrUnreadable, Op: "restore the signing key", Message: what, Hint: "use another backup", Err: err}
	}
	sealed, err := read(r.from, signingName)
	if err != nil {
		return broken("it is missing", err)
	}
	der, err := r.vault.Unseal(sealedAs, sealed)
	if err != nil {
		return broken("it was altered, or is of another vault", err)
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	k, ok := key.(ed25519.PrivateKey)
	if err != nil || !ok {
		return broken("it is damaged", err)
	}
	r.signer = k
	manifest, err := read(r.from, manifestName)
	if err != nil {
		return err
	}
	signed, err := read(r.from, signatureName)
	if err != nil {
		return broken("the signature of the backup is missing", err)
	}
	v, err := note.NewVerifier(store.VerifierKey(r.Origin, k.Public().(ed25519.PublicKey)))
	if err != nil {
		return err
	}
	n, err := note.Open(signed, note.VerifierList(v))
	if err != nil || n.Text != signedText(manifest) {
		return broken("the backup was altered after it was made: its signature does not fit", err)
	}
	return write(r.work, "signing.key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// wrong notes what is not whole; it ends the restore unless that was asked for all the same.
func (r *restorer) wrong(what string, args ...any) error {
	s := fmt.Sprintf(what, args...)
	r.got.Problems = append(r.got.Problems, s)
	if r.Despite {
		return nil
	}
	return &harbour.Error{Kind: harbour.ErrUnreadable, Op: "check what was restored", Message: s, Hint: "use another backup, or bring it back all the same with --despite-problems"}
}

func (r *restorer) checkVault(ctx context.Context) error {
	r.Progress("checking the vault")
	report, err := r.vault.Verify(ctx, nil)
	if err != nil {
		return err
	}
	r.got.Objects = report.Objects
	for _, p := range report.Problems {
		if err := r.wrong("the object %s in the vault is damaged", p.SHA256); err != nil {
			return err
		}
	}
	for _, sha := range r.got.Damaged {
		r.got.Problems = append(r.got.Problems, "the object "+sha+" was damaged when the backup was made, and is missing")
	}
	return nil
}

// checkDatabase brings the schema up to date, checks the audit log and that what the database names is in the vault, and
// puts the restore itself into the log.
func (r *restorer) checkDatabase(ctx context.Context, url string) (err error) {
	r.Progress("checking the audit log")
	db, err := store.Open(ctx, store.Options{URL: url, Signer: r.signer, Origin: r.Origin})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	check := store.AuditCheck{Key: db.AuditKey()}
	if text, err := read(r.from, checkpointTxt); err == nil {
		w, err := store.ParseCheckpoint(text)
		if err != nil {
			return err
		}
		check.Witness = &w
	}
	if r.got.Audit, err = db.VerifyAudit(ctx, check); err != nil {
		return err
	}
	for _, p := range r.got.Audit.Problems {
		if err := r.wrong("audit log: %s", p.Message); err != nil {
			return err
		}
	}
	if err := r.references(ctx, db); err != nil {
		return err
	}
	by := app.System("restore")
	by.Via = "command"
	e := by.Entry("", app.ManageBackup, "backup", filepath.Base(r.from), "restored")
	e.After = app.State(map[string]any{"made_at": r.got.MadeAt, "program": r.got.Program, "schema": r.got.Schema})
	if err := db.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error { return tx.Audit(ctx, e) }); err != nil {
		return err
	}
	_, err = db.Checkpoint(ctx)
	return err
}

// references looks for evidence whose bytes are not in the vault.
func (r *restorer) references(ctx context.Context, db *store.DB) error {
	var hashes []string
	err := db.Read(ctx, func(ctx context.Context, q bun.IDB) error {
		return q.NewRaw("SELECT DISTINCT sha256 FROM evidence WHERE state <> 'deleted'").Scan(ctx, &hashes)
	})
	if err != nil {
		return err
	}
	for _, sha := range hashes {
		if _, err := r.vault.Stat(sha); err != nil {
			if err := r.wrong("the bytes of the evidence %s are missing", sha); err != nil {
				return err
			}
		}
	}
	return nil
}

// place gives the finished folder its name.
func (r *restorer) place() error {
	if err := os.Remove(filepath.Join(r.work, marker)); err != nil {
		return err
	}
	if err := disk.SyncDir(r.work); err != nil {
		return err
	}
	if err := os.Remove(r.Data); err != nil && !errors.Is(err, fs.ErrNotExist) { // empty, as was seen before
		return err
	}
	if err := os.Rename(r.work, r.Data); err != nil {
		return err
	}
	return disk.SyncDir(filepath.Dir(filepath.Clean(r.Data)))
}
