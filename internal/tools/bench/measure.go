// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// usage is what a process took as a whole.
type usage struct {
	cpu  float64 // seconds of processor time, user and system
	wall float64 // seconds
	peak float64 // MiB of resident memory
}

// errPartly is exit status 3 of breakwater: done, but some evidence could not be read or kept.
var errPartly = errors.New("done in part")

// command runs a program to its end. With errPartly the usage is valid all the same.
func (b *bench) command(name string, args ...string) (usage, error) {
	var stderr bytes.Buffer
	cmd := exec.CommandContext(b.ctx, name, args...)
	cmd.Stderr = &stderr
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start).Seconds()
	partly := name == b.breakwater && cmd.ProcessState != nil && cmd.ProcessState.ExitCode() == 3
	if err != nil && !partly {
		said := strings.TrimSpace(stderr.String())
		return usage{}, fmt.Errorf("%s: %w: %s", filepath.Base(name), err, said[:min(len(said), 600)])
	}
	ru, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return usage{}, errors.New("this system does not tell what a process used")
	}
	u := usage{cpu: seconds(ru.Utime) + seconds(ru.Stime), wall: wall, peak: peakMiB(ru)}
	if partly {
		return u, errPartly
	}
	return u, nil
}

func seconds(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }

// subject is one program that is measured on one file.
type subject struct {
	name string
	args []string
	runs []usage
	// clean is called before each run.
	clean func()
	// partly allows that some evidence was not read or kept; another limit tells of it.
	partly bool
}

// alternate runs the subjects one after another, round by round, so that what disturbs one disturbs its neighbours.
func (b *bench) alternate(rounds int, subjects ...*subject) error {
	for round := range rounds {
		for _, s := range subjects {
			if s.clean != nil {
				s.clean()
			}
			u, err := b.command(s.args[0], s.args[1:]...)
			if err != nil && !(s.partly && errors.Is(err, errPartly)) {
				return err
			}
			note("round %d: %-40s %7.2f s CPU %7.2f s %6.0f MiB", round+1, s.name, u.cpu, u.wall, u.peak)
			s.runs = append(s.runs, u)
		}
	}
	return nil
}

// median is the middle run by each measure.
func (s *subject) median() usage {
	return usage{
		cpu:  middle(s.runs, func(u usage) float64 { return u.cpu }),
		wall: middle(s.runs, func(u usage) float64 { return u.wall }),
		peak: middle(s.runs, func(u usage) float64 { return u.peak }),
	}
}

func middle(runs []usage, of func(usage) float64) float64 {
	var v []float64
	for _, u := range runs {
		v = append(v, of(u))
	}
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	if n := len(v); n%2 == 0 {
		return (v[n/2-1] + v[n/2]) / 2
	}
	return v[len(v)/2]
}

// spread is the least and the most processor time of the runs.
func (s *subject) spread() (least, most float64) {
	for i, u := range s.runs {
		if i == 0 {
			least, most = u.cpu, u.cpu
		}
		least, most = min(least, u.cpu), max(most, u.cpu)
	}
	return least, most
}
