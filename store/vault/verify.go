// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"breakwater/harbour"
)

// Problem is something that is not as it should be.
type Problem struct {
	SHA256 string // of the object, "" where its record cannot be read
	File   string // to restore
	Err    error
}

// Report is what Verify found.
type Report struct {
	Objects   int   // that are whole
	Bytes     int64 // in them
	Problems  []Problem
	More      int      // problems beyond the first 1,000
	Unclaimed []string // content files that no key record names, the first 1,000: unreadable, unless their record is restored
	// UnclaimedFiles and UnclaimedBytes count all of them.
	UnclaimedFiles int
	UnclaimedBytes int64
}

const mostProblems = 1000

func addProblem(to []Problem, more int, p Problem) ([]Problem, int) {
	if len(to) == mostProblems {
		return to, more + 1
	}
	return append(to, p), more
}

// entry is a file in keys or objects.
type entry struct{ path, stem string }

func (e entry) name() (n name, ok bool) {
	got, err := hex.Decode(n[:], []byte(e.stem[:min(len(e.stem), 2*len(n))]))
	return n, err == nil && got == len(n) && n.String() == e.stem
}

// entries lists the files in the folders of keys or objects, in order of their names.
func (v *Vault) entries(dir, ext string) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		top := filepath.Join(v.dir, dir)
		folders, err := os.ReadDir(top)
		if err != nil {
			yield(entry{}, err)
			return
		}
		for _, d := range folders {
			files, err := os.ReadDir(filepath.Join(top, d.Name()))
			if err != nil {
				yield(entry{}, err)
				return
			}
			for _, f := range files {
				stem, _ := strings.CutSuffix(f.Name(), ext)
				if !yield(entry{filepath.Join(top, d.Name(), f.Name()), stem}, nil) {
					return
				}
			}
		}
	}
}

// List gives the objects in no meaningful order, without reading content. A damaged key record is an error of that
// object, and the list goes on.
func (v *Vault) List(ctx context.Context) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		for rec, err := range v.records(ctx, "list objects") {
			if err != nil && !yield(Object{}, err.Err) || err == nil && !yield(rec.object(), nil) {
				return
			}
		}
	}
}

// records reads all key records.
func (v *Vault) records(ctx context.Context, op string) iter.Seq2[record, *Problem] {
	return func(yield func(record, *Problem) bool) {
		for e, err := range v.entries(keysDir, ".key") {
			if ctx.Err() != nil {
				yield(record{}, &Problem{Err: cancelled(op, ctx)})
				return
			}
			if err != nil {
				yield(record{}, &Problem{Err: diskError(op, err)})
				return
			}
			n, ok := e.name()
			if !ok {
				p := Problem{File: e.path, Err: &harbour.Error{
					Kind: harbour.ErrUnreadable, Op: op, Message: e.path + " is not a key record", Hint: "remove it, if nobody knows what it is",
				}}
				if !yield(record{}, &p) {
					return
				}
				continue
			}
			rec, err := v.recordOf(n)
			switch {
			case errors.Is(err, fs.ErrNotExist): // deleted meanwhile, or in a folder that it does not belong to
				if _, err := os.Stat(e.path); err == nil && e.path != v.keyPath(n) {
					p := Problem{File: e.path, Err: damaged(op, "named "+n.String(), v.keyPath(n), "its key record lies in another folder", nil)}
					if !yield(rec, &p) {
						return
					}
				}
			case err != nil:
				if !yield(rec, &Problem{File: e.path, Err: v.recordError(op, "named "+n.String(), n, err)}) {
					return
				}
			case !yield(rec, nil):
				return
			}
		}
	}
}

