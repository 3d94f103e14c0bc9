// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"breakwater/harbour"
	"breakwater/store"
)

// Backup is what is known of the last backup that was whole.
type Backup struct {
	At      harbour.Instant `json:"at"`
	Objects int             `json:"objects"`
}

// BackupNote is the file in the data folder in which a backup is noted: one that is made at the command line only reads the
// database, and cannot write into it.
const BackupNote = "last-backup.json"

// NoteBackup notes in a data folder that a backup of it is whole.
func NoteBackup(data string, b Backup) error {
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	path := filepath.Join(data, BackupNote)
	if err := os.WriteFile(path+".part", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".part", path)
}

// LastBackup reads what [NoteBackup] wrote. fs.ErrNotExist means that no backup was made.
func LastBackup(data string) (b Backup, err error) {
	f, err := os.Open(filepath.Join(data, BackupNote))
	if err != nil {
		return b, err
	}
	defer f.Close()
	buf := make([]byte, 4096)
	n, err := f.Read(buf)
	if err != nil {
		return b, err
	}
	return b, json.Unmarshal(buf[:n], &b)
}

// promised is how old the last backup may be where the server makes one each day: a day, and half of one for what takes
// long or was tried again.
const promised = 36 * time.Hour

// backup says whether a backup is due.
func (u *Health) backup(ctx context.Context) Part {
	p := Part{Name: "backup", OK: true}
	limit := time.Duration(u.opt.BackupDays) * 24 * time.Hour
	hint := "run breakwater backup from a timer, onto another disk, or set backup.dir"
	if u.opt.BackupDaily {
		hint = "Settings, Backup says what is wrong"
		if limit == 0 || limit > promised {
			limit = promised
		}
	}
	if u.opt.BackupTrouble != nil {
		if message, todo := u.opt.BackupTrouble(ctx); message != "" {
			p.Attention, p.Message, p.Hint = true, message, todo
			return p
		}
	}
	if limit <= 0 {
		return p
	}
	last, err := LastBackup(u.opt.Data)
	switch {
	case err == nil:
		if age := u.core.Clock().Sub(last.At.Time()); age > 48*time.Hour && age > limit {
			p.Attention, p.Message, p.Hint = true, fmt.Sprintf("the last backup is %d days old", int(age.Hours()/24)), hint
		} else if age > limit {
			p.Attention, p.Message, p.Hint = true, fmt.Sprintf("the last backup is %d hours old", int(age.Hours())), hint
		}
	case !errors.Is(err, fs.ErrNotExist):
		p.Attention, p.Message, p.Hint = true, "when the last backup was made cannot be read", hint
	default:
		// What has just been set up has nothing to lose yet.
		p.Message = "no backup was made yet"
		if first, err := u.core.DB.FirstEntry(ctx); err == nil && first > 0 && u.core.Clock().Sub(first.Time()) > limit {
			p.Attention, p.Message, p.Hint = true, "no backup was ever made", hint
		}
	}
	return p
}

// slack is how much the clock may have been set back by what keeps it right.
const slack = 2 * time.Minute

// clock says whether the clock is behind what was written already.
func (u *Health) clock(ctx context.Context) Part {
	p := Part{Name: "clock", OK: true}
	last, err := u.core.DB.LastEntry(ctx)
	if err == nil && u.core.Clock().Add(slack).Before(last.Time()) {
		p.Attention, p.Message, p.Hint = true, "the clock was set back: something in the audit log is of "+last.Time().UTC().Format("2006-01-02 15:04 MST")+", which is later than now", "set the clock right and let NTP keep it; what is written meanwhile bears a wrong time. A clock that is right now, and was ahead then, needs nothing"
	}
	return p
}

// audited is what came of the last look through the audit log.
type audited struct {
	mu      sync.Mutex
	at      harbour.Instant // 0 before the first
	entries int64
	wrong   int
}

// CheckAudit reads the whole audit log through and remembers what came of it for [Health.State]. It is work of seconds to
// minutes; the program calls it by the clock.
//
// Errors: those of the database, where it cannot be read.
func (u *Health) CheckAudit(ctx context.Context) error {
	r, err := u.core.DB.VerifyAudit(ctx, store.AuditCheck{Key: u.core.DB.AuditKey()})
	if err != nil {
		return err
	}
	u.log.mu.Lock()
	defer u.log.mu.Unlock()
	u.log.at, u.log.entries, u.log.wrong = u.core.Now(), r.Entries, len(r.Problems)+r.More
	return nil
}

// audit says what the last look through the audit log found.
func (u *Health) audit() Part {
	u.log.mu.Lock()
	defer u.log.mu.Unlock()
	p := Part{Name: "audit", OK: true}
	if u.log.wrong > 0 {
		p.Attention, p.Message = true, fmt.Sprintf("the audit log is not what was written: %d problems", u.log.wrong)
		p.Hint = "run breakwater audit verify, which names them; keep the database and its backups as they are"
	}
	return p
}
