// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package backup

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// Schedule says where a server makes backups by itself, and when.
type Schedule struct {
	// Dir is the folder that holds the backups.
	Dir string
	// At is when in the day, after midnight UTC.
	At time.Duration
	// Keep is how many stay; 0 for all.
	Keep int
	// Passphrase, where given, reads the passphrase under which the vault's key is put into each backup.
	Passphrase func() ([]byte, error)
	// Note, where given, is told of each backup that is whole.
	Note func(*Made) error
	// Every is how often is looked whether one is due; 0 for a minute.
	Every time.Duration
}

// Routine makes the backups of a server: one a day, and one when a person asks. It is made by [NewRoutine] and safe for
// concurrent use; [Routine.Run] makes them one after the other.
//
// Whether one is due is told by what lies in the folder, so that a server that was down or killed at the hour makes up
// for it when it runs again. One that failed is tried again after an hour.
type Routine struct {
	core *app.Core
	from From
	opt  Schedule
	ask  chan string // the name of the person

	mu    sync.Mutex
	asked bool // from when somebody asks until it begins, so that nobody sees neither
	now   *Underway
}

// Underway is a backup that is being made.
type Underway struct {
	Since   harbour.Instant
	By      string // name of the person who asked; "" for the clock
	Step    string
	Objects int // that were looked at in this step
}

// NewRoutine makes the use case. Nothing happens before Run.
func NewRoutine(c *app.Core, from From, o Schedule) *Routine {
	if o.Every <= 0 {
		o.Every = time.Minute
	}
	return &Routine{core: c, from: from, opt: o, ask: make(chan string, 1)}
}

// Start has a backup made now and does not wait for it. It goes into the folder of the settings and nowhere else: who can
// have files written where they like can do more than back up.
//
// Errors: those of [app.Actor.Everywhere]; ErrConflict where one is being made or waits.
func (r *Routine) Start(ctx context.Context, by *app.Actor) error {
	if err := by.Everywhere(app.ManageBackup); err != nil {
		return err
	}
	if u, asked := r.state(); u != nil || asked {
		return busy()
	}
	err := r.core.DB.Write(ctx, store.People, func(ctx context.Context, tx *store.Tx) error {
		e := by.Entry("", app.ManageBackup, "backup", "now", "a backup")
		e.Reason = "asked for now"
		return tx.Audit(ctx, e)
	})
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case r.ask <- by.Name:
		r.asked = true
		return nil
	default:
		return busy()
	}
}

func busy() error {
	return &harbour.Error{Kind: harbour.ErrConflict, Op: "back up", Message: "a backup is being made", Hint: "wait until it has ended"}
}

// state gives the backup that is being made, if any, and whether one was asked for that has not begun.
func (r *Routine) state() (now *Underway, asked bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now == nil {
		return nil, r.asked
	}
	u := *r.now
	return &u, r.asked
}

// Run makes backups until ctx ends. What goes wrong with one is noted for people and in the log, and the next is made in
// its time. Before that it says of one that the server began earlier, and did not end, that it was cut off.
func (r *Routine) Run(ctx context.Context) {
	r.cutOff(ctx)
	t := time.NewTimer(min(r.opt.Every, soonAfter))
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case by := <-r.ask:
			r.make(ctx, by)
		case <-t.C:
			t.Reset(r.opt.Every)
			due, err := r.due(ctx)
			if err != nil && ctx.Err() == nil {
				r.core.Log.Error("whether a backup is due cannot be told", slog.Any("error", err))
			}
			if due {
				r.make(ctx, "")
			}
		}
	}
}

// soonAfter the start is looked whether one was missed.
const soonAfter = 2 * time.Second

// patience is after how long one that failed is tried again, slack by how much the clock may have been set back.
const (
	patience = time.Hour
	slack    = 2 * time.Minute
)

// due says whether a backup is missing and none has just failed.
func (r *Routine) due(ctx context.Context) (bool, error) {
	log, err := attempts(ctx, r.core.DB)
	return err == nil && r.missing() && !r.resting(log), err
}

// resting says whether the newest attempt failed a short time ago. One that was cut off need not wait: nothing was wrong
// with it.
func (r *Routine) resting(log []Attempt) bool {
	return len(log) > 0 && log[0].Problem != "" && !log[0].CutOff && r.core.Clock().Sub(log[0].At.Time()).Abs() < patience
}

// missing says whether the hour of the day has passed without a backup after it.
func (r *Routine) missing() bool {
	now := r.core.Clock().UTC()
	hour := r.hour(now)
	if now.Before(hour) {
		hour = hour.AddDate(0, 0, -1)
	}
	held, err := list(r.opt.Dir)
	if err != nil && !notThere(err) {
		return true // making one says what is wrong with the folder, to people
	}
	for _, h := range held {
		// One that is dated later than now was made while the clock was wrong, and says nothing of today.
		if at := h.MadeAt.Time(); !at.Before(hour) && !at.After(now.Add(slack)) {
			return false
		}
	}
	return true
}

// hour is when in the day of an instant a backup is made.
func (r *Routine) hour(now time.Time) time.Time {
	y, m, d := now.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Add(r.opt.At)
}

