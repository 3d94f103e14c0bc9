// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// Scope limits what a reader sees: one organisation, and in it everything or what fits one of the limits. The zero
// Scope sees nothing. Package app makes scopes from what a person was granted; nothing else should.
type Scope struct {
	org    string
	whole  bool
	limits []Limit
}

// Limit is a part of an organisation: the assets at some sites, or of one supplier, or of one supplier at some sites.
type Limit struct {
	Sites    []string // nil for all; an empty list for none
	Supplier string   // "" for all
}

// WholeOrganisation is the scope of everything an organisation holds.
func WholeOrganisation(org string) Scope { return Scope{org: org, whole: org != ""} }

// PartOf is the scope of what fits any of the limits. Without limits it sees nothing.
func PartOf(org string, limits ...Limit) Scope { return Scope{org: org, limits: slices.Clone(limits)} }

// Organisation is the id of the organisation.
func (s Scope) Organisation() string { return s.org }

// Whole says whether the scope is the whole organisation.
func (s Scope) Whole() bool { return s.whole }

// Empty says whether the scope sees nothing, whatever there is.
func (s Scope) Empty() bool { return !s.whole && len(s.limits) == 0 }

func (s Scope) limited() bool { return !s.whole }

// ofSupplier says whether only what suppliers deliver is in the scope.
func (s Scope) ofSupplier() bool {
	return !s.whole && !slices.ContainsFunc(s.limits, func(l Limit) bool { return l.Supplier == "" })
}

// String is the scope in words, for logs.
func (s Scope) String() string {
	if s.whole {
		return "organisation " + s.org
	}
	var parts []string
	for _, l := range s.limits {
		t := "all sites"
		if l.Sites != nil {
			t = "sites " + strings.Join(l.Sites, ", ")
		}
		if l.Supplier != "" {
			t += " of supplier " + l.Supplier
		}
		parts = append(parts, t)
	}
	return "in organisation " + s.org + ": " + strings.Join(parts, "; ")
}

// Scoped reads what one scope may see.
type Scoped struct {
	db    *DB
	scope Scope
	asOf  int64 // generation; 0 for the current one
}

// In gives access to what the scope may see.
func (db *DB) In(s Scope) *Scoped { return &Scoped{db: db, scope: s} }

// Scope that this reads in.
func (s *Scoped) Scope() Scope { return s.scope }

// conditions collects the parts of a WHERE clause.
type conditions struct {
	parts []string
	args  []any
}

func (c *conditions) add(part string, args ...any) {
	c.parts = append(c.parts, part)
	c.args = append(c.args, args...)
}

func (c *conditions) text() string {
	if len(c.parts) == 0 {
		return "1 = 1"
	}
	return strings.Join(c.parts, " AND ")
}

// name tells conditions apart: their text with the arguments in their places.
func (c *conditions) name(q bun.IDB) string { return q.NewRaw(c.text(), c.args...).String() }

// assets limits a query on table asset, by its name or alias.
func (s Scope) assets(c *conditions, as string) {
	c.add(as+".org = ?", s.org)
	s.part(c, as)
}

// part adds the limits on columns site and supplier.
func (s Scope) part(c *conditions, as string) {
	if s.whole {
		return
	}
	var any conditions
	for _, l := range s.limits {
		var one conditions
		if l.Sites != nil {
			// Not the bare column: an index of sites is never the way to the few rows that are looked for.
			one.add("("+as+".site || '') IN (?)", bun.List(orNone(l.Sites)))
		}
		if l.Supplier != "" {
			one.add("("+as+".supplier || '') = ?", l.Supplier)
		}
		any.add("("+one.text()+")", one.args...)
	}
	if len(any.parts) == 0 {
		c.add("1 = 0")
		return
	}
	c.add("("+strings.Join(any.parts, " OR ")+")", any.args...)
}

// orNone is never empty, so that IN has something to compare with: no id is a space.
func orNone(list []string) []string {
	if len(list) == 0 {
		return []string{" "}
	}
	return list
}

// sites gives the sites that the scope reaches; all of them with every set.
func (s Scope) sites() (list []string, every bool) {
	if s.whole {
		return nil, true
	}
	for _, l := range s.limits {
		if l.Sites == nil {
			return nil, true
		}
		list = append(list, l.Sites...)
	}
	return list, false
}
