// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"breakwater/harbour"
	"breakwater/store/disk"
)

// Options says how a vault is used.
type Options struct {
	// Reserve is how many bytes Put leaves free on the disk: 0 for DefaultReserve, negative for none.
	Reserve int64
	// ReadOnly opens a vault beside the process that writes to it. What would change it is refused with ErrUsage.
	ReadOnly bool
	// Clock gives the time; nil for the system's.
	Clock func() time.Time
	// Log is told what operators should know; nil for none.
	Log *slog.Logger
}

// DefaultReserve is what Put leaves free on the disk unless told otherwise: what a database needs to go on.
const DefaultReserve = 1 << 30

// Object is one content in the vault.
type Object struct {
	SHA256 string    // of the content, 64 lower-case hexadecimal digits
	Bytes  int64     // of the content
	Stored time.Time // when it was first put in
}

// Vault is an open vault. See the package comment.
type Vault struct {
	dir  string
	src  KeySource
	opt  Options
	lock *os.File
	free func() (int64, error)
	step func(string) // called between the steps of a change, for tests that end the process there

	names   sealer       // key of the HMAC that names objects; never changes
	dirs    sync.Map     // folders whose entries are on disk
	mu      sync.RWMutex // held for writing while the master key is changed
	head    header
	ring    ring
	master  Key
	wrapID  keyID
	wrap    sealer
	old     map[keyID]sealer // wrapping keys that still open records
	rotate  sync.Mutex       // one rotation at a time
	stripes [64]sync.Mutex   // changes of objects, by name
	usage   usage
}

const (
	keysDir    = "keys"
	objectsDir = "objects"
	stagingDir = "staging"
	lockName   = "lock"
	keyName    = "vault.key"
	nextKey    = ".next" // behind the name of the key file: the key that a rotation goes to
)

// Open opens the vault in a folder, and makes it, with its key, where there is none. It finishes what a killed process
// left half done; a rotation that was under way goes on with [Vault.Rotate].
//
// Errors: ErrInvalid for a wrong key or passphrase, ErrUnavailable where the key is not there or the disk does not
// answer, ErrConflict where another process writes to the vault or a newer program made it, ErrUnreadable where its
// header is damaged.
func Open(dir string, key KeySource, o Options) (*Vault, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Reserve == 0 {
		o.Reserve = DefaultReserve
	}
	if key.File == "" {
		key.File = filepath.Join(dir, keyName)
	}
	v := &Vault{dir: dir, src: key, opt: o, old: map[keyID]sealer{}, step: func(string) {}}
	v.free = func() (int64, error) { return freeBytes(dir) }
	if err := v.open(); err != nil {
		v.Close()
		return nil, err
	}
	return v, nil
}

func (v *Vault) open() error {
	const op = "open vault"
	if !v.opt.ReadOnly {
		if err := v.acquire(); err != nil {
			return err
		}
	}
	hs, err := loadHeaders(v.dir)
	if err != nil {
		return err
	}
	if len(hs) == 0 {
		return v.create()
	}
	if err := v.unlock(hs); err != nil {
		return err
	}
	if !v.src.fromEnv() && openToOthers(v.src.File) {
		v.opt.Log.Warn("the vault's key file can be read by others than its owner", "file", v.src.File)
	}
	if v.opt.ReadOnly {
		return nil
	}
	if err := mendHeaderCopy(v.dir, v.head); err != nil {
		return diskError(op, err)
	}
	if err := v.recover(); err != nil {
		return diskError(op, err)
	}
	return nil
}

