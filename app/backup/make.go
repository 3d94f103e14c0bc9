// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package backup

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
	"breakwater/store/disk"
	"breakwater/store/vault"
)

// From is the installation that is backed up. Database and vault may be open for reading alone.
type From struct {
	DB      *store.DB
	Vault   *vault.Vault
	Signer  ed25519.PrivateKey
	Origin  string // of its checkpoints
	Version string // of the program
}

// Options says how a backup is made.
type Options struct {
	// Dir is the folder that holds the backups; it is made where it is missing.
	Dir string
	// Passphrase under which the vault's key is put into the backup; nil to leave the key out.
	Passphrase []byte
	// Keep is how many backups stay in the folder, this one among them; 0 for all.
	Keep int
	// Clock gives the time; nil for the system's.
	Clock func() time.Time
	// Progress, where given, is told what is being done and how many objects have been looked at.
	Progress func(step string, objects int)
}

// Made is a backup that is whole.
type Made struct {
	Path string
	Manifest
	Removed []string // older backups that went
}

// Make makes a backup. It is refused while the vault's key is being changed.
//
// Errors: those of [app.Actor.Everywhere]; ErrConflict where another process makes one, or the key is being changed;
// ErrFull; ErrUnavailable.
func Make(ctx context.Context, by *app.Actor, from From, o Options) (*Made, error) {
	const op = "back up"
	if err := by.Everywhere(app.ManageBackup); err != nil {
		return nil, err
	}
	if from.Vault.Rotating() {
		return nil, &harbour.Error{Kind: harbour.ErrConflict, Op: op, Message: "the vault's key is being changed", Hint: "finish that first"}
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Progress == nil {
		o.Progress = func(string, int) {}
	}
	if err := os.MkdirAll(filepath.Join(o.Dir, contentsDir), 0o700); err != nil {
		return nil, diskError(op, err)
	}
	lock, err := vault.LockFolder(o.Dir)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	m, err := (&maker{From: from, opt: o}).run(ctx)
	if err != nil {
		return nil, diskError(op, err)
	}
	if m.Removed, err = prune(o.Dir, o.Keep); err != nil {
		return m, diskError("remove old backups", err)
	}
	return m, nil
}

type maker struct {
	From
	opt  Options
	work string // folder of the backup until it is whole
}

func (m *maker) run(ctx context.Context) (*Made, error) {
	if err := clean(m.opt.Dir); err != nil {
		return nil, err
	}
	earlier, err := backups(m.opt.Dir)
	if err != nil {
		return nil, err
	}
	// The name is later than those that are there, also within a second and after the clock was set back: the newest by
	// name is the newest.
	at := m.opt.Clock().UTC()
	name := at
	for _, n := range earlier {
		if last, err := time.Parse(stamp, n); err == nil && !name.Truncate(time.Second).After(last) {
			name = last.Add(time.Second)
		}
	}
	path := filepath.Join(m.opt.Dir, name.Format(stamp))
	m.work = path + partial
	if err := os.MkdirAll(filepath.Join(m.work, databaseDir), 0o700); err != nil {
		return nil, err
	}
	made := &Made{Path: path, Manifest: Manifest{Format: format, MadeAt: harbour.At(at), Program: m.Version, Engine: m.DB.Engine(), VaultKey: m.Vault.KeyID(), WithKey: m.opt.Passphrase != nil, Damaged: []string{}}}
	// Objects are in the vault before the database names them, and leave it after; so they are gathered on both sides of
	// the moment of the database.
	sums := map[string]vault.ContentSum{}
	for _, name := range earlier {
		list, _ := known(filepath.Join(m.opt.Dir, name))
		for _, s := range list {
			sums[s.Name] = s
		}
	}
	gathered := m.Vault.Backup(filepath.Join(m.opt.Dir, contentsDir), sums)
	tell := func(n int) { m.opt.Progress("copying the vault", n) }
	if err := gathered.Gather(ctx, tell); err != nil {
		return nil, err
	}
	m.opt.Progress("copying the database", 0)
	if err := m.database(ctx, made); err != nil {
		return nil, err
	}
	if err := gathered.Gather(ctx, tell); err != nil {
		return nil, err
	}
	if err := m.vaultFiles(gathered, made); err != nil {
		return nil, err
	}
	if err := m.finish(made); err != nil {
		return nil, err
	}
	return made, os.Rename(m.work, path)
}

// database copies the database and the newest checkpoint, which the copy must fit.
func (m *maker) database(ctx context.Context, made *Made) error {
	last, err := m.DB.LastCheckpoint(ctx)
	switch {
	case err == nil:
		if err := write(m.work, checkpointTxt, []byte(last.Text(m.key()))); err != nil {
			return err
		}
	case harbour.KindOf(err) != harbour.ErrNotFound:
		return err
	}
	if made.Schema, err = m.DB.SchemaVersion(ctx); err != nil {
		return err
	}
	return m.DB.Dump(ctx, filepath.Join(m.work, databaseDir))
}

func (m *maker) key() string {
	return store.VerifierKey(m.Origin, m.Signer.Public().(ed25519.PublicKey))
}

func (m *maker) vaultFiles(g *vault.Backup, made *Made) error {
	for _, p := range g.Problems {
		made.Damaged = append(made.Damaged, p.SHA256)
	}
	header, err := g.Header()
	if err != nil {
		return err
	}
	contents := g.Contents()
	made.Objects = len(contents)
	for _, c := range contents {
		made.Contents += c.Bytes
	}
	list, err := json.Marshal(contents)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(m.Signer)
	if err != nil {
		return err
	}
	sealed, err := m.Vault.Seal(sealedAs, der)
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		b    []byte
	}{{headerName, header}, {recordsName, g.Records()}, {contentsName, list}, {signingName, sealed}} {
		if err := write(m.work, f.name, f.b); err != nil {
			return err
		}
	}
	if m.opt.Passphrase == nil {
		return nil
	}
	return g.SaveKey(filepath.Join(m.work, filepath.FromSlash(keyName)), m.opt.Passphrase)
}