// make makes a backup, reads it back, and notes what came of it.
func (r *Routine) make(ctx context.Context, by string) {
	a := Attempt{At: r.core.Now(), By: by}
	r.begin(by, a.At)
	defer r.tell(nil)
	made, checked, err := r.attempt(ctx, by, a.At)
	if ctx.Err() != nil {
		return // the program ends: the next run says so, and what is unfinished is removed by the next backup
	}
	a.Ended = r.core.Now()
	if made != nil {
		a.Name, a.Bytes, a.Objects = filepath.Base(made.Path), made.Bytes(), made.Objects
		a.Removed, a.Damaged = len(made.Removed), len(made.Damaged)
	}
	if err != nil {
		a.Problem, a.Hint = messageOf(err), harbour.HintOf(err)
		r.core.Log.Error("a backup failed", slog.Any("error", err))
	} else {
		a.Checked = &checked
		r.core.Log.Info("a backup was made", slog.Int("objects", made.Objects), slog.Int64("bytes", made.Bytes()), slog.Int("read_back", checked.ReadBack))
	}
	if err := r.note(ctx, a); err != nil {
		r.core.Log.Error("what came of a backup cannot be noted", slog.Any("error", err))
	}
	r.ended()
}

func (r *Routine) attempt(ctx context.Context, by string, since harbour.Instant) (made *Made, c Checked, err error) {
	o := Options{Dir: r.opt.Dir, Keep: r.opt.Keep, Clock: r.core.Clock, Progress: func(step string, n int) {
		r.tell(&Underway{Since: since, By: by, Step: step, Objects: n})
	}}
	// The folder is not made here: where its disk is not mounted, the backup would go onto another.
	if i, err := os.Stat(r.opt.Dir); err != nil || !i.IsDir() {
		return nil, c, &harbour.Error{Kind: harbour.ErrUnavailable, Op: "back up", Message: "the folder of backups is not there", Hint: "mount its disk, or make the folder: it is not made by itself, so that nothing goes onto the wrong disk", Err: err}
	}
	r.noteBegun(begun{since, by})
	if r.opt.Passphrase != nil {
		if o.Passphrase, err = r.opt.Passphrase(); err != nil {
			return nil, c, err
		}
	}
	if made, err = Make(ctx, app.System("backup"), r.from, o); err != nil {
		return made, c, err
	}
	o.Progress("reading it back", 0)
	if c, err = Check(ctx, made.Path, r.verifier(), r.core.Clock()); err != nil {
		return made, c, err
	}
	if r.opt.Note != nil {
		err = r.opt.Note(made)
	}
	return made, c, err
}

// messageOf is what people are told of an error.
func messageOf(err error) string {
	var e *harbour.Error
	if errors.As(err, &e) && e.Message != "" {
		return e.Message
	}
	return "something went wrong that the log tells"
}

func (r *Routine) verifier() string { return (&maker{From: r.from}).key() }

// begin turns what was asked for into what is being made. One that is made at its hour leaves what was asked for waiting.
func (r *Routine) begin(by string, at harbour.Instant) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now, r.asked = &Underway{Since: at, By: by, Step: "beginning"}, r.asked && by == ""
}

func (r *Routine) tell(u *Underway) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = u
}

// Attempt is a backup that was made or failed.
type Attempt struct {
	At      harbour.Instant `json:"at"`
	Ended   harbour.Instant `json:"ended"`          // 0 where it was cut off
	By      string          `json:"by,omitempty"`   // name of the person who asked; "" for the clock
	Name    string          `json:"name,omitempty"` // of its folder; "" where there is none
	Bytes   int64           `json:"bytes,omitempty"`
	Objects int             `json:"objects,omitempty"`
	Removed int             `json:"removed,omitempty"` // older backups that went
	Damaged int             `json:"damaged,omitempty"` // objects that are damaged in the vault
	Checked *Checked        `json:"checked,omitempty"` // what was read back; nil where it failed
	Problem string          `json:"problem,omitempty"`
	CutOff  bool            `json:"cut_off,omitempty"` // the server stopped meanwhile; Problem says so
	Hint    string          `json:"hint,omitempty"`
}

const (
	attemptsSetting = "backup.attempts"
	maxAttempts     = 60
)

// attempts gives what came of the last backups, newest first.
func attempts(ctx context.Context, db *store.DB) (list []Attempt, err error) {
	text, err := db.Setting(ctx, "", attemptsSetting)
	if err != nil || text == "" {
		return nil, err
	}
	if json.Unmarshal([]byte(text), &list) != nil {
		return nil, nil // of another version: it is written anew
	}
	return list, nil
}

// note writes down what came of a backup, for the page and in the audit log.
func (r *Routine) note(ctx context.Context, a Attempt) error {
	log, err := attempts(ctx, r.core.DB)
	if err != nil {
		return err
	}
	log = append([]Attempt{a}, log...)
	text, err := json.Marshal(log[:min(len(log), maxAttempts)])
	if err != nil {
		return err
	}
	return r.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
		e := app.System("backup").Entry("", app.ManageBackup, "backup", a.Name, a.Name)
		if e.Reason = "made and read back"; a.Problem != "" {
			e.Reason = "failed: " + a.Problem
		}
		e.After = app.State(a)
		if err := tx.Audit(ctx, e); err != nil {
			return err
		}
		return tx.Set(ctx, "", attemptsSetting, string(text))
	})
}
