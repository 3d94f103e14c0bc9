// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"sync"
	"time"

	"breakwater/app"
	"breakwater/app/health"
	"breakwater/web/shell"
)

// watch remembers for a few seconds how the installation does, so that every page can say what is wrong without asking
// for it: a part that is gone takes its time to answer. It is safe for concurrent use.
type watch struct {
	state func(context.Context) health.State
	fresh time.Duration // how old what is remembered may be before it is asked anew

	mu     sync.Mutex
	known  []shell.Trouble
	at     time.Time // of the last answer; zero before the first
	asking bool
}

const freshFor = 5 * time.Second

// troubles are what pages speak of. Only the first page after the start waits for the answer; later ones say what was
// known a few seconds ago.
func (w *watch) troubles(ctx context.Context) []shell.Trouble {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.at.IsZero() || w.fresh == 0:
		w.known, w.at = troublesOf(w.state(ctx)), time.Now()
	case time.Since(w.at) > w.fresh && !w.asking:
		w.asking = true
		ctx := context.WithoutCancel(ctx)
		go func() {
			list := troublesOf(w.state(ctx))
			w.mu.Lock()
			defer w.mu.Unlock()
			w.known, w.at, w.asking = list, time.Now(), false
		}()
	}
	return w.known
}

// troublesOf picks what concerns everybody: what does not work, a clock by which everything is dated wrongly, an audit log
// that is not what was written. That a backup is overdue is for those who see to them. What an operator plans for is not said
// on every page.
func troublesOf(s health.State) (list []shell.Trouble) {
	jobs := false
	for _, p := range s.Parts {
		if p.Message == "" || p.OK && (!p.Attention || p.Name != "clock" && p.Name != "audit" && p.Name != "backup") {
			continue
		}
		if p.Name == "broker" || p.Name == "database" {
			jobs = true
		}
		if p.Name == "jobs" && jobs { // waits for the broker or the database, which is said
			continue
		}
		message, hint := shell.Sentence(p.Message), shell.Sentence(p.Hint)
		t := shell.Trouble{Name: p.Name, Message: message, Hint: hint}
		if p.Name == "backup" {
			t.Needs = app.ManageBackup
		}
		list = append(list, t)
	}
	return list
}
