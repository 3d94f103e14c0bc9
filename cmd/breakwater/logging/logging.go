// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package logging makes the log of a server: one event a line on standard error, for people, programs or journald, with
// the ids of the request and the job that it belongs to; passwords are hidden.
//
// Beside it a part of the log is kept in the data folder for a support bundle. That part is safe by construction, not by
// looking for what must not be in it: of each event it has the time, the level, the message (which is constant in the
// source; TestConstant of this package sees to that), and of the attributes those in a list, if they are numbers or look like ids; of
// errors it has the kind and the number of the system, never the text.
//
// # Concurrency
//
// A Logger of it may be used from several goroutines.
//
// # When full or broken
//
// What is kept is bounded: two files, of which the older goes. Where the disk refuses, events are still written to
// standard error and no longer kept.
package logging

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"sync"

	"breakwater/app"
	"breakwater/cmd/breakwater/config"
)

// Options of a log.
type Options struct {
	config.Log
	// Dir is the folder for what is kept; "" for none.
	Dir string
}

// Log is made by [New].
type Log struct {
	*slog.Logger
	kept *kept
}

// Close ends what is kept.
func (l *Log) Close() error {
	if l.kept == nil {
		return nil
	}
	return l.kept.close()
}

// New makes a log that is written to w.
func New(w io.Writer, o Options) *Log {
	var level slog.Level
	_ = level.UnmarshalText([]byte(o.Level)) // the settings allow no other; the zero one is info
	format := o.Format
	if (format == "auto" || format == "") && os.Getenv("JOURNAL_STREAM") != "" {
		format = "journal"
	}
	opt := &slog.HandlerOptions{Level: level, ReplaceAttr: hide}
	var h slog.Handler
	switch format {
	case "json":
		h = slog.NewJSONHandler(w, opt)
	case "journal":
		h = newJournal(w, level)
	default:
		h = slog.NewTextHandler(w, opt)
	}
	l := &Log{}
	if o.Dir != "" && o.Keep > 0 {
		l.kept = newKept(o.Dir, int64(o.Keep)<<20)
		h = slog.NewMultiHandler(h, &keeper{kept: l.kept})
	}
	l.Logger = slog.New(working{h})
	return l
}

// working adds the request and the job of a context, where the event does not name them itself.
type working struct{ slog.Handler }

// Handle implements slog.Handler.
func (h working) Handle(ctx context.Context, r slog.Record) error {
	w := app.WorkOf(ctx)
	if w != (app.Work{}) {
		r.Attrs(func(a slog.Attr) bool {
			switch a.Key {
			case "request":
				w.Request = ""
			case "job":
				w.Job = ""
			}
			return true
		})
		r = r.Clone()
		if w.Request != "" {
			r.AddAttrs(slog.String("request", w.Request))
		}
		if w.Job != "" {
			r.AddAttrs(slog.String("job", w.Job))
		}
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h working) WithAttrs(a []slog.Attr) slog.Handler { return working{h.Handler.WithAttrs(a)} }

// WithGroup implements slog.Handler.
func (h working) WithGroup(name string) slog.Handler { return working{h.Handler.WithGroup(name)} }

var (
	secretKey = regexp.MustCompile(`(?i)^(password|passphrase|secret|token|cookie|authorization|private_key|code)$`)
	// inURL is the password of a URL, as errors of drivers like to show it.
	inURL = regexp.MustCompile(`(://[^\s/:@"']*:)[^\s@"']+@`)
	pairs = regexp.MustCompile(`(?i)\b(password|passwd|secret|token|bearer)([=:]\s*|\s+)("[^"]*"|'[^']*'|[^\s,;&"']+)`)
)

// Scrub hides passwords within a text.
func Scrub(s string) string {
	if strings.Contains(s, "://") {
		s = inURL.ReplaceAllString(s, "${1}HIDDEN@")
	}
	return pairs.ReplaceAllStringFunc(s, func(m string) string {
		p := pairs.FindStringSubmatch(m)
		if strings.TrimSpace(p[2]) == "" && !strings.EqualFold(p[1], "bearer") {
			return m // "password is wrong" gives none away
		}
		return p[1] + p[2] + "HIDDEN"
	})
}

// hide is slog's ReplaceAttr.
func hide(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey) {
		return a
	}
	if secretKey.MatchString(a.Key) {
		return slog.String(a.Key, "HIDDEN")
	}
	switch a.Value.Kind() { //nolint:exhaustive // the others hold no text
	case slog.KindString:
		return slog.String(a.Key, Scrub(a.Value.String()))
	case slog.KindAny:
		if err, ok := a.Value.Any().(error); ok {
			return slog.String(a.Key, Scrub(err.Error()))
		}
	}
	return a
}

// journal writes lines as journald wants them from standard error: the priority first, as sd-daemon(3) says, and no
// time, which journald has itself.
type journal struct {
	out   *sharedOut
	inner slog.Handler // writes into out.line
}

type sharedOut struct {
	mu   sync.Mutex
	w    io.Writer
	line bytes.Buffer
}

func newJournal(w io.Writer, level slog.Level) *journal {
	out := &sharedOut{w: w}
	return &journal{out, slog.NewTextHandler(&out.line, &slog.HandlerOptions{Level: level, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
			return slog.Attr{}
		}
		return hide(groups, a)
	}})}
}

// Enabled implements slog.Handler.
func (j *journal) Enabled(ctx context.Context, l slog.Level) bool { return j.inner.Enabled(ctx, l) }

// Handle implements slog.Handler.
func (j *journal) Handle(ctx context.Context, r slog.Record) error {
	j.out.mu.Lock()
	defer j.out.mu.Unlock()
	j.out.line.Reset()
	priority := "<6>"
	switch {
	case r.Level >= slog.LevelError:
		priority = "<3>"
	case r.Level >= slog.LevelWarn:
		priority = "<4>"
	case r.Level < slog.LevelInfo:
		priority = "<7>"
	}
	j.out.line.WriteString(priority)
	if err := j.inner.Handle(ctx, r); err != nil {
		return err
	}
	_, err := j.out.w.Write(j.out.line.Bytes())
	return err
}

// WithAttrs implements slog.Handler.
func (j *journal) WithAttrs(a []slog.Attr) slog.Handler {
	return &journal{j.out, j.inner.WithAttrs(a)}
}

// WithGroup implements slog.Handler.
func (j *journal) WithGroup(name string) slog.Handler {
	return &journal{j.out, j.inner.WithGroup(name)}
}
