// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"breakwater/harbour"
)

// parseSHA takes apart what a caller names an object by.
func parseSHA(op, s string) (sha [32]byte, err error) {
	if len(s) == 2*len(sha) {
		if n, err := hex.Decode(sha[:], []byte(s)); err == nil && n == len(sha) && hex.EncodeToString(sha[:]) == s {
			return sha, nil
		}
	}
	return sha, &harbour.Error{
		Kind: harbour.ErrUsage, Op: op, Message: fmt.Sprintf("%.80q is not the SHA-256 of an object", s),
		Hint: "give 64 lower-case hexadecimal digits",
	}
}

func notFound(op, sha string) error {
	return &harbour.Error{
		Kind: harbour.ErrNotFound, Op: op, Message: "the vault holds no object " + sha,
		Hint: "it may have been deleted, or never been stored here",
	}
}

// damaged says that an object cannot be read, and which file to restore.
func damaged(op, sha, path, what string, err error) error {
	return &harbour.Error{
		Kind: harbour.ErrUnreadable, Op: op, Message: fmt.Sprintf("object %s is damaged: %s", sha, what),
		Hint: "restore " + path + " from a backup, or give the same evidence again", Err: err,
	}
}

// recordOf reads the key record of the object with this name. Its error is fs.ErrNotExist where there is none.
func (v *Vault) recordOf(n name) (record, error) {
	r, err := v.readRecord(n)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return v.readRecord(n) // a rotation may just have ended, or a deletion begun
	}
	return r, err
}

func (v *Vault) readRecord(n name) (record, error) {
	f, err := os.Open(v.keyPath(n))
	if err != nil {
		return record{}, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, recordSize+1))
	if err != nil {
		return record{}, err
	}
	head, err := readRecordHead(b)
	if err != nil {
		return head, err
	}
	wrap, err := v.wrapper(head.key)
	if err != nil {
		return head, err
	}
	r, err := openRecord(b, wrap)
	if err == nil && (r.name != n || v.name(r.sha) != n) {
		return r, errors.New("the key record is that of another object")
	}
	return r, err
}

// wrapper gives the wrapping key with this id: the present one, the one before a rotation that is under way, or one
// whose key file lies beside the present one.
func (v *Vault) wrapper(id keyID) (sealer, error) {
	v.mu.RLock()
	wrap, ok := v.old[id]
	if id == v.wrapID {
		wrap, ok = v.wrap, true
	}
	v.mu.RUnlock()
	if ok {
		return wrap, nil
	}
	if !v.src.fromEnv() {
		if k, found, err := v.src.loadFile(v.src.File + "." + id.String()); err == nil && found && k.id() == id {
			return k.wrapper(), nil
		}
	}
	return nil, &missingKey{id, v.src.File}
}

// missingKey is a record under a key that is not here, as after mixing two backups.
type missingKey struct {
	id   keyID
	file string
}

func (e *missingKey) Error() string {
	return fmt.Sprintf("it needs key %v; put that key file at %s.%v", e.id, e.file, e.id)
}

// contentOf opens the content file of a record, which a killed Put may have left in staging.
func (v *Vault) contentOf(r record) (*os.File, int64, error) {
	var f *os.File
	var err error
	// Twice, since another process may move it from the second place to the first between our two looks.
	for range 2 {
		for _, path := range []string{v.contentPath(r.content), v.staged(r.content, r.name, ".put")} {
			if f, err = os.Open(path); err == nil {
				break
			}
		}
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err != nil {
		return nil, 0, err
	}
	i, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, i.Size(), nil
}

func (r record) object() Object {
	return Object{SHA256: hex.EncodeToString(r.sha[:]), Bytes: r.bytes, Stored: r.stored}
}

func (r record) box() *dataKeyBox { return &dataKeyBox{id: r.content, key: r.dataKey} }

// Stat says whether the vault holds an object, without reading its content.
func (v *Vault) Stat(sha256 string) (Object, error) {
	r, err := v.find("look up object", sha256)
	return r.object(), err
}

// find reads the record of an object by its SHA-256, with errors for users.
func (v *Vault) find(op, sha string) (record, error) {
	sum, err := parseSHA(op, sha)
	if err != nil {
		return record{}, err
	}
	n := v.name(sum)
	r, err := v.recordOf(n)
	if errors.Is(err, fs.ErrNotExist) {
		return r, notFound(op, sha)
	}
	if err != nil {
		return r, v.recordError(op, sha, n, err)
	}
	return r, nil
}

func (v *Vault) recordError(op, sha string, n name, err error) error {
	if m, ok := errors.AsType[*missingKey](err); ok {
		return &harbour.Error{
			Kind: harbour.ErrUnreadable, Op: op, Message: fmt.Sprintf("object %s needs key %v, the vault has key %s", sha, m.id, v.KeyID()),
			Hint: fmt.Sprintf("put the key file with that id at %s.%v, or restore %s from a backup", m.file, m.id, v.keyPath(n)),
		}
	}
	if ioError(err) {
		return damaged(op, sha, v.keyPath(n), "its key record cannot be read", err)
	}
	return damaged(op, sha, v.keyPath(n), "its key record does not check", err)
}
