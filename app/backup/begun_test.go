// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package backup_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"breakwater/app"
	"breakwater/app/backup"
	"breakwater/store/storetest"
)

// A backup that was begun and whose server is killed is said to have been cut off by the next run. One that ended well
// is not, nor is one that is made at the command line.
func TestCutOff(t *testing.T) { storetest.EachURL(t, testCutOff) }

func trouble(s *server) string {
	message, _ := s.Trouble(ctx)
	return message
}

func testCutOff(t *testing.T, url string) {
	p := installed(t, url)
	p.give(t, "e-1", bytes.Repeat([]byte("crane "), 1000))
	s := serverOn(t, p)
	run := func(fn func()) {
		t.Helper()
		s.Routine = backup.NewRoutine(s.core, p.from(), backup.Schedule{Dir: s.dir, At: 2*time.Hour + 30*time.Minute, Every: 5 * time.Millisecond})
		while, stop := context.WithCancel(ctx)
		var running sync.WaitGroup
		running.Go(func() { s.Run(while) })
		fn()
		stop()
		running.Wait()
	}
	note := filepath.Join(s.dir, "begun.json")
	run(func() { s.after(t, 1) })
	if _, err := os.Stat(note); err == nil {
		t.Fatal("the note of one that ended is there still")
	}
	if _, err := backup.Make(ctx, app.System("command"), p.from(), backup.Options{Dir: s.dir, Clock: s.core.Clock}); err != nil {
		t.Fatal(err)
	}
	run(func() {
		time.Sleep(30 * time.Millisecond)
		if st := s.after(t, 1); len(st.Attempts) != 1 || st.Failed() != nil || s.Failing(ctx) {
			t.Errorf("after one that ended well, and one at the command line: %+v", st.Attempts)
		}
	})

	// Killed: what was noted when it began is all that is left.
	began := s.core.Now()
	instant, err := json.Marshal(began)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{`{"at":` + string(instant) + `,"by":"Ada Marsh"}`, "{"} {
		if err := os.WriteFile(note, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		before := len(s.after(t, 1).Attempts)
		run(func() {
			st := s.after(t, before+1)
			a := st.Attempts[0]
			if len(st.Attempts) != before+1 || !a.CutOff || a.Problem == "" || a.At != began || st.Failed() == nil || !s.Failing(ctx) {
				t.Errorf("%s: %+v", text, st.Attempts)
			}
			// Today's is there, made at the command line: another is not made by itself.
			if m, hint := s.Trouble(ctx); !strings.Contains(m, "cut off") || !strings.Contains(hint, "have another one made") {
				t.Errorf("in trouble: %q, %q", m, hint)
			}
			if text != "{" && a.By != "Ada Marsh" {
				t.Errorf("asked for by %q", a.By)
			}
		})
		if _, err := os.Stat(note); err == nil {
			t.Error("the note is there still: it would be said again")
		}
	}

	// The next that ends well ends the alarm.
	run(func() {
		if err := s.Start(ctx, everywhere(s.core.Now, 0, app.ManageBackup)); err != nil {
			t.Fatal(err)
		}
		if st := s.after(t, 4); st.Failed() != nil || s.Failing(ctx) || trouble(s) != "" {
			t.Errorf("after one that is whole: %+v", st.Attempts[0])
		}
	})
}
