// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"breakwater/harbour"
	"breakwater/sim/record"
)

// Options say which port to write.
type Options struct {
	// Seed chooses among ports of one size; equal seeds give equal bytes.
	Seed uint64
	// Scale is the size: 1 is about 1,200 assets, 85 about 100,000.
	Scale float64
	// Plant lists the names of what to plant, see [PlantKinds]; nil is all of them, empty and not nil is none.
	Plant []string
}

// maxScale is the largest port that fits the address plan.
const maxScale = 85

// Result says what was written.
type Result struct {
	Assets   int // declared in port file and spreadsheets
	Packets  int
	Captures int
	Planted  int // things that are wrong
	Decoys   int // things that look alike and are right
}

// String tells the result in one line.
func (r *Result) String() string {
	return fmt.Sprintf("%d assets declared, %d packets in %d captures, %d planted, %d decoys", r.Assets, r.Packets, r.Captures, r.Planted, r.Decoys)
}

// Planted is one thing that is wrong on purpose.
type Planted struct {
	Kind        string   `json:"kind"`
	Rule        string   `json:"rule"`
	Subjects    []string `json:"subjects"`
	Explanation string   `json:"explanation"`
}

// Decoy is one thing that looks like something planted and is right.
type Decoy struct {
	Kind     string   `json:"kind"`
	Subjects []string `json:"subjects"`
	WhyRight string   `json:"why_right"`
}

// captureFile is an open capture.
type captureFile struct {
	f *os.File
	w *record.Writer
}

// Write writes the evidence folder dir and beside it dir.planted.json. The folder may exist only if it is empty. It
// appears whole or not at all. progress may be nil. Errors are of type [harbour.Error].
func Write(ctx context.Context, dir string, o Options, progress func(done, total int64, what string)) (*Result, error) {
	if progress == nil {
		progress = func(int64, int64, string) {}
	}
	if err := check(dir, o); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, failed(err)
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, failed(err)
	}
	tmp, err := os.MkdirTemp(parent, "."+filepath.Base(dir)+".partial-")
	if err != nil {
		return nil, failed(err)
	}
	defer os.RemoveAll(tmp)
	if err := os.Chmod(tmp, 0o755); err != nil {
		return nil, failed(err)
	}
	w := newWorld(o)
	w.plan()
	r, err := w.write(ctx, tmp, progress)
	if err != nil {
		return nil, failed(err)
	}
	if err := w.settle(tmp, dir); err != nil {
		return nil, failed(err)
	}
	return r, nil
}

// settle moves the finished folder to its place, the list of what was planted first.
func (w *world) settle(tmp, dir string) error {
	list, final := filepath.Join(tmp, "planted"), dir+".planted.json"
	if err := w.writePlanted(list); err != nil {
		return err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(list, final); err != nil {
		return err
	}
	if err := os.Rename(tmp, dir); err != nil {
		os.Remove(final)
		return err
	}
	return nil
}

// check refuses what cannot be done before anything is touched.
func check(dir string, o Options) error {
	usage := func(format string, args ...any) error {
		return &harbour.Error{Kind: harbour.ErrUsage, Op: "write reference port", Message: fmt.Sprintf(format, args...)}
	}
	if !(o.Scale > 0 && o.Scale <= maxScale) {
		return usage("scale %v is outside 0 to %d", o.Scale, maxScale)
	}
	for _, name := range o.Plant {
		if kindNamed(name) == nil {
			return usage("there is nothing called %q to plant", name)
		}
	}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return failed(err)
	case len(entries) > 0:
		return &harbour.Error{
			Kind: harbour.ErrUsage, Op: "write reference port", Message: fmt.Sprintf("the folder %s is not empty", dir),
			Hint: "name a folder that is empty or does not exist yet",
		}
	}
	return nil
}

// failed makes an error for the user of what went wrong.
func failed(err error) error {
	var h *harbour.Error
	switch {
	case errors.As(err, &h):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &harbour.Error{Kind: harbour.ErrCancelled, Op: "write reference port", Message: "stopped", Err: err}
	}
	return &harbour.Error{Kind: harbour.ErrInternal, Op: "write reference port", Err: err}
}

func (w *world) write(ctx context.Context, dir string, progress func(done, total int64, what string)) (*Result, error) {
	r := &Result{Planted: len(w.planted), Decoys: len(w.decoys), Captures: len(w.mirrors)}
	n, err := w.writeInventory(dir)
	if err != nil {
		return nil, err
	}
	more, err := w.writePort(filepath.Join(dir, "port.yaml"))
	if err != nil {
		return nil, err
	}
	r.Assets = n + more
	if err := w.capture(ctx, filepath.Join(dir, "captures"), progress); err != nil {
		return nil, err
	}
	r.Packets = w.packets
	return r, nil
}

// capture plays the port into the capture files.
func (w *world) capture(ctx context.Context, dir string, progress func(done, total int64, what string)) (err error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	defer func() {
		for _, m := range w.mirrors {
			if m.out != nil {
				if e := m.out.f.Close(); err == nil {
					err = e
				}
			}
		}
	}()
	for _, m := range w.mirrors {
		f, err := os.Create(filepath.Join(dir, m.file))
		if err != nil {
			return err
		}
		m.out = &captureFile{f, record.New(f, m.file, record.Format(m.format), m.device)}
	}
	if err := w.play(ctx, progress); err != nil {
		return err
	}
	for _, m := range w.mirrors {
		if err := m.out.w.Close(); err != nil {
			return err
		}
	}
	return nil
}

// writePlanted writes the list of what is wrong and what only looks so.
func (w *world) writePlanted(path string) error {
	list := struct {
		Seed    uint64    `json:"seed"`
		Scale   float64   `json:"scale"`
		Planted []Planted `json:"planted"`
		Decoys  []Decoy   `json:"decoys"`
	}{w.o.Seed, w.o.Scale, append([]Planted{}, w.planted...), append([]Decoy{}, w.decoys...)}
	b, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o644)
}
