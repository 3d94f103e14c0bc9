// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package logging

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"syscall"
	"time"

	"breakwater/harbour"
)

// Files of what is kept, in the folder that was given: the present one, and the one before.
const (
	KeptNow    = "kept.jsonl"
	KeptBefore = "kept.before.jsonl"
)

// kept are the two files.
type kept struct {
	mu     sync.Mutex
	dir    string
	most   int64 // of both together
	file   *os.File
	size   int64
	broken bool
}

func newKept(dir string, most int64) *kept { return &kept{dir: dir, most: most} }

func (k *kept) close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.file == nil {
		return nil
	}
	err := k.file.Close()
	k.file, k.broken = nil, true
	return err
}

// write adds a line. Errors end the keeping: standard error has the event anyway.
func (k *kept) write(line []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.broken {
		return
	}
	now := filepath.Join(k.dir, KeptNow)
	if k.file == nil {
		k.broken = os.MkdirAll(k.dir, 0o700) != nil
		f, err := os.OpenFile(now, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil || k.broken {
			k.broken = true
			return
		}
		k.file = f
		if i, err := f.Stat(); err == nil {
			k.size = i.Size()
		}
	}
	if k.size+int64(len(line)) > k.most/2 && k.size > 0 {
		if k.file.Close() != nil || os.Rename(now, filepath.Join(k.dir, KeptBefore)) != nil {
			k.broken, k.file = true, nil
			return
		}
		f, err := os.OpenFile(now, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			k.broken, k.file = true, nil
			return
		}
		k.file, k.size = f, 0
	}
	n, err := k.file.Write(line)
	k.size += int64(n)
	k.broken = err != nil
}

// safe are the attributes that are kept, where their text has the form of an id or a word.
var safe = []string{
	"request", "job", "kind", "state", "attempt", "attempts", "after", "status", "method", "route", "bytes", "took", "what", "withdrawn",
	"deleted", "replicas", "wanted", "stream", "receiver", "how", "mode", "until", "schema", "version", "signal",
}

var (
	safeText    = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9 _/{}-]{0,63}$`)
	safeMessage = regexp.MustCompile(`^[A-Za-z][A-Za-z ,;:'()/-]{0,199}$`)
)

// keeper is the handler of what is kept.
type keeper struct {
	kept  *kept
	attrs []slog.Attr
	group bool // in a group nothing is known to be safe
}

// Enabled implements slog.Handler: what people want to see is no matter here.
func (h *keeper) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

// Handle implements slog.Handler.
func (h *keeper) Handle(_ context.Context, r slog.Record) error {
	e := map[string]any{"time": r.Time.UTC().Format(time.RFC3339Nano), "level": r.Level.String(), "msg": r.Message}
	if !safeMessage.MatchString(r.Message) {
		e["msg"] = "a message of another form"
	}
	add := func(a slog.Attr) bool {
		v := a.Value.Resolve()
		if err, ok := v.Any().(error); ok {
			if e["error"] = harbour.KindOf(err).String(); isNumbered(err) != "" {
				e["errno"] = isNumbered(err)
			}
			return true
		}
		if !slices.Contains(safe, a.Key) {
			return true
		}
		switch v.Kind() { //nolint:exhaustive // others are not kept
		case slog.KindInt64, slog.KindUint64, slog.KindFloat64, slog.KindBool:
			e[a.Key] = v.Any()
		case slog.KindDuration:
			e[a.Key] = v.Duration().String()
		case slog.KindTime:
			e[a.Key] = v.Time().UTC().Format(time.RFC3339)
		case slog.KindString:
			if safeText.MatchString(v.String()) {
				e[a.Key] = v.String()
			}
		}
		return true
	}
	for _, a := range h.attrs {
		add(a)
	}
	if !h.group {
		r.Attrs(add)
	}
	b, err := json.Marshal(e)
	if err != nil {
		return err
	}
	h.kept.write(append(b, '\n'))
	return nil
}

// isNumbered is the system's number of an error, "" for none.
func isNumbered(err error) string {
	var n syscall.Errno
	if errors.As(err, &n) {
		return n.Error()
	}
	return ""
}

// WithAttrs implements slog.Handler.
func (h *keeper) WithAttrs(a []slog.Attr) slog.Handler {
	if h.group {
		return h
	}
	return &keeper{kept: h.kept, attrs: append(slices.Clone(h.attrs), a...)}
}

// WithGroup implements slog.Handler.
func (h *keeper) WithGroup(string) slog.Handler {
	return &keeper{kept: h.kept, attrs: h.attrs, group: true}
}
