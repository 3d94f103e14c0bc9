// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package backup

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"breakwater/harbour"
)

// begunName is the file in the folder of backups in which a server notes that it has begun one. It is not in the
// database: that is copied meanwhile, and what is restored would take itself for cut off. A backup at the command line
// writes none, so one that is being made there is not taken for the server's.
const begunName = "begun.json"

// maxBegun bounds what is read of the note, in bytes.
const maxBegun = 4 << 10

// begun is a backup whose end is not noted yet.
type begun struct {
	At harbour.Instant `json:"at"`
	By string          `json:"by,omitempty"`
}

// noteBegun notes that a backup begins. One that cannot be noted is made all the same.
func (r *Routine) noteBegun(b begun) {
	text, err := json.Marshal(b)
	path := filepath.Join(r.opt.Dir, begunName)
	if err == nil {
		err = os.WriteFile(path+".part", text, 0o600)
	}
	if err == nil {
		err = os.Rename(path+".part", path)
	}
	if err != nil {
		r.core.Log.Error("that a backup begins cannot be noted", slog.Any("error", err))
	}
}

// ended forgets the note of a backup whose end is known.
func (r *Routine) ended() {
	if err := os.Remove(filepath.Join(r.opt.Dir, begunName)); err != nil && !notThere(err) {
		r.core.Log.Error("the note of a begun backup cannot be removed", slog.Any("error", err))
	}
}

// cutOff says of a backup that an earlier run of the server began, and came to no end, that it was cut off.
func (r *Routine) cutOff(ctx context.Context) {
	f, err := os.Open(filepath.Join(r.opt.Dir, begunName))
	if err != nil {
		return // none was begun; a folder that is not there says so itself
	}
	text, err := io.ReadAll(io.LimitReader(f, maxBegun))
	f.Close()
	var b begun
	if err != nil || json.Unmarshal(text, &b) != nil || b.At <= 0 {
		b = begun{At: r.core.Now()} // that one was begun is known all the same
	}
	err = r.note(ctx, Attempt{At: b.At, By: b.By, CutOff: true, Problem: "it was cut off when the server stopped", Hint: "have another one made; nothing of it is taken for a backup"})
	if err != nil {
		r.core.Log.Error("that a backup was cut off cannot be noted", slog.Any("error", err))
		return
	}
	r.ended()
}
