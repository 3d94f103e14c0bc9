// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package vault

import (
	"errors"
	"io/fs"
	"os"
	"sync"
)

// Usage is what a vault takes.
type Usage struct {
	Objects int
	Bytes   int64 // of the contents as they were given
	Disk    int64 // of the files on disk
	Free    int64 // that this account can still use on the file system, -1 where the system does not say
	Reserve int64 // of those, that Put leaves free
}

// usage keeps count, so that asking often costs nothing.
type usage struct {
	change sync.RWMutex // held for reading from a change on disk to its count here, for writing while files are counted
	mu     sync.Mutex
	known  bool
	sum    Usage
}

func (u *usage) add(r record, replaced bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if replaced {
		u.known = false
		return
	}
	u.sum.Objects++
	u.sum.Bytes += r.bytes
	u.sum.Disk += storedSize(r.bytes) + recordSize
}

func (u *usage) remove(r record) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.sum.Objects--
	u.sum.Bytes -= r.bytes
	u.sum.Disk -= storedSize(r.bytes) + recordSize
}

func (u *usage) forget() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.known = false
}

// Usage counts objects and bytes. The first call goes through the folders, later ones cost nothing; a vault that is open
// for reading alone counts each time.
func (v *Vault) Usage() (Usage, error) {
	v.usage.mu.Lock()
	u, known := v.usage.sum, v.usage.known
	v.usage.mu.Unlock()
	if !known || v.opt.ReadOnly {
		var err error
		if u, err = v.count(); err != nil {
			return u, diskError("count objects", err)
		}
	}
	u.Reserve = max(0, v.opt.Reserve)
	var err error
	if u.Free, err = v.Free(); errors.Is(err, errors.ErrUnsupported) {
		u.Free, err = -1, nil
	}
	return u, err
}

func (v *Vault) count() (u Usage, err error) {
	v.usage.change.Lock()
	defer v.usage.change.Unlock()
	for e, err := range v.entries(keysDir, ".key") {
		if err != nil {
			return u, err
		}
		if _, ok := e.name(); ok {
			u.Objects++
			u.Disk += recordSize
		}
	}
	for e, err := range v.entries(objectsDir, ".age") {
		if err != nil {
			return u, err
		}
		i, err := os.Stat(e.path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return u, err
		}
		u.Bytes += plainSize(i.Size())
		u.Disk += i.Size()
	}
	v.usage.mu.Lock()
	v.usage.sum, v.usage.known = u, true
	v.usage.mu.Unlock()
	return u, nil
}
