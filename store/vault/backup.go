// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"breakwater/harbour"
	"breakwater/store/disk"
)

// ContentSum is a content file of a backup, as it lies on disk: encrypted.
type ContentSum struct {
	Name   string `json:"name"` // within the folder of contents: xx/….age
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Backup gathers what a vault consists of, but for its key. Content files lie in a folder that many backups share,
// each once: they are never changed after they were written.
type Backup struct {
	v        *Vault
	contents string
	sums     map[string]ContentSum
	records  map[name][]byte
	Problems []Problem // objects that are damaged in the vault, and so are missing here
}

// Backup begins a backup into a folder of contents. known are sums of files that earlier backups put there.
func (v *Vault) Backup(contents string, known map[string]ContentSum) *Backup {
	return &Backup{v: v, contents: contents, sums: maps.Clone(known), records: map[name][]byte{}}
}

// Gather copies what is not there yet. It may be called again, to add what came meanwhile; what was deleted between two
// calls stays in this backup.
func (b *Backup) Gather(ctx context.Context, progress func(objects int)) error {
	const op = "back up the vault"
	if b.sums == nil {
		b.sums = map[string]ContentSum{}
	}
	b.Problems = nil
	n := 0
	for rec, p := range b.v.records(ctx, op) {
		if p != nil {
			if harbour.KindOf(p.Err) == harbour.ErrCancelled {
				return p.Err
			}
			b.Problems = append(b.Problems, *p)
			continue
		}
		raw, err := os.ReadFile(b.v.keyPath(rec.name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted meanwhile
		}
		if err != nil {
			return diskError(op, err)
		}
		if len(raw) != recordSize {
			continue // being written; the next call finds it
		}
		switch err := b.content(ctx, b.v.contentPath(rec.content), contentName(rec.content)); {
		case errors.Is(err, fs.ErrNotExist):
			b.Problems = append(b.Problems, Problem{SHA256: hex.EncodeToString(rec.sha[:]), File: b.v.contentPath(rec.content), Err: err})
			continue
		case ctx.Err() != nil:
			return cancelled(op, ctx)
		case err != nil:
			return diskError(op, err)
		}
		b.records[rec.name] = raw
		if n++; progress != nil {
			progress(n)
		}
	}
	return nil
}

func contentName(c contentID) string {
	s := c.String()
	return s[:2] + "/" + s + ".age"
}

// content copies one file unless it is there whole.
func (b *Backup) content(ctx context.Context, from, to string) error {
	path := filepath.Join(b.contents, filepath.FromSlash(to))
	if i, err := os.Stat(path); err == nil && b.sums[to].SHA256 != "" && i.Size() == b.sums[to].Bytes {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	sum, n, err := copyFile(ctx, from, path)
	if err == nil {
		b.sums[to] = ContentSum{to, n, sum}
	}
	return err
}

// copyFile copies a file by way of one beside, puts it on disk, and gives the SHA-256 of what was read.
func copyFile(ctx context.Context, from, to string) (sum string, n int64, err error) {
	in, err := os.Open(from)
	if err != nil {
		return "", 0, err
	}
	defer in.Close()
	part := to + ".part"
	out, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", 0, err
	}
	h := sha256.New()
	n, err = io.Copy(io.MultiWriter(out, h), readerFunc(func(p []byte) (int, error) {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		return in.Read(p)
	}))
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err == nil {
		err = disk.Move(part, to)
	}
	if err != nil {
		os.Remove(part)
	}
	return hex.EncodeToString(h.Sum(nil)), n, err
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// Header gives the vault's header: with it and the master key, records and contents are a vault again.
func (b *Backup) Header() ([]byte, error) {
	for _, n := range []string{headerName, headerCopy} {
		raw, err := os.ReadFile(filepath.Join(b.v.dir, n))
		if err == nil && len(raw) > 0 {
			return raw, nil
		}
	}
	return nil, headerDamaged(b.v.dir, nil)
}

// Records gives the key records, one after the other in order of their names.
func (b *Backup) Records() []byte {
	var all bytes.Buffer
	for _, n := range slices.SortedFunc(maps.Keys(b.records), func(x, y name) int { return bytes.Compare(x[:], y[:]) }) {
		all.Write(b.records[n])
	}
	return all.Bytes()
}

// Contents lists the content files that the records need, in order of their names.
func (b *Backup) Contents() (list []ContentSum) {
	for _, raw := range b.records {
		if rec, err := readRecordHead(raw); err == nil {
			list = append(list, b.sums[contentName(rec.content)])
		}
	}
	slices.SortFunc(list, func(x, y ContentSum) int { return bytes.Compare([]byte(x.Name), []byte(y.Name)) })
	return slices.CompactFunc(list, func(x, y ContentSum) bool { return x.Name == y.Name })
}

// SaveKey writes the master key into a file, protected by the passphrase.
func (b *Backup) SaveKey(path string, passphrase []byte) error {
	b.v.mu.RLock()
	defer b.v.mu.RUnlock()
	return SaveKey(path, b.v.master, passphrase)
}

// LoadKey reads a key file; passphrase opens one that is protected.
//
// Errors: as [Open].
func LoadKey(path string, passphrase []byte) (Key, error) {
	k, found, err := KeySource{Passphrase: func() ([]byte, error) { return passphrase, nil }}.loadFile(path)
	if err == nil && !found {
		err = &harbour.Error{Kind: harbour.ErrUsage, Op: "read vault key", Message: "there is no key file " + path}
	}
	return k, err
}

// RestoreInto makes a vault in a folder that is not there yet, from what a [Backup] gave. Contents are checked against
// their sums while they are copied; [Vault.Verify] checks them against what they should hold. The key is not part of it.
//
// Errors: ErrUnreadable where something is damaged or missing.
func RestoreInto(ctx context.Context, dir string, header, records []byte, contents string, sums []ContentSum) error {
	const op = "restore the vault"
	broken := func(what string, err error) error {
		return &harbour.Error{Kind: harbour.ErrUnreadable, Op: op, Message: what, Hint: "use another backup", Err: err}
	}
	if len(records)%recordSize != 0 {
		return broken("the list of key records is cut", nil)
	}
	v := &Vault{dir: dir}
	for _, d := range []string{"", keysDir, objectsDir, stagingDir} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return diskError(op, err)
		}
	}
	for _, s := range sums {
		var id contentID
		if n, err := hex.Decode(id[:], []byte(filepath.Base(s.Name[:max(0, len(s.Name)-len(".age"))]))); err != nil || n != len(id) || contentName(id) != s.Name {
			return broken("the list of contents names a file that is none: "+s.Name, err)
		}
		to := v.contentPath(id)
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return diskError(op, err)
		}
		sum, _, err := copyFile(ctx, filepath.Join(contents, filepath.FromSlash(s.Name)), to)
		switch {
		case ctx.Err() != nil:
			return cancelled(op, ctx)
		case errors.Is(err, fs.ErrNotExist):
			return broken("the content "+s.Name+" is missing", err)
		case err != nil:
			return diskError(op, err)
		case sum != s.SHA256:
			return broken("the content "+s.Name+" is damaged", nil)
		}
	}
	for raw := range slices.Chunk(records, recordSize) {
		rec, err := readRecordHead(raw)
		if err != nil {
			return broken("a key record is damaged", err)
		}
		to := v.keyPath(rec.name)
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return diskError(op, err)
		}
		if err := writeFile(to, to+".part", raw); err != nil {
			return diskError(op, err)
		}
	}
	for _, n := range []string{headerName, headerCopy} {
		to := filepath.Join(dir, n)
		if err := writeFile(to, to+".part", header); err != nil {
			return diskError(op, err)
		}
	}
	return nil
}

// LockFolder holds a folder of backups against other processes until it is closed or the process ends.
//
// Errors: ErrConflict where another process has it.
func LockFolder(dir string) (io.Closer, error) {
	const op = "use the folder of backups"
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, diskError(op, err)
	}
	held, err := lockFile(f)
	switch {
	case err != nil:
		f.Close()
		return nil, diskError(op, err)
	case !held:
		f.Close()
		return nil, &harbour.Error{Kind: harbour.ErrConflict, Op: op, Message: "another process makes a backup into " + dir, Hint: "wait until it has ended"}
	}
	return f, nil
}