// finish writes the manifest and signs it; then everything is on disk.
func (m *maker) finish(made *Made) (err error) {
	if made.Files, err = sums(m.work); err != nil {
		return err
	}
	b, err := json.MarshalIndent(made.Manifest, "", "  ")
	if err != nil {
		return err
	}
	signer, err := store.NewSigner(m.Origin, m.Signer)
	if err != nil {
		return err
	}
	signed, err := note.Sign(&note.Note{Text: signedText(b)}, signer)
	if err != nil {
		return err
	}
	if err := write(m.work, signatureName, signed); err != nil {
		return err
	}
	if err := write(m.work, manifestName, b); err != nil {
		return err
	}
	for _, d := range []string{"vault", databaseDir, "", ".."} {
		if err := disk.SyncDir(filepath.Join(m.work, d)); err != nil {
			return err
		}
	}
	return nil
}

// clean removes what killed processes left.
func clean(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if _, err := time.Parse(stamp+partial, e.Name()); err == nil && e.IsDir() {
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// prune removes the oldest backups beyond keep, and contents that none of the others needs.
func prune(dir string, keep int) (gone []string, err error) {
	names, err := backups(dir)
	if err != nil || keep <= 0 || len(names) <= keep {
		return nil, err
	}
	for _, n := range names[:len(names)-keep] {
		if _, err := time.Parse(stamp, n); err != nil {
			continue // somebody renamed it, to keep it
		}
		// Renamed first, so that one that is half removed does not look whole.
		at := filepath.Join(dir, n)
		if err := os.Rename(at, at+partial); err != nil {
			return gone, err
		}
		gone = append(gone, n)
		if err := os.RemoveAll(at + partial); err != nil {
			return gone, err
		}
	}
	needed := map[string]bool{}
	if names, err = backups(dir); err != nil {
		return gone, err
	}
	for _, n := range names {
		list, ok := known(filepath.Join(dir, n))
		if !ok {
			return gone, nil // what it needs cannot be told: nothing is removed
		}
		for _, s := range list {
			needed[s.Name] = true
		}
	}
	top := filepath.Join(dir, contentsDir)
	return gone, filepath.WalkDir(top, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(top, path)
		if err != nil || needed[filepath.ToSlash(rel)] || !strings.HasSuffix(rel, ".age") && !strings.HasSuffix(rel, ".part") {
			return err
		}
		return os.Remove(path)
	})
}
