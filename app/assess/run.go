// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package assess

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"breakwater/evidence"
	"breakwater/harbour"
	"breakwater/pipeline"
	"breakwater/tables/oui"
)

// Options of a run.
type Options struct {
	// Paths are files and folders of evidence.
	Paths []string
	// PortFile is a port file besides those among the paths; "" for none.
	PortFile string
	// Out is the output folder, made if needed.
	Out string
	// Replace lets the run take the place of an assessment in Out that was made of other evidence; it is refused otherwise.
	Replace bool
	// At is the instant of the assessment; zero takes the last instant that the evidence shows, so that the same
	// evidence gives the same result on any day.
	At time.Time
	// Memory is the number of bytes to work in; at least MinMemory.
	Memory int64
	// Workers is how many files are read at once; 0 takes the number of processors. The result does not depend on it.
	Workers int
	// Vendors replaces the built-in table of hardware address holders.
	Vendors *oui.Table
	// PDF writes the assessment as PDF too. It takes longer than all else in a run.
	PDF bool
	// Version of the program, for the summary.
	Version string
	// Progress is told how far the run is; nil for none. It is called from several goroutines.
	Progress func(Progress)
}

// Progress of a run.
type Progress struct {
	Step        string // what is being done
	Done, Total int64  // bytes while reading, else items; Total 0 where it is not known
}

// MinMemory is the least that a run can work in.
const MinMemory = pipeline.MinMemory

// DefaultMemory is the default of Options.Memory.
const DefaultMemory = pipeline.DefaultMemory

// Result of a run.
type Result struct {
	Summary harbour.Summary
	// Unread lists the evidence that could not be read, wholly or in part, with the reason.
	Unread []Unread
	// Pages and lists that were written, by name.
	Written []string
}

// Unread names a file that could not be read.
type Unread struct{ Path, Reason, Hint string }

// Run makes an assessment. Errors are *harbour.Error: ErrUsage for paths that do not exist, ErrInvalid for a port file
// that breaks its rules, ErrConflict for two port files that differ, ErrFull for a full disk, ErrCancelled.
func Run(ctx context.Context, o Options) (*Result, error) {
	o.Memory = max(cmp.Or(o.Memory, DefaultMemory), MinMemory)
	o.Workers = cmp.Or(o.Workers, runtime.GOMAXPROCS(0))
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	paths := o.Paths
	if o.PortFile != "" {
		paths = append(slices.Clone(paths), o.PortFile)
	}
	files, err := findFiles(paths, o.Out)
	if err != nil {
		return nil, err
	}
	var before *earlier
	if !o.Replace {
		if before, err = lookAtEarlier(o.Out); err == nil {
			err = before.check(files)
		}
		if err != nil {
			return nil, err
		}
	}
	work, err := openWork(o.Out)
	if err != nil {
		return nil, err
	}
	defer work.discard()
	if err := readAll(ctx, files, pipeline.Kinds(pipeline.Options{TempDir: work.dir}), work.dir, &o); err != nil {
		return nil, err
	}
	ledgers := dedupe(files)
	if err := before.checkRead(files, ledgers); err != nil {
		return nil, err
	}
	port, err := onePort(files)
	if err != nil {
		return nil, err
	}
	o.Progress(Progress{Step: "building the inventory"})
	inv, err := pipeline.Build(ctx, pipeline.Input{Ledgers: ledgers, Port: port, Vendors: o.Vendors, At: o.At, Memory: o.Memory, TempDir: work.dir})
	if err != nil {
		return nil, err
	}
	defer inv.Close()
	a := inv.Assessment(o.Version)
	written, err := work.write(ctx, a, &o)
	if err = errors.Join(err, inv.Err()); err != nil { // a list that is cut short for want of a temporary file is none
		return nil, err
	}
	if err := work.publish(written); err != nil {
		return nil, err
	}
	return &Result{Summary: a.Summary, Unread: unread(a), Written: written}, nil
}

// dedupe lists the ledgers of files with different content, in order of evidence id; a copy is noted on the first.
func dedupe(files []*file) (ledgers []*evidence.Ledger) {
	byID := map[string]*file{}
	for _, f := range files {
		first := byID[f.ledger.Evidence.ID]
		if first == nil {
			byID[f.ledger.Evidence.ID] = f
			ledgers = append(ledgers, f.ledger)
			continue
		}
		first.ledger.Problem(harbour.Problem{Message: "the same content was also given as " + f.path, Hint: "it was counted once"})
	}
	slices.SortFunc(ledgers, func(a, b *evidence.Ledger) int { return strings.Compare(a.Evidence.ID, b.Evidence.ID) })
	return ledgers
}

// onePort finds the port file. Two that differ are refused by name: nobody could say which one holds.
func onePort(files []*file) (*harbour.Port, error) {
	var first *file
	for _, f := range files {
		if f.ledger.Port == nil {
			continue
		}
		if first != nil && first.ledger.Evidence.SHA256 != f.ledger.Evidence.SHA256 {
			return nil, &harbour.Error{
				Kind: harbour.ErrConflict, Op: "assess", Message: fmt.Sprintf("two port files differ: %s and %s", first.path, f.path),
				Hint: "give one port file, or make the second a part of the first",
			}
		}
		if first == nil {
			first = f
		}
	}
	if first == nil {
		return nil, nil
	}
	return first.ledger.Port, nil
}

// unread lists what could not be read.
func unread(a *harbour.Assessment) (list []Unread) {
	for i := range a.Evidence {
		e := &a.Evidence[i]
		for _, p := range e.Problems {
			if p.Fatal {
				list = append(list, Unread{e.Path, p.Message, p.Hint})
				break
			}
		}
	}
	slices.SortFunc(list, func(a, b Unread) int { return strings.Compare(a.Path, b.Path) })
	return list
}