// Verify reads every object through and compares it with its SHA-256. Damage is in the report; an error means that it
// could not go on. Progress, where given, is told objects and bytes read so far.
func (v *Vault) Verify(ctx context.Context, progress func(objects int, bytes int64)) (Report, error) {
	const op = "verify vault"
	var rep Report
	// A content is placed after its record, so that what is here now has a record by the time records are read.
	unclaimed, err := v.contents()
	if err != nil {
		return rep, diskError(op, err)
	}
	looked, read := 0, int64(0)
	for rec, p := range v.records(ctx, op) {
		if p != nil && p.File == "" {
			return rep, p.Err
		}
		delete(unclaimed, rec.content)
		if p == nil {
			looked++
			told := func(n int64) {
				if read += n; progress != nil {
					progress(looked, read)
				}
			}
			err := v.check(ctx, op, rec, told)
			switch {
			case ctx.Err() != nil:
				return rep, cancelled(op, ctx)
			case err == nil:
				rep.Objects++
				rep.Bytes += rec.bytes
			case harbour.KindOf(err) != harbour.ErrNotFound: // deleted meanwhile
				p = &Problem{SHA256: rec.object().SHA256, File: v.contentPath(rec.content), Err: err}
			}
		}
		if p != nil {
			rep.Problems, rep.More = addProblem(rep.Problems, rep.More, *p)
		}
	}
	for id := range unclaimed {
		i, err := os.Stat(v.contentPath(id))
		if err != nil {
			continue // deleted meanwhile
		}
		rep.UnclaimedFiles++
		rep.UnclaimedBytes += i.Size()
		if len(rep.Unclaimed) < mostProblems {
			rep.Unclaimed = append(rep.Unclaimed, v.contentPath(id))
		}
	}
	return rep, nil
}

// contents lists the ids of all content files.
func (v *Vault) contents() (map[contentID]struct{}, error) {
	ids := map[contentID]struct{}{}
	for e, err := range v.entries(objectsDir, ".age") {
		if err != nil {
			return nil, err
		}
		var id contentID
		if len(e.stem) != 2*len(id) {
			continue
		}
		if _, err := hex.Decode(id[:], []byte(e.stem)); err == nil {
			ids[id] = struct{}{}
		}
	}
	return ids, nil
}

// RemoveUnclaimed deletes content files that no key record names, and says how many there were. They are left by
// replacing damaged objects; but after a restore that lacks key records they are evidence that waits for them, so this
// is never done unasked.
func (v *Vault) RemoveUnclaimed(ctx context.Context) (files int, bytes int64, err error) {
	const op = "remove unclaimed content"
	if err := v.writable(op); err != nil {
		return 0, 0, err
	}
	unclaimed, err := v.contents()
	if err != nil {
		return 0, 0, diskError(op, err)
	}
	for rec, p := range v.records(ctx, op) {
		if p != nil {
			return 0, 0, &harbour.Error{
				Kind: harbour.ErrConflict, Op: op, Message: "a key record cannot be read, and may be the one that names such a content",
				Hint: "mend or delete the damaged objects first", Err: p.Err,
			}
		}
		delete(unclaimed, rec.content)
	}
	for id := range unclaimed {
		i, err := os.Stat(v.contentPath(id))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = remove(v.contentPath(id))
		}
		if err != nil {
			return files, bytes, diskError(op, err)
		}
		files++
		bytes += i.Size()
	}
	return files, bytes, nil
}

// check reads one object through.
func (v *Vault) check(ctx context.Context, op string, rec record, told func(bytes int64)) error {
	r, err := v.reader(op, rec)
	if err != nil {
		return err
	}
	defer r.Close()
	hash := sha256.New()
	buf := make([]byte, putBuffer)
	for off := int64(0); off < rec.bytes; {
		if ctx.Err() != nil {
			return cancelled(op, ctx)
		}
		n, err := r.ReadAt(buf, off)
		hash.Write(buf[:n])
		off += int64(n)
		if told != nil {
			told(int64(n))
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	if [32]byte(hash.Sum(nil)) != rec.sha {
		return damaged(op, rec.object().SHA256, v.contentPath(rec.content), "its content has another SHA-256", nil)
	}
	return nil
}
