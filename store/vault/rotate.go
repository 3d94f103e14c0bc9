// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"breakwater/harbour"
	"breakwater/store/disk"
)

// RotateOptions says how a master key is changed.
type RotateOptions struct {
	// Key is the new key. Where the key comes from a file it may be left out, and one is made; where it comes from the
	// environment it is needed, and the caller keeps it before calling.
	Key Key
	// Progress, where given, is told how many objects have been looked at.
	Progress func(objects int)
}

// Rotation is what a change of the master key came to.
type Rotation struct {
	From, To string    // ids of the keys; From is "" where a rotation was resumed and had ended
	Objects  int       // whose data keys were wrapped anew
	Problems []Problem // objects that are damaged, and were before; at most 1,000
	More     int       // problems beyond those
}

// Rotate changes the master key: data keys are wrapped anew, content is not touched, and the vault stays in use. From
// the moment it begins the new key alone opens the vault. Cancelled or killed, it goes on where it is called again;
// [Vault.Rotating] says whether that is due. The old key file is kept beside the new one, with its id behind the name,
// for backups made under it. Secrets sealed earlier stay readable; [Vault.Reseal] moves them to the new key.
func (v *Vault) Rotate(ctx context.Context, o RotateOptions) (Rotation, error) {
	const op = "change vault key"
	if err := v.writable(op); err != nil {
		return Rotation{}, err
	}
	v.rotate.Lock()
	defer v.rotate.Unlock()
	if !v.Rotating() {
		if err := v.beginRotation(o.Key); err != nil {
			return Rotation{}, err
		}
	} else if o.Key.master != nil && o.Key.ID() != v.KeyID() {
		return Rotation{}, &harbour.Error{
			Kind: harbour.ErrConflict, Op: op, Message: "a change to key " + v.KeyID() + " is under way",
			Hint: "finish it first, by changing the key without giving a new one",
		}
	}
	res := Rotation{From: v.ring.Previous.ID, To: v.KeyID()}
	if err := v.rewrap(ctx, &res, o.Progress); err != nil {
		return res, err
	}
	v.step("rewrapped")
	return res, v.endRotation()
}

// Rotating says whether a change of the master key was begun and not finished.
func (v *Vault) Rotating() bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.ring.Previous != nil
}

func (v *Vault) beginRotation(k Key) error {
	const op = "change vault key"
	next := v.src.File + nextKey
	if k.master == nil {
		if v.src.fromEnv() {
			return &harbour.Error{
				Kind: harbour.ErrUsage, Op: op, Message: "the vault's key comes from the environment, so the new one has to be given",
				Hint: "make a key, keep it, and give it; afterwards set " + v.src.Env + " to it",
			}
		}
		k = NewKey()
	}
	if k.ID() == v.KeyID() {
		return &harbour.Error{Kind: harbour.ErrUsage, Op: op, Message: "the new key is the one in use", Hint: "give another key, or none"}
	}
	if !v.src.fromEnv() {
		// What lies there is of a rotation that never began: the header names another key.
		if err := remove(next); err != nil {
			return diskError(op, err)
		}
		if err := v.saveKey(next, k); err != nil {
			return err
		}
	}
	v.step("key saved")
	if err := v.switchKey(k); err != nil {
		return err
	}
	v.step("key switched")
	return nil
}

// switchKey writes the header under the new key, with the old wrapping key in the ring, and then uses it.
func (v *Vault) switchKey(k Key) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	old, h, r := v.master, v.head, v.ring
	r.Secrets = append([]ringKey(nil), r.Secrets...)
	r.addSecret()
	r.Previous = &ringKey{v.wrapID.String(), v.wrap}
	b, err := h.encode(r, k)
	if err != nil {
		return &harbour.Error{Kind: harbour.ErrInternal, Op: "change vault key", Err: err}
	}
	saved := saveHeader(v.dir, b)
	if saved != nil {
		// Where the header itself came to be before the error, the new key is in force.
		if hs, err := loadHeaders(v.dir); err != nil || len(hs) == 0 || hs[0].Key != k.ID() {
			return diskError("change vault key", saved)
		}
	}
	v.head, v.ring = h, r
	v.use(k)
	if !v.src.fromEnv() {
		if err := v.placeNext(old); err != nil {
			return err
		}
	}
	if saved != nil {
		return diskError("change vault key", saved)
	}
	return nil
}

func (v *Vault) endRotation() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	h, r := v.head, v.ring
	r.Previous = nil
	b, err := h.encode(r, v.master)
	if err != nil {
		return &harbour.Error{Kind: harbour.ErrInternal, Op: "change vault key", Err: err}
	}
	if err := saveHeader(v.dir, b); err != nil {
		return diskError("change vault key", err)
	}
	v.head, v.ring = h, r
	v.use(v.master)
	return nil
}

// rewrap goes through all key records, one folder after the other, and puts each folder's changes on disk at its end.
func (v *Vault) rewrap(ctx context.Context, res *Rotation, progress func(int)) error {
	const op = "change vault key"
	seen, dir, changed := 0, "", false
	flush := func(next string) error {
		if changed {
			if err := disk.SyncDir(dir); err != nil {
				return diskError(op, err)
			}
		}
		dir, changed = next, false
		return nil
	}
	for e, err := range v.entries(keysDir, ".key") {
		if err != nil {
			return diskError(op, err)
		}
		if ctx.Err() != nil {
			return errors.Join(flush(""), cancelled(op, ctx))
		}
		if d := filepath.Dir(e.path); d != dir {
			if err := flush(d); err != nil {
				return err
			}
		}
		did, err := v.rewrapOne(e)
		if err != nil {
			return diskError(op, err)
		}
		switch {
		case did.problem != nil:
			res.Problems, res.More = addProblem(res.Problems, res.More, *did.problem)
		case did.changed:
			changed = true
			res.Objects++
		}
		if seen++; progress != nil {
			progress(seen)
		}
		v.step(fmt.Sprint("object ", seen))
	}
	return flush("")
}

type rewrapped struct {
	changed bool
	problem *Problem
}

func (v *Vault) rewrapOne(e entry) (done rewrapped, err error) {
	n, ok := e.name()
	if !ok {
		return done, nil // Verify names it
	}
	lock := v.stripe(n)
	lock.Lock()
	defer lock.Unlock()
	rec, err := v.recordOf(n)
	if errors.Is(err, fs.ErrNotExist) {
		return done, nil
	}
	if err != nil {
		done.problem = &Problem{File: e.path, Err: v.recordError("change vault key", "named "+n.String(), n, err)}
		return done, nil
	}
	v.mu.RLock()
	defer v.mu.RUnlock()
	if rec.key == v.wrapID {
		return done, nil
	}
	by := v.temporary()
	f, err := os.OpenFile(by, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return done, err
	}
	_, err = f.Write(rec.seal(v.wrapID, v.wrap))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(by, e.path)
	}
	if err != nil {
		os.Remove(by)
	}
	done.changed = err == nil
	return done, err
}
