// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"breakwater/app/assess"
)

// progressBar shows one line that is rewritten, on a terminal alone; elsewhere it prints each step once.
type progressBar struct {
	s    streams
	mu   sync.Mutex
	step string
	last time.Time
	wide int
}

func newProgress(s streams) *progressBar { return &progressBar{s: s} }

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

// update is told how far the work is; it may be called from several goroutines.
func (b *progressBar) update(p assess.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	fresh := p.Step != b.step
	b.step = p.Step
	if !b.s.terminal || !fresh && time.Since(b.last) < 100*time.Millisecond {
		return
	}
	b.last = time.Now()
	line := p.Step
	if p.Total > 0 {
		const width = 30
		share := min(float64(p.Done)/float64(p.Total), 1)
		full := int(share * width)
		line = fmt.Sprintf("%s [%s%s] %3.0f %% of %.1f MB", p.Step, strings.Repeat("#", full), strings.Repeat(".", width-full), share*100, float64(p.Total)/1e6)
	} else if p.Done > 0 {
		line = fmt.Sprintf("%s %d", p.Step, p.Done)
	}
	fmt.Fprintf(b.s.err, "\r%s%s", line, strings.Repeat(" ", max(b.wide-len(line), 0)))
	b.wide = len(line)
}

// clear removes the line.
func (b *progressBar) clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.s.terminal && b.wide > 0 {
		fmt.Fprintf(b.s.err, "\r%s\r", strings.Repeat(" ", b.wide))
	}
}
