// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"breakwater/app/assess"
	"breakwater/harbour"
	"breakwater/tables/oui"
	"breakwater/view"
)

type assessCommand struct {
	Paths   []string  `arg:"" name:"path" help:"Files and folders of evidence: captures, inventories, a port file." type:"path"`
	Port    string    `help:"Port file besides those among the paths." type:"existingfile" placeholder:"FILE"`
	Out     string    `help:"Output folder." default:"assessment" placeholder:"DIR"`
	Replace bool      `help:"Replace an assessment in the output folder that was made of other evidence."`
	At      time.Time `help:"Instant of the assessment, RFC 3339; by default the last instant that the evidence shows." placeholder:"TIME"`
	Memory  byteSize  `help:"Memory to work in." default:"256MiB" placeholder:"SIZE"`
	Vendors string    `help:"A newer IEEE list of hardware address holders (CSV)." type:"existingfile" placeholder:"FILE"`
	PDF     bool      `name:"pdf" help:"Write the assessment as PDF too; takes about as long as all else."`
	Quiet   bool      `short:"q" help:"No progress and no summary."`
}

// unreadError says that the assessment is done, but some evidence could not be read. The files were named already.
type unreadError struct{ n int }

func (e *unreadError) Error() string { return fmt.Sprintf("%d files could not be read", e.n) }

// Run makes the assessment.
func (c *assessCommand) Run(ctx context.Context, s streams) error {
	o := assess.Options{Paths: c.Paths, PortFile: c.Port, Out: c.Out, Replace: c.Replace, At: c.At, Memory: int64(c.Memory), PDF: c.PDF, Version: version}
	if c.Vendors != "" {
		t, err := loadVendors(c.Vendors)
		if err != nil {
			return err
		}
		o.Vendors = t
	}
	var bar *progressBar
	if !c.Quiet {
		bar = newProgress(s)
		o.Progress = bar.update
	}
	limitMemory(int64(c.Memory))
	start := time.Now()
	r, err := assess.Run(ctx, o)
	if bar != nil {
		bar.clear()
	}
	if err != nil {
		return err
	}
	if !c.Quiet {
		printSummary(s.out, r, c.Out, time.Since(start))
	}
	if len(r.Unread) > 0 {
		for _, u := range r.Unread {
			fmt.Fprintf(s.err, "breakwater: %s: %s\n", u.Path, u.Reason)
		}
		return &unreadError{len(r.Unread)}
	}
	return nil
}

// ownPages is the memory that the collector does not see: the program itself as it lies in memory, and what the kernel keeps
// for it.
const ownPages = 40 << 20

// limitMemory lets the garbage collector know how much there is to work in.
func limitMemory(n int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(n - min(n/4, ownPages))
		debug.SetGCPercent(400) // collect late while there is room: the limit holds all the same
	}
}

func loadVendors(path string) (*oui.Table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &harbour.Error{Kind: harbour.ErrUsage, Op: "read vendor list", Message: path + " cannot be opened", Err: err}
	}
	defer f.Close()
	t, err := oui.Load(f)
	if err != nil {
		return nil, &harbour.Error{Kind: harbour.ErrInvalid, Op: "read vendor list", Message: path + " is not an IEEE list", Hint: "give the CSV form of the IEEE MA-L, MA-M or MA-S list", Err: err}
	}
	return t, nil
}

// printSummary says in a few lines what was found and where it stands.
func printSummary(w io.Writer, r *assess.Result, out string, took time.Duration) {
	n := r.Summary.Counts
	name := r.Summary.Port
	if name == "" {
		name = "no port file given"
	}
	fmt.Fprintf(w, "%s\n", name)
	fmt.Fprintf(w, "  assets         %7d  (IT %d, OT %d, physical %d; declared %d, observed %d)\n", n["assets"], n["assets_it"], n["assets_ot"], n["assets_physical"], n["assets_declared"], n["assets_observed"])
	fmt.Fprintf(w, "  conversations  %7d\n  operations     %7d\n", n["conversations"], n["operations"])
	fmt.Fprintf(w, "  findings       %7d  (critical %d, high %d, medium %d, low %d)\n", n["findings"], n["findings_critical"], n["findings_high"], n["findings_medium"], n["findings_low"])
	printSilent(w, r.Summary.Silent)
	fmt.Fprintf(w, "  evidence       %7d  %s, %d %s\n", n["evidence"], plural(n["evidence"], "file", "files"), n["problems"], plural(n["problems"], "problem", "problems"))
	printProblems(w, r, out)
	fmt.Fprintf(w, "%s in %s\n", filepath.Join(out, "assessment.html"), took.Round(10*time.Millisecond))
}

// maxProblemsShown is how many problems the terminal lists.
const maxProblemsShown = 20

// printProblems lists what is doubtful or damaged, and says where the rest stands. Files that could not be read are named on the
// other stream.
func printProblems(w io.Writer, r *assess.Result, out string) {
	type reason struct{ path, message string }
	told := map[reason]bool{}
	for _, u := range r.Unread {
		told[reason{u.Path, u.Reason}] = true
	}
	shown, rest := 0, r.Summary.Counts["problems"]
	if n := len(r.Unread); n > 0 {
		fmt.Fprintf(w, "    %d of them: a file could not be read, as said on standard error\n", n)
		rest -= n
	}
	for _, p := range r.Summary.Problems {
		if told[reason{p.Path, p.Message}] {
			continue
		}
		if shown == maxProblemsShown {
			break
		}
		shown++
		where := p.Path
		if p.Locator != "" {
			where += ", " + p.Locator
		}
		fmt.Fprintf(w, "    %s: %s", where, p.Message)
		if p.Hint != "" {
			fmt.Fprintf(w, " (%s)", p.Hint)
		}
		fmt.Fprintln(w)
	}
	if rest -= shown; rest > 0 {
		fmt.Fprintf(w, "    and %d more: The evidence in %s, or problems in %s, has all that are kept\n", rest, filepath.Join(out, "assessment.html"), filepath.Join(out, "evidence.jsonl"))
	}
}

// printSilent names the rules that did not run: "critical 0" would read like safety without them.
func printSilent(w io.Writer, list []harbour.SilentRule) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "  rules not run  %7d  their silence is no all-clear:\n", len(list))
	for _, g := range view.Silences(list) {
		fmt.Fprintf(w, "    %s\n      %s. To have it looked for, give: %s.\n", strings.Join(g.Titles, ", "), g.Why, g.Needs)
	}
}

// byteSize is a number of bytes with an optional unit.
type byteSize int64

// UnmarshalText reads "256MiB", "1GiB", "268435456".
func (b *byteSize) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	unit := int64(1)
	for suffix, n := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30} {
		if rest, ok := strings.CutSuffix(s, suffix); ok {
			s, unit = strings.TrimSpace(rest), n
			break
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 || n > (1<<62)/unit {
		return fmt.Errorf("%q is not a size; write for example 256MiB", text)
	}
	if n*unit < assess.MinMemory {
		return fmt.Errorf("%s is too little; at least %d MiB are needed", text, assess.MinMemory>>20)
	}
	*b = byteSize(n * unit)
	return nil
}
