// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"path/filepath"
	"time"

	"breakwater/app"
	"breakwater/app/backup"
	"breakwater/app/health"
	"breakwater/cmd/breakwater/config"
	"breakwater/harbour"
)

// routineOf makes the backups that the settings ask for.
func routineOf(core *app.Core, from backup.From, data string, c config.Backup) (*backup.Routine, error) {
	at, err := time.Parse("15:04", c.At)
	if err != nil {
		return nil, wrongUse("serve", "backup.at is no time of the day", "write it as 02:30, in UTC", err)
	}
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, wrongUse("serve", "backup.dir is no folder", "give it from the root, as /mnt/backups/breakwater", err)
	}
	if within(dir, data) {
		return nil, wrongUse("serve", "backup.dir lies in the data folder: who loses that loses the backups", "name a folder on another disk", nil)
	}
	if c.Keep < 0 {
		return nil, &harbour.Error{Kind: harbour.ErrUsage, Op: "serve", Message: "a number of backups to keep is not negative", Hint: "0 keeps all"}
	}
	o := backup.Schedule{Dir: dir, At: time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute, Keep: c.Keep, Note: func(m *backup.Made) error {
		return health.NoteBackup(data, health.Backup{At: m.MadeAt, Objects: m.Objects})
	}}
	if c.Passphrase != "" {
		o.Passphrase = func() ([]byte, error) { return passphrase(c.Passphrase) }
		if _, err := o.Passphrase(); err != nil {
			return nil, err
		}
	}
	return backup.NewRoutine(core, from, o), nil
}

// within says whether a folder is another or lies in it.
func within(dir, other string) bool {
	other, err := filepath.Abs(other)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(other, dir)
	return err == nil && filepath.IsLocal(rel)
}
