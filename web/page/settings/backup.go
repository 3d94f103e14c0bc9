// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"errors"
	"io/fs"
	"strings"
	"time"
	"unicode"

	"breakwater/app"
	"breakwater/app/backup"
	"breakwater/app/health"
	"breakwater/harbour"
	"breakwater/view"
	"breakwater/web/shell"
)

func (p *pages) registerBackup(s *shell.Shell) {
	s.In("GET settings/backup", p.backup)
	s.In("POST settings/backup/start", p.startBackup)
}

// backups is what the page shows.
type backups struct {
	*backup.State                // nil where the server makes none by itself
	last          *health.Backup // however it was made; nil where none is known
	unreadable    bool           // what is known of the last cannot be read
	disk          *health.Disk
	engine        string // of the database
	mayStart      bool
}

// readBackups is authorised by itself, because a server that makes no backups has no use case to ask.
func (p *pages) readBackups(r *shell.Request) (b backups, err error) {
	if err := r.By.Everywhere(app.ReadAudit); err != nil {
		return b, err
	}
	b.engine = r.Core().DB.Engine()
	if p.Backups != nil {
		s, err := p.Backups.State(r.Context(), r.By)
		if err != nil {
			return b, err
		}
		b.State = &s
		err = r.By.Everywhere(app.ManageBackup)
		b.mayStart = err == nil || harbour.KindOf(err) == harbour.ErrStepUp
	}
	if p.LastBackup != nil {
		switch last, err := p.LastBackup(); {
		case err == nil:
			b.last = &last
		case !errors.Is(err, fs.ErrNotExist):
			b.unreadable = true
		}
	}
	if p.Health != nil {
		d := p.Health(r.Context()).Disk
		b.disk = &d
	}
	return b, nil
}

func (p *pages) backup(r *shell.Request) error {
	b, err := p.readBackups(r)
	if err != nil {
		return err
	}
	if r.Partial("backups") {
		return r.Part(backupsPart(r, b))
	}
	return p.show(r, "backup", shell.Page{Title: "Backup", Lead: "Copies of the whole installation, and how one is brought back", Body: backupPage(r, b)})
}

func (p *pages) startBackup(r *shell.Request) error {
	if err := r.By.Everywhere(app.ManageBackup); err != nil {
		return err
	}
	if p.Backups == nil {
		return &harbour.Error{Kind: harbour.ErrConflict, Op: "back up", Message: "this server has no folder for backups", Hint: "name one with backup.dir in its settings, or run breakwater backup"}
	}
	if err := p.Backups.Start(r.Context(), r.By); err != nil {
		return err
	}
	return r.Done(r.Path("settings", "backup"), shell.OK("The backup begins. It goes on by itself when you leave this page."))
}

// hourWord is a time of the day.
func hourWord(d time.Duration) string { return time.Time{}.Add(d).Format("15:04") + " UTC" }

func keepWord(n int) string {
	if n == 0 {
		return "all of them"
	}
	return "the newest " + view.Number(n)
}

// spanWord says how long something took.
func spanWord(from, to harbour.Instant) string {
	d := to.Time().Sub(from.Time())
	if d < time.Second {
		return "less than a second"
	}
	return d.Round(time.Second).String()
}

func byWord(name string) string {
	if name == "" {
		return "by the clock"
	}
	return "for " + view.Plain(name, 60)
}

// quoted is a path as a shell takes it.
func quoted(path string) string {
	if strings.ContainsFunc(path, func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) && !strings.ContainsRune("/._-+:", c)
	}) {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
