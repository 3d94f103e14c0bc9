// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"slices"
	"strings"

	"breakwater/harbour"
)

// Silence is a group of rules that did not run for the same reason.
type Silence struct {
	Titles []string // of the rules
	Why    string   // a sentence without its stop
	Needs  string   // what would let them run
}

// Silences puts rules together that lack the same.
func Silences(list []harbour.SilentRule) (groups []Silence) {
	for _, r := range list {
		s := Silence{Why: Plain(strings.Join(r.Why, "; "), 400), Needs: Plain(strings.Join(r.Needs, "; and "), 400)}
		if s.Why != "" {
			s.Why = strings.ToUpper(s.Why[:1]) + s.Why[1:]
		}
		i := slices.IndexFunc(groups, func(g Silence) bool { return g.Needs == s.Needs && g.Why == s.Why })
		if i < 0 {
			groups = append(groups, s)
			i = len(groups) - 1
		}
		groups[i].Titles = append(groups[i].Titles, Plain(r.Title, 120))
	}
	return groups
}
