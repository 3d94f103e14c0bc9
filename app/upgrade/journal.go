// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package upgrade

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"breakwater/harbour"
	"breakwater/store/disk"
)

// Phase is how far an upgrade is.
type Phase string

// The phases. Each is written before what it names is begun.
const (
	// Swapping: the data are saved, the program is about to be swapped.
	Swapping Phase = "swapping"
	// GoingBack: the data are being put back as they were, then the program.
	GoingBack Phase = "going_back"
	// Done: the new program works. The old one and the data as they were are kept for a way back.
	Done Phase = "done"
	// Back: the old program works again.
	Back Phase = "back"
)

// Journal says how far the last upgrade of a data folder is.
type Journal struct {
	Phase   Phase           `json:"phase"`
	From    string          `json:"from"` // versions
	To      string          `json:"to"`
	Program string          `json:"program"` // path of the program that is swapped
	Schema  int64           `json:"schema"`  // of the database before
	Entries int64           `json:"entries"` // of the audit log before
	At      harbour.Instant `json:"at"`
	Reason  string          `json:"reason,omitempty"` // why it went back
}

const (
	folder      = "upgrade"
	journalName = "journal.json"
	savedName   = "before" // the database as it was
)

// Folder is where an upgrade keeps what it needs, in a data folder.
func Folder(data string) string { return filepath.Join(data, folder) }

// Saved is the folder of the database as it was before the upgrade.
func Saved(data string) string { return filepath.Join(data, folder, savedName) }

// ReadJournal reads the journal of a data folder; nil where it was never upgraded.
//
// Errors: ErrUnreadable where it is damaged.
func ReadJournal(data string) (*Journal, error) {
	path := filepath.Join(data, folder, journalName)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var j Journal
	if err == nil {
		err = json.Unmarshal(b, &j)
	}
	if err != nil {
		return nil, &harbour.Error{Kind: harbour.ErrUnreadable, Op: "read upgrade journal", Message: "it cannot be read: " + path, Hint: "if no upgrade was under way, remove it; else restore the newest backup", Err: err}
	}
	return &j, nil
}

// write puts the journal on disk as a whole.
func (j *Journal) write(data string) error {
	b, err := json.MarshalIndent(j, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(data, folder, journalName)
	if err := disk.Write(path+".part", b, 0o600); err != nil {
		return err
	}
	if err := os.Rename(path+".part", path); err != nil {
		return err
	}
	return disk.SyncDir(filepath.Dir(path))
}
