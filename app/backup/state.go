// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package backup

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"breakwater/app"
	"breakwater/harbour"
)

// Held is a backup that lies in the folder.
type Held struct {
	Name    string
	MadeAt  harbour.Instant
	Program string // version that made it
	Bytes   int64  // that a restore would bring back
	Objects int
	Damaged int // objects that were damaged in the vault when it was made
	WithKey bool
	// Checked is what was read back after it was made; nil where it was made at the command line, or nothing is known.
	Checked *Checked
}

// State is how the backups of a server stand.
type State struct {
	Schedule
	Next     harbour.Instant // when the next is due by the clock; it may be past
	Underway *Underway       // nil while none is made
	Waiting  bool            // one was asked for and is about to begin
	Held     []Held          // newest first, a hundred at most
	More     int             // older ones that are not listed
	Attempts []Attempt       // newest first
	Problem  string          // why the folder cannot be looked into; "" where it can
}

// Failed is the newest attempt where that failed; nil otherwise.
func (s *State) Failed() *Attempt {
	if len(s.Attempts) == 0 || s.Attempts[0].Problem == "" {
		return nil
	}
	return &s.Attempts[0]
}

// shown is how many backups a state lists.
const shown = 100

// State says how the backups stand. They are of the whole installation, so it is for those alone who read its whole log.
//
// Errors: those of [app.Actor.Everywhere] and of the database.
func (r *Routine) State(ctx context.Context, by *app.Actor) (s State, err error) {
	if err := by.Everywhere(app.ReadAudit); err != nil {
		return s, err
	}
	s.Schedule = r.opt
	s.Underway, s.Waiting = r.state()
	if s.Attempts, err = attempts(ctx, r.core.DB); err != nil {
		return s, err
	}
	now := r.core.Clock().UTC()
	next := r.hour(now)
	switch missing := r.missing(); {
	case missing && r.resting(s.Attempts):
		next = s.Attempts[0].At.Time().Add(patience)
	case missing:
		next = now
	case !now.Before(next):
		next = next.AddDate(0, 0, 1)
	}
	s.Next = harbour.At(next)
	held, err := list(r.opt.Dir)
	if err != nil && !notThere(err) {
		s.Problem = "the folder of backups cannot be read"
	}
	s.More = max(0, len(held)-shown)
	s.Held = held[:len(held)-s.More]
	for i := range s.Held {
		for _, a := range s.Attempts {
			if a.Name == s.Held[i].Name && a.At <= s.Held[i].MadeAt {
				s.Held[i].Checked = a.Checked
			}
		}
	}
	return s, nil
}

// Failing says whether the newest attempt failed, for those who look after the installation without signing in.
func (r *Routine) Failing(ctx context.Context) bool {
	log, err := attempts(ctx, r.core.DB)
	return err == nil && len(log) > 0 && log[0].Problem != ""
}

// Trouble says what is wrong with the newest attempt, and what to do about it, in words that anybody may read; "" where it
// ended well or none was made. What went wrong in particular is in the [State], for those who may read that.
func (r *Routine) Trouble(ctx context.Context) (message, hint string) {
	log, err := attempts(ctx, r.core.DB)
	switch {
	case err != nil || len(log) == 0 || log[0].Problem == "":
		return "", ""
	case log[0].CutOff && r.missing():
		return "the last backup was cut off when the server stopped", "another is made by itself within minutes; nothing of the one that was cut off is taken for a backup"
	case log[0].CutOff:
		return "the last backup was cut off when the server stopped", "have another one made at Settings, Backup; nothing of the one that was cut off is taken for a backup"
	}
	return "the last attempt at a backup failed", "Settings, Backup says what is wrong"
}

// Took is how long the last backup took that was whole; 0 where none is known.
func (r *Routine) Took(ctx context.Context) time.Duration {
	log, err := attempts(ctx, r.core.DB)
	if err != nil {
		return 0
	}
	for _, a := range log {
		if a.Problem == "" {
			return a.Ended.Time().Sub(a.At.Time())
		}
	}
	return 0
}

func notThere(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// list gives what lies in a folder of backups, newest first.
func list(dir string) (held []Held, err error) {
	names, err := backups(dir)
	for _, n := range slices.Backward(names) {
		m, err := manifestOf(filepath.Join(dir, n))
		if err != nil {
			continue // a restore says what is wrong with it
		}
		held = append(held, Held{Name: n, MadeAt: m.MadeAt, Program: m.Program, Bytes: m.Bytes(), Objects: m.Objects, Damaged: len(m.Damaged), WithKey: m.WithKey})
	}
	return held, err
}
