// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package evidencepack

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// Mark says what a line of a report is.
type Mark string

// The marks.
const (
	OK     Mark = "ok"
	Failed Mark = "FAILED"
	Note   Mark = "note"
)

// Line is one thing that was looked at.
type Line struct {
	Mark Mark
	Text string
}

// Report is what verifying came to.
type Report struct {
	Manifest Manifest
	Lines    []Line
	// Rests says of each object what the statements about it rest on.
	Rests []string
	// Unreadable is set where the file is no pack at all, so that nothing in it could be looked at.
	Unreadable bool
	failed     int
}

// Whole says whether nothing failed.
func (r *Report) Whole() bool { return r.failed == 0 }

// maxFailed is how many failures of one kind are named.
const maxFailed = 20

func (r *Report) ok(format string, args ...any) { r.line(OK, format, args...) }

func (r *Report) note(format string, args ...any) { r.line(Note, format, args...) }

func (r *Report) fail(format string, args ...any) {
	if r.failed++; r.failed <= maxFailed {
		r.line(Failed, format, args...)
	}
}

func (r *Report) line(m Mark, format string, args ...any) {
	r.Lines = append(r.Lines, Line{m, harmless(fmt.Sprintf(format, args...))})
}

// harmless keeps what a pack holds from writing over what stands on the terminal.
func harmless(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || unicode.Is(unicode.Bidi_Control, r) {
			return '�'
		}
		return r
	}, s)
}

// Write writes the report for people; most bounds how many objects are told, 0 for all.
func (r *Report) Write(w io.Writer, most int) error {
	var b strings.Builder
	for _, l := range r.Lines {
		fmt.Fprintf(&b, "%-8s%s\n", l.Mark, l.Text)
	}
	if r.failed > maxFailed {
		fmt.Fprintf(&b, "%-8s… and %d more\n", Failed, r.failed-maxFailed)
	}
	if len(r.Rests) > 0 {
		b.WriteString("\nWhat the statements rest on:\n")
	}
	for i, s := range r.Rests {
		if most > 0 && i == most {
			fmt.Fprintf(&b, "  … and %d more objects (--all)\n", len(r.Rests)-most)
			break
		}
		fmt.Fprintf(&b, "  %s\n", harmless(s))
	}
	if b.WriteByte('\n'); r.Whole() {
		b.WriteString("The pack is whole.\n")
	} else {
		fmt.Fprintf(&b, "The pack is NOT to be trusted: %d failed.\n", r.failed)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