// acquire makes the folders and takes the lock.
func (v *Vault) acquire() error {
	const op = "open vault"
	for _, d := range []string{"", keysDir, objectsDir, stagingDir} {
		if err := v.makeDir(filepath.Join(v.dir, d)); err != nil {
			return diskError(op, err)
		}
	}
	f, err := os.OpenFile(filepath.Join(v.dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return diskError(op, err)
	}
	held, err := lockFile(f)
	if err == nil && held {
		v.lock = f
		return nil
	}
	f.Close()
	if err != nil {
		return diskError(op, err)
	}
	return &harbour.Error{
		Kind: harbour.ErrConflict, Op: op, Message: "another process writes to the vault in " + v.dir,
		Hint: "stop that process, or give the data to the running server instead",
	}
}

// create makes a new vault, and its key unless that is there.
func (v *Vault) create() error {
	const op = "make vault"
	if v.opt.ReadOnly {
		return &harbour.Error{
			Kind: harbour.ErrNotFound, Op: "open vault", Message: "there is no vault in " + v.dir,
			Hint: "give the data folder of a server that has run once",
		}
	}
	for _, d := range []string{keysDir, objectsDir} {
		if in, err := os.ReadDir(filepath.Join(v.dir, d)); err != nil || len(in) > 0 {
			return &harbour.Error{
				Kind: harbour.ErrUnreadable, Op: "open vault", Message: "the folder " + v.dir + " holds objects, but " + headerName + " is missing",
				Hint: "restore " + filepath.Join(v.dir, headerName) + " from a backup", Err: err,
			}
		}
	}
	k, found, err := v.src.load()
	if err != nil {
		return err
	}
	if !found {
		k = NewKey()
		if err := v.saveKey(v.src.File, k); err != nil {
			return err
		}
		v.opt.Log.Warn("a new vault key was made: keep a copy of it apart from the data", "file", v.src.File, "key", k.ID())
	}
	var id [16]byte
	rand.Read(id[:])
	v.head, v.ring = header{ID: hex.EncodeToString(id[:])}, newRing()
	b, err := v.head.encode(v.ring, k)
	if err != nil {
		return &harbour.Error{Kind: harbour.ErrInternal, Op: op, Err: err}
	}
	if err := saveHeader(v.dir, b); err != nil {
		return diskError(op, err)
	}
	v.names = v.ring.Names
	v.use(k)
	return nil
}

func (v *Vault) saveKey(path string, k Key) error {
	var pass []byte
	if v.src.Passphrase != nil {
		var err error
		if pass, err = v.src.Passphrase(); err != nil {
			return err
		}
	}
	return SaveKey(path, k, pass)
}

// use makes k the master key of this process.
func (v *Vault) use(k Key) {
	v.master, v.wrapID, v.wrap = k, k.id(), k.wrapper()
	clear(v.old)
	if p := v.ring.Previous; p != nil {
		id, _ := parseKeyID(p.ID) // valid since openRing
		v.old[id] = p.Key
	}
}

// unlock finds the key that the header names and opens the ring with it.
func (v *Vault) unlock(hs []header) error {
	var damage error
	for _, h := range hs {
		k, err := v.keyFor(h.Key)
		if err != nil {
			return err
		}
		r, err := h.openRing(k)
		if err != nil {
			damage = err
			continue
		}
		v.head, v.ring, v.names = h, r, r.Names
		v.use(k)
		return nil
	}
	return headerDamaged(v.dir, damage)
}

// keyFor loads the key with this id. After a rotation that was killed it may lie beside the key file.
func (v *Vault) keyFor(id string) (Key, error) {
	k, found, err := v.src.load()
	if err == nil && found && k.ID() == id {
		return k, nil
	}
	if !v.src.fromEnv() {
		next, ok, nextErr := v.src.loadFile(v.src.File + nextKey)
		if nextErr == nil && ok && next.ID() == id {
			if !v.opt.ReadOnly {
				if err := v.placeNext(k); err != nil {
					return Key{}, err
				}
			}
			return next, nil
		}
	}
	if err != nil {
		return Key{}, err
	}
	from := "the file " + v.src.File
	if v.src.fromEnv() {
		from = "the variable " + v.src.Env
	}
	if !found {
		return Key{}, &harbour.Error{
			Kind: harbour.ErrUnavailable, Op: "open vault", Message: fmt.Sprintf("the vault needs key %s, and %s is not there", id, from),
			Hint: "mount the medium with the key file, or say where it is; without that key nothing in the vault can be read",
		}
	}
	return Key{}, &harbour.Error{
		Kind: harbour.ErrInvalid, Op: "open vault", Message: fmt.Sprintf("the vault needs key %s, and %s holds key %s", id, from, k.ID()),
		Hint: "give the key with that id; after a rotation that is the new one, after restoring an old backup the one of its time",
	}
}

// placeNext puts the next key in the place of the key file and keeps the old one, which old backups need, beside it.
func (v *Vault) placeNext(old Key) error {
	file, kept := v.src.File, v.src.File+".old"
	if old.master != nil {
		kept = file + "." + old.ID()
	}
	if err := disk.Move(file, kept); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return diskError("put new vault key in place", err)
	}
	if err := disk.Move(file+nextKey, file); err != nil {
		return diskError("put new vault key in place", err)
	}
	return nil
}

// Close gives the vault up. Readers that are open can be read on.
func (v *Vault) Close() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.lock == nil {
		return nil
	}
	err := v.lock.Close()
	v.lock = nil
	return err
}

// KeyID names the master key that the vault needs.
func (v *Vault) KeyID() string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.master.ID()
}

// writable refuses changes to a vault that is open for reading, or closed.
func (v *Vault) writable(op string) error {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.lock != nil {
		return nil
	}
	return &harbour.Error{Kind: harbour.ErrUsage, Op: op, Message: "the vault is open for reading alone, or closed", Hint: "do it in the running server"}
}

// name of the object with this SHA-256.
func (v *Vault) name(sha [32]byte) (n name) {
	m := hmac.New(sha256.New, v.names)
	m.Write(sha[:])
	m.Sum(n[:0])
	return n
}

func (v *Vault) stripe(n name) *sync.Mutex { return &v.stripes[int(n[0])%len(v.stripes)] }

func (v *Vault) keyPath(n name) string {
	s := n.String()
	return filepath.Join(v.dir, keysDir, s[:2], s+".key")
}

func (v *Vault) contentPath(c contentID) string {
	s := c.String()
	return filepath.Join(v.dir, objectsDir, s[:2], s+".age")
}

// staged is the path in staging of a content that is being put in place (".put") or deleted
// (".del"), or of a key record that is being deleted (".key").
func (v *Vault) staged(c contentID, n name, what string) string {
	return filepath.Join(v.dir, stagingDir, c.String()+"."+n.String()+what)
}

// temporary is a fresh path in staging that the next Open removes.
func (v *Vault) temporary() string {
	var id contentID
	rand.Read(id[:])
	return filepath.Join(v.dir, stagingDir, id.String()+".part")
}
