// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"breakwater/harbour"
	"breakwater/store/disk"
	"breakwater/store/vault"
)

// Manifest says what a backup consists of.
type Manifest struct {
	Format   int             `json:"format"`
	MadeAt   harbour.Instant `json:"made_at"`
	Program  string          `json:"program"` // version that made it
	Engine   string          `json:"engine"`  // of the database: sqlite or postgres
	Schema   int64           `json:"schema"`  // version of the database's schema
	VaultKey string          `json:"vault_key"`
	WithKey  bool            `json:"with_key"`                 // the vault's key is in it, under a passphrase
	Objects  int             `json:"objects"`                  // in the vault
	Contents int64           `json:"contents_bytes,omitempty"` // of their files, which backups share; 0 where an older program made it
	Damaged  []string        `json:"damaged"`                  // objects that were damaged in the vault when this was made, by their SHA-256
	Files    []File          `json:"files"`                    // all others of this backup, but for its signature
}

// File is one file of a backup.
type File struct {
	Name   string `json:"name"` // within the backup, with slashes
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

const (
	format        = 1
	manifestName  = "manifest.json"
	signatureName = "manifest.sig"
	checkpointTxt = "checkpoint.txt"
	databaseDir   = "database"
	recordsName   = "vault/records.bin"
	headerName    = "vault/vault.json"
	contentsName  = "vault/contents.json"
	keyName       = "vault/vault.key"
	signingName   = "signing.sealed"
	contentsDir   = "contents" // beside the backups, shared by them
	partial       = ".partial"
	stamp         = "20060102T150405Z"
	sealedAs      = "backup signing key"
	maxManifest   = 64 << 20
)

// signedText is what the signature of a backup covers.
func signedText(manifest []byte) string {
	sum := sha256.Sum256(manifest)
	return "Breakwater backup\n" + hex.EncodeToString(sum[:]) + "\n"
}

// write puts a small file of a backup on disk.
func write(dir, name string, b []byte) error {
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return disk.WriteNew(path, b, 0o600)
}

// sumOf hashes a file.
func sumOf(path string) (f File, err error) {
	in, err := os.Open(path)
	if err != nil {
		return f, err
	}
	defer in.Close()
	h := sha256.New()
	f.Bytes, err = io.Copy(h, in)
	f.SHA256 = hex.EncodeToString(h.Sum(nil))
	return f, err
}

// sums hashes every file under a folder, in order of their names.
func sums(dir string) (list []File, err error) {
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := sumOf(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		f.Name = filepath.ToSlash(rel)
		list = append(list, f)
		return err
	})
	slices.SortFunc(list, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return list, err
}

// read reads a small file of a backup.
func read(dir, name string) ([]byte, error) {
	path := filepath.Join(dir, filepath.FromSlash(name))
	i, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if i.Size() > 1<<30 {
		return nil, errors.New(name + " is too large")
	}
	return os.ReadFile(path)
}

// known reads the sums of contents that a backup lists; ok is false where it cannot be read.
func known(dir string) (list []vault.ContentSum, ok bool) {
	b, err := read(dir, contentsName)
	ok = err == nil && json.Unmarshal(b, &list) == nil
	return list, ok
}

// backups lists the whole backups in a folder, oldest first.
func backups(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if e.IsDir() && isBackup(filepath.Join(dir, e.Name())) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, err
}

func isBackup(dir string) bool {
	if strings.HasSuffix(dir, partial) {
		return false
	}
	i, err := os.Stat(filepath.Join(dir, manifestName))
	return err == nil && i.Mode().IsRegular()
}

// Bytes is the size of what a restore would bring back.
func (m *Manifest) Bytes() int64 {
	n := m.Contents
	for _, f := range m.Files {
		n += f.Bytes
	}
	return n
}

// manifestOf reads the manifest of a backup.
func manifestOf(path string) (m Manifest, err error) {
	f, err := os.Open(filepath.Join(path, manifestName))
	if err != nil {
		return m, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxManifest+1))
	if err == nil && len(b) > maxManifest {
		err = errors.New("the manifest is too large")
	}
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(b, &m)
}

// diskError says what went wrong with a disk. Errors of this system pass unchanged.
func diskError(op string, err error) error {
	var e *harbour.Error
	switch {
	case err == nil || errors.As(err, &e):
		return err
	case harbour.DiskFull(err):
		return &harbour.Error{Kind: harbour.ErrFull, Op: op, Message: "the disk is full", Hint: "free space, or choose another disk; nothing that looks whole was left", Err: err}
	}
	return &harbour.Error{Kind: harbour.ErrUnavailable, Op: op, Message: "the disk does not do as asked", Hint: "check the path and the right to read and write there", Err: err}
}
