// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"breakwater/harbour"
	"breakwater/store/disk"
)

// PutOptions bounds a Put and follows it.
type PutOptions struct {
	// Limit is the most bytes that are taken, 0 for no limit.
	Limit int64
	// Size is how many bytes are expected, where known, so that a full disk is seen before the first is read.
	Size int64
	// Progress, where given, is told the bytes taken so far, at most once for each MiB.
	Progress func(bytes int64)
}

const (
	putBuffer = 256 << 10
	roomEvery = 64 << 20 // how often Put looks at the free space
)

// Put stores what r gives, in bounded memory whatever its length, and says what it was. Content that the vault already
// has is read through and kept where it is whole, and replaced where it is damaged. When Put returns without error the
// object is on disk; in any other case nothing is left of it.
//
// Errors: ErrFull, ErrTooLarge beyond the limit, ErrCancelled, ErrUnavailable where the disk does not answer; an error
// of r as it is.
func (v *Vault) Put(ctx context.Context, r io.Reader, o PutOptions) (Object, error) {
	if err := v.writable("store object"); err != nil {
		return Object{}, err
	}
	if err := v.room(storedSize(max(o.Size, 0))); err != nil {
		return Object{}, err
	}
	path := v.temporary()
	rec := record{stored: v.opt.Clock().UTC().Truncate(time.Microsecond)}
	rand.Read(rec.content[:])
	err := v.write(ctx, path, &rec, r, o)
	if err == nil {
		v.step("written")
		path, rec, err = v.commit(ctx, path, rec)
	}
	if err != nil {
		if path != "" {
			os.Remove(path)
		}
		return Object{}, err
	}
	return rec.object(), nil
}

// write encrypts r into a file in staging and fills the record with what it was.
func (v *Vault) write(ctx context.Context, path string, rec *record, r io.Reader, o PutOptions) (err error) {
	const op = "store object"
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return diskError(op, err)
	}
	defer func() {
		if closed := f.Close(); err == nil && closed != nil {
			err = diskError(op, closed)
		}
	}()
	box := rec.box()
	w, err := encryptContent(f, box)
	if err != nil {
		return diskError(op, err)
	}
	hash := sha256.New()
	rec.bytes, err = v.copy(ctx, io.MultiWriter(hash, w), r, o)
	if err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return diskError(op, err)
	}
	if err := f.Sync(); err != nil {
		return diskError(op, err)
	}
	rec.dataKey = box.key
	hash.Sum(rec.sha[:0])
	rec.name = v.name(rec.sha)
	return nil
}

// copy is io.Copy with a limit, a context, progress and a look at the free space.
func (v *Vault) copy(ctx context.Context, w io.Writer, r io.Reader, o PutOptions) (n int64, err error) {
	const op = "store object"
	buf := make([]byte, putBuffer)
	looked, told := int64(0), int64(0)
	for {
		if ctx.Err() != nil {
			return n, cancelled(op, ctx)
		}
		got, readErr := r.Read(buf)
		n += int64(got)
		if o.Limit > 0 && n > o.Limit {
			return n, &harbour.Error{
				Kind: harbour.ErrTooLarge, Op: op, Message: fmt.Sprintf("it is longer than the limit of %s", size(o.Limit)),
				Hint: "raise the limit, or give it in parts",
			}
		}
		if n-looked >= roomEvery {
			looked = n
			if err := v.room(0); err != nil {
				return n, err
			}
		}
		if _, err := w.Write(buf[:got]); err != nil {
			return n, diskError(op, err)
		}
		if o.Progress != nil && (n-told >= 1<<20 || errors.Is(readErr, io.EOF)) {
			told = n
			o.Progress(n)
		}
		if errors.Is(readErr, io.EOF) {
			return n, nil
		}
		if readErr != nil {
			return n, readErr
		}
	}
}

func cancelled(op string, ctx context.Context) error {
	return &harbour.Error{Kind: harbour.ErrCancelled, Op: op, Message: "it was stopped", Err: context.Cause(ctx)}
}

// commit makes a written content an object, unless the vault has it already. It returns where the staged file is, ""
// where it is none any more, and the record that holds.
func (v *Vault) commit(ctx context.Context, path string, rec record) (string, record, error) {
	const op = "store object"
	lock := v.stripe(rec.name)
	lock.Lock()
	defer lock.Unlock()
	had, err := v.recordOf(rec.name)
	known, exists := err == nil, !errors.Is(err, fs.ErrNotExist)
	if known {
		rec.stored = had.stored
		if err = v.check(ctx, op, had, nil); err == nil {
			os.Remove(path) // what stays is removed by the next Open
			return "", had, nil
		}
		if ctx.Err() != nil {
			return path, rec, cancelled(op, ctx)
		}
	}
	if !known && ioError(err) {
		return path, rec, diskError(op, err)
	}
	if exists {
		v.opt.Log.Warn("a damaged object is replaced by the same content given again", "sha256", rec.object().SHA256, "damage", err)
	}
	staged := v.staged(rec.content, rec.name, ".put")
	if err := disk.Move(path, staged); err != nil {
		return path, rec, diskError(op, err)
	}
	v.step("staged")
	v.usage.change.RLock()
	defer v.usage.change.RUnlock()
	if err := v.writeRecord(rec); err != nil {
		if now, _ := v.recordOf(rec.name); now.content == rec.content {
			staged = "" // it came to be before the error, and needs its content
		}
		return staged, rec, diskError(op, err)
	}
	v.step("committed")
	v.usage.add(rec, known)
	// From here the object exists, whatever happens: it is found in staging too.
	if err := v.place(rec); err != nil {
		return "", rec, diskError(op, err)
	}
	v.step("placed")
	if known { // otherwise nobody vouches for what the record says
		if err := remove(v.contentPath(had.content)); err != nil {
			v.opt.Log.Warn("the damaged content that was replaced cannot be removed", "file", v.contentPath(had.content), "error", err)
		}
	}
	return "", rec, nil
}

// writeRecord puts the key record of an object in place under the present master key.
func (v *Vault) writeRecord(rec record) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	b := rec.seal(v.wrapID, v.wrap)
	path := v.keyPath(rec.name)
	if err := v.makeDir(filepath.Dir(path)); err != nil {
		return err
	}
	return writeFile(path, v.temporary(), b)
}

// place moves a content from staging to where it stays.
func (v *Vault) place(rec record) error {
	path := v.contentPath(rec.content)
	if err := v.makeDir(filepath.Dir(path)); err != nil {
		return err
	}
	return disk.Move(v.staged(rec.content, rec.name, ".put"), path)
}
