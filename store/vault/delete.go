// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"breakwater/store/disk"
)

// Delete makes an object unreadable for good: its data key is overwritten on disk before the files are removed. Copies
// of the key record in backups, in snapshots of the file system and in worn cells of flash memory are out of its reach;
// docs/vault.md says how to deal with them. Whether an object may be deleted is decided by those who call.
func (v *Vault) Delete(sha256 string) error {
	const op = "delete object"
	if err := v.writable(op); err != nil {
		return err
	}
	sum, err := parseSHA(op, sha256)
	if err != nil {
		return err
	}
	n := v.name(sum)
	lock := v.stripe(n)
	lock.Lock()
	defer lock.Unlock()
	v.usage.change.RLock()
	defer v.usage.change.RUnlock()
	rec, err := v.recordOf(n)
	if errors.Is(err, fs.ErrNotExist) {
		return notFound(op, sha256)
	}
	if ioError(err) {
		return diskError(op, err)
	}
	if err != nil {
		// Nobody vouches for what a damaged record says, so that its content stays, as unclaimed, for Verify to name.
		v.usage.forget()
		if err := v.shred(rec, n); err != nil {
			return diskError(op, err)
		}
		return nil
	}
	gone := v.staged(rec.content, n, ".del")
	for _, path := range []string{v.contentPath(rec.content), v.staged(rec.content, n, ".put")} {
		if err := disk.Move(path, gone); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return diskError(op, err)
		}
	}
	v.step("content away")
	if err := v.shred(rec, n); err != nil {
		return diskError(op, err)
	}
	v.step("key gone")
	v.usage.remove(rec)
	if err := remove(gone); err != nil {
		return diskError(op, err)
	}
	return nil
}

// shred takes a key record out of sight, so that nobody reads it half overwritten, and destroys it.
func (v *Vault) shred(rec record, n name) error {
	path := v.staged(rec.content, n, ".key")
	if err := disk.Move(v.keyPath(n), path); err != nil {
		return err
	}
	v.step("key away")
	return v.destroy(path)
}

// destroy overwrites a key record in place, and then removes it.
func (v *Vault) destroy(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	noise := make([]byte, recordSize)
	rand.Read(noise)
	_, err = f.Write(noise)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	v.step("key overwritten")
	return remove(path)
}

// recover finishes what a killed process left in staging: what had become an object is put in its place, what was
// being deleted is deleted, everything else is removed.
func (v *Vault) recover() error {
	dir := filepath.Join(v.dir, stagingDir)
	in, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range in {
		if err := v.finish(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func (v *Vault) finish(path string) error {
	id, n, what := parseStaged(filepath.Base(path))
	switch what {
	case "":
		return remove(path)
	case ".key":
		return v.destroy(path)
	}
	rec, err := v.recordOf(n)
	exists, ours := !errors.Is(err, fs.ErrNotExist), rec.content == id
	if ioError(err) {
		return err
	}
	switch {
	case what == ".put" && exists && ours:
		v.opt.Log.Info("an object whose storing was interrupted is complete", "file", path)
		rec.content, rec.name = id, n
		return v.place(rec)
	case what == ".del" && exists && ours:
		v.opt.Log.Info("a deletion that was interrupted is finished", "file", path)
		if err := v.shred(rec, n); err != nil {
			return err
		}
	}
	return remove(path)
}

// parseStaged takes apart the name of a file in staging; what is "" for those that hold nothing.
func parseStaged(file string) (id contentID, n name, what string) {
	first, rest, _ := strings.Cut(file, ".")
	second, ext, _ := strings.Cut(rest, ".")
	if !slices.Contains([]string{"put", "del", "key"}, ext) || len(first) != 2*len(id) || len(second) != 2*len(n) {
		return id, n, ""
	}
	_, err1 := hex.Decode(id[:], []byte(first))
	_, err2 := hex.Decode(n[:], []byte(second))
	if errors.Join(err1, err2) != nil {
		return id, n, ""
	}
	return id, n, "." + ext
}
