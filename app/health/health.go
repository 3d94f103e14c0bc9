// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package health says whether an installation can do its work: what answers, what does not and what to do about it, and
// for how many days the disk will do. What it tells holds no secret, no address and no name, so that anybody who can
// reach the server may read it.
//
// # Concurrency
//
// A Health is safe for concurrent use. Asking costs a few small queries.
package health

import (
	"context"
	"encoding/json"
	"time"

	"breakwater/app"
	"breakwater/harbour"
	"breakwater/store"
)

// Part is one thing that the installation needs.
type Part struct {
	Name string `json:"name"`
	// OK is false where work cannot be done without it.
	OK bool `json:"ok"`
	// Attention is set where work goes on and yet somebody has to look.
	Attention bool   `json:"attention,omitempty"`
	Message   string `json:"message,omitempty"`
	Hint      string `json:"hint,omitempty"`
}

// State is how an installation does.
type State struct {
	Ready bool            `json:"ready"`
	At    harbour.Instant `json:"at"`
	Parts []Part          `json:"parts"`
	Disk  Disk            `json:"disk"`
}

// Disk is what is left on the disk of the data folder.
type Disk struct {
	Free    int64 `json:"free_bytes"` // -1 where the system does not say
	Reserve int64 `json:"reserve_bytes"`
	PerDay  int64 `json:"bytes_per_day"` // used, over the last weeks; 0 while that is not known or falling
	Days    int   `json:"days_left"`     // until the reserve is reached and imports are refused; -1 where that cannot be told
}

// Options says what is looked at.
type Options struct {
	// Free gives the bytes that are free on the disk of the data folder.
	Free func() (int64, error)
	// Reserve is how many of them are kept back.
	Reserve int64
	// Data is the data folder, for the note of the last backup.
	Data string
	// BackupDays is after how many days without a backup it is spoken of; 0 for never.
	BackupDays int
	// BackupDaily is set where the server makes one a day by itself; then one that is a day and a half old is spoken of.
	BackupDaily bool
	// BackupTrouble, where given, says what is wrong with the newest attempt at one, and what to do; "" where it ended well.
	BackupTrouble func(context.Context) (message, hint string)
	// More parts than database and disk.
	More []func(context.Context) Part
}

// Health is the use case. See the package comment.
type Health struct {
	core *app.Core
	opt  Options
	log  audited
}

// New makes the use case.
func New(c *app.Core, o Options) *Health { return &Health{core: c, opt: o} }

// patience is how long a part may take to answer.
const patience = 3 * time.Second

// State asks all parts.
func (u *Health) State(ctx context.Context) State {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s := State{Ready: true, At: u.core.Now(), Disk: Disk{Free: -1, Reserve: u.opt.Reserve, Days: -1}}
	database, asked := Part{Name: "database", OK: true}, []Part(nil)
	if err := u.core.DB.Ping(ctx); err != nil {
		database = Part{Name: "database", Message: "the database does not answer", Hint: "check that it runs and can be reached; work goes on when it is back"}
	} else {
		s.Disk.PerDay = perDay(u.samples(ctx))
		asked = []Part{u.clock(ctx), u.backup(ctx)}
	}
	s.Parts = append(append(s.Parts, database, u.disk(&s.Disk), u.audit()), asked...)
	for _, fn := range u.opt.More {
		s.Parts = append(s.Parts, fn(ctx))
	}
	for _, p := range s.Parts {
		s.Ready = s.Ready && p.OK
	}
	return s
}

func (u *Health) disk(d *Disk) Part {
	free, err := u.opt.Free()
	if err != nil {
		return Part{Name: "disk", OK: true, Message: "the system does not say how much is free"}
	}
	d.Free = free
	if free < d.Reserve {
		d.Days = 0
		if free < min(full, d.Reserve/2) {
			return Part{Name: "disk", Message: "the disk of the data folder is full: what is there can be read, and nothing be written", Hint: "free space, or move the data folder to a larger disk; work goes on by itself then"}
		}
		return Part{Name: "disk", Message: "the disk of the data folder is nearly full: imports are refused, people can go on working", Hint: "free space, or move the data folder to a larger disk"}
	}
	if d.PerDay > 0 {
		d.Days = int(min((free-d.Reserve)/d.PerDay, 36500))
	}
	p := Part{Name: "disk", OK: true}
	if d.Days >= 0 && d.Days < soon {
		p.Attention, p.Message, p.Hint = true, "at the pace of the last weeks the disk of the data folder will be full soon", "plan for more space, or for shorter retention"
	}
	return p
}

// full is below how many free bytes a disk is as good as full: a database needs some to write at all.
const full = 16 << 20

// soon is from how few days on the disk is spoken of.
const soon = 30

// sample is how much was free at an instant.
type sample struct {
	At   harbour.Instant `json:"at"`
	Free int64           `json:"free"`
}

const (
	settingName = "disk_samples"
	maxSamples  = 29 // four weeks, one a day
	day         = harbour.Instant(24 * time.Hour / time.Microsecond)
)

func (u *Health) samples(ctx context.Context) (list []sample) {
	text, err := u.core.DB.Setting(ctx, "", settingName)
	if err != nil || json.Unmarshal([]byte(text), &list) != nil {
		return nil
	}
	return list
}

// Sample notes how much is free, once a day; call it more often than that.
func (u *Health) Sample(ctx context.Context) error {
	free, err := u.opt.Free()
	if err != nil {
		return nil // a system that does not say so gives no forecast
	}
	list := u.samples(ctx)
	now := u.core.Now()
	if n := len(list); n > 0 && now < list[n-1].At {
		list = nil // the clock was set back: what is later than now is worth nothing
	} else if n > 0 && now-list[n-1].At < day {
		return nil
	}
	list = append(list, sample{now, free})
	list = list[max(0, len(list)-maxSamples):]
	text, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return u.core.DB.Write(ctx, store.Machine, func(ctx context.Context, tx *store.Tx) error {
		tx.Unaudited("a measurement of the program")
		return tx.Set(ctx, "", settingName, string(text))
	})
}

// perDay is how many bytes are used up in a day. Space that was freed, by a larger disk or a clean-up, does not count as
// negative use: only the falls do, so that one gain does not hide a steady loss.
func perDay(list []sample) int64 {
	if len(list) < 2 {
		return 0
	}
	var used int64
	for i := 1; i < len(list); i++ {
		used += max(0, list[i-1].Free-list[i].Free)
	}
	span := list[len(list)-1].At - list[0].At
	if span < day {
		return 0
	}
	return int64(float64(used) * float64(day) / float64(span))
}
