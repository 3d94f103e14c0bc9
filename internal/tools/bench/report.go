// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"breakwater/internal/tools/bench/mix"
)

// report gathers what is printed at the end.
type report struct {
	head   []string
	rows   [][]string
	pages  [][]string
	floors [][]string
	notes  []string
	bad    int
}

func (r *report) machine(o *options) {
	r.head = append(r.head,
		fmt.Sprintf("%s · %d cores · %s/%s · %s · %s · median of %d, alternating",
			processor(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), time.Now().UTC().Format(time.DateOnly), o.rounds))
	if load, ok := busy(); ok {
		r.note("The machine was busy with other things when this began (load average %s): figures are worse than they need be, ratios less certain.", load)
	}
}

// busy tells the load average of the last minute where it is more than half of the cores.
func busy() (load string, ok bool) {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "", false
	}
	load, _, _ = strings.Cut(string(text), " ")
	v, err := strconv.ParseFloat(load, 64)
	return load, err == nil && v > float64(runtime.NumCPU())/2
}

// processor is the model name, where the system tells.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == "model name" {
			return strings.TrimSpace(v)
		}
	}
	return "processor unknown"
}

func (r *report) capture(s size, c capture) {
	r.head = append(r.head, fmt.Sprintf("Mix %s: %s packets, %.1f bytes each, %s flows, SHA-256 %s…",
		s.name, thousands(c.count.Packets), float64(c.count.Bytes)/float64(c.count.Packets), thousands(c.count.Flows), c.sha256[:min(16, len(c.sha256))]))
}

// row adds a program's figures. ratio is how many times its packets assess reads in the same time.
func (r *report) row(mix string, s *subject, packets int64, walked float64, ratio string) {
	u := s.median()
	least, most := s.spread()
	r.rows = append(r.rows, []string{
		mix, "`" + s.name + "`", fmt.Sprintf("%.2f", u.cpu), fmt.Sprintf("%.2f–%.2f", least, most), thousands(int64(rate(s, packets))),
		fmt.Sprintf("%.3g %%", 100*rate(s, packets)/walked), ratio, fmt.Sprintf("%.0f", u.peak),
	})
}

// missing adds a row for a peer that is not installed.
func (r *report) missing(mix, program, pkg string) {
	r.rows = append(r.rows, []string{mix, "`" + program + "`", "not installed", "", "", "", "", ""})
	r.notes = append(r.notes, fmt.Sprintf("%s is not installed; on Debian: apt-get install %s. Its floor was not checked.", program, pkg))
}

// peak checks a run's memory against the setting. What belongs to the program itself, its code and the runtime, counts.
func (r *report) peak(what string, s *subject) {
	p := s.median().peak
	r.floor(what+": peak memory of assess", fmt.Sprintf("at most %d MiB (the default setting)", memoryMiB), p <= memoryMiB, "%.0f MiB", p)
}

// floor adds a limit and whether it is met.
func (r *report) floor(what, want string, met bool, format string, args ...any) {
	verdict := "met"
	if !met {
		verdict = "**missed**"
		r.bad++
	}
	r.floors = append(r.floors, []string{what, fmt.Sprintf(format, args...), want, verdict})
}

func (r *report) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

func (r *report) missed() int { return r.bad }

// print writes the report as Markdown.
func (r *report) print(w io.Writer) {
	for _, l := range r.head {
		fmt.Fprintf(w, "%s\n\n", l)
	}
	if len(r.pages) > 0 {
		table(w, []string{"engine", "route", "requests", "p50 ms", "p95 ms", "p99 ms", "most ms", "bytes", "of the limit"}, r.pages)
	}
	if len(r.rows) > 0 {
		table(w, []string{"mix", "program", "CPU s", "least–most", "packets per CPU s", "of the walk", "assess is … times", "peak MiB"}, r.rows)
	}
	table(w, []string{"limit", "measured", "wanted", ""}, r.floors)
	for _, n := range r.notes {
		fmt.Fprintf(w, "- %s\n", n)
	}
}

func table(w io.Writer, head []string, rows [][]string) {
	fmt.Fprintf(w, "| %s |\n|%s\n", strings.Join(head, " | "), strings.Repeat("---|", len(head)))
	for _, row := range rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | "))
	}
	fmt.Fprintln(w)
}

// thousands writes a number with a comma before every third digit.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// printShares writes the table of the mix for the documentation.
func printShares(w io.Writer) {
	var rows [][]string
	for _, s := range mix.Shares() {
		rows = append(rows, []string{s.Name, strconv.FormatFloat(s.Percent, 'f', -1, 64), s.What})
	}
	table(w, []string{"protocol", "% of packets", "what"}, rows)
}
