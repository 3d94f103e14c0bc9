// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"filippo.io/age"
	"filippo.io/age/armor"

	"breakwater/harbour"
)

// KeySource says where the master key is. The zero value is the file vault.key in the vault's folder, which protects
// copies of single objects but not a copy of the whole folder: give a File elsewhere for that.
type KeySource struct {
	// File is the path of the key file. It is made at first use, readable by its owner alone.
	File string
	// Env names an environment variable that holds the key as [Key.Text] writes it. Where it is set, no file is used.
	Env string
	// Passphrase, where given, protects a key file that is made, and opens one that is protected. Such a file is an
	// armoured age file with a passphrase (scrypt), so that age opens it too.
	Passphrase func() ([]byte, error)
}

const (
	keyFileLimit = 64 << 10
	// scrypt's cost as its logarithm: about a second and 256 MiB to make, at most 1 GiB to open.
	scryptCost    = 18
	scryptCostMax = 20
)

// fromEnv says whether the key comes from the environment.
func (s KeySource) fromEnv() bool { return s.Env != "" && os.Getenv(s.Env) != "" }

// load reads the key. found is false where there is none.
func (s KeySource) load() (k Key, found bool, err error) {
	if s.fromEnv() {
		k, err = ParseKey([]byte(os.Getenv(s.Env)))
		return k, true, err
	}
	return s.loadFile(s.File)
}

func (s KeySource) loadFile(path string) (k Key, found bool, err error) {
	const op = "read vault key"
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Key{}, false, nil
	}
	if err != nil {
		return Key{}, false, &harbour.Error{
			Kind: harbour.ErrUnavailable, Op: op, Message: fmt.Sprintf("the key file %s cannot be read", path),
			Hint: "give the account that runs Breakwater leave to read it, and see that its medium is mounted", Err: err,
		}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, keyFileLimit))
	if err != nil {
		return Key{}, false, &harbour.Error{
			Kind: harbour.ErrUnavailable, Op: op, Message: fmt.Sprintf("the key file %s cannot be read", path),
			Hint: "look at the medium it lies on; a copy of the key file does as well", Err: err,
		}
	}
	if start := bytes.Index(text, []byte(armor.Header)); start >= 0 {
		text, err = s.unprotect(text[start:], path)
		if err != nil {
			return Key{}, true, err
		}
	}
	k, err = ParseKey(text)
	return k, true, err
}

func (s KeySource) unprotect(text []byte, path string) ([]byte, error) {
	bad := func(message, hint string, err error) ([]byte, error) {
		return nil, &harbour.Error{Kind: harbour.ErrInvalid, Op: "read vault key", Message: message, Hint: hint, Err: err}
	}
	if s.Passphrase == nil {
		return bad("the key file "+path+" is protected by a passphrase, and none was given", "give the passphrase", nil)
	}
	pass, err := s.Passphrase()
	if err != nil {
		return nil, err
	}
	id, err := age.NewScryptIdentity(string(pass))
	if err != nil {
		return bad("the passphrase is empty", "give the passphrase of the key file "+path, nil)
	}
	id.SetMaxWorkFactor(scryptCostMax)
	r, err := age.Decrypt(armor.NewReader(bytes.NewReader(text)), id)
	if _, wrong := errors.AsType[*age.NoIdentityMatchError](err); wrong {
		return bad("the passphrase is not that of the key file "+path, "give the passphrase that was set when the key was made", nil)
	}
	if err != nil {
		return bad("the protected key file "+path+" is damaged", "use a copy of the key file", err)
	}
	b, err := io.ReadAll(io.LimitReader(r, keyFileLimit))
	if err != nil {
		return bad("the protected key file "+path+" is damaged", "use a copy of the key file", err)
	}
	return b, nil
}

// SaveKey writes a key file, readable by its owner alone, protected by a passphrase unless that is empty. It replaces
// no file: that could be the only copy of another key.
func SaveKey(path string, k Key, passphrase []byte) error {
	return saveKey(path, k, passphrase, scryptCost)
}

func saveKey(path string, k Key, passphrase []byte, cost int) error {
	const op = "write vault key"
	text, err := keyText(k, passphrase, cost)
	if err != nil {
		return &harbour.Error{Kind: harbour.ErrInternal, Op: op, Err: err}
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return &harbour.Error{
			Kind: harbour.ErrUnavailable, Op: op, Message: "the folder " + filepath.Dir(path) + " for the key file is not there",
			Hint: "mount the medium that the key is to lie on, or make the folder", Err: err,
		}
	}
	if _, err := os.Lstat(path); err == nil {
		return &harbour.Error{
			Kind: harbour.ErrConflict, Op: op, Message: "there is already a file " + path,
			Hint: "give another name, or move that file away: it may be the only copy of a key",
		}
	}
	if err := writeFile(path, path+".part", text); err != nil {
		return diskError(op, err)
	}
	return nil
}

func keyText(k Key, passphrase []byte, cost int) ([]byte, error) {
	if len(passphrase) == 0 {
		return fmt.Appendf(nil, "# Breakwater %v\n# Without it nothing in the vault can be read. Keep a copy apart from the data.\n%s\n", k, k.Text()), nil
	}
	r, err := age.NewScryptRecipient(string(passphrase))
	if err != nil {
		return nil, err
	}
	r.SetWorkFactor(cost)
	var b bytes.Buffer
	a := armor.NewWriter(&b)
	w, err := age.Encrypt(a, r)
	if err != nil {
		return nil, err
	}
	_, err = io.WriteString(w, k.Text()+"\n")
	err = errors.Join(err, w.Close(), a.Close())
	return b.Bytes(), err
}

// openToOthers says whether others than the owner may read a key file.
func openToOthers(path string) bool {
	i, err := os.Stat(path)
	return err == nil && runtime.GOOS != "windows" && i.Mode().Perm()&0o077 != 0
}
