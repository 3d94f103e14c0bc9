// SPDX-FileCopyrightText: 2026 The Breakwater authors
// SPDX-License-Identifier: Apache-2.0

package inventory

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"breakwater/evidence"
	"breakwater/harbour"
)

// labels are what nodes are called: serial numbers, names, inventory tags. They stand in one arena, since there may be
// several for each of a hundred thousand assets.
type labels struct {
	arena []byte
	rows  []label
}

type label struct {
	node, off uint32
	n         uint16
	what      labelKind
	declared  bool
}

type labelKind uint8

const (
	labelSerial labelKind = iota
	labelName
	labelTag
	labelHostname
)

// collect takes down the labels of a ledger whose first node is base.
func (t *labels) collect(view *evidence.View, base uint32) {
	kinds := map[evidence.Text]labelKind{
		view.Lookup(harbour.AttrSerial): labelSerial, view.Lookup(harbour.AttrName): labelName,
		view.Lookup(harbour.AttrTag): labelTag, view.Lookup(harbour.AttrHostname): labelHostname,
	}
	for o := range view.Observations() {
		what, ok := kinds[o.Name]
		if !ok || o.Value == 0 {
			continue
		}
		b := view.TextBytes(o.Value)
		t.add(base+uint32(o.Subject)-1, what, o.Declared, b[:min(len(b), evidence.MaxValue)])
	}
}

func (t *labels) add(node uint32, what labelKind, declared bool, b []byte) {
	t.rows = append(t.rows, label{node, uint32(len(t.arena)), uint16(len(b)), what, declared})
	t.arena = append(t.arena, b...)
}

func (t *labels) text(r label) string { return string(t.bytes(r)) }

func (t *labels) bytes(r label) []byte { return t.arena[r.off : r.off+uint32(r.n)] }

// sortByNode makes of possible.
func (t *labels) sortByNode() {
	slices.SortStableFunc(t.rows, func(a, b label) int { return cmp.Compare(a.node, b.node) })
}

// of lists the labels of a node, once they are sorted.
func (t *labels) of(node uint32) []label {
	from, _ := slices.BinarySearchFunc(t.rows, node, func(r label, n uint32) int { return cmp.Compare(r.node, n) })
	to := from
	for to < len(t.rows) && t.rows[to].node == node {
		to++
	}
	return t.rows[from:to]
}

// groups sorts by text, then node, and walks the rows of equal text.
func (t *labels) groups(yield func([]label)) {
	slices.SortFunc(t.rows, func(a, b label) int {
		if c := bytes.Compare(t.bytes(a), t.bytes(b)); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(a.node, b.node), cmp.Compare(a.off, b.off))
	})
	for i := 0; i < len(t.rows); {
		j := i + 1
		for j < len(t.rows) && bytes.Equal(t.bytes(t.rows[i]), t.bytes(t.rows[j])) {
			j++
		}
		yield(t.rows[i:j])
		i = j
	}
}

// namedPairs lists the nodes to join because they share a serial number of which at least one is declared, and then the
// declared records without address to join with the one observed host of their name.
func (v *Inventory) namedPairs() (pairs [][2]uint32) {
	var serials, names labels
	for _, r := range v.labels.rows {
		switch r.what {
		case labelSerial:
			if k := serialKey(v.labels.text(r)); k != "" {
				serials.add(r.node, labelSerial, r.declared, []byte(k))
			}
		case labelHostname, labelName:
			k := hostKey(v.labels.text(r))
			if k == "" || r.what == labelName && !r.declared {
				continue
			}
			e := &v.ends[r.node]
			names.add(r.node, labelName, r.declared && e.MAC.None() && e.IP.None(), []byte(k)) // declared: a bare record
		}
	}
	serials.groups(func(g []label) {
		if slices.ContainsFunc(g, func(r label) bool { return r.declared }) {
			for _, r := range g[1:] {
				pairs = append(pairs, [2]uint32{g[0].node, r.node})
			}
		}
	})
	names.groups(func(g []label) {
		first, seen, several := ^uint32(0), ^uint32(0), false
		for _, r := range g {
			switch {
			case !r.declared:
				several = several || seen != ^uint32(0) && v.sets.root(seen) != v.sets.root(r.node)
				seen = r.node
			case first == ^uint32(0):
				first = r.node
			default:
				pairs = append(pairs, [2]uint32{first, r.node})
			}
		}
		if first != ^uint32(0) && seen != ^uint32(0) && !several { // two hosts of one name: the name decides nothing
			pairs = append(pairs, [2]uint32{first, seen})
		}
	})
	return pairs
}

// serialKey makes serial numbers comparable: letters and digits alone, upper case, no leading zeros, a hexadecimal form
// as its digits. Short ones are too common to identify anything.
func serialKey(s string) string {
	s = strings.ToUpper(strings.TrimPrefix(strings.TrimPrefix(s, "0x"), "0X"))
	var b strings.Builder
	for _, r := range s {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' {
			b.WriteRune(r)
		}
	}
	k := strings.TrimLeft(b.String(), "0")
	if len(k) < 4 {
		return ""
	}
	return k
}

// hostKey makes host names comparable: the first label in lower case.
func hostKey(s string) string {
	s, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(s)), ".")
	return s
}
