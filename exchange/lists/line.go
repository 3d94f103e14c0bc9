// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"iter"
	"slices"

	"breakwater/harbour"
)

// The functions here give the object that is encoded for one element. Elements belong to the assessment and are not
// changed: where a list is nil, the element is copied first.

// each writes every element of seq as one line.
func each[T any](w *writer, seq iter.Seq[*T], line func(*T) any) error {
	if seq == nil {
		return w.ctx.Err()
	}
	for v := range seq {
		if err := w.line(line(v)); err != nil {
			return err
		}
	}
	return nil
}

// all walks a slice without copying its elements.
func all[T any](s []T) iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for i := range s {
			if !yield(&s[i]) {
				return
			}
		}
	}
}

// list makes a nil slice an empty one.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func evidenceLine(e *harbour.Evidence) any {
	c := *e
	c.Problems = list(c.Problems)
	return &c
}

func findingLine(f *harbour.Finding) any {
	c := *f
	c.Subjects, c.Evidence, c.Requirements = list(c.Subjects), list(c.Evidence), list(c.Requirements)
	return &c
}

func zoneLine(z *harbour.Zone) any {
	c := *z
	c.Evidence = list(c.Evidence)
	return &c
}

func conduitLine(u *harbour.ConduitUse) any {
	c := *u
	c.Services, c.Evidence = list(c.Services), list(c.Evidence)
	if c.Verdicts == nil {
		c.Verdicts = map[harbour.Verdict]int{}
	}
	return &c
}

func summaryObject(s *harbour.Summary) any {
	c := *s
	c.Services, c.Problems, c.Silent = list(c.Services), list(c.Problems), list(c.Silent)
	if c.Counts == nil {
		c.Counts = map[string]int{}
	}
	c.TopFindings = slices.Clone(list(c.TopFindings))
	for i := range c.TopFindings {
		c.TopFindings[i] = *findingLine(&c.TopFindings[i]).(*harbour.Finding)
	}
	return &c
}
