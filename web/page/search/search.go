// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

// Package search finds everything at once: the page of results, and the options of the command palette, which are the same
// hits with the pages of the rail before them. What a person may not see is not found.
//
// Its handlers are safe for concurrent use.
package search

import (
	"slices"
	"strings"

	"breakwater/web/shell"
)

// New makes the pages.
func New() shell.Pack {
	return shell.Pack{Register: func(s *shell.Shell) {
		s.In("GET search", page)
		s.In("GET palette", palette)
	}}
}

// group is the hits of one kind, in the order in which they were found.
type group struct {
	Name string
	Hits []shell.Hit
}

func groups(hits []shell.Hit) (list []group) {
	for _, h := range hits {
		i := slices.IndexFunc(list, func(g group) bool { return g.Name == h.Group })
		if i < 0 {
			list = append(list, group{Name: h.Group})
			i = len(list) - 1
		}
		list[i].Hits = append(list[i].Hits, h)
	}
	return list
}

// onPage and inPalette are how many hits of each kind are shown.
const onPage, inPalette = 25, 6

func page(r *shell.Request) error {
	text, err := r.Text()
	if err != nil {
		return err
	}
	var found []group
	if text != "" {
		hits, err := r.Find(text, onPage)
		if err != nil {
			return err
		}
		found = groups(hits)
	}
	return r.Page(shell.Page{Title: "Search", Here: "-", Body: results(r, text, found)})
}

func palette(r *shell.Request) error {
	text, err := r.Text()
	if err != nil {
		return err
	}
	var list []shell.Hit
	for _, e := range r.Entries() {
		if text == "" || strings.Contains(strings.ToLower(e.Name), strings.ToLower(text)) {
			list = append(list, shell.Hit{Group: "Pages", Title: e.Name, Icon: e.Icon, Href: r.Path(e.Path)})
		}
	}
	if text != "" {
		hits, err := r.Find(text, inPalette)
		if err != nil {
			return err
		}
		list = append(list, hits...)
		list = append(list, shell.Hit{Group: "More", Title: "Search everywhere for “" + text + "”", Icon: "search", Href: r.Query(r.Path("search"), "q", text)})
	}
	return r.Part(options(r, groups(list)))
}
